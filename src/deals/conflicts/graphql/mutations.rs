//! Mutations of conflict cases, and their payload.

use async_graphql::{Context, Object};

use super::{
    DealConflict,
    inputs::{
        AcceptDealConflictShareInput, AppealDealConflictInput, AssignDealConflictInput, DecideDealConflictInput,
        DeclineDealConflictShareInput, DisputeDealDecisionInput, OpenDealConflictInput,
        SubmitDealConflictStatementInput,
    },
};
use crate::{
    deals::{
        conflicts::{model::Conflict, service},
        registrations::graphql::DealRegistrationPayload,
    },
    payload,
    platform::{error::AppResult, graphql::mutation::mutate},
};

payload! {
    /// The conflict case after a change.
    DealConflictPayload from Conflict as conflict {
        /// The case after the change.
        deal_conflict: DealConflict = DealConflict(conflict)
    }
}

/// What partners do in conflict cases.
#[derive(Default)]
pub struct DealConflictPartyMutation;

#[Object]
impl DealConflictPartyMutation {
    /// Disputes what was decided about a registration of your company: rejected by staff, waiting, or in review. A case is
    /// opened, and somebody decides within three business days. Each decision is disputed once. The answer is the same
    /// whoever stands in your way.
    async fn dispute_deal_decision(
        &self,
        gql: &Context<'_>,
        input: DisputeDealDecisionInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::dispute).await
    }

    /// Says what speaks for a registration of your company while a conflict about it is open. Evidence is added with
    /// `addDealEvidence`.
    async fn submit_deal_conflict_statement(
        &self,
        gql: &Context<'_>,
        input: SubmitDealConflictStatementInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::state).await
    }

    /// Accepts the part of the deal that your company is offered. The deal is shared once every party has accepted.
    async fn accept_deal_conflict_share(
        &self,
        gql: &Context<'_>,
        input: AcceptDealConflictShareInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::accept).await
    }

    /// Declines the part of the deal that your company is offered: the vendor decides anew.
    async fn decline_deal_conflict_share(
        &self,
        gql: &Context<'_>,
        input: DeclineDealConflictShareInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::decline).await
    }

    /// Appeals what a conflict case decided about a registration of your company, once a case, within ten business days.
    /// Somebody decides who took no part, and protection stands still meanwhile.
    async fn appeal_deal_conflict(
        &self,
        gql: &Context<'_>,
        input: AppealDealConflictInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::appeal).await
    }
}

/// What staff do with conflict cases.
#[derive(Default)]
pub struct DealConflictMutation;

#[Object]
impl DealConflictMutation {
    /// Opens a conflict case between registrations on one account: undecided, waiting or protected ones. For staff who
    /// decide.
    async fn open_deal_conflict(
        &self,
        gql: &Context<'_>,
        input: OpenDealConflictInput,
    ) -> AppResult<DealConflictPayload> {
        mutate(gql, input, service::open).await
    }

    /// Says who is to decide a conflict case. For staff who decide.
    async fn assign_deal_conflict(
        &self,
        gql: &Context<'_>,
        input: AssignDealConflictInput,
    ) -> AppResult<DealConflictPayload> {
        mutate(gql, input, service::assign).await
    }

    /// Decides a conflict case with one outcome; `SHARED` is offered to the parties first. An appeal is decided by somebody
    /// who took no part. For staff who decide.
    async fn decide_deal_conflict(
        &self,
        gql: &Context<'_>,
        input: DecideDealConflictInput,
    ) -> AppResult<DealConflictPayload> {
        mutate(gql, input, service::decide).await
    }
}
