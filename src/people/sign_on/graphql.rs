//! Single sign-on in the API.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::service;
use crate::{
    payload,
    people::{
        sessions::{
            graphql::{Handover, Tokens},
            model::Opened,
        },
        users::graphql::User,
    },
    platform::{
        error::AppResult,
        graphql::{
            GqlContext,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Exchanges the code of a single sign-on.
#[derive(Clone, InputObject)]
pub struct CompleteSignOnInput {
    /// The code in the address that the browser landed on: `#signOnCode=…`. It works once, for a minute.
    code: String,
    /// What this device is called, for your list of sessions.
    device: Option<String>,
    /// For browsers: the refresh token becomes a cookie that no script can read, instead of being answered. Send
    /// `X-Portal-Csrf: 1`, from a page of an allowed origin.
    #[graphql(default)]
    use_cookie: bool,
    /// Makes a retry harmless: the same key and input is answered with the same session.
    idempotency_key: Option<String>,
}

impl MutationInput for CompleteSignOnInput {
    type Command = (String, Option<String>);
    const OPERATION: &'static str = "completeSignOn";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Self::Command> {
        let device = self.device.map(|device| parse::line(&device, "device", 100)).transpose()?;
        Ok((self.code, device))
    }
}

payload! {
    /// The signed-in member of staff and the tokens of the new session.
    CompleteSignOnPayload from Opened as opened {
        /// Who signed on.
        user: User = User(opened.user.clone()),
        /// The tokens of the new session.
        tokens: Tokens = Tokens::from(opened)
    }
}

/// The ways to sign in here.
#[derive(SimpleObject)]
pub struct SignInMethods {
    /// Whether people sign in with address and password, by `signIn`.
    password: bool,
    /// Where a browser goes to sign on through the vendor's own provider of identities, for staff; add
    /// `?returnTo=` with a path of the portal. Null when there is none.
    single_sign_on_path: Option<String>,
}

/// Queries of single sign-on.
#[derive(Default)]
pub struct SignOnQuery;

#[Object]
impl SignOnQuery {
    /// The ways to sign in here, for the page that offers them.
    async fn sign_in_methods(&self, gql: &Context<'_>) -> SignInMethods {
        let single_sign_on_path = gql.call().services.sign_on.as_ref().map(|_| super::http::PATH.to_owned());
        SignInMethods { password: true, single_sign_on_path }
    }
}

/// Mutations of single sign-on.
#[derive(Default)]
pub struct SignOnMutation;

#[Object]
impl SignOnMutation {
    /// Exchanges the code that a browser landed with after single sign-on for the tokens of a session.
    async fn complete_sign_on(
        &self,
        gql: &Context<'_>,
        input: CompleteSignOnInput,
    ) -> AppResult<CompleteSignOnPayload> {
        let handover = Handover::new(gql, input.use_cookie);
        mutate(gql, input, |call, command| handover.of(service::complete(call, command))).await
    }
}
