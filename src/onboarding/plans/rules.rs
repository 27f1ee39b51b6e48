//! Who may change which step, and when a plan is done. The templates are in [`policy`].

pub mod policy;

use entity::value::{OnboardingStepKind, OnboardingStepState, PartnerState};
use serde::{Deserialize, Serialize};

use super::{
    model::{Details, Signature, Step},
    states::{EDGES, StepAction},
};
use crate::kernel::{code::Code, decision::Decision, graph};

/// The version of the rules below.
pub const POLICY_VERSION: i32 = 1;

/// What the decision to complete a step looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// What the step is about.
    pub kind: OnboardingStepKind,
    /// Where the step is.
    pub state: OnboardingStepState,
    /// Where the partner is.
    pub partner_state: PartnerState,
    /// Whether one of the partner's own people does it.
    pub by_partner: bool,
}

/// What is signed, next to the texts in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SigningFacts {
    /// The step, the partner and the person.
    pub step: Facts,
    /// What the person says that they sign.
    pub signed: Option<Signature>,
    /// The texts in force that the partner has not accepted.
    pub open: Vec<Signature>,
}

/// Whether somebody may complete a step at all.
#[must_use]
pub fn may_complete(facts: &Facts) -> bool {
    standing(Decision::begin("onboarding_step.complete", POLICY_VERSION, facts), facts).is_granted()
}

/// Whether a step is completed by what was given.
#[must_use]
pub fn decide(facts: &SigningFacts) -> Decision {
    let decision = standing(Decision::begin("onboarding_step.complete", POLICY_VERSION, facts), &facts.step);
    if facts.step.kind != OnboardingStepKind::SignAgreement {
        return decision;
    }
    let versions: Vec<String> = facts.open.iter().map(|open| open.version.to_string()).collect();
    decision.step(
        "agreement_in_force",
        // With everything accepted before, as when a waived step is insisted on again, nothing is left to sign.
        facts.open.is_empty() || facts.signed.as_ref().is_some_and(|signed| facts.open.contains(signed)),
        Code::AgreementOutdated,
        match versions.as_slice() {
            [] => "Everything is accepted.".to_owned(),
            versions => format!("To be signed: version {}. Read it and sign that one.", versions.join(", version ")),
        },
    )
}

fn standing(decision: Decision, facts: &Facts) -> Decision {
    let kind = facts.kind;
    decision
        .step(
            "partner_not_suspended",
            matches!(facts.partner_state, PartnerState::Onboarding | PartnerState::Active),
            Code::PartnerNotActive,
            format!("The partner is {}.", facts.partner_state),
        )
        .step(
            "completed_by_hand",
            by_hand(kind),
            Code::StepCompletesItself,
            format!("{kind} is completed {}.", if by_hand(kind) { "by a person" } else { "by the thing happening" }),
        )
        .step(
            "still_pending",
            graph::allows(EDGES, &facts.state, &StepAction::Complete),
            Code::WrongState,
            format!("The step is {}.", facts.state),
        )
        .step(
            "signed_by_the_partner",
            kind != OnboardingStepKind::SignAgreement || facts.by_partner,
            Code::NotAllowed,
            "The agreement is signed by the partner's own people.",
        )
}

/// Whether a person completes such a step, rather than the thing happening.
#[must_use]
pub const fn by_hand(kind: OnboardingStepKind) -> bool {
    match kind {
        OnboardingStepKind::SignAgreement | OnboardingStepKind::CompleteProfile | OnboardingStepKind::Other => true,
        OnboardingStepKind::InviteColleague
        | OnboardingStepKind::FinishFoundationCourse
        | OnboardingStepKind::AgreeJointBusinessPlan
        | OnboardingStepKind::RegisterFirstDeal => false,
    }
}

/// The field of the input that such a step cannot do without, if it was not given.
#[must_use]
pub const fn missing(kind: OnboardingStepKind, given: &Details) -> Option<&'static str> {
    match kind {
        OnboardingStepKind::SignAgreement if given.agreement.is_none() => Some("agreement"),
        OnboardingStepKind::CompleteProfile if given.text.is_none() => Some("text"),
        _ => None,
    }
}

/// What the decision about a change by staff looks at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StaffFacts {
    /// What they want to change.
    pub change: StepAction,
    /// Where the step is.
    pub state: OnboardingStepState,
    /// Where the partner is.
    pub partner_state: PartnerState,
}

/// Whether staff may change a step so.
#[must_use]
pub fn decide_change(facts: &StaffFacts) -> Decision {
    let possible = graph::allows(EDGES, &facts.state, &facts.change);
    Decision::begin("onboarding_step.change", POLICY_VERSION, facts)
        .step(
            "partner_not_suspended",
            matches!(facts.partner_state, PartnerState::Onboarding | PartnerState::Active),
            Code::PartnerNotActive,
            format!("The partner is {}.", facts.partner_state),
        )
        .step(
            "in_the_right_state",
            possible,
            Code::WrongState,
            format!("The step is {}; `allowedActions` says what can be done.", facts.state),
        )
}

/// Whether a plan is done: no required step is pending.
#[must_use]
pub fn is_done(steps: &[Step]) -> bool {
    steps.iter().all(|step| !step.required || step.state != OnboardingStepState::Pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_completed_by_hand_while_it_is_pending_and_the_partner_is_not_suspended() {
        use OnboardingStepKind as Kind;
        use OnboardingStepState as State;
        for (kind, state, partner_state, by_partner, wanted) in [
            (Kind::SignAgreement, State::Pending, PartnerState::Onboarding, true, None),
            (Kind::SignAgreement, State::Pending, PartnerState::Onboarding, false, Some(Code::NotAllowed)),
            (Kind::SignAgreement, State::Done, PartnerState::Onboarding, true, Some(Code::WrongState)),
            (Kind::CompleteProfile, State::Pending, PartnerState::Active, false, None),
            (Kind::CompleteProfile, State::Waived, PartnerState::Active, true, Some(Code::WrongState)),
            (Kind::CompleteProfile, State::Pending, PartnerState::Suspended, true, Some(Code::PartnerNotActive)),
            (Kind::CompleteProfile, State::Pending, PartnerState::Terminated, true, Some(Code::PartnerNotActive)),
            (Kind::InviteColleague, State::Pending, PartnerState::Onboarding, true, Some(Code::StepCompletesItself)),
            (
                Kind::AgreeJointBusinessPlan,
                State::Pending,
                PartnerState::Active,
                false,
                Some(Code::StepCompletesItself),
            ),
            (Kind::RegisterFirstDeal, State::Pending, PartnerState::Active, true, Some(Code::StepCompletesItself)),
            (Kind::Other, State::Pending, PartnerState::Onboarding, true, None),
        ] {
            let step = Facts { kind, state, partner_state, by_partner };
            assert_eq!(may_complete(&step), wanted.is_none(), "{step:?}");
            let open = Signature { version: 1, sha256: "aa".to_owned() };
            let facts = SigningFacts { step, signed: Some(open.clone()), open: vec![open] };
            assert_eq!(decide(&facts).finish().1.map(|(code, _)| code), wanted, "{facts:?}");
        }
    }

    #[test]
    fn only_a_text_in_force_can_be_signed() {
        let open = Signature { version: 2, sha256: "bb".to_owned() };
        for (signed, wanted) in [
            (None, Some(Code::AgreementOutdated)),
            (Some(Signature { version: 1, sha256: "bb".to_owned() }), Some(Code::AgreementOutdated)),
            (Some(Signature { version: 2, sha256: "aa".to_owned() }), Some(Code::AgreementOutdated)),
            (Some(open.clone()), None),
        ] {
            let step = Facts {
                kind: OnboardingStepKind::SignAgreement,
                state: OnboardingStepState::Pending,
                partner_state: PartnerState::Onboarding,
                by_partner: true,
            };
            let facts = SigningFacts { step, signed, open: vec![open.clone()] };
            assert_eq!(decide(&facts).finish().1.map(|(code, _)| code), wanted, "{facts:?}");
        }
    }

    #[test]
    fn staff_change_what_is_pending_and_take_back_what_they_waived() {
        use OnboardingStepState as State;
        use StepAction as Change;
        for (change, state, allowed) in [
            (Change::Waive, State::Pending, true),
            (Change::Waive, State::Done, false),
            (Change::Waive, State::Waived, false),
            (Change::Unwaive, State::Pending, false),
            (Change::Unwaive, State::Done, false),
            (Change::Unwaive, State::Waived, true),
            (Change::Reschedule, State::Pending, true),
            (Change::Reschedule, State::Done, false),
            (Change::Reschedule, State::Waived, false),
        ] {
            for (partner_state, eligible) in [
                (PartnerState::Onboarding, true),
                (PartnerState::Active, true),
                (PartnerState::Suspended, false),
                (PartnerState::Terminated, false),
            ] {
                let facts = StaffFacts { change, state, partner_state };
                assert_eq!(decide_change(&facts).is_granted(), allowed && eligible, "{facts:?}");
            }
        }
    }
}
