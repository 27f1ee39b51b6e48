//! The only place that asks the system for the time.

use std::sync::atomic::{AtomicI64, Ordering};

use entity::value::Timestamp;

/// Where instants come from: one for the whole process, to the microsecond.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn now(&self) -> Timestamp {
        Timestamp::from(chrono::Utc::now())
    }
}

/// A clock that stands still until it is moved by hand: for tests, replays and worlds made up in advance.
#[derive(Debug)]
pub struct HandMovedClock(AtomicI64);

impl HandMovedClock {
    /// A clock standing at an instant.
    #[must_use]
    pub const fn at(instant: Timestamp) -> Self {
        Self(AtomicI64::new(instant.micros()))
    }

    /// Moves the clock to an instant, backwards too.
    pub fn set(&self, instant: Timestamp) {
        self.0.store(instant.micros(), Ordering::SeqCst);
    }

    /// Moves the clock by a span of time.
    pub fn advance(&self, span: chrono::TimeDelta) {
        self.0.fetch_add(span.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }
}

impl Clock for HandMovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
