//! Mutations of joint business plans.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::Currency;

use super::BusinessPlan;
use crate::{
    kernel::code::Code,
    onboarding::business_plans::{
        model::{self, Act, NewPlan, Targets},
        service,
    },
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            money::{BigInt, MoneyInput},
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// How many certifications or activities may be aimed at.
const MOST_PIECES: i64 = 100_000;

/// What is aimed at in a year. Zero is a target like any other: nothing is aimed at.
#[derive(Clone, InputObject)]
pub struct BusinessPlanTargetsInput {
    /// Qualified pipeline, in minor units of the plan's currency: 123450 for 1,234.50 euros.
    pipeline_minor_units: BigInt,
    /// Revenue of won deals, in minor units of the plan's currency.
    revenue_minor_units: BigInt,
    /// Live certifications at the year's end.
    certifications: i64,
    /// Activities paid with market development funds.
    mdf_activities: i64,
    /// What is agreed beside the figures. At most 10,000 characters.
    note: Option<String>,
}

impl BusinessPlanTargetsInput {
    fn parse(self) -> AppResult<Targets> {
        let within = |value: i64, most: i64, field: &str| {
            let sentence = format!("A target is from 0 to {most}.");
            (0..=most)
                .contains(&value)
                .then_some(value)
                .ok_or_else(|| AppError::invalid(&format!("targets.{field}"), Code::OutOfRange, sentence))
        };
        let note = self.note.filter(|note| !note.trim().is_empty());
        Ok(Targets {
            pipeline_minor: within(self.pipeline_minor_units.0, MoneyInput::MOST, "pipelineMinorUnits")?,
            revenue_minor: within(self.revenue_minor_units.0, MoneyInput::MOST, "revenueMinorUnits")?,
            certifications: within(self.certifications, MOST_PIECES, "certifications")?,
            mdf_activities: within(self.mdf_activities, MOST_PIECES, "mdfActivities")?,
            note: note.map(|note| parse::prose(&note, "targets.note", 10_000)).transpose()?,
        })
    }
}

/// Begins a joint business plan.
#[derive(Clone, InputObject)]
pub struct CreateBusinessPlanInput {
    /// The partner: for the vendor's people, who have to say it; your own company when absent.
    partner_id: Option<ID>,
    /// The year of the calendar that it is for: from last year to two years ahead.
    year: i32,
    /// The currency of its amounts.
    currency: Currency,
    /// What is aimed at.
    targets: BusinessPlanTargetsInput,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateBusinessPlanInput {
    type Command = NewPlan;
    const OPERATION: &'static str = "createBusinessPlan";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<NewPlan> {
        Ok(NewPlan {
            partner_id: self.partner_id.map(|id| parse::id(&id, "partnerId")).transpose()?,
            year: self.year,
            currency: self.currency,
            targets: self.targets.parse()?,
        })
    }
}

/// Changes the targets of a joint business plan.
#[derive(Clone, InputObject)]
pub struct ChangeBusinessPlanInput {
    /// The plan.
    plan_id: ID,
    /// What is aimed at from now on.
    targets: BusinessPlanTargetsInput,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Asks both sides to agree to a joint business plan.
#[derive(Clone, InputObject)]
pub struct ProposeBusinessPlanInput {
    /// The plan.
    plan_id: ID,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Agrees to a joint business plan for your side.
#[derive(Clone, InputObject)]
pub struct AgreeBusinessPlanInput {
    /// The plan.
    plan_id: ID,
    /// The version that you have read, and so the targets that you agree to: refused when it changed since.
    expected_version: i64,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Ends a joint business plan.
#[derive(Clone, InputObject)]
pub struct CloseBusinessPlanInput {
    /// The plan.
    plan_id: ID,
    /// What came of it; the partner reads it. At most 1,000 characters.
    reason: Option<String>,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

macro_rules! act {
    ($input:ident, $operation:literal, $what:ty, |$it:ident| ($expected:expr, $given:expr)) => {
        impl MutationInput for $input {
            type Command = Act<$what>;
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<Act<$what>> {
                let $it = self;
                Ok(Act { id: parse::id(&$it.plan_id, "planId")?, expected_version: $expected, what: $given })
            }
        }
    };
}
act!(ChangeBusinessPlanInput, "changeBusinessPlan", Targets, |it| (it.expected_version, it.targets.parse()?));
act!(ProposeBusinessPlanInput, "proposeBusinessPlan", (), |it| (it.expected_version, ()));
act!(AgreeBusinessPlanInput, "agreeBusinessPlan", (), |it| (Some(it.expected_version), ()));
act!(CloseBusinessPlanInput, "closeBusinessPlan", Option<String>, |it| (
    it.expected_version,
    it.reason.map(|reason| parse::prose(&reason, "reason", 1000)).transpose()?
));

macro_rules! payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        payload! {
            $(#[$doc])*
            $name from model::BusinessPlan as plan {
                /// The plan.
                business_plan: BusinessPlan = BusinessPlan(plan)
            }
        }
    )*};
}

payloads! {
    /// The plan that was begun.
    CreateBusinessPlanPayload;
    /// The plan with its new targets.
    ChangeBusinessPlanPayload;
    /// The plan that waits for both sides.
    ProposeBusinessPlanPayload;
    /// The plan, agreed if the other side has agreed too.
    AgreeBusinessPlanPayload;
    /// The plan that is over.
    CloseBusinessPlanPayload;
}

/// Mutations of joint business plans.
#[derive(Default)]
pub struct BusinessPlanMutation;

#[Object]
impl BusinessPlanMutation {
    /// Begins a joint business plan: one per partner and year. For a partner's administrators, and the vendor's people
    /// who care for partners.
    async fn create_business_plan(
        &self,
        gql: &Context<'_>,
        input: CreateBusinessPlanInput,
    ) -> AppResult<CreateBusinessPlanPayload> {
        mutate(gql, input, service::create).await
    }

    /// Changes the targets. A side that had agreed has to agree again. Of an agreed plan this is an amendment: a new
    /// revision, beside which the agreed one stays in force until both sides agree to the new one.
    async fn change_business_plan(
        &self,
        gql: &Context<'_>,
        input: ChangeBusinessPlanInput,
    ) -> AppResult<ChangeBusinessPlanPayload> {
        mutate(gql, input, service::change).await
    }

    /// Asks both sides to agree to a draft.
    async fn propose_business_plan(
        &self,
        gql: &Context<'_>,
        input: ProposeBusinessPlanInput,
    ) -> AppResult<ProposeBusinessPlanPayload> {
        mutate(gql, input, service::propose).await
    }

    /// Agrees for your side: a partner's administrator for the partner, the vendor's people for the vendor. When both
    /// have agreed the plan is agreed, and the step of the onboarding plan completes itself.
    async fn agree_business_plan(
        &self,
        gql: &Context<'_>,
        input: AgreeBusinessPlanInput,
    ) -> AppResult<AgreeBusinessPlanPayload> {
        mutate(gql, input, service::agree).await
    }

    /// Ends an agreed plan, with what came of it. For the vendor's people who care for partners.
    async fn close_business_plan(
        &self,
        gql: &Context<'_>,
        input: CloseBusinessPlanInput,
    ) -> AppResult<CloseBusinessPlanPayload> {
        mutate(gql, input, service::close).await
    }
}
