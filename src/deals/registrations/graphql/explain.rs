//! What a decision would be if it were made now.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::{
    deals::{
        availability::graphql::AccountAvailability,
        policy::lab::{Outcome, outcome_of},
        registrations::{model::Explanation, service},
    },
    platform::{
        error::AppResult,
        graphql::{GqlContext, errors::DecisionReceipt, parse},
    },
};

/// What would be decided about a registration now.
#[derive(SimpleObject)]
pub struct DealExplanation {
    /// How it would come out. For a draft: whether it would be taken in if it were handed in now.
    outcome: Outcome,
    /// What a partner may learn about the account.
    availability: AccountAvailability,
    /// The receipt that the decision would have, as far as you may read it. It is not kept.
    receipt: DecisionReceipt,
}

/// Explains registrations.
#[derive(Default)]
pub struct DealExplanationQuery;

#[Object]
impl DealExplanationQuery {
    /// What would be decided about a registration if it were decided now, and why: nothing is decided. Staff ask about what
    /// is undecided, partners about their own drafts; a partner's question counts among its questions about availability
    /// (`checkAvailability`).
    async fn explain_deal_registration(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The registration's id.")] id: ID,
    ) -> AppResult<DealExplanation> {
        let Explanation { purpose, sufficient, resolved } = service::explain(gql.call(), parse::id(&id, "id")?).await?;
        Ok(DealExplanation {
            outcome: outcome_of(purpose, &resolved, sufficient),
            availability: resolved.availability.into(),
            receipt: DecisionReceipt::for_audience(resolved.receipt, gql.call().scope().is_everything()),
        })
    }
}
