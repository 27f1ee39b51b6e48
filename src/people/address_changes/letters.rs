//! The mails about addresses.

use askama::Template;
use entity::value::{AddressChangeId, TypedId, UserState};

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
struct Wished {
    name: String,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/address_change.txt")]
struct WishedText<'a> {
    mail: &'a Wished,
}

#[derive(Template)]
#[template(path = "mail/address_change.html")]
struct WishedHtml<'a> {
    mail: &'a Wished,
}

/// What the notice says.
struct Changed {
    name: String,
}

#[derive(Template)]
#[template(path = "mail/address_changed.txt")]
struct ChangedText<'a> {
    mail: &'a Changed,
}

#[derive(Template)]
#[template(path = "mail/address_changed.html")]
struct ChangedHtml<'a> {
    mail: &'a Changed,
}

/// The mail with the link, to the new address; none when it belongs to somebody else already.
///
/// # Errors
/// Those of the database.
pub async fn write(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let db = call.db().pool();
    let id = AddressChangeId::from_uuid(mail.object_id);
    let Some(change) = store::find(db, id).await?.filter(|change| change.is_open(call.now())) else { return Ok(None) };
    if users::find_by_address(db, &change.email_key).await?.is_some_and(|other| other.user.id != change.user_id) {
        return Ok(None);
    }
    let Some(user) = users::find(call, change.user_id).await?.filter(|user| user.state == UserState::Active) else {
        return Ok(None);
    };
    let mail = Wished { name: unlinked(&user.name), link: links.address_change(&service::secret(call, id)) };
    Ok(Some(Letter {
        to: change.email,
        subject: "Confirm your address for the partner portal",
        text: WishedText { mail: &mail }.render().map_err(failed)?,
        html: WishedHtml { mail: &mail }.render().map_err(failed)?,
    }))
}

/// The notice to the address that was the person's until now.
///
/// # Errors
/// Those of the database.
pub async fn write_changed(call: &Call, mail: &Queued) -> AppResult<Option<Letter>> {
    let id = AddressChangeId::from_uuid(mail.object_id);
    let Some(change) = store::find(call.db().pool(), id).await? else { return Ok(None) };
    let Some(user) = users::find(call, change.user_id).await?.filter(|user| user.erased_at.is_none()) else {
        return Ok(None);
    };
    let mail = Changed { name: unlinked(&user.name) };
    Ok(Some(Letter {
        to: change.old_email,
        subject: "Your address for the partner portal was changed",
        text: ChangedText { mail: &mail }.render().map_err(failed)?,
        html: ChangedHtml { mail: &mail }.render().map_err(failed)?,
    }))
}

fn failed(error: askama::Error) -> AppError {
    AppError::internal(error.to_string())
}
