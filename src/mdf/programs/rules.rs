//! Whether a program may be created.

use entity::value::{Day, MdfActivityType};
use serde::Serialize;

use super::model::NewProgram;
use crate::kernel::{code::Code, decision::Decision};

/// What the decision sees.
#[derive(Serialize)]
pub struct Inputs<'a> {
    /// The program as wanted.
    pub program: &'a NewProgram,
    /// The day of the decision.
    pub today: Day,
}

/// Whether the program may be created.
pub fn decide_creation(inputs: &Inputs<'_>) -> Decision {
    let program = inputs.program;
    let mut types: Vec<MdfActivityType> = program.activities.iter().map(|rule| rule.activity_type).collect();
    types.sort_unstable();
    let count = types.len();
    types.dedup();
    let part = |bp: i64| (1..=10_000).contains(&bp);
    let window = |days: i64| (1..=366).contains(&days);
    Decision::begin("mdf_program.create", 1, inputs)
        .step(
            "period",
            program.starts_on <= program.ends_on,
            Code::OutOfRange,
            "The period ends on or after the day on which it starts.",
        )
        .step("period_not_over", program.ends_on >= inputs.today, Code::OutOfRange, "The period is not over yet.")
        .step("activities", !types.is_empty(), Code::Required, "At least one type of activity is eligible.")
        .step("activities_once", types.len() == count, Code::Malformed, "Each type of activity is named once.")
        .step(
            "generates_pipeline",
            !types.contains(&MdfActivityType::BrandOnly),
            Code::MdfActivityNotEligible,
            "Only activities that can generate pipeline are eligible; BRAND_ONLY is not.",
        )
        .step(
            "rates",
            program.activities.iter().all(|rule| part(rule.rate_bp)),
            Code::OutOfRange,
            "A reimbursement rate is from 1 to 10,000 basis points.",
        )
        .step(
            "tranches",
            (0..=10_000).contains(&program.execution_bp),
            Code::OutOfRange,
            "The execution part is from 0 to 10,000 basis points.",
        )
        .step(
            "windows",
            window(program.claim_window_days) && window(program.measurement_window_days),
            Code::OutOfRange,
            "Windows are from 1 to 366 days long.",
        )
}

/// The field of the input that a rule is about.
pub fn field_of(rule: &str) -> &'static str {
    match rule {
        "period" | "period_not_over" => "endsOn",
        "tranches" => "executionTrancheBp",
        "windows" => "claimWindowDays",
        _ => "activityTypes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mdf::programs::model::ActivityRule;

    fn program() -> NewProgram {
        NewProgram {
            name: "2026".to_owned(),
            starts_on: "2026-01-01".parse().unwrap(),
            ends_on: "2026-12-31".parse().unwrap(),
            currency: entity::value::Currency::EUR,
            budget: 1_000_000,
            activities: vec![ActivityRule { activity_type: MdfActivityType::Webinar, rate_bp: 5_000, cap: 500_000 }],
            execution_bp: 6_000,
            claim_window_days: 45,
            measurement_window_days: 90,
        }
    }

    #[test]
    fn each_rule_refuses_by_its_name() {
        type Spoil = fn(&mut NewProgram);
        let cases: [(&str, Spoil); 8] = [
            ("", |_| ()),
            ("period", |program| program.starts_on = "2027-01-01".parse().unwrap()),
            ("activities", |program| program.activities.clear()),
            ("activities_once", |program| program.activities.extend(program.activities.clone())),
            ("generates_pipeline", |program| program.activities[0].activity_type = MdfActivityType::BrandOnly),
            ("rates", |program| program.activities[0].rate_bp = 10_001),
            ("tranches", |program| program.execution_bp = -1),
            ("windows", |program| program.claim_window_days = 0),
        ];
        for (wanted, spoil) in cases {
            let mut program = program();
            spoil(&mut program);
            let today = "2026-03-02".parse().unwrap();
            let (receipt, refused) = decide_creation(&Inputs { program: &program, today }).finish();
            assert_eq!(refused.is_some(), !wanted.is_empty(), "{wanted}");
            if refused.is_some() {
                assert_eq!(receipt.steps.last().unwrap().rule, wanted);
            }
        }
        let late = "2027-01-01".parse().unwrap();
        assert!(!decide_creation(&Inputs { program: &program(), today: late }).is_granted());
    }
}
