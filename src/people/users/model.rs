//! The words of users.

use entity::value::{PartnerId, Roles, Timestamp, UserId, UserState};
use serde::{Deserialize, Serialize};

/// A person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The person's id.
    pub id: UserId,
    /// The partner company; none for staff.
    pub partner_id: Option<PartnerId>,
    /// The address, as they write it.
    pub email: String,
    /// The name.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// Whether they may sign in.
    pub state: UserState,
    /// When they joined.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: i64,
}

/// A person about to be created.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The partner company; none for staff.
    pub partner_id: Option<PartnerId>,
    /// The address, as they write it.
    pub email: String,
    /// The key under which the address is unique.
    pub email_key: String,
    /// The name.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// The hash of their password, as a PHC string.
    pub password_hash: String,
}

/// What signing in needs to know of a person.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The person.
    pub user: User,
    /// The hash of their password, as a PHC string.
    pub password_hash: String,
}
