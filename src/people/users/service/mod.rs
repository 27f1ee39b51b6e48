//! Use cases of users.

mod change;
mod erase;

use entity::value::{PartnerId, Role, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Credentials, NewUser, User, UserFilter, UserOrder},
    store,
};
use crate::platform::{
    audit,
    auth::{Scope, policy::Action},
    call::Call,
    error::AppResult,
    graphql::page::{Page, Rows},
};

pub use change::{allowed, change_roles, deactivate, hold_by, reactivate, rename};
pub use erase::erase;

/// Creates a person in the transaction of the use case that they come in by.
///
/// # Errors
/// `ADDRESS_TAKEN`.
pub async fn create(txn: &DatabaseTransaction, call: &Call, action: Action, new: NewUser) -> AppResult<User> {
    let user = store::insert(txn, call, new).await?;
    let change = audit::Change {
        action,
        object_id: user.id.to_string(),
        partner_id: user.partner_id,
        before: None::<&User>,
        after: Some(&user),
    };
    audit::record(txn, call, change).await?;
    Ok(user)
}

/// The person of an id, if they exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find(call: &Call, id: UserId) -> AppResult<Option<User>> {
    Ok(find_many(call, &[id]).await?.pop())
}

/// The person of an id, if they exist in a scope, as the transaction of a use case sees them.
///
/// # Errors
/// Those of the database.
pub async fn find_in(db: &impl ConnectionTrait, scope: Scope, id: UserId) -> AppResult<Option<User>> {
    Ok(store::find_many(db, scope, &[id]).await?.pop())
}

/// The person of an id, if they exist in a scope, held until the transaction ends: before their sessions, never after.
///
/// # Errors
/// Those of the database.
pub async fn hold(txn: &DatabaseTransaction, scope: Scope, id: UserId) -> AppResult<Option<User>> {
    store::find_in_for_update(txn, scope, id).await
}

/// The people of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[UserId]) -> AppResult<Vec<User>> {
    if !sees_people(call) {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// A page of the people that exist for the caller: all of them for staff, their own for a partner's administrators.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &UserFilter, order: UserOrder, page: &Page) -> AppResult<Rows<User>> {
    call.may(Action::ReadUsers)?;
    store::list(call.db().pool(), call.scope(), filter, order, page).await
}

/// The people of these partners that exist for the caller, at most `most` of each, in the order in which they joined.
///
/// # Errors
/// Those of the database.
pub async fn find_of_partners(call: &Call, partner_ids: &[PartnerId], most: u64) -> AppResult<Vec<User>> {
    if !sees_people(call) {
        return Ok(Vec::new());
    }
    store::find_of_partners(&call.reader(), call.scope(), partner_ids, most).await
}

/// People see their colleagues, and staff everybody. A client sees people when its scopes let it read companies.
fn sees_people(call: &Call) -> bool {
    call.caller.client().is_none() || call.may(Action::ReadPartners).is_ok()
}

/// The people with these ids or addresses that exist for the caller, each with the key of their address; read on the
/// given connection, so that a use case sees them inside its transaction.
///
/// # Errors
/// Those of the database.
pub async fn find_by_ids_or_addresses(
    db: &impl ConnectionTrait,
    call: &Call,
    ids: &[UserId],
    email_keys: &[String],
) -> AppResult<Vec<(String, User)>> {
    store::find_by_ids_or_addresses(db, call.scope(), ids, email_keys).await
}

/// The people of a partner who may sign in, read in the transaction of a decision about it. No scope: the partner was
/// found before.
///
/// # Errors
/// Those of the database.
pub async fn active_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<User>> {
    store::find_active_of_partner(db, partner_id).await
}

/// The vendor's staff who may sign in: these people, or else everybody with a role, in the order in which they joined.
///
/// # Errors
/// Those of the database.
pub async fn active_staff(db: &impl ConnectionTrait, ids: &[UserId], role: Option<Role>) -> AppResult<Vec<User>> {
    store::find_active_staff(db, ids, role).await
}

/// How many people a partner has, counted in the transaction of a decision about it.
///
/// # Errors
/// Those of the database.
pub async fn count_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<u64> {
    store::count_of_partner(db, partner_id).await
}

/// The person behind an address, for signing in: no scope, nobody is signed in yet.
///
/// # Errors
/// Those of the database.
pub async fn find_by_address(db: &impl ConnectionTrait, email_key: &str) -> AppResult<Option<Credentials>> {
    store::find_by_address(db, email_key).await
}

/// A person and the hash of their password, held until the transaction ends: what a password opens is decided behind
/// this lock, so that a change of it is never overtaken.
///
/// # Errors
/// Those of the database.
pub async fn hold_credentials(txn: &DatabaseTransaction, id: UserId) -> AppResult<Option<Credentials>> {
    store::find_for_update(txn, id).await
}

/// Gives a person another address, in the transaction of the use case that proved it to be theirs.
///
/// # Errors
/// `ADDRESS_TAKEN`.
pub async fn change_address(txn: &DatabaseTransaction, before: &User, after: &User, email_key: &str) -> AppResult<()> {
    store::change_address(txn, before, after, email_key).await
}

/// Keeps another hash in the place of an old one: of the same password, made at more cost, or of a new one. False when
/// somebody changed it in between.
///
/// # Errors
/// Those of the database.
pub async fn replace_password(txn: &DatabaseTransaction, id: UserId, old: &str, new: &str) -> AppResult<bool> {
    store::replace_password(txn, id, old, new).await
}
