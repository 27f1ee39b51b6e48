//! The form of every mutation: parse the input, make one call of a service, wrap the answer.

use async_graphql::{Context, InputType};

use super::{GqlContext, errors::UserError};
use crate::{
    kernel::code::Code,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        idempotency::Key,
    },
};

/// How often a use case is begun again when its transaction met another one.
const ATTEMPTS: u32 = 5;

/// The `Idempotency-Key` header of the request, if it had one. The endpoint refuses it on requests with more than
/// one mutation.
#[derive(Clone, Debug)]
pub struct HeaderKey(pub Option<String>);

/// The input of a mutation.
pub trait MutationInput: InputType + Send {
    /// What the service is asked to do: typed values that cannot be wrong.
    type Command: Clone + Send;
    /// The mutation's name in the schema.
    const OPERATION: &'static str;
    /// The idempotency key, where the input carries it.
    fn idempotency_key(&self) -> Option<&str>;
    /// Turns texts into typed values, once.
    ///
    /// # Errors
    /// Refusals that name the field.
    fn parse(self) -> AppResult<Self::Command>;
}

/// The payload of a mutation: the changed object, or why there is none.
pub trait Payload: Sized {
    /// What the service answers.
    type Value;
    /// The payload of something done.
    fn done(value: Self::Value) -> Self;
    /// The payload of a refusal.
    fn refused(errors: Vec<UserError>) -> Self;
}

/// Declares a payload: its object fields and how they come from what the service answered.
#[macro_export]
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident from $value:ty as $var:ident {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty = $make:expr),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$ty>,)*
            /// Why the input was not accepted; empty when it was.
            pub user_errors: Vec<$crate::platform::graphql::errors::UserError>,
        }

        impl $crate::platform::graphql::mutation::Payload for $name {
            type Value = $value;
            fn done($var: $value) -> Self {
                Self { $($field: Some($make),)* user_errors: Vec::new() }
            }
            fn refused(user_errors: Vec<$crate::platform::graphql::errors::UserError>) -> Self {
                Self { $($field: None,)* user_errors }
            }
        }
    };
}

/// Makes a mutation: the call with its idempotency key, the parsed input, the service, begun again when its
/// transaction met another one; refusals become the payload's `userErrors`.
///
/// # Errors
/// Who you are, too many attempts, and faults.
pub async fn mutate<P, I, F, Fut>(gql: &Context<'_>, input: I, service: F) -> AppResult<P>
where
    P: Payload,
    I: MutationInput,
    F: Fn(Call, I::Command) -> Fut,
    Fut: Future<Output = AppResult<P::Value>>,
{
    let call = gql.call();
    let staff = call.scope().is_everything();
    let refused = |problems: Vec<crate::platform::error::Problem>| {
        P::refused(problems.into_iter().map(|problem| UserError::for_audience(problem, staff)).collect())
    };
    let call = match key_of(gql, &input) {
        Ok(key) => call.with_key(key),
        Err(AppError::Refused(problems)) => return Ok(refused(problems)),
        Err(other) => return Err(other),
    };
    let answer = match input.parse() {
        Ok(command) => again(&call, command, service).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(value) => Ok(P::done(value)),
        Err(AppError::Refused(problems)) => {
            crate::platform::idempotency::keep_refusal(&call, &problems).await?;
            tracing::info!(operation = I::OPERATION, codes = ?problems.iter().map(|p| p.code).collect::<Vec<_>>(), "a mutation was refused");
            Ok(refused(problems))
        }
        Err(other) => Err(other),
    }
}

/// Makes one call of a service, begun again when its transaction met another one.
///
/// # Errors
/// Those of the service.
pub async fn again<C: Clone, T, F, Fut>(call: &Call, command: C, service: F) -> AppResult<T>
where
    F: Fn(Call, C) -> Fut,
    Fut: Future<Output = AppResult<T>>,
{
    let mut attempt = 1;
    loop {
        // On the heap: every resolver's future would hold the largest of them otherwise.
        match Box::pin(service(call.clone(), command.clone())).await {
            Err(AppError::Transient(fault)) if attempt < ATTEMPTS => {
                tracing::warn!(attempt, cause = fault.cause, "a transaction met another one and is begun again");
                let mut jitter = [0u8; 1];
                call.services.ids.fill(&mut jitter);
                let pause = u64::from(attempt) * 5 + u64::from(jitter[0] % 16);
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                attempt += 1;
            }
            other => return other,
        }
    }
}

fn key_of<I: MutationInput>(gql: &Context<'_>, input: &I) -> AppResult<Option<Key>> {
    let header = gql.data_opt::<HeaderKey>().and_then(|header| header.0.as_deref());
    let key = match (input.idempotency_key(), header) {
        (Some(own), Some(header)) if own != header => {
            return Err(AppError::invalid(
                "idempotencyKey",
                Code::Malformed,
                "The key in the input and the one in the Idempotency-Key header differ. Send one of them.",
            ));
        }
        (own, header) => own.or(header),
    };
    let Some(key) = key else { return Ok(None) };
    let printable = key.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
    if key.is_empty() || key.len() > 255 || !printable {
        return Err(AppError::invalid(
            "idempotencyKey",
            Code::Malformed,
            "An idempotency key is 1 to 255 visible ASCII characters; a random UUID is a good one.",
        ));
    }
    // Keyed: the input may hold a password, which a plain hash would let be found by trying.
    let written = format!("{} {}", I::OPERATION, canonical(input.to_value()));
    let input_hash = gql.call().services.tokens.keyed_hash("idempotency", written.as_bytes());
    Ok(Some(Key { key: key.to_owned(), operation: I::OPERATION, input_hash }))
}

/// The input without the key itself, fields that are absent or null left out.
fn canonical(value: async_graphql::Value) -> async_graphql::Value {
    use async_graphql::Value;
    match value {
        Value::Object(fields) => {
            let mut kept: Vec<_> = fields
                .into_iter()
                .filter(|(name, value)| name != "idempotencyKey" && *value != Value::Null)
                .map(|(name, value)| (name, canonical(value)))
                .collect();
            kept.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(kept.into_iter().collect())
        }
        Value::List(items) => Value::List(items.into_iter().map(canonical).collect()),
        other => other,
    }
}
