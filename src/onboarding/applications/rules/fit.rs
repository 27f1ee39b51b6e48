//! The fit of a company with the ideal partner profile (`domain.md §2`): four sides, each 0 to 100 with its reasons.

use entity::value::{PartnerType, PartnerTypes, Regions};
use serde::{Deserialize, Serialize};

use super::super::{
    model::{Company, Fit, FitAspect, FitPart, FitRecommendation},
    policy::{ApplicationPolicy, ProfilePolicy},
};
use crate::{
    kernel::decision::{Audience, Receipt, Step},
    platform::policies::InForce,
};

/// What the fit looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FitFacts {
    /// What the company would do with the vendor's products.
    pub types: PartnerTypes,
    /// Where it works.
    pub regions: Regions,
    /// How many industries it names.
    pub industries: usize,
    /// How long the description of the expected business is.
    pub described: usize,
    /// Whether the contact's address is of the company's own domain.
    pub own_address: bool,
    /// Whether the website is encrypted.
    pub secure_website: bool,
    /// The figures of the profile.
    pub profile: ProfilePolicy,
}

impl FitFacts {
    /// The facts of a company, and whether its contact writes from its own domain.
    #[must_use]
    pub fn of(company: &Company, own_address: bool, profile: ProfilePolicy) -> Self {
        Self {
            types: company.types.clone(),
            regions: company.regions.clone(),
            industries: company.industries.len(),
            described: company.expected_business.chars().count(),
            own_address,
            secure_website: company.website.starts_with("https://"),
            profile,
        }
    }

    fn is_described(&self) -> bool {
        self.described >= self.profile.described
    }
}

/// One side in the making.
struct Side {
    score: i32,
    reasons: Vec<String>,
}

impl Side {
    const fn begin() -> Self {
        Self { score: 0, reasons: Vec::new() }
    }

    fn add(mut self, points: i32, met: bool, what: &str) -> Self {
        if met {
            self.score = self.score.saturating_add(points);
            self.reasons.push(format!("+{points}: {what}"));
        } else {
            self.reasons.push(format!("0 of {points}: {what}"));
        }
        self
    }

    fn part(self, aspect: FitAspect) -> FitPart {
        FitPart { aspect, score: self.score.clamp(0, 100), reasons: self.reasons }
    }
}

/// The fit of a company under the policy in force, and its receipt. `own_address` says whether its contact writes from
/// its own domain.
#[must_use]
pub fn assess(company: &Company, own_address: bool, policy: &InForce<ApplicationPolicy>) -> (Fit, Receipt) {
    of_facts(&FitFacts::of(company, own_address, policy.policy.profile), policy.version)
}

/// The fit that follows from the facts, and its receipt.
#[must_use]
pub fn of_facts(facts: &FitFacts, policy_version: i32) -> (Fit, Receipt) {
    let parts = vec![customer_value(facts), market_reach(facts), commercial_alignment(facts), readiness(facts)];
    let overall = parts.iter().map(|part| part.score).sum::<i32>() / 4;
    let recommendation = match overall {
        points if points >= facts.profile.approve_from => FitRecommendation::Approve,
        points if points >= facts.profile.reject_below => FitRecommendation::LookClosely,
        _ => FitRecommendation::Reject,
    };
    let steps = parts.iter().map(|part| Step {
        rule: word(&part.aspect),
        passed: true,
        code: None,
        sentence: format!("{} of 100. {}.", part.score, part.reasons.join("; ")),
        audience: Audience::Staff,
    });
    let receipt = Receipt {
        decision: "application.fit".to_owned(),
        policy_version,
        outcome: word(&recommendation),
        inputs: serde_json::to_value(facts).unwrap_or(serde_json::Value::Null),
        steps: steps.collect(),
    };
    (Fit { policy_version, overall, recommendation, parts }, receipt)
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn customer_value(facts: &FitFacts) -> FitPart {
    Side::begin()
        .add(30, facts.is_described(), "the expected business is described")
        .add(30, facts.described >= facts.profile.well_described, "it is described well")
        .add(20, facts.industries >= 1, "an industry is named")
        .add(20, facts.industries >= 2, "more than one industry is served")
        .part(FitAspect::CustomerValue)
}

fn market_reach(facts: &FitFacts) -> FitPart {
    let regions = facts.regions.iter().count();
    let reaches = [PartnerType::Distributor, PartnerType::Reseller, PartnerType::ManagedServiceProvider];
    Side::begin()
        .add(40, regions >= 1, "works in a region")
        .add(30, regions >= 2, "works in several regions")
        .add(30, reaches.iter().any(|ty| facts.types.has(*ty)), "sells to many customers of its own")
        .part(FitAspect::MarketReach)
}

fn commercial_alignment(facts: &FitFacts) -> FitPart {
    let sells = [
        PartnerType::Reseller,
        PartnerType::Distributor,
        PartnerType::SystemIntegrator,
        PartnerType::ManagedServiceProvider,
    ];
    Side::begin()
        .add(50, sells.iter().any(|ty| facts.types.has(*ty)), "earns when the vendor's products are sold")
        .add(30, facts.is_described(), "knows what business it expects")
        .add(20, facts.types.iter().count() >= 2, "works with the vendor in more than one way")
        .part(FitAspect::CommercialAlignment)
}

fn readiness(facts: &FitFacts) -> FitPart {
    Side::begin()
        .add(60, facts.own_address, "the contact's address is of the company's own domain")
        .add(20, facts.secure_website, "the website is encrypted")
        .add(20, facts.industries >= 1, "knows which industries it serves")
        .part(FitAspect::OrganisationalReadiness)
}

#[cfg(test)]
mod tests {
    use entity::value::Region;
    use proptest::prelude::*;

    use super::*;

    fn facts(types: &[PartnerType], regions: &[Region], industries: usize, described: usize, own: bool) -> FitFacts {
        FitFacts {
            types: types.iter().copied().collect(),
            regions: regions.iter().copied().collect(),
            industries,
            described,
            own_address: own,
            secure_website: own,
            profile: ProfilePolicy::default(),
        }
    }

    #[test]
    fn the_profile_recommends_what_it_shows() {
        let reseller = [PartnerType::Reseller, PartnerType::SystemIntegrator];
        for (facts, scores, recommendation) in [
            (
                facts(&reseller, &[Region::Europe, Region::Asia], 2, 300, true),
                [100, 100, 100, 100],
                FitRecommendation::Approve,
            ),
            (
                facts(&[PartnerType::Reseller], &[Region::Europe], 1, 50, false),
                [50, 70, 80, 20],
                FitRecommendation::LookClosely,
            ),
            (
                facts(&[PartnerType::Influence], &[Region::Europe], 0, 5, false),
                [0, 40, 0, 0],
                FitRecommendation::Reject,
            ),
        ] {
            let (fit, receipt) = of_facts(&facts, 3);
            assert_eq!(fit.parts.iter().map(|part| part.score).collect::<Vec<_>>(), scores, "{facts:?}");
            assert_eq!(fit.recommendation, recommendation, "{facts:?}");
            assert_eq!((receipt.steps.len(), receipt.policy_version, fit.policy_version), (4, 3, 3));
            assert!(fit.parts.iter().all(|part| !part.reasons.is_empty()));
        }
    }

    proptest! {
        #[test]
        fn every_side_is_within_0_and_100_and_more_never_lowers_it(
            regions in prop::collection::vec(0usize..7, 1..7), industries in 0usize..21, described in 0usize..5000, own: bool,
        ) {
            let all = [Region::NorthAmerica, Region::LatinAmerica, Region::Europe, Region::MiddleEast, Region::Africa, Region::Asia, Region::Oceania];
            let picked: Vec<_> = regions.iter().map(|index| all[*index]).collect();
            let less = of_facts(&facts(&[PartnerType::Influence], &picked, industries, described, own), 1).0;
            let more = of_facts(&facts(&[PartnerType::Influence, PartnerType::Reseller], &all, industries + 1, described + 200, true), 1).0;
            for (less, more) in less.parts.iter().zip(&more.parts) {
                prop_assert!((0..=100).contains(&less.score) && less.score <= more.score && more.score <= 100);
            }
            prop_assert_eq!(less.overall, less.parts.iter().map(|part| part.score).sum::<i32>() / 4);
        }
    }
}
