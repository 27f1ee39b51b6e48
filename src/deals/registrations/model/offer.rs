//! Offers of places that somebody waits for.

use entity::value::{OfferAnswer, Timestamp};

/// An offer of a place to somebody who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// What became of it; none while it is planned, open, or over and not written down yet.
    pub answer: Option<OfferAnswer>,
    /// When.
    pub answered_at: Option<Timestamp>,
}

impl Offer {
    /// Whether it can be answered at an instant.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.answer.is_none() && self.starts_at <= now && now < self.expires_at
    }

    /// What became of it, as of an instant; none while it is planned or open.
    #[must_use]
    pub fn answer_at(&self, now: Timestamp) -> Option<OfferAnswer> {
        self.answer.or((self.expires_at <= now).then_some(OfferAnswer::Lapsed))
    }

    /// When it was let pass.
    #[must_use]
    pub fn passed_at(&self, now: Timestamp) -> Option<Timestamp> {
        let passed = matches!(self.answer_at(now), Some(OfferAnswer::Declined | OfferAnswer::Lapsed));
        passed.then(|| self.answered_at.unwrap_or(self.expires_at))
    }
}
