//! Mutations of tiers.

use async_graphql::{Context, ID, InputObject, Object};

use super::{
    TierReview,
    policy::{SetTierPolicyInput, SetTierPolicyPayload},
};
use crate::{
    onboarding::tiers::{
        model::{Decide, Review, ReviewAction},
        service,
    },
    payload,
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Confirms the level that a review proposes.
#[derive(Clone, InputObject)]
pub struct ConfirmTierChangeInput {
    /// The review.
    review_id: ID,
    /// Why, if there is more to say than the figures; the partner reads it. At most 1,000 characters.
    reason: Option<String>,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Dismisses the level that a review proposes.
#[derive(Clone, InputObject)]
pub struct DismissTierChangeInput {
    /// The review.
    review_id: ID,
    /// Why; for the vendor's people only. At most 1,000 characters.
    reason: String,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ConfirmTierChangeInput {
    type Command = Decide;
    const OPERATION: &'static str = "confirmTierChange";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Decide> {
        Ok(Decide {
            id: parse::id(&self.review_id, "reviewId")?,
            action: ReviewAction::Confirm,
            reason: self.reason.map(|reason| parse::prose(&reason, "reason", 1000)).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

impl MutationInput for DismissTierChangeInput {
    type Command = Decide;
    const OPERATION: &'static str = "dismissTierChange";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Decide> {
        Ok(Decide {
            id: parse::id(&self.review_id, "reviewId")?,
            action: ReviewAction::Dismiss,
            reason: Some(parse::prose(&self.reason, "reason", 1000)?),
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The review, by which the partner's level has changed.
    ConfirmTierChangePayload from Review as review {
        /// The review.
        tier_review: TierReview = TierReview(review)
    }
}

payload! {
    /// The review; the partner keeps its level.
    DismissTierChangePayload from Review as review {
        /// The review.
        tier_review: TierReview = TierReview(review)
    }
}

/// Mutations of tiers.
#[derive(Default)]
pub struct TierMutation;

#[Object]
impl TierMutation {
    /// Confirms the level that a review proposes: it is the partner's from now on. For channel operations.
    async fn confirm_tier_change(
        &self,
        gql: &Context<'_>,
        input: ConfirmTierChangeInput,
    ) -> AppResult<ConfirmTierChangePayload> {
        mutate(gql, input, service::decide).await
    }

    /// Dismisses the level that a review proposes: the partner keeps the one that it has. For channel operations.
    async fn dismiss_tier_change(
        &self,
        gql: &Context<'_>,
        input: DismissTierChangeInput,
    ) -> AppResult<DismissTierChangePayload> {
        mutate(gql, input, service::decide).await
    }

    /// Writes the next version of the policy of tiers. Levels that partners have stay until a review changes them. For
    /// channel operations.
    async fn set_tier_policy(&self, gql: &Context<'_>, input: SetTierPolicyInput) -> AppResult<SetTierPolicyPayload> {
        mutate(gql, input, service::set_policy).await
    }
}
