//! Policies: data that ops change at run time. A kind without a document of its own has the shipped default, version 1.

use entity::{policy_document, value::Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    audit,
    auth::policy::Action,
    call::Call,
    db::Unique,
    error::{AppError, AppResult},
};
use crate::kernel::code::Code;

/// Two people who change a policy at once do not write the same version.
const ONE_DOCUMENT_PER_VERSION: Unique =
    Unique { name: "one_document_per_policy_version", columns: "policy_documents.kind, policy_documents.version" };

/// So many days ahead a version takes effect at the latest. No later version may begin before it: one that begins in a
/// hundred years, by a typing error, would be the last one.
const FURTHEST_DAYS: i64 = 366;

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

/// A version of a policy as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept<P> {
    /// Its version.
    pub version: i32,
    /// From when on it is in force; none for the shipped default, which always was.
    pub effective_at: Option<Timestamp>,
    /// What it says.
    pub policy: P,
}

/// A change of a policy.
#[derive(Clone, Debug)]
pub struct Revision<P> {
    /// What it says from then on.
    pub policy: P,
    /// From when on; at once when absent.
    pub effective_at: Option<Timestamp>,
    /// The latest version that the caller has read.
    pub expected_version: Option<i32>,
}

/// A version of a policy: the one of that number, or the one in force at an instant. None when there is no such number.
///
/// # Errors
/// Those of the database; a fault when a document cannot be read.
pub async fn read<P: Policy>(
    db: &impl ConnectionTrait,
    version: Option<i32>,
    at: Timestamp,
) -> AppResult<Option<Kept<P>>> {
    let select = policy_document::Entity::find().filter(policy_document::Column::Kind.eq(P::KIND));
    let row = match version {
        Some(version) => select.filter(policy_document::Column::Version.eq(version)).one(db).await?,
        None => {
            let in_force = select.filter(policy_document::Column::EffectiveAt.lte(at));
            let latest = in_force.order_by_desc(policy_document::Column::EffectiveAt);
            latest.order_by_desc(policy_document::Column::Version).one(db).await?
        }
    };
    match row {
        Some(row) => Ok(Some(kept(&row)?)),
        None if version.is_none_or(|version| version == 1) => {
            Ok(Some(Kept { version: 1, effective_at: None, policy: P::default() }))
        }
        None => Ok(None),
    }
}

fn kept<P: Policy>(row: &policy_document::Model) -> AppResult<Kept<P>> {
    let policy = serde_json::from_str(&row.document)?;
    Ok(Kept { version: row.version, effective_at: Some(row.effective_at), policy })
}

/// Keeps the next version of a policy, in force from now or from a later instant on: never before the version that was
/// written last, so that the order of versions is the order in which they are in force, and not in a distant future.
///
/// # Errors
/// `VERSION_CONFLICT`; `OUT_OF_RANGE` for an instant before the present or the last version's, or more than 366 days
/// ahead.
pub async fn revise<P: Policy + Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    revision: Revision<P>,
) -> AppResult<Kept<P>> {
    let now = call.now();
    let of_kind = policy_document::Entity::find().filter(policy_document::Column::Kind.eq(P::KIND));
    let last = of_kind.order_by_desc(policy_document::Column::Version).one(txn).await?;
    let before = match &last {
        Some(row) => kept(row)?,
        None => Kept { version: 1, effective_at: None, policy: P::default() },
    };
    if revision.expected_version.is_some_and(|expected| expected != before.version) {
        return Err(AppError::version_conflict(i64::from(before.version)));
    }
    let effective_at = revision.effective_at.unwrap_or(now);
    if effective_at < now || before.effective_at.is_some_and(|last| effective_at < last) {
        let earliest = before.effective_at.map_or(now, |last| last.max(now));
        let sentence = format!("A new version takes effect at {earliest} at the earliest.");
        return Err(AppError::invalid("effectiveAt", Code::OutOfRange, sentence));
    }
    let furthest = now.plus_days(FURTHEST_DAYS);
    if effective_at > furthest {
        let sentence = format!(
            "A new version takes effect at {furthest} at the latest, {FURTHEST_DAYS} days from now: no later version \
             may begin before it. Give an earlier instant, or write the version when its time is nearer."
        );
        return Err(AppError::invalid("effectiveAt", Code::OutOfRange, sentence));
    }
    let after =
        Kept { version: before.version.saturating_add(1), effective_at: Some(effective_at), policy: revision.policy };
    let row = policy_document::ActiveModel {
        kind: Set(P::KIND.to_owned()),
        version: Set(after.version),
        effective_at: Set(effective_at),
        document: Set(serde_json::to_string(&after.policy)?),
    };
    let written = policy_document::Entity::insert(row).exec_without_returning(txn).await.map_err(AppError::from);
    written.map_err(|error| {
        error.on_violation(&ONE_DOCUMENT_PER_VERSION, || AppError::version_conflict(i64::from(after.version)))
    })?;
    let (object_id, partner_id) = (P::KIND.to_owned(), None);
    let change = audit::Change { action, object_id, partner_id, before: Some(&before), after: Some(&after) };
    audit::record(txn, call, change).await?;
    Ok(after)
}

/// Changes what is in force now, from now on.
///
/// # Errors
/// `VERSION_CONFLICT`; `OUT_OF_RANGE` when a later version is already written.
pub async fn amend<P: Policy + Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    expected_version: Option<i32>,
    change: impl FnOnce(P) -> P,
) -> AppResult<InForce<P>> {
    let policy = change(in_force(txn, call.now()).await?.policy);
    let kept = revise(txn, call, action, Revision { policy, effective_at: None, expected_version }).await?;
    Ok(InForce { version: kept.version, policy: kept.policy })
}
