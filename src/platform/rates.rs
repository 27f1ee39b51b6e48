//! How often somebody may ask, kept in the memory of this replica: so much at once as in a minute, and after that as
//! it comes back. Several replicas each allow it; a limit that must hold over all of them is kept in the database.

use std::{num::NonZeroU32, sync::Arc};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use moka::sync::Cache;
use uuid::Uuid;

use super::error::{AppError, AppResult};

/// How many askers are remembered; one that is forgotten begins anew.
const REMEMBERED: u64 = 20_000;

type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, StateInformationMiddleware>;

/// Counts what somebody asks. Time is the machine's own, which never jumps, and not the clock of the rules.
pub struct Rates<C: Clock = DefaultClock> {
    clock: C,
    limiters: Cache<Uuid, (NonZeroU32, Arc<Limiter<C>>)>,
}

impl Default for Rates {
    fn default() -> Self {
        Self::with_clock(DefaultClock::default())
    }
}

impl<C: Clock + Clone + Send + Sync + 'static> Rates<C>
where
    C::Instant: Send + Sync,
{
    /// By another clock.
    #[must_use]
    pub fn with_clock(clock: C) -> Self {
        Self { clock, limiters: Cache::new(REMEMBERED) }
    }

    /// Counts one request of somebody who may make so many in a minute. Returns how many may follow at once.
    ///
    /// # Errors
    /// `RateLimited`, with the seconds to wait.
    pub fn take(&self, who: Uuid, per_minute: i64) -> AppResult<u32> {
        let per_minute = u32::try_from(per_minute).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        match self.limiter(who, per_minute).check() {
            Ok(left) => Ok(left.remaining_burst_capacity()),
            Err(not_yet) => {
                let wait = not_yet.wait_time_from(self.clock.now());
                // Whole seconds are told, never too few of them.
                let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
                Err(AppError::RateLimited { retry_after: seconds.max(1) })
            }
        }
    }

    fn limiter(&self, who: Uuid, per_minute: NonZeroU32) -> Arc<Limiter<C>> {
        let make = || {
            let limiter = RateLimiter::direct_with_clock(Quota::per_minute(per_minute), self.clock.clone());
            (per_minute, Arc::new(limiter.with_middleware::<StateInformationMiddleware>()))
        };
        let (made_for, limiter) = self.limiters.get_with(who, make);
        if made_for == per_minute {
            return limiter;
        }
        let (made_for, limiter) = make();
        self.limiters.insert(who, (made_for, Arc::clone(&limiter)));
        limiter
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn wait(taken: AppResult<u32>) -> Option<u64> {
        match taken {
            Err(AppError::RateLimited { retry_after }) => Some(retry_after),
            _ => None,
        }
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_as_it_comes_back() {
        let clock = FakeRelativeClock::default();
        let rates = Rates::with_clock(clock.clone());
        let who = Uuid::from_u128(1);
        for left in (0..6).rev() {
            assert_eq!(rates.take(who, 6).ok(), Some(left));
        }
        assert_eq!(wait(rates.take(who, 6)), Some(10));
        assert!(rates.take(Uuid::from_u128(2), 6).is_ok(), "somebody else");
        clock.advance(Duration::from_millis(9_500));
        assert_eq!(wait(rates.take(who, 6)), Some(1));
        clock.advance(Duration::from_millis(500));
        assert_eq!(rates.take(who, 6).ok(), Some(0));
    }

    #[test]
    fn another_limit_holds_from_the_next_request_on() {
        let rates = Rates::with_clock(FakeRelativeClock::default());
        let who = Uuid::from_u128(1);
        assert!(rates.take(who, 1).is_ok());
        assert!(wait(rates.take(who, 1)).is_some());
        assert_eq!(rates.take(who, 100).ok(), Some(99));
    }
}
