//! SQL of the product lines that registrations claim, and of the protections that they are granted.

use entity::{
    deal_registration_line, protection,
    value::{
        AccountId, DealRegistrationState as State, PartnerId, ProductLineId, ProtectionEnd, RegistrationId,
        SalesMotion, Timestamp,
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement,
    Value, sea_query::Expr,
};

use super::ONE_OPEN_CLAIM;
use crate::{
    deals::registrations::{
        model::{Registration, has_ended},
        rules::resolution::Claim,
    },
    kernel::code::Code,
    platform::{
        call::Call,
        db::dialect,
        error::{AppError, AppResult},
    },
};

#[derive(FromQueryResult)]
struct ClaimRow {
    product_line_id: ProductLineId,
    registration_id: RegistrationId,
    partner_id: PartnerId,
    state: State,
    qualified_at: Option<Timestamp>,
    protected_until: Option<Timestamp>,
    sales_motion: SalesMotion,
    hold_until: Option<Timestamp>,
    offered_from: Option<Timestamp>,
    offered_until: Option<Timestamp>,
    let_pass: bool,
    contested_from: Option<State>,
    contested_until: Option<Timestamp>,
}

/// The open registrations on an account with one of these product lines, by registration and each of the lines that it
/// claims of them. No scope: whether a place is free does not depend on who asks.
pub async fn claims(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<(ProductLineId, Claim)>> {
    let sql = format!(
        "select l.product_line_id, r.id as registration_id, r.partner_id, r.state, r.qualified_at, r.protected_until, \
         r.sales_motion, r.hold_until, o.starts_at as offered_from, o.expires_at as offered_until, \
         r.state = 'WAITLISTED' and exists (select 1 from waitlist_offers p where p.registration_id = r.id \
             and p.answer in ('DECLINED', 'LAPSED')) as let_pass, r.contested_from, r.contested_until \
         from deal_registration_lines l join deal_registrations r on r.id = l.registration_id \
         left join waitlist_offers o on r.state = 'WAITLISTED' and o.registration_id = r.id and o.answer is null \
         where l.account_id = $1 and l.closed_at is null and l.product_line_id in ({}) \
         order by r.id, l.product_line_id",
        dialect::placeholders(2, lines.len())
    );
    let values = std::iter::once(Value::from(account_id)).chain(lines.iter().map(|line| Value::from(*line)));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = ClaimRow::find_by_statement(statement).all(db).await?;
    let claim = |row: ClaimRow| {
        let ClaimRow {
            product_line_id,
            registration_id,
            partner_id,
            state,
            qualified_at,
            sales_motion,
            hold_until,
            offered_from,
            offered_until,
            let_pass,
            ..
        } = row;
        // While a conflict is open, what stood before counts; what had ended counts until the conflict is over.
        let (state, protected_until) = match row.contested_from {
            Some(stood) if has_ended(stood) => (state, row.contested_until),
            Some(stood) => (stood, row.protected_until),
            None => (state, row.protected_until),
        };
        // What is asked about is not held by the clock.
        let held = matches!(state, State::Submitted | State::InReview);
        let protected_until = protected_until.or(hold_until.filter(|_| held));
        let claim = Claim {
            registration_id,
            partner_id,
            state,
            qualified_at,
            protected_until,
            sales_motion,
            offered_from,
            offered_until,
            let_pass,
        };
        (product_line_id, claim)
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// The claim of a registration has ended: its product lines are free for a new registration, its protections end.
pub async fn end_claims(
    db: &impl ConnectionTrait,
    id: RegistrationId,
    at: Timestamp,
    reason: ProtectionEnd,
) -> AppResult<()> {
    deal_registration_line::Entity::update_many()
        .col_expr(deal_registration_line::Column::ClosedAt, Expr::value(at))
        .filter(deal_registration_line::Column::RegistrationId.eq(id))
        .filter(deal_registration_line::Column::ClosedAt.is_null())
        .exec(db)
        .await?;
    protection::Entity::update_many()
        .col_expr(protection::Column::EndedAt, Expr::value(at))
        .col_expr(protection::Column::EndReason, Expr::value(reason))
        .filter(protection::Column::RegistrationId.eq(id))
        .filter(protection::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Grants the protection of each product line of a registration.
pub async fn protect(
    db: &impl ConnectionTrait,
    call: &Call,
    registration: &Registration,
    lines: &[ProductLineId],
    term: (Timestamp, Timestamp),
) -> AppResult<()> {
    let rows = lines.iter().map(|line| protection::ActiveModel {
        id: Set(call.new_id()),
        registration_id: Set(registration.id),
        partner_id: Set(registration.partner_id),
        account_id: Set(registration.account_id),
        product_line_id: Set(*line),
        starts_at: Set(term.0),
        ends_at: Set(term.1),
        ended_at: Set(None),
        end_reason: Set(None),
    });
    protection::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// The product lines of these registrations, sorted.
pub async fn find_lines(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
) -> AppResult<Vec<(RegistrationId, ProductLineId)>> {
    let found = deal_registration_line::Entity::find()
        .filter(deal_registration_line::Column::RegistrationId.is_in(ids.iter().copied()))
        .order_by_asc(deal_registration_line::Column::ProductLineId);
    Ok(found.all(db).await?.into_iter().map(|row| (row.registration_id, row.product_line_id)).collect())
}

/// Inserts the product lines of a registration; closed while it is a draft, which claims nothing.
pub(super) async fn insert_lines(
    db: &impl ConnectionTrait,
    registration: &Registration,
    lines: &[ProductLineId],
) -> AppResult<()> {
    let closed_at = (registration.state == State::Draft).then_some(registration.submitted_at);
    let rows = lines.iter().map(|line| deal_registration_line::ActiveModel {
        registration_id: Set(registration.id),
        product_line_id: Set(*line),
        account_id: Set(registration.account()),
        partner_id: Set(registration.partner_id),
        closed_at: Set(closed_at),
    });
    let inserted = deal_registration_line::Entity::insert_many(rows).exec_without_returning(db).await;
    inserted.map(drop).map_err(own_duplicate)
}

pub(super) fn own_duplicate(error: impl Into<AppError>) -> AppError {
    error.into().on_violation(&ONE_OPEN_CLAIM, || {
        AppError::refused(
            Code::OwnDuplicate,
            "The partner has an open registration on this account with one of these product lines already.",
        )
    })
}

/// A draft names other product lines, or another account.
pub async fn replace_lines(
    db: &impl ConnectionTrait,
    registration: &Registration,
    lines: &[ProductLineId],
) -> AppResult<()> {
    deal_registration_line::Entity::delete_many()
        .filter(deal_registration_line::Column::RegistrationId.eq(registration.id))
        .exec(db)
        .await?;
    insert_lines(db, registration, lines).await
}

/// A draft is handed in: from now on it claims its product lines on its account.
pub async fn open_lines(db: &impl ConnectionTrait, registration: &Registration) -> AppResult<()> {
    deal_registration_line::Entity::update_many()
        .col_expr(deal_registration_line::Column::AccountId, Expr::value(registration.account_id))
        .col_expr(deal_registration_line::Column::ClosedAt, Expr::value(None::<Timestamp>))
        .filter(deal_registration_line::Column::RegistrationId.eq(registration.id))
        .exec(db)
        .await
        .map(drop)
        .map_err(own_duplicate)
}

/// The protections of a registration last until another instant.
pub async fn extend_protections(db: &impl ConnectionTrait, id: RegistrationId, until: Timestamp) -> AppResult<()> {
    protection::Entity::update_many()
        .col_expr(protection::Column::EndsAt, Expr::value(until))
        .filter(protection::Column::RegistrationId.eq(id))
        .filter(protection::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Those of these registrations that another partner's claim stands beside at an instant: on the same account and a common
/// product line.
pub async fn contested(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
    now: Timestamp,
) -> AppResult<Vec<RegistrationId>> {
    let sql = format!(
        "select distinct l.registration_id from deal_registration_lines l
            join deal_registration_lines o on o.account_id = l.account_id and o.product_line_id = l.product_line_id
                and o.closed_at is null and o.registration_id <> l.registration_id
            join deal_registrations r on r.id = o.registration_id
         where l.closed_at is null and (r.protected_until is null or r.protected_until > $1)
            and (r.hold_until is null or r.hold_until > $1 or r.state = 'ACTION_REQUIRED')
            and not (r.state = 'CONTESTED' and r.contested_until <= $1 and r.contested_from in ('REJECTED', 'REVOKED'))
            and l.registration_id in ({})",
        dialect::placeholders(2, ids.len())
    );
    let values = std::iter::once(Value::from(now)).chain(ids.iter().map(|id| Value::from(*id)));
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    rows.into_iter().map(|row| Ok(row.try_get("", "registration_id")?)).collect()
}
