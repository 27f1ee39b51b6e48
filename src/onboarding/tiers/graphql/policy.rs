//! The policy of tiers in the API.

use async_graphql::{InputObject, Object, SimpleObject};
use entity::value::{Currency, PartnerType, Tier, Timestamp};

use crate::{
    onboarding::tiers::rules::policy::{Benefits, Level, Program, Requirements, TierPolicy},
    payload,
    platform::{
        error::AppResult,
        graphql::{
            money::{BigInt, Money},
            mutation::MutationInput,
            parse,
        },
        policies::{Kept, Revision},
    },
};

/// A version of the policy of tiers.
pub struct TierPolicyVersion(pub Kept<TierPolicy>);

/// A version of the policy of tiers.
#[Object]
impl TierPolicyVersion {
    /// Its number.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// From when on it is in force; null for the one that was shipped.
    async fn effective_at(&self) -> Option<Timestamp> {
        self.0.effective_at
    }

    /// How many reviews running may find a partner under the line of its level before one proposes a lower one.
    async fn grace_reviews(&self) -> u32 {
        self.0.policy.grace_reviews
    }

    /// The programs; the first one that names a type of a partner is the partner's, else the last one.
    async fn programs(&self) -> Vec<TierProgram> {
        self.0.policy.programs.iter().map(TierProgram::from).collect()
    }
}

/// A program: its levels, from the entry level up.
#[derive(SimpleObject)]
pub struct TierProgram {
    /// A short name that does not change.
    code: String,
    /// What it is called.
    name: String,
    /// The types of partner that it is for; empty for the last one, which is for everybody else.
    partner_types: Vec<PartnerType>,
    /// The currency of its amounts.
    currency: Currency,
    /// Its levels, from the entry level up.
    levels: Vec<TierLevel>,
}

/// A level: all that it asks for has to be met.
#[derive(SimpleObject)]
pub struct TierLevel {
    /// Which.
    tier: Tier,
    /// Asked for: revenue of the registered deals won in the twelve months before.
    required_revenue: Money,
    /// Asked for: live certifications.
    required_certifications: i64,
    /// Asked for: the engagement score, from 0 to 100.
    required_engagement_score: i64,
    /// Given: the discount on deals, in basis points.
    deal_discount_bp: i64,
    /// Given: for how many days a registration is protected.
    protection_days: i64,
    /// Given: the potential of market development funds in a year.
    mdf_potential: Money,
    /// Given: up to which amount a clean registration may be approved by policy.
    auto_approval_ceiling: Money,
}

impl From<&Program> for TierProgram {
    fn from(program: &Program) -> Self {
        let Program { code, name, partner_types, currency, levels } = program;
        let level = |level: &Level| {
            let Requirements { revenue_minor, certifications, engagement_score } = level.requirements;
            let Benefits { deal_discount_bp, protection_days, mdf_potential_minor, auto_approval_ceiling_minor } =
                level.benefits;
            TierLevel {
                tier: level.tier,
                required_revenue: Money::of(revenue_minor, *currency),
                required_certifications: certifications,
                required_engagement_score: engagement_score,
                deal_discount_bp,
                protection_days,
                mdf_potential: Money::of(mdf_potential_minor, *currency),
                auto_approval_ceiling: Money::of(auto_approval_ceiling_minor, *currency),
            }
        };
        Self {
            code: code.clone(),
            name: name.clone(),
            partner_types: partner_types.clone(),
            currency: *currency,
            levels: levels.iter().map(level).collect(),
        }
    }
}

/// A program: its levels, from the entry level up.
#[derive(Clone, InputObject)]
pub struct TierProgramInput {
    /// A short name that does not change; at most 40 characters.
    code: String,
    /// What it is called; at most 200 characters.
    name: String,
    /// The types of partner that it is for; empty for the last program, which is for everybody else.
    partner_types: Vec<PartnerType>,
    /// The currency of its amounts.
    currency: Currency,
    /// Every level once, from REGISTERED to PLATINUM; a higher one asks for no less than the one below it.
    levels: Vec<TierLevelInput>,
}

/// A level.
#[derive(Clone, InputObject)]
pub struct TierLevelInput {
    /// Which.
    tier: Tier,
    /// Asked for: revenue of the registered deals won in the twelve months before, in minor units.
    required_revenue_minor_units: BigInt,
    /// Asked for: live certifications.
    required_certifications: i64,
    /// Asked for: the engagement score, from 0 to 100.
    required_engagement_score: i64,
    /// Given: the discount on deals, in basis points.
    deal_discount_bp: i64,
    /// Given: for how many days a registration is protected, from 1 to 360.
    protection_days: i64,
    /// Given: the potential of market development funds in a year, in minor units.
    mdf_potential_minor_units: BigInt,
    /// Given: up to which amount a clean registration may be approved by policy, in minor units.
    auto_approval_ceiling_minor_units: BigInt,
}

/// Changes the policy of tiers.
#[derive(Clone, InputObject)]
pub struct SetTierPolicyInput {
    /// The programs, at most 20.
    programs: Vec<TierProgramInput>,
    /// How many reviews running may find a partner under the line of its level before one proposes a lower one; at most
    /// 12.
    grace_reviews: u32,
    /// From when on it is in force; at once when absent. Not before a version that was written earlier.
    effective_at: Option<Timestamp>,
    /// The latest version that you have read: refused when there is a later one.
    expected_version: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl TierProgramInput {
    fn parse(self, place: usize) -> AppResult<Program> {
        let level = |level: TierLevelInput| Level {
            tier: level.tier,
            requirements: Requirements {
                revenue_minor: level.required_revenue_minor_units.0,
                certifications: level.required_certifications,
                engagement_score: level.required_engagement_score,
            },
            benefits: Benefits {
                deal_discount_bp: level.deal_discount_bp,
                protection_days: level.protection_days,
                mdf_potential_minor: level.mdf_potential_minor_units.0,
                auto_approval_ceiling_minor: level.auto_approval_ceiling_minor_units.0,
            },
        };
        let levels = parse::at_most(self.levels, &format!("programs.{place}.levels"), 4)?;
        Ok(Program {
            code: parse::line(&self.code, &format!("programs.{place}.code"), 40)?,
            name: parse::line(&self.name, &format!("programs.{place}.name"), 200)?,
            partner_types: parse::at_most(self.partner_types, &format!("programs.{place}.partnerTypes"), 7)?,
            currency: self.currency,
            levels: levels.into_iter().map(level).collect(),
        })
    }
}

impl MutationInput for SetTierPolicyInput {
    type Command = Revision<TierPolicy>;
    const OPERATION: &'static str = "setTierPolicy";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Revision<TierPolicy>> {
        let programs = parse::at_most(self.programs, "programs", 20)?;
        let programs = programs.into_iter().enumerate().map(|(place, program)| program.parse(place));
        let policy = TierPolicy { programs: programs.collect::<AppResult<_>>()?, grace_reviews: self.grace_reviews };
        Ok(Revision { policy, effective_at: self.effective_at, expected_version: self.expected_version })
    }
}

payload! {
    /// The version of the policy that was written.
    SetTierPolicyPayload from Kept<TierPolicy> as kept {
        /// The version.
        policy: TierPolicyVersion = TierPolicyVersion(kept)
    }
}
