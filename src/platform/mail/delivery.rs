//! The job that sends what is due.

use std::sync::Arc;

use entity::value::MailState;
use futures::future::BoxFuture;
use lettre::message::Mailbox;

use super::{
    letter::{Letter, Links},
    outbox::{self, Queued},
    transport::Deliver,
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

/// Sends the mails that are due. Stops at the first that cannot be sent: the next run begins with the others.
///
/// # Errors
/// Those of the database.
pub async fn run_due(services: &Arc<Services>, post: &Post) -> AppResult<Delivered> {
    let mut done = Delivered::default();
    for _ in 0..AT_ONCE {
        let Some(mail) = outbox::claim_due(&services.db, services.clock.now()).await? else { break };
        let outcome = attempt(services, post, &mail).await?;
        match outcome {
            MailState::Sent => done.sent += 1,
            MailState::NotNeeded | MailState::NotSent => done.dropped += 1,
            MailState::Queued | MailState::GivenUp => {
                done.failed += 1;
                break;
            }
        }
    }
    Ok(done)
}

/// Nothing here runs inside a transaction: a slow server holds no row.
async fn attempt(services: &Arc<Services>, post: &Post, mail: &Queued) -> AppResult<MailState> {
    let pool = services.db.pool();
    let call = Call::system(Arc::clone(services), "mail delivery");
    let settled = match written(&call, post, mail).await {
        Ok(None) => MailState::NotNeeded,
        Ok(Some(_)) if !post.transport.delivers() => MailState::NotSent,
        Ok(Some(message)) => match post.transport.deliver(&message).await {
            Ok(()) => MailState::Sent,
            Err(problem) => return put_back(&call, mail, &problem).await,
        },
        Err(error @ (AppError::Unavailable(_) | AppError::Transient(_))) => return Err(error),
        Err(error) => {
            tracing::error!(id = %mail.id, kind = %mail.kind, ?error, "a mail cannot be written");
            return put_back(&call, mail, "it cannot be written").await;
        }
    };
    outbox::settle(pool, mail, settled, None, call.now()).await?;
    tracing::info!(id = %mail.id, kind = %mail.kind, attempt = mail.attempt, outcome = %settled, "a mail was settled");
    Ok(settled)
}

async fn written(call: &Call, post: &Post, mail: &Queued) -> AppResult<Option<lettre::Message>> {
    let Some(letter) = post.letters.write(call, mail, &post.links).await? else { return Ok(None) };
    letter.message(&post.from, &post.links.host(), mail.id, call.now()).map(Some)
}

async fn put_back(call: &Call, mail: &Queued, problem: &str) -> AppResult<MailState> {
    let waits = outbox::put_back(&call.reader(), mail, problem, call.now()).await?;
    if waits {
        tracing::warn!(id = %mail.id, kind = %mail.kind, attempt = mail.attempt, problem, "a mail waits for another attempt");
        return Ok(MailState::Queued);
    }
    tracing::error!(id = %mail.id, kind = %mail.kind, attempt = mail.attempt, problem, "a mail is given up");
    Ok(MailState::GivenUp)
}
