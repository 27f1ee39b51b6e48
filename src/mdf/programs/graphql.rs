//! Programs in the API.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{Currency, Day, MdfActivityType, MdfProgramId, MdfProgramState, Timestamp, TypedId};

use super::{
    model::{self, ActivityRule, CLAIM_WINDOW_DAYS, EXECUTION_BP, MEASUREMENT_WINDOW_DAYS, NewProgram},
    service,
};
use crate::{
    mdf::{calendar, decided, ledger},
    payload,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            money::{Money, MoneyInput},
            mutation::{MutationInput, mutate},
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// What can be done with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MdfProgramAction {
    /// Allocate funds to a partner: `allocateMdf`.
    Allocate,
    /// Request funds: `requestMdf`.
    Request,
}

/// What of an activity of a kind is reimbursed.
#[derive(SimpleObject)]
pub struct MdfActivityRule {
    /// The kind of activity.
    activity_type: MdfActivityType,
    /// The part of the cost that is reimbursed, in basis points: 5000 for half of it.
    reimbursement_rate_bp: i64,
    /// At most so much for one activity.
    cap: Money,
}

/// A program of market development funds: how much there is, for what, and until when.
pub struct MdfProgram(pub model::Program);

/// A program of market development funds: how much there is, for what, and until when.
#[Object]
impl MdfProgram {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The first day of its period (UTC).
    async fn starts_on(&self) -> Day {
        self.0.starts_on
    }

    /// The last day of its period (UTC).
    async fn ends_on(&self) -> Day {
        self.0.ends_on
    }

    /// The currency of all its amounts.
    async fn currency(&self) -> Currency {
        self.0.currency
    }

    /// The whole budget; null for partners.
    async fn budget(&self, gql: &Context<'_>) -> Option<Money> {
        gql.call().scope().is_everything().then(|| Money::of(self.0.budget, self.0.currency))
    }

    /// What of the budget is not allocated to a partner yet; null for partners.
    async fn unallocated(&self, gql: &Context<'_>) -> Option<AppResult<Money>> {
        if !gql.call().scope().is_everything() {
            return None;
        }
        let found = loaders::loader(gql, UnallocatedLoader).load_one(self.0.id).await;
        found.transpose().map(|amount| Ok(Money::of(amount?, self.0.currency)))
    }

    /// What may be spent on, at which rate and up to which amount. Anything else is refused.
    async fn activity_types(&self) -> Vec<MdfActivityRule> {
        let rule = |rule: &ActivityRule| MdfActivityRule {
            activity_type: rule.activity_type,
            reimbursement_rate_bp: rule.rate_bp,
            cap: Money::of(rule.cap, self.0.currency),
        };
        self.0.activities.iter().map(rule).collect()
    }

    /// The part of an approved amount that is payable when the claim is approved, in basis points.
    async fn execution_tranche_bp(&self) -> i64 {
        self.0.execution_bp
    }

    /// The part of an approved amount that depends on measured results, in basis points.
    async fn performance_tranche_bp(&self) -> i64 {
        10_000 - self.0.execution_bp
    }

    /// How many days after its end an activity may be claimed.
    async fn claim_window_days(&self) -> i64 {
        self.0.claim_window_days
    }

    /// How many days after its end an activity's results are measured.
    async fn measurement_window_days(&self) -> i64 {
        self.0.measurement_window_days
    }

    /// Where it is in its period.
    async fn state(&self, gql: &Context<'_>) -> MdfProgramState {
        self.0.state(calendar::day_of(gql.call().now()))
    }

    /// What you can do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> Vec<MdfProgramAction> {
        let call = gql.call();
        if self.0.state(calendar::day_of(call.now())) == MdfProgramState::Ended {
            return Vec::new();
        }
        [(Action::ManageMdfPrograms, MdfProgramAction::Allocate), (Action::RequestMdf, MdfProgramAction::Request)]
            .into_iter()
            .filter(|(action, _)| call.may(*action).is_ok())
            .map(|(_, shown)| shown)
            .collect()
    }

    /// Which fields can be changed now: none, a program stays as it was published.
    async fn editable_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// When its period is over.
    async fn next_deadline_at(&self, gql: &Context<'_>) -> Option<Timestamp> {
        let end = calendar::end_of(self.0.ends_on);
        (gql.call().now() < end).then_some(end)
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads programs.
struct ProgramLoader(Call);

impl Loader<MdfProgramId> for ProgramLoader {
    type Value = model::Program;
    type Error = AppError;

    async fn load(&self, ids: &[MdfProgramId]) -> AppResult<HashMap<MdfProgramId, model::Program>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|program| (program.id, program)).collect())
    }
}

/// Loads what programs have not allocated yet.
struct UnallocatedLoader(Call);

impl Loader<MdfProgramId> for UnallocatedLoader {
    type Value = i64;
    type Error = AppError;

    async fn load(&self, ids: &[MdfProgramId]) -> AppResult<HashMap<MdfProgramId, i64>> {
        Ok(ledger::unallocated(&self.0, ids).await?.into_iter().collect())
    }
}

impl MdfProgram {
    /// The program of an id, loaded together with its siblings.
    ///
    /// # Errors
    /// `Forbidden`; those of the database.
    pub async fn load(gql: &Context<'_>, id: MdfProgramId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, ProgramLoader).load_one(id).await?.map(Self))
    }
}

/// What of an activity of a kind is reimbursed.
#[derive(Clone, InputObject)]
pub struct MdfActivityRuleInput {
    /// The kind of activity. BRAND_ONLY is refused.
    activity_type: MdfActivityType,
    /// The part of the cost that is reimbursed, in basis points: 5000 for half of it.
    reimbursement_rate_bp: i64,
    /// At most so much for one activity, in the budget's currency.
    cap: MoneyInput,
}

/// Creates a program.
#[derive(Clone, InputObject)]
pub struct CreateMdfProgramInput {
    /// The name.
    name: String,
    /// The first day of its period (UTC).
    starts_on: Day,
    /// The last day of its period (UTC).
    ends_on: Day,
    /// The budget. Its currency is the currency of all amounts of the program.
    budget: MoneyInput,
    /// What may be spent on.
    activity_types: Vec<MdfActivityRuleInput>,
    /// The part of an approved amount that is payable when the claim is approved, in basis points; 6000 when absent.
    execution_tranche_bp: Option<i64>,
    /// How many days after its end an activity may be claimed; 45 when absent.
    claim_window_days: Option<i64>,
    /// How many days after its end an activity's results are measured; 90 when absent.
    measurement_window_days: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateMdfProgramInput {
    type Command = NewProgram;
    const OPERATION: &'static str = "createMdfProgram";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<NewProgram> {
        let budget = self.budget.positive("budget")?;
        let rules = parse::at_most(self.activity_types, "activityTypes", 20)?;
        let activities = rules.into_iter().enumerate().map(|(index, rule)| {
            let field = format!("activityTypes.{index}.cap");
            let cap = decided::same_currency(&field, budget.currency, rule.cap.positive(&field)?)?;
            Ok(ActivityRule { activity_type: rule.activity_type, rate_bp: rule.reimbursement_rate_bp, cap })
        });
        Ok(NewProgram {
            name: parse::line(&self.name, "name", 200)?,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            currency: budget.currency,
            budget: budget.minor_units,
            activities: activities.collect::<AppResult<_>>()?,
            execution_bp: self.execution_tranche_bp.unwrap_or(EXECUTION_BP),
            claim_window_days: self.claim_window_days.unwrap_or(CLAIM_WINDOW_DAYS),
            measurement_window_days: self.measurement_window_days.unwrap_or(MEASUREMENT_WINDOW_DAYS),
        })
    }
}

payload! {
    /// The program that was created.
    CreateMdfProgramPayload from model::Program as program {
        /// The program.
        program: MdfProgram = MdfProgram(program)
    }
}

/// Queries of programs.
#[derive(Default)]
pub struct MdfProgramQuery;

#[Object]
impl MdfProgramQuery {
    /// The programs of market development funds, newest first. Partners may read all of them: how funds are earned
    /// and what they may be spent on.
    async fn mdf_programs(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<MdfProgram>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "created", true)?;
        let rows = service::list(gql.call(), &page).await?;
        Ok(rows.connection(&page, |program| (SortKey::None, program.id.uuid()), MdfProgram))
    }
}

/// Mutations of programs.
#[derive(Default)]
pub struct MdfProgramMutation;

#[Object]
impl MdfProgramMutation {
    /// Creates a program of market development funds with its budget. For channel operations.
    async fn create_mdf_program(
        &self,
        gql: &Context<'_>,
        input: CreateMdfProgramInput,
    ) -> AppResult<CreateMdfProgramPayload> {
        mutate(gql, input, service::create).await
    }
}
