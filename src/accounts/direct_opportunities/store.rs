//! SQL of opportunities of the vendor's own team. No scope: only staff reach them, and whether a place is free does not
//! depend on who asks.

use entity::{
    direct_opportunity::{ActiveModel, Column, Entity, Model},
    value::{AccountId, DirectOpportunityOutcome, ProductLineId, Timestamp, UserId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, Statement, Value, sea_query::Expr,
};

use super::model::{Close, DirectOpportunity};
use crate::platform::{
    call::Call,
    db::{Unique, dialect},
    error::{AppError, AppResult},
};

/// What the CRM calls by one name is open once for a product line.
pub const ONE_OPEN: Unique = Unique {
    name: "one_open_direct_opportunity_per_reference_and_line",
    columns: "direct_opportunities.reference, direct_opportunities.product_line_id",
};

fn read(row: Model) -> DirectOpportunity {
    let Model {
        id: _,
        account_id,
        product_line_id,
        reference,
        opened_at,
        recorded_by,
        closed_at: _,
        closed_by: _,
        outcome,
    } = row;
    DirectOpportunity { account_id, product_line_id, reference, opened_at, recorded_by, outcome }
}

/// The open ones of these accounts, oldest first.
pub async fn open_of(db: &impl ConnectionTrait, accounts: &[AccountId]) -> AppResult<Vec<DirectOpportunity>> {
    let found = Entity::find()
        .filter(Column::AccountId.is_in(accounts.iter().copied()))
        .filter(Column::ClosedAt.is_null())
        .order_by_asc(Column::Id);
    Ok(found.all(db).await?.into_iter().map(read).collect())
}

/// The open ones on some product lines of an account, oldest first.
pub async fn open_on(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<DirectOpportunity>> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::ProductLineId.is_in(lines.iter().copied()))
        .filter(Column::ClosedAt.is_null())
        .order_by_asc(Column::Id);
    Ok(found.all(db).await?.into_iter().map(read).collect())
}

/// The open ones of a name, on whatever account.
pub async fn open_named(db: &impl ConnectionTrait, reference: &str) -> AppResult<Vec<DirectOpportunity>> {
    let found = Entity::find().filter(Column::Reference.eq(reference)).filter(Column::ClosedAt.is_null());
    Ok(found.order_by_asc(Column::Id).all(db).await?.into_iter().map(read).collect())
}

/// How many open ones an account has.
pub async fn count_open(db: &impl ConnectionTrait, account_id: AccountId) -> AppResult<u64> {
    let open = Entity::find().filter(Column::AccountId.eq(account_id)).filter(Column::ClosedAt.is_null());
    Ok(open.count(db).await?)
}

/// Inserts some.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: &[DirectOpportunity]) -> AppResult<()> {
    let rows = new.iter().map(|it| ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(it.account_id),
        product_line_id: Set(it.product_line_id),
        reference: Set(it.reference.clone()),
        opened_at: Set(it.opened_at),
        recorded_by: Set(it.recorded_by),
        closed_at: Set(None),
        closed_by: Set(None),
        outcome: Set(None),
    });
    let inserted = Entity::insert_many(rows).exec_without_returning(db).await.map_err(AppError::from);
    inserted.map(|_| ()).map_err(|error| {
        error.on_violation(&ONE_OPEN, || AppError::overtaken("an opportunity was recorded at the same moment"))
    })
}

/// Ends one on all of its product lines.
pub async fn close(db: &impl ConnectionTrait, close: &Close, at: Timestamp, by: Option<UserId>) -> AppResult<()> {
    Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(at))
        .col_expr(Column::ClosedBy, Expr::value(by))
        .col_expr(Column::Outcome, Expr::value(close.outcome))
        .filter(Column::AccountId.eq(close.account_id))
        .filter(Column::Reference.eq(close.reference.as_str()))
        .filter(Column::ClosedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// When one on each of some product lines of an account was closed last, and whether it was won.
pub async fn last_closed(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<(ProductLineId, Timestamp, bool)>> {
    #[derive(FromQueryResult)]
    struct Last {
        product_line_id: ProductLineId,
        closed_at: Timestamp,
        outcome: Option<DirectOpportunityOutcome>,
    }
    let sql = format!(
        "select product_line_id, closed_at, outcome from (
             select product_line_id, closed_at, outcome,
                 row_number() over (partition by product_line_id order by closed_at desc, id desc) as place
             from direct_opportunities
             where account_id = $1 and closed_at is not null and product_line_id in ({})
         ) closed where place = 1",
        dialect::placeholders(2, lines.len())
    );
    let values = std::iter::once(Value::from(account_id)).chain(lines.iter().map(|line| Value::from(*line)));
    let found = Last::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values));
    let read = |it: Last| (it.product_line_id, it.closed_at, it.outcome == Some(DirectOpportunityOutcome::Won));
    Ok(found.all(db).await?.into_iter().map(read).collect())
}
