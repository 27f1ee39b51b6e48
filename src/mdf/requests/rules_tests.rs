use entity::value::MdfActivityType;

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn euros(minor_units: i64) -> Money {
    Money { minor_units, currency: Currency::EUR }
}

fn asked() -> RequestInputs {
    RequestInputs {
        partner_state: PartnerState::Active,
        today: day("2026-03-02"),
        program_starts_on: day("2026-01-01"),
        program_ends_on: day("2026-12-31"),
        currency: Currency::EUR,
        activity_type: MdfActivityType::Webinar,
        activity_rule: Some(ActivityRule { activity_type: MdfActivityType::Webinar, rate_bp: 5_000, cap: 60_000 }),
        starts_on: day("2026-03-02"),
        ends_on: day("2026-03-03"),
        planned_cost: euros(100_000),
        requested_amount: euros(50_000),
        target_leads: 30,
        target_pipeline: euros(1_000_000),
    }
}

#[test]
fn each_rule_of_asking_refuses_by_its_name() {
    type Spoil = fn(&mut RequestInputs);
    let cases: [(&str, Code, Spoil); 10] = [
        ("partner_active", Code::PartnerNotActive, |inputs| inputs.partner_state = PartnerState::Suspended),
        ("eligible", Code::MdfActivityNotEligible, |inputs| inputs.activity_rule = None),
        ("currency", Code::CurrencyMismatch, |inputs| inputs.target_pipeline.currency = Currency::USD),
        ("dates", Code::OutOfRange, |inputs| inputs.ends_on = day("2026-03-01")),
        ("not_retroactive", Code::MdfActivityStarted, |inputs| inputs.starts_on = day("2026-03-01")),
        ("within_period", Code::OutOfRange, |inputs| inputs.ends_on = day("2027-01-01")),
        ("within_rate", Code::OutOfRange, |inputs| inputs.requested_amount = euros(50_001)),
        ("within_cap", Code::OutOfRange, |inputs| {
            inputs.planned_cost = euros(1_000_000);
            inputs.requested_amount = euros(60_001);
        }),
        ("targets", Code::OutOfRange, |inputs| inputs.target_leads = 0),
        ("partner_active", Code::PartnerNotActive, |inputs| inputs.partner_state = PartnerState::Terminated),
    ];
    assert!(decide_request(&asked()).is_granted());
    for (rule, code, spoil) in cases {
        let mut inputs = asked();
        spoil(&mut inputs);
        let (receipt, refused) = decide_request(&inputs).finish();
        assert_eq!(refused.map(|(code, _)| code), Some(code), "{rule}");
        assert_eq!(receipt.steps.last().unwrap().rule, rule);
    }
}

fn approved() -> ApprovalInputs {
    ApprovalInputs {
        state: MdfRequestState::Submitted,
        partner_state: PartnerState::Active,
        today: day("2026-03-02"),
        starts_on: day("2026-03-02"),
        currency: Currency::EUR,
        requested_amount: 50_000,
        amount: euros(50_000),
        available: 50_000,
    }
}

#[test]
fn each_rule_of_approving_refuses_by_its_name() {
    type Spoil = fn(&mut ApprovalInputs);
    let cases: [(&str, Code, Spoil); 8] = [
        ("open", Code::WrongState, |inputs| inputs.state = MdfRequestState::Rejected),
        ("open", Code::WrongState, |inputs| inputs.state = MdfRequestState::Approved),
        ("partner_active", Code::PartnerNotActive, |inputs| inputs.partner_state = PartnerState::Suspended),
        ("not_started", Code::MdfActivityStarted, |inputs| inputs.today = day("2026-03-03")),
        ("currency", Code::CurrencyMismatch, |inputs| inputs.amount.currency = Currency::USD),
        ("within_request", Code::OutOfRange, |inputs| inputs.amount = euros(50_001)),
        ("within_request", Code::OutOfRange, |inputs| inputs.amount = euros(0)),
        ("funds", Code::MdfFundsInsufficient, |inputs| inputs.available = 49_999),
    ];
    assert!(decide_approval(&approved()).is_granted());
    for (rule, code, spoil) in cases {
        let mut inputs = approved();
        spoil(&mut inputs);
        let (receipt, refused) = decide_approval(&inputs).finish();
        assert_eq!(refused.map(|(code, _)| code), Some(code), "{rule}");
        assert_eq!(receipt.steps.last().unwrap().rule, rule);
    }
}
