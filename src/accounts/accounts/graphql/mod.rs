//! Accounts in the API.

mod lists;
pub mod mutations;
pub mod upsert;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, Value, dataloader::Loader, parser::types::Field};
use entity::value::{AccountId, AccountReservation, AccountSize, Country, Timestamp};

pub use lists::{AccountFilter, AccountOrder, AccountOrderField, AccountQuery};
pub use mutations::AccountMutation;

use self::lists::subsidiaries;
use super::{model, service};
use crate::{
    accounts::{
        direct_opportunities::graphql::{DirectOpportunity, opportunities_of},
        identity::graphql::{
            AccountName, AccountReference, RegistryId, domains_of, names_of, references_of, registry_ids_of,
        },
        reservations::graphql::{Incumbent, Reservation, incumbents_of, reservations_of},
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::{AtHand, AtOnce, maybe, text, word},
            loaders,
            page::{Listed, PageArgs},
        },
    },
};

/// An end customer. A partner sees those that it has registered a deal on.
pub struct Account(pub model::Account);

/// An end customer. A partner sees those that it has registered a deal on.
#[Object]
impl Account {
    /// The global id. An account that was merged is answered by the one that it was merged into.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name that it goes by.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its other names, oldest first, at most 100. Only staff may read them; null for partners.
    async fn names(&self, gql: &Context<'_>) -> Option<AppResult<Vec<AccountName>>> {
        names_of(gql, self.0.id).await
    }

    /// The registrable domain of its website; null when it is not known, or shared by many companies.
    async fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// All of its registrable domains, oldest first, at most 100. Only staff may read them; null for partners.
    async fn domains(&self, gql: &Context<'_>) -> Option<AppResult<Vec<String>>> {
        domains_of(gql, self.0.id).await
    }

    /// By what public registries know it, oldest first, at most 100. Only staff may read them; null for partners.
    async fn registry_ids(&self, gql: &Context<'_>) -> Option<AppResult<Vec<RegistryId>>> {
        registry_ids_of(gql, self.0.id).await
    }

    /// What other systems call it, oldest first, at most 100. Only staff may read them; null for partners.
    async fn references(&self, gql: &Context<'_>) -> Option<AppResult<Vec<AccountReference>>> {
        references_of(gql, self.0.id).await
    }

    /// Where it is.
    async fn country(&self) -> Country {
        self.0.country
    }

    /// Its industry, in words.
    async fn industry(&self) -> Option<&str> {
        self.0.industry.as_deref()
    }

    /// How many people work there.
    async fn size(&self) -> Option<AccountSize> {
        self.0.size
    }

    /// For whom it is reserved as a whole. Only staff may read it; null for partners, whatever it is.
    async fn reserved_for(&self, gql: &Context<'_>) -> Option<AccountReservation> {
        gql.call().scope().is_everything().then_some(self.0.reserved_for)
    }

    /// Its reservations that are in force: of the whole account, and of product lines. Only staff may read them; null
    /// for partners, whatever they are.
    async fn reservations(&self, gql: &Context<'_>) -> Option<AppResult<Vec<Reservation>>> {
        reservations_of(gql, self.0.id).await
    }

    /// The partners that serve it, the first one first, at most 20. Only staff may read them; null for partners,
    /// whatever they are.
    async fn incumbents(&self, gql: &Context<'_>) -> Option<AppResult<Vec<Incumbent>>> {
        incumbents_of(gql, self.0.id).await
    }

    /// The open opportunities of the vendor's own team on it, oldest first, at most 100. Only staff may read them; null for
    /// partners, whatever they are.
    async fn direct_opportunities(&self, gql: &Context<'_>) -> Option<AppResult<Vec<DirectOpportunity>>> {
        opportunities_of(gql, self.0.id).await
    }

    /// The account that it is part of; null when there is none, or none that you may see.
    async fn parent(&self, gql: &Context<'_>) -> Option<AppResult<Self>> {
        Self::load(gql, self.0.parent_id?).await.transpose()
    }

    /// The accounts that are part of it and that you may see, in the order in which they were created.
    async fn subsidiaries(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AtHand<Self>>> {
        subsidiaries(gql, self.0.id, PageArgs { first, after, last, before }).await
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change of what it says of itself. Reservations, incumbents and merges leave it alone.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

impl AtOnce for Account {
    const TYPE: &'static str = "Account";

    fn field(&self, call: &Call, field: &Field) -> Option<Value> {
        let it = &self.0;
        Some(match field.name.node.as_str() {
            "id" => word(it.id),
            "name" => text(&it.name),
            "domain" => maybe(it.domain.as_deref(), text),
            "country" => text(it.country.code()),
            "industry" => maybe(it.industry.as_deref(), text),
            "size" => maybe(it.size, word),
            "reservedFor" => maybe(call.scope().is_everything().then_some(it.reserved_for), word),
            "createdAt" => word(it.created_at),
            "version" => it.version.into(),
            _ => return None,
        })
    }
}

/// Loads accounts for the caller.
pub struct AccountLoader(Call);

impl Loader<AccountId> for AccountLoader {
    type Value = model::Account;
    type Error = AppError;

    async fn load(&self, ids: &[AccountId]) -> AppResult<HashMap<AccountId, model::Account>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().collect())
    }
}

impl Account {
    /// The account of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: AccountId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, AccountLoader).load_one(id).await?.map(Self))
    }

    /// The accounts of these ids that exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_many(
        gql: &Context<'_>,
        ids: impl IntoIterator<Item = AccountId>,
    ) -> AppResult<HashMap<AccountId, Arc<Self>>> {
        let found = loaders::loader(gql, AccountLoader).load_many(ids).await?;
        Ok(found.into_iter().map(|(id, account)| (id, Arc::new(Self(account)))).collect())
    }
}
