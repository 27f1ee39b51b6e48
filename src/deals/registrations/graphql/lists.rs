//! Lists of registrations.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::value::{DealRegistrationState, DealStage, RegistrationId, Timestamp, TypedId};

use super::DealRegistration;
use crate::{
    deals::registrations::{
        model::{self, RegistrationOrder},
        service,
    },
    platform::{
        auth::policy::Action,
        error::AppResult,
        graphql::{
            GqlContext,
            order::OrderDirection,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// Which deal registrations a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct DealRegistrationFilter {
    /// In one of these states, as of now: a protection whose term is over counts as expired.
    pub states: Option<Vec<DealRegistrationState>>,
    /// With the sale at one of these stages.
    pub deal_stages: Option<Vec<DealStage>>,
    /// Of this partner.
    pub partner_id: Option<ID>,
    /// On this account.
    pub account_id: Option<ID>,
}

impl DealRegistrationFilter {
    fn parse(self) -> AppResult<model::RegistrationFilter> {
        Ok(model::RegistrationFilter {
            states: parse::at_most(self.states.unwrap_or_default(), "filter.states", 20)?,
            deal_stages: parse::at_most(self.deal_stages.unwrap_or_default(), "filter.dealStages", 20)?,
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            account_id: self.account_id.map(|id| parse::id(&id, "filter.accountId")).transpose()?,
        })
    }
}

/// What a list of deal registrations is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DealRegistrationOrderField {
    /// When they were registered.
    CreatedAt,
    /// When their evidence became sufficient; those that are not qualified are left out.
    QualifiedAt,
    /// When their protection ends or ended; those without one are left out.
    ProtectedUntil,
}

/// The order of a list of deal registrations.
#[derive(Clone, InputObject)]
pub struct DealRegistrationOrder {
    /// What they are sorted by.
    pub field: DealRegistrationOrderField,
    /// In which direction.
    pub direction: OrderDirection,
}

impl Default for DealRegistrationOrder {
    fn default() -> Self {
        Self { field: DealRegistrationOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

/// A page of the registrations that the caller may see: the list of the API, and the one of a partner.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, bad arguments; those of the database.
pub async fn listed(
    gql: &Context<'_>,
    filter: Option<DealRegistrationFilter>,
    order_by: Option<DealRegistrationOrder>,
    args: PageArgs,
) -> AppResult<Listed<DealRegistration>> {
    let order = order_by.unwrap_or_default();
    let (name, by) = match order.field {
        DealRegistrationOrderField::CreatedAt => ("created", RegistrationOrder::Created),
        DealRegistrationOrderField::QualifiedAt => ("qualified", RegistrationOrder::Qualified),
        DealRegistrationOrderField::ProtectedUntil => ("protected-until", RegistrationOrder::ProtectedUntil),
    };
    let page = args.parse(gql, name, order.direction.is_descending())?;
    let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, by, &page).await?;
    let instant = |at: Option<Timestamp>| at.map_or(SortKey::None, |at| SortKey::Number(at.micros()));
    let place = |registration: &model::Registration| {
        let key = match by {
            RegistrationOrder::Created => SortKey::None,
            RegistrationOrder::Qualified => instant(registration.qualified_at),
            RegistrationOrder::ProtectedUntil => instant(registration.protected_until),
        };
        (key, registration.id.uuid())
    };
    Ok(rows.connection(&page, place, DealRegistration))
}

/// Queries of deal registrations.
#[derive(Default)]
pub struct DealRegistrationQuery;

#[Object]
impl DealRegistrationQuery {
    /// The deal registration of an id; null when there is none, or none that you may see.
    async fn deal_registration(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The registration's id.")] id: ID,
    ) -> Option<AppResult<DealRegistration>> {
        if let Err(refused) = gql.call().may(Action::ReadRegistrations) {
            return Some(Err(refused));
        }
        DealRegistration::load(gql, id.parse::<RegistrationId>().ok()?).await.transpose()
    }

    /// The deal registrations that you may see: all of them for staff, their own for partners. Newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn deal_registrations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<DealRegistrationFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<DealRegistrationOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<DealRegistration>> {
        listed(gql, filter, order_by, PageArgs { first, after, last, before }).await
    }
}
