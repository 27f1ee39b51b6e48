//! Signing out.

use super::record;
use crate::{
    people::{sessions::store, users},
    platform::{
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Ends the caller's session.
///
/// # Errors
/// `Unauthenticated` for nobody.
pub async fn sign_out(call: Call, (): ()) -> AppResult<()> {
    let signed_in = call.caller.signed_in().cloned().ok_or(AppError::Unauthenticated)?;
    call.once(async |txn| {
        if store::end(txn, signed_in.session_id, "SIGNED_OUT", call.now()).await?
            && let Some(user) = users::find(&call, signed_in.user_id).await?
        {
            record(txn, &call, signed_in.session_id, &user, "ended: signed out").await?;
        }
        Ok(())
    })
    .await
}
