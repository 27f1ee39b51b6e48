//! One's own access in the API.

use async_graphql::{Context, InputObject, Object};

use super::{
    model::{ChangePassword, Changed, Proof},
    service,
};
use crate::{
    kernel::code::Code,
    payload,
    people::users::graphql::User,
    platform::{
        error::{AppError, AppResult},
        graphql::mutation::{MutationInput, mutate},
    },
};

/// Chooses another password.
#[derive(Clone, InputObject)]
pub struct ChangePasswordInput {
    /// Your present password.
    current_password: String,
    /// The new one: 12 to 256 characters of any kind, and not an easily guessed one.
    new_password: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ChangePasswordInput {
    type Command = ChangePassword;
    const OPERATION: &'static str = "changePassword";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ChangePassword> {
        Ok(ChangePassword { current: self.current_password, new: self.new_password })
    }
}

payload! {
    /// The password is the new one.
    ChangePasswordPayload from Changed as changed {
        /// You.
        user: User = User(changed.user.clone()),
        /// How many other sessions ended by it.
        sessions_ended: u64 = changed.sessions_ended
    }
}

/// Proves once more that it is you.
#[derive(Clone, InputObject)]
pub struct StepUpInput {
    /// Your password, if you have no second factor.
    password: Option<String>,
    /// A code of your second factor, or one of your recovery codes.
    code: Option<String>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for StepUpInput {
    type Command = Proof;
    const OPERATION: &'static str = "stepUp";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Proof> {
        match (self.code, self.password) {
            (Some(code), _) => Ok(Proof::Code(code)),
            (None, Some(password)) => Ok(Proof::Password(password)),
            (None, None) => Err(AppError::invalid("password", Code::Required, "Send your password or a code.")),
        }
    }
}

payload! {
    /// It is you.
    StepUpPayload from bool as proven {
        /// Always true. For ten minutes you may do what asks for a recent proof.
        proven: bool = proven
    }
}

/// Mutations of one's own access.
#[derive(Default)]
pub struct OwnAccessMutation;

#[Object]
impl OwnAccessMutation {
    /// Chooses another password for you. Every other session of yours ends.
    async fn change_password(&self, gql: &Context<'_>, input: ChangePasswordInput) -> AppResult<ChangePasswordPayload> {
        mutate(gql, input, service::change_password).await
    }

    /// Proves once more that it is you. Paying, and changing how you sign in, ask for a proof that is at most ten
    /// minutes old; signing in is one.
    async fn step_up(&self, gql: &Context<'_>, input: StepUpInput) -> AppResult<StepUpPayload> {
        mutate(gql, input, service::step_up).await
    }
}
