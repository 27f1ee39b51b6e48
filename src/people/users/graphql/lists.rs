//! Lists of users.

use async_graphql::{Context, Enum, ID, InputObject};
use entity::value::{Role, TypedId as _, UserState};

use super::User;
use crate::{
    kernel::text::folded,
    people::users::{model, service},
    platform::{
        error::AppResult,
        graphql::{
            GqlContext,
            order::OrderDirection,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// Which people a list shows. What is absent excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct UserFilter {
    /// Of this partner.
    partner_id: Option<ID>,
    /// Only the vendor's staff; with `false` only partners' people.
    is_staff: Option<bool>,
    /// With this role.
    role: Option<Role>,
    /// In this state.
    state: Option<UserState>,
    /// With this text in the name or the address, regardless of case.
    search: Option<String>,
}

impl UserFilter {
    fn parse(self) -> AppResult<model::UserFilter> {
        let search = self.search.map(|text| parse::line(&text, "filter.search", 200)).transpose()?;
        Ok(model::UserFilter {
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            is_staff: self.is_staff,
            role: self.role,
            state: self.state,
            search: search.as_deref().map(folded),
        })
    }
}

/// What a list of people is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserOrderField {
    /// When they joined.
    CreatedAt,
    /// Their name, regardless of case.
    Name,
}

/// The order of a list of people.
#[derive(Clone, InputObject)]
pub struct UserOrder {
    /// What they are sorted by.
    field: UserOrderField,
    /// In which direction.
    direction: OrderDirection,
}

impl Default for UserOrder {
    fn default() -> Self {
        Self { field: UserOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

/// A page of people.
pub(super) async fn listed(
    gql: &Context<'_>,
    filter: Option<UserFilter>,
    order: Option<UserOrder>,
    args: PageArgs,
) -> AppResult<Listed<User>> {
    let order = order.unwrap_or_default();
    let (name, field) = match order.field {
        UserOrderField::CreatedAt => ("joined", model::UserOrder::Created),
        UserOrderField::Name => ("name", model::UserOrder::Name),
    };
    let page = args.parse(gql, name, order.direction.is_descending())?;
    let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, field, &page).await?;
    let place = |user: &model::User| match field {
        model::UserOrder::Created => (SortKey::None, user.id.uuid()),
        model::UserOrder::Name => (SortKey::Text(model::name_key(&user.name)), user.id.uuid()),
    };
    Ok(rows.connection(&page, place, User))
}
