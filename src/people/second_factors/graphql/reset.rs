//! Removing a second factor that somebody else lost.

use async_graphql::{Context, ID, InputObject, Object};

use crate::{
    payload,
    people::{
        second_factors::{model::Reset, service},
        users::{self, graphql::User},
    },
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Removes the second factor of somebody who lost it.
#[derive(Clone, InputObject)]
pub struct ResetSecondFactorInput {
    /// Whose.
    user_id: ID,
    /// The version of the person that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ResetSecondFactorInput {
    type Command = Reset;
    const OPERATION: &'static str = "resetSecondFactor";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Reset> {
        Ok(Reset { user_id: parse::id(&self.user_id, "userId")?, expected_version: self.expected_version })
    }
}

payload! {
    /// The person, who signs in with their password alone until they set up another second factor.
    ResetSecondFactorPayload from users::model::User as user {
        /// The person.
        user: User = User(user)
    }
}

/// Mutations of others' second factors.
#[derive(Default)]
pub struct SecondFactorResetMutation;

#[Object]
impl SecondFactorResetMutation {
    /// Removes the second factor of a person whom you administer and who lost it, and their recovery codes. All their
    /// sessions end, and a mail tells them. Needs a proof of who you are that is at most ten minutes old.
    async fn reset_second_factor(
        &self,
        gql: &Context<'_>,
        input: ResetSecondFactorInput,
    ) -> AppResult<ResetSecondFactorPayload> {
        mutate(gql, input, service::reset).await
    }
}
