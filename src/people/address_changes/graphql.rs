//! Changes of address in the API.

use async_graphql::{Context, InputObject, Object};

use super::{model::Wish, service};
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

/// Asks for another e-mail address.
#[derive(Clone, InputObject)]
pub struct RequestEmailChangeInput {
    /// The address that you want to sign in with from now on.
    email: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RequestEmailChangeInput {
    type Command = Wish;
    const OPERATION: &'static str = "requestEmailChange";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Wish> {
        let (email, email_key) = parse::email(&self.email, "email")?;
        Ok(Wish { email, email_key })
    }
}

payload! {
    /// Answered alike whether the address belongs to somebody or not.
    RequestEmailChangePayload from () as done {
        /// Always true: unless the address belongs to somebody else, a link is on its way to it.
        requested: bool = { let () = done; true }
    }
}

/// Confirms another e-mail address.
#[derive(Clone, InputObject)]
pub struct ConfirmEmailChangeInput {
    /// The token from the link.
    token: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ConfirmEmailChangeInput {
    type Command = String;
    const OPERATION: &'static str = "confirmEmailChange";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<String> {
        Ok(self.token)
    }
}

payload! {
    /// The address is the new one.
    ConfirmEmailChangePayload from () as done {
        /// Always true. Sign in with the new address from now on; a notice went to the old one.
        email_changed: bool = { let () = done; true }
    }
}

/// Mutations of changes of address.
#[derive(Default)]
pub struct AddressChangeMutation;

#[Object]
impl AddressChangeMutation {
    /// Asks for another e-mail address for you. A link is mailed to it, works once, and for a day; until then your
    /// address stays. Asks for a recent proof that it is you.
    async fn request_email_change(
        &self,
        gql: &Context<'_>,
        input: RequestEmailChangeInput,
    ) -> AppResult<RequestEmailChangePayload> {
        mutate(gql, input, service::request).await
    }

    /// Makes the new address yours, with the token from the link. A mail tells the old one.
    async fn confirm_email_change(
        &self,
        gql: &Context<'_>,
        input: ConfirmEmailChangeInput,
    ) -> AppResult<ConfirmEmailChangePayload> {
        mutate(gql, input, service::confirm).await
    }
}
