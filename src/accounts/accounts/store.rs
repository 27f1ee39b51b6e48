//! SQL of accounts.

use entity::{
    account, account_domain, account_partner,
    value::{AccountId, PartnerId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, LikeExpr, OnConflict},
};

use super::{
    model::{Account, AccountFilter, AccountOrder, Customer, NewAccount},
    rules,
};
use crate::platform::{
    auth::Scope,
    call::Call,
    error::AppResult,
    graphql::page::{Page, Rows},
};

/// How many accounts of one name are looked at.
const MOST_CANDIDATES: u64 = 200;

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Self {
        let account::Model {
            id,
            name,
            name_key,
            domain,
            country,
            industry,
            reserved_for,
            parent_id,
            created_by_partner_id,
            created_at,
            version,
            size,
            merged_into_id,
        } = row;
        Self {
            id,
            name,
            name_key,
            domain,
            country,
            industry,
            size,
            reserved_for,
            parent_id,
            merged_into_id,
            created_by_partner_id,
            created_at,
            version,
        }
    }
}

/// The accounts that exist for the caller: for a partner those that it registered a deal on.
fn visible(scope: Scope) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Nothing | Scope::Partner(_) => {
            let known = account_partner::Entity::find()
                .select_only()
                .column(account_partner::Column::AccountId)
                .filter(scope.rows_of(account_partner::Column::PartnerId))
                .into_query();
            Condition::all().add(account::Column::Id.in_subquery(known))
        }
    }
}

/// The accounts of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[AccountId]) -> AppResult<Vec<Account>> {
    let found = account::Entity::find().filter(account::Column::Id.is_in(ids.iter().copied())).filter(visible(scope));
    Ok(found.all(db).await?.into_iter().map(Account::from).collect())
}

/// The accounts that may be the same customer: by domain or by normalised name. No scope: whether a customer is known
/// already does not depend on who asks.
pub async fn find_candidates(db: &impl ConnectionTrait, customer: &Customer) -> AppResult<Vec<Account>> {
    let mut any = Condition::any().add(account::Column::NameKey.eq(rules::name_key(&customer.name)));
    if let Some(domain) = &customer.domain {
        any = any.add(account::Column::Domain.eq(domain));
    }
    let found = account::Entity::find().filter(any).order_by_asc(account::Column::Id).limit(MOST_CANDIDATES);
    Ok(found.all(db).await?.into_iter().map(Account::from).collect())
}

/// A page of the accounts that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &AccountFilter,
    order: AccountOrder,
    page: &Page,
) -> AppResult<Rows<Account>> {
    let select = filtered(account::Entity::find().filter(visible(scope)), filter);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = match order {
        AccountOrder::Created => None,
        AccountOrder::Name => Some(account::Column::NameKey),
    };
    let rows = page.select(select, key, account::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Account::from).collect(), total))
}

fn filtered(mut select: Select<account::Entity>, filter: &AccountFilter) -> Select<account::Entity> {
    let AccountFilter { name_key, domain, countries, reserved_for } = filter;
    if let Some(key) = name_key {
        let escaped = key.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        select =
            select.filter(Expr::col(account::Column::NameKey).like(LikeExpr::new(format!("{escaped}%")).escape('\\')));
    }
    if let Some(domain) = domain {
        select = select.filter(account::Column::Domain.eq(domain));
    }
    if !countries.is_empty() {
        select = select.filter(account::Column::Country.is_in(countries.iter().copied()));
    }
    if !reserved_for.is_empty() {
        select = select.filter(account::Column::ReservedFor.is_in(reserved_for.iter().copied()));
    }
    select
}

/// Inserts an account; none when `a_domain_belongs_to_one_account` or
/// `one_live_account_per_name_and_country_without_domain` says that somebody else has created it.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    created_by: Option<PartnerId>,
    new: NewAccount,
) -> AppResult<Option<Account>> {
    let NewAccount { customer: Customer { name, domain, country }, industry, reserved_for, parent_id } = new;
    let account = Account {
        id: call.new_id(),
        name_key: rules::name_key(&name),
        name,
        domain,
        country,
        industry,
        size: None,
        reserved_for,
        parent_id,
        merged_into_id: None,
        created_by_partner_id: created_by,
        created_at: call.now(),
        version: 1,
    };
    let row = account::ActiveModel {
        id: Set(account.id),
        name: Set(account.name.clone()),
        name_key: Set(account.name_key.clone()),
        domain: Set(account.domain.clone()),
        country: Set(account.country),
        industry: Set(account.industry.clone()),
        reserved_for: Set(account.reserved_for),
        parent_id: Set(account.parent_id),
        created_by_partner_id: Set(account.created_by_partner_id),
        created_at: Set(account.created_at),
        version: Set(account.version),
        size: Set(account.size),
        merged_into_id: Set(account.merged_into_id),
    };
    let taken = OnConflict::new().do_nothing().to_owned();
    let inserted = account::Entity::insert(row).on_conflict(taken).exec_without_returning(db).await?;
    if inserted == 0 {
        return Ok(None);
    }
    if let Some(domain) = &account.domain {
        let row = account_domain::ActiveModel {
            id: Set(call.new_id()),
            account_id: Set(account.id),
            domain: Set(domain.clone()),
            added_at: Set(account.created_at),
        };
        account_domain::Entity::insert(row).exec_without_returning(db).await?;
    }
    Ok(Some(account))
}

/// Remembers that a partner knows an account.
pub async fn connect(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    partner_id: PartnerId,
    since: Timestamp,
) -> AppResult<()> {
    let row =
        account_partner::ActiveModel { partner_id: Set(partner_id), account_id: Set(account_id), since: Set(since) };
    let known = OnConflict::columns([account_partner::Column::PartnerId, account_partner::Column::AccountId])
        .do_nothing()
        .to_owned();
    account_partner::Entity::insert(row).on_conflict(known).exec_without_returning(db).await?;
    Ok(())
}
