//! How the first administrator comes in: by the operator's hand, once.

use entity::value::Role;

use super::{
    model::{NewUser, User},
    service, store,
};
use crate::{
    kernel::code::Code,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
    },
};

/// The first administrator.
#[derive(Clone)]
pub struct FirstAdmin {
    /// The address, as they write it.
    pub email: String,
    /// The key under which the address is unique.
    pub email_key: String,
    /// The name.
    pub name: String,
    /// The hash of their password, as a PHC string.
    pub password_hash: String,
}

/// Creates the first administrator. Two at once take turns; the second one is refused.
///
/// # Errors
/// `NOT_ALLOWED` when there is one already; `ADDRESS_TAKEN`.
pub async fn create_first_admin(call: &Call, admin: FirstAdmin) -> AppResult<User> {
    call.may(Action::CreateFirstAdmin)?;
    call.in_transaction(async |txn| {
        if store::has_admin_behind_lock(txn).await? {
            let message = "There is an administrator already, who invites further ones through the API.";
            return Err(AppError::refused(Code::NotAllowed, message));
        }
        let FirstAdmin { email, email_key, name, password_hash } = admin;
        let roles = [Role::Admin].into_iter().collect();
        let new = NewUser { partner_id: None, email, email_key, name, roles, password_hash };
        service::create(txn, call, Action::CreateFirstAdmin, new).await
    })
    .await
}
