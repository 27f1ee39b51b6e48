//! Audit events in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{ActorKind, AuditEventId, Timestamp, TypedId};

use super::{model, service};
use crate::{
    kernel::hex,
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

/// Somebody changed something.
pub struct AuditEvent(pub model::AuditEvent);

/// Somebody changed something: who, what, when. Written with the change itself and never changed.
#[Object]
impl AuditEvent {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// When.
    async fn at(&self) -> Timestamp {
        self.0.at
    }

    /// What kind of caller did it.
    async fn actor_kind(&self) -> ActorKind {
        self.0.actor_kind
    }

    /// The person who did it; null when it was none, and when it is somebody whom you may not see.
    async fn actor(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.actor_user_id?).await.transpose()
    }

    /// The person on whose behalf it was done: the one who did it, or the maker of the API client; null when it was none,
    /// and when it is somebody whom you may not see.
    async fn on_behalf_of(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.responsible_user_id?).await.transpose()
    }

    /// The global id of the API client that did it; null when it was none. Staff only.
    async fn client_id(&self, gql: &Context<'_>) -> Option<ID> {
        let staff = gql.call().scope().is_everything();
        self.0.actor_client_id.filter(|_| staff).map(|id| id.to_string().into())
    }

    /// The address that it came from; null when it came from inside the product. Staff only.
    async fn address(&self, gql: &Context<'_>) -> Option<&str> {
        gql.call().scope().is_everything().then_some(self.0.address.as_deref())?
    }

    /// What was done, such as `application.decide`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The global id of the object that changed.
    async fn object_id(&self) -> ID {
        self.0.object_id.clone().into()
    }

    /// The partner that it concerns; null when it concerns none.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id?).await.transpose()
    }

    /// The object before, as JSON; null when it was created. Staff only: objects hold more than a partner may read.
    async fn before(&self, gql: &Context<'_>) -> Option<&str> {
        gql.call().scope().is_everything().then_some(self.0.before.as_deref())?
    }

    /// The object after, as JSON; null when it is gone. Staff only: objects hold more than a partner may read.
    async fn after(&self, gql: &Context<'_>) -> Option<&str> {
        gql.call().scope().is_everything().then_some(self.0.after.as_deref())?
    }

    /// The id of the request that it was done in, which our logs carry too.
    async fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Its place in the chain of its partner's events, or in the vendor's, counted from one without a gap; null when it
    /// is from before there were chains.
    async fn sequence(&self) -> Option<i64> {
        self.0.sequence
    }

    /// SHA-256 over all of it and the hash of the event before it in its chain, in hexadecimal digits; null when it is
    /// from before there were chains.
    async fn hash(&self) -> Option<String> {
        self.0.hash.as_deref().map(hex::encode)
    }
}

/// Loads audit events for the caller.
pub struct AuditLoader(Call);

impl Loader<AuditEventId> for AuditLoader {
    type Value = model::AuditEvent;
    type Error = AppError;

    async fn load(&self, ids: &[AuditEventId]) -> AppResult<HashMap<AuditEventId, model::AuditEvent>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|event| (event.id, event)).collect())
    }
}

impl AuditEvent {
    /// The event of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: AuditEventId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, AuditLoader).load_one(id).await?.map(Self))
    }
}

/// Which audit events a list shows. What is absent excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct AuditEventFilter {
    /// About the object with this global id.
    object_id: Option<ID>,
    /// Concerning this partner.
    partner_id: Option<ID>,
    /// By this person.
    actor_id: Option<ID>,
    /// By the API client with this global id.
    client_id: Option<ID>,
    /// Of this action, such as `application.decide`.
    action: Option<String>,
    /// Done in the request with this id.
    request_id: Option<String>,
    /// At this instant or later.
    from: Option<Timestamp>,
    /// Before this instant.
    to: Option<Timestamp>,
}

impl AuditEventFilter {
    fn parse(self) -> AppResult<model::AuditFilter> {
        Ok(model::AuditFilter {
            object_id: self.object_id.map(|id| parse::line(&id, "filter.objectId", 100)).transpose()?,
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            actor_id: self.actor_id.map(|id| parse::id(&id, "filter.actorId")).transpose()?,
            client_id: self.client_id.map(|id| parse::id(&id, "filter.clientId")).transpose()?,
            action: self.action.map(|action| parse::line(&action, "filter.action", 100)).transpose()?,
            request_id: self.request_id.map(|id| parse::line(&id, "filter.requestId", 200)).transpose()?,
            from: self.from,
            to: self.to,
        })
    }
}

/// Queries of audit events.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Audit events, newest first: all of them for staff, what concerns it for a partner's administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn audit_events(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<AuditEventFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AuditEvent>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "written", true)?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, &page).await?;
        Ok(rows.connection(&page, |event| (SortKey::None, event.id.uuid()), AuditEvent))
    }
}
