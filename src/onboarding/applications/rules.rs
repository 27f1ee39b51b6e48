//! What may be decided about an application. The fit recommends; these rules say what is possible at all.

pub mod fit;

use entity::value::{ApplicationState, PartnerId};
use serde::{Deserialize, Serialize};

use super::model::ApplicationAction;
use crate::kernel::{code::Code, decision::Decision};

/// The version of the rules.
pub const POLICY_VERSION: i32 = 1;

/// What the approval looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApprovalFacts {
    /// Where the application is.
    pub state: ApplicationState,
    /// The partner that has the same registrable domain.
    pub domain_of: Option<PartnerId>,
    /// Whether the contact's address belongs to a user already.
    pub contact_is_user: bool,
}

/// What the rejection looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RejectionFacts {
    /// Where the application is.
    pub state: ApplicationState,
}

/// What can be done with an application in a state.
#[must_use]
pub fn allowed(state: ApplicationState) -> Vec<ApplicationAction> {
    let mut actions = Vec::new();
    if may_approve(state) {
        actions.push(ApplicationAction::Approve);
    }
    if may_reject(state) {
        actions.push(ApplicationAction::Reject);
    }
    actions
}

const fn may_approve(state: ApplicationState) -> bool {
    matches!(state, ApplicationState::Submitted | ApplicationState::InReview)
}

const fn may_reject(state: ApplicationState) -> bool {
    may_approve(state) || matches!(state, ApplicationState::ActionRequired)
}

/// Whether an application is approved.
#[must_use]
pub fn decide_approval(facts: &ApprovalFacts) -> Decision {
    Decision::begin("application.approve", POLICY_VERSION, facts)
        .step("open", may_approve(facts.state), Code::WrongState, format!("The application is {}.", facts.state))
        .staff_step(
            "domain_is_free",
            facts.domain_of.is_none(),
            Code::DomainTaken,
            match facts.domain_of {
                None => "No partner has this domain.".to_owned(),
                Some(id) => format!("The partner {id} has this domain. Reject the application as a duplicate."),
            },
        )
        .staff_step(
            "contact_is_new",
            !facts.contact_is_user,
            Code::AddressTaken,
            if facts.contact_is_user {
                "The contact's address belongs to a user already, so it cannot be invited. Ask for another contact."
            } else {
                "The contact can be invited."
            },
        )
}

/// Whether an application is rejected.
#[must_use]
pub fn decide_rejection(facts: &RejectionFacts) -> Decision {
    Decision::begin("application.reject", POLICY_VERSION, facts).step(
        "open",
        may_reject(facts.state),
        Code::WrongState,
        format!("The application is {}.", facts.state),
    )
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId;
    use uuid::Uuid;

    use super::*;

    const STATES: [ApplicationState; 6] = [
        ApplicationState::Submitted,
        ApplicationState::InReview,
        ApplicationState::ActionRequired,
        ApplicationState::Approved,
        ApplicationState::Rejected,
        ApplicationState::Withdrawn,
    ];

    #[test]
    fn what_is_allowed_is_what_succeeds() {
        for state in STATES {
            let approval = ApprovalFacts { state, domain_of: None, contact_is_user: false };
            let allowed = allowed(state);
            assert_eq!(
                allowed.contains(&ApplicationAction::Approve),
                decide_approval(&approval).is_granted(),
                "{state}"
            );
            let rejection = decide_rejection(&RejectionFacts { state });
            assert_eq!(allowed.contains(&ApplicationAction::Reject), rejection.is_granted(), "{state}");
        }
        assert!(STATES[3..].iter().all(|state| allowed(*state).is_empty()));
    }

    #[test]
    fn a_partner_with_the_domain_or_a_known_contact_prevents_the_approval() {
        let other = Some(PartnerId::from_uuid(Uuid::from_u128(1)));
        for (domain_of, contact_is_user, wanted) in [
            (None, false, None),
            (other, false, Some(Code::DomainTaken)),
            (None, true, Some(Code::AddressTaken)),
            (other, true, Some(Code::DomainTaken)),
        ] {
            let facts = ApprovalFacts { state: ApplicationState::Submitted, domain_of, contact_is_user };
            assert_eq!(decide_approval(&facts).finish().1.map(|(code, _)| code), wanted, "{facts:?}");
        }
    }
}
