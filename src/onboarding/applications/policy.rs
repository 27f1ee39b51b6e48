//! The policy of applications: figures that ops change at run time, with the shipped default of `domain.md §2`.

use serde::{Deserialize, Serialize};

use crate::platform::policies::Policy;

/// The policy of applications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ApplicationPolicy {
    /// Within how many business days an application is decided, or the applicant asked for more.
    pub review_business_days: u32,
    /// The ideal partner profile.
    pub profile: ProfilePolicy,
}

/// The figures of the ideal partner profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ProfilePolicy {
    /// From here on the profile recommends approval, out of 100.
    pub approve_from: i32,
    /// Below this it recommends rejection, out of 100.
    pub reject_below: i32,
    /// A description of so many characters says something.
    pub described: usize,
    /// A description of so many characters says a good deal.
    pub well_described: usize,
}

impl Default for ApplicationPolicy {
    fn default() -> Self {
        Self { review_business_days: 3, profile: ProfilePolicy::default() }
    }
}

impl Default for ProfilePolicy {
    fn default() -> Self {
        Self { approve_from: 60, reject_below: 30, described: 40, well_described: 200 }
    }
}

impl Policy for ApplicationPolicy {
    const KIND: &'static str = "onboarding.applications";
}
