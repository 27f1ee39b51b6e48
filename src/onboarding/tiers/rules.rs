//! Which level a partner has earned, what is missing for the next one, and what a monthly review proposes.

pub mod policy;

use entity::value::{PartnerState, Tier, TierReviewState};
use serde::{Deserialize, Serialize};

use self::policy::{Level, Program};
use super::{
    model::{Requirement, RequirementKind, Review, ReviewAction, TierFigures},
    states::EDGES,
};
use crate::kernel::{
    code::Code,
    decision::{Audience, Decision, Receipt, Step},
    graph,
};

/// What a level asks for, next to what a partner has.
#[must_use]
pub fn requirements(level: &Level, figures: &TierFigures) -> Vec<Requirement> {
    let asked = &level.requirements;
    let of = |kind, have, need| Requirement { kind, have, need };
    vec![
        of(RequirementKind::Revenue, figures.revenue.value, asked.revenue_minor),
        of(RequirementKind::Certifications, figures.certifications.value, asked.certifications),
        of(RequirementKind::EngagementScore, figures.engagement, asked.engagement_score.saturating_mul(100)),
    ]
}

/// The highest level of which all requirements are met, and those of every level below it.
#[must_use]
pub fn earned(program: &Program, figures: &TierFigures) -> Tier {
    let met = |level: &&Level| requirements(level, figures).iter().all(Requirement::is_met);
    program.levels.iter().skip(1).take_while(met).last().map_or(Tier::Registered, |level| level.tier)
}

/// The level above; none at the highest.
#[must_use]
pub fn next(program: &Program, tier: Tier) -> Option<&Level> {
    program.levels.iter().find(|level| level.tier > tier)
}

/// What a review looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewFacts {
    /// The level that the partner has.
    pub tier: Tier,
    /// The program that judges it.
    pub program: String,
    /// The figures.
    pub figures: TierFigures,
    /// How many reviews running before this one found it under the line of its level.
    pub under_before: u32,
}

/// What a review comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reviewed {
    /// The level that the figures are good for.
    pub earned: Tier,
    /// The level that is proposed.
    pub proposed: Option<Tier>,
    /// What came of it.
    pub state: TierReviewState,
    /// Why.
    pub receipt: Receipt,
}

/// Reviews a partner's level: who has earned a higher one is proposed for it; who is under the line of its own is given
/// as many reviews of grace as the policy says, and proposed for the level that it has earned after them.
#[must_use]
pub fn review(program: &Program, policy_version: i32, grace_reviews: u32, facts: &ReviewFacts) -> Reviewed {
    let earned = earned(program, &facts.figures);
    let (state, proposed) = if earned == facts.tier {
        (TierReviewState::Kept, None)
    } else if earned < facts.tier && facts.under_before < grace_reviews {
        (TierReviewState::Grace, None)
    } else {
        (TierReviewState::Proposed, Some(earned))
    };
    let steps = program.levels.iter().flat_map(|level| {
        requirements(level, &facts.figures).into_iter().map(|requirement| Step {
            rule: format!("{}_for_{}", word(requirement.kind), level.tier.to_string().to_lowercase()),
            passed: requirement.is_met(),
            code: None,
            sentence: format!("{} of {} needed.", requirement.have, requirement.need),
            audience: Audience::Partner,
        })
    });
    let receipt = Receipt {
        decision: "tier.review".to_owned(),
        policy_version,
        outcome: state.to_string(),
        inputs: serde_json::to_value(facts).unwrap_or_default(),
        steps: steps.collect(),
    };
    Reviewed { earned, proposed, state, receipt }
}

fn word(kind: RequirementKind) -> &'static str {
    match kind {
        RequirementKind::Revenue => "revenue",
        RequirementKind::Certifications => "certifications",
        RequirementKind::EngagementScore => "engagement",
    }
}

/// How many reviews running found the partner under the line of the level that it has, from the latest back. A proposal
/// that a person dismissed begins the count anew.
#[must_use]
pub fn under_before(tier: Tier, latest_first: &[Review]) -> u32 {
    let counts = |review: &&Review| {
        review.tier == tier
            && review.is_under()
            && matches!(review.state, TierReviewState::Grace | TierReviewState::Proposed | TierReviewState::Superseded)
    };
    u32::try_from(latest_first.iter().take_while(counts).count()).unwrap_or(u32::MAX)
}

/// What the decision about a proposal looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DecisionFacts {
    /// How it is decided.
    pub action: ReviewAction,
    /// Where the review is.
    pub state: TierReviewState,
    /// The level that the partner had when it was reviewed.
    pub reviewed_tier: Tier,
    /// The level that it has now.
    pub tier: Tier,
    /// Where the partner is.
    pub partner_state: PartnerState,
}

/// Whether a proposal can be confirmed or dismissed.
#[must_use]
pub fn decide(policy_version: i32, facts: &DecisionFacts) -> Decision {
    let confirms = facts.action == ReviewAction::Confirm;
    Decision::begin("tier.decide", policy_version, facts)
        .step(
            "a_proposal_that_waits",
            graph::allows(EDGES, &facts.state, &facts.action),
            Code::WrongState,
            format!("The review is {}; there is nothing to decide.", facts.state),
        )
        .step(
            "of_the_present_level",
            !confirms || facts.reviewed_tier == facts.tier,
            Code::WrongState,
            format!("The partner was {} when it was reviewed, and is {}.", facts.reviewed_tier, facts.tier),
        )
        .step(
            "partner_active",
            !confirms || facts.partner_state == PartnerState::Active,
            Code::PartnerNotActive,
            format!("The partner is {}.", facts.partner_state),
        )
}

#[cfg(test)]
mod tests {
    use entity::value::{PartnerType, Timestamp};

    use super::{policy::TierPolicy, *};
    use crate::kernel::figure::Figure;

    fn program() -> Program {
        TierPolicy::default().program_of(&std::iter::once(PartnerType::Reseller).collect()).clone()
    }

    fn figures(revenue: i64, certifications: i64, engagement: i64) -> TierFigures {
        let figure = |value| Figure { value, rows: 1, considered: 1, left_out: 0 };
        TierFigures {
            as_of: Timestamp::from_micros(0),
            currency: "EUR".parse().unwrap(),
            revenue: figure(revenue),
            certifications: figure(certifications),
            engagement,
        }
    }

    /// Figures that are just good for a level.
    fn just(tier: Tier) -> TierFigures {
        let program = program();
        let asked = &program.levels.iter().find(|level| level.tier == tier).unwrap().requirements;
        figures(asked.revenue_minor, asked.certifications, asked.engagement_score * 100)
    }

    #[test]
    fn all_requirements_are_met_or_the_level_is_not_earned() {
        let program = program();
        for tier in [Tier::Registered, Tier::Silver, Tier::Gold, Tier::Platinum] {
            assert_eq!(earned(&program, &just(tier)), tier);
        }
        let gold = just(Tier::Gold);
        for less in [
            TierFigures { revenue: Figure { value: gold.revenue.value - 1, ..gold.revenue }, ..gold.clone() },
            TierFigures {
                certifications: Figure { value: gold.certifications.value - 1, ..gold.certifications },
                ..gold.clone()
            },
            TierFigures { engagement: gold.engagement - 1, ..gold.clone() },
        ] {
            assert_eq!(earned(&program, &less), Tier::Silver);
        }
        // One figure far above the others does not help.
        assert_eq!(earned(&program, &figures(i64::MAX, 0, 10_000)), Tier::Registered);
    }

    #[test]
    fn the_first_review_under_the_line_is_grace_and_the_second_proposes() {
        let program = program();
        for (tier, figures, under_before, state, proposed) in [
            (Tier::Registered, Tier::Registered, 0, TierReviewState::Kept, None),
            (Tier::Registered, Tier::Gold, 0, TierReviewState::Proposed, Some(Tier::Gold)),
            (Tier::Gold, Tier::Gold, 3, TierReviewState::Kept, None),
            (Tier::Gold, Tier::Silver, 0, TierReviewState::Grace, None),
            (Tier::Gold, Tier::Silver, 1, TierReviewState::Proposed, Some(Tier::Silver)),
            (Tier::Platinum, Tier::Registered, 1, TierReviewState::Proposed, Some(Tier::Registered)),
        ] {
            let facts = ReviewFacts { tier, program: program.code.clone(), figures: just(figures), under_before };
            let reviewed = review(&program, 1, 1, &facts);
            assert_eq!((reviewed.state, reviewed.proposed), (state, proposed), "{tier} with figures for {figures}");
            assert_eq!(reviewed.receipt.steps.len(), 12);
            // Replaying the receipt's inputs gives the same review.
            let replayed: ReviewFacts = serde_json::from_value(reviewed.receipt.inputs.clone()).unwrap();
            assert_eq!(review(&program, 1, 1, &replayed), reviewed);
        }
    }

    #[test]
    fn what_is_missing_is_what_is_needed_beyond_what_is_there() {
        let program = program();
        let next = next(&program, Tier::Registered).unwrap();
        assert_eq!(next.tier, Tier::Silver);
        let missing: Vec<_> =
            requirements(next, &figures(4_000_000, 5, 0)).iter().map(|one| (one.missing(), one.is_met())).collect();
        let asked = &next.requirements;
        let revenue = (asked.revenue_minor - 4_000_000, false);
        assert_eq!(missing, [revenue, (0, true), (asked.engagement_score * 100, false)]);
        assert!(super::next(&program, Tier::Platinum).is_none());
    }

    #[test]
    fn only_a_proposal_that_waits_is_decided() {
        use TierReviewState as State;
        for state in [State::Kept, State::Grace, State::Proposed, State::Confirmed, State::Dismissed, State::Superseded]
        {
            for action in [ReviewAction::Confirm, ReviewAction::Dismiss] {
                for (tier, partner_state) in [
                    (Tier::Silver, PartnerState::Active),
                    (Tier::Gold, PartnerState::Active),
                    (Tier::Silver, PartnerState::Suspended),
                ] {
                    let facts = DecisionFacts { action, state, reviewed_tier: Tier::Silver, tier, partner_state };
                    let fits = tier == Tier::Silver && partner_state == PartnerState::Active;
                    let wanted = state == State::Proposed && (action == ReviewAction::Dismiss || fits);
                    assert_eq!(decide(1, &facts).is_granted(), wanted, "{facts:?}");
                }
            }
        }
    }
}
