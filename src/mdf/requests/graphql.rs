//! Requests in the API.

use std::collections::HashMap;

use async_graphql::{
    Context, Enum, ID, InputObject, Object, SimpleObject, Value, dataloader::Loader, parser::types::Field,
};
use entity::value::{Day, MdfActivityType, MdfRequestId, MdfRequestState, PartnerId, Timestamp, TypedId};

use super::{
    model::{self, RequestOrder},
    service,
};
use crate::{
    kernel::money::Money as Amount,
    mdf::{calendar, programs::graphql::MdfProgram},
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::{self, AtHand, AtOnce, maybe, text, word},
            loaders,
            money::Money,
            order::OrderDirection,
            page::{Listed, Page, PageArgs, SortKey},
            parse,
        },
    },
};

pub mod mutations;

pub use mutations::MdfRequestMutation;

/// What can be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MdfRequestAction {
    /// Approve it: `approveMdfRequest`.
    Approve,
    /// Reject it: `rejectMdfRequest`.
    Reject,
    /// Claim it: `submitMdfClaim`.
    Claim,
}

/// What qualifies as success, fixed before approval.
#[derive(SimpleObject)]
pub struct MdfOutcomeContract {
    /// What counts as a qualified lead.
    qualified_lead_definition: String,
    /// How many qualified leads are promised (L*).
    target_leads: i64,
    /// How much pipeline is promised (P*).
    target_pipeline: Money,
    /// The last day of the measurement window (UTC).
    measured_by: Day,
}

/// A request for market development funds: an activity, its money, and what it shall achieve.
pub struct MdfRequest(pub model::Request);

/// A request for market development funds: an activity, its money, and what it shall achieve.
#[Object]
impl MdfRequest {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The program.
    async fn program(&self, gql: &Context<'_>) -> Option<AppResult<MdfProgram>> {
        MdfProgram::load(gql, self.0.program_id).await.transpose()
    }

    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id).await.transpose()
    }

    /// Where it is now.
    async fn state(&self, gql: &Context<'_>) -> MdfRequestState {
        self.0.state_on(calendar::day_of(gql.call().now()))
    }

    /// The kind of activity.
    async fn activity_type(&self) -> MdfActivityType {
        self.0.activity_type
    }

    /// What the activity is called.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Whom the activity is for.
    async fn audience(&self) -> &str {
        &self.0.audience
    }

    /// The activity's first day (UTC).
    async fn starts_on(&self) -> Day {
        self.0.starts_on
    }

    /// The activity's last day (UTC).
    async fn ends_on(&self) -> Day {
        self.0.ends_on
    }

    /// The planned cost.
    async fn planned_cost(&self) -> Money {
        Money::of(self.0.planned_cost, self.0.currency)
    }

    /// The part of the cost that is reimbursed, in basis points, as the program had it when it was requested.
    async fn reimbursement_rate_bp(&self) -> i64 {
        self.0.rate_bp
    }

    /// What was asked for.
    async fn requested_amount(&self) -> Money {
        Money::of(self.0.requested_amount, self.0.currency)
    }

    /// What was approved; null before.
    async fn approved_amount(&self) -> Option<Money> {
        self.0.approved_amount.map(|amount| Money::of(amount, self.0.currency))
    }

    /// What qualifies as success.
    async fn outcome_contract(&self) -> MdfOutcomeContract {
        let contract = &self.0.contract;
        MdfOutcomeContract {
            qualified_lead_definition: contract.qualified_lead_definition.clone(),
            target_leads: contract.target_leads,
            target_pipeline: Money::of(contract.target_pipeline, self.0.currency),
            measured_by: self.0.measured_by,
        }
    }

    /// The last day on which the activity may be claimed (UTC).
    async fn claim_by(&self) -> Day {
        self.0.claim_by
    }

    /// Who asked; null when you may not see them.
    async fn requested_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.requested_by?).await.transpose()
    }

    /// When it was asked for.
    async fn requested_at(&self) -> Timestamp {
        self.0.requested_at
    }

    /// Who approved or rejected it; null before, and when you may not see them.
    async fn decided_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.decided_by?).await.transpose()
    }

    /// When it was approved or rejected; null before.
    async fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// Why it was rejected; null when it was not.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }

    /// What you can do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> Vec<MdfRequestAction> {
        let allowed = service::allowed(gql.call(), &self.0);
        [
            (allowed.approve, MdfRequestAction::Approve),
            (allowed.reject, MdfRequestAction::Reject),
            (allowed.claim, MdfRequestAction::Claim),
        ]
        .into_iter()
        .filter_map(|(may, action)| may.then_some(action))
        .collect()
    }

    /// Which fields can be changed now: none once it is submitted.
    async fn editable_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// The next deadline: until when it can be approved, then until when it can be claimed; null when nothing waits.
    async fn next_deadline_at(&self, gql: &Context<'_>) -> Option<Timestamp> {
        self.0.next_deadline_at(gql.call().now())
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

impl AtOnce for MdfRequest {
    const TYPE: &'static str = "MdfRequest";

    fn field(&self, call: &Call, field: &Field) -> Option<Value> {
        let it = &self.0;
        let money = |minor_units| {
            let amount = Amount { minor_units, currency: it.currency };
            at_once::object(&amount, call, &field.selection_set.node)
        };
        Some(match field.name.node.as_str() {
            "id" => word(it.id),
            "state" => word(it.state_on(calendar::day_of(call.now()))),
            "activityType" => word(it.activity_type),
            "title" => text(&it.title),
            "audience" => text(&it.audience),
            "startsOn" => word(it.starts_on),
            "endsOn" => word(it.ends_on),
            "plannedCost" => money(it.planned_cost)?,
            "reimbursementRateBp" => it.rate_bp.into(),
            "requestedAmount" => money(it.requested_amount)?,
            "approvedAmount" => it.approved_amount.map_or(Some(Value::Null), money)?,
            "claimBy" => word(it.claim_by),
            "requestedAt" => word(it.requested_at),
            "decidedAt" => maybe(it.decided_at, word),
            "decisionReason" => maybe(it.decision_reason.as_deref(), text),
            "nextDeadlineAt" => maybe(it.next_deadline_at(call.now()), word),
            "version" => it.version.into(),
            _ => return None,
        })
    }
}

/// Loads requests for the caller.
struct RequestLoader(Call);

impl Loader<MdfRequestId> for RequestLoader {
    type Value = model::Request;
    type Error = AppError;

    async fn load(&self, ids: &[MdfRequestId]) -> AppResult<HashMap<MdfRequestId, model::Request>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|request| (request.id, request)).collect())
    }
}

impl MdfRequest {
    /// The request of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// `Forbidden`; those of the database.
    pub async fn load(gql: &Context<'_>, id: MdfRequestId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, RequestLoader).load_one(id).await?.map(Self))
    }

    /// A page of one partner's requests, newest first.
    ///
    /// # Errors
    /// `Forbidden`, a bad page; those of the database.
    pub async fn of_partner(
        gql: &Context<'_>,
        partner_id: PartnerId,
        filter: Option<MdfRequestFilter>,
        args: PageArgs,
    ) -> AppResult<Listed<AtHand<Self>>> {
        let page = args.parse(gql, "created", true)?;
        let filter = model::RequestFilter { partner_id: Some(partner_id), ..filter.unwrap_or_default().parse()? };
        list(gql, filter, RequestOrder::Created, &page).await
    }
}

/// Which requests a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct MdfRequestFilter {
    /// In one of these states now.
    states: Option<Vec<MdfRequestState>>,
    /// Of one of these types.
    activity_types: Option<Vec<MdfActivityType>>,
    /// Of this program.
    program_id: Option<ID>,
    /// Of this partner.
    partner_id: Option<ID>,
}

impl MdfRequestFilter {
    fn parse(self) -> AppResult<model::RequestFilter> {
        Ok(model::RequestFilter {
            states: parse::at_most(self.states.unwrap_or_default(), "filter.states", 20)?,
            activity_types: parse::at_most(self.activity_types.unwrap_or_default(), "filter.activityTypes", 20)?,
            program_id: self.program_id.map(|id| parse::id(&id, "filter.programId")).transpose()?,
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
        })
    }
}

/// What a list of requests is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MdfRequestOrderField {
    /// When they were made.
    CreatedAt,
    /// When their activities begin.
    StartsOn,
}

/// The order of a list of requests.
#[derive(Clone, InputObject)]
pub struct MdfRequestOrder {
    /// What they are sorted by.
    field: MdfRequestOrderField,
    /// In which direction.
    direction: OrderDirection,
}

async fn list(
    gql: &Context<'_>,
    filter: model::RequestFilter,
    order: RequestOrder,
    page: &Page,
) -> AppResult<Listed<AtHand<MdfRequest>>> {
    let rows = service::list(gql.call(), filter, order, page).await?;
    let place = |request: &model::Request| match order {
        RequestOrder::Created => (SortKey::None, request.id.uuid()),
        RequestOrder::StartsOn => (SortKey::Text(request.starts_on.to_string()), request.id.uuid()),
    };
    Ok(rows.connection(page, place, |request| AtHand(MdfRequest(request))))
}

/// Queries of requests.
#[derive(Default)]
pub struct MdfRequestQuery;

#[Object]
impl MdfRequestQuery {
    /// The request of an id; null when there is none, or none that you may see.
    async fn mdf_request(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The request's id.")] id: ID,
    ) -> Option<AppResult<MdfRequest>> {
        MdfRequest::load(gql, id.parse::<MdfRequestId>().ok()?).await.transpose()
    }

    /// The requests for market development funds that you may see: all of them for staff, those of their own company
    /// for partners. Newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn mdf_requests(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MdfRequestFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<MdfRequestOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AtHand<MdfRequest>>> {
        let order = order_by
            .unwrap_or(MdfRequestOrder { field: MdfRequestOrderField::CreatedAt, direction: OrderDirection::Desc });
        let (name, field) = match order.field {
            MdfRequestOrderField::CreatedAt => ("created", RequestOrder::Created),
            MdfRequestOrderField::StartsOn => ("startsOn", RequestOrder::StartsOn),
        };
        let page = PageArgs { first, after, last, before }.parse(gql, name, order.direction.is_descending())?;
        list(gql, filter.unwrap_or_default().parse()?, field, &page).await
    }
}
