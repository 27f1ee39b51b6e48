//! Conflict cases in the API.

mod inputs;
mod mutations;
mod side;
mod types;

use async_graphql::{Context, Object};
use entity::value::TypedId as _;

pub use mutations::{DealConflictMutation, DealConflictPartyMutation, DealConflictPayload};
pub use side::DealRegistrationConflict;
pub use types::DealConflict;

use self::inputs::DealConflictFilter;
use super::{model::Conflict, service};
use crate::platform::{
    auth::policy::Action,
    error::AppResult,
    graphql::{
        GqlContext,
        page::{Listed, PageArgs, SortKey},
    },
};

/// Queries of conflict cases.
#[derive(Default)]
pub struct DealConflictQuery;

#[Object]
impl DealConflictQuery {
    /// The conflict case of an id; null when there is none. For staff: partners read their side of it on their registrations.
    async fn deal_conflict(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The case's id.")] id: async_graphql::ID,
    ) -> Option<AppResult<DealConflict>> {
        if let Err(refused) = gql.call().may(Action::ReadConflicts) {
            return Some(Err(refused));
        }
        DealConflict::load(gql, id.parse().ok()?).await.transpose()
    }

    /// The conflict cases, what is due first in front. For staff.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn deal_conflicts(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<DealConflictFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<DealConflict>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "due", false)?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, &page).await?;
        let now = gql.call().now();
        let place = |it: &Conflict| (SortKey::Number(it.due_at.micros()), it.id.uuid());
        Ok(rows.connection(&page, place, |it| DealConflict(it.as_of(now))))
    }
}
