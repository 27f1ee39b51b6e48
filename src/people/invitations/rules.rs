//! Who may be invited as what, and how often.

use entity::value::{Roles, Timestamp};

use super::model::{Company, Invitation, InvitationState};
use crate::kernel::code::Code;

/// How often one company invites one address a day.
pub const MOST_PER_ADDRESS: u64 = 5;

/// How many invitations one company sends a day: it is a portal and no way of sending mails to strangers.
pub const MOST_PER_COMPANY: u64 = 200;

/// What is counted begins so many hours ago.
pub const COUNTED_HOURS: i64 = 24;

/// Why something is refused: the field, the code and a sentence.
pub type Refusal = (&'static str, Code, &'static str);

/// Whether somebody may invite people with these roles: the vendor's staff invite staff, a partner's people those of
/// their own company.
///
/// # Errors
/// `REQUIRED`, `ROLE_NOT_AVAILABLE`.
pub fn decide_roles(inviter_is_staff: bool, roles: &Roles) -> Result<(), Refusal> {
    if roles.iter().next().is_none() {
        return Err(("roles", Code::Required, "Everybody has at least one role."));
    }
    if roles.iter().any(|role| role.is_staff() != inviter_is_staff) {
        let message = "The vendor's staff have staff roles and a partner's people have partner roles.";
        return Err(("roles", Code::RoleNotAvailable, message));
    }
    Ok(())
}

/// Whether people may join the company that an invitation is to; staff belong to none.
///
/// # Errors
/// `PARTNER_NOT_ACTIVE`.
pub fn decide_company(company: Option<&Company>) -> Result<(), Refusal> {
    match company {
        Some(company) if !company.invites() => Err((
            "",
            Code::PartnerNotActive,
            "The company is not active as a partner at the moment, so nobody joins it. Ask its channel manager.",
        )),
        _ => Ok(()),
    }
}

/// Whether an invitation can be taken back.
///
/// # Errors
/// `WRONG_STATE`.
pub fn decide_revoking(invitation: &Invitation, now: Timestamp) -> Result<(), Refusal> {
    match invitation.state(now) {
        InvitationState::Open => Ok(()),
        InvitationState::Accepted | InvitationState::Revoked | InvitationState::Expired => Err((
            "invitationId",
            Code::WrongState,
            "This invitation is not open any more, so there is nothing to take back.",
        )),
    }
}

/// Whether an invitation can be sent anew.
///
/// # Errors
/// `WRONG_STATE`.
pub fn decide_resending(invitation: &Invitation, now: Timestamp) -> Result<(), Refusal> {
    match invitation.state(now) {
        InvitationState::Open | InvitationState::Expired => Ok(()),
        InvitationState::Accepted | InvitationState::Revoked => Err((
            "invitationId",
            Code::WrongState,
            "This invitation was accepted or taken back. Invite the person anew.",
        )),
    }
}

/// Seconds to wait before a company may invite an address again, by what was sent in the last day.
#[must_use]
pub fn wait(to_address: u64, by_company: u64) -> Option<u64> {
    (to_address >= MOST_PER_ADDRESS || by_company >= MOST_PER_COMPANY).then_some(3600)
}

#[cfg(test)]
mod tests {
    use entity::value::{InvitationId, PartnerState, Role, TypedId as _};
    use sea_orm::Iterable as _;

    use super::*;

    #[test]
    fn nobody_invites_above_their_own_kind() {
        for role in Role::iter() {
            for staff in [true, false] {
                let roles = std::iter::once(role).collect();
                assert_eq!(decide_roles(staff, &roles).is_ok(), role.is_staff() == staff, "{role}");
                let mixed = [role, Role::Admin, Role::Seller].into_iter().collect();
                assert!(decide_roles(staff, &mixed).is_err(), "{role}");
            }
        }
        assert!(decide_roles(true, &Roles::default()).is_err());
    }

    #[test]
    fn nobody_joins_a_company_that_starts_nothing_new() {
        for state in PartnerState::iter() {
            let company = Company { name: "North".to_owned(), state };
            let joins = matches!(state, PartnerState::Onboarding | PartnerState::Active);
            assert_eq!(decide_company(Some(&company)).is_ok(), joins, "{state}");
        }
        assert!(decide_company(None).is_ok());
    }

    #[test]
    fn an_address_has_five_invitations_a_day_and_a_company_two_hundred() {
        for (to_address, by_company, waits) in [(4, 199, false), (5, 5, true), (0, 200, true), (5, 200, true)] {
            assert_eq!(wait(to_address, by_company).is_some(), waits, "{to_address} of {by_company}");
        }
    }

    #[test]
    fn what_can_be_done_follows_the_state() {
        let now = Timestamp::from_micros(1_000_000);
        let open = Invitation {
            id: InvitationId::from_uuid(uuid::Uuid::from_u128(1)),
            partner_id: None,
            email: "ana@example.com".to_owned(),
            email_key: "ana@example.com".to_owned(),
            name: "Ana".to_owned(),
            roles: Roles::default(),
            invited_by_id: None,
            created_at: now,
            expires_at: now.plus_days(7),
            accepted_at: None,
            revoked_at: None,
        };
        let can = |invitation: &Invitation, now| {
            (decide_revoking(invitation, now).is_ok(), decide_resending(invitation, now).is_ok())
        };
        assert_eq!(can(&open, now), (true, true));
        assert_eq!(can(&open, now.plus_days(7)), (false, true));
        assert_eq!(can(&open.revoked(now), now), (false, false));
        assert_eq!(can(&Invitation { accepted_at: Some(now), ..open }, now), (false, false));
    }
}
