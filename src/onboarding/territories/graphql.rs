//! Territories in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader};
use entity::value::{PartnerId, TerritoryId, Timestamp};

use super::{model, service};
use crate::platform::{
    call::Call,
    error::{AppError, AppResult},
    graphql::loaders,
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
