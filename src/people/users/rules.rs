//! What may be done with people: roles of the right kind, and a company that always has an administrator.

use entity::value::{PartnerId, Roles, UserState};

use super::model::{User, UserAction};
use crate::kernel::code::Code;

/// Why something is refused: the field, the code and a sentence.
pub type Refusal = (&'static str, Code, &'static str);

/// Whether these roles are ones that a partner's people, or the vendor's staff, can have.
///
/// # Errors
/// `REQUIRED`, `ROLE_NOT_AVAILABLE`.
pub fn decide_roles(partner_id: Option<PartnerId>, roles: &Roles) -> Result<(), Refusal> {
    if roles.is_empty() {
        return Err(("roles", Code::Required, "Everybody has at least one role. Deactivate who should have none."));
    }
    if roles.iter().any(|role| role.is_staff() == partner_id.is_some()) {
        let message = "The vendor's staff have staff roles and a partner's people have partner roles.";
        return Err(("roles", Code::RoleNotAvailable, message));
    }
    Ok(())
}

/// Whether a change leaves the person's company with an administrator; `other_admins` are those beside this person.
///
/// # Errors
/// `LAST_ADMIN`.
pub fn decide_admin_left(before: &User, after: &User, other_admins: usize) -> Result<(), Refusal> {
    if before.is_admin() && !after.is_admin() && other_admins == 0 {
        let message = "This is the company's last administrator. Make somebody else one first.";
        return Err(("userId", Code::LastAdmin, message));
    }
    Ok(())
}

/// Whether the person can be brought into a state.
///
/// # Errors
/// `WRONG_STATE`.
pub fn decide_state(user: &User, state: UserState) -> Result<(), Refusal> {
    decide_present(user)?;
    if user.state == state {
        return Err(("userId", Code::WrongState, "The person is in this state already."));
    }
    Ok(())
}

/// Whether the person is there: nothing is done with one who was erased.
///
/// # Errors
/// `WRONG_STATE`.
pub fn decide_present(user: &User) -> Result<(), Refusal> {
    match user.erased_at {
        None => Ok(()),
        Some(_) => Err(("userId", Code::WrongState, "This person was erased. Invite them anew if they come back.")),
    }
}

/// What can be done with a person by somebody who may change people (who may also export and erase them), or by the
/// person.
#[must_use]
pub fn allowed(user: &User, may_change: bool, is_self: bool) -> Vec<UserAction> {
    if decide_present(user).is_err() {
        return Vec::new();
    }
    let turn = match user.state {
        UserState::Active => UserAction::Deactivate,
        UserState::Deactivated => UserAction::Reactivate,
    };
    [
        (UserAction::ChangeRoles, may_change),
        (UserAction::Rename, may_change || is_self),
        (turn, may_change),
        (UserAction::Export, may_change || is_self),
        (UserAction::Erase, may_change),
    ]
    .into_iter()
    .filter_map(|(action, may)| may.then_some(action))
    .collect()
}

#[cfg(test)]
mod tests {
    use entity::value::{Role, Timestamp, TypedId as _, UserId};
    use uuid::Uuid;

    use super::*;

    fn user(partner: bool, roles: &[Role], state: UserState) -> User {
        User {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            partner_id: partner.then(|| PartnerId::from_uuid(Uuid::from_u128(2))),
            email: "ana@example.com".into(),
            name: "Ana".into(),
            roles: roles.iter().copied().collect(),
            state,
            created_at: Timestamp::from_micros(0),
            version: 1,
            erased_at: None,
        }
    }

    #[test]
    fn staff_have_staff_roles_and_partners_have_partner_roles() {
        const STAFF: [Role; 6] =
            [Role::Admin, Role::ChannelOps, Role::ChannelManager, Role::Finance, Role::DirectSales, Role::Executive];
        const PARTNERS: [Role; 4] = [Role::PartnerAdmin, Role::Seller, Role::Marketer, Role::Learner];
        for (partner, right, wrong) in [(false, &STAFF[..], &PARTNERS[..]), (true, &PARTNERS[..], &STAFF[..])] {
            let company = user(partner, right, UserState::Active).partner_id;
            assert_eq!(decide_roles(company, &right.iter().copied().collect()), Ok(()));
            for role in wrong {
                let mixed = right.iter().copied().chain([*role]).collect();
                assert_eq!(decide_roles(company, &mixed).map_err(|refusal| refusal.1), Err(Code::RoleNotAvailable));
            }
            assert_eq!(decide_roles(company, &Roles::default()).map_err(|refusal| refusal.1), Err(Code::Required));
        }
    }

    #[test]
    fn only_the_last_active_administrator_cannot_go() {
        for partner in [false, true] {
            let (admin, plain) =
                if partner { (Role::PartnerAdmin, Role::Seller) } else { (Role::Admin, Role::Finance) };
            let active = user(partner, &[admin], UserState::Active);
            let gone = [active.with_roles([plain].into_iter().collect()), active.in_state(UserState::Deactivated)];
            for after in &gone {
                assert!(decide_admin_left(&active, after, 0).is_err());
                assert_eq!(decide_admin_left(&active, after, 1), Ok(()));
            }
            assert_eq!(decide_admin_left(&active, &active.with_roles([admin, plain].into_iter().collect()), 0), Ok(()));
            let other = user(partner, &[plain], UserState::Active);
            assert_eq!(decide_admin_left(&other, &other.in_state(UserState::Deactivated), 0), Ok(()));
        }
    }

    #[test]
    fn what_is_allowed_is_what_is_not_refused() {
        for state in [UserState::Active, UserState::Deactivated] {
            let person = user(true, &[Role::Seller], state);
            let allowed = allowed(&person, true, false);
            let can = |to| decide_state(&person, to).is_ok();
            assert_eq!(allowed.contains(&UserAction::Deactivate), can(UserState::Deactivated));
            assert_eq!(allowed.contains(&UserAction::Reactivate), can(UserState::Active));
            let erased = User { erased_at: Some(Timestamp::from_micros(1)), ..person };
            assert_eq!(super::allowed(&erased, true, true), []);
            assert!(decide_state(&erased, UserState::Active).is_err());
        }
    }
}
