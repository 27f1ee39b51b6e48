//! How long a claim lives: provisional holds, extensions, and when silence costs a protection (`domain.md §4`). Pure, each
//! decision with its receipt.

use entity::value::{DealRegistrationOutcome as Outcome, Timestamp};
use serde::{Deserialize, Serialize};

use super::policy::life::LifePolicy;
use crate::kernel::{code::Code, decision::Decision};

/// What the decision about a provisional hold looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HoldFacts {
    /// How many holds the partner has open.
    pub open: i64,
    /// Until when this one would last.
    pub until: Timestamp,
}

/// Whether a registration without sufficient evidence is held for a while.
#[must_use]
pub fn hold(policy: &LifePolicy, version: i32, facts: &HoldFacts) -> Decision {
    let most = policy.most_open_holds;
    let left = facts.open < most;
    let sentence = if left {
        format!("The place is held until {}, while the evidence is completed.", facts.until)
    } else {
        format!(
            "The evidence is not sufficient, and you have {} registrations already whose evidence you are completing; {most} \
             are possible at once. Complete or withdraw one of them first, or begin with a draft.",
            facts.open
        )
    };
    Decision::begin("registration.hold", version, facts).step("holds_left", left, Code::HoldsUsedUp, sentence)
}

/// What the decision about an extension looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExtensionFacts {
    /// The instant of the decision.
    pub now: Timestamp,
    /// When the protection began.
    pub from: Timestamp,
    /// When it ends as it is.
    pub until: Timestamp,
    /// How often it was extended before.
    pub extensions: i32,
    /// When it was granted or extended last.
    pub granted_at: Timestamp,
    /// When the sale moved to a later stage last.
    pub advanced_at: Option<Timestamp>,
    /// When the latest dated interaction took place that counts.
    pub interacted_at: Option<Timestamp>,
}

/// Until when a protection lasts that is extended: the policy's days longer, and never longer in all than it says.
#[must_use]
pub fn extended_until(policy: &LifePolicy, facts: &ExtensionFacts) -> Timestamp {
    let latest = facts.from.plus_days(policy.most_protection_days);
    facts.until.plus_days(policy.extension_days).min(latest)
}

/// Whether a protection is extended.
#[must_use]
pub fn extend(policy: &LifePolicy, version: i32, facts: &ExtensionFacts) -> Decision {
    let most = policy.most_extensions;
    let progressed = [facts.advanced_at, facts.interacted_at].into_iter().flatten().any(|at| at > facts.granted_at);
    let until = extended_until(policy, facts);
    Decision::begin("registration.extend", version, facts)
        .step(
            "extensions_left",
            facts.extensions < most,
            Code::ExtensionsUsedUp,
            format!("It was extended {} times before; {most} times are possible.", facts.extensions),
        )
        .step(
            "progress_since_last_grant",
            progressed,
            Code::NoProgress,
            if progressed {
                format!("There was progress since it was granted last, on {}.", facts.granted_at)
            } else {
                format!(
                    "Nothing has moved since it was granted last, on {}. Move the deal to its next stage, or add an \
                     interaction that took place since then, with its date and proof.",
                    facts.granted_at
                )
            },
        )
        .step(
            "within_days_in_all",
            until > facts.until,
            Code::ProtectionTooLong,
            format!(
                "A protection lasts {} days at most in all; this one began on {} and would end on {until}.",
                policy.most_protection_days, facts.from
            ),
        )
}

/// What the decision about revoking a protection looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevocationFacts {
    /// The instant of the decision.
    pub now: Timestamp,
    /// Why.
    pub outcome: Outcome,
    /// When something was last heard of the deal.
    pub active_at: Timestamp,
}

/// Whether a protection is revoked: for inactivity only once it has lasted long enough; otherwise people answer for it.
#[must_use]
pub fn revoke(policy: &LifePolicy, version: i32, facts: &RevocationFacts, rationale: &str) -> Decision {
    let decision = Decision::begin("registration.revoke", version, facts);
    let decision = if facts.outcome == Outcome::Inactive {
        let from = facts.active_at.plus_days(policy.revocable_days);
        decision.step(
            "inactive_long_enough",
            facts.now >= from,
            Code::NotInactive,
            format!("Something was last heard of the deal on {}: it is revocable from {from} on.", facts.active_at),
        )
    } else {
        decision
    };
    decision.step("decided_by_ops", true, Code::NotAllowed, rationale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_days(day)
    }

    fn facts() -> ExtensionFacts {
        ExtensionFacts {
            now: day(50),
            from: day(0),
            until: day(60),
            extensions: 0,
            granted_at: day(0),
            advanced_at: Some(day(10)),
            interacted_at: None,
        }
    }

    #[test]
    fn an_extension_needs_progress_and_room() {
        let just_after = Timestamp::from_micros(1);
        for (facts, code) in [
            (facts(), None),
            (ExtensionFacts { extensions: 1, ..facts() }, None),
            (ExtensionFacts { extensions: 2, ..facts() }, Some(Code::ExtensionsUsedUp)),
            (ExtensionFacts { advanced_at: None, ..facts() }, Some(Code::NoProgress)),
            // At the very instant of the grant is not since it.
            (ExtensionFacts { advanced_at: Some(day(0)), ..facts() }, Some(Code::NoProgress)),
            (ExtensionFacts { advanced_at: Some(just_after), ..facts() }, None),
            (ExtensionFacts { advanced_at: None, interacted_at: Some(day(20)), ..facts() }, None),
            (ExtensionFacts { granted_at: day(30), interacted_at: Some(day(20)), ..facts() }, Some(Code::NoProgress)),
            (ExtensionFacts { until: day(359), ..facts() }, None),
            (ExtensionFacts { until: day(360), ..facts() }, Some(Code::ProtectionTooLong)),
        ] {
            let (_, refused) = extend(&LifePolicy::default(), 1, &facts).finish();
            assert_eq!(refused.map(|(code, _)| code), code, "{facts:?}");
        }
        assert_eq!(extended_until(&LifePolicy::default(), &facts()), day(105));
        let long = ExtensionFacts { until: day(340), ..facts() };
        assert_eq!(extended_until(&LifePolicy::default(), &long), day(360));
    }

    #[test]
    fn silence_costs_a_protection_after_sixty_days_and_not_a_microsecond_before() {
        let facts = |now: Timestamp, outcome| RevocationFacts { now, outcome, active_at: day(10) };
        for (facts, code) in [
            (facts(day(70), Outcome::Inactive), None),
            (facts(Timestamp::from_micros(day(70).micros() - 1), Outcome::Inactive), Some(Code::NotInactive)),
            (facts(day(11), Outcome::Fraud), None),
        ] {
            let (receipt, refused) = revoke(&LifePolicy::default(), 1, &facts, "because").finish();
            assert_eq!(refused.map(|(code, _)| code), code, "{facts:?}");
            let replayed: RevocationFacts = serde_json::from_value(receipt.inputs.clone()).unwrap();
            assert_eq!(revoke(&LifePolicy::default(), 1, &replayed, "because").finish().0, receipt);
        }
    }

    #[test]
    fn a_partner_holds_three_places_at_once() {
        for (open, code) in [(0, None), (2, None), (3, Some(Code::HoldsUsedUp)), (4, Some(Code::HoldsUsedUp))] {
            let (_, refused) = hold(&LifePolicy::default(), 1, &HoldFacts { open, until: day(7) }).finish();
            assert_eq!(refused.map(|(code, _)| code), code, "{open}");
        }
    }
}
