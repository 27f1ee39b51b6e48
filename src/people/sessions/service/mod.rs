//! Use cases of sessions.

mod end;
mod refresh;
mod sign_in;

use entity::value::{SessionId, TypedId, UserState};
use sea_orm::DatabaseTransaction;

use super::{model::Opened, store};
use crate::{
    kernel::{code::Code, event::DomainEvent},
    people::users::{self, model::User},
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events,
    },
};

pub use end::{
    count_of_partner, end, end_all_of, end_all_of_partner, end_of_user, find_many, list, sign_out, sign_out_everywhere,
};
pub use refresh::refresh;
pub use sign_in::sign_in;

/// Opens a session for a person, in the transaction of the use case that lets them in.
///
/// # Errors
/// Those of the database.
pub async fn open(txn: &DatabaseTransaction, call: &Call, user: User, device: Option<String>) -> AppResult<Opened> {
    // Held, and looked at again: whoever takes their access at the same moment ends this session too, or comes first.
    let user = users::hold(txn, Scope::Everything, user.id).await?.filter(|user| user.state == UserState::Active);
    let user = user.ok_or(AppError::Unauthenticated)?;
    // Nobody of a terminated partner comes in, and the partner is not terminated while somebody does.
    if store::partner_is_terminated(txn, user.partner_id).await? {
        return Err(AppError::refused(
            Code::InvalidCredentials,
            "The address and password do not match a user who may sign in.",
        ));
    }
    let session_id = store::insert(txn, call, user.id, device).await?;
    store::insert_token(txn, session_id, 1, &refresh_secret(call, session_id, 1), call.now()).await?;
    record(txn, call, Action::UseSession, session_id, &user, "OPENED").await?;
    if let Some(partner_id) = user.partner_id {
        events::publish(txn, call, DomainEvent::SignedIn { partner_id, user_id: user.id }).await?;
    }
    with_tokens(
        call,
        Opened { user, session_id, generation: 1, access_token: String::new(), refresh_token: String::new() },
    )
}

fn refresh_secret(call: &Call, session_id: SessionId, generation: i64) -> String {
    call.services.tokens.secret_for("refresh", session_id.uuid(), generation)
}

/// Tokens are made when they are shown; nothing that is kept holds them.
pub fn with_tokens(call: &Call, opened: Opened) -> AppResult<Opened> {
    Ok(Opened {
        access_token: call.services.tokens.sign(opened.user.id, opened.session_id, call.now())?,
        refresh_token: refresh_secret(call, opened.session_id, opened.generation),
        ..opened
    })
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    id: SessionId,
    user: &User,
    what: &str,
) -> AppResult<()> {
    let after = serde_json::json!({ "user": user.id, "session": what });
    let change = audit::Change {
        action,
        object_id: id.to_string(),
        partner_id: user.partner_id,
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(txn, call, change).await
}
