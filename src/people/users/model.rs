//! The words of users.

use entity::value::{PartnerId, Role, Roles, Timestamp, TypedId as _, UserId, UserState};
use serde::{Deserialize, Serialize};

use crate::kernel::text::folded;

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
    /// When their personal data was erased, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
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

/// Somebody's roles are set anew.
#[derive(Clone, Debug)]
pub struct ChangeRoles {
    /// The person.
    pub id: UserId,
    /// All that they may do from now on.
    pub roles: Roles,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// Somebody is deactivated or reactivated.
#[derive(Clone, Copy, Debug)]
pub struct ChangeState {
    /// The person.
    pub id: UserId,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// Somebody is renamed.
#[derive(Clone, Debug)]
pub struct Rename {
    /// The person; none for the caller.
    pub id: Option<UserId>,
    /// The name.
    pub name: String,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

/// What can be done with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum UserAction {
    /// Set their roles: `changeUserRoles`. A company keeps at least one administrator all the same.
    ChangeRoles,
    /// Rename them: `renameUser`, or `updateOwnProfile` for yourself.
    Rename,
    /// Stop them from signing in: `deactivateUser`. A company keeps at least one administrator all the same.
    Deactivate,
    /// Let them sign in again: `reactivateUser`.
    Reactivate,
    /// Export all that is held of them: `exportPersonalData`.
    Export,
    /// Erase them: `erasePerson`. A company keeps at least one administrator all the same.
    Erase,
}

/// Why somebody is erased. A choice and no free text: the audit keeps it for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErasureReason {
    /// They asked for it.
    Requested,
    /// They left the company.
    Left,
    /// The time for which their data may be kept is over.
    RetentionOver,
    /// They should never have been a user.
    Mistake,
}

/// Which people a list shows. What is absent excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
    /// Staff only, or partners' people only.
    pub is_staff: Option<bool>,
    /// With this role.
    pub role: Option<Role>,
    /// In this state.
    pub state: Option<UserState>,
    /// With this text in the name or the address, folded.
    pub search: Option<String>,
}

/// What a list of people is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserOrder {
    /// When they joined.
    Created,
    /// Their name.
    Name,
}

/// The key under which people are found and sorted by name.
#[must_use]
pub fn name_key(name: &str) -> String {
    folded(name)
}

impl User {
    /// The role that administers the person's company.
    #[must_use]
    pub const fn admin_role(&self) -> Role {
        if self.partner_id.is_some() { Role::PartnerAdmin } else { Role::Admin }
    }

    /// Whether they administer their company.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.state == UserState::Active && self.roles.has(self.admin_role())
    }

    /// The person with other roles.
    #[must_use]
    pub fn with_roles(&self, roles: Roles) -> Self {
        Self { roles, ..self.next() }
    }

    /// The person in another state.
    #[must_use]
    pub fn in_state(&self, state: UserState) -> Self {
        Self { state, ..self.next() }
    }

    /// The person under another name.
    #[must_use]
    pub fn named(&self, name: String) -> Self {
        Self { name, ..self.next() }
    }

    /// The pseudonym that stands where the person was.
    #[must_use]
    pub fn erased(&self, at: Timestamp) -> Self {
        let digits = self.id.uuid().simple().to_string();
        let few: String = digits.chars().skip(24).collect();
        Self {
            name: format!("Erased person {few}"),
            email: format!("erased-{few}@erased.invalid"),
            state: UserState::Deactivated,
            erased_at: Some(at),
            ..self.next()
        }
    }

    fn next(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }
}
