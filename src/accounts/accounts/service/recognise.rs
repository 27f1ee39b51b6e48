//! Who a customer is, by the matcher; and the matcher's index and queue, kept in step with the accounts.

use entity::value::AccountId;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{
    accounts::{
        accounts::{
            model::{Account, Customer, Finding, Profile},
            rules, store,
        },
        duplicates::{
            self,
            model::{Proposal, Reason as Told},
        },
        identity::{self, model::Identity},
        matching::{
            self,
            model::Matched,
            rules::{Domain, Reason, RegistryId, Subject, Verdict},
        },
    },
    platform::{auth::Scope, call::Call, error::AppResult},
};

/// So many accounts are written into the index in one transaction.
const INDEXED_AT_ONCE: i64 = 200;
/// After so many the database looks at the index for the first time.
const LOOKED_AT_FIRST: usize = 200;

/// The account that is the same customer, and by which evidence: as the matcher finds it; else one that the database
/// would not have beside it, because name and country are equal and neither has a domain.
pub(super) async fn same(
    db: &impl ConnectionTrait,
    call: &Call,
    customer: &Customer,
    identity: &Identity,
) -> AppResult<Option<(Account, Finding)>> {
    Ok(same_or_similar(db, call, customer, identity).await?.ok())
}

/// As [`same`]; where there is none, those that may be the same customer.
pub(super) async fn same_or_similar(
    db: &impl ConnectionTrait,
    call: &Call,
    customer: &Customer,
    identity: &Identity,
) -> AppResult<Result<(Account, Finding), Vec<Matched>>> {
    let found = matching::find(db, call, subject_of(customer, identity)).await?.policy;
    if let Some(Matched { account_id, finding }) = found.iter().find(|it| it.finding.verdict == Verdict::Same) {
        let by = |reason| finding.evidence.iter().any(|it| it.reason == reason);
        let found_by = match (by(Reason::SameRegistryId), by(Reason::SameDomain)) {
            (true, _) => Finding::SameRegistryId,
            (_, true) => Finding::SameDomain,
            _ => Finding::SameName,
        };
        let account = store::find_many(db, Scope::Everything, &[*account_id]).await?.pop();
        return Ok(account.map(|account| (account, found_by)).ok_or(found));
    }
    let candidates = store::find_candidates(db, customer, identity).await?;
    Ok(rules::same(customer, &candidates).map(|(account, found_by)| (account.clone(), found_by)).ok_or(found))
}

/// The accounts that are, or may be, this customer.
pub(super) async fn similar(db: &impl ConnectionTrait, call: &Call, customer: &Customer) -> AppResult<Vec<AccountId>> {
    let found = matching::find(db, call, subject_of(customer, &Identity::default())).await?.policy;
    Ok(found.into_iter().map(|it| it.account_id).collect())
}

/// A customer as it is compared with accounts.
fn subject_of(customer: &Customer, identity: &Identity) -> Subject {
    let names = std::iter::once(&customer.name).chain(identity.names.iter().map(|it| &it.name));
    let domains = identity.domains.iter().chain(&customer.domain).filter_map(|domain| Domain::parse(domain));
    let mut domains: Vec<Domain> = domains.collect();
    domains.dedup();
    let registry_ids = identity.registry_ids.iter();
    Subject {
        names: names.cloned().collect(),
        domains,
        registry_ids: registry_ids.map(|id| RegistryId { registry: id.kind, number: id.value.clone() }).collect(),
        country: Some(customer.country),
        ..Subject::default()
    }
}

/// An account as it was when somebody decided about it, as it is compared with others.
#[must_use]
pub fn as_compared(profile: &Profile) -> Subject {
    subject(&profile.account, &profile.identity)
}

/// An account as it is compared with others.
fn subject(account: &Account, identity: &Identity) -> Subject {
    let customer = Customer { name: account.name.clone(), domain: account.domain.clone(), country: account.country };
    Subject {
        id: Some(account.id.to_string()),
        parent_id: account.parent_id.map(|id| id.to_string()),
        ..subject_of(&customer, identity)
    }
}

/// An account that was just created is found from now on, and stands in the queue beside those that may be the same
/// customer, which were found already or are looked for: these are returned.
pub(super) async fn recognise_new(
    txn: &DatabaseTransaction,
    call: &Call,
    (account, identity): (&Account, &Identity),
    similar: Option<Vec<Matched>>,
) -> AppResult<Vec<AccountId>> {
    matching::index_new_account(txn, account.id, subject(account, identity)).await?;
    let similar = match similar {
        Some(similar) => similar,
        None => matching::find(txn, call, subject(account, identity)).await?.policy,
    };
    propose(txn, call, account, similar).await
}

/// The same of an account that was changed: it is found by what it is recognised by now.
pub(super) async fn recognise(
    txn: &DatabaseTransaction,
    call: &Call,
    account: &Account,
    identity: &Identity,
) -> AppResult<()> {
    matching::index_account(txn, account.id, subject(account, identity)).await?;
    let similar = matching::find(txn, call, subject(account, identity)).await?.policy;
    propose(txn, call, account, similar).await.map(drop)
}

async fn propose(
    txn: &DatabaseTransaction,
    call: &Call,
    account: &Account,
    found: Vec<Matched>,
) -> AppResult<Vec<AccountId>> {
    let ids = found.iter().map(|it| it.account_id).collect();
    for Matched { account_id, finding } in found {
        let reasons = finding.evidence.iter();
        let proposal = Proposal {
            accounts: [account.id, account_id],
            verdict: finding.verdict.into(),
            score_bp: i64::from(finding.score).saturating_mul(100),
            reasons: reasons.map(|it| Told { code: it.reason.code().to_owned(), sentence: it.to_string() }).collect(),
            matcher_version: finding.version,
        };
        duplicates::propose_pair(txn, call, &proposal).await?;
    }
    Ok(ids)
}

/// Brings the index up to date with these accounts: one that was merged into another is in it no more.
///
/// # Errors
/// Those of the database.
pub async fn reindex(txn: &DatabaseTransaction, ids: &[AccountId]) -> AppResult<()> {
    let accounts = store::find_many(txn, Scope::Everything, ids).await?;
    let mut identities = identity::of_accounts(txn, ids).await?;
    let mut present = Vec::with_capacity(accounts.len());
    for account in &accounts {
        if account.merged_into_id.is_some() {
            matching::forget_account(txn, account.id).await?;
        } else {
            let identity = identities.remove(&account.id).unwrap_or_default();
            present.push((account.id, subject(account, &identity)));
        }
    }
    matching::index_accounts(txn, present).await
}

/// Writes all accounts into the index of the matcher that are not there as its present version writes them, and returns how
/// many they were. The database looks at the index whenever twice as many were written: what it planned for a small one
/// reads all of a large one.
///
/// # Errors
/// Those of the database.
pub async fn index_all(call: &Call) -> AppResult<usize> {
    let (mut indexed, mut look_at, mut after) = (0_usize, LOOKED_AT_FIRST, None);
    loop {
        let (some, last) = index(call, after).await?;
        indexed = indexed.saturating_add(some);
        if indexed >= look_at {
            // Without, it is slower, and as right.
            if let Err(error) = call.db().look_at(matching::TABLES).await {
                tracing::warn!(?error, "the database could not look at the index");
            }
            look_at = indexed.saturating_mul(2);
        }
        if last.is_none() {
            return Ok(indexed);
        }
        after = last;
    }
}

/// Writes the next accounts behind `after` into the index of the matcher, as far as they are not there as its present
/// version writes them: after an upgrade. Returns how many, and behind which one to go on; none at the end.
///
/// # Errors
/// Those of the database.
pub async fn index(call: &Call, after: Option<AccountId>) -> AppResult<(usize, Option<AccountId>)> {
    call.in_transaction(async |txn| {
        let (ids, last) = matching::not_indexed(txn, after, INDEXED_AT_ONCE).await?;
        for account in &store::find_many(txn, Scope::Everything, &ids).await? {
            store::rekey(txn, account, &rules::name_key(&account.name)).await?;
        }
        reindex(txn, &ids).await?;
        Ok((ids.len(), last))
    })
    .await
}
