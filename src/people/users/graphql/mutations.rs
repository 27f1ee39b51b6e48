//! Mutations of users.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::Role;

use super::User;
use crate::{
    payload,
    people::users::{
        model::{self, ChangeRoles, ChangeState, Rename},
        service,
    },
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Sets somebody's roles.
#[derive(Clone, InputObject)]
pub struct ChangeUserRolesInput {
    /// Whose.
    user_id: ID,
    /// All that they may do from now on: staff roles for staff, partner roles for a partner's people; at least one.
    roles: Vec<Role>,
    /// The version that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ChangeUserRolesInput {
    type Command = ChangeRoles;
    const OPERATION: &'static str = "changeUserRoles";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ChangeRoles> {
        Ok(ChangeRoles {
            id: parse::id(&self.user_id, "userId")?,
            roles: parse::at_most(self.roles, "roles", 20)?.into_iter().collect(),
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The person with their new roles.
    ChangeUserRolesPayload from model::User as user {
        /// The person.
        user: User = User(user)
    }
}

/// Stops somebody from signing in.
#[derive(Clone, InputObject)]
pub struct DeactivateUserInput {
    /// Whom.
    user_id: ID,
    /// The version that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for DeactivateUserInput {
    type Command = ChangeState;
    const OPERATION: &'static str = "deactivateUser";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ChangeState> {
        Ok(ChangeState { id: parse::id(&self.user_id, "userId")?, expected_version: self.expected_version })
    }
}

payload! {
    /// The deactivated person.
    DeactivateUserPayload from model::User as user {
        /// The person.
        user: User = User(user)
    }
}

/// Lets somebody sign in again.
#[derive(Clone, InputObject)]
pub struct ReactivateUserInput {
    /// Whom.
    user_id: ID,
    /// The version that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ReactivateUserInput {
    type Command = ChangeState;
    const OPERATION: &'static str = "reactivateUser";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ChangeState> {
        Ok(ChangeState { id: parse::id(&self.user_id, "userId")?, expected_version: self.expected_version })
    }
}

payload! {
    /// The reactivated person.
    ReactivateUserPayload from model::User as user {
        /// The person.
        user: User = User(user)
    }
}

/// Renames somebody whom you administer.
#[derive(Clone, InputObject)]
pub struct RenameUserInput {
    /// Whom.
    user_id: ID,
    /// How they are called: 1 to 200 characters.
    name: String,
    /// The version that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RenameUserInput {
    type Command = Rename;
    const OPERATION: &'static str = "renameUser";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Rename> {
        Ok(Rename {
            id: Some(parse::id(&self.user_id, "userId")?),
            name: parse::line(&self.name, "name", 200)?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The renamed person.
    RenameUserPayload from model::User as user {
        /// The person.
        user: User = User(user)
    }
}

/// Changes how you are called.
#[derive(Clone, InputObject)]
pub struct UpdateOwnProfileInput {
    /// How you are called: 1 to 200 characters.
    name: String,
    /// The version that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for UpdateOwnProfileInput {
    type Command = Rename;
    const OPERATION: &'static str = "updateOwnProfile";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Rename> {
        let name = parse::line(&self.name, "name", 200)?;
        Ok(Rename { id: None, name, expected_version: self.expected_version })
    }
}

payload! {
    /// You, under your name.
    UpdateOwnProfilePayload from model::User as user {
        /// You.
        user: User = User(user)
    }
}

/// Mutations of users.
#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Sets all roles of a person of your company; staff administrators also those of partners' people. Acts within
    /// seconds on what they have open. A company's last administrator stays one.
    async fn change_user_roles(
        &self,
        gql: &Context<'_>,
        input: ChangeUserRolesInput,
    ) -> AppResult<ChangeUserRolesPayload> {
        mutate(gql, input, service::change_roles).await
    }

    /// Stops a person from signing in, and ends all their sessions at once. A company's last administrator stays.
    async fn deactivate_user(&self, gql: &Context<'_>, input: DeactivateUserInput) -> AppResult<DeactivateUserPayload> {
        mutate(gql, input, service::deactivate).await
    }

    /// Lets a person sign in again, with the roles that they had.
    async fn reactivate_user(&self, gql: &Context<'_>, input: ReactivateUserInput) -> AppResult<ReactivateUserPayload> {
        mutate(gql, input, service::reactivate).await
    }

    /// Changes the name of a person whom you administer.
    async fn rename_user(&self, gql: &Context<'_>, input: RenameUserInput) -> AppResult<RenameUserPayload> {
        mutate(gql, input, service::rename).await
    }

    /// Changes your own name.
    async fn update_own_profile(
        &self,
        gql: &Context<'_>,
        input: UpdateOwnProfileInput,
    ) -> AppResult<UpdateOwnProfilePayload> {
        mutate(gql, input, service::rename).await
    }
}
