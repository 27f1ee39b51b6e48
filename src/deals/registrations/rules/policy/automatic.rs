//! Figures of automatic approval.

use serde::{Deserialize, Serialize};

/// Figures of automatic approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AutomaticPolicy {
    /// Whether registrations are approved automatically at all.
    pub enabled: bool,
    /// From how many points of evidence on.
    pub least_evidence: i32,
}

impl Default for AutomaticPolicy {
    fn default() -> Self {
        Self { enabled: true, least_evidence: 80 }
    }
}
