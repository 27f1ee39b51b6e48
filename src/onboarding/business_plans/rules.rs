//! What can be done with a joint business plan in which state.

use entity::value::{BusinessPlanState, PartnerState};
use serde::{Deserialize, Serialize};

use super::states::{BusinessPlanAction, EDGES};
use crate::kernel::{code::Code, decision::Decision, graph};

/// The version of these rules.
const POLICY_VERSION: i32 = 1;

/// How many revisions a plan has at most.
pub const MOST_REVISIONS: i32 = 100;

/// What the decision looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// What somebody wants to do.
    pub action: BusinessPlanAction,
    /// Where the plan is.
    pub state: BusinessPlanState,
    /// Whether their side has agreed already.
    pub has_agreed: bool,
    /// Where the partner is.
    pub partner_state: PartnerState,
}

/// Whether it can be done now.
#[must_use]
pub fn decide(facts: &Facts) -> Decision {
    use BusinessPlanAction as Action;
    let possible = graph::allows(EDGES, &facts.state, &facts.action);
    // A plan with a partner that has left is closed all the same.
    let eligible =
        facts.action == Action::Close || matches!(facts.partner_state, PartnerState::Onboarding | PartnerState::Active);
    let again = facts.action == Action::Agree && facts.has_agreed;
    Decision::begin("business_plan.act", POLICY_VERSION, facts)
        .step(
            "partner_not_suspended",
            eligible,
            Code::PartnerNotActive,
            format!("The partner is {}.", facts.partner_state),
        )
        .step(
            "in_the_right_state",
            possible,
            Code::WrongState,
            format!("The plan is {}; `allowedActions` says what can be done.", facts.state),
        )
        .step(
            "agreed_once_by_each_side",
            !again,
            Code::WrongState,
            if again { "Your side has agreed to these targets." } else { "Your side has not agreed yet." },
        )
}

/// Whether a plan may be begun for a year when it is `present`: from the year before to two years ahead.
#[must_use]
pub fn is_plannable(year: i32, present: i32) -> bool {
    (present.saturating_sub(1)..=present.saturating_add(2)).contains(&year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_action() {
        use BusinessPlanAction::{Agree, Change, Close, Propose};
        use BusinessPlanState as State;
        for (state, allowed) in [
            (State::Draft, vec![Change, Propose]),
            (State::Proposed, vec![Change, Agree]),
            (State::Agreed, vec![Change, Close]),
            (State::Closed, vec![]),
        ] {
            for action in BusinessPlanAction::ALL {
                for (partner_state, eligible) in [
                    (PartnerState::Onboarding, true),
                    (PartnerState::Active, true),
                    (PartnerState::Suspended, action == Close),
                    (PartnerState::Terminated, action == Close),
                ] {
                    let facts = Facts { action, state, has_agreed: false, partner_state };
                    assert_eq!(decide(&facts).is_granted(), allowed.contains(&action) && eligible, "{facts:?}");
                    let facts = Facts { has_agreed: true, ..facts };
                    let wanted = allowed.contains(&action) && eligible && action != Agree;
                    assert_eq!(decide(&facts).is_granted(), wanted, "{facts:?}");
                }
            }
        }
    }
}
