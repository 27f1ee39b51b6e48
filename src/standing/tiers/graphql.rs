//! What is missing for the next level, and running a review, in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{Currency, Day, PartnerId, PartnerTypes, Tier, Timestamp};

use super::service::{self, Run};
use crate::{
    onboarding::{
        partners::model::Partner,
        tiers::{
            graphql::{TierReview, in_force},
            model::{Requirement, RequirementKind, Review, TierFigures},
            rules,
        },
    },
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            loaders,
            money::BigInt,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// What a partner is judged by: who it is, what it does, and in which currency.
type Key = (PartnerId, PartnerTypes, Currency);

struct FiguresLoader(Call);

impl Loader<Key> for FiguresLoader {
    type Value = TierFigures;
    type Error = AppError;

    async fn load(&self, keys: &[Key]) -> AppResult<HashMap<Key, TierFigures>> {
        let mut found = service::figures_of(&self.0, keys).await?;
        Ok(keys.iter().filter_map(|key| Some((key.clone(), found.remove(&key.0)?))).collect())
    }
}

/// A requirement of the next level, next to what the partner has.
#[derive(SimpleObject)]
pub struct TierRequirement {
    /// What is asked for, and so the unit of the numbers.
    requirement: RequirementKind,
    /// What the partner has.
    have: BigInt,
    /// What is needed.
    need: BigInt,
    /// What is missing: zero when it is met.
    missing: BigInt,
    /// Whether it is met.
    is_met: bool,
    /// Whether there was anything to tell `have` from: a zero without data is no measured zero.
    has_data: bool,
    /// The currency of the numbers, where they are money.
    currency: Option<Currency>,
}

/// What is missing for the next level. All requirements have to be met; the monthly review then proposes it.
#[derive(SimpleObject)]
pub struct NextTier {
    /// The next level.
    tier: Tier,
    /// The code of the program that it is a level of.
    program: String,
    /// The version of the policy that says so.
    policy_version: i32,
    /// The instant that the figures are of.
    as_of: Timestamp,
    /// Each requirement.
    requirements: Vec<TierRequirement>,
}

impl NextTier {
    /// What is missing for the next level of a partner, loaded together with that of its siblings; none at the highest.
    ///
    /// # Errors
    /// `Forbidden`; those of the database.
    pub async fn load(gql: &Context<'_>, partner: &Partner) -> AppResult<Option<Self>> {
        let policy = in_force(gql).await?;
        let program = policy.policy.program_of(&partner.types);
        let Some(level) = rules::next(&program, partner.tier) else { return Ok(None) };
        let key = (partner.id, partner.types.clone(), program.currency);
        let figures = loaders::loader(gql, FiguresLoader).load_one(key).await?;
        let figures = figures.ok_or_else(|| AppError::internal("a partner without figures"))?;
        let requirement = |requirement: Requirement| TierRequirement {
            requirement: requirement.kind,
            have: BigInt(requirement.have),
            need: BigInt(requirement.need),
            missing: BigInt(requirement.missing()),
            is_met: requirement.is_met(),
            has_data: match requirement.kind {
                RequirementKind::Revenue => figures.revenue.has_data(),
                RequirementKind::Certifications => figures.certifications.has_data(),
                RequirementKind::EngagementScore => true,
            },
            currency: (requirement.kind == RequirementKind::Revenue).then_some(figures.currency),
        };
        Ok(Some(Self {
            tier: level.tier,
            program: program.code.clone(),
            policy_version: policy.version,
            as_of: figures.as_of,
            requirements: rules::requirements(level, &figures).into_iter().map(requirement).collect(),
        }))
    }
}

/// Reviews a partner's level.
#[derive(Clone, InputObject)]
pub struct RunTierReviewInput {
    /// The partner.
    partner_id: ID,
    /// The day that the figures are of, in the vendor's time zone; today when absent. The review is that day's month's.
    as_on: Option<Day>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RunTierReviewInput {
    type Command = Run;
    const OPERATION: &'static str = "runTierReview";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Run> {
        Ok(Run { partner_id: parse::id(&self.partner_id, "partnerId")?, as_on: self.as_on })
    }
}

payload! {
    /// The review of the month: made now, or before.
    RunTierReviewPayload from Review as review {
        /// The review.
        tier_review: TierReview = TierReview(review)
    }
}

/// Mutations of levels.
#[derive(Default)]
pub struct StandingMutation;

#[Object]
impl StandingMutation {
    /// Reviews an active partner's level of the month of a day: what its figures are good for, and so whether another
    /// level is proposed. A month is reviewed once, by this or by the monthly review, and is answered with its review
    /// again. For channel operations.
    async fn run_tier_review(&self, gql: &Context<'_>, input: RunTierReviewInput) -> AppResult<RunTierReviewPayload> {
        mutate(gql, input, service::run).await
    }
}
