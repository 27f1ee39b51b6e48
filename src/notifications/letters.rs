//! The mail about a notification.

use askama::Template;
use entity::value::{NotificationId, RegistrationId, TypedId as _};

use super::{rules, service};
use crate::{
    accounts::accounts,
    deals::registrations,
    onboarding::partners,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        mail::{Letter, Links, Queued, unlinked},
    },
};

/// What the mail says.
struct About {
    name: String,
    sentence: String,
    customer: Option<String>,
    company: Option<String>,
    link: String,
}

#[derive(Template)]
#[template(path = "mail/notification.txt")]
struct Text<'a> {
    mail: &'a About,
}

#[derive(Template)]
#[template(path = "mail/notification.html")]
struct Html<'a> {
    mail: &'a About,
}

/// The mail about a notification; none when its person is gone or wants none any more.
///
/// # Errors
/// Those of the database.
pub async fn write(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let Some((notification, person)) = service::to_write(call, NotificationId::from_uuid(mail.object_id)).await? else {
        return Ok(None);
    };
    let registration = match notification.object_id.parse::<RegistrationId>() {
        Ok(id) => registrations::find(call, id).await?,
        Err(_) => None,
    };
    let (mut customer, mut company) = (None, None);
    if let Some(registration) = &registration {
        customer = accounts::find(call, registration.account_id).await?.map(|account| unlinked(&account.name));
        // Their own company's people know which one it is.
        if person.partner_id.is_none() {
            company = partners::find(call, registration.partner_id).await?.map(|partner| unlinked(&partner.name));
        }
    }
    let about = About {
        name: unlinked(&person.name),
        sentence: notification.sentence,
        customer,
        company,
        link: registration.map_or_else(|| links.home(), |registration| links.deal(registration.id)),
    };
    let failed = |error: askama::Error| AppError::internal(error.to_string());
    Ok(Some(Letter {
        to: person.email,
        subject: rules::subject(notification.kind),
        text: Text { mail: &about }.render().map_err(failed)?,
        html: Html { mail: &about }.render().map_err(failed)?,
    }))
}
