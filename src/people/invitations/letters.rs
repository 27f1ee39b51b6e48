//! The mails of invitations.

use askama::Template;
use entity::value::{InvitationId, TypedId};

use super::{service, store};
use crate::{
    people::users,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::parse,
        mail::{Letter, Links, Queued, unlinked},
    },
};

/// What an invitation says.
struct Invited {
    name: String,
    company: Option<String>,
    link: String,
    until: String,
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitedText<'a> {
    mail: &'a Invited,
}

#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct InvitedHtml<'a> {
    mail: &'a Invited,
}

/// What somebody is told who has an account already: the mail may say so, the answer to who invites does not.
struct Known {
    home: String,
}

#[derive(Template)]
#[template(path = "mail/already_member.txt")]
struct KnownText<'a> {
    mail: &'a Known,
}

#[derive(Template)]
#[template(path = "mail/already_member.html")]
struct KnownHtml<'a> {
    mail: &'a Known,
}

/// The mail of an invitation, as things are now; none when it cannot be accepted any more.
///
/// # Errors
/// Those of the database.
pub async fn write(call: &Call, mail: &Queued, links: &Links) -> AppResult<Option<Letter>> {
    let db = &call.reader();
    let id = InvitationId::from_uuid(mail.object_id);
    let Some(invitation) = store::find(db, id).await?.filter(|invitation| invitation.is_open(call.now())) else {
        return Ok(None);
    };
    let company = match invitation.partner_id {
        None => None,
        Some(partner_id) => match store::company(db, partner_id).await? {
            Some(company) if company.invites() => Some(unlinked(&company.name)),
            _ => return Ok(None),
        },
    };
    let (to, key) = parse::email(&invitation.email, "email")?;
    let failed = |error: askama::Error| AppError::internal(error.to_string());
    if users::find_by_address(db, &key).await?.is_some() {
        let mail = Known { home: links.home() };
        return Ok(Some(Letter {
            to,
            subject: "You have an account at the partner portal already",
            text: KnownText { mail: &mail }.render().map_err(failed)?,
            html: KnownHtml { mail: &mail }.render().map_err(failed)?,
        }));
    }
    let mail = Invited {
        name: unlinked(&invitation.name),
        company,
        link: links.invitation(&service::secret(call, invitation.id)),
        until: invitation.expires_at.to_utc().format("%-d %B %Y, %H:%M UTC").to_string(),
    };
    Ok(Some(Letter {
        to,
        subject: "You are invited to the partner portal",
        text: InvitedText { mail: &mail }.render().map_err(failed)?,
        html: InvitedHtml { mail: &mail }.render().map_err(failed)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_call_themselves_is_neither_markup_nor_a_link() {
        let mail = Invited {
            name: unlinked("<b>Ana</b> http://evil.example"),
            company: Some(unlinked("Smith & \"Sons\" <script>")),
            link: "https://portal.example/invitation#token=abc".to_owned(),
            until: "1 March 2026".to_owned(),
        };
        let (text, html) =
            (InvitedText { mail: &mail }.render().unwrap(), InvitedHtml { mail: &mail }.render().unwrap());
        assert!(!html.contains("<b>") && !html.contains("<script>") && !html.contains("\"Sons\""), "{html}");
        for part in [&text, &html] {
            assert_eq!(part.matches("://").count(), 1, "only our own link: {part}");
            assert!(part.contains("https://portal.example/invitation#token=abc"), "{part}");
            assert!(!part.contains("evil.example"), "{part}");
        }
    }
}
