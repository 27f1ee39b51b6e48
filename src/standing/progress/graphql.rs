//! Progress in the API.

use std::collections::HashMap;

use async_graphql::{Context, Enum, SimpleObject, dataloader::Loader};
use entity::value::{Currency, Timestamp};

use super::service::{self, Key};
use crate::{
    kernel::figure::Figure,
    onboarding::business_plans::model::{BusinessPlan, Targets},
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{GqlContext, loaders, money::BigInt},
    },
    standing::figures::YearFigures,
};

/// What a joint business plan aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum BusinessPlanTargetKind {
    /// The amounts of registrations that were qualified in the year and neither rejected nor withdrawn, in minor units.
    Pipeline,
    /// The amounts of registered deals that were won in the year, in minor units.
    Revenue,
    /// Live certifications at the year's end, or now while the year lasts.
    Certifications,
    /// Approved activities that began in the year and did not expire unclaimed.
    MdfActivities,
}

/// How far a target is.
#[derive(SimpleObject)]
pub struct BusinessPlanTargetProgress {
    /// Which target.
    target: BusinessPlanTargetKind,
    /// What is aimed at.
    planned: BigInt,
    /// What there is; null when there is no data to tell it from, which is not the same as zero.
    actual: Option<BigInt>,
    /// How many deals, certifications or activities make it up.
    rows: BigInt,
    /// How many of them there are at the partner in all, whether they count or not: with none there is no data.
    considered: BigInt,
    /// How many would count if they were in the plan's currency; nothing is converted.
    in_other_currencies: BigInt,
    /// What there is of what is aimed at, in basis points: 10000 when it is reached. Null without data, and when nothing
    /// is aimed at.
    reached_bp: Option<BigInt>,
}

/// How far a joint business plan is, computed from what happened.
#[derive(SimpleObject)]
pub struct BusinessPlanProgress {
    /// The instant that it is of: that of your query.
    as_of: Timestamp,
    /// The currency of pipeline and revenue.
    currency: Currency,
    /// Each target.
    targets: Vec<BusinessPlanTargetProgress>,
}

struct ProgressLoader(Call);

impl Loader<Key> for ProgressLoader {
    type Value = YearFigures;
    type Error = AppError;

    async fn load(&self, keys: &[Key]) -> AppResult<HashMap<Key, YearFigures>> {
        service::of_years(&self.0, keys).await
    }
}

impl BusinessPlanProgress {
    /// The progress of a plan against targets, loaded together with that of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(gql: &Context<'_>, plan: &BusinessPlan, targets: Targets) -> AppResult<Self> {
        use BusinessPlanTargetKind as Kind;
        let key = (plan.partner_id, plan.year, plan.currency);
        let figures = loaders::loader(gql, ProgressLoader).load_one(key).await?.unwrap_or_default();
        let targets = vec![
            progress(Kind::Pipeline, targets.pipeline_minor, figures.pipeline),
            progress(Kind::Revenue, targets.revenue_minor, figures.revenue),
            progress(Kind::Certifications, targets.certifications, figures.certifications),
            progress(Kind::MdfActivities, targets.mdf_activities, figures.mdf_activities),
        ];
        Ok(Self { as_of: gql.call().now(), currency: plan.currency, targets })
    }
}

fn progress(target: BusinessPlanTargetKind, planned: i64, figure: Figure) -> BusinessPlanTargetProgress {
    let reached = i128::from(figure.value).saturating_mul(10_000).checked_div(i128::from(planned));
    let reached = reached.map(|reached| i64::try_from(reached).unwrap_or(i64::MAX));
    BusinessPlanTargetProgress {
        target,
        planned: BigInt(planned),
        actual: figure.has_data().then_some(BigInt(figure.value)),
        rows: BigInt(figure.rows),
        considered: BigInt(figure.considered),
        in_other_currencies: BigInt(figure.left_out),
        reached_bp: reached.filter(|_| figure.has_data()).map(BigInt),
    }
}
