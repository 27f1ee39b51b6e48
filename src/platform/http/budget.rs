//! What a caller may ask for in a minute. Each replica reckons for itself: a limit against carelessness and floods,
//! not an account.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entity::value::Timestamp;
use moka::sync::Cache;
use serde::Serialize;

use crate::platform::{auth::Caller, origin::Origin};

/// How many callers are remembered; one that is forgotten begins with a whole budget.
const CALLERS: u64 = 50_000;

/// A caller that asks for nothing is forgotten after so long: its budget is whole again by then.
const FORGOTTEN: Duration = Duration::from_mins(2);

const MINUTE_MICROS: u128 = 60_000_000;

/// How much one caller may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The most that one operation may cost.
    pub operation: u64,
    /// The most that all operations of a minute may cost.
    pub minute: u64,
}

/// What callers of each kind may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowances {
    /// Each signed-in person.
    pub people: Allowance,
    /// Each API client.
    pub clients: Allowance,
    /// Strangers, all of one address together.
    pub strangers: Allowance,
}

impl Default for Allowances {
    fn default() -> Self {
        let people = Allowance { operation: 100_000, minute: 10_000_000 };
        Self { people, clients: people, strangers: Allowance { minute: 1_000_000, ..people } }
    }
}

impl Allowances {
    /// What a caller may ask for.
    #[must_use]
    pub const fn of(&self, caller: &Caller) -> Allowance {
        match caller {
            Caller::Anonymous => self.strangers,
            Caller::Client(_) => self.clients,
            Caller::User(_) | Caller::System => self.people,
        }
    }

    /// The most that an operation of anybody may cost: one above it is refused before it is asked who calls.
    #[must_use]
    pub fn largest_operation(&self) -> u64 {
        self.people.operation.max(self.clients.operation).max(self.strangers.operation)
    }
}

/// What an operation cost, for the caller to read in `extensions.cost`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// What this operation cost.
    pub requested: u64,
    /// What one operation may cost at most.
    pub limit: u64,
    /// What is left to the caller of this minute.
    pub remaining: u64,
    /// What a minute has in all.
    pub per_minute: u64,
}

struct Bucket {
    left: u64,
    at: Timestamp,
}

/// The budgets of the callers of one process.
#[derive(Clone)]
pub struct Budgets {
    buckets: Cache<String, Arc<Mutex<Bucket>>>,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { buckets: Cache::builder().max_capacity(CALLERS).time_to_idle(FORGOTTEN).build() }
    }
}

impl Budgets {
    /// Takes what an operation costs from the budget of a caller; returns what is left.
    ///
    /// # Errors
    /// After how many seconds there is enough.
    pub fn take(&self, key: &str, cost: u64, minute: u64, now: Timestamp) -> Result<u64, u64> {
        let bucket = self.buckets.get(key).unwrap_or_else(|| {
            self.buckets.get_with(key.to_owned(), || Arc::new(Mutex::new(Bucket { left: minute, at: now })))
        });
        let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that went back gives nothing, and takes nothing away.
        let passed = u128::try_from(now.micros().saturating_sub(bucket.at.micros())).unwrap_or(0);
        let gained = u64::try_from(u128::from(minute).saturating_mul(passed) / MINUTE_MICROS).unwrap_or(u64::MAX);
        if gained > 0 || now < bucket.at {
            bucket.left = bucket.left.saturating_add(gained).min(minute);
            bucket.at = now;
        }
        match bucket.left.checked_sub(cost) {
            Some(left) => {
                bucket.left = left;
                Ok(left)
            }
            None => {
                let missing = u128::from(cost.saturating_sub(bucket.left)).saturating_mul(60);
                let seconds = missing.div_ceil(u128::from(minute.max(1)));
                Err(u64::try_from(seconds).unwrap_or(u64::MAX).clamp(1, 60))
            }
        }
    }
}

/// Under which name a caller's budget is kept: strangers by their address, of IPv6 the half that a network has.
#[must_use]
pub fn key_of(caller: &Caller, origin: &Origin) -> String {
    match (caller, origin.address) {
        (Caller::Anonymous, Some(IpAddr::V6(address))) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        (Caller::Anonymous, Some(address)) => address.to_string(),
        _ => caller.key(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000 + seconds * 1_000_000)
    }

    #[test]
    fn a_budget_is_used_up_and_comes_back_with_time() {
        let budgets = Budgets::default();
        assert_eq!(budgets.take("a", 400, 600, at(0)), Ok(200));
        assert_eq!(budgets.take("a", 400, 600, at(0)), Err(20), "200 more at 10 a second");
        assert_eq!(budgets.take("b", 600, 600, at(0)), Ok(0), "everybody has their own");
        assert_eq!(budgets.take("a", 400, 600, at(20)), Ok(0));
        assert_eq!(budgets.take("a", 0, 600, at(3_600)), Ok(600), "never more than a minute's");
    }

    #[test]
    fn a_clock_that_jumps_neither_gives_nor_takes() {
        let budgets = Budgets::default();
        assert_eq!(budgets.take("a", 600, 600, at(3_600)), Ok(0));
        assert_eq!(budgets.take("a", 1, 600, at(0)), Err(1));
        assert_eq!(budgets.take("a", 10, 600, at(1)), Ok(0));
        assert_eq!(budgets.take("a", u64::MAX, u64::MAX, at(2)), Err(60));
    }

    #[test]
    fn strangers_share_the_budget_of_their_network() {
        let key = |address: &str| {
            let origin = Origin { address: Some(address.parse().unwrap()), ..Origin::default() };
            key_of(&Caller::Anonymous, &origin)
        };
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("198.51.100.1"), key("198.51.100.2"));
        assert_eq!(key_of(&Caller::System, &Origin::default()), "system");
    }
}
