//! Many at once.

use std::sync::Arc;

use tokio::sync::Barrier;

/// Runs `count` calls at once behind a barrier, and collects what they answered, in the order of their numbers.
pub async fn race<T, F, Fut>(count: usize, work: F) -> Vec<T>
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = T>,
{
    let barrier = Arc::new(Barrier::new(count));
    let runners = (0..count).map(|number| {
        let (barrier, work) = (barrier.clone(), work(number));
        async move {
            barrier.wait().await;
            work.await
        }
    });
    futures::future::join_all(runners).await
}
