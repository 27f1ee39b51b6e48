//! What a party can ask for: that a decision is looked at, and, once, that it is looked at again.

use entity::value::{DealConflictResult, DealRegistrationState, Timestamp};
use serde::{Deserialize, Serialize};

use crate::kernel::{code::Code, decision::Decision};

/// What the decision about a dispute looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisputeFacts {
    /// The instant.
    pub now: Timestamp,
    /// Where the registration is.
    pub state: DealRegistrationState,
    /// Whether its partner has disputed the decision before.
    pub disputed_before: bool,
}

/// Whether a case is opened about a decision.
#[must_use]
pub fn dispute(version: i32, facts: &DisputeFacts) -> Decision {
    Decision::begin("registration.dispute", version, facts).step(
        "not_disputed_before",
        !facts.disputed_before,
        Code::AlreadyDisputed,
        "Each decision is disputed once.",
    )
}

/// What the decision about an appeal looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppealFacts {
    /// The instant.
    pub now: Timestamp,
    /// What was decided, as it concerns this party; none while nothing is.
    pub result: Option<DealConflictResult>,
    /// Whether the case was appealed before.
    pub appealed_before: bool,
    /// Until when it can be.
    pub appealable_until: Option<Timestamp>,
}

/// Whether a case is opened once more.
#[must_use]
pub fn appeal(version: i32, facts: &AppealFacts) -> Decision {
    let against = facts.result.is_some_and(|result| result != DealConflictResult::Granted);
    let in_time = facts.appealable_until.is_some_and(|until| facts.now < until);
    Decision::begin("conflict.appeal", version, facts)
        .step("decided_against_you", against, Code::NotAppealable, "What was decided did not give you the place alone.")
        .step("not_appealed_before", !facts.appealed_before, Code::NotAppealable, "A case is appealed once.")
        .step(
            "in_time",
            in_time,
            Code::NotAppealable,
            facts.appealable_until.map_or_else(
                || "There is nothing to appeal.".to_owned(),
                |until| format!("A decision is appealed in time; this one until {until}."),
            ),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_appeal_in_time_by_who_did_not_get_the_place() {
        let at = Timestamp::from_micros;
        let facts = AppealFacts {
            now: at(9),
            result: Some(DealConflictResult::NotGranted),
            appealed_before: false,
            appealable_until: Some(at(10)),
        };
        let shared = Some(DealConflictResult::Shared);
        for (facts, granted) in [
            (facts.clone(), true),
            (AppealFacts { result: shared, ..facts.clone() }, true),
            (AppealFacts { result: Some(DealConflictResult::Granted), ..facts.clone() }, false),
            (AppealFacts { result: None, ..facts.clone() }, false),
            (AppealFacts { appealed_before: true, ..facts.clone() }, false),
            (AppealFacts { now: at(10), ..facts.clone() }, false),
            (AppealFacts { appealable_until: None, ..facts.clone() }, false),
        ] {
            assert_eq!(appeal(1, &facts).is_granted(), granted, "{facts:?}");
        }
    }
}
