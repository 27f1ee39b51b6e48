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

use super::GqlContext;
use crate::platform::call::Call;

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

/// A loader of one request.
pub type RequestLoader<L> = Arc<DataLoader<L, HashMapCache>>;

/// The request's loader of a type, made by `make` at first use.
pub fn loader<K, L>(gql: &Context<'_>, make: impl FnOnce(Call) -> L) -> RequestLoader<L>
where
    K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
    L: Loader<K> + Any,
{
    let loaders = gql.data_unchecked::<Loaders>();
    let mut entries = loaders.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = entries.get(&TypeId::of::<L>()).and_then(|entry| Arc::clone(entry).downcast().ok()) {
        return found;
    }
    let fresh: RequestLoader<L> = Arc::new(
        DataLoader::with_cache(make(gql.call().clone()), TokioSpawner::current(), NextTurn, HashMapCache::default())
            .max_batch_size(MOST_AT_ONCE),
    );
    entries.insert(TypeId::of::<L>(), fresh.clone());
    fresh
}
