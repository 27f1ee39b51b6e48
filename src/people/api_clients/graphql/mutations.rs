//! Mutations of API clients.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::value::{ApiClientSecretId, ClientScope, Timestamp};

use super::ApiClient;
use crate::{
    kernel::code::Code,
    payload,
    people::api_clients::{
        model::{self, AddressRanges, ClientChange, MOST_RANGES, NewClient, NewSecret, Revocation, WithSecret},
        service,
    },
    platform::{
        error::{AppError, AppResult},
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
        http::address,
    },
};

fn ranges(texts: Vec<String>) -> AppResult<AddressRanges> {
    let texts = parse::at_most(texts, "addressRanges", MOST_RANGES)?;
    let range = |(index, text): (usize, &String)| {
        address::range(text).ok_or_else(|| {
            let message = "This is no address and no range of addresses, such as 203.0.113.0/24 or 2001:db8::/32.";
            AppError::invalid(&format!("addressRanges.{index}"), Code::Malformed, message)
        })
    };
    Ok(AddressRanges::new(texts.iter().enumerate().map(range).collect::<AppResult<_>>()?))
}

/// Creates an API client.
#[derive(Clone, InputObject)]
pub struct CreateApiClientInput {
    /// What people call it, such as the system's name; at most 100 characters.
    name: String,
    /// The partner company that it shall act for; when absent your own, or the vendor.
    partner_id: Option<ID>,
    /// What it may do.
    scopes: Vec<ClientScope>,
    /// When it stops working; it does not by itself when absent.
    expires_at: Option<Timestamp>,
    /// The addresses and ranges that it may call from, at most 50; from anywhere when absent or empty.
    address_ranges: Option<Vec<String>>,
    /// How many requests it may make in a minute, from 1 to 60000; 600 when absent. For the vendor's administrators.
    requests_per_minute: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered with the same client and secret.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateApiClientInput {
    type Command = NewClient;
    const OPERATION: &'static str = "createApiClient";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<NewClient> {
        let Self { name, partner_id, scopes, expires_at, address_ranges, requests_per_minute, idempotency_key: _ } =
            self;
        Ok(NewClient {
            partner_id: partner_id.map(|id| parse::id(&id, "partnerId")).transpose()?,
            name: parse::line(&name, "name", 100)?,
            scopes: scopes.into_iter().collect(),
            address_ranges: ranges(address_ranges.unwrap_or_default())?,
            expires_at,
            requests_per_minute,
        })
    }
}

/// Gives an API client another secret.
#[derive(Clone, InputObject)]
pub struct AddApiClientSecretInput {
    /// The client.
    id: ID,
    /// When the secret stops working; it does not by itself when absent.
    expires_at: Option<Timestamp>,
    /// Makes a retry harmless: the same key and input is answered with the same secret.
    idempotency_key: Option<String>,
}

impl MutationInput for AddApiClientSecretInput {
    type Command = NewSecret;
    const OPERATION: &'static str = "addApiClientSecret";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<NewSecret> {
        Ok(NewSecret { client_id: parse::id(&self.id, "id")?, expires_at: self.expires_at })
    }
}

/// Takes a secret of an API client back.
#[derive(Clone, InputObject)]
pub struct RevokeApiClientSecretInput {
    /// The secret's id, from the client's `secrets`.
    secret_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RevokeApiClientSecretInput {
    type Command = ApiClientSecretId;
    const OPERATION: &'static str = "revokeApiClientSecret";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ApiClientSecretId> {
        parse::id(&self.secret_id, "secretId")
    }
}

/// Changes an API client. What is absent stays as it is.
#[derive(Clone, InputObject)]
pub struct UpdateApiClientInput {
    /// The client.
    id: ID,
    /// The version at which you saw it; a change by somebody else in between is refused. Not checked when absent.
    expected_version: Option<i64>,
    /// What people call it, at most 100 characters.
    name: Option<String>,
    /// What it may do, all of it.
    scopes: Option<Vec<ClientScope>>,
    /// When it stops working; null for never by itself.
    expires_at: MaybeUndefined<Timestamp>,
    /// The addresses and ranges that it may call from, all of them, at most 50; from anywhere when empty.
    address_ranges: Option<Vec<String>>,
    /// How many requests it may make in a minute, from 1 to 60000. For the vendor's administrators.
    requests_per_minute: Option<i64>,
    /// Whether you answer for it from now on, in the place of the one who does; not so when absent.
    take_over: Option<bool>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for UpdateApiClientInput {
    type Command = ClientChange;
    const OPERATION: &'static str = "updateApiClient";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ClientChange> {
        let Self {
            id,
            expected_version,
            name,
            scopes,
            expires_at,
            address_ranges,
            requests_per_minute,
            take_over,
            idempotency_key: _,
        } = self;
        Ok(ClientChange {
            id: parse::id(&id, "id")?,
            expected_version,
            name: name.map(|name| parse::line(&name, "name", 100)).transpose()?,
            scopes: scopes.map(|scopes| scopes.into_iter().collect()),
            address_ranges: address_ranges.map(ranges).transpose()?,
            expires_at: match expires_at {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(instant) => Some(Some(instant)),
            },
            requests_per_minute,
            take_over: take_over.unwrap_or(false),
        })
    }
}

/// Revokes an API client for good.
#[derive(Clone, InputObject)]
pub struct RevokeApiClientInput {
    /// The client.
    id: ID,
    /// The version at which you saw it; a change by somebody else in between is refused. Not checked when absent.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RevokeApiClientInput {
    type Command = Revocation;
    const OPERATION: &'static str = "revokeApiClient";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Revocation> {
        Ok(Revocation { id: parse::id(&self.id, "id")?, expected_version: self.expected_version })
    }
}

payload! {
    /// A client with its new secret.
    ApiClientSecretPayload from WithSecret as made {
        /// The client.
        api_client: ApiClient = ApiClient(made.client),
        /// The secret, shown here and never again: 53 characters that begin with `ppk_`. Keep it where secrets are
        /// kept. A retry with the same idempotency key shows it again.
        secret: String = made.secret
    }
}

payload! {
    /// The client after a change.
    ApiClientPayload from model::ApiClient as client {
        /// The client after the change.
        api_client: ApiClient = ApiClient(client)
    }
}

/// Mutations of API clients.
#[derive(Default)]
pub struct ApiClientMutation;

#[Object]
impl ApiClientMutation {
    /// Creates an API client with its first secret: for the vendor or any partner by administrators, for their own
    /// company by a partner's administrators.
    async fn create_api_client(
        &self,
        gql: &Context<'_>,
        input: CreateApiClientInput,
    ) -> AppResult<ApiClientSecretPayload> {
        mutate(gql, input, service::create).await
    }

    /// Gives an API client another secret, so that the one in use can be replaced without a gap. At most two work at a
    /// time.
    async fn add_api_client_secret(
        &self,
        gql: &Context<'_>,
        input: AddApiClientSecretInput,
    ) -> AppResult<ApiClientSecretPayload> {
        mutate(gql, input, service::add_secret).await
    }

    /// Takes a secret of an API client back: it, and the access tokens made with it, stop working within five seconds.
    async fn revoke_api_client_secret(
        &self,
        gql: &Context<'_>,
        input: RevokeApiClientSecretInput,
    ) -> AppResult<ApiClientPayload> {
        mutate(gql, input, service::revoke_secret).await
    }

    /// Changes an API client; it acts within five seconds.
    async fn update_api_client(&self, gql: &Context<'_>, input: UpdateApiClientInput) -> AppResult<ApiClientPayload> {
        mutate(gql, input, service::update).await
    }

    /// Revokes an API client for good, with its secrets and access tokens; it acts within five seconds.
    async fn revoke_api_client(&self, gql: &Context<'_>, input: RevokeApiClientInput) -> AppResult<ApiClientPayload> {
        mutate(gql, input, service::revoke).await
    }
}
