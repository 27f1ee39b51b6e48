//! Registrations in the order of their instants.

use entity::value::{PartnerId, RegistrationId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult as _, Statement};

use crate::{
    deals::registrations::model::{Deadline, Due},
    platform::error::AppResult,
};

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: RegistrationId,
    partner_id: PartnerId,
    at: Timestamp,
}

/// The first registrations whose instant lies behind a place and not behind another instant.
pub async fn between(
    db: &impl ConnectionTrait,
    deadline: Deadline,
    (after, after_id): (Timestamp, RegistrationId),
    until: Timestamp,
    most: u64,
) -> AppResult<Vec<Due>> {
    // The states are written out: there are indexes of exactly these.
    let lasting;
    let (column, states) = match deadline {
        Deadline::ProtectionEnds => ("protected_until", "state = 'PROTECTED'"),
        Deadline::ProtectionEnded => ("protected_until", "state in ('PROTECTED', 'EXPIRED')"),
        Deadline::Decision => ("due_at", "state in ('SUBMITTED', 'IN_REVIEW')"),
        Deadline::LastUpdate(days) => {
            let column = "coalesce(last_update_at, protected_from)";
            let span = Timestamp::from_micros(0).plus_days(days).micros();
            lasting = format!("state = 'PROTECTED' and protected_until > {column} + {span}");
            (column, lasting.as_str())
        }
        Deadline::HoldEnds => ("hold_until", "hold_until is not null and state in ('SUBMITTED', 'IN_REVIEW')"),
        Deadline::OfferBegins => ("starts_at", "answer is null"),
        Deadline::ConflictBegins => ("began_at", "true"),
        Deadline::ShareOffered => ("offered_at", "true"),
        Deadline::ConflictDecision => ("overdue_at", "default_at > $3"),
    };
    let (id, table) = match deadline {
        Deadline::OfferBegins => ("registration_id", "waitlist_offers"),
        // Few are open at a time.
        Deadline::ConflictBegins => (
            "registration_id",
            "(select p.registration_id, p.partner_id, coalesce(c.appealed_at, c.opened_at) as began_at
                from deal_conflict_parties p
                join deal_conflicts c on c.id = p.conflict_id join deal_registrations r on r.id = p.registration_id
                where p.closed_at is null and p.registration_id <> coalesce(c.appellant_id, c.id)
                    and (c.appealed_at is not null or r.disputed_at is null or r.disputed_at <> c.opened_at)) as contested",
        ),
        Deadline::ShareOffered => (
            "registration_id",
            "(select p.registration_id, p.partner_id, c.offered_at from deal_conflict_parties p
                join deal_conflicts c on c.id = p.conflict_id
                where p.closed_at is null and p.offered_bp is not null and p.accepted_at is null
                    and c.state = 'OFFERED') as offered",
        ),
        Deadline::ConflictDecision => (
            "registration_id",
            "(select p.registration_id, p.partner_id, c.overdue_at, c.default_at from deal_conflict_parties p
                join deal_conflicts c on c.id = p.conflict_id
                where p.closed_at is null and c.state in ('OPEN', 'OFFERED', 'APPEALED')
                    and not exists (select 1 from deal_conflict_parties q where q.conflict_id = p.conflict_id
                        and q.closed_at is null and q.registration_id < p.registration_id)) as undecided",
        ),
        _ => ("id", "deal_registrations"),
    };
    let sql = format!(
        "select {id} as id, partner_id, {column} as at from {table}
         where {states} and ({column}, {id}) > ($1, $2) and {column} <= $3 order by {column}, {id} limit $4"
    );
    let values = [after.into(), after_id.into(), until.into(), i64::try_from(most).unwrap_or(i64::MAX).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = Row::find_by_statement(statement).all(db).await?;
    Ok(rows.into_iter().map(|Row { id, partner_id, at }| Due { id, partner_id, at }).collect())
}
