//! The policy of deals in the API. Partners learn nothing of it.

mod preview;
mod types;

use async_graphql::{Context, InputObject, Object};
use entity::value::Timestamp;

use self::preview::{ORDER, shown};
pub use self::{preview::DealPolicyPreview, types::DealPolicyVersion};
use super::{
    lab::Asked,
    model::{DealPolicyDraft, SetPolicy},
    service,
};
use crate::{
    deals::registrations::rules::policy::DealPolicy,
    payload,
    platform::{
        error::AppResult,
        graphql::{
            GqlContext,
            mutation::{MutationInput, mutate},
            page::PageArgs,
        },
        policies::Kept,
    },
};

/// Writes the next version of the policy of deals.
#[derive(Clone, InputObject)]
pub struct SetDealPolicyInput {
    /// What it says anew; what is absent stays.
    policy: DealPolicyDraft,
    /// From when on it is in force; at once when absent. Not before a version that was written earlier, and at most 366
    /// days ahead.
    effective_at: Option<Timestamp>,
    /// The latest version that you have read: refused when there is a later one.
    expected_version: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetDealPolicyInput {
    type Command = SetPolicy;
    const OPERATION: &'static str = "setDealPolicy";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SetPolicy> {
        let Self { policy, effective_at, expected_version, idempotency_key: _ } = self;
        Ok(SetPolicy { draft: policy, effective_at, expected_version })
    }
}

payload! {
    /// The version that was written.
    SetDealPolicyPayload from Kept<DealPolicy> as kept {
        /// The version.
        deal_policy: DealPolicyVersion = DealPolicyVersion(kept)
    }
}

/// Queries of the policy of deals.
#[derive(Default)]
pub struct DealPolicyQuery;

#[Object]
impl DealPolicyQuery {
    /// The policy of deals: what evidence is worth, what conflicts lead to, and by when things are decided. For staff.
    async fn deal_policy(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The version; the one in force when absent.")] version: Option<i32>,
    ) -> AppResult<DealPolicyVersion> {
        Ok(DealPolicyVersion(service::read(gql.call(), version).await?))
    }

    /// The policy lab: replays what was decided in a span of time, at most 5,000 decisions, under a draft of the policy, and
    /// answers which decisions would have come out otherwise. What is absent in the draft is as in the version that was
    /// written last, upon which `setDealPolicy` writes the next. Replayed is what left a receipt: registrations that
    /// were taken in, and protections that were granted. For channel operations.
    #[expect(clippy::too_many_arguments, reason = "a draft, a span and a page")]
    async fn preview_deal_policy(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "What the policy would say.")] policy: DealPolicyDraft,
        #[graphql(desc = "Decisions from this instant on.")] from: Timestamp,
        #[graphql(desc = "Decisions before this instant.")] to: Timestamp,
        #[graphql(desc = "How many differences, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only differences after this cursor.")] after: Option<String>,
    ) -> AppResult<DealPolicyPreview> {
        let page = PageArgs { first, after, last: None, before: None }.parse_uncounted(ORDER, false)?;
        let preview = service::preview(gql.call(), policy, Asked { from, to }).await?;
        Ok(shown(preview, &page))
    }
}

/// Mutations of the policy of deals.
#[derive(Default)]
pub struct DealPolicyMutation;

#[Object]
impl DealPolicyMutation {
    /// Writes the next version of the policy of deals. Decisions that were made keep the version that they were made
    /// under. For channel operations.
    async fn set_deal_policy(&self, gql: &Context<'_>, input: SetDealPolicyInput) -> AppResult<SetDealPolicyPayload> {
        mutate(gql, input, service::set).await
    }
}
