//! One caller making one request: who, when, with which ids, on which database.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use entity::value::{PartnerId, Timestamp, TypedId, UserId};
use sea_orm::DatabaseTransaction;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    audit,
    auth::{
        Caller, Scope,
        passwords::Passwords,
        policy::{self, Action, Target},
        remembered::{Remembered, Stale},
        tokens::Tokens,
    },
    clock::Clock,
    db::Db,
    error::AppResult,
    events::Reactions,
    files::Files,
    idempotency::{self, Key},
    ids::IdSource,
    news::News,
    openid::SignOn,
    origin::Origin,
    rates::Rates,
    reader::{Reader, Reading},
};

/// What every request shares.
pub struct Services {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of ids and secrets.
    pub ids: Arc<dyn IdSource>,
    /// Hashing and checking of passwords, bounded.
    pub passwords: Passwords,
    /// Signing and reading of access tokens.
    pub tokens: Tokens,
    /// What was lately found out about sessions.
    pub remembered: Remembered,
    /// Single sign-on, where it is configured.
    pub sign_on: Option<SignOn>,
    /// How often programs may ask.
    pub rates: Rates,
    /// Where files lie that people send.
    pub files: Files,
    /// That something has changed, for whoever waits for it.
    pub news: News,
    /// Who reacts to domain events.
    pub reactions: Arc<dyn Reactions>,
}

/// One caller making one request. Cheap to clone.
#[derive(Clone)]
pub struct Call(Arc<Inner>);

/// What a call holds.
pub struct Inner {
    /// What every request shares.
    pub services: Arc<Services>,
    /// Who calls.
    pub caller: Caller,
    /// Where the request comes from.
    pub origin: Origin,
    /// The idempotency key of the mutation that is being made, if it has one.
    pub key: Option<Key>,
    afterwards: Arc<Afterwards>,
    reading: Arc<Reading>,
}

/// What is done once the transaction of a call is committed.
#[derive(Default)]
struct Afterwards {
    /// What is not true any more then.
    stale: Mutex<Vec<Stale>>,
    /// What is news then.
    topics: Mutex<Vec<String>>,
}

impl Deref for Call {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Call {
    /// A call by somebody.
    #[must_use]
    pub fn new(services: Arc<Services>, caller: Caller, origin: Origin) -> Self {
        let (afterwards, reading) = (Arc::default(), Arc::default());
        Self(Arc::new(Inner { services, caller, origin, key: None, afterwards, reading }))
    }

    /// A call by the product itself: a deadline, a command of the operator.
    #[must_use]
    pub fn system(services: Arc<Services>, reason: &str) -> Self {
        Self::new(services, Caller::System, Origin::inside(reason))
    }

    /// The product itself, in the transaction of this call: what happens to others by somebody's act is nobody's act to
    /// them, and is told once that transaction is committed.
    #[must_use]
    pub fn by_itself(&self, reason: &str) -> Self {
        Self(Arc::new(Inner {
            services: Arc::clone(&self.services),
            caller: Caller::System,
            origin: Origin::inside(reason),
            key: None,
            afterwards: Arc::clone(&self.afterwards),
            reading: Arc::default(),
        }))
    }

    /// The same call, making the mutation that `key` names.
    #[must_use]
    pub fn with_key(&self, key: Option<Key>) -> Self {
        Self(Arc::new(Inner {
            services: Arc::clone(&self.services),
            caller: self.caller.clone(),
            origin: self.origin.clone(),
            key,
            afterwards: Arc::default(),
            reading: Arc::clone(&self.reading),
        }))
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.services.db
    }

    /// What the caller's reads go through, outside of a transaction.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.services.db, self.caller.scope(), &self.reading)
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    /// A new id, ordered by its creation.
    #[must_use]
    pub fn new_id<I: TypedId>(&self) -> I {
        self.services.ids.new_id(self.now())
    }

    /// Which rows exist for the caller.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.caller.scope()
    }

    /// The signed-in person, if the caller is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.caller.user_id()
    }

    /// The person who answers for what is done: the signed-in one, or the maker of the client that calls.
    #[must_use]
    pub fn responsible(&self) -> Option<UserId> {
        self.caller.responsible()
    }

    /// The partner that the caller belongs to, if it is one's.
    #[must_use]
    pub fn partner_id(&self) -> Option<PartnerId> {
        self.caller.partner_id()
    }

    /// The verb lock, before the database is touched: whether the caller's roles allow the action at all.
    ///
    /// # Errors
    /// `Unauthenticated` or `Forbidden`.
    pub fn may(&self, action: Action) -> AppResult<()> {
        policy::decide(&self.caller, action, &Target::default()).or_refuse()
    }

    /// The verb lock on a row that was found: portfolio, suspension, four eyes.
    ///
    /// # Errors
    /// `Unauthenticated`, `Forbidden`, or a refusal that names the rule.
    pub fn may_on(&self, action: Action, target: &Target) -> AppResult<()> {
        policy::decide(&self.caller, action, target).or_refuse()
    }

    /// Runs the one transaction of a use case. With an idempotency key the answer is kept in the same transaction,
    /// and a retry is answered from it without doing anything.
    ///
    /// # Errors
    /// Those of `work`; everything is rolled back then.
    pub async fn once<T, F>(&self, work: F) -> AppResult<T>
    where
        T: Serialize + DeserializeOwned,
        F: AsyncFnOnce(&DatabaseTransaction) -> AppResult<T>,
    {
        self.reading.end().await;
        let txn = self.db().begin().await?;
        if let Some(answered) = idempotency::find_or_claim(&txn, self).await? {
            return Ok(answered);
        }
        // On the heap: use cases are large.
        let work = Box::pin(async {
            let value = work(&txn).await?;
            idempotency::keep(&txn, self, &value).await?;
            Ok(value)
        });
        let value = audit::recording(&txn, work).await?;
        txn.commit().await?;
        self.committed();
        Ok(value)
    }

    /// Runs a transaction that is no mutation's only one: bookkeeping beside it.
    ///
    /// # Errors
    /// Those of `work`; everything is rolled back then.
    pub async fn in_transaction<T, F>(&self, work: F) -> AppResult<T>
    where
        F: AsyncFnOnce(&DatabaseTransaction) -> AppResult<T>,
    {
        self.reading.end().await;
        let txn = self.db().begin().await?;
        let value = audit::recording(&txn, Box::pin(async { work(&txn).await })).await?;
        txn.commit().await?;
        self.committed();
        Ok(value)
    }

    /// Notes that a person's rights change in the transaction of this call: once it is committed, this server looks
    /// them up anew. Whoever ends a session or changes roles, a person's or a partner's state says so here.
    pub fn forget(&self, stale: Stale) {
        self.afterwards.stale.lock().unwrap_or_else(PoisonError::into_inner).push(stale);
    }

    /// Notes that something changes in the transaction of this call: once it is committed, whoever waits for the topic
    /// is told.
    pub fn tell(&self, topic: String) {
        self.afterwards.topics.lock().unwrap_or_else(PoisonError::into_inner).push(topic);
    }

    fn committed(&self) {
        let topics = std::mem::take(&mut *self.afterwards.topics.lock().unwrap_or_else(PoisonError::into_inner));
        self.services.news.tell(topics);
        let stale = std::mem::take(&mut *self.afterwards.stale.lock().unwrap_or_else(PoisonError::into_inner));
        for stale in stale {
            self.services.remembered.forget(stale);
        }
    }
}
