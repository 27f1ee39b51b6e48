//! Users in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader};
use entity::value::{Role, Timestamp, UserId, UserState};

use super::{model, service};
use crate::platform::{
    call::Call,
    error::{AppError, AppResult},
    graphql::loaders,
};

/// A person with an account of their own.
pub struct User(pub model::User);

/// A person with an account of their own.
#[Object]
impl User {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address that they sign in with.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What they may do.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().collect()
    }

    /// Whether they may sign in.
    async fn state(&self) -> UserState {
        self.0.state
    }

    /// When they joined.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads users for the caller.
pub struct UserLoader(Call);

impl Loader<UserId> for UserLoader {
    type Value = model::User;
    type Error = AppError;

    async fn load(&self, ids: &[UserId]) -> AppResult<HashMap<UserId, model::User>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|user| (user.id, user)).collect())
    }
}

impl User {
    /// The person of an id, loaded together with its siblings; none when they do not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: UserId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, UserLoader).load_one(id).await?.map(Self))
    }
}
