//! The policy of onboarding (`domain.md §2`): the templates of plans, when a plan counts as stalled, and what follows
//! when an agreement is not accepted in time.

use std::collections::{BTreeMap, BTreeSet};

use entity::value::{OnboardingStepKind, PartnerType, PartnerTypes};
use serde::{Deserialize, Serialize};

use crate::{kernel::code::Code, onboarding::plans::model::Planned, platform::policies::Policy};

/// The policy of onboarding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct OnboardingPolicy {
    /// The steps that each type of partner goes through.
    pub templates: Vec<Template>,
    /// After so many days without a step done, onboarding counts as stalled.
    pub stalled_after_days: i64,
    /// Whether nothing new can be started once an agreement's date of grace has passed.
    pub overdue_agreement_blocks: bool,
}

/// The steps that a type of partner goes through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Template {
    /// The type.
    pub partner_type: PartnerType,
    /// Its steps.
    pub steps: Vec<TemplateStep>,
}

/// A step of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateStep {
    /// What it is about.
    pub kind: OnboardingStepKind,
    /// Whether the partner becomes active only with it.
    pub required: bool,
    /// How many days after the approval it is due.
    pub due_after_days: i64,
}

/// Every type, each of which has a template.
const TYPES: [PartnerType; 7] = [
    PartnerType::Influence,
    PartnerType::Reseller,
    PartnerType::Distributor,
    PartnerType::SystemIntegrator,
    PartnerType::ManagedServiceProvider,
    PartnerType::SoftwareVendor,
    PartnerType::Retention,
];

/// How far away a due date, and how long the time without progress may be, in days.
const MOST_DAYS: i64 = 730;

impl Default for OnboardingPolicy {
    fn default() -> Self {
        Self {
            templates: TYPES.into_iter().map(shipped).collect(),
            stalled_after_days: 21,
            overdue_agreement_blocks: true,
        }
    }
}

impl Policy for OnboardingPolicy {
    const KIND: &'static str = "onboarding";
}

/// The shipped template of a type.
fn shipped(partner_type: PartnerType) -> Template {
    use OnboardingStepKind as Kind;
    use PartnerType as Type;
    let sells = matches!(
        partner_type,
        Type::Reseller | Type::Distributor | Type::SystemIntegrator | Type::ManagedServiceProvider
    );
    let trained = matches!(partner_type, Type::SystemIntegrator | Type::ManagedServiceProvider | Type::Retention);
    let step = |(kind, required, due_after_days)| TemplateStep { kind, required, due_after_days };
    let steps = [
        (Kind::SignAgreement, true, 7),
        (Kind::CompleteProfile, true, 14),
        (Kind::InviteColleague, false, 14),
        (Kind::FinishFoundationCourse, trained, 30),
        (Kind::AgreeJointBusinessPlan, sells, 45),
        (Kind::RegisterFirstDeal, false, 60),
    ];
    Template { partner_type, steps: steps.into_iter().map(step).collect() }
}

impl OnboardingPolicy {
    /// The plan of a partner of these types: every step that one of them has, each once, due at the earliest of their
    /// dates, and required when one of them requires it.
    #[must_use]
    pub fn plan_of(&self, types: &PartnerTypes) -> Vec<Planned> {
        let mut plan: BTreeMap<OnboardingStepKind, Planned> = BTreeMap::new();
        for template in self.templates.iter().filter(|template| types.has(template.partner_type)) {
            for TemplateStep { kind, required, due_after_days } in template.steps.iter().copied() {
                let planned = plan.entry(kind).or_insert(Planned { kind, required, due_days: due_after_days });
                planned.required |= required;
                planned.due_days = planned.due_days.min(due_after_days);
            }
        }
        plan.into_values().collect()
    }

    /// What is wrong with it as a policy: the field, the code, and a sentence.
    #[must_use]
    pub fn problem(&self) -> Option<(String, Code, String)> {
        let given: BTreeSet<_> = self.templates.iter().map(|template| template.partner_type).collect();
        if given.len() != self.templates.len() || given.len() != TYPES.len() {
            let sentence = "Give one template for each type of partner.".to_owned();
            return Some(("templates".to_owned(), Code::Malformed, sentence));
        }
        if !(1..=MOST_DAYS).contains(&self.stalled_after_days) {
            return Some(("stalledAfterDays".to_owned(), Code::OutOfRange, days()));
        }
        self.templates.iter().enumerate().find_map(|(place, template)| {
            let field = format!("templates.{place}.steps");
            template.problem().map(|(code, sentence)| (field, code, sentence))
        })
    }
}

impl Template {
    fn problem(&self) -> Option<(Code, String)> {
        let kinds: BTreeSet<_> = self.steps.iter().map(|step| step.kind).collect();
        if kinds.len() != self.steps.len() || kinds.contains(&OnboardingStepKind::Other) {
            return Some((
                Code::Malformed,
                "A template has each kind of step at most once, and none of OTHER.".to_owned(),
            ));
        }
        if !self.steps.iter().any(|step| step.required) {
            return Some((Code::Required, "A partner becomes active by a required step: ask for one.".to_owned()));
        }
        let first = self.steps.iter().any(|step| step.kind == OnboardingStepKind::RegisterFirstDeal && step.required);
        if first {
            let sentence = "A first deal is never required: deals are protected for active partners only.".to_owned();
            return Some((Code::Malformed, sentence));
        }
        let in_range = |step: &TemplateStep| (0..=MOST_DAYS).contains(&step.due_after_days);
        (!self.steps.iter().all(in_range)).then(|| (Code::OutOfRange, days()))
    }
}

fn days() -> String {
    format!("At most {MOST_DAYS} days.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn required(types: &[PartnerType]) -> Vec<OnboardingStepKind> {
        let plan = OnboardingPolicy::default().plan_of(&types.iter().copied().collect());
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
    fn several_types_go_through_the_union_at_the_earliest_dates() {
        let step = |kind, required, due_after_days| TemplateStep { kind, required, due_after_days };
        let (sign, course) = (OnboardingStepKind::SignAgreement, OnboardingStepKind::FinishFoundationCourse);
        let policy = OnboardingPolicy {
            templates: vec![
                Template {
                    partner_type: PartnerType::Reseller,
                    steps: vec![step(sign, true, 9), step(course, false, 5)],
                },
                Template {
                    partner_type: PartnerType::Retention,
                    steps: vec![step(course, true, 20), step(sign, true, 3)],
                },
            ],
            ..OnboardingPolicy::default()
        };
        let plan = policy.plan_of(&[PartnerType::Reseller, PartnerType::Retention].into_iter().collect());
        let planned = |kind, due_days| Planned { kind, required: true, due_days };
        assert_eq!(plan, [planned(sign, 3), planned(course, 5)]);
    }

    #[test]
    fn a_policy_that_would_leave_partners_stuck_is_refused() {
        let shipped = OnboardingPolicy::default();
        assert_eq!(shipped.problem(), None);
        let with = |steps: Vec<TemplateStep>| {
            let mut policy = shipped.clone();
            policy.templates[0].steps = steps;
            policy
        };
        let step = |kind, required, due_after_days| TemplateStep { kind, required, due_after_days };
        let sign = step(OnboardingStepKind::SignAgreement, true, 7);
        for (policy, code) in [
            (OnboardingPolicy { templates: shipped.templates[1..].to_vec(), ..shipped.clone() }, Code::Malformed),
            (OnboardingPolicy { stalled_after_days: 0, ..shipped.clone() }, Code::OutOfRange),
            (with(vec![]), Code::Required),
            (with(vec![sign, sign]), Code::Malformed),
            (with(vec![sign, step(OnboardingStepKind::Other, true, 7)]), Code::Malformed),
            (with(vec![sign, step(OnboardingStepKind::RegisterFirstDeal, true, 7)]), Code::Malformed),
            (with(vec![step(OnboardingStepKind::SignAgreement, true, 731)]), Code::OutOfRange),
            (with(vec![step(OnboardingStepKind::SignAgreement, true, -1)]), Code::OutOfRange),
        ] {
            assert_eq!(policy.problem().map(|(_, found, _)| found), Some(code), "{policy:?}");
        }
    }

    proptest! {
        #[test]
        fn a_plan_has_each_step_once_and_more_types_never_require_less(picked in prop::collection::vec(0usize..7, 1..7), more in 0usize..7) {
            let mut types: Vec<_> = picked.iter().map(|index| TYPES[*index]).collect();
            let before = required(&types);
            let plan = OnboardingPolicy::default().plan_of(&types.iter().copied().collect());
            prop_assert_eq!(plan.len(), 6);
            types.push(TYPES[more]);
            let after = required(&types);
            prop_assert!(before.iter().all(|kind| after.contains(kind)));
            prop_assert!(!after.contains(&OnboardingStepKind::RegisterFirstDeal));
        }
    }
}
