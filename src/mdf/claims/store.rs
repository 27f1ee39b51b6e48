//! SQL of claims, their tranches and payments.

use std::collections::HashMap;

use entity::{
    mdf_claim, mdf_claim_line, mdf_payment, mdf_tranche,
    value::{MdfClaimId, MdfTrancheId, MdfTrancheState},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use super::{
    model::{Claim, ClaimFilter, Line, Payment, Tranche},
    rules,
};
use crate::{
    kernel::code::Code,
    platform::{
        auth::Scope,
        db::{Unique, dialect},
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

const ONE_CLAIM_PER_INVOICE: Unique =
    Unique { name: "an_invoice_is_claimed_once", columns: "mdf_claim_lines.invoice_key" };
const ONE_CLAIM_PER_FILE: Unique =
    Unique { name: "an_invoice_file_is_claimed_once", columns: "mdf_claim_lines.content_hash" };
const ONE_PAYMENT_PER_TRANCHE: Unique = Unique { name: "a_tranche_is_paid_once", columns: "mdf_payments.tranche_id" };
const ONE_PAYMENT_PER_REFERENCE: Unique =
    Unique { name: "a_payment_reference_pays_once", columns: "mdf_payments.reference_key" };

/// Inserts a claim with its invoices.
pub async fn insert(db: &impl ConnectionTrait, new: &Claim) -> AppResult<()> {
    let row = mdf_claim::ActiveModel {
        id: Set(new.id),
        request_id: Set(new.request_id),
        program_id: Set(new.program_id),
        partner_id: Set(new.partner_id),
        state: Set(new.state),
        currency: Set(new.currency),
        claimed_cost: Set(new.claimed_cost),
        accepted_cost: Set(new.accepted_cost),
        proofs: Set(serde_json::to_string(&new.proofs)?),
        actual_results: Set(new.actual_results.clone()),
        submitted_by: Set(new.submitted_by),
        submitted_at: Set(new.submitted_at),
        decided_by: Set(new.decided_by),
        decided_at: Set(new.decided_at),
        version: Set(new.version),
    };
    mdf_claim::Entity::insert(row).exec_without_returning(db).await?;
    let mut lines: Vec<_> = (1i64..)
        .zip(&new.lines)
        .map(|(position, line)| mdf_claim_line::ActiveModel {
            claim_id: Set(new.id),
            position: Set(position),
            issuer: Set(line.issuer.clone()),
            number: Set(line.number.clone()),
            issued_on: Set(line.issued_on),
            amount: Set(line.amount),
            invoice_key: Set(rules::invoice_key(line, new.currency)),
            content_hash: Set(line.content_hash.clone()),
        })
        .collect();
    // Two claims at once with the same invoices meet at the first of them, not crosswise.
    lines.sort_by(|one, other| one.invoice_key.as_ref().cmp(other.invoice_key.as_ref()));
    let inserted = mdf_claim_line::Entity::insert_many(lines).exec_without_returning(db).await;
    let taken = || {
        AppError::invalid(
            "lines",
            Code::MdfInvoiceClaimed,
            "One of these invoices was claimed before. Each invoice is claimed once: leave it out.",
        )
    };
    inserted.map(drop).map_err(|error| {
        AppError::from(error).on_violation(&ONE_CLAIM_PER_INVOICE, taken).on_violation(&ONE_CLAIM_PER_FILE, taken)
    })
}

/// Writes what changed of a claim itself, if nobody else did since `before` was read.
pub async fn update(db: &impl ConnectionTrait, before: &Claim, after: &Claim) -> AppResult<()> {
    let row = mdf_claim::ActiveModel {
        state: Set(after.state),
        accepted_cost: Set(after.accepted_cost),
        decided_by: Set(after.decided_by),
        decided_at: Set(after.decided_at),
        version: Set(after.version),
        ..Default::default()
    };
    let updated = mdf_claim::Entity::update_many()
        .set(row)
        .filter(mdf_claim::Column::Id.eq(before.id))
        .filter(mdf_claim::Column::Version.eq(before.version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Inserts the tranches of a claim.
pub async fn insert_tranches(db: &impl ConnectionTrait, claim: &Claim) -> AppResult<()> {
    let rows = claim.tranches.iter().map(|tranche| mdf_tranche::ActiveModel {
        id: Set(tranche.id),
        claim_id: Set(claim.id),
        kind: Set(tranche.kind),
        amount: Set(tranche.amount),
        state: Set(tranche.state),
        payable_at: Set(tranche.payable_at),
        paid_at: Set(tranche.paid_at),
    });
    mdf_tranche::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// Inserts the payment of a payable tranche and marks the tranche as paid.
pub async fn pay(db: &impl ConnectionTrait, claim_id: MdfClaimId, paid: &Tranche) -> AppResult<()> {
    let already = || AppError::invalid("trancheId", Code::MdfAlreadyPaid, "This tranche is paid already.");
    let Some(payment) = &paid.payment else { return Err(AppError::internal("a tranche paid without a payment")) };
    let row = mdf_payment::ActiveModel {
        id: Set(payment.id),
        tranche_id: Set(paid.id),
        claim_id: Set(claim_id),
        reference: Set(payment.reference.clone()),
        reference_key: Set(rules::plain(&payment.reference)),
        amount: Set(paid.amount),
        paid_on: Set(payment.paid_on),
        recorded_by: Set(payment.recorded_by),
        recorded_at: Set(payment.recorded_at),
    };
    let inserted = mdf_payment::Entity::insert(row).exec_without_returning(db).await;
    inserted.map_err(|error| {
        AppError::from(error).on_violation(&ONE_PAYMENT_PER_TRANCHE, already).on_violation(
            &ONE_PAYMENT_PER_REFERENCE,
            || {
                AppError::invalid(
                    "reference",
                    Code::MdfPaymentReferenceUsed,
                    "A payment with this reference was recorded before. Each reference pays once.",
                )
            },
        )
    })?;
    let row = mdf_tranche::ActiveModel { state: Set(paid.state), paid_at: Set(paid.paid_at), ..Default::default() };
    let updated = mdf_tranche::Entity::update_many()
        .set(row)
        .filter(mdf_tranche::Column::Id.eq(paid.id))
        .filter(mdf_tranche::Column::State.eq(MdfTrancheState::Payable))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(already()) }
}

/// The claim that a tranche belongs to.
pub async fn claim_of(db: &impl ConnectionTrait, tranche_id: MdfTrancheId) -> AppResult<Option<MdfClaimId>> {
    Ok(mdf_tranche::Entity::find_by_id(tranche_id).one(db).await?.map(|row| row.claim_id))
}

/// A claim that exists for the caller, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, scope: Scope, id: MdfClaimId) -> AppResult<Option<Claim>> {
    let found = mdf_claim::Entity::find_by_id(id).filter(scope.rows_of(mdf_claim::Column::PartnerId));
    let row = dialect::for_update(db, found).one(db).await?;
    Ok(complete(db, row.into_iter().collect()).await?.pop())
}

/// The claims of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[MdfClaimId]) -> AppResult<Vec<Claim>> {
    let rows = mdf_claim::Entity::find()
        .filter(mdf_claim::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(mdf_claim::Column::PartnerId))
        .all(db)
        .await?;
    complete(db, rows).await
}

/// A page of the claims that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &ClaimFilter,
    page: &Page,
) -> AppResult<Rows<Claim>> {
    let scoped = mdf_claim::Entity::find().filter(scope.rows_of(mdf_claim::Column::PartnerId));
    let select = filtered(scoped, filter);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, mdf_claim::Column::Id).all(db).await?;
    Ok(page.finish(complete(db, rows).await?, total))
}

fn filtered(mut select: Select<mdf_claim::Entity>, filter: &ClaimFilter) -> Select<mdf_claim::Entity> {
    use mdf_claim::Column;
    if !filter.states.is_empty() {
        select = select.filter(Column::State.is_in(filter.states.iter().copied()));
    }
    if let Some(id) = filter.program_id {
        select = select.filter(Column::ProgramId.eq(id));
    }
    if let Some(id) = filter.partner_id {
        select = select.filter(Column::PartnerId.eq(id));
    }
    if let Some(id) = filter.request_id {
        select = select.filter(Column::RequestId.eq(id));
    }
    if filter.payable {
        let payable = mdf_tranche::Entity::find()
            .select_only()
            .column(mdf_tranche::Column::ClaimId)
            .filter(mdf_tranche::Column::State.eq(MdfTrancheState::Payable));
        select = select.filter(Column::Id.in_subquery(payable.into_query()));
    }
    select
}

/// Reads what belongs to claims, in one statement for each table, and puts it together.
async fn complete(db: &impl ConnectionTrait, rows: Vec<mdf_claim::Model>) -> AppResult<Vec<Claim>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<MdfClaimId> = rows.iter().map(|row| row.id).collect();
    let mut lines: HashMap<MdfClaimId, Vec<Line>> = HashMap::new();
    let found = mdf_claim_line::Entity::find().filter(mdf_claim_line::Column::ClaimId.is_in(ids.iter().copied()));
    for row in found.order_by_asc(mdf_claim_line::Column::Position).all(db).await? {
        let mdf_claim_line::Model { claim_id, issuer, number, issued_on, amount, content_hash, .. } = row;
        lines.entry(claim_id).or_default().push(Line { issuer, number, issued_on, amount, content_hash });
    }
    let mut payments: HashMap<MdfTrancheId, Payment> = HashMap::new();
    let found = mdf_payment::Entity::find().filter(mdf_payment::Column::ClaimId.is_in(ids.iter().copied()));
    for row in found.all(db).await? {
        let mdf_payment::Model { id, tranche_id, reference, paid_on, recorded_by, recorded_at, .. } = row;
        payments.insert(tranche_id, Payment { id, reference, paid_on, recorded_by, recorded_at });
    }
    let mut tranches: HashMap<MdfClaimId, Vec<Tranche>> = HashMap::new();
    let found = mdf_tranche::Entity::find().filter(mdf_tranche::Column::ClaimId.is_in(ids.iter().copied()));
    for row in found.order_by_asc(mdf_tranche::Column::Kind).all(db).await? {
        let mdf_tranche::Model { id, claim_id, kind, amount, state, payable_at, paid_at } = row;
        let payment = payments.remove(&id);
        tranches.entry(claim_id).or_default().push(Tranche { id, kind, amount, state, payable_at, paid_at, payment });
    }
    let claim = |row: mdf_claim::Model| {
        Ok(Claim {
            lines: lines.remove(&row.id).unwrap_or_default(),
            tranches: tranches.remove(&row.id).unwrap_or_default(),
            proofs: serde_json::from_str(&row.proofs)?,
            id: row.id,
            request_id: row.request_id,
            program_id: row.program_id,
            partner_id: row.partner_id,
            state: row.state,
            currency: row.currency,
            actual_results: row.actual_results,
            claimed_cost: row.claimed_cost,
            accepted_cost: row.accepted_cost,
            submitted_by: row.submitted_by,
            submitted_at: row.submitted_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            version: row.version,
        })
    };
    rows.into_iter().map(claim).collect()
}
