//! One operation of a connection: a query or mutation is answered once; a subscription is answered, and asked again
//! whenever there is news, until it waits for nothing any more.
//!
//! Asked again, a subscription goes the whole way of an operation: the session is looked at, the verbs and the scope of
//! whoever calls then, what it costs. So nobody is told by a subscription what a query would not tell. The next answer is
//! made when the one before was taken: who reads slowly gets the latest, and nothing piles up.
//!
//! Each of them is worked on in a turn, as requests over HTTP are. Who finds none is sent away; a subscription that was
//! answered once waits for another moment instead.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actix_web::{http::StatusCode, web};
use async_graphql::parser::types::OperationType;
use futures::FutureExt as _;

use crate::platform::{
    error::AppError,
    graphql::{
        errors::TopCode,
        limits::Refusal,
        waiting::{Pending, Waiting},
    },
    http::{
        answer::{Refused, Told},
        negotiation::Form,
        operation::{Beside, Operation},
        request::Asked,
        server::App,
    },
    ids::IdSource,
    origin::Origin,
    telemetry::Stopwatch,
    turns,
};

/// How answers over WebSocket are told.
const FORM: Form = Form::GraphqlResponse;

/// After how long a subscription is tried again that could not be asked.
const AGAIN: Duration = Duration::from_secs(1);

/// What an operation came to, with the id of the request.
pub type Answer = Result<Told, (Refused, String)>;

/// Who asks.
#[derive(Clone)]
pub struct Asker {
    /// The server.
    pub app: web::Data<App>,
    /// The caller's token.
    pub token: String,
    /// Where the request comes from.
    pub origin: Origin,
}

/// How far an operation came.
pub enum Came {
    /// It is over.
    Over(Box<Answer>),
    /// There is news, and there may be more.
    News(Box<Told>, Box<Followed>),
    /// The server stops.
    Stopped,
}

/// A subscription that goes on.
pub struct Followed {
    asker: Asker,
    operation: Operation,
    pending: Option<Pending>,
    /// What it was answered last, as a hash: what has not changed is not told again.
    last: Option<Vec<u8>>,
}

/// What an operation is, once it was looked at.
enum Begun {
    /// A query or mutation, with its answer.
    Answered(Box<Answer>),
    /// A subscription, which is to be asked.
    Subscribes(Box<Operation>),
}

/// Executes an operation.
pub async fn execute(asker: Asker, question: Asked) -> Came {
    let begun = match asker.app.turn().await {
        Ok(turn) => {
            // On the heap: what an operation does is large.
            let work = Box::pin(begin(&asker, question));
            turns::working(Arc::clone(&asker.app.turns), turn, work).await
        }
        Err(busy) => Begun::Answered(Box::new(once(&asker, Err(busy), None).await)),
    };
    match begun {
        Begun::Answered(answer) => Came::Over(answer),
        Begun::Subscribes(operation) => {
            follow(Followed { asker, operation: *operation, pending: None, last: None }).await
        }
    }
}

/// Looks at an operation, and answers it when it is no subscription: all of that in one turn.
async fn begin(asker: &Asker, question: Asked) -> Begun {
    let tried = AssertUnwindSafe(async { check(&asker.app, question) }).catch_unwind().await;
    let operation = tried.unwrap_or_else(|_panic| Err(AppError::internal("an operation panicked").into()));
    match operation {
        Ok(operation) if operation.measured.kind == OperationType::Subscription => {
            Begun::Subscribes(Box::new(operation))
        }
        operation => Begun::Answered(Box::new(once(asker, operation, None).await)),
    }
}

/// Asks a subscription in a turn of its own.
async fn ask(asker: &Asker, operation: Operation, waiting: Waiting) -> Answer {
    match asker.app.turn().await {
        Ok(turn) => {
            let work = Box::pin(once(asker, Ok(operation), Some(waiting)));
            turns::working(Arc::clone(&asker.app.turns), turn, work).await
        }
        Err(busy) => once(asker, Err(busy), None).await,
    }
}

fn check(app: &App, asked: Asked) -> Result<Operation, Refused> {
    let operation = Operation::check(app, asked, FORM)?;
    if operation.measured.kind == OperationType::Subscription && operation.measured.roots != 1 {
        let refusal = Refusal::Invalid("A subscription asks for one field. Send several subscriptions.".to_owned());
        return Err(Refused::document(refusal, FORM));
    }
    Ok(operation)
}

/// Asks a subscription until there is something that was not told before.
pub async fn follow(mut it: Followed) -> Came {
    let app = it.asker.app.clone();
    let settings = app.settings.socket;
    loop {
        if let Some(pending) = it.pending.take() {
            let news = async {
                // Read anew once in a while in any case: news can get lost.
                let _waited = tokio::time::timeout(settings.reread, pending.wait()).await;
                tokio::time::sleep(settings.gather.saturating_add(chance(settings.gather, &*app.services.ids))).await;
            };
            tokio::select! {
                () = news => {}
                () = app.sockets.closing() => return Came::Stopped,
            }
        }
        let waiting = Waiting::default();
        let request_id = app.services.ids.new_uuid().simple().to_string();
        let origin = Origin { request_id, ..it.asker.origin.clone() };
        let asker = Asker { origin, ..it.asker.clone() };
        let answer = ask(&asker, it.operation.clone(), waiting.clone()).await;
        if it.last.is_some()
            && let Some(pause) = passing(&answer)
        {
            tokio::select! {
                () = tokio::time::sleep(pause) => continue,
                () = app.sockets.closing() => return Came::Stopped,
            }
        }
        let told = match answer {
            Ok(told) => told,
            refused @ Err(_) => return Came::Over(Box::new(refused)),
        };
        let digest = told.digest();
        match waiting.taken() {
            Some(pending) if told.began && !told.failed() => it.pending = Some(pending),
            _ => return Came::Over(Box::new(Ok(told))),
        }
        if it.last.as_ref() != Some(&digest) {
            it.last = Some(digest);
            return Came::News(Box::new(told), Box::new(it));
        }
    }
}

/// By chance up to twice as long as news is gathered: of all who wait for the same, not everybody asks at one instant.
fn chance(gather: Duration, ids: &dyn IdSource) -> Duration {
    let mut bytes = [0_u8; 1];
    ids.fill(&mut bytes);
    let [byte] = bytes;
    gather.saturating_mul(2).saturating_mul(u32::from(byte)) / u32::from(u8::MAX)
}

/// How long to wait when an operation failed by what passes: too much to do, a database that is away, a budget that is
/// used up.
fn passing(answer: &Answer) -> Option<Duration> {
    match answer {
        Ok(told) => (told.failed() && told.passes()).then_some(AGAIN),
        Err((refused, _)) => matches!(refused.code, TopCode::Unavailable | TopCode::RateLimited)
            .then(|| refused.retry_after.map_or(AGAIN, Duration::from_secs)),
    }
}

/// Executes one operation as it would be over HTTP, whatever happens inside, and writes its line in the log.
async fn once(asker: &Asker, operation: Result<Operation, Refused>, waiting: Option<Waiting>) -> Answer {
    let Asker { app, token, origin } = asker;
    let (watch, request_id) = (Stopwatch::start(), origin.request_id.clone());
    let (mut name, mut who) = (None, None);
    let work = async {
        let operation = operation?;
        name.clone_from(&operation.name);
        let caller = app.doorkeeper.authenticate(token, origin).await?;
        who = Some(caller.key());
        operation.run(app, caller, origin.clone(), Beside { waiting, ..Beside::default() }, FORM).await
    };
    let outcome = match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_panic) => Err(AppError::internal("an operation panicked").into()),
    };
    tracing::info!(
        path = "/graphql/ws",
        code = outcome.as_ref().err().map(|refused| refused.code.word()),
        ms = watch.milliseconds(),
        operation = name,
        caller = who,
        request_id,
        "an operation was answered"
    );
    match outcome {
        Ok((response, cost)) => Ok(Told::new(response, cost, &request_id)),
        Err(refused) => Err((refused, request_id)),
    }
}

/// A caller has so many operations already.
pub fn too_many(most: usize) -> Refused {
    let message = format!("A connection has at most {most} operations at once. Wait for one to end.");
    Refused { code: TopCode::LimitExceeded, ..Refused::new(StatusCode::BAD_REQUEST, message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::ids::SeededIds;

    /// Always the same.
    struct Same(u8);

    impl IdSource for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn who_waits_for_the_same_asks_at_different_instants_and_soon() {
        let gather = Duration::from_millis(100);
        assert_eq!(chance(gather, &Same(0)), Duration::ZERO);
        assert_eq!(chance(gather, &Same(u8::MAX)), Duration::from_millis(200));
        assert_eq!(chance(Duration::ZERO, &Same(7)), Duration::ZERO);
        let ids = SeededIds::from_seed(1);
        let mut all: Vec<_> = (0..20).map(|_| chance(gather, &ids)).collect();
        all.sort();
        all.dedup();
        assert!(all.len() > 10, "{all:?}");
    }

    #[test]
    fn too_much_to_do_passes() {
        let busy: Answer = Err((Refused::busy(), "1".to_owned()));
        assert_eq!(passing(&busy), Some(Duration::from_secs(1)));
    }
}
