//! The turns of requests that are worked on, of which there are so many at a time.
//!
//! A request that waits for something that is bounded by itself, and is worked on elsewhere meanwhile, gives its turn
//! back for so long: a flood of sign-ins waits for the hashing of passwords, and everybody else is answered.

use std::{cell::RefCell, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The turn of a request, and where it came from.
struct Held {
    turns: Arc<Semaphore>,
    turn: RefCell<Option<OwnedSemaphorePermit>>,
}

tokio::task_local! {
    static HELD: Held;
}

/// Works on a request as long as its turn is held.
pub async fn working<F: Future>(turns: Arc<Semaphore>, turn: OwnedSemaphorePermit, work: F) -> F::Output {
    HELD.scope(Held { turns, turn: RefCell::new(Some(turn)) }, work).await
}

/// Waits without holding the turn of the request that this task works on, and takes a turn again afterwards. Who works
/// on no request, such as a job, has none to give back.
pub async fn waiting<F: Future>(work: F) -> F::Output {
    let given_back = HELD.try_with(|held| held.turn.take().map(|_turn| Arc::clone(&held.turns)));
    let done = work.await;
    if let Ok(Some(turns)) = given_back
        && let Ok(turn) = turns.acquire_owned().await
    {
        // The same task: what was held before is there still.
        let _kept = HELD.try_with(|held| held.turn.replace(Some(turn)));
    }
    done
}

/// Gives the turn of the request that this task works on back for good: from then on another turn bounds it.
pub fn give_back() {
    // Who works on no request has none.
    let _given = HELD.try_with(|held| held.turn.take());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_gives_its_turn_back_for_so_long() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = Arc::clone(&turns).acquire_owned().await.unwrap();
        let free = || turns.available_permits();
        let seen = working(Arc::clone(&turns), turn, async {
            let before = free();
            let during = waiting(async { free() }).await;
            (before, during, free())
        });
        assert_eq!(seen.await, (0, 1, 0));
        assert_eq!(free(), 1);
    }

    #[tokio::test]
    async fn afterwards_it_is_its_turn_when_somebody_has_done() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = Arc::clone(&turns).acquire_owned().await.unwrap();
        let mut other = None;
        let work = working(Arc::clone(&turns), turn, waiting(async { other = turns.try_acquire().ok() }));
        assert!(
            tokio::time::timeout(std::time::Duration::from_millis(20), work).await.is_err(),
            "somebody works still"
        );
        drop(other);
        assert_eq!(turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn who_works_on_no_request_has_no_turn() {
        give_back();
        assert_eq!(waiting(async { 7 }).await, 7);
    }

    #[tokio::test]
    async fn what_is_given_back_for_good_is_not_taken_again() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = Arc::clone(&turns).acquire_owned().await.unwrap();
        let work = working(Arc::clone(&turns), turn, async {
            give_back();
            waiting(async {}).await;
            turns.available_permits()
        });
        assert_eq!(work.await, 1);
    }
}
