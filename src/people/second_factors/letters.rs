//! The mail about a second factor that somebody else removed.

use askama::Template;
use entity::value::{TypedId, UserId, UserState};

use crate::{
    people::users,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        mail::{Letter, Queued, unlinked},
    },
};

/// What the notice says.
struct Removed {
    name: String,
}

#[derive(Template)]
#[template(path = "mail/second_factor_removed.txt")]
struct RemovedText<'a> {
    mail: &'a Removed,
}

#[derive(Template)]
#[template(path = "mail/second_factor_removed.html")]
struct RemovedHtml<'a> {
    mail: &'a Removed,
}

/// The notice that an administrator removed somebody's second factor.
///
/// # Errors
/// Those of the database.
pub async fn write_removed(call: &Call, mail: &Queued) -> AppResult<Option<Letter>> {
    let Some(user) = users::find(call, UserId::from_uuid(mail.object_id)).await? else { return Ok(None) };
    if user.state != UserState::Active {
        return Ok(None);
    }
    let mail = Removed { name: unlinked(&user.name) };
    let failed = |error: askama::Error| AppError::internal(error.to_string());
    Ok(Some(Letter {
        to: user.email,
        subject: "Your second factor for the partner portal was removed",
        text: RemovedText { mail: &mail }.render().map_err(failed)?,
        html: RemovedHtml { mail: &mail }.render().map_err(failed)?,
    }))
}
