//! Users in the API.

pub mod lists;
pub mod mutations;

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader};
use entity::value::{PartnerId, Role, Timestamp, TypedId, UserId, UserState};

use super::{
    model::{self, UserAction},
    service,
};
use crate::{
    onboarding::partners::graphql::Partner,
    people::sessions::{self, graphql::Session},
    platform::{
        auth::SignedIn,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            page::{Listed, PageArgs, SortKey},
        },
    },
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

    /// The partner company that they belong to; null for the vendor's staff.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id?).await.transpose()
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

    /// When their personal data was erased; null when it was not.
    async fn erased_at(&self) -> Option<Timestamp> {
        self.0.erased_at
    }

    /// What you may do with them now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> Vec<UserAction> {
        service::allowed(gql.call(), &self.0)
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

/// How many people of one partner are loaded at most.
const MOST_OF_PARTNER: u64 = 100;

impl Loader<PartnerId> for UserLoader {
    type Value = Vec<model::User>;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::User>>> {
        let mut people: HashMap<_, Vec<_>> = HashMap::new();
        for user in service::find_of_partners(&self.0, ids, MOST_OF_PARTNER).await? {
            if let Some(partner_id) = user.partner_id {
                people.entry(partner_id).or_default().push(user);
            }
        }
        Ok(people)
    }
}

/// Who asks.
pub struct Viewer(SignedIn);

/// The signed-in person who asks, and what they may do.
#[Object]
impl Viewer {
    /// The person.
    async fn user(&self, gql: &Context<'_>) -> AppResult<User> {
        User::load(gql, self.0.user_id).await?.ok_or(AppError::Unauthenticated)
    }

    /// The partner company that they belong to; null for the vendor's staff.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner?.0).await.transpose()
    }

    /// What they may do.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().collect()
    }

    /// Where they are signed in, the newest first: only the person themselves sees it.
    async fn sessions(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<Session>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "opened", true)?;
        let rows = sessions::list(gql.call(), &page).await?;
        Ok(rows.connection(&page, |session| (SortKey::None, session.id.uuid()), Session))
    }

    /// Whether they are of the vendor's staff.
    async fn is_staff(&self) -> bool {
        self.0.partner.is_none()
    }
}

pub use lists::{UserFilter, UserOrder};
pub use mutations::UserMutation;

/// Queries of users.
#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// Who you are; null when you are not signed in.
    async fn viewer(&self, gql: &Context<'_>) -> Option<Viewer> {
        gql.call().caller.signed_in().cloned().map(Viewer)
    }

    /// People: everybody for staff, those of their own company for a partner's administrators. Newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn users(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<UserFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<UserOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<User>> {
        lists::listed(gql, filter, order_by, PageArgs { first, after, last, before }).await
    }
}

impl User {
    /// The people of a partner, loaded together with those of its siblings: the first of them, at most 100.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(gql: &Context<'_>, partner_id: PartnerId, first: u64) -> AppResult<Vec<Self>> {
        let people = loaders::loader::<PartnerId, _>(gql, UserLoader).load_one(partner_id).await?.unwrap_or_default();
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        Ok(people.into_iter().take(first).map(Self).collect())
    }

    /// The person of an id, loaded together with its siblings; none when they do not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: UserId) -> AppResult<Option<Self>> {
        Ok(loaders::loader::<UserId, _>(gql, UserLoader).load_one(id).await?.map(Self))
    }
}
