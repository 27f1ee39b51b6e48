//! Activities in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader};
use entity::value::{ActivityId, ActivityKind, EngagementComponent, PartnerId, Timestamp};

use super::{
    model::{self, points},
    service,
};
use crate::{
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::loaders,
    },
};

/// How many activities of a partner are shown.
pub const MOST_OF_PARTNER: u32 = 50;
/// How many activities of one component are shown.
pub const MOST_OF_COMPONENT: u32 = 20;

/// An activity of a partner.
pub struct Activity(pub model::Activity);

/// One thing that happened at a partner. Activities are never changed or deleted.
#[Object]
impl Activity {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What happened.
    async fn kind(&self) -> ActivityKind {
        self.0.kind
    }

    /// The component of the score that it counts for; null when it counts for none.
    async fn component(&self) -> Option<EngagementComponent> {
        self.0.component
    }

    /// How many points it counted on the day when it happened; its weight halves with each half-life of the component.
    async fn value(&self) -> f64 {
        points(self.0.value_micros)
    }

    /// The global id of the object that it was about, such as a registration or a completion; null when there is none.
    async fn object_id(&self) -> Option<ID> {
        self.0.object_id.clone().map(ID::from)
    }

    /// The person; null when it was not one person's doing.
    async fn user(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        match self.0.user_id {
            Some(id) => User::load(gql, id).await.transpose(),
            None => None,
        }
    }

    /// When it happened.
    async fn occurred_at(&self) -> Timestamp {
        self.0.occurred_at
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Timestamp {
        self.0.recorded_at
    }
}

/// Loads activities for the caller.
pub struct ActivityLoader(Call);

impl Loader<ActivityId> for ActivityLoader {
    type Value = model::Activity;
    type Error = AppError;

    async fn load(&self, ids: &[ActivityId]) -> AppResult<HashMap<ActivityId, model::Activity>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|activity| (activity.id, activity)).collect())
    }
}

/// Loads the latest activities of partners.
pub struct LatestLoader(Call);

impl Loader<PartnerId> for LatestLoader {
    type Value = Vec<model::Activity>;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Activity>>> {
        Ok(by_partner(service::latest_of(&self.0, partners, MOST_OF_PARTNER.into()).await?))
    }
}

/// Loads the latest activities of each component of partners.
pub struct LatestByComponentLoader(Call);

impl Loader<PartnerId> for LatestByComponentLoader {
    type Value = Vec<model::Activity>;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Activity>>> {
        Ok(by_partner(service::latest_by_component(&self.0, partners, MOST_OF_COMPONENT.into()).await?))
    }
}

fn count(most: u64) -> usize {
    usize::try_from(most).unwrap_or(usize::MAX)
}

fn by_partner(activities: Vec<model::Activity>) -> HashMap<PartnerId, Vec<model::Activity>> {
    let mut grouped: HashMap<PartnerId, Vec<model::Activity>> = HashMap::new();
    for activity in activities {
        grouped.entry(activity.partner_id).or_default().push(activity);
    }
    grouped
}

impl Activity {
    /// The activity of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: ActivityId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, ActivityLoader).load_one(id).await?.map(Self))
    }

    /// The latest activities of a partner, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn latest_of(gql: &Context<'_>, partner_id: PartnerId, most: u64) -> AppResult<Vec<Self>> {
        let latest = loaders::loader(gql, LatestLoader).load_one(partner_id).await?.unwrap_or_default();
        Ok(latest.into_iter().take(count(most)).map(Self).collect())
    }

    /// The latest activities of one component of a partner, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn latest_of_component(
        gql: &Context<'_>,
        partner_id: PartnerId,
        component: EngagementComponent,
        most: u64,
    ) -> AppResult<Vec<Self>> {
        let latest = loaders::loader(gql, LatestByComponentLoader).load_one(partner_id).await?.unwrap_or_default();
        let own = latest.into_iter().filter(|activity| activity.component == Some(component));
        Ok(own.take(count(most)).map(Self).collect())
    }
}
