//! Mutations of registrations, and their payloads.

use async_graphql::{Context, Object};

use super::{
    DealRegistration,
    changes::{
        AddDealEvidenceInput, AdvanceDealStageInput, ApproveDealRegistrationInput, ExtendDealProtectionInput,
        MarkDealLostInput, MarkDealWonInput, RejectDealRegistrationInput, ReportDealProgressInput,
        RequestDealInformationInput, RevokeDealRegistrationInput, SubmitDealRegistrationInput,
        TakeDealRegistrationInput, UpdateDealRegistrationInput, WaitlistDealRegistrationInput,
        WithdrawDealEvidenceInput, WithdrawDealRegistrationInput,
    },
    inputs::RegisterDealInput,
};
use crate::{
    deals::registrations::{model::Registration, service},
    payload,
    platform::{error::AppResult, graphql::mutation::mutate},
};

payload! {
    /// The registration, as it was taken in.
    RegisterDealPayload from Registration as registration {
        /// The new registration.
        deal_registration: DealRegistration = DealRegistration(registration)
    }
}

payload! {
    /// The registration after a change.
    DealRegistrationPayload from Registration as registration {
        /// The registration after the change.
        deal_registration: DealRegistration = DealRegistration(registration)
    }
}

/// Mutations of deal registrations.
#[derive(Default)]
pub struct DealRegistrationMutation;

#[Object]
impl DealRegistrationMutation {
    /// Registers a deal of your company. The customer's account is found in any spelling, or created; the evidence is
    /// scored; with sufficient evidence the registration has its place in the queue from this instant on. When the
    /// account is not available the answer is the same whatever the reason.
    async fn register_deal(&self, gql: &Context<'_>, input: RegisterDealInput) -> AppResult<RegisterDealPayload> {
        mutate(gql, input, service::register).await
    }

    /// Changes what a registration of your company says: everything of a draft; while you are asked, the parts in question;
    /// while it is protected, how the deal goes on. `editableFields` says which parts.
    async fn update_deal_registration(
        &self,
        gql: &Context<'_>,
        input: UpdateDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::update).await
    }

    /// Hands in a draft of your company, which is answered like `registerDeal`: with sufficient evidence its place in the
    /// queue begins at this instant. Or hands back a registration that you were asked about: its place is what it was.
    async fn submit_deal_registration(
        &self,
        gql: &Context<'_>,
        input: SubmitDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::submit).await
    }

    /// Withdraws an item of evidence of your company. It stays on record and counts no more; when what is left is not
    /// sufficient, the place in the queue is lost.
    async fn withdraw_deal_evidence(
        &self,
        gql: &Context<'_>,
        input: WithdrawDealEvidenceInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::withdraw_evidence).await
    }

    /// Takes a registration: you look at it from now on. For staff who decide.
    async fn take_deal_registration(
        &self,
        gql: &Context<'_>,
        input: TakeDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::take).await
    }

    /// Asks the partner for more. The time for the decision stands still until the partner has answered, and its place in
    /// the queue is kept. For staff who decide.
    async fn request_deal_information(
        &self,
        gql: &Context<'_>,
        input: RequestDealInformationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::request_information).await
    }

    /// Adds evidence to a registration of your company. The instant at which the evidence becomes sufficient is its
    /// place in the queue.
    async fn add_deal_evidence(
        &self,
        gql: &Context<'_>,
        input: AddDealEvidenceInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::add_evidence).await
    }

    /// Takes back a registration of your company before it is decided, or gives its protection up.
    async fn withdraw_deal_registration(
        &self,
        gql: &Context<'_>,
        input: WithdrawDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::withdraw).await
    }

    /// Grants a registration protection of each of its product lines on the account, for as long as the partner's tier
    /// says. At any moment at most one partner is protected on an account and product line; the receipt says which rule
    /// refused. For staff who decide.
    async fn approve_deal_registration(
        &self,
        gql: &Context<'_>,
        input: ApproveDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::approve).await
    }

    /// Puts an undecided registration with sufficient evidence on the waiting list, when somebody else holds its place by now:
    /// it is offered the place when that becomes free without a win (`waitlistOffer`). For staff who decide.
    async fn waitlist_deal_registration(
        &self,
        gql: &Context<'_>,
        input: WaitlistDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::waitlist).await
    }

    /// Refuses a registration, with a code and a reason that the partner reads. For staff who decide.
    async fn reject_deal_registration(
        &self,
        gql: &Context<'_>,
        input: RejectDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::reject).await
    }

    /// Extends the protection of a registration of your company, when there was progress since it was granted or extended
    /// last: a later stage, or a dated interaction that took place since. The receipt says which rule refused.
    async fn extend_deal_protection(
        &self,
        gql: &Context<'_>,
        input: ExtendDealProtectionInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::extend).await
    }

    /// Says how a protected deal of your company goes on. A protection of which nothing is heard for long is warned, and may
    /// be revoked.
    async fn report_deal_progress(
        &self,
        gql: &Context<'_>,
        input: ReportDealProgressInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::report_progress).await
    }

    /// Takes a protection away, with a code and a rationale that the partner reads: for inactivity only once that has lasted
    /// as long as the policy says. For staff who decide.
    async fn revoke_deal_registration(
        &self,
        gql: &Context<'_>,
        input: RevokeDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::revoke).await
    }

    /// Moves the sale of a protected registration to a later stage.
    async fn advance_deal_stage(
        &self,
        gql: &Context<'_>,
        input: AdvanceDealStageInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::advance).await
    }

    /// Records the order: the protection ends as converted. For staff, who have seen the order.
    async fn mark_deal_won(&self, gql: &Context<'_>, input: MarkDealWonInput) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::win).await
    }

    /// Records that the customer decided otherwise: the protection ends as released.
    async fn mark_deal_lost(&self, gql: &Context<'_>, input: MarkDealLostInput) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::lose).await
    }
}
