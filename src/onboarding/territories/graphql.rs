//! Territories in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{Country, PartnerId, TerritoryId, Timestamp, TypedId as _};

use super::{
    model::{self, Define},
    service,
};
use crate::{
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// A territory.
pub struct Territory(pub model::Territory);

/// A part of the market that partners are responsible for, such as the area of a regional office.
#[Object]
impl Territory {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// The countries that it covers; all of them when none is named.
    async fn countries(&self) -> &[Country] {
        &self.0.countries
    }

    /// The industries that it covers; all of them when none is named.
    async fn industries(&self) -> &[String] {
        &self.0.industries
    }
}

/// Loads territories by their ids.
pub struct TerritoryLoader(Call);

impl Loader<TerritoryId> for TerritoryLoader {
    type Value = model::Territory;
    type Error = AppError;

    async fn load(&self, ids: &[TerritoryId]) -> AppResult<HashMap<TerritoryId, model::Territory>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|found| (found.id, found)).collect())
    }
}

/// Loads the territories of partners.
pub struct PartnerTerritoryLoader(Call);

impl Loader<PartnerId> for PartnerTerritoryLoader {
    type Value = model::Territory;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, model::Territory>> {
        service::find_of_partners(&self.0, ids).await
    }
}

impl Territory {
    /// The territory of an id, loaded together with its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: TerritoryId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, TerritoryLoader).load_one(id).await?.map(Self))
    }

    /// The territory that a partner works in, loaded together with those of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_of_partner(gql: &Context<'_>, id: PartnerId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, PartnerTerritoryLoader).load_one(id).await?.map(Self))
    }
}

/// Says what a territory is called and covers.
#[derive(Clone, InputObject)]
pub struct DefineTerritoryInput {
    /// The territory; a new one when absent.
    territory_id: Option<ID>,
    /// The name; needed for a new one.
    name: Option<String>,
    /// The countries that it covers; an empty list covers all. As they are when absent.
    countries: Option<Vec<Country>>,
    /// The industries that it covers; an empty list covers all; at most 50. As they are when absent.
    industries: Option<Vec<String>>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for DefineTerritoryInput {
    type Command = Define;
    const OPERATION: &'static str = "defineTerritory";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Define> {
        let industries = self.industries.map(|texts| parse::at_most(texts, "industries", 50)).transpose()?;
        let read = |texts: Vec<String>| {
            let numbered = texts.iter().enumerate();
            numbered
                .map(|(place, text)| parse::line(text, &format!("industries.{place}"), 100))
                .collect::<AppResult<_>>()
        };
        Ok(Define {
            id: self.territory_id.map(|id| parse::id(&id, "territoryId")).transpose()?,
            name: self.name.map(|name| parse::line(&name, "name", 100)).transpose()?,
            countries: self.countries.map(|countries| parse::at_most(countries, "countries", 250)).transpose()?,
            industries: industries.map(read).transpose()?,
        })
    }
}

payload! {
    /// The territory.
    DefineTerritoryPayload from model::Territory as territory {
        /// The territory.
        territory: Territory = Territory(territory)
    }
}

/// Queries of territories.
#[derive(Default)]
pub struct TerritoryQuery;

#[Object]
impl TerritoryQuery {
    /// The territories that you may see, by name: all of them for staff, for partners those that they work in or are
    /// authorised for.
    async fn territories(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<Territory>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "name", false)?;
        let rows = service::list(gql.call(), &page).await?;
        let place = |found: &model::Territory| (SortKey::Text(model::name_key(&found.name)), found.id.uuid());
        Ok(rows.connection(&page, place, Territory))
    }
}

/// Mutations of territories.
#[derive(Default)]
pub struct TerritoryMutation;

#[Object]
impl TerritoryMutation {
    /// Says what a territory is called and covers, a new one or an old one. Staff only.
    async fn define_territory(
        &self,
        gql: &Context<'_>,
        input: DefineTerritoryInput,
    ) -> AppResult<DefineTerritoryPayload> {
        mutate(gql, input, service::define).await
    }
}
