//! The mails to the administrators of a partner whose life changed.

use askama::Template;
use entity::value::{MailKind, PartnerState, TypedId as _, UserId};

use crate::{
    onboarding::partners,
    people::users,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        mail::{Letter, Links, Queued, unlinked},
    },
};

/// What the mails say.
struct About {
    name: String,
    company: String,
    what: &'static str,
    then: &'static str,
    message: Option<String>,
    home: Option<String>,
}

#[derive(Template)]
#[template(path = "mail/partner_changed.txt")]
struct Text<'a> {
    mail: &'a About,
}

#[derive(Template)]
#[template(path = "mail/partner_changed.html")]
struct Html<'a> {
    mail: &'a About,
}

/// The mail to one administrator; none when the partner is in another state by now, or the person is gone.
///
/// # Errors
/// Those of the database.
pub async fn write(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let Some(person) = users::find(call, UserId::from_uuid(mail.object_id)).await? else { return Ok(None) };
    let Some(partner_id) = person.partner_id.filter(|_| person.erased_at.is_none()) else { return Ok(None) };
    let Some(partner) = partners::find(call, partner_id).await? else { return Ok(None) };
    let (subject, what, then) = match (mail.kind, partner.state) {
        (MailKind::PartnerSuspended, PartnerState::Suspended) => (
            "Your company's partnership is suspended",
            "is suspended as a partner",
            "You can still sign in and read. What is protected stays protected; nothing new can be started until this is resolved.",
        ),
        (MailKind::PartnerReinstated, PartnerState::Active | PartnerState::Onboarding) => (
            "Your company's partnership goes on",
            "is a partner as before",
            "Everything that you had is there, and new things can be started again.",
        ),
        (MailKind::PartnerTerminated, PartnerState::Terminated) => (
            "Your company's partnership has ended",
            "is no partner any more",
            "Nobody can sign in for it any more, protections were released and funds that were not claimed returned. What was claimed is still decided and paid.",
        ),
        _ => return Ok(None),
    };
    let about = About {
        name: unlinked(&person.name),
        company: unlinked(&partner.name),
        what,
        then,
        message: partner.state_message,
        home: (partner.state != PartnerState::Terminated).then(|| links.home()),
    };
    let failed = |error: askama::Error| AppError::internal(error.to_string());
    Ok(Some(Letter {
        to: person.email,
        subject,
        text: Text { mail: &about }.render().map_err(failed)?,
        html: Html { mail: &about }.render().map_err(failed)?,
    }))
}
