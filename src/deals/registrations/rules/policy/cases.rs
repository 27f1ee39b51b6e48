//! Figures of conflict cases: by when they are decided and appealed.

use entity::value::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kernel::calendar::{VENDOR_TIME_ZONE, business_days_later};

/// Figures of conflict cases. What stood before is upheld when the vendor misses its own deadline twice: that is no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CasePolicy {
    /// Within how many business days a case is decided.
    pub decide_business_days: u32,
    /// Within how many business days a decision is appealed.
    pub appeal_business_days: u32,
}

impl Default for CasePolicy {
    fn default() -> Self {
        Self { decide_business_days: 3, appeal_business_days: 10 }
    }
}

impl CasePolicy {
    /// By when something is decided from an instant on; at least a business day later, whatever a document says.
    #[must_use]
    pub fn due(&self, from: Timestamp) -> Timestamp {
        business_days_later(from, self.decide_business_days.max(1), VENDOR_TIME_ZONE)
    }

    /// Until when a decision can be appealed.
    #[must_use]
    pub fn appealable_until(&self, decided_at: Timestamp) -> Timestamp {
        business_days_later(decided_at, self.appeal_business_days, VENDOR_TIME_ZONE)
    }
}
