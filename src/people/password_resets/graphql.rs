//! Password resets in the API.

use async_graphql::{Context, InputObject, Object};

use super::{
    model::{Choose, Request},
    service,
};
use crate::{
    payload,
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Asks for a link to choose a new password.
#[derive(Clone, InputObject)]
pub struct RequestPasswordResetInput {
    /// Your e-mail address.
    email: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RequestPasswordResetInput {
    type Command = Request;
    const OPERATION: &'static str = "requestPasswordReset";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Request> {
        let (_, email_key) = parse::email(&self.email, "email")?;
        Ok(Request { email_key })
    }
}

payload! {
    /// Answered alike whether the address belongs to somebody or not.
    RequestPasswordResetPayload from () as done {
        /// Always true: if the address belongs to a user, a link is on its way.
        requested: bool = { let () = done; true }
    }
}

/// Chooses a new password.
#[derive(Clone, InputObject)]
pub struct ResetPasswordInput {
    /// The token from the link.
    token: String,
    /// The new password: 12 to 256 characters of any kind, and not an easily guessed one.
    password: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ResetPasswordInput {
    type Command = Choose;
    const OPERATION: &'static str = "resetPassword";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Choose> {
        Ok(Choose { token: self.token, password: self.password })
    }
}

payload! {
    /// The password is the new one.
    ResetPasswordPayload from () as done {
        /// Always true. Sign in with the new password; all sessions have ended.
        password_changed: bool = { let () = done; true }
    }
}

/// Mutations of password resets.
#[derive(Default)]
pub struct PasswordResetMutation;

#[Object]
impl PasswordResetMutation {
    /// Asks for a link to choose a new password: it is mailed, works once, and for an hour. The answer is the same
    /// whether the address belongs to somebody or not.
    async fn request_password_reset(
        &self,
        gql: &Context<'_>,
        input: RequestPasswordResetInput,
    ) -> AppResult<RequestPasswordResetPayload> {
        mutate(gql, input, service::request).await
    }

    /// Chooses a new password with the token from the link. All sessions of the person end, and a mail tells them.
    async fn reset_password(&self, gql: &Context<'_>, input: ResetPasswordInput) -> AppResult<ResetPasswordPayload> {
        mutate(gql, input, service::choose).await
    }
}
