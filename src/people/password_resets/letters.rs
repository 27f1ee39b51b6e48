//! The mails about passwords.

use askama::Template;
use entity::value::{PasswordResetId, TypedId, UserId, UserState};

use super::{service, store};
use crate::{
    people::users,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        mail::{Letter, Links, Queued, unlinked},
    },
};

/// What the mail with a link says.
struct Lost {
    name: String,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/password_reset.txt")]
struct LostText<'a> {
    mail: &'a Lost,
}

#[derive(Template)]
#[template(path = "mail/password_reset.html")]
struct LostHtml<'a> {
    mail: &'a Lost,
}

/// What the notice says.
struct Changed {
    name: String,
    home: String,
}

#[derive(Template)]
#[template(path = "mail/password_changed.txt")]
struct ChangedText<'a> {
    mail: &'a Changed,
}

#[derive(Template)]
#[template(path = "mail/password_changed.html")]
struct ChangedHtml<'a> {
    mail: &'a Changed,
}

/// The mail with the link; none when the address belongs to nobody who may sign in.
///
/// # Errors
/// Those of the database.
pub async fn write(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let db = call.db().pool();
    let id = PasswordResetId::from_uuid(mail.object_id);
    let Some(reset) = store::find(db, id).await?.filter(|reset| reset.is_open(call.now())) else { return Ok(None) };
    let Some(found) = users::find_by_address(db, &reset.email_key).await? else { return Ok(None) };
    let user = found.user;
    if user.state != UserState::Active || store::is_terminated(db, user.partner_id).await? {
        return Ok(None);
    }
    store::bind(db, id, user.id).await?;
    let mail = Lost { name: unlinked(&user.name), link: links.password_reset(&service::secret(call, id)) };
    Ok(Some(Letter {
        to: user.email,
        subject: "Choose a new password for the partner portal",
        text: LostText { mail: &mail }.render().map_err(failed)?,
        html: LostHtml { mail: &mail }.render().map_err(failed)?,
    }))
}

/// The notice that a password was changed.
///
/// # Errors
/// Those of the database.
pub async fn write_changed(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let Some(user) = users::find(call, UserId::from_uuid(mail.object_id)).await? else { return Ok(None) };
    if user.state != UserState::Active {
        return Ok(None);
    }
    let mail = Changed { name: unlinked(&user.name), home: links.home() };
    Ok(Some(Letter {
        to: user.email,
        subject: "Your password for the partner portal was changed",
        text: ChangedText { mail: &mail }.render().map_err(failed)?,
        html: ChangedHtml { mail: &mail }.render().map_err(failed)?,
    }))
}

fn failed(error: askama::Error) -> AppError {
    AppError::internal(error.to_string())
}
