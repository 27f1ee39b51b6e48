//! What a subscription waits for before it is asked again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_graphql::Context;
use entity::value::Timestamp;
use futures::FutureExt as _;
use tokio::sync::watch;

/// The news that the fields of a subscription wait for. A field that waits for nothing is over with its first answer.
#[derive(Clone, Default)]
pub struct Waiting(Arc<Mutex<Pending>>);

/// News that somebody waits for.
#[derive(Default)]
pub struct Pending {
    news: Vec<watch::Receiver<()>>,
    /// When something changes by the clock.
    within: Option<Duration>,
}

impl Waiting {
    /// That of this request.
    #[must_use]
    pub fn of(gql: &Context<'_>) -> Self {
        gql.data_opt::<Self>().cloned().unwrap_or_default()
    }

    fn held(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The field waits for these. It begins to listen before it reads, so that nothing is missed in between.
    pub fn hold(&self, news: watch::Receiver<()>) {
        self.held().news.push(news);
    }

    /// The clock changes the answer at an instant, without any news.
    pub fn until(&self, now: Timestamp, instant: Timestamp) {
        let Ok(within) = instant.since(now).to_std() else { return };
        let mut held = self.held();
        held.within = Some(held.within.map_or(within, |other| other.min(within)));
    }

    /// What is waited for; none when nothing is.
    #[must_use]
    pub fn taken(&self) -> Option<Pending> {
        let held = std::mem::take(&mut *self.held());
        (!held.news.is_empty()).then_some(held)
    }
}

impl Pending {
    /// Waits until there is some, or the clock has come so far. All that came meanwhile is one piece of news.
    pub async fn wait(mut self) {
        let any = self.news.iter_mut().map(|news| {
            async move {
                // Whoever tells is gone only when the process ends.
                if news.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
            .boxed()
        });
        let any = futures::future::select_all(any);
        match self.within {
            Some(within) => drop(tokio::time::timeout(within, any).await),
            None => drop(any.await),
        }
    }
}
