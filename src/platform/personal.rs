//! Personal values in the audit: names and addresses are never written there, because it can never be changed.
//!
//! In their place stands a keyed hash: with the object's key one can see that a name changed, and check whether it was
//! a certain one. When a person is erased the key is destroyed, and what is left tells nobody anything.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::personal_key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde_json::Value;
use sha2::Sha256;

use super::{
    call::Call,
    error::{AppError, AppResult},
};

/// The personal values of whatever has an address of its own.
const OF_A_PERSON: [&str; 2] = ["email", "name"];
/// Personal values wherever they stand.
const ANYWHERE: [&str; 2] = ["contact_email", "contact_name"];

/// The two sides of a change as they are written: personal values replaced by their hashes.
///
/// # Errors
/// Those of the database.
pub async fn hidden(
    txn: &DatabaseTransaction,
    call: &Call,
    subject: &str,
    mut sides: [Option<Value>; 2],
) -> AppResult<[Option<String>; 2]> {
    let is_new = sides.first().is_some_and(Option::is_none);
    let mut found = Vec::new();
    for side in sides.iter_mut().flatten() {
        collect(side, &mut found);
    }
    if !found.is_empty() {
        let key = key_of(txn, call, subject, is_new).await?;
        for text in found {
            *text = digest(&key, text)?;
        }
    }
    Ok(sides.map(|side| side.map(|side| side.to_string())))
}

fn collect<'v>(value: &'v mut Value, found: &mut Vec<&'v mut String>) {
    match value {
        Value::Object(fields) => {
            let is_person = fields.contains_key("email");
            for (name, value) in fields {
                let name = name.as_str();
                let personal = ANYWHERE.contains(&name) || (is_person && OF_A_PERSON.contains(&name));
                if personal && value.is_string() {
                    if let Value::String(text) = value {
                        found.push(text);
                    }
                } else {
                    collect(value, found);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn digest(key: &[u8], text: &str) -> AppResult<String> {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).map_err(|error| AppError::internal(error.to_string()))?;
    hash.update(text.as_bytes());
    Ok(format!("hidden:{}", URL_SAFE_NO_PAD.encode(hash.finalize().into_bytes())))
}

/// The key of an object, made when it has none. A new object is not looked up first.
async fn key_of(txn: &DatabaseTransaction, call: &Call, subject: &str, is_new: bool) -> AppResult<Vec<u8>> {
    if !is_new && let Some(row) = personal_key::Entity::find_by_id(subject).one(txn).await? {
        return Ok(row.key);
    }
    let mut key = vec![0; 32];
    call.services.ids.fill(&mut key);
    let row = personal_key::ActiveModel { subject: Set(subject.to_owned()), key: Set(key.clone()) };
    let taken = OnConflict::column(personal_key::Column::Subject).do_nothing().to_owned();
    if personal_key::Entity::insert(row).on_conflict(taken).exec_without_returning(txn).await? > 0 {
        return Ok(key);
    }
    let row = personal_key::Entity::find_by_id(subject).one(txn).await?;
    Ok(row.ok_or_else(|| AppError::internal("a personal key was taken and is not there"))?.key)
}

/// Destroys the keys of these objects: what the audit holds of them stays hidden for ever.
///
/// # Errors
/// Those of the database.
pub async fn forget(db: &impl ConnectionTrait, subjects: &[String]) -> AppResult<()> {
    let kept = personal_key::Column::Subject.is_in(subjects.iter().map(String::as_str));
    personal_key::Entity::delete_many().filter(kept).exec(db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_personal_is_found_however_deep() {
        let mut value = serde_json::json!({
            "name": "A company", "website": "https://acme.example",
            "contact_name": "Ana", "contact_email": "ana@acme.example",
            "contact": { "name": "Bea", "email": "bea@acme.example" },
            "people": [{ "name": "Cem", "email": "cem@acme.example", "roles": ["SELLER"] }],
        });
        let mut found = Vec::new();
        collect(&mut value, &mut found);
        let mut found: Vec<String> = found.into_iter().map(std::mem::take).collect();
        found.sort();
        assert_eq!(found, ["Ana", "Bea", "Cem", "ana@acme.example", "bea@acme.example", "cem@acme.example"]);
    }

    #[test]
    fn a_hash_tells_equal_from_changed_under_its_key_only() {
        let of = |key: u8, text| digest(&[key; 32], text).unwrap();
        assert_eq!(of(1, "Ana"), of(1, "Ana"));
        assert_ne!(of(1, "Ana"), of(1, "Bea"));
        assert_ne!(of(1, "Ana"), of(2, "Ana"));
    }
}
