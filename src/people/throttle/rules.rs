//! How many guesses are let through, and how long the next one waits.

use chrono::TimeDelta;
use entity::value::Timestamp;

use super::model::{Bucket, Guess};

/// How long an account waits after its first guesses are used up: a minute, then twice as long each time.
const FIRST_DELAY: TimeDelta = TimeDelta::minutes(1);
/// An account never waits longer, whoever guesses: nobody is locked out for good.
pub const LONGEST_DELAY: TimeDelta = TimeDelta::minutes(15);
/// Guesses are forgotten when none was made for so long.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);
/// An address from which an account was signed in to is its own for so long.
pub const PLACE_KNOWN_FOR: TimeDelta = TimeDelta::days(90);

/// One attempt from an address every 20 seconds, three a minute, after a burst.
const ADDRESS_EVERY: TimeDelta = TimeDelta::seconds(20);
const ADDRESS_BURST: i32 = 20;

/// Applications from an address: one a minute, after a burst. An office of many applies too.
const APPLICATION_EVERY: TimeDelta = TimeDelta::minutes(1);
const APPLICATION_BURST: i32 = 60;

/// Wrong guesses of everybody together are forgotten at this pace, and remembered for so long at most.
const TOTAL_EVERY: TimeDelta = TimeDelta::seconds(3);
const TOTAL_MOST: TimeDelta = TimeDelta::minutes(15);
/// So many remembered at once are an attack on all accounts: 100 wrong guesses.
const TOTAL_ATTACK: TimeDelta = TimeDelta::minutes(5);

/// How attempts are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many at once, then a delay that doubles with each further one.
    Growing {
        /// How many at once.
        free: i64,
    },
    /// So many at once, then one in a while.
    Steady {
        /// How many at once.
        burst: i32,
        /// How far apart the others are.
        every: TimeDelta,
    },
}

/// The limit of one account. When many guess at many accounts, delays begin earlier.
#[must_use]
pub const fn of_account(guess: Guess, under_attack: bool) -> Limit {
    let free = match guess {
        Guess::SignIn if under_attack => 3,
        Guess::ResetRequest => 5,
        _ => 10,
    };
    Limit::Growing { free }
}

/// The limit of one address, over everything that can be guessed.
#[must_use]
pub const fn of_address(under_attack: bool) -> Limit {
    Limit::Steady { burst: if under_attack { 5 } else { ADDRESS_BURST }, every: ADDRESS_EVERY }
}

/// The limit of applications from one address.
#[must_use]
pub const fn of_applications() -> Limit {
    Limit::Steady { burst: APPLICATION_BURST, every: APPLICATION_EVERY }
}

/// Counts an attempt, or says how long the next one has to wait.
///
/// # Errors
/// The time to wait.
pub fn take(limit: Limit, bucket: Bucket, now: Timestamp) -> Result<Bucket, TimeDelta> {
    match limit {
        Limit::Growing { free } => {
            let wait = bucket.free_at.since(now);
            // Longer than the longest: the clock was set back, and the wait means nothing.
            if wait > TimeDelta::zero() && wait <= LONGEST_DELAY {
                return Err(wait);
            }
            let forgotten = now.since(bucket.latest_at) >= FORGOTTEN_AFTER;
            let attempts = if forgotten { 1 } else { bucket.attempts.saturating_add(1) };
            Ok(Bucket { attempts, latest_at: now, free_at: now.plus(delay(attempts.saturating_sub(free))) })
        }
        Limit::Steady { burst, every } => {
            let most = every * burst;
            // Under attack the limit is lower, and what was counted before is remembered all the same.
            let longest = most.max(ADDRESS_EVERY * ADDRESS_BURST);
            let free_at = remembered(bucket, now, longest).plus(every);
            let over = free_at.since(now) - most;
            if over > TimeDelta::zero() {
                return Err(over);
            }
            Ok(Bucket { attempts: bucket.attempts.saturating_add(1), latest_at: now, free_at })
        }
    }
}

/// Takes an attempt of an account back: it was not checked. Nobody waits for it.
#[must_use]
pub fn take_back(bucket: Bucket, now: Timestamp) -> Bucket {
    Bucket { attempts: bucket.attempts.saturating_sub(1).max(0), free_at: now, ..bucket }
}

/// Takes an attempt of an address back: it was no wrong guess.
#[must_use]
pub fn give_back(bucket: Bucket) -> Bucket {
    let micros = ADDRESS_EVERY.num_microseconds().unwrap_or(0);
    let free_at = Timestamp::from_micros(bucket.free_at.micros().saturating_sub(micros));
    Bucket { attempts: bucket.attempts.saturating_sub(1), free_at, ..bucket }
}

/// Counts a wrong guess of anybody.
#[must_use]
pub fn count_in_total(bucket: Bucket, now: Timestamp) -> Bucket {
    let free_at = remembered(bucket, now, TOTAL_MOST).plus(TOTAL_EVERY).min(now.plus(TOTAL_MOST));
    Bucket { attempts: bucket.attempts.saturating_add(1), latest_at: now, free_at }
}

/// Whether so many guess wrongly that it must be an attack on all accounts.
#[must_use]
pub fn is_attack(total: Bucket, now: Timestamp) -> bool {
    let level = total.free_at.since(now);
    level >= TOTAL_ATTACK && level <= TOTAL_MOST
}

/// How long a bucket says anything.
#[must_use]
pub fn kept_until(limit: Limit, bucket: Bucket) -> Timestamp {
    match limit {
        Limit::Growing { .. } => bucket.latest_at.plus(FORGOTTEN_AFTER),
        Limit::Steady { .. } => bucket.free_at,
    }
}

/// Until when attempts are remembered: now when none are. Further away than can be means that the clock was set back,
/// and that what was counted means nothing.
fn remembered(bucket: Bucket, now: Timestamp, longest: TimeDelta) -> Timestamp {
    if bucket.free_at.since(now) > longest { now } else { bucket.free_at.max(now) }
}

/// The delay behind an attempt that is so many over the free ones; none while it is below.
fn delay(over: i64) -> TimeDelta {
    match u32::try_from(over) {
        Err(_) => TimeDelta::zero(),
        Ok(over) => FIRST_DELAY
            .checked_mul(1_i32.checked_shl(over.min(8)).unwrap_or(1))
            .unwrap_or(LONGEST_DELAY)
            .min(LONGEST_DELAY),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    #[test]
    fn an_account_has_ten_guesses_and_then_waits_longer_each_time_up_to_a_quarter_of_an_hour() {
        let limit = of_account(Guess::SignIn, false);
        let (mut bucket, mut now) = (Bucket::empty(START), START);
        for _ in 0..10 {
            bucket = take(limit, bucket, now).unwrap();
        }
        let mut waits = Vec::new();
        for _ in 0..7 {
            let wait = take(limit, bucket, now).unwrap_err();
            waits.push(wait.num_minutes());
            now = now.plus(wait);
            bucket = take(limit, bucket, now).unwrap();
        }
        assert_eq!(waits, [1, 2, 4, 8, 15, 15, 15]);
        now = now.plus(FORGOTTEN_AFTER);
        assert_eq!(take(limit, bucket, now).unwrap().attempts, 1);
    }

    #[test]
    fn an_address_has_twenty_and_then_three_a_minute() {
        let limit = of_address(false);
        let mut bucket = Bucket::empty(START);
        for _ in 0..20 {
            bucket = take(limit, bucket, START).unwrap();
        }
        assert_eq!(take(limit, bucket, START), Err(TimeDelta::seconds(20)));
        let later = START.plus(TimeDelta::minutes(1));
        let let_through = (0..10).filter(|_| take(limit, bucket, later).map(|next| bucket = next).is_ok()).count();
        assert_eq!(let_through, 3);
        assert!(take(limit, give_back(bucket), later).is_ok());
    }

    #[test]
    fn an_address_applies_sixty_times_and_then_once_a_minute() {
        let limit = of_applications();
        let mut bucket = Bucket::empty(START);
        for _ in 0..60 {
            bucket = take(limit, bucket, START).unwrap();
        }
        assert_eq!(take(limit, bucket, START), Err(TimeDelta::minutes(1)));
        bucket = take(limit, bucket, START.plus(TimeDelta::minutes(1))).unwrap();
        assert!(take(limit, bucket, START.plus(TimeDelta::minutes(1))).is_err());
        assert!(take(limit, bucket, START.plus(TimeDelta::minutes(2))).is_ok());
    }

    #[test]
    fn a_hundred_wrong_guesses_anywhere_are_an_attack_for_a_while() {
        let mut total = Bucket::empty(START);
        for _ in 0..99 {
            total = count_in_total(total, START);
        }
        assert!(!is_attack(total, START));
        for _ in 0..10_000 {
            total = count_in_total(total, START);
        }
        assert!(is_attack(total, START));
        assert!(is_attack(total, START.plus(TimeDelta::minutes(9))));
        assert!(!is_attack(total, START.plus(TimeDelta::minutes(11))));
        assert!(matches!(of_account(Guess::SignIn, true), Limit::Growing { free: 3 }));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        for limit in [of_account(Guess::SignIn, false), of_address(false)] {
            let mut bucket = Bucket::empty(START);
            while let Ok(next) = take(limit, bucket, START) {
                bucket = next;
            }
            let earlier = START.plus(TimeDelta::hours(-1));
            let waited = earlier.plus(LONGEST_DELAY);
            assert!(take(limit, bucket, earlier).is_ok() || take(limit, bucket, waited).is_ok(), "{limit:?}");
        }
    }

    proptest! {
        /// However attempts are spread in time, no quarter of an hour sees more of them than the limit says.
        #[test]
        fn no_window_sees_more_than_the_limit(gaps in proptest::collection::vec(0_i64..120_000_000, 1..400)) {
            let quarter = TimeDelta::minutes(15);
            for (limit, most) in [(of_account(Guess::SignIn, false), 10 + 4), (of_address(false), 20 + 45)] {
                let (mut bucket, mut now, mut passed) = (Bucket::empty(START), START, Vec::new());
                for gap in &gaps {
                    now = Timestamp::from_micros(now.micros() + gap);
                    match take(limit, bucket, now) {
                        Ok(next) => { bucket = next; passed.push(now); }
                        Err(wait) => prop_assert!(wait > TimeDelta::zero() && wait <= LONGEST_DELAY),
                    }
                }
                for first in &passed {
                    let within = passed.iter().filter(|at| *at >= first && at.since(*first) < quarter).count();
                    prop_assert!(within <= most, "{within} in a quarter of an hour under {limit:?}");
                }
            }
        }
    }
}
