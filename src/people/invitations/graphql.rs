//! Invitations in the API.

use async_graphql::{Context, InputObject, Object};

use super::{model::Accept, service};
use crate::{
    payload,
    people::{
        sessions::{graphql::Tokens, model::Opened, password},
        users::graphql::User,
    },
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Accepts an invitation.
#[derive(Clone, InputObject)]
pub struct AcceptInvitationInput {
    /// The invitation's token, from the link.
    token: String,
    /// The password that you choose: 12 to 256 characters of any kind, and not an easily guessed one.
    password: String,
    /// How you want to be called; as invited when absent.
    name: Option<String>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AcceptInvitationInput {
    type Command = Accept;
    const OPERATION: &'static str = "acceptInvitation";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Accept> {
        let name = self.name.map(|name| parse::line(&name, "name", 200)).transpose()?;
        let words: Vec<&str> = name.iter().map(String::as_str).collect();
        Ok(Accept { password: password::choose(self.password, "password", &words)?, token: self.token, name })
    }
}

payload! {
    /// The new user, signed in.
    AcceptInvitationPayload from Opened as opened {
        /// The user that the invited person became.
        user: User = User(opened.user.clone()),
        /// The tokens of the new session.
        tokens: Tokens = Tokens::from(opened)
    }
}

/// Mutations of invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Accepts an invitation: the invited person becomes a user and is signed in. Works once, until it expires.
    async fn accept_invitation(
        &self,
        gql: &Context<'_>,
        input: AcceptInvitationInput,
    ) -> AppResult<AcceptInvitationPayload> {
        mutate(gql, input, service::accept).await
    }
}
