//! That something has changed, for whoever waits for it: in this process at once, and in every other one by
//! PostgreSQL's `LISTEN` and `NOTIFY`.
//!
//! What is told is a topic and nothing else; whoever waits reads anew, as themselves. It is told after the commit, and
//! not in the transaction: `NOTIFY` in a transaction makes all commits take turns, and there are hundreds a second. A
//! process that dies between the two tells nobody: whoever waits therefore reads anew once in a while in any case, and
//! so does everybody after the connection to the database was lost.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use sea_orm::DbBackend;
use sqlx::{
    Row as _,
    postgres::{PgListener, PgPool, PgPoolOptions},
};
use tokio::sync::watch;

use super::{db::Db, ids::IdSource};

/// The channel in the database.
const CHANNEL: &str = "portal_news";

/// How long what is to be told to other processes is gathered.
const GATHERED: Duration = Duration::from_millis(20);

/// PostgreSQL takes messages of less than 8,000 bytes.
const MOST_BYTES: usize = 7_800;

/// After how long a database that is away is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// The news of one process.
#[derive(Clone)]
pub struct News(Arc<Inner>);

struct Inner {
    /// What tells this process's messages from others'.
    own: String,
    /// Connections of its own, so that nobody waits for one of the others; none where nobody else is to be told.
    side: Option<Mutex<Option<PgPool>>>,
    db: Db,
    state: Mutex<State>,
    /// Dropped with the last of us: the listener ends by it.
    alive: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    watched: HashMap<String, watch::Sender<()>>,
    pending: BTreeSet<String>,
    sending: bool,
    listening: bool,
}

impl News {
    /// The news of a process that uses this database.
    #[must_use]
    pub fn new(db: &Db, ids: &dyn IdSource) -> Self {
        let side = (db.pool().get_database_backend() == DbBackend::Postgres).then(Mutex::default);
        let own = ids.new_uuid().simple().to_string();
        let (alive, _) = watch::channel(());
        Self(Arc::new(Inner { own, side, db: db.clone(), state: Mutex::default(), alive }))
    }

    /// Waits for a topic from now on: what is told later, and is not yet heard of, marks the receiver as changed once,
    /// however often it was told.
    #[must_use]
    pub fn watch(&self, topic: &str) -> watch::Receiver<()> {
        let (receiver, begin) = {
            let mut state = self.0.state();
            // Topics that nobody waits for any more are forgotten.
            state.watched.retain(|_, sender| sender.receiver_count() > 0);
            let receiver = state.watched.entry(topic.to_owned()).or_insert_with(|| watch::channel(()).0).subscribe();
            let begin = self.0.side.is_some() && !state.listening;
            state.listening |= begin;
            (receiver, begin)
        };
        if begin {
            tokio::spawn(listen(Arc::downgrade(&self.0), self.0.alive.subscribe()));
        }
        receiver
    }

    /// How many topics somebody waits for.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.0.state().watched.values().filter(|sender| sender.receiver_count() > 0).count()
    }

    /// Tells that something has changed, after it was committed.
    pub fn tell(&self, topics: Vec<String>) {
        if topics.is_empty() {
            return;
        }
        let begin = {
            let mut state = self.0.state();
            for topic in &topics {
                state.wake(topic);
            }
            if self.0.side.is_none() {
                return;
            }
            state.pending.extend(topics);
            let begin = !state.sending && tokio::runtime::Handle::try_current().is_ok();
            state.sending |= begin;
            begin
        };
        if begin {
            tokio::spawn(send(Arc::clone(&self.0)));
        }
    }
}

impl State {
    fn wake(&self, topic: &str) {
        if let Some(sender) = self.watched.get(topic) {
            sender.send_replace(());
        }
    }

    fn wake_all(&self) {
        for sender in self.watched.values() {
            sender.send_replace(());
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connections of our own, made when they are first needed: one to listen, one to tell.
    fn side(&self) -> Option<PgPool> {
        let mut side = self.side.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let made = side.get_or_insert_with(|| {
            let options = self.db.pool().get_postgres_connection_pool().connect_options();
            let pool = PgPoolOptions::new().max_connections(2).max_lifetime(None);
            pool.acquire_timeout(Duration::from_secs(2)).connect_lazy_with(options.as_ref().clone())
        });
        Some(made.clone())
    }

    fn hear(&self, message: &str) {
        let mut words = message.split(' ');
        if words.next() == Some(self.own.as_str()) {
            return;
        }
        let state = self.state();
        words.for_each(|topic| state.wake(topic));
    }
}

/// Tells other processes what is pending, until nothing is.
async fn send(inner: Arc<Inner>) {
    loop {
        tokio::time::sleep(GATHERED).await;
        let pending = {
            let mut state = inner.state();
            let pending = std::mem::take(&mut state.pending);
            state.sending = !pending.is_empty();
            pending
        };
        if pending.is_empty() {
            return;
        }
        let Some(pool) = inner.side() else { return };
        for message in messages(&inner.own, pending) {
            if let Err(error) = sqlx::query("select pg_notify($1, $2)").bind(CHANNEL).bind(message).execute(&pool).await
            {
                tracing::warn!(%error, "other servers are not told of changes: they find them when they look anew");
            }
        }
    }
}

/// Topics in messages that are not too long, each behind the name of its sender.
fn messages(own: &str, topics: BTreeSet<String>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut message = own.to_owned();
    for topic in topics {
        if message.len().saturating_add(topic.len()) >= MOST_BYTES {
            messages.push(std::mem::replace(&mut message, own.to_owned()));
        }
        message.push(' ');
        message.push_str(&topic);
    }
    messages.push(message);
    messages
}

/// Notes that nobody listens any more, however it came to that.
struct Listening(Weak<Inner>);

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(inner) = self.0.upgrade() {
            inner.state().listening = false;
        }
    }
}

/// Listens to what other processes tell, as long as this one has news.
async fn listen(inner: Weak<Inner>, mut alive: watch::Receiver<()>) {
    let _listening = Listening(Weak::clone(&inner));
    loop {
        let ended = tokio::select! {
            heard = listen_once(&inner) => heard,
            _ = alive.changed() => return,
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "the connection that changes on other servers are heard by is lost");
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            _ = alive.changed() => return,
        }
    }
}

async fn listen_once(inner: &Weak<Inner>) -> Result<(), sqlx::Error> {
    let Some(pool) = inner.upgrade().and_then(|inner| inner.side()) else { return Ok(()) };
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // What was told before we listened was told to nobody here.
        match inner.upgrade() {
            Some(inner) => inner.state().wake_all(),
            None => return Ok(()),
        }
        while let Some(message) = listener.try_recv().await? {
            match inner.upgrade() {
                Some(inner) => inner.hear(message.payload()),
                None => return Ok(()),
            }
        }
    }
}

/// How many connections to the database listen to news: for tests and operators.
///
/// # Errors
/// Those of the database.
pub async fn listeners(db: &Db) -> Result<i64, sqlx::Error> {
    if db.pool().get_database_backend() != DbBackend::Postgres {
        return Ok(0);
    }
    let pool = db.pool().get_postgres_connection_pool();
    let sql =
        "select count(*) as n from pg_stat_activity where query ilike 'listen %' and datname = current_database()";
    sqlx::query(sql).fetch_one(pool).await?.try_get("n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_told_in_messages_that_the_database_takes() {
        let topics: BTreeSet<String> = (0..1_000).map(|number| format!("reg_{number:032}")).collect();
        let messages = messages("own", topics.clone());
        assert!(messages.len() > 1 && messages.iter().all(|message| message.len() < 8_000));
        let told: BTreeSet<String> =
            messages.iter().flat_map(|message| message.split(' ').skip(1)).map(str::to_owned).collect();
        assert_eq!(told, topics);
        assert!(messages.iter().all(|message| message.starts_with("own ")));
    }
}
