//! The only place that asks for chance: ids and secrets.

use std::sync::{Mutex, PoisonError};

use entity::value::{Timestamp, TypedId};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::{Builder, Uuid};

/// Where ids and secrets come from.
pub trait IdSource: Send + Sync + 'static {
    /// Fills `bytes` with chance.
    fn fill(&self, bytes: &mut [u8]);
}

/// Chance from the operating system's seed.
#[derive(Debug, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Chance that can be foreseen: for tests, and for worlds made up in advance.
#[derive(Debug)]
pub struct SeededIds(Mutex<StdRng>);

impl SeededIds {
    /// The same seed gives the same ids in the same order.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl IdSource for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

/// The least id that is created at an instant: what is smaller was created before.
#[must_use]
pub fn first_of(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.micros()).unwrap_or(0) / 1000;
    // Ids keep 48 bits of milliseconds: that ends in the year 10889.
    if millis >> 48 > 0 {
        return Uuid::max();
    }
    Uuid::from_u128(u128::from(millis) << 80)
}

impl dyn IdSource {
    /// A new id, ordered by the instant of its creation (UUID version 7; the sub-millisecond part of the instant
    /// is kept in the first random bits, so ids of one millisecond keep their order too).
    pub fn new_id<I: TypedId>(&self, now: Timestamp) -> I {
        let mut chance = [0u8; 10];
        self.fill(&mut chance);
        let micros = u64::try_from(now.micros()).unwrap_or(0);
        let fraction = u16::try_from((micros % 1000) * 4096 / 1000).unwrap_or(0).to_be_bytes();
        chance[0] = fraction[0];
        chance[1] = fraction[1];
        I::from_uuid(Builder::from_unix_timestamp_millis(micros / 1000, &chance).into_uuid())
    }

    /// A secret of 256 bits, as text that needs no escaping in a link.
    pub fn new_secret(&self) -> String {
        use base64::Engine as _;
        let mut bytes = [0u8; 32];
        self.fill(&mut bytes);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A random UUID for what is not ordered: request ids.
    pub fn new_uuid(&self) -> Uuid {
        let mut bytes = [0u8; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }
}
