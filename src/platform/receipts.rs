//! Decision receipts, kept in the transaction of the decision.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::{
    decision_receipt,
    value::{PartnerId, ReceiptId, Timestamp, TypedId as _},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{auth::Scope, call::Call, error::AppResult, ids};
use crate::kernel::decision::Receipt;

/// Keeps the receipt of a decision about an object, given by its global id.
///
/// # Errors
/// Those of the database.
pub async fn save(
    txn: &DatabaseTransaction,
    call: &Call,
    object_id: String,
    partner_id: Option<PartnerId>,
    receipt: &Receipt,
) -> AppResult<ReceiptId> {
    let id: ReceiptId = call.new_id();
    let row = decision_receipt::ActiveModel {
        id: Set(id),
        decision: Set(receipt.decision.clone()),
        policy_version: Set(receipt.policy_version),
        decided_at: Set(call.now()),
        partner_id: Set(partner_id),
        object_id: Set(object_id),
        outcome: Set(receipt.outcome.clone()),
        inputs: Set(serde_json::to_string(&receipt.inputs)?),
        steps: Set(serde_json::to_string(&receipt.steps)?),
    };
    decision_receipt::Entity::insert(row).exec_without_returning(txn).await?;
    Ok(id)
}

/// A receipt as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id: ordered by time.
    pub id: ReceiptId,
    /// When the decision was made.
    pub decided_at: Timestamp,
    /// What it is about, by its global id.
    pub object_id: String,
    /// The receipt.
    pub receipt: Receipt,
}

/// Which receipts are walked through.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'a> {
    /// Of these decisions.
    pub decisions: &'a [&'a str],
    /// Made from this instant on.
    pub from: Timestamp,
    /// Made before this instant.
    pub before: Timestamp,
    /// Those behind this one.
    pub after: Option<ReceiptId>,
    /// So many at most.
    pub limit: u64,
}

/// Receipts of some decisions in the order in which they were made. No scope: whole walks are the product's own and staff's.
///
/// # Errors
/// Those of the database.
pub async fn walk(db: &impl ConnectionTrait, walk: Walk<'_>) -> AppResult<Vec<Kept>> {
    use decision_receipt::Column;
    // Ids are ordered by time, so that the primary key leads to the span without an index of its own.
    // A second to either side: an id may be a moment older than its decision.
    let second = TimeDelta::seconds(1);
    let (first, behind) = (ids::first_of(walk.from.plus(-second)), ids::first_of(walk.before.plus(second)));
    let mut found = decision_receipt::Entity::find()
        .filter(Column::Id.gte(ReceiptId::from_uuid(first)))
        .filter(Column::Id.lt(ReceiptId::from_uuid(behind)))
        .filter(Column::DecidedAt.gte(walk.from))
        .filter(Column::DecidedAt.lt(walk.before))
        .filter(Column::Decision.is_in(walk.decisions.iter().copied()));
    if let Some(after) = walk.after {
        found = found.filter(Column::Id.gt(after));
    }
    let rows = found.order_by_asc(Column::Id).limit(walk.limit).all(db).await?;
    rows.into_iter()
        .map(|row| {
            let receipt = Receipt {
                decision: row.decision,
                policy_version: row.policy_version,
                outcome: row.outcome,
                inputs: serde_json::from_str(&row.inputs)?,
                steps: serde_json::from_str(&row.steps)?,
            };
            Ok(Kept { id: row.id, decided_at: row.decided_at, object_id: row.object_id, receipt })
        })
        .collect()
}

/// The receipts about these objects that exist for the caller, by object, newest first.
///
/// # Errors
/// Those of the database.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    object_ids: &[String],
) -> AppResult<HashMap<String, Vec<Receipt>>> {
    let rows = decision_receipt::Entity::find()
        .filter(decision_receipt::Column::ObjectId.is_in(object_ids.iter().map(String::as_str)))
        .filter(scope.rows_of(decision_receipt::Column::PartnerId))
        .order_by_desc(decision_receipt::Column::Id)
        .all(db)
        .await?;
    let mut found: HashMap<String, Vec<Receipt>> = HashMap::new();
    for row in rows {
        let receipt = Receipt {
            decision: row.decision,
            policy_version: row.policy_version,
            outcome: row.outcome,
            inputs: serde_json::from_str(&row.inputs)?,
            steps: serde_json::from_str(&row.steps)?,
        };
        found.entry(row.object_id).or_default().push(receipt);
    }
    Ok(found)
}
