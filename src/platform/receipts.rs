//! Decision receipts, kept in the transaction of the decision.

use entity::{
    decision_receipt,
    value::{PartnerId, ReceiptId},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};

use super::{call::Call, error::AppResult};
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
