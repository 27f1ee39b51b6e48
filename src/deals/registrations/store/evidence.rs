//! SQL of evidence.

use entity::{
    deal_evidence,
    value::{EvidenceId, RegistrationId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

use crate::{
    deals::registrations::model::{Evidence, NewEvidence},
    platform::{call::Call, error::AppResult},
};

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
        withdrawn_at: Set(None),
        withdrawn_by: Set(None),
    });
    deal_evidence::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// The evidence of these registrations, oldest first.
pub async fn find_evidence(db: &impl ConnectionTrait, ids: &[RegistrationId]) -> AppResult<Vec<Evidence>> {
    let found = deal_evidence::Entity::find()
        .filter(deal_evidence::Column::RegistrationId.is_in(ids.iter().copied()))
        .order_by_asc(deal_evidence::Column::Id);
    let item = |row: deal_evidence::Model| {
        let deal_evidence::Model { id, registration_id, kind, occurred_at, description, proof, added_at, .. } = row;
        let item = NewEvidence { kind, occurred_at, description, proof };
        Evidence { id, registration_id, item, added_at, withdrawn_at: row.withdrawn_at }
    };
    Ok(found.all(db).await?.into_iter().map(item).collect())
}

/// An item of evidence was withdrawn; it stays on record.
pub async fn withdraw_evidence(db: &impl ConnectionTrait, call: &Call, id: EvidenceId) -> AppResult<()> {
    deal_evidence::Entity::update_many()
        .col_expr(deal_evidence::Column::WithdrawnAt, Expr::value(call.now()))
        .col_expr(deal_evidence::Column::WithdrawnBy, Expr::value(call.responsible()))
        .filter(deal_evidence::Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}
