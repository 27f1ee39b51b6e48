use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn line(issuer: &str, number: &str) -> Line {
    Line {
        issuer: issuer.to_owned(),
        number: number.to_owned(),
        issued_on: day("2026-04-01"),
        amount: 100,
        content_hash: None,
    }
}

#[test]
fn an_invoice_is_the_same_however_it_is_typed() {
    let key = |issuer, number| invoice_key(&line(issuer, number), Currency::EUR);
    let wanted = key("Acme GmbH", "RE-2026/17");
    for (issuer, number) in
        [("ACME GMBH", "re 2026 17"), (" Acme  GmbH.", "RE.2026.17"), ("Ａｃｍｅ GmbH", "RE–2026–17")]
    {
        assert_eq!(key(issuer, number), wanted, "{issuer} {number}");
    }
    for (issuer, number) in [("Acme AG", "RE-2026/17"), ("Acme GmbH", "RE-2026/18")] {
        assert_ne!(key(issuer, number), wanted);
    }
    assert_ne!(invoice_key(&line("Acme GmbH", "RE-2026/17"), Currency::USD), wanted);
    assert_ne!(invoice_key(&line("---", "1"), Currency::EUR), invoice_key(&line("+++", "1"), Currency::EUR));
}

fn submission() -> SubmissionInputs {
    SubmissionInputs {
        state: MdfRequestState::Approved,
        today: day("2026-05-17"),
        starts_on: day("2026-04-01"),
        claim_by: day("2026-05-17"),
        currency: Currency::EUR,
        invoice_currencies: vec![Currency::EUR],
        latest_invoice: Some(day("2026-05-17")),
        proofs: 1,
    }
}

#[test]
fn each_rule_of_claiming_refuses_by_its_name() {
    type Spoil = fn(&mut SubmissionInputs);
    let cases: [(&str, Code, Spoil); 9] = [
        ("approved", Code::WrongState, |inputs| inputs.state = MdfRequestState::Submitted),
        ("approved", Code::WrongState, |inputs| inputs.state = MdfRequestState::Claimed),
        ("approved", Code::WrongState, |inputs| inputs.state = MdfRequestState::Expired),
        ("begun", Code::WrongState, |inputs| inputs.today = day("2026-03-31")),
        ("in_time", Code::MdfClaimWindowClosed, |inputs| inputs.today = day("2026-05-18")),
        ("has_invoices", Code::Required, |inputs| inputs.latest_invoice = None),
        ("has_proofs", Code::Required, |inputs| inputs.proofs = 0),
        ("currency", Code::CurrencyMismatch, |inputs| inputs.invoice_currencies.push(Currency::USD)),
        ("dated", Code::OutOfRange, |inputs| inputs.latest_invoice = Some(day("2026-05-18"))),
    ];
    assert!(decide_submission(&submission()).is_granted());
    for (rule, code, spoil) in cases {
        let mut inputs = submission();
        spoil(&mut inputs);
        let (receipt, refused) = decide_submission(&inputs).finish();
        assert_eq!(refused.map(|(code, _)| code), Some(code), "{rule}");
        assert_eq!(receipt.steps.last().unwrap().rule, rule);
    }
}

#[test]
fn each_rule_of_approving_refuses_by_its_name() {
    let inputs = |state, cost, currency, rate_bp| ApprovalInputs {
        state,
        currency: Currency::EUR,
        claimed_cost: 200,
        accepted_cost: Money { minor_units: cost, currency },
        rate_bp,
        approved_amount: 100,
        execution_bp: 6_000,
    };
    let (submitted, euro) = (MdfClaimState::Submitted, Currency::EUR);
    let (decision, parts) = decide_approval(&inputs(submitted, 200, euro, 5_000));
    assert!(decision.is_granted());
    assert_eq!(parts, Some(Tranches { execution: 60, performance: 40, released: 0 }));
    for (rule, given) in [
        ("open", inputs(MdfClaimState::Approved, 200, euro, 5_000)),
        ("currency", inputs(submitted, 200, Currency::USD, 5_000)),
        ("within_claim", inputs(submitted, 201, euro, 5_000)),
        ("within_claim", inputs(submitted, 0, euro, 5_000)),
        ("tranches", inputs(submitted, 1, euro, 1)),
    ] {
        let (receipt, refused) = decide_approval(&given).0.finish();
        assert!(refused.is_some(), "{rule}");
        assert_eq!(receipt.steps.last().unwrap().rule, rule);
    }
}

#[test]
fn each_rule_of_paying_refuses_by_its_name() {
    let inputs = |state, paid_on: &str| PaymentInputs {
        state,
        payable_on: Some(day("2026-05-10")),
        paid_on: day(paid_on),
        today: day("2026-05-12"),
    };
    assert!(decide_payment(&inputs(MdfTrancheState::Payable, "2026-05-10")).is_granted());
    for (rule, given) in [
        ("not_paid", inputs(MdfTrancheState::Paid, "2026-05-10")),
        ("payable", inputs(MdfTrancheState::HeldBack, "2026-05-10")),
        ("payable", inputs(MdfTrancheState::NotEarned, "2026-05-10")),
        ("day", inputs(MdfTrancheState::Payable, "2026-05-09")),
        ("day", inputs(MdfTrancheState::Payable, "2026-05-13")),
    ] {
        let (receipt, refused) = decide_payment(&given).finish();
        assert!(refused.is_some(), "{rule}");
        assert_eq!(receipt.steps.last().unwrap().rule, rule);
    }
}
