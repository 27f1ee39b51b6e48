//! API clients in the API.

pub mod mutations;

use std::collections::{HashMap, HashSet};

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{ApiClientId, ClientScope, Timestamp, TypedId as _};

use super::{
    model::{self, State},
    service,
};
use crate::{
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        auth::ClientCaller,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext as _, loaders,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// A program of an integrator.
pub struct ApiClient(pub model::ApiClient);

/// A program of an integrator that calls the API with scopes, for the vendor or for one partner. It presents a secret
/// of its own as a bearer token, or exchanges it for access tokens at `/oauth/token`.
#[Object]
impl ApiClient {
    /// The global id; also the `client_id` of OAuth.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The partner company that it acts for; null when it acts for the vendor.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id?).await.transpose()
    }

    /// What it may do. A client decides nothing, pays nothing, and makes neither people nor clients.
    async fn scopes(&self) -> Vec<ClientScope> {
        self.0.scopes.iter().collect()
    }

    /// The addresses and ranges that it may call from; from anywhere when empty.
    async fn address_ranges(&self) -> Vec<String> {
        self.0.address_ranges.texts().collect()
    }

    /// How many requests it may make in a minute, at each server of the deployment.
    async fn requests_per_minute(&self) -> i64 {
        self.0.requests_per_minute
    }

    /// Whether its secrets work.
    async fn state(&self, gql: &Context<'_>) -> State {
        self.0.state(gql.call().now())
    }

    /// When it stops working; null when it does not by itself.
    async fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// When it was revoked; null when it was not.
    async fn revoked_at(&self) -> Option<Timestamp> {
        self.0.revoked_at
    }

    /// When it was last used, give or take a minute; null when it never was.
    async fn last_used_at(&self) -> Option<Timestamp> {
        self.0.last_used_at
    }

    /// Its secrets that were not revoked, at most two, the earlier one first.
    async fn secrets(&self, gql: &Context<'_>) -> AppResult<Vec<ApiClientSecret>> {
        let found = loaders::loader(gql, SecretLoader).load_one(self.0.id).await?.unwrap_or_default();
        Ok(found.into_iter().map(ApiClientSecret).collect())
    }

    /// Who made it; null when it is somebody whom you may not see.
    async fn created_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.created_by).await.transpose()
    }

    /// Who answers for what it does: what they did through it they may not approve themselves. Null when it is
    /// somebody whom you may not see.
    async fn responsible(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.responsible_id).await.transpose()
    }

    /// Whether somebody else has to answer for it, because the person who does was deactivated. It goes on working
    /// meanwhile: revoke it, or take it over with `updateApiClient`.
    async fn needs_review(&self, gql: &Context<'_>) -> AppResult<bool> {
        Ok(loaders::loader(gql, ReviewLoader).load_one(self.0.id).await?.is_some())
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change of the client; secrets come and go without one.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// A secret of a client.
pub struct ApiClientSecret(model::ClientSecret);

/// A secret of an API client. The secret itself is shown once, by the mutation that makes it.
#[Object]
impl ApiClientSecret {
    /// Names the secret in `revokeApiClientSecret`.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its last four characters, to tell it from the other one.
    async fn hint(&self) -> &str {
        &self.0.hint
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it stops working; null when it does not by itself.
    async fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// When it was last used, give or take a minute; null when it never was.
    async fn last_used_at(&self) -> Option<Timestamp> {
        self.0.last_used_at
    }
}

/// Loads clients for the caller.
pub struct ClientLoader(Call);

impl Loader<ApiClientId> for ClientLoader {
    type Value = model::ApiClient;
    type Error = AppError;

    async fn load(&self, ids: &[ApiClientId]) -> AppResult<HashMap<ApiClientId, model::ApiClient>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|client| (client.id, client)).collect())
    }
}

/// Loads the secrets of clients.
pub struct SecretLoader(Call);

impl Loader<ApiClientId> for SecretLoader {
    type Value = Vec<model::ClientSecret>;
    type Error = AppError;

    async fn load(&self, ids: &[ApiClientId]) -> AppResult<HashMap<ApiClientId, Vec<model::ClientSecret>>> {
        let mut secrets: HashMap<_, Vec<_>> = HashMap::new();
        for secret in service::secrets_of(&self.0, ids).await? {
            secrets.entry(secret.client_id).or_default().push(secret);
        }
        Ok(secrets)
    }
}

/// Loads which clients somebody else has to answer for.
pub struct ReviewLoader(Call);

impl Loader<ApiClientId> for ReviewLoader {
    type Value = ();
    type Error = AppError;

    async fn load(&self, ids: &[ApiClientId]) -> AppResult<HashMap<ApiClientId, ()>> {
        let left: HashSet<_> = service::left_behind(&self.0, ids).await?.into_iter().collect();
        Ok(left.into_iter().map(|id| (id, ())).collect())
    }
}

impl ApiClient {
    /// The client of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: ApiClientId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, ClientLoader).load_one(id).await?.map(Self))
    }
}

/// The client that asks.
pub struct CurrentClient(ClientCaller);

/// The API client that asks, and what it may do with what it presented.
#[Object]
impl CurrentClient {
    /// The client.
    async fn client(&self, gql: &Context<'_>) -> AppResult<ApiClient> {
        Ok(ApiClient(service::find_caller(gql.call()).await?))
    }

    /// What it may do now: its scopes, or the fewer that its access token was made with.
    async fn scopes(&self) -> Vec<ClientScope> {
        self.0.scopes.iter().collect()
    }
}

/// Which API clients a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct ApiClientFilter {
    /// Acting for this partner.
    partner_id: Option<ID>,
    /// In one of these states.
    states: Option<Vec<State>>,
    /// Whether somebody else has to answer for it, because the person who does was deactivated.
    needs_review: Option<bool>,
}

impl ApiClientFilter {
    fn parse(self) -> AppResult<model::ClientFilter> {
        Ok(model::ClientFilter {
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            states: parse::at_most(self.states.unwrap_or_default(), "filter.states", 10)?,
            needs_review: self.needs_review,
        })
    }
}

/// Queries of API clients.
#[derive(Default)]
pub struct ApiClientQuery;

#[Object]
impl ApiClientQuery {
    /// The API clients that you may see, newest first: all of them for administrators, those of their own company for
    /// a partner's administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn api_clients(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<ApiClientFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<ApiClient>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "made", true)?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, &page).await?;
        Ok(rows.connection(&page, |client| (SortKey::None, client.id.uuid()), ApiClient))
    }

    /// Which API client you are; null when you are none. People ask `viewer`.
    async fn current_client(&self, gql: &Context<'_>) -> Option<CurrentClient> {
        gql.call().caller.client().cloned().map(CurrentClient)
    }
}
