//! Mutations of requests.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::{Day, MdfActivityType};

use super::{
    super::{
        model::{Approve, Decided, NewRequest, Reject, Request},
        service,
    },
    MdfRequest,
};
use crate::{
    payload,
    platform::{
        error::AppResult,
        graphql::{
            errors::DecisionReceipt,
            money::MoneyInput,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Requests funds.
#[derive(Clone, InputObject)]
pub struct RequestMdfInput {
    /// The program; `mdfPrograms` lists them.
    program_id: ID,
    /// The kind of activity: one that the program reimburses.
    activity_type: MdfActivityType,
    /// What the activity is called.
    title: String,
    /// Whom the activity is for.
    audience: String,
    /// The activity's first day (UTC): today or later, nothing is reimbursed after the fact.
    starts_on: Day,
    /// The activity's last day (UTC).
    ends_on: Day,
    /// The planned cost, in the program's currency.
    planned_cost: MoneyInput,
    /// What you ask for: at most the planned cost × the program's rate, and at most its cap.
    requested_amount: MoneyInput,
    /// What counts as a qualified lead.
    qualified_lead_definition: String,
    /// How many qualified leads you promise (L*).
    target_leads: i64,
    /// How much pipeline you promise (P*), in the program's currency.
    target_pipeline: MoneyInput,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RequestMdfInput {
    type Command = NewRequest;
    const OPERATION: &'static str = "requestMdf";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<NewRequest> {
        Ok(NewRequest {
            program_id: parse::id(&self.program_id, "programId")?,
            activity_type: self.activity_type,
            title: parse::line(&self.title, "title", 200)?,
            audience: parse::prose(&self.audience, "audience", 2_000)?,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            planned_cost: self.planned_cost.positive("plannedCost")?,
            requested_amount: self.requested_amount.positive("requestedAmount")?,
            qualified_lead_definition: parse::prose(&self.qualified_lead_definition, "qualifiedLeadDefinition", 2_000)?,
            target_leads: self.target_leads,
            target_pipeline: self.target_pipeline.positive("targetPipeline")?,
        })
    }
}

payload! {
    /// The request that was made.
    RequestMdfPayload from Request as request {
        /// The request.
        request: MdfRequest = MdfRequest(request)
    }
}

/// Approves a request.
#[derive(Clone, InputObject)]
pub struct ApproveMdfRequestInput {
    /// The request.
    request_id: ID,
    /// A lower amount than the one asked for; the whole when absent.
    amount: Option<MoneyInput>,
    /// The version of the request that you decide about: refused when it changed since. Not checked when absent.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ApproveMdfRequestInput {
    type Command = Approve;
    const OPERATION: &'static str = "approveMdfRequest";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Approve> {
        Ok(Approve {
            id: parse::id(&self.request_id, "requestId")?,
            amount: self.amount.map(|amount| amount.positive("amount")).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The request that was approved.
    ApproveMdfRequestPayload from Decided as decided {
        /// The request.
        request: MdfRequest = MdfRequest(decided.request.clone()),
        /// Why.
        receipt: DecisionReceipt = DecisionReceipt::for_audience(decided.receipt, true)
    }
}

/// Rejects a request.
#[derive(Clone, InputObject)]
pub struct RejectMdfRequestInput {
    /// The request.
    request_id: ID,
    /// Why: the partner reads it.
    reason: String,
    /// The version of the request that you decide about: refused when it changed since. Not checked when absent.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RejectMdfRequestInput {
    type Command = Reject;
    const OPERATION: &'static str = "rejectMdfRequest";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Reject> {
        Ok(Reject {
            id: parse::id(&self.request_id, "requestId")?,
            reason: parse::prose(&self.reason, "reason", 2_000)?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The request that was rejected.
    RejectMdfRequestPayload from Decided as decided {
        /// The request.
        request: MdfRequest = MdfRequest(decided.request)
    }
}

/// Mutations of requests.
#[derive(Default)]
pub struct MdfRequestMutation;

#[Object]
impl MdfRequestMutation {
    /// Requests funds for an activity, with its outcome contract. For marketers and administrators of a partner.
    async fn request_mdf(&self, gql: &Context<'_>, input: RequestMdfInput) -> AppResult<RequestMdfPayload> {
        mutate(gql, input, service::request).await
    }

    /// Approves a request, possibly of a lower amount, and commits the funds. For channel operations; never by who
    /// asked.
    async fn approve_mdf_request(
        &self,
        gql: &Context<'_>,
        input: ApproveMdfRequestInput,
    ) -> AppResult<ApproveMdfRequestPayload> {
        mutate(gql, input, service::approve).await
    }

    /// Rejects a request. For channel operations; never by who asked.
    async fn reject_mdf_request(
        &self,
        gql: &Context<'_>,
        input: RejectMdfRequestInput,
    ) -> AppResult<RejectMdfRequestPayload> {
        mutate(gql, input, service::reject).await
    }
}
