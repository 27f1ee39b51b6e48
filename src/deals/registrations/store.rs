//! SQL of deal registrations and protections.

pub mod figures;
pub mod merging;

use entity::{
    deal_evidence, deal_registration, deal_registration_line, protection,
    value::{
        AccountId, Currency, DealRegistrationState as State, PartnerId, ProductLineId, ProtectionEnd, RegistrationId,
        Timestamp,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, Select, Statement, Value,
    sea_query::{Expr, ExprTrait},
};

use super::{
    model::{Contact, Evidence, Long, NewEvidence, Registration, RegistrationFilter, RegistrationOrder},
    rules::{evidence::EvidenceScore, resolution::Claim},
};
use crate::{
    kernel::{code::Code, money::Money},
    platform::{
        auth::Scope,
        call::Call,
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// At any moment at most one partner holds an (account, product line).
pub const ONE_ACTIVE_PROTECTION: Unique = Unique {
    name: "one_active_protection_per_account_and_line",
    columns: "protections.account_id, protections.product_line_id",
};

/// A partner claims an (account, product line) once at a time.
pub const ONE_OPEN_CLAIM: Unique = Unique {
    name: "one_open_claim_per_partner_account_and_line",
    columns: "deal_registration_lines.account_id, deal_registration_lines.product_line_id, deal_registration_lines.partner_id",
};

/// A row as the domain sees it, in its stored state: `as_of` says what it is at an instant.
fn read(row: deal_registration::Model) -> AppResult<Registration> {
    Ok(Registration {
        id: row.id,
        partner_id: row.partner_id,
        account_id: row.account_id,
        amount: Money { minor_units: row.amount_minor, currency: row.currency },
        expected_close_on: row.expected_close_on,
        contact: Contact { name: row.contact_name, email: row.contact_email },
        partner_role: row.partner_role,
        need: row.need,
        evidence_score: serde_json::from_str(&row.evidence_score)?,
        policy_version: row.policy_version,
        state: row.state,
        outcome: row.outcome,
        outcome_reason: row.outcome_reason,
        deal_stage: row.deal_stage,
        submitted_at: row.submitted_at,
        due_at: row.due_at,
        qualified_at: row.qualified_at,
        protected_from: row.protected_from,
        protected_until: row.protected_until,
        ended_at: row.ended_at,
        won_amount: row
            .won_amount_minor
            .zip(row.won_currency)
            .map(|(minor_units, currency)| Money { minor_units, currency }),
        closed_on: row.closed_on,
        created_by: row.created_by,
        version: row.version,
    })
}

/// The columns that are read for every list, in the order in which [`Short`] takes them.
const SHORT: [deal_registration::Column; 22] = {
    use deal_registration::Column;
    [
        Column::Id,
        Column::PartnerId,
        Column::AccountId,
        Column::AmountMinor,
        Column::Currency,
        Column::ExpectedCloseOn,
        Column::PartnerRole,
        Column::PolicyVersion,
        Column::State,
        Column::Outcome,
        Column::DealStage,
        Column::SubmittedAt,
        Column::DueAt,
        Column::QualifiedAt,
        Column::ProtectedFrom,
        Column::ProtectedUntil,
        Column::EndedAt,
        Column::WonAmountMinor,
        Column::WonCurrency,
        Column::ClosedOn,
        Column::CreatedBy,
        Column::Version,
    ]
};

/// A registration without what is long. Its columns are taken by their places: looking each up by its name, row by
/// row, costs as much as reading it.
struct Short(Registration);

impl FromQueryResult for Short {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let won: Option<i64> = row.try_get_by_index(17)?;
        let won_currency: Option<Currency> = row.try_get_by_index(18)?;
        Ok(Self(Registration {
            id: row.try_get_by_index(0)?,
            partner_id: row.try_get_by_index(1)?,
            account_id: row.try_get_by_index(2)?,
            amount: Money { minor_units: row.try_get_by_index(3)?, currency: row.try_get_by_index(4)? },
            expected_close_on: row.try_get_by_index(5)?,
            contact: Contact { name: String::new(), email: String::new() },
            partner_role: row.try_get_by_index(6)?,
            need: String::new(),
            evidence_score: EvidenceScore { total: 0, sufficient: false, parts: Vec::new() },
            policy_version: row.try_get_by_index(7)?,
            state: row.try_get_by_index(8)?,
            outcome: row.try_get_by_index(9)?,
            outcome_reason: None,
            deal_stage: row.try_get_by_index(10)?,
            submitted_at: row.try_get_by_index(11)?,
            due_at: row.try_get_by_index(12)?,
            qualified_at: row.try_get_by_index(13)?,
            protected_from: row.try_get_by_index(14)?,
            protected_until: row.try_get_by_index(15)?,
            ended_at: row.try_get_by_index(16)?,
            won_amount: won.zip(won_currency).map(|(minor_units, currency)| Money { minor_units, currency }),
            closed_on: row.try_get_by_index(19)?,
            created_by: row.try_get_by_index(20)?,
            version: row.try_get_by_index(21)?,
        }))
    }
}

fn write(registration: &Registration) -> AppResult<deal_registration::ActiveModel> {
    Ok(deal_registration::ActiveModel {
        id: Set(registration.id),
        partner_id: Set(registration.partner_id),
        account_id: Set(registration.account_id),
        amount_minor: Set(registration.amount.minor_units),
        currency: Set(registration.amount.currency),
        expected_close_on: Set(registration.expected_close_on),
        contact_name: Set(registration.contact.name.clone()),
        contact_email: Set(registration.contact.email.clone()),
        partner_role: Set(registration.partner_role),
        need: Set(registration.need.clone()),
        evidence_score: Set(serde_json::to_string(&registration.evidence_score)?),
        policy_version: Set(registration.policy_version),
        state: Set(registration.state),
        outcome: Set(registration.outcome),
        outcome_reason: Set(registration.outcome_reason.clone()),
        deal_stage: Set(registration.deal_stage),
        submitted_at: Set(registration.submitted_at),
        due_at: Set(registration.due_at),
        qualified_at: Set(registration.qualified_at),
        protected_from: Set(registration.protected_from),
        protected_until: Set(registration.protected_until),
        ended_at: Set(registration.ended_at),
        won_amount_minor: Set(registration.won_amount.map(|amount| amount.minor_units)),
        won_currency: Set(registration.won_amount.map(|amount| amount.currency)),
        closed_on: Set(registration.closed_on),
        created_by: Set(registration.created_by),
        version: Set(registration.version),
    })
}

/// The registrations of these ids that exist for the caller.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[RegistrationId],
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(deal_registration::Column::PartnerId));
    found.all(db).await?.into_iter().map(read).collect()
}

/// The registration of an id, if it exists for the caller, held until the transaction ends.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: RegistrationId,
) -> AppResult<Option<Registration>> {
    let found = deal_registration::Entity::find_by_id(id).filter(scope.rows_of(deal_registration::Column::PartnerId));
    dialect::for_update(db, found).one(db).await?.map(read).transpose()
}

/// Those of these registrations whose protection has ended by the clock and that are still stored as protected, held.
/// No scope: whose place has become free does not depend on who asks.
pub async fn find_expired_for_update(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
    now: Timestamp,
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::Id.is_in(ids.iter().copied()))
        .filter(deal_registration::Column::State.eq(State::Protected))
        .filter(deal_registration::Column::ProtectedUntil.lte(now))
        .order_by_asc(deal_registration::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

/// The registrations of a partner whose claim has not ended in their stored state, oldest first; held until the
/// transaction ends where that is asked for. No scope: the partner was found before.
pub async fn find_open_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    held: bool,
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::PartnerId.eq(partner_id))
        .filter(deal_registration::Column::EndedAt.is_null())
        .order_by_asc(deal_registration::Column::Id);
    let found = if held { dialect::for_update(db, found) } else { found };
    found.all(db).await?.into_iter().map(read).collect()
}

/// A page of the registrations that exist for the caller, by their states as of an instant.
#[expect(clippy::too_many_arguments, reason = "what a list is made of")]
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &RegistrationFilter,
    order: RegistrationOrder,
    page: &Page,
    now: Timestamp,
    long: Long,
) -> AppResult<Rows<Registration>> {
    use deal_registration::Column;
    let select = deal_registration::Entity::find().filter(scope.rows_of(Column::PartnerId));
    let mut select = filtered(select, filter, now);
    let key = match order {
        RegistrationOrder::Created => None,
        RegistrationOrder::Qualified => Some(Column::QualifiedAt),
        RegistrationOrder::ProtectedUntil => Some(Column::ProtectedUntil),
    };
    if let Some(key) = key {
        select = select.filter(key.is_not_null());
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let select = page.select(select, key, Column::Id);
    let rows = match long {
        Long::Read => select.all(db).await?.into_iter().map(read).collect::<AppResult<_>>()?,
        Long::Left => {
            let select = select.select_only().columns(SHORT);
            select.into_model::<Short>().all(db).await?.into_iter().map(|Short(it)| it).collect()
        }
    };
    Ok(page.finish(rows, total))
}

fn filtered(
    mut select: Select<deal_registration::Entity>,
    filter: &RegistrationFilter,
    now: Timestamp,
) -> Select<deal_registration::Entity> {
    use deal_registration::Column;
    let RegistrationFilter { states, deal_stages, partner_id, account_id } = filter;
    if !states.is_empty() {
        select = select.filter(in_states(states, now));
    }
    if !deal_stages.is_empty() {
        select = select.filter(Column::DealStage.is_in(deal_stages.iter().copied()));
    }
    if let Some(id) = partner_id {
        select = select.filter(Column::PartnerId.eq(*id));
    }
    if let Some(id) = account_id {
        select = select.filter(Column::AccountId.eq(*id));
    }
    select
}

/// In one of some states at an instant: a stored `PROTECTED` whose term is over has expired.
fn in_states(states: &[State], now: Timestamp) -> Condition {
    use deal_registration::Column;
    let mut stored: Vec<State> = states.iter().copied().filter(|state| *state != State::Protected).collect();
    stored.sort_unstable();
    stored.dedup();
    let protected = || Condition::all().add(Column::State.eq(State::Protected));
    let mut any = Condition::any();
    if !stored.is_empty() {
        // Written out, not as parameters: the databases have an index of exactly the queue's states, and use it only
        // where they see that no others are asked for.
        let words = stored.into_iter().map(|state| Expr::Constant(state.to_string().into()));
        any = any.add(Expr::col((deal_registration::Entity, Column::State)).is_in(words));
    }
    if states.contains(&State::Protected) {
        any = any.add(protected().add(Column::ProtectedUntil.gt(now)));
    }
    if states.contains(&State::Expired) {
        any = any.add(protected().add(Column::ProtectedUntil.lte(now)));
    }
    any
}

#[derive(FromQueryResult)]
struct ClaimRow {
    registration_id: RegistrationId,
    partner_id: PartnerId,
    state: State,
    qualified_at: Option<Timestamp>,
    protected_until: Option<Timestamp>,
}

/// The open registrations on an account with one of these product lines. No scope: whether a place is free does not
/// depend on who asks.
pub async fn claims(
    db: &impl ConnectionTrait,
    account_id: AccountId,
    lines: &[ProductLineId],
) -> AppResult<Vec<Claim>> {
    let sql = format!(
        "select distinct r.id as registration_id, r.partner_id, r.state, r.qualified_at, r.protected_until \
         from deal_registration_lines l join deal_registrations r on r.id = l.registration_id \
         where l.account_id = $1 and l.closed_at is null and l.product_line_id in ({}) order by r.id",
        dialect::placeholders(2, lines.len())
    );
    let values = std::iter::once(Value::from(account_id)).chain(lines.iter().map(|line| Value::from(*line)));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = ClaimRow::find_by_statement(statement).all(db).await?;
    let claim = |row: ClaimRow| {
        let ClaimRow { registration_id, partner_id, state, qualified_at, protected_until } = row;
        Claim { registration_id, partner_id, state, qualified_at, protected_until }
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Inserts a registration with its product lines.
pub async fn insert(db: &impl ConnectionTrait, registration: &Registration, lines: &[ProductLineId]) -> AppResult<()> {
    deal_registration::Entity::insert(write(registration)?).exec_without_returning(db).await?;
    let rows = lines.iter().map(|line| deal_registration_line::ActiveModel {
        registration_id: Set(registration.id),
        product_line_id: Set(*line),
        account_id: Set(registration.account_id),
        partner_id: Set(registration.partner_id),
        closed_at: Set(None),
    });
    let inserted = deal_registration_line::Entity::insert_many(rows).exec_without_returning(db).await;
    inserted.map(|_| ()).map_err(AppError::from).map_err(|error| {
        error.on_violation(&ONE_OPEN_CLAIM, || {
            AppError::refused(
                Code::OwnDuplicate,
                "The partner has an open registration on this account with one of these product lines already.",
            )
        })
    })
}

/// Inserts items of evidence.
pub async fn insert_evidence(
    db: &impl ConnectionTrait,
    call: &Call,
    id: RegistrationId,
    items: &[NewEvidence],
) -> AppResult<()> {
    if items.is_empty() {
        return Ok(());
    }
    let rows = items.iter().map(|item| deal_evidence::ActiveModel {
        id: Set(call.new_id()),
        registration_id: Set(id),
        kind: Set(item.kind),
        occurred_at: Set(item.occurred_at),
        description: Set(item.description.clone()),
        proof: Set(item.proof.clone()),
        added_at: Set(call.now()),
        added_by: Set(call.responsible()),
    });
    deal_evidence::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Records a change of a registration that was held; false when it is not at that version any more.
pub async fn update(db: &impl ConnectionTrait, before_version: i64, after: &Registration) -> AppResult<()> {
    let updated = deal_registration::Entity::update_many()
        .set(write(after)?)
        .filter(deal_registration::Column::Id.eq(after.id))
        .filter(deal_registration::Column::Version.eq(before_version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
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

/// The evidence of these registrations, oldest first.
pub async fn find_evidence(db: &impl ConnectionTrait, ids: &[RegistrationId]) -> AppResult<Vec<Evidence>> {
    let found = deal_evidence::Entity::find()
        .filter(deal_evidence::Column::RegistrationId.is_in(ids.iter().copied()))
        .order_by_asc(deal_evidence::Column::Id);
    let item = |row: deal_evidence::Model| {
        let deal_evidence::Model { id, registration_id, kind, occurred_at, description, proof, added_at, added_by: _ } =
            row;
        Evidence { id, registration_id, item: NewEvidence { kind, occurred_at, description, proof }, added_at }
    };
    Ok(found.all(db).await?.into_iter().map(item).collect())
}
