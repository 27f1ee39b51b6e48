//! How many connections or uploads there are of whom, on this replica; and the end of connections when the server
//! stops.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// The places of one kind in one process.
#[derive(Clone, Debug)]
pub struct Seats(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    taken: Mutex<HashMap<String, usize>>,
    closing: watch::Sender<bool>,
    /// The number for operators that says how many are taken, where there is one.
    gauge: Option<&'static str>,
}

impl Default for Seats {
    fn default() -> Self {
        Self::with(None)
    }
}

/// One place; given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    whose: String,
}

impl Seats {
    /// None taken yet. How many are, operators see under this name.
    #[must_use]
    pub fn shown_as(gauge: &'static str) -> Self {
        Self::with(Some(gauge))
    }

    fn with(gauge: Option<&'static str>) -> Self {
        let (closing, _) = watch::channel(false);
        Self(Arc::new(Inner { taken: Mutex::default(), closing, gauge }))
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, if there are fewer than `most` of the same name.
    #[must_use]
    pub fn take(&self, whose: String, most: usize) -> Option<Seat> {
        let mut taken = self.taken();
        let count = taken.entry(whose.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count = count.saturating_add(1);
        if let Some(gauge) = self.0.gauge {
            metrics::gauge!(gauge).increment(1);
        }
        Some(Seat { seats: self.clone(), whose })
    }

    /// How many are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().values().sum()
    }

    /// Ends all connections, and lets no new one begin.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Whether connections are being ended.
    #[must_use]
    pub fn are_closing(&self) -> bool {
        *self.0.closing.borrow()
    }

    /// Waits until connections are to end.
    pub async fn closing(&self) {
        let mut closing = self.0.closing.subscribe();
        // The sender lives as long as this does.
        let _closing = closing.wait_for(|closing| *closing).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(count) = taken.get_mut(&self.whose) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.whose);
            }
        }
        if let Some(gauge) = self.seats.0.gauge {
            metrics::gauge!(gauge).decrement(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_name_and_given_back() {
        let seats = Seats::default();
        let first = seats.take("a".into(), 2).unwrap();
        let second = seats.take("a".into(), 2).unwrap();
        assert!(seats.take("a".into(), 2).is_none() && seats.take("b".into(), 2).is_some());
        drop(first);
        assert!(seats.take("a".into(), 2).is_some());
        drop(second);
        assert_eq!(seats.count(), 0);
    }
}
