//! SQL of identities.

use std::collections::HashMap;

use entity::{
    account_domain, account_name, account_reference, account_registry_id,
    value::{AccountId, RegistryIdKind},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::model::{Identity, OtherName, Owners, Reference, RegistryId};
use crate::{
    accounts::accounts::rules::name_key,
    platform::{call::Call, db::Unique, error::AppResult},
};

/// Each domain leads to one account.
pub const ONE_ACCOUNT_PER_DOMAIN: Unique =
    Unique { name: "a_domain_leads_to_one_account", columns: "account_domains.domain" };

/// Each registry id leads to one account.
pub const ONE_ACCOUNT_PER_REGISTRY_ID: Unique = Unique {
    name: "a_registry_id_leads_to_one_account",
    columns: "account_registry_ids.kind, account_registry_ids.value",
};

/// Each reference leads to one account.
pub const ONE_ACCOUNT_PER_REFERENCE: Unique = Unique {
    name: "a_reference_leads_to_one_account",
    columns: "account_references.system, account_references.external_id",
};

/// The other names of these accounts, oldest first, those of one instant in alphabetical order.
///
/// # Errors
/// Those of the database.
pub async fn find_names(db: &impl ConnectionTrait, ids: &[AccountId]) -> AppResult<Vec<(AccountId, OtherName)>> {
    let found = account_name::Entity::find()
        .filter(account_name::Column::AccountId.is_in(ids.iter().copied()))
        .order_by_asc(account_name::Column::AccountId)
        .order_by_asc(account_name::Column::AddedAt)
        .order_by_asc(account_name::Column::NameKey);
    let name = |row: account_name::Model| {
        let account_name::Model { id: _, account_id, name, name_key: _, kind, language, added_at: _ } = row;
        (account_id, OtherName { name, kind, language })
    };
    Ok(found.all(db).await?.into_iter().map(name).collect())
}

/// The domains of these accounts, oldest first, those of one instant in alphabetical order.
///
/// # Errors
/// Those of the database.
pub async fn find_domains(db: &impl ConnectionTrait, ids: &[AccountId]) -> AppResult<Vec<(AccountId, String)>> {
    let found = account_domain::Entity::find()
        .filter(account_domain::Column::AccountId.is_in(ids.iter().copied()))
        .order_by_asc(account_domain::Column::AccountId)
        .order_by_asc(account_domain::Column::AddedAt)
        .order_by_asc(account_domain::Column::Domain);
    Ok(found.all(db).await?.into_iter().map(|row| (row.account_id, row.domain)).collect())
}

/// The registry ids of these accounts, oldest first, those of one instant in alphabetical order.
///
/// # Errors
/// Those of the database.
pub async fn find_registry_ids(
    db: &impl ConnectionTrait,
    ids: &[AccountId],
) -> AppResult<Vec<(AccountId, RegistryId)>> {
    let found = account_registry_id::Entity::find()
        .filter(account_registry_id::Column::AccountId.is_in(ids.iter().copied()))
        .order_by_asc(account_registry_id::Column::AccountId)
        .order_by_asc(account_registry_id::Column::AddedAt)
        .order_by_asc(account_registry_id::Column::Kind)
        .order_by_asc(account_registry_id::Column::Value);
    let id = |row: account_registry_id::Model| (row.account_id, RegistryId { kind: row.kind, value: row.value });
    Ok(found.all(db).await?.into_iter().map(id).collect())
}

/// What other systems call these accounts, oldest first, those of one instant in alphabetical order.
///
/// # Errors
/// Those of the database.
pub async fn find_references(db: &impl ConnectionTrait, ids: &[AccountId]) -> AppResult<Vec<(AccountId, Reference)>> {
    let found = account_reference::Entity::find()
        .filter(account_reference::Column::AccountId.is_in(ids.iter().copied()))
        .order_by_asc(account_reference::Column::AccountId)
        .order_by_asc(account_reference::Column::AddedAt)
        .order_by_asc(account_reference::Column::System)
        .order_by_asc(account_reference::Column::ExternalId);
    let reference = |row: account_reference::Model| {
        (row.account_id, Reference { system: row.system, external_id: row.external_id })
    };
    Ok(found.all(db).await?.into_iter().map(reference).collect())
}

/// Whose these domains, registry ids and references are, as far as they lead to anybody.
pub async fn owners(db: &impl ConnectionTrait, wanted: &Identity) -> AppResult<Owners> {
    let Identity { names: _, domains, registry_ids, references } = wanted;
    let mut owners = Owners::default();
    if !domains.is_empty() {
        let found = account_domain::Entity::find()
            .filter(account_domain::Column::Domain.is_in(domains.iter().map(String::as_str)));
        owners.domains = found.all(db).await?.into_iter().map(|row| (row.domain, row.account_id)).collect();
    }
    for kind in [RegistryIdKind::Lei, RegistryIdKind::Duns, RegistryIdKind::Vat] {
        let values: Vec<_> = registry_ids.iter().filter(|id| id.kind == kind).map(|id| id.value.as_str()).collect();
        if values.is_empty() {
            continue;
        }
        let found = account_registry_id::Entity::find()
            .filter(account_registry_id::Column::Kind.eq(kind))
            .filter(account_registry_id::Column::Value.is_in(values));
        let owner = |row: account_registry_id::Model| (RegistryId { kind: row.kind, value: row.value }, row.account_id);
        owners.registry_ids.extend(found.all(db).await?.into_iter().map(owner));
    }
    let mut by_system: HashMap<&str, Vec<&str>> = HashMap::new();
    for reference in references {
        by_system.entry(&reference.system).or_default().push(&reference.external_id);
    }
    for (system, ids) in by_system {
        owners.references.extend(owners_of_references(db, system, &ids).await?);
    }
    Ok(owners)
}

/// Whose these references of one system are.
pub async fn owners_of_references(
    db: &impl ConnectionTrait,
    system: &str,
    external_ids: &[&str],
) -> AppResult<HashMap<Reference, AccountId>> {
    let found = account_reference::Entity::find()
        .filter(account_reference::Column::System.eq(system))
        .filter(account_reference::Column::ExternalId.is_in(external_ids.iter().copied()));
    let owner = |row: account_reference::Model| {
        (Reference { system: row.system, external_id: row.external_id }, row.account_id)
    };
    Ok(found.all(db).await?.into_iter().map(owner).collect())
}

/// Adds all of this to an account.
pub async fn add(db: &impl ConnectionTrait, call: &Call, id: AccountId, new: &Identity) -> Result<(), DbErr> {
    let now = call.now();
    let Identity { names, domains, registry_ids, references } = new;
    let rows = names.iter().map(|it| account_name::ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(id),
        name: Set(it.name.clone()),
        name_key: Set(name_key(&it.name)),
        kind: Set(it.kind),
        language: Set(it.language.clone()),
        added_at: Set(now),
    });
    if !names.is_empty() {
        account_name::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let rows = domains.iter().map(|domain| account_domain::ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(id),
        domain: Set(domain.clone()),
        added_at: Set(now),
    });
    if !domains.is_empty() {
        account_domain::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let rows = registry_ids.iter().map(|it| account_registry_id::ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(id),
        kind: Set(it.kind),
        value: Set(it.value.clone()),
        added_at: Set(now),
    });
    if !registry_ids.is_empty() {
        account_registry_id::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    let rows = references.iter().map(|it| account_reference::ActiveModel {
        id: Set(call.new_id()),
        account_id: Set(id),
        system: Set(it.system.clone()),
        external_id: Set(it.external_id.clone()),
        added_at: Set(now),
    });
    if !references.is_empty() {
        account_reference::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

/// Takes all of this from an account.
pub async fn remove(db: &impl ConnectionTrait, id: AccountId, gone: &Identity) -> AppResult<()> {
    let Identity { names, domains, registry_ids, references } = gone;
    if !names.is_empty() {
        use account_name::Column;
        let any = names.iter().fold(Condition::any(), |any, it| {
            let language = match &it.language {
                Some(language) => Column::Language.eq(language),
                None => Column::Language.is_null(),
            };
            any.add(Condition::all().add(Column::Name.eq(&it.name)).add(Column::Kind.eq(it.kind)).add(language))
        });
        account_name::Entity::delete_many().filter(Column::AccountId.eq(id)).filter(any).exec(db).await?;
    }
    if !domains.is_empty() {
        use account_domain::Column;
        let these = Column::Domain.is_in(domains.iter().map(String::as_str));
        account_domain::Entity::delete_many().filter(Column::AccountId.eq(id)).filter(these).exec(db).await?;
    }
    if !registry_ids.is_empty() {
        use account_registry_id::Column;
        let any = registry_ids.iter().fold(Condition::any(), |any, it| {
            any.add(Condition::all().add(Column::Kind.eq(it.kind)).add(Column::Value.eq(&it.value)))
        });
        account_registry_id::Entity::delete_many().filter(Column::AccountId.eq(id)).filter(any).exec(db).await?;
    }
    if !references.is_empty() {
        use account_reference::Column;
        let any = references.iter().fold(Condition::any(), |any, it| {
            any.add(Condition::all().add(Column::System.eq(&it.system)).add(Column::ExternalId.eq(&it.external_id)))
        });
        account_reference::Entity::delete_many().filter(Column::AccountId.eq(id)).filter(any).exec(db).await?;
    }
    Ok(())
}
