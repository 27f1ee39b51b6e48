//! The words of the score, and the policy that is shipped.

use std::collections::BTreeMap;

use async_graphql::Enum;
use entity::value::{EngagementBand, EngagementComponent, PartnerType, PartnerTypes, Timestamp};

/// What a component's activity adds up to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Total {
    /// Millionths of a point, without decay.
    pub raw_micros: i64,
    /// Points, decayed to `as_of`.
    pub decayed: f64,
    /// The instant of the latest activity in it.
    pub as_of: Timestamp,
}

/// What each component's activity adds up to; components without activity are absent.
pub type Totals = BTreeMap<EngagementComponent, Total>;

/// How one component is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComponentPolicy {
    /// The component.
    pub component: EngagementComponent,
    /// After so many days an activity counts half.
    pub half_life_days: i32,
    /// So many points make a sub-score of 50.
    pub target: i32,
    /// The weight in basis points: influence, reseller, solution, retention.
    pub weights_bp: [i32; 4],
}

/// The policy of the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its version.
    pub version: i32,
    /// How each component is judged.
    pub components: [ComponentPolicy; 6],
    /// For how many days a partner is new.
    pub new_days: i64,
}

impl Policy {
    /// The policy that is shipped (`domain.md §7`).
    pub const SHIPPED: Self = Self {
        version: 1,
        components: [
            component(EngagementComponent::PortalUse, 30, 10, [2500, 1000, 1000, 2000]),
            component(EngagementComponent::Training, 180, 6, [1500, 1500, 2500, 2500]),
            component(EngagementComponent::DealRegistration, 90, 4, [2500, 2000, 2000, 500]),
            component(EngagementComponent::PipelineAndWins, 180, 5, [1000, 3000, 2500, 2000]),
            component(EngagementComponent::MdfPerformance, 180, 2, [1500, 1500, 1000, 500]),
            component(EngagementComponent::Responsiveness, 90, 5, [1000, 1000, 1000, 2500]),
        ],
        new_days: 60,
    };

    /// After how many days an activity of a component counts half.
    #[must_use]
    pub fn half_life_days(&self, component: EngagementComponent) -> i32 {
        self.components.iter().find(|policy| policy.component == component).map_or(1, |policy| policy.half_life_days)
    }
}

const fn component(
    component: EngagementComponent,
    half_life_days: i32,
    target: i32,
    weights_bp: [i32; 4],
) -> ComponentPolicy {
    ComponentPolicy { component, half_life_days, target, weights_bp }
}

impl ComponentPolicy {
    /// The weight for a partner of these types: the mean of theirs. Distributors, and partners of no type, are judged
    /// as resellers.
    #[must_use]
    pub fn weight(&self, types: &PartnerTypes) -> f64 {
        let [influence, reseller, solution, retention] = self.weights_bp;
        let of = |kind: PartnerType| match kind {
            PartnerType::Influence => influence,
            PartnerType::Reseller | PartnerType::Distributor => reseller,
            PartnerType::SystemIntegrator | PartnerType::ManagedServiceProvider | PartnerType::SoftwareVendor => {
                solution
            }
            PartnerType::Retention => retention,
        };
        let (sum, count) =
            types.iter().fold((0_i32, 0_i32), |(sum, count), kind| (sum.saturating_add(of(kind)), count + 1));
        let (sum, count) = if count == 0 { (reseller, 1) } else { (sum, count) };
        f64::from(sum) / f64::from(count.saturating_mul(10_000))
    }
}

/// A score with its explanation. What is published is in hundredths, so that it adds up exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The instant that it is of.
    pub as_of: Timestamp,
    /// The version of the policy that it was made under.
    pub policy_version: i32,
    /// Hundredths of a point, from 0 to 10000.
    pub hundredths: i64,
    /// What the score means, in a word.
    pub band: EngagementBand,
    /// The components, in the order of the policy. Their contributions add up to the score exactly.
    pub components: Vec<ComponentScore>,
}

/// A component of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComponentScore {
    /// How it is judged.
    pub policy: ComponentPolicy,
    /// Millionths of a point, without decay.
    pub raw_micros: i64,
    /// Points, decayed to the score's instant.
    pub decayed: f64,
    /// From 0 to below 100.
    pub sub_score: f64,
    /// Its share of the score: the weights of all components add to 1.
    pub weight: f64,
    /// What it contributes, in hundredths of a point.
    pub contribution: i64,
}

/// Something that a partner can do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(name = "EngagementAction")]
pub enum NextAction {
    /// Have one more person active in the portal on a day.
    UsePortal,
    /// Pass one more course.
    CompleteCourse,
    /// Qualify one more registration.
    QualifyRegistration,
    /// Win one more registered deal of 50,000.
    WinDeal,
    /// Bring one more activity paid with market development funds to the pipeline that was contracted.
    MeetMdfContract,
    /// Complete one more onboarding step on time.
    CompleteOnboardingStep,
}

impl NextAction {
    /// All of them, with the component that each counts for and how many millionths of a point.
    pub const ALL: [(Self, EngagementComponent, i64); 6] = [
        (Self::UsePortal, EngagementComponent::PortalUse, 1_000_000),
        (Self::CompleteCourse, EngagementComponent::Training, 1_000_000),
        (Self::QualifyRegistration, EngagementComponent::DealRegistration, 1_000_000),
        (Self::WinDeal, EngagementComponent::PipelineAndWins, 1_500_000),
        (Self::MeetMdfContract, EngagementComponent::MdfPerformance, 1_000_000),
        (Self::CompleteOnboardingStep, EngagementComponent::Responsiveness, 1_000_000),
    ];
}

/// What an action would add.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextBest {
    /// The action.
    pub action: NextAction,
    /// The component that it counts for.
    pub component: EngagementComponent,
    /// What it would add to the score now, in hundredths of a point.
    pub gain: i64,
}
