//! SQL of accounts.

mod candidates;

use entity::{
    account, account_domain, account_incumbent, account_partner, account_reference, account_registry_id,
    value::{AccountId, PartnerId, Timestamp},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QuerySelect, QueryTrait, Select, Statement, Value,
    sea_query::{Expr, ExprTrait, LikeExpr, OnConflict},
};

pub use candidates::find_candidates;

use super::{
    model::{Account, AccountFilter, AccountOrder, Customer, NewAccount, StaffFilter},
    rules,
};
use crate::platform::{
    auth::Scope,
    call::Call,
    db::{Unique, dialect},
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

/// The domain that an account goes by is no other account's.
const ONE_ACCOUNT_PER_MAIN_DOMAIN: Unique =
    Unique { name: "a_domain_belongs_to_one_account", columns: "accounts.domain" };

/// Without domains, a name and a country are all there is to tell accounts by.
const ONE_ACCOUNT_PER_NAME: Unique = Unique {
    name: "one_live_account_per_name_and_country_without_domain",
    columns: "accounts.name_key, accounts.country",
};

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

/// The account of an id, if it exists for the caller, held as it is until the transaction ends: nobody merges it.
pub async fn find_for_share(db: &impl ConnectionTrait, scope: Scope, id: AccountId) -> AppResult<Option<Account>> {
    let found = account::Entity::find_by_id(id).filter(visible(scope));
    Ok(dialect::for_share(db, found).one(db).await?.map(Account::from))
}

/// The account of an id, held until the transaction ends: nobody else changes it. No scope: only staff change accounts.
pub async fn find_for_update(db: &impl ConnectionTrait, id: AccountId) -> AppResult<Option<Account>> {
    Ok(dialect::for_update(db, account::Entity::find_by_id(id)).one(db).await?.map(Account::from))
}

/// A page of the accounts that exist for the caller. Merged ones are none.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &AccountFilter,
    order: AccountOrder,
    page: &Page,
) -> AppResult<Rows<Account>> {
    let live = account::Entity::find().filter(visible(scope)).filter(account::Column::MergedIntoId.is_null());
    let select = filtered(live, scope, filter);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let key = match order {
        AccountOrder::Created => None,
        AccountOrder::Name => Some(account::Column::NameKey),
    };
    let rows = page.select(select, key, account::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Account::from).collect(), total))
}

/// The first subsidiaries of each of these accounts that exist for the caller, and one more than `most` of each where
/// there are more. They are numbered where they are read: a second look at the table would read all of it.
pub async fn first_subsidiaries(
    db: &impl ConnectionTrait,
    scope: Scope,
    parents: &[AccountId],
    most: u64,
) -> AppResult<Vec<Account>> {
    let visible = match scope {
        Scope::Everything => String::new(),
        Scope::Nothing => return Ok(Vec::new()),
        Scope::Partner(_) => "and a.id in (select account_id from account_partners where partner_id = $2)".to_owned(),
    };
    let first = if let Scope::Partner(_) = scope { 3 } else { 2 };
    let sql = format!(
        "select * from (
            select a.*, row_number() over (partition by a.parent_id order by a.id) as place from accounts a
            where a.parent_id in ({}) and a.merged_into_id is null {visible}
         ) as numbered where place <= $1 order by parent_id, id",
        dialect::placeholders(first, parents.len())
    );
    let mut values: Vec<Value> = vec![i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1).into()];
    if let Scope::Partner(id) = scope {
        values.push(id.into());
    }
    values.extend(parents.iter().map(|id| Value::from(*id)));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(account::Model::find_by_statement(statement).all(db).await?.into_iter().map(Account::from).collect())
}

fn filtered(mut select: Select<account::Entity>, scope: Scope, filter: &AccountFilter) -> Select<account::Entity> {
    let AccountFilter { name_key, domain, countries, sizes, parent_id, staff } = filter;
    if let Some(key) = name_key {
        let escaped = key.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        select =
            select.filter(Expr::col(account::Column::NameKey).like(LikeExpr::new(format!("{escaped}%")).escape('\\')));
    }
    if let Some(domain) = domain {
        select = match scope {
            // Partners know the domain that an account goes by, and no other.
            Scope::Nothing | Scope::Partner(_) => select.filter(account::Column::Domain.eq(domain)),
            Scope::Everything => {
                use account_domain::{Column, Entity};
                let of = Entity::find().select_only().column(Column::AccountId).filter(Column::Domain.eq(domain));
                select.filter(account::Column::Id.in_subquery(of.into_query()))
            }
        };
    }
    if !countries.is_empty() {
        select = select.filter(account::Column::Country.is_in(countries.iter().copied()));
    }
    if !sizes.is_empty() {
        select = select.filter(account::Column::Size.is_in(sizes.iter().copied()));
    }
    if let Some(parent_id) = parent_id {
        select = select.filter(account::Column::ParentId.eq(*parent_id));
    }
    for_staff(select, staff)
}

fn for_staff(mut select: Select<account::Entity>, filter: &StaffFilter) -> Select<account::Entity> {
    let StaffFilter { reserved_for, registry_id, reference, incumbent_id } = filter;
    if !reserved_for.is_empty() {
        select = select.filter(account::Column::ReservedFor.is_in(reserved_for.iter().copied()));
    }
    if let Some(id) = registry_id {
        use account_registry_id::{Column, Entity};
        let of = Entity::find().select_only().column(Column::AccountId).filter(Column::Kind.eq(id.kind));
        let of = of.filter(Column::Value.eq(&id.value)).into_query();
        select = select.filter(account::Column::Id.in_subquery(of));
    }
    if let Some(reference) = reference {
        use account_reference::{Column, Entity};
        let of = Entity::find().select_only().column(Column::AccountId).filter(Column::System.eq(&reference.system));
        let of = of.filter(Column::ExternalId.eq(&reference.external_id)).into_query();
        select = select.filter(account::Column::Id.in_subquery(of));
    }
    if let Some(partner_id) = incumbent_id {
        use account_incumbent::{Column, Entity};
        let of = Entity::find().select_only().column(Column::AccountId).filter(Column::PartnerId.eq(*partner_id));
        let of = of.filter(Column::EndedAt.is_null()).into_query();
        select = select.filter(account::Column::Id.in_subquery(of));
    }
    select
}

fn write(account: &Account) -> account::ActiveModel {
    account::ActiveModel {
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
    }
}

/// Inserts an account; none when `a_domain_belongs_to_one_account` or
/// `one_live_account_per_name_and_country_without_domain` says that somebody else has created it.
pub async fn insert(
    db: &impl ConnectionTrait,
    call: &Call,
    created_by: Option<PartnerId>,
    new: NewAccount,
) -> AppResult<Option<Account>> {
    let NewAccount {
        customer: Customer { name, domain, country },
        industry,
        size,
        reserved_for,
        parent_id,
        identity: _,
    } = new;
    let account = Account {
        id: call.new_id(),
        name_key: rules::name_key(&name),
        name,
        domain,
        country,
        industry,
        size,
        reserved_for,
        parent_id,
        merged_into_id: None,
        created_by_partner_id: created_by,
        created_at: call.now(),
        version: 1,
    };
    let taken = OnConflict::new().do_nothing().to_owned();
    let inserted = account::Entity::insert(write(&account)).on_conflict(taken).exec_without_returning(db).await?;
    Ok((inserted > 0).then_some(account))
}

/// Writes what changed of an account, at the version that was seen.
///
/// # Errors
/// `VERSION_CONFLICT`. Somebody else who took the name or the domain since they were looked at has overtaken this: it
/// is begun again, and refused then.
pub async fn update(db: &impl ConnectionTrait, before_version: i64, after: &Account) -> AppResult<()> {
    let updated = account::Entity::update_many()
        .set(write(after))
        .filter(account::Column::Id.eq(after.id))
        .filter(account::Column::Version.eq(before_version))
        .exec(db)
        .await;
    let updated = updated.map_err(AppError::from).map_err(|error| {
        let overtaken = || AppError::overtaken("the name or domain of an account was given to another one");
        error.on_violation(&ONE_ACCOUNT_PER_MAIN_DOMAIN, overtaken).on_violation(&ONE_ACCOUNT_PER_NAME, overtaken)
    })?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

#[derive(FromQueryResult)]
struct Height {
    height: i64,
}

/// How many levels there are below an account, at most `most`.
pub async fn height(db: &impl ConnectionTrait, id: AccountId, most: i64) -> AppResult<i64> {
    let sql = "with recursive below(id, level) as (
            select id, cast(1 as bigint) from accounts where parent_id = $1
            union all
            select a.id, b.level + 1 from accounts a join below b on a.parent_id = b.id where b.level < $2
        ) select cast(coalesce(max(level), 0) as bigint) as height from below";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into(), most.into()]);
    let found = Height::find_by_statement(statement).one(db).await?;
    Ok(found.map_or(0, |found| found.height))
}

/// Whoever creates accounts on purpose takes turns: two that bring the same customers from different systems, or in
/// different orders, find each other's and do not stand in each other's way. On SQLite the transaction holds the
/// writer's place already.
pub async fn take_turns(txn: &DatabaseTransaction) -> AppResult<()> {
    if dialect::is_postgres(txn) {
        txn.execute_unprepared("select pg_advisory_xact_lock(hashtext('accounts'))").await?;
    }
    Ok(())
}

/// Writes the key of an account's name as the matcher makes it now, unless an account without a domain has it in that
/// country: then a person has to look, and both keep theirs.
pub async fn rekey(db: &impl ConnectionTrait, account: &Account, key: &str) -> AppResult<()> {
    if account.name_key == key {
        return Ok(());
    }
    let free = account.domain.is_some()
        || account::Entity::find()
            .filter(account::Column::NameKey.eq(key))
            .filter(account::Column::Country.eq(account.country))
            .filter(account::Column::Domain.is_null())
            .count(db)
            .await?
            == 0;
    if free {
        account::Entity::update_many()
            .col_expr(account::Column::NameKey, Expr::value(key))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::Name.eq(&account.name))
            .exec(db)
            .await?;
    }
    Ok(())
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

/// Forgets that these partners know an account.
pub async fn disconnect(db: &impl ConnectionTrait, account_id: AccountId, partners: &[PartnerId]) -> AppResult<()> {
    account_partner::Entity::delete_many()
        .filter(account_partner::Column::AccountId.eq(account_id))
        .filter(account_partner::Column::PartnerId.is_in(partners.iter().copied()))
        .exec(db)
        .await?;
    Ok(())
}
