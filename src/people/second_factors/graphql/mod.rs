//! Second factors in the API.

pub mod reset;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::value::{Role, SecondFactorKind, Timestamp};

pub use reset::SecondFactorResetMutation;

use super::{
    model::{self, Begun, Codes, Factor, SetPolicy},
    service,
};
use crate::{
    payload,
    platform::{
        error::AppResult,
        graphql::{
            GqlContext,
            mutation::{MutationInput, mutate},
            parse,
        },
        policies::InForce,
    },
};

/// Something that you prove beside your password that it is you.
#[derive(SimpleObject)]
pub struct SecondFactor {
    /// What it is.
    kind: SecondFactorKind,
    /// When you set it up; null while you do.
    confirmed_at: Option<Timestamp>,
}

impl From<Factor> for SecondFactor {
    fn from(factor: Factor) -> Self {
        Self { kind: factor.kind, confirmed_at: factor.confirmed_at }
    }
}

/// What you sign in with beside your password.
#[derive(SimpleObject)]
pub struct OwnSecondFactors {
    /// Your second factors; none when a password is enough for you.
    factors: Vec<SecondFactor>,
    /// How many of your recovery codes you have not used.
    recovery_codes_left: u64,
}

/// The rules of sign-in.
#[derive(SimpleObject)]
pub struct SecurityPolicy {
    /// People with one of these roles approve and pay money only in a session that a second factor has opened.
    second_factor_roles: Vec<Role>,
    /// Grows by one with each change.
    version: i32,
}

impl From<InForce<model::SecurityPolicy>> for SecurityPolicy {
    fn from(found: InForce<model::SecurityPolicy>) -> Self {
        Self { second_factor_roles: found.policy.second_factor_roles, version: found.version }
    }
}

/// Declares an input without anything but its idempotency key.
macro_rules! bare_input {
    ($(#[$doc:meta])* $name:ident of $operation:literal) => {
        $(#[$doc])*
        #[derive(Clone, InputObject)]
        pub struct $name {
            /// Makes a retry harmless: the same key is answered the same and does nothing twice.
            idempotency_key: Option<String>,
        }

        impl MutationInput for $name {
            type Command = ();
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<()> {
                Ok(())
            }
        }
    };
}

bare_input! {
    /// Begins to set up an authenticator app.
    BeginTotpEnrolmentInput of "beginTotpEnrolment"
}

bare_input! {
    /// Makes new recovery codes.
    RegenerateRecoveryCodesInput of "regenerateRecoveryCodes"
}

bare_input! {
    /// Removes your second factor.
    RemoveSecondFactorInput of "removeSecondFactor"
}

/// Finishes setting up an authenticator app.
#[derive(Clone, InputObject)]
pub struct ConfirmTotpEnrolmentInput {
    /// The six digits that the app shows.
    code: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ConfirmTotpEnrolmentInput {
    type Command = String;
    const OPERATION: &'static str = "confirmTotpEnrolment";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<String> {
        Ok(self.code)
    }
}

/// Changes the rules of sign-in.
#[derive(Clone, InputObject)]
pub struct SetSecurityPolicyInput {
    /// People with one of these roles approve and pay money only in a session that a second factor has opened.
    second_factor_roles: Vec<Role>,
    /// The version that you read; refused when it is another by now.
    expected_version: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetSecurityPolicyInput {
    type Command = SetPolicy;
    const OPERATION: &'static str = "setSecurityPolicy";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SetPolicy> {
        let mut second_factor_roles = parse::at_most(self.second_factor_roles, "secondFactorRoles", 100)?;
        second_factor_roles.sort_unstable();
        second_factor_roles.dedup();
        Ok(SetPolicy { second_factor_roles, expected_version: self.expected_version })
    }
}

payload! {
    /// What an authenticator app needs to know.
    BeginTotpEnrolmentPayload from Begun as begun {
        /// The secret in base 32, to be typed in by hand.
        secret: String = begun.secret.clone(),
        /// The same as an `otpauth://` address, to be shown as a picture.
        otpauth_url: String = begun.url
    }
}

payload! {
    /// The second factor is asked for from now on.
    ConfirmTotpEnrolmentPayload from Codes as made {
        /// The second factor.
        second_factor: SecondFactor = SecondFactor::from(made.factor),
        /// Ten codes, each of which works once in the place of the app. Shown this once: keep them where you do not
        /// lose them together with the device.
        recovery_codes: Vec<String> = made.codes
    }
}

payload! {
    /// The new recovery codes.
    RegenerateRecoveryCodesPayload from Codes as made {
        /// Ten codes, each of which works once in the place of the app. Shown this once; those before stopped working.
        recovery_codes: Vec<String> = made.codes
    }
}

payload! {
    /// The second factor is gone.
    RemoveSecondFactorPayload from Factor as removed {
        /// The second factor that you had.
        second_factor: SecondFactor = SecondFactor::from(removed)
    }
}

payload! {
    /// The rules of sign-in, as they are in force now.
    SetSecurityPolicyPayload from InForce<model::SecurityPolicy> as set {
        /// The rules.
        security_policy: SecurityPolicy = SecurityPolicy::from(set)
    }
}

/// Queries of second factors.
#[derive(Default)]
pub struct SecondFactorQuery;

#[Object]
impl SecondFactorQuery {
    /// What you sign in with beside your password.
    async fn second_factors(&self, gql: &Context<'_>) -> AppResult<OwnSecondFactors> {
        let (factors, recovery_codes_left) = service::own_factors(gql.call()).await?;
        Ok(OwnSecondFactors { factors: factors.into_iter().map(SecondFactor::from).collect(), recovery_codes_left })
    }

    /// The rules of sign-in, for administrators.
    async fn security_policy(&self, gql: &Context<'_>) -> AppResult<SecurityPolicy> {
        Ok(service::policy(gql.call()).await?.into())
    }
}

/// Mutations of second factors.
#[derive(Default)]
pub struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Begins to set up an authenticator app as your second factor. Needs a proof of who you are that is at most ten
    /// minutes old: a sign-in, or `stepUp`.
    async fn begin_totp_enrolment(
        &self,
        gql: &Context<'_>,
        input: BeginTotpEnrolmentInput,
    ) -> AppResult<BeginTotpEnrolmentPayload> {
        mutate(gql, input, service::begin).await
    }

    /// Finishes setting up an authenticator app by its first code. `signIn` asks for its codes from then on.
    async fn confirm_totp_enrolment(
        &self,
        gql: &Context<'_>,
        input: ConfirmTotpEnrolmentInput,
    ) -> AppResult<ConfirmTotpEnrolmentPayload> {
        mutate(gql, input, service::confirm).await
    }

    /// Makes new recovery codes; those before stop working. Needs a proof that is at most ten minutes old.
    async fn regenerate_recovery_codes(
        &self,
        gql: &Context<'_>,
        input: RegenerateRecoveryCodesInput,
    ) -> AppResult<RegenerateRecoveryCodesPayload> {
        mutate(gql, input, service::regenerate).await
    }

    /// Removes your second factor and your recovery codes. Needs a proof that is at most ten minutes old.
    async fn remove_second_factor(
        &self,
        gql: &Context<'_>,
        input: RemoveSecondFactorInput,
    ) -> AppResult<RemoveSecondFactorPayload> {
        mutate(gql, input, service::remove).await
    }

    /// Changes the rules of sign-in, from now on. Needs a proof that is at most ten minutes old.
    async fn set_security_policy(
        &self,
        gql: &Context<'_>,
        input: SetSecurityPolicyInput,
    ) -> AppResult<SetSecurityPolicyPayload> {
        mutate(gql, input, service::set_policy).await
    }
}
