//! The job that sends what is due.

use std::sync::Arc;

use entity::value::MailState;
use futures::future::BoxFuture;
use lettre::message::Mailbox;

use super::{
    letter::{Letter, Links},
    outbox::{self, Queued},
    transport::{Deliver, Undelivered},
};
use crate::platform::{
    call::{Call, Services},
    error::{AppError, AppResult},
};

/// How many mails one run sends at most, so that a stop does not wait long.
const AT_ONCE: u32 = 50;

/// Writes mails: one table for the whole product.
pub trait Letters: Send + Sync + 'static {
    /// What a mail says, as things are now; none when there is nothing to say any more.
    fn write<'a>(
        &'a self,
        call: &'a Call,
        mail: &'a Queued,
        links: &'a Links,
    ) -> BoxFuture<'a, AppResult<Option<Letter>>>;
}

/// What sending needs.
#[derive(Clone)]
pub struct Post {
    /// How mails leave.
    pub transport: Arc<dyn Deliver>,
    /// In whose name.
    pub from: Mailbox,
    /// Where their links lead.
    pub links: Links,
    /// Who writes them.
    pub letters: Arc<dyn Letters>,
}

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Mails that were sent.
    pub sent: u32,
    /// Mails with nothing to say any more, or no way out.
    pub dropped: u32,
    /// Mails that wait for another attempt, or were given up.
    pub failed: u32,
}

/// What one attempt came to.
struct Attempt {
    state: MailState,
    /// Whether other mails would not leave either.
    away: bool,
}

/// Sends the mails that are due. One that is refused holds up nobody else's; when none leaves, the next run begins with
/// the others.
///
/// # Errors
/// Those of the database.
pub async fn run_due(services: &Arc<Services>, post: &Post) -> AppResult<Delivered> {
    let mut done = Delivered::default();
    for _ in 0..AT_ONCE {
        let Some(mail) = outbox::claim_due(&services.db, services.clock.now()).await? else { break };
        let Attempt { state, away } = attempt(services, post, &mail).await?;
        match state {
            MailState::Sent => done.sent += 1,
            MailState::NotNeeded | MailState::NotSent => done.dropped += 1,
            MailState::Queued | MailState::GivenUp => done.failed += 1,
        }
        if away {
            break;
        }
    }
    Ok(done)
}

/// Nothing here runs inside a transaction: a slow server holds no row.
async fn attempt(services: &Arc<Services>, post: &Post, mail: &Queued) -> AppResult<Attempt> {
    let call = Call::system(Arc::clone(services), "mail delivery");
    let state = match post.letters.write(&call, mail, &post.links).await {
        Ok(None) => settle(&call, mail, MailState::NotNeeded).await?,
        Ok(Some(_)) if !post.transport.delivers() => settle(&call, mail, MailState::NotSent).await?,
        Ok(Some(letter)) => return send(&call, post, mail, letter).await,
        Err(error @ (AppError::Unavailable(_) | AppError::Transient(_))) => return Err(error),
        Err(error) => {
            tracing::error!(id = %mail.id, kind = %mail.kind, ?error, "a mail cannot be written");
            put_back(&call, mail, "it cannot be written").await?
        }
    };
    Ok(Attempt { state, away: false })
}

async fn send(call: &Call, post: &Post, mail: &Queued, letter: Letter) -> AppResult<Attempt> {
    let sent = match letter.message(&post.from, &post.links.host(), mail.id, call.now()) {
        Ok(message) => post.transport.deliver(&message).await,
        // What it says and whom it goes to is the same the next time.
        Err(error) => {
            tracing::error!(id = %mail.id, kind = %mail.kind, ?error, "no message can be made of a mail");
            Err(Undelivered::Never("no message can be made of it".to_owned()))
        }
    };
    let away = matches!(sent, Err(Undelivered::Away(_)));
    let state = match sent {
        Ok(()) => settle(call, mail, MailState::Sent).await?,
        Err(Undelivered::Never(problem)) => give_up(call, mail, &problem).await?,
        Err(Undelivered::NotNow(problem) | Undelivered::Away(problem)) => put_back(call, mail, &problem).await?,
    };
    Ok(Attempt { state, away })
}

async fn settle(call: &Call, mail: &Queued, state: MailState) -> AppResult<MailState> {
    outbox::settle(call.db().pool(), mail, state, None, call.now()).await?;
    tracing::info!(id = %mail.id, kind = %mail.kind, attempt = mail.attempt, outcome = %state, "a mail was settled");
    Ok(state)
}

async fn put_back(call: &Call, mail: &Queued, problem: &str) -> AppResult<MailState> {
    let waits = outbox::put_back(&call.reader(), mail, problem, call.now()).await?;
    if waits {
        tracing::warn!(id = %mail.id, kind = %mail.kind, attempt = mail.attempt, problem, "a mail waits for another attempt");
        return Ok(MailState::Queued);
    }
    Ok(given_up(mail, problem))
}

async fn give_up(call: &Call, mail: &Queued, problem: &str) -> AppResult<MailState> {
    outbox::settle(call.db().pool(), mail, MailState::GivenUp, Some(problem), call.now()).await?;
    Ok(given_up(mail, problem))
}

fn given_up(mail: &Queued, problem: &str) -> MailState {
    tracing::error!(id = %mail.id, kind = %mail.kind, attempt = mail.attempt, problem, "a mail is given up");
    MailState::GivenUp
}
