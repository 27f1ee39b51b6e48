//! Use cases of identities, in the transactions of accounts.

use std::collections::HashMap;

use entity::value::AccountId;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Identity, OtherName, Owners, Reference, RegistryId},
    store,
};
use crate::platform::{
    call::Call,
    error::{AppError, AppResult},
};

/// Whose these domains, registry ids and references are. No scope: what leads to an account does not depend on who asks.
///
/// # Errors
/// Those of the database.
pub async fn owners(db: &impl ConnectionTrait, wanted: &Identity) -> AppResult<Owners> {
    store::owners(db, wanted).await
}

/// Whose these references of one system are.
///
/// # Errors
/// Those of the database.
pub async fn owners_of_references(
    db: &impl ConnectionTrait,
    system: &str,
    external_ids: &[&str],
) -> AppResult<HashMap<Reference, AccountId>> {
    store::owners_of_references(db, system, external_ids).await
}

/// Everything that these accounts are recognised by, sorted: four statements, however many they are.
///
/// # Errors
/// Those of the database.
pub async fn of_accounts(db: &impl ConnectionTrait, ids: &[AccountId]) -> AppResult<HashMap<AccountId, Identity>> {
    let mut found: HashMap<AccountId, Identity> = ids.iter().map(|id| (*id, Identity::default())).collect();
    if ids.is_empty() {
        return Ok(found);
    }
    for (id, name) in store::find_names(db, ids).await? {
        found.entry(id).or_default().names.push(name);
    }
    for (id, domain) in store::find_domains(db, ids).await? {
        found.entry(id).or_default().domains.push(domain);
    }
    for (id, registry_id) in store::find_registry_ids(db, ids).await? {
        found.entry(id).or_default().registry_ids.push(registry_id);
    }
    for (id, reference) in store::find_references(db, ids).await? {
        found.entry(id).or_default().references.push(reference);
    }
    Ok(found.into_iter().map(|(id, identity)| (id, identity.sorted())).collect())
}

/// Gives all of this to an account, after [`super::rules::check`] found nothing against it.
///
/// # Errors
/// Those of the database. Somebody else who took a domain, registry id or reference since it was looked at has
/// overtaken this: it is begun again, and refused then.
pub async fn add(txn: &DatabaseTransaction, call: &Call, id: AccountId, new: &Identity) -> AppResult<()> {
    store::add(txn, call, id, new).await.map_err(|error| {
        let error = AppError::from(error);
        let taken =
            [&store::ONE_ACCOUNT_PER_DOMAIN, &store::ONE_ACCOUNT_PER_REGISTRY_ID, &store::ONE_ACCOUNT_PER_REFERENCE];
        if taken.iter().any(|constraint| error.violates(constraint)) {
            AppError::overtaken("what an account is recognised by was given to another one")
        } else {
            error
        }
    })
}

/// Makes an account's identity another: adds what is new and takes away what is gone.
///
/// # Errors
/// As [`add`].
pub async fn apply(
    txn: &DatabaseTransaction,
    call: &Call,
    id: AccountId,
    before: &Identity,
    after: &Identity,
) -> AppResult<()> {
    store::remove(txn, id, &before.without(after)).await?;
    add(txn, call, id, &after.without(before)).await
}

/// Declares how staff read one list of accounts. Partners read nothing: it would tell them who else came to an account,
/// and under which name.
macro_rules! read_by_staff {
    ($($(#[$doc:meta])* $name:ident: $find:path => $item:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Those of the database.
        pub async fn $name(call: &Call, ids: &[AccountId]) -> AppResult<Vec<(AccountId, $item)>> {
            if call.scope().is_everything() { $find(&call.reader(), ids).await } else { Ok(Vec::new()) }
        }
    )*};
}

read_by_staff! {
    /// The other names of these accounts, oldest first.
    names_of: store::find_names => OtherName;
    /// The domains of these accounts, oldest first.
    domains_of: store::find_domains => String;
    /// The registry ids of these accounts, oldest first.
    registry_ids_of: store::find_registry_ids => RegistryId;
    /// What other systems call these accounts, oldest first.
    references_of: store::find_references => Reference;
}
