//! SQL of the policy of accounts.

use entity::{policy_document, value::Timestamp};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

use super::model::AccountPolicy;
use crate::platform::{
    db::Unique,
    error::{AppError, AppResult},
    policies::{InForce, Policy as _},
};

/// Two that change the policy at once make one version, not two.
const ONE_DOCUMENT_PER_VERSION: Unique =
    Unique { name: "one_document_per_policy_version", columns: "policy_documents.kind, policy_documents.version" };

/// Keeps a version of the policy, in force from now on.
pub async fn keep(db: &impl ConnectionTrait, policy: &InForce<AccountPolicy>, now: Timestamp) -> AppResult<()> {
    let row = policy_document::ActiveModel {
        kind: Set(AccountPolicy::KIND.to_owned()),
        version: Set(policy.version),
        effective_at: Set(now),
        document: Set(serde_json::to_string(&policy.policy)?),
    };
    let kept = policy_document::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    kept.map(drop).map_err(|error| {
        error.on_violation(&ONE_DOCUMENT_PER_VERSION, || AppError::version_conflict(i64::from(policy.version)))
    })
}
