//! Invitations in the API.

pub mod mutations;

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{InvitationId, Role, Timestamp, TypedId};

use super::{
    model::{self, InvitationState},
    service,
};
use crate::{
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// Somebody is invited to become a user.
pub struct Invitation(pub model::Invitation);

/// Somebody is invited to become a user. The link is in a mail and nowhere else.
#[Object]
impl Invitation {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The partner company to join; null for the vendor's staff.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id?).await.transpose()
    }

    /// The address that was invited.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// The name of the person.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What they may do when they have joined.
    async fn roles(&self) -> Vec<Role> {
        self.0.roles.iter().collect()
    }

    /// Whether it can still be accepted, and if not, why.
    async fn state(&self, gql: &Context<'_>) -> InvitationState {
        self.0.state(gql.call().now())
    }

    /// Who invited; null when nobody in particular did, and when it is somebody whom you may not see.
    async fn invited_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.invited_by_id?).await.transpose()
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it stops working.
    async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// When it was accepted.
    async fn accepted_at(&self) -> Option<Timestamp> {
        self.0.accepted_at
    }

    /// When it was taken back, or a newer one took its place.
    async fn revoked_at(&self) -> Option<Timestamp> {
        self.0.revoked_at
    }
}

/// Loads invitations for the caller.
pub struct InvitationLoader(Call);

impl Loader<InvitationId> for InvitationLoader {
    type Value = model::Invitation;
    type Error = AppError;

    async fn load(&self, ids: &[InvitationId]) -> AppResult<HashMap<InvitationId, model::Invitation>> {
        let found = service::find_many(&self.0, ids).await?;
        Ok(found.into_iter().map(|invitation| (invitation.id, invitation)).collect())
    }
}

impl Invitation {
    /// The invitation of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: InvitationId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, InvitationLoader).load_one(id).await?.map(Self))
    }
}

/// Which invitations a list shows. What is absent excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct InvitationFilter {
    /// In this state.
    state: Option<InvitationState>,
    /// To this partner.
    partner_id: Option<ID>,
}

impl InvitationFilter {
    fn parse(self) -> AppResult<model::InvitationFilter> {
        Ok(model::InvitationFilter {
            state: self.state,
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
        })
    }
}

/// Queries of invitations.
#[derive(Default)]
pub struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// Invitations, newest first: all of them for staff, those of their own company for a partner's administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn invitations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<InvitationFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<Invitation>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "made", true)?;
        let rows = service::list(gql.call(), filter.unwrap_or_default().parse()?, &page).await?;
        Ok(rows.connection(&page, |invitation| (SortKey::None, invitation.id.uuid()), Invitation))
    }
}
