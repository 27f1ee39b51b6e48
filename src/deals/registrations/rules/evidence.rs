//! What qualification evidence is worth (`domain.md §4`): pure, with its parts.

use std::collections::HashSet;

use async_graphql::{Enum, SimpleObject};
use entity::value::EvidenceKind;
use serde::{Deserialize, Serialize};

use super::policy::EvidencePolicy;
use crate::deals::registrations::model::NewEvidence;

/// A part of the evidence score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EvidencePart {
    /// The customer's identity was verified.
    CustomerIdentity,
    /// A named decision maker.
    DecisionMaker,
    /// Dated interactions with proof, each different one counting until the most that they are worth together.
    Interactions,
    /// The need is described.
    NeedDescribed,
    /// Product, amount and date are given: so it is with every registration.
    DealDescribed,
    /// A demonstration or site survey.
    Demonstration,
    /// The customer's confirmation.
    CustomerConfirmation,
}

/// What one part is worth.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject, Serialize, Deserialize)]
pub struct EvidenceScorePart {
    /// Which part.
    pub part: EvidencePart,
    /// How many items show it.
    pub items: i32,
    /// Its points.
    pub points: i32,
    /// The most that it can be worth.
    pub most: i32,
}

/// What the evidence of a registration is worth.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject, Serialize, Deserialize)]
pub struct EvidenceScore {
    /// The points of all parts, from 0 to 100.
    pub total: i32,
    /// Whether the registration is qualified: enough points, and at least one dated interaction.
    pub sufficient: bool,
    /// The parts; their points add up to the total.
    pub parts: Vec<EvidenceScorePart>,
}

/// What the evidence is worth. The deal itself (product, amount, date) is part of every registration; the need counts
/// when it is described.
#[must_use]
pub fn score(policy: &EvidencePolicy, need: &str, items: &[NewEvidence]) -> EvidenceScore {
    let of_kind = |kind: EvidenceKind| count(items.iter().filter(|item| item.kind == kind).count());
    // The same interaction told twice is one interaction.
    let interactions: HashSet<_> = items
        .iter()
        .filter(|item| item.kind == EvidenceKind::Interaction)
        .filter_map(|item| item.occurred_at.zip(item.proof.as_deref()))
        .collect();
    let interactions = count(interactions.len());
    let once = |part, items: i32, worth: i32| EvidenceScorePart {
        part,
        items,
        points: if items > 0 { worth } else { 0 },
        most: worth,
    };
    let parts = vec![
        once(EvidencePart::CustomerIdentity, of_kind(EvidenceKind::CustomerIdentity), policy.customer_identity),
        once(EvidencePart::DecisionMaker, of_kind(EvidenceKind::DecisionMaker), policy.decision_maker),
        EvidenceScorePart {
            part: EvidencePart::Interactions,
            items: interactions,
            points: interactions.saturating_mul(policy.interaction).min(policy.interactions_at_most),
            most: policy.interactions_at_most,
        },
        once(EvidencePart::NeedDescribed, i32::from(!need.is_empty()), policy.need_described),
        once(EvidencePart::DealDescribed, 1, policy.deal_described),
        once(EvidencePart::Demonstration, of_kind(EvidenceKind::Demonstration), policy.demonstration),
        once(
            EvidencePart::CustomerConfirmation,
            of_kind(EvidenceKind::CustomerConfirmation),
            policy.customer_confirmation,
        ),
    ];
    let total = parts.iter().map(|part| part.points).sum();
    EvidenceScore { total, sufficient: total >= policy.sufficient && interactions > 0, parts }
}

fn count(items: usize) -> i32 {
    i32::try_from(items).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use entity::value::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn item(kind: EvidenceKind, day: Option<i64>, proof: Option<&str>) -> NewEvidence {
        NewEvidence {
            kind,
            occurred_at: day.map(|day| Timestamp::from_micros(0).plus_days(day)),
            description: "told".to_owned(),
            proof: proof.map(str::to_owned),
        }
    }

    #[test]
    fn each_part_has_its_worth_and_sixty_with_a_dated_interaction_are_sufficient() {
        use EvidenceKind::{CustomerConfirmation, CustomerIdentity, DecisionMaker, Demonstration, Interaction};
        let interaction = |day| item(Interaction, Some(day), Some("minutes"));
        let one = |kind| item(kind, None, None);
        for (need, items, total, sufficient) in [
            ("", vec![], 10, false),
            ("more speed", vec![], 20, false),
            ("", vec![interaction(1)], 20, false),
            ("", vec![interaction(1), interaction(2), interaction(3), interaction(4)], 40, false),
            ("", vec![interaction(1), interaction(1)], 20, false),
            ("", vec![item(Interaction, None, Some("x")), item(Interaction, Some(1), None)], 10, false),
            ("", vec![one(CustomerIdentity), one(CustomerIdentity)], 25, false),
            // Sixty points, but nothing dated.
            (
                "n",
                vec![one(CustomerIdentity), one(DecisionMaker), one(Demonstration), one(CustomerConfirmation)],
                70,
                false,
            ),
            ("n", vec![one(CustomerIdentity), one(DecisionMaker), interaction(1)], 60, true),
            ("", vec![one(CustomerIdentity), one(DecisionMaker), interaction(1)], 50, false),
            (
                "n",
                vec![
                    one(CustomerIdentity),
                    one(DecisionMaker),
                    interaction(1),
                    interaction(2),
                    interaction(3),
                    one(Demonstration),
                    one(CustomerConfirmation),
                ],
                100,
                true,
            ),
        ] {
            let score = score(&EvidencePolicy::default(), need, &items);
            assert_eq!((score.total, score.sufficient), (total, sufficient), "{need} {items:?}");
        }
    }

    fn any_item() -> impl Strategy<Value = NewEvidence> {
        use EvidenceKind::{CustomerConfirmation, CustomerIdentity, DecisionMaker, Demonstration, Interaction};
        let kinds = prop_oneof![
            Just(CustomerIdentity),
            Just(DecisionMaker),
            Just(Interaction),
            Just(Demonstration),
            Just(CustomerConfirmation)
        ];
        (kinds, prop::option::of(0i64..4), prop::option::of("[ab]"))
            .prop_map(|(kind, day, proof)| item(kind, day, proof.as_deref()))
    }

    proptest! {
        #[test]
        fn a_score_is_within_0_and_100_and_the_sum_of_its_parts(need in "[a-z]{0,3}", items in prop::collection::vec(any_item(), 0..20)) {
            let score = score(&EvidencePolicy::default(), &need, &items);
            prop_assert!((0..=100).contains(&score.total));
            prop_assert_eq!(score.parts.iter().map(|part| part.points).sum::<i32>(), score.total);
            prop_assert_eq!(score.parts.iter().map(|part| part.most).sum::<i32>(), 100);
            prop_assert!(score.parts.iter().all(|part| (0..=part.most).contains(&part.points)));
        }

        #[test]
        fn one_more_item_never_lowers_the_score_and_order_does_not_matter(items in prop::collection::vec(any_item(), 0..12), more in any_item()) {
            let before = score(&EvidencePolicy::default(), "", &items);
            let mut longer = items;
            longer.push(more);
            let after = score(&EvidencePolicy::default(), "", &longer);
            prop_assert!(after.total >= before.total);
            prop_assert!(after.sufficient || !before.sufficient);
            longer.reverse();
            prop_assert_eq!(score(&EvidencePolicy::default(), "", &longer), after);
        }
    }
}
