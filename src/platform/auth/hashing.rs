//! Threads that hash passwords: a fixed number, so that memory is bounded, and of low priority, so that a flood of
//! sign-ins takes only the time that other requests leave.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use tokio::sync::oneshot;

use crate::platform::{
    error::{AppError, AppResult},
    turns,
};

/// How much lower their priority is: the lowest there is.
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// What somebody is told who finds the queue full.
const RETRY_AFTER: u64 = 2;

type Work = Box<dyn FnOnce() + Send>;

/// A fixed number of threads, and a queue of bounded length before them. They end with the last clone.
#[derive(Clone)]
pub struct Threads(SyncSender<Work>);

impl Threads {
    /// Starts them.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start(count: usize, queue: usize) -> std::io::Result<Self> {
        let (send, receive) = sync_channel::<Work>(queue);
        let receive = Arc::new(Mutex::new(receive));
        for number in 0..count {
            let receive = Arc::clone(&receive);
            std::thread::Builder::new().name(format!("hashing-{number}")).spawn(move || work(&receive))?;
        }
        Ok(Self(send))
    }

    /// Runs something on one of them, in its turn. If the caller has left by then, it is not run. The request that waits
    /// for it gives its own turn to others: the queue here is bounded by itself.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> AppResult<T> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move || {
            if !answer.is_closed() {
                // Nobody is left to tell when the caller leaves just now.
                let _told = answer.send(work());
            }
        });
        self.0.try_send(work).map_err(|_full| AppError::RateLimited { retry_after: RETRY_AFTER })?;
        turns::waiting(answered).await.map_err(|_gone| AppError::internal("a password could not be hashed"))
    }
}

fn work(queue: &Mutex<Receiver<Work>>) {
    lower_priority();
    loop {
        let next = {
            let waiting = queue.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.recv()
        };
        let Ok(work) = next else { return };
        // The thread outlives what it ran; the caller sees that no answer comes.
        let _ended = catch_unwind(AssertUnwindSafe(work));
    }
}

/// On Linux a thread has a priority of its own; elsewhere it would be the whole process's.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::warn!(%error, "passwords are hashed at the usual priority");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn no_more_run_at_once_than_there_are_threads_and_the_queue_is_bounded() {
        let threads = Threads::start(2, 4).unwrap();
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let runs = (0..50).map(|_| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            threads.run(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(20));
                running.fetch_sub(1, Ordering::SeqCst);
            })
        });
        let ended = futures::future::join_all(runs).await;
        let sent_away =
            ended.iter().filter(|run| matches!(run, Err(AppError::RateLimited { retry_after: RETRY_AFTER }))).count();
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert!((40..=46).contains(&sent_away), "{sent_away} were sent away");
        assert_eq!(ended.iter().filter(|run| run.is_ok()).count(), 50 - sent_away);
    }

    #[tokio::test]
    async fn whoever_waits_for_them_holds_no_turn() {
        let threads = Threads::start(1, 8).unwrap();
        let requests = Arc::new(tokio::sync::Semaphore::new(1));
        let turn = Arc::clone(&requests).acquire_owned().await.unwrap();
        let (release, released) = std::sync::mpsc::channel();
        let signs_in = turns::working(Arc::clone(&requests), turn, threads.run(move || released.recv().is_ok()));
        let asks = async {
            let _turn = requests.acquire().await.unwrap();
            release.send(()).unwrap();
        };
        let both = tokio::time::timeout(std::time::Duration::from_secs(10), async { tokio::join!(signs_in, asks) });
        assert!(both.await.expect("one request at a time, and both are answered").0.unwrap());
    }

    #[tokio::test]
    async fn a_thread_survives_what_it_runs() {
        let threads = Threads::start(1, 4).unwrap();
        assert!(matches!(threads.run(|| panic!("on purpose")).await, Err::<(), _>(AppError::Internal(_))));
        assert_eq!(threads.run(|| 7).await.unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn they_have_a_low_priority_and_nobody_else_has() {
        let threads = Threads::start(1, 1).unwrap();
        // Adding nothing tells the present priority.
        assert_eq!(threads.run(|| rustix::process::nice(0)).await.unwrap(), Ok(NICE));
        assert_ne!(rustix::process::nice(0), Ok(NICE));
    }
}
