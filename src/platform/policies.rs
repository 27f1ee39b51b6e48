//! Policies: data that ops change at run time. A kind without a document of its own has the shipped default, version 1.

use entity::{policy_document, value::Timestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::AppResult;

/// A policy as it is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InForce<P> {
    /// Its version.
    pub version: i32,
    /// What it says.
    pub policy: P,
}

/// A kind of policy, with the shipped default.
pub trait Policy: Default + DeserializeOwned {
    /// The name under which its documents are kept.
    const KIND: &'static str;
}

/// The policy of a kind that is in force at an instant: the latest that has taken effect.
///
/// # Errors
/// Those of the database; a fault when a document cannot be read.
pub async fn in_force<P: Policy>(db: &impl ConnectionTrait, at: Timestamp) -> AppResult<InForce<P>> {
    let latest = policy_document::Entity::find()
        .filter(policy_document::Column::Kind.eq(P::KIND))
        .filter(policy_document::Column::EffectiveAt.lte(at))
        .order_by_desc(policy_document::Column::EffectiveAt)
        .order_by_desc(policy_document::Column::Version)
        .one(db)
        .await?;
    match latest {
        Some(row) => Ok(InForce { version: row.version, policy: serde_json::from_str(&row.document)? }),
        None => Ok(InForce { version: 1, policy: P::default() }),
    }
}
