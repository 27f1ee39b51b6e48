//! The life of one connection: who calls, what is asked, what is answered, and how it ends.

use std::collections::HashMap;

use actix_web::web;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, MessageStream, ProtocolError, Session};
use futures::{
    StreamExt as _,
    future::{AbortHandle, Aborted, LocalBoxFuture, abortable},
    stream::FuturesUnordered,
};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::{
    SocketSettings,
    operations::{Asker, Came, execute, follow, too_many},
    protocol::{Close, Received, Sent},
    seats::Seat,
};
use crate::platform::{
    error::AppError,
    graphql::errors::TopCode,
    http::{request::Asked, server::App},
    origin::Origin,
};

/// How an operation ended; nothing when it was not wanted any more.
type Ended = (String, Option<Came>);

struct Connection {
    app: web::Data<App>,
    session: Session,
    origin: Origin,
    /// The caller's token, once it was found valid.
    token: Option<String>,
    seat: Seat,
    running: FuturesUnordered<LocalBoxFuture<'static, Ended>>,
    handles: HashMap<String, AbortHandle>,
    heard: Instant,
}

/// Lives a connection to its end.
pub async fn live(
    app: web::Data<App>,
    session: Session,
    messages: MessageStream,
    origin: Origin,
    seat: Seat,
    agreed: bool,
) {
    let settings = app.settings.socket;
    let mut messages = messages
        .max_frame_size(settings.message_bytes)
        .aggregate_continuations()
        .max_continuation_size(settings.message_bytes);
    let mut connection = Connection {
        app,
        session,
        origin,
        token: None,
        seat,
        running: FuturesUnordered::new(),
        handles: HashMap::new(),
        heard: Instant::now(),
    };
    let close = if agreed { connection.talk(&mut messages, settings).await } else { Close::NoProtocol };
    tracing::debug!(request_id = connection.origin.request_id, ?close, "a connection ends");
    // What is still running is dropped with the connection, and its place is free.
    let Connection { session, .. } = connection;
    let ending = async {
        if session.close(Some(close.reason())).await.is_ok() {
            while let Some(Ok(_)) = messages.recv().await {}
        }
    };
    let _gone = timeout(settings.send, ending).await;
}

/// A beat that does not hurry after it was held up.
fn every(period: std::time::Duration) -> Interval {
    let mut beat = interval_at(Instant::now() + period, period);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

impl Connection {
    /// Talks until there is a reason to end.
    async fn talk(&mut self, messages: &mut AggregatedMessageStream, settings: SocketSettings) -> Close {
        let sockets = self.app.sockets.clone();
        let stopping = sockets.closing();
        tokio::pin!(stopping);
        let patience = Instant::now().checked_add(settings.init).unwrap_or_else(Instant::now);
        let (mut recheck, mut ping) = (every(settings.recheck), every(settings.ping));
        loop {
            let done = tokio::select! {
                // What has ended makes room before anything new is heard.
                biased;
                () = &mut stopping => return self.finish().await,
                Some(ended) = self.running.next(), if !self.running.is_empty() => self.tell(ended).await,
                () = sleep_until(patience), if self.token.is_none() => Err(Close::InitTimeout),
                _ = recheck.tick(), if self.token.is_some() => self.ask_again().await,
                _ = ping.tick() => self.ask_for_life(settings).await,
                message = messages.recv() => self.hear(message).await,
            };
            if let Err(close) = done {
                return close;
            }
        }
    }

    /// Answers what is running; nothing new begins.
    async fn finish(&mut self) -> Close {
        let time = self.app.settings.request_time;
        let answering = async {
            while let Some(ended) = self.running.next().await {
                self.tell(ended).await?;
            }
            Ok::<(), Close>(())
        };
        let _answered = timeout(time, answering).await;
        Close::Stopping
    }

    async fn hear(&mut self, message: Option<Result<AggregatedMessage, ProtocolError>>) -> Result<(), Close> {
        self.heard = Instant::now();
        match message {
            Some(Err(ProtocolError::Overflow)) => Err(Close::TooLong),
            Some(Err(ProtocolError::Io(error))) if error.kind() == std::io::ErrorKind::Other => Err(Close::TooLong),
            Some(Err(_) | Ok(AggregatedMessage::Binary(_))) => Err(Close::BadMessage),
            None | Some(Ok(AggregatedMessage::Close(_))) => Err(Close::Answered),
            Some(Ok(AggregatedMessage::Ping(bytes))) => self.sent(self.session.clone().pong(&bytes)).await,
            Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
            Some(Ok(AggregatedMessage::Text(text))) => match Received::read(&text)? {
                Received::ConnectionInit { payload } => {
                    let given = payload.as_ref().and_then(|payload| {
                        let named = |name: &str| payload.get(name).and_then(serde_json::Value::as_str);
                        named("authorization").or_else(|| named("Authorization"))
                    });
                    self.init(given.map(str::to_owned)).await
                }
                Received::Ping { payload } => self.send(&Sent::Pong { payload }).await,
                Received::Pong {} => Ok(()),
                Received::Subscribe { id, payload } => self.begin(id, payload).await,
                Received::Complete { id } => {
                    if let Some(handle) = self.handles.remove(&id) {
                        handle.abort();
                    }
                    Ok(())
                }
            },
        }
    }

    /// The first message: who calls.
    async fn init(&mut self, given: Option<String>) -> Result<(), Close> {
        if self.token.is_some() {
            return Err(Close::InitTwice);
        }
        let given = given.ok_or(Close::Unauthorized)?;
        let token = match given.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim().to_owned(),
            _ => return Err(Close::Unauthorized),
        };
        let caller = self.app.doorkeeper.authenticate(&token, &self.origin).await.map_err(|_| Close::Forbidden)?;
        let most = self.app.settings.socket.per_caller;
        self.seat = self.app.sockets.take(caller.key(), most).ok_or(Close::TooManyConnections)?;
        self.token = Some(token);
        self.send(&Sent::ConnectionAck).await
    }

    async fn begin(&mut self, id: String, asked: Asked) -> Result<(), Close> {
        let token = self.token.clone().ok_or(Close::Unauthorized)?;
        if self.handles.contains_key(&id) {
            return Err(Close::Exists(id));
        }
        let most = self.app.settings.socket.operations;
        let request_id = self.app.services.ids.new_uuid().simple().to_string();
        // Those given up count until they are gone.
        if self.running.len() >= most {
            return self.send(&Sent::Error { id: &id, payload: &[too_many(most).error(&request_id)] }).await;
        }
        let origin = Origin { request_id, ..self.origin.clone() };
        self.run(id, execute(Asker { app: self.app.clone(), token, origin }, asked));
        Ok(())
    }

    /// Lets an operation run until it has something to tell, or is not wanted any more.
    fn run(&mut self, id: String, work: impl Future<Output = Came> + 'static) {
        let (work, handle) = abortable(work);
        self.handles.insert(id.clone(), handle);
        self.running.push(Box::pin(async move {
            match work.await {
                Ok(came) => (id, Some(came)),
                Err(Aborted) => (id, None),
            }
        }));
    }

    /// Sends what an operation came to. A subscription goes on once that was taken.
    async fn tell(&mut self, (id, came): Ended) -> Result<(), Close> {
        let Some(came) = came else { return Ok(()) };
        self.handles.remove(&id);
        let answer = match came {
            Came::Stopped => return Ok(()),
            Came::News(told, followed) => {
                self.send(&Sent::Next { id: &id, payload: told.body() }).await?;
                self.run(id, follow(*followed));
                return Ok(());
            }
            Came::Over(answer) => *answer,
        };
        match answer {
            Ok(told) if told.began => {
                self.send(&Sent::Next { id: &id, payload: told.body() }).await?;
                self.send(&Sent::Complete { id: &id }).await
            }
            Ok(told) => self.send(&Sent::Error { id: &id, payload: told.errors() }).await,
            Err((refused, request_id)) => {
                let ended = refused.code == TopCode::Unauthenticated;
                self.send(&Sent::Error { id: &id, payload: &[refused.error(&request_id)] }).await?;
                if ended { Err(Close::Forbidden) } else { Ok(()) }
            }
        }
    }

    /// Whether the session still stands: it ends by signing out, by expiry, when its person or partner is stopped.
    async fn ask_again(&mut self) -> Result<(), Close> {
        let Some(token) = &self.token else { return Ok(()) };
        match self.app.doorkeeper.authenticate(token, &self.origin).await {
            // A database that is away ends no session.
            Ok(_) | Err(AppError::Unavailable(_) | AppError::Transient(_) | AppError::Internal(_)) => Ok(()),
            Err(_) => Err(Close::Forbidden),
        }
    }

    async fn ask_for_life(&mut self, settings: SocketSettings) -> Result<(), Close> {
        if self.heard.elapsed() > settings.ping.saturating_mul(3) {
            return Err(Close::Silent);
        }
        self.sent(self.session.clone().ping(b"")).await
    }

    async fn send(&mut self, message: &Sent<'_>) -> Result<(), Close> {
        let Ok(text) = serde_json::to_string(message) else { return Err(Close::BadMessage) };
        self.sent(self.session.clone().text(text)).await
    }

    /// Waits until there is room for a message: a caller that does not read is not waited for.
    async fn sent(&self, sending: impl Future<Output = Result<(), actix_ws::Closed>>) -> Result<(), Close> {
        match timeout(self.app.settings.socket.send, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Close::Answered),
        }
    }
}
