//! The template of onboarding plans, who may complete a step, and when a plan is done.

use entity::value::{OnboardingStepKind, OnboardingStepState, PartnerState, PartnerType, PartnerTypes};
use serde::{Deserialize, Serialize};

use super::model::{Details, Planned, Signature, Step};
use crate::kernel::{code::Code, decision::Decision};

/// The version of the template and of the rules below.
pub const POLICY_VERSION: i32 = 1;

/// The plan of a partner: the steps of each of its types, each once; required when one of the types requires it.
#[must_use]
pub fn template(types: &PartnerTypes) -> Vec<Planned> {
    use OnboardingStepKind as Kind;
    let required = |kind: Kind| types.iter().any(|ty| requires(ty, kind));
    [
        (Kind::SignAgreement, 7),
        (Kind::CompleteProfile, 14),
        (Kind::InviteColleague, 14),
        (Kind::FinishFoundationCourse, 30),
        (Kind::AgreeJointBusinessPlan, 45),
        (Kind::RegisterFirstDeal, 60),
    ]
    .into_iter()
    .map(|(kind, due_days)| Planned { kind, required: required(kind), due_days })
    .collect()
}

/// A first deal is never required: a deal is protected for active partners only.
fn requires(ty: PartnerType, kind: OnboardingStepKind) -> bool {
    use OnboardingStepKind as Kind;
    match kind {
        Kind::SignAgreement | Kind::CompleteProfile => true,
        Kind::InviteColleague | Kind::RegisterFirstDeal => false,
        Kind::FinishFoundationCourse => {
            matches!(ty, PartnerType::SystemIntegrator | PartnerType::ManagedServiceProvider | PartnerType::Retention)
        }
        Kind::AgreeJointBusinessPlan => matches!(
            ty,
            PartnerType::Reseller
                | PartnerType::Distributor
                | PartnerType::SystemIntegrator
                | PartnerType::ManagedServiceProvider
        ),
    }
}

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

/// What is signed, next to the text in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SigningFacts {
    /// The step, the partner and the person.
    pub step: Facts,
    /// What the person says that they sign.
    pub signed: Option<Signature>,
    /// The text in force.
    pub in_force: Signature,
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
    decision.step(
        "agreement_in_force",
        facts.signed.as_ref() == Some(&facts.in_force),
        Code::AgreementOutdated,
        format!("Version {} of the agreement is in force; read it and sign that one.", facts.in_force.version),
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
            facts.state == OnboardingStepState::Pending,
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
        OnboardingStepKind::SignAgreement
        | OnboardingStepKind::CompleteProfile
        | OnboardingStepKind::AgreeJointBusinessPlan => true,
        OnboardingStepKind::InviteColleague
        | OnboardingStepKind::FinishFoundationCourse
        | OnboardingStepKind::RegisterFirstDeal => false,
    }
}

/// The field of the input that such a step cannot do without, if it was not given.
#[must_use]
pub const fn missing(kind: OnboardingStepKind, given: &Details) -> Option<&'static str> {
    match kind {
        OnboardingStepKind::SignAgreement if given.agreement.is_none() => Some("agreement"),
        OnboardingStepKind::CompleteProfile | OnboardingStepKind::AgreeJointBusinessPlan if given.text.is_none() => {
            Some("text")
        }
        _ => None,
    }
}

/// Whether a plan is done: no required step is pending.
#[must_use]
pub fn is_done(steps: &[Step]) -> bool {
    steps.iter().all(|step| !step.required || step.state != OnboardingStepState::Pending)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPES: [PartnerType; 7] = [
        PartnerType::Influence,
        PartnerType::Reseller,
        PartnerType::Distributor,
        PartnerType::SystemIntegrator,
        PartnerType::ManagedServiceProvider,
        PartnerType::SoftwareVendor,
        PartnerType::Retention,
    ];

    fn required(types: &[PartnerType]) -> Vec<OnboardingStepKind> {
        let plan = template(&types.iter().copied().collect());
        plan.into_iter().filter(|step| step.required).map(|step| step.kind).collect()
    }

    #[test]
    fn each_type_requires_its_own_steps() {
        use OnboardingStepKind as Kind;
        let (sign, profile) = (Kind::SignAgreement, Kind::CompleteProfile);
        let (course, plan) = (Kind::FinishFoundationCourse, Kind::AgreeJointBusinessPlan);
        for (ty, wanted) in [
            (PartnerType::Influence, vec![sign, profile]),
            (PartnerType::Reseller, vec![sign, profile, plan]),
            (PartnerType::Distributor, vec![sign, profile, plan]),
            (PartnerType::SystemIntegrator, vec![sign, profile, course, plan]),
            (PartnerType::ManagedServiceProvider, vec![sign, profile, course, plan]),
            (PartnerType::SoftwareVendor, vec![sign, profile]),
            (PartnerType::Retention, vec![sign, profile, course]),
        ] {
            assert_eq!(required(&[ty]), wanted, "{ty}");
        }
    }

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
            (Kind::RegisterFirstDeal, State::Pending, PartnerState::Active, true, Some(Code::StepCompletesItself)),
        ] {
            let step = Facts { kind, state, partner_state, by_partner };
            assert_eq!(may_complete(&step), wanted.is_none(), "{step:?}");
            let in_force = Signature { version: 1, sha256: "aa".to_owned() };
            let facts = SigningFacts { step, signed: Some(in_force.clone()), in_force };
            assert_eq!(decide(&facts).finish().1.map(|(code, _)| code), wanted, "{facts:?}");
        }
    }

    #[test]
    fn only_the_text_in_force_can_be_signed() {
        let in_force = Signature { version: 2, sha256: "bb".to_owned() };
        for (signed, wanted) in [
            (None, Some(Code::AgreementOutdated)),
            (Some(Signature { version: 1, sha256: "bb".to_owned() }), Some(Code::AgreementOutdated)),
            (Some(Signature { version: 2, sha256: "aa".to_owned() }), Some(Code::AgreementOutdated)),
            (Some(in_force.clone()), None),
        ] {
            let step = Facts {
                kind: OnboardingStepKind::SignAgreement,
                state: OnboardingStepState::Pending,
                partner_state: PartnerState::Onboarding,
                by_partner: true,
            };
            let facts = SigningFacts { step, signed, in_force: in_force.clone() };
            assert_eq!(decide(&facts).finish().1.map(|(code, _)| code), wanted, "{facts:?}");
        }
    }

    proptest! {
        #[test]
        fn a_plan_has_each_step_once_and_more_types_never_require_less(picked in prop::collection::vec(0usize..7, 1..7), more in 0usize..7) {
            let mut types: Vec<_> = picked.iter().map(|index| TYPES[*index]).collect();
            let before = required(&types);
            let plan = template(&types.iter().copied().collect());
            prop_assert_eq!(plan.len(), 6);
            types.push(TYPES[more]);
            let after = required(&types);
            prop_assert!(before.iter().all(|kind| after.contains(kind)));
            prop_assert!(!after.contains(&OnboardingStepKind::RegisterFirstDeal));
        }
    }
}
