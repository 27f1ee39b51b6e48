//! Decision receipts, kept in the transaction of the decision.

use std::collections::HashMap;

use entity::{
    decision_receipt,
    value::{PartnerId, ReceiptId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};

use super::{auth::Scope, call::Call, error::AppResult};
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
