//! The mails to applicants. That an application is approved is told by the invitation of its contact.

use askama::Template;
use chrono::TimeDelta;
use entity::value::{ApplicationId, ApplicationOutcome, ApplicationState, MailKind, TypedId as _};

use super::{
    model::{Application, Asked},
    rules, service, store,
};
use crate::platform::{
    call::Call,
    error::{AppError, AppResult},
    graphql::parse,
    mail::{Letter, Links, Queued, unlinked},
};

/// An address is written to about so many applications of a day: nobody is flooded by a stranger who applies in their
/// name.
const MOST_RECEIVED: u64 = 3;

/// What the mails say.
struct About {
    name: String,
    company: String,
    link: String,
    /// What is asked, or why it was rejected.
    message: String,
    /// The parts in question.
    fields: Vec<&'static str>,
}

/// A mail in its two forms.
macro_rules! templates {
    ($($text:ident = $text_path:literal, $html:ident = $html_path:literal;)*) => {$(
        #[derive(Template)]
        #[template(path = $text_path)]
        struct $text<'a> {
            mail: &'a About,
        }

        #[derive(Template)]
        #[template(path = $html_path)]
        struct $html<'a> {
            mail: &'a About,
        }
    )*};
}

templates! {
    ReceivedText = "mail/application_received.txt", ReceivedHtml = "mail/application_received.html";
    AskedText = "mail/application_asked.txt", AskedHtml = "mail/application_asked.html";
    RejectedText = "mail/application_rejected.txt", RejectedHtml = "mail/application_rejected.html";
}

/// The mail about an application as it is now; none when there is nothing to say any more.
///
/// # Errors
/// Those of the database.
pub async fn write(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let db = call.db().pool();
    let id = ApplicationId::from_uuid(mail.object_id);
    let Some(application) = store::find_many(db, &[id]).await?.pop() else { return Ok(None) };
    // Of a contact who was erased there is a pseudonym, which nothing is mailed to.
    let Ok((to, email_key)) = parse::email(&application.company.contact_email, "email") else { return Ok(None) };
    let about = |message: String, fields| About {
        name: unlinked(&application.company.contact_name),
        company: unlinked(&application.company.legal_name),
        link: links.application(&service::secret(call, id)),
        message,
        fields,
    };
    let (subject, text, html) = match (mail.kind, application.state) {
        (MailKind::ApplicationReceived, _) => {
            let since = application.submitted_at.plus(TimeDelta::hours(-24));
            if store::count_before(db, &application, &email_key, since).await? >= MOST_RECEIVED {
                return Ok(None);
            }
            let mail = about(String::new(), Vec::new());
            (
                "We received your application",
                ReceivedText { mail: &mail }.render(),
                ReceivedHtml { mail: &mail }.render(),
            )
        }
        (MailKind::ApplicationActionRequired, ApplicationState::ActionRequired) => {
            let Some(Asked { fields, message, .. }) = application.asked.clone() else { return Ok(None) };
            let mail = about(message, fields.iter().map(rules::in_words).collect());
            (
                "We have a question about your application",
                AskedText { mail: &mail }.render(),
                AskedHtml { mail: &mail }.render(),
            )
        }
        (MailKind::ApplicationRejected, ApplicationState::Rejected) => {
            let mail = about(why(&application), Vec::new());
            ("About your application", RejectedText { mail: &mail }.render(), RejectedHtml { mail: &mail }.render())
        }
        _ => return Ok(None),
    };
    let failed = |error: askama::Error| AppError::internal(error.to_string());
    Ok(Some(Letter { to, subject, text: text.map_err(failed)?, html: html.map_err(failed)? }))
}

/// Why it was rejected, in words for the applicant.
pub(super) fn why(application: &Application) -> String {
    if let Some(reason) = &application.decision_reason {
        return reason.clone();
    }
    match application.outcome {
        Some(ApplicationOutcome::Duplicate) => "Your company has applied before, or is a partner already.",
        Some(ApplicationOutcome::OutOfTerritory) => "We take no partners in your part of the market at the moment.",
        Some(ApplicationOutcome::Unverifiable) => "We could not verify what the application says.",
        Some(ApplicationOutcome::NotAFit | ApplicationOutcome::Accepted | ApplicationOutcome::WithdrawnByApplicant)
        | None => "Your company and our partner program do not fit at the moment.",
    }
    .to_owned()
}
