//! Lists of registrations.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, Enum, ID, InputObject, Object, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use entity::value::{AccountId, DealRegistrationState, DealStage, PartnerId, RegistrationId, Timestamp, TypedId};

use super::DealRegistration;
use crate::{
    accounts::accounts::graphql::Account,
    deals::registrations::{
        model::{self, Long, RegistrationOrder},
        service,
    },
    onboarding::partners::graphql::Partner,
    platform::{
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::{
            GqlContext,
            at_once::{self, AtOnce},
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
            ..model::RegistrationFilter::default()
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

/// A registration of a list, with what was loaded for the whole list.
pub struct ListedRegistration {
    it: DealRegistration,
    partner: Option<Arc<Partner>>,
    account: Option<Arc<Account>>,
}

impl ListedRegistration {
    /// A registration with what was loaded for its list.
    pub(super) fn of(
        registration: model::Registration,
        partners: &HashMap<PartnerId, Arc<Partner>>,
        accounts: &HashMap<AccountId, Arc<Account>>,
    ) -> Self {
        Self {
            partner: partners.get(&registration.partner_id).cloned(),
            account: accounts.get(&registration.account_id).cloned(),
            it: DealRegistration(registration),
        }
    }
}

impl AtOnce for ListedRegistration {
    const TYPE: &'static str = DealRegistration::TYPE;

    fn field(&self, call: &Call, field: &Field) -> Option<Value> {
        match field.name.node.as_str() {
            "partner" => at_once::object(self.partner.as_deref()?, call, &field.selection_set.node),
            "account" => at_once::object(self.account.as_deref()?, call, &field.selection_set.node),
            _ => self.it.field(call, field),
        }
    }
}

impl OutputType for ListedRegistration {
    fn type_name() -> Cow<'static, str> {
        <DealRegistration as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <DealRegistration as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        at_once::resolve(ctx, self, &self.it).await
    }
}

/// Which of these fields of the listed objects the caller selects.
fn selects(gql: &Context<'_>, fields: &[&str]) -> bool {
    let look = gql.look_ahead();
    let (nodes, edges) = (look.field("nodes"), look.field("edges").field("node"));
    fields.iter().any(|field| nodes.field(field).exists() || edges.field(field).exists())
}

/// What the rows of a list have in common is loaded for all of them before the first is resolved. What fails here is
/// left out: the field that needs it loads it itself, and fails alone.
pub(super) async fn related(
    gql: &Context<'_>,
    rows: &[model::Registration],
    (with_partner, with_account): (bool, bool),
) -> (HashMap<PartnerId, Arc<Partner>>, HashMap<AccountId, Arc<Account>>) {
    let partners = async {
        if !with_partner {
            return HashMap::new();
        }
        Partner::load_many(gql, rows.iter().map(|row| row.partner_id)).await.unwrap_or_default()
    };
    let accounts = async {
        if !with_account {
            return HashMap::new();
        }
        Account::load_many(gql, rows.iter().map(|row| row.account_id)).await.unwrap_or_default()
    };
    futures::future::join(partners, accounts).await
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
) -> AppResult<Listed<ListedRegistration>> {
    let order = order_by.unwrap_or_default();
    let (name, by) = match order.field {
        DealRegistrationOrderField::CreatedAt => ("created", RegistrationOrder::Created),
        DealRegistrationOrderField::QualifiedAt => ("qualified", RegistrationOrder::Qualified),
        DealRegistrationOrderField::ProtectedUntil => ("protected-until", RegistrationOrder::ProtectedUntil),
    };
    let page = args.parse(gql, name, order.direction.is_descending())?;
    let long = if selects(gql, DealRegistration::LONG) { Long::Read } else { Long::Left };
    let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, by, &page, long).await?;
    let (partners, accounts) = related(gql, &rows.rows, (selects(gql, &["partner"]), selects(gql, &["account"]))).await;
    let instant = |at: Option<Timestamp>| at.map_or(SortKey::None, |at| SortKey::Number(at.micros()));
    let place = |registration: &model::Registration| {
        let key = match by {
            RegistrationOrder::Created => SortKey::None,
            RegistrationOrder::Qualified => instant(registration.qualified_at),
            RegistrationOrder::ProtectedUntil => instant(registration.protected_until),
        };
        (key, registration.id.uuid())
    };
    let node = |registration: model::Registration| ListedRegistration::of(registration, &partners, &accounts);
    Ok(rows.connection(&page, place, node))
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
    ) -> AppResult<Listed<ListedRegistration>> {
        listed(gql, filter, order_by, PageArgs { first, after, last, before }).await
    }
}
