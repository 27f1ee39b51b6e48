//! Automatic approval (`domain.md §4`, ops queue): by policy, of what nothing at all stands against. Pure, with its receipt.

use serde::{Deserialize, Serialize};

use super::policy::automatic::AutomaticPolicy;
use crate::kernel::{code::Code, decision::Decision, money::Money};

/// What the decision looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AutomaticFacts {
    /// Whether nothing at all stands against it, and nobody has to look at it.
    pub clean: bool,
    /// Whether its evidence is sufficient.
    pub qualified: bool,
    /// The points of the evidence.
    pub evidence_total: i32,
    /// The expected amount.
    pub amount: Money,
    /// Below which amount the partner's level is approved automatically.
    pub ceiling: Money,
}

/// What the decision is called on its receipt.
pub const DECISION: &str = "registration.approve_automatically";

impl AutomaticFacts {
    /// Whether an amount is one that the partner's level is approved for without a person.
    fn is_below_ceiling(&self, amount: Money) -> bool {
        amount.currency == self.ceiling.currency && amount.minor_units < self.ceiling.minor_units
    }

    /// Whether a change of the amount is one that a person would have decided about, had it been so from the beginning: how
    /// often the amount has doubled since the ceiling; nothing while it is below, or less than before.
    #[must_use]
    pub fn outgrown(&self, before: Money, after: Money) -> Option<u32> {
        let grew = self.is_below_ceiling(before)
            || before.currency != after.currency
            || before.minor_units < after.minor_units;
        let times = after.minor_units.checked_div(self.ceiling.minor_units).unwrap_or(after.minor_units);
        (grew && !self.is_below_ceiling(after)).then(|| times.max(1).ilog2())
    }
}

/// Whether a registration is approved without a person.
#[must_use]
pub fn automatic(policy: &AutomaticPolicy, version: i32, facts: &AutomaticFacts) -> Decision {
    let AutomaticFacts { clean, qualified, evidence_total, amount, ceiling } = *facts;
    let least = policy.least_evidence;
    Decision::begin(DECISION, version, facts)
        .step("automatic_approval_is_on", policy.enabled, Code::NotAllowed, "The policy says whether it is.")
        .step(
            "nothing_against_it",
            clean && qualified,
            Code::NotClean,
            "It is qualified, and nothing stands against it that a person has to look at.",
        )
        .step(
            "evidence_is_high",
            evidence_total >= least,
            Code::EvidenceInsufficient,
            format!("The evidence has {evidence_total} points; {least} are asked for."),
        )
        .step(
            "amount_below_ceiling",
            facts.is_below_ceiling(amount),
            Code::OutOfRange,
            format!(
                "{} minor units of {} against the ceiling of the level, {} of {}.",
                amount.minor_units, amount.currency, ceiling.minor_units, ceiling.currency
            ),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_counts() {
        let eur = |minor_units| Money { minor_units, currency: "EUR".parse().unwrap() };
        let facts =
            AutomaticFacts { clean: true, qualified: true, evidence_total: 80, amount: eur(99), ceiling: eur(100) };
        let usd = Money { currency: "USD".parse().unwrap(), ..eur(99) };
        for (facts, code) in [
            (facts.clone(), None),
            (AutomaticFacts { clean: false, ..facts.clone() }, Some(Code::NotClean)),
            (AutomaticFacts { qualified: false, ..facts.clone() }, Some(Code::NotClean)),
            (AutomaticFacts { evidence_total: 79, ..facts.clone() }, Some(Code::EvidenceInsufficient)),
            (AutomaticFacts { amount: eur(100), ..facts.clone() }, Some(Code::OutOfRange)),
            (AutomaticFacts { amount: usd, ..facts.clone() }, Some(Code::OutOfRange)),
        ] {
            let (_, refused) = automatic(&AutomaticPolicy::default(), 1, &facts).finish();
            assert_eq!(refused.map(|(code, _)| code), code, "{facts:?}");
        }
        let off = AutomaticPolicy { enabled: false, ..AutomaticPolicy::default() };
        assert_eq!(automatic(&off, 1, &facts).finish().1.map(|(code, _)| code), Some(Code::NotAllowed));
    }

    #[test]
    fn an_amount_outgrows_its_approval_once_it_reaches_the_ceiling_and_as_it_grows() {
        let eur = |minor_units| Money { minor_units, currency: "EUR".parse().unwrap() };
        let usd = |minor_units| Money { minor_units, currency: "USD".parse().unwrap() };
        let facts =
            AutomaticFacts { clean: true, qualified: true, evidence_total: 80, amount: eur(99), ceiling: eur(100) };
        for (before, after, doubled) in [
            (eur(50), eur(99), None),
            (eur(50), eur(100), Some(0)),
            (eur(50), eur(399), Some(1)),
            (eur(100), eur(1_600), Some(4)),
            (eur(200), eur(150), None),
            (eur(200), eur(1), None),
            (eur(50), usd(1), Some(0)),
            (usd(1), usd(800), Some(3)),
            (usd(1), eur(1), None),
            (usd(1), eur(100), Some(0)),
        ] {
            assert_eq!(facts.outgrown(before, after), doubled, "{before:?} {after:?}");
        }
        let without = AutomaticFacts { ceiling: eur(0), ..facts };
        assert_eq!(without.outgrown(eur(1), eur(8)), Some(3));
    }
}
