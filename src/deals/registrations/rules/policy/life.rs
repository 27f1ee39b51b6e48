//! Figures of a registration's life: holds, extensions, inactivity, credit.

use entity::value::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kernel::calendar::{VENDOR_TIME_ZONE, business_days_later};

/// Figures of a registration's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LifePolicy {
    /// For how many business days a registration without sufficient evidence is held.
    pub hold_business_days: u32,
    /// How many such holds a partner has open at once, at most.
    pub most_open_holds: i64,
    /// How often a protection is extended, at most.
    pub most_extensions: i32,
    /// By how many days.
    pub extension_days: i64,
    /// How many days a protection lasts in all, at most.
    pub most_protection_days: i64,
    /// After how many days without an update a partner is warned.
    pub warning_days: i64,
    /// After how many days without an update a protection may be revoked.
    pub revocable_days: i64,
    /// What the direct rep is credited with of a deal that a partner won, in basis points, where nothing else is said.
    pub direct_rep_credit_bp: i32,
}

impl Default for LifePolicy {
    fn default() -> Self {
        Self {
            hold_business_days: 5,
            most_open_holds: 3,
            most_extensions: 2,
            extension_days: 45,
            most_protection_days: 360,
            warning_days: 30,
            revocable_days: 60,
            direct_rep_credit_bp: 10_000,
        }
    }
}

impl LifePolicy {
    /// Until when a hold lasts that begins now; at least a business day, whatever a document says.
    #[must_use]
    pub fn hold_end(&self, now: Timestamp) -> Timestamp {
        business_days_later(now, self.hold_business_days.max(1), VENDOR_TIME_ZONE)
    }
}
