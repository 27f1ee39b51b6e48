//! Batch loaders, made when first used in a request and forgotten with it. A loader takes the call, and so the
//! scope: loading many is authorised like loading one.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
    runtime::{Timer, TokioSpawner},
};
use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use super::GqlContext;
use crate::platform::{call::Call, error::AppResult};

/// How many objects one statement loads.
const MOST_AT_ONCE: usize = 1000;

/// Waits for nothing but the executor's next turn: by then every sibling field has asked.
struct NextTurn;

impl Timer for NextTurn {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

type Entry = Arc<dyn Any + Send + Sync>;

/// The loaders of one request, by their type.
#[derive(Clone, Default)]
pub struct Loaders(Arc<Mutex<HashMap<TypeId, Entry>>>);

impl Loaders {
    /// What is kept under a type, made when it is first asked for.
    fn entry<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = entries.get(&TypeId::of::<T>()).and_then(|entry| Arc::clone(entry).downcast().ok()) {
            return found;
        }
        let fresh = Arc::new(make());
        entries.insert(TypeId::of::<T>(), Arc::<T>::clone(&fresh));
        fresh
    }

    /// Reads something that the whole request shares. Who asks while it is being read waits for it; a batch loader
    /// would read it anew for those who come after its batch has left.
    async fn once<T, F>(&self, read: impl FnOnce() -> F + Send) -> AppResult<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = AppResult<T>> + Send,
    {
        let cell = self.entry(OnceCell::<AppResult<T>>::new);
        cell.get_or_init(read).await.clone()
    }
}

/// What is read at most once a request, whatever asks for it: it does not depend on an object.
pub trait Once: Clone + Send + Sync + 'static {
    /// Reads it.
    fn read(call: &Call) -> impl Future<Output = AppResult<Self>> + Send;
}

/// Reads what the whole request shares, unless it was read.
///
/// # Errors
/// Those of reading it: of one failure, whoever asks.
pub async fn once<T: Once>(gql: &Context<'_>) -> AppResult<T> {
    gql.data_unchecked::<Loaders>().once(|| T::read(gql.call())).await
}

/// A loader of one request.
pub type RequestLoader<L> = Arc<DataLoader<L, HashMapCache>>;

/// The request's loader of a type, made by `make` at first use.
pub fn loader<K, L>(gql: &Context<'_>, make: impl FnOnce(Call) -> L) -> RequestLoader<L>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    L: Loader<K> + Any,
{
    let fresh = || {
        DataLoader::with_cache(make(gql.call().clone()), TokioSpawner::current(), NextTurn, HashMapCache::default())
            .max_batch_size(MOST_AT_ONCE)
    };
    gql.data_unchecked::<Loaders>().entry(fresh)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::Loaders;
    use crate::platform::error::AppError;

    #[tokio::test]
    async fn what_the_request_shares_is_read_once_also_by_those_who_ask_while_it_is_read() {
        let (loaders, reads, go) = (Loaders::default(), AtomicU32::new(0), Notify::new());
        let slow = || async {
            reads.fetch_add(1, Ordering::SeqCst);
            go.notified().await;
            Ok(7_u32)
        };
        let late = || async {
            let mut asked = Box::pin(loaders.once(slow));
            assert!(futures::poll!(&mut asked).is_pending());
            go.notify_one();
            asked.await
        };
        let (first, second) = tokio::join!(loaders.once(slow), late());
        assert_eq!((first.unwrap(), second.unwrap(), reads.load(Ordering::SeqCst)), (7, 7, 1));
        // A failure is everybody's who asks, and each type has its own place.
        let failed = loaders.once(|| async { Err::<u64, _>(AppError::internal("no such thing")) }).await;
        assert!(failed.is_err());
        assert!(loaders.once(|| async { Ok(8_u64) }).await.is_err());
        assert_eq!(loaders.once(slow).await.unwrap(), 7);
    }
}
