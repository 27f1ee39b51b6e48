//! Programs and allocations.

use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{Funds, euros, program};
use crate::support::{TestApp, race::race};

#[tokio::test]
async fn partners_read_what_programs_reimburse_but_not_their_budget() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let document =
        "{ mdfPrograms { totalCount nodes { name state currency budget { minorUnits } unallocated { minorUnits }
        activityTypes { activityType reimbursementRateBp cap { amount } } executionTrancheBp performanceTrancheBp
        claimWindowDays measurementWindowDays allowedActions editableFields nextDeadlineAt version } } }";
    let seen = funds.marketer.ask(document, Value::Null).await;
    let node = &seen.data["mdfPrograms"]["nodes"][0];
    assert_eq!(seen.data["mdfPrograms"]["totalCount"], 1, "{seen:?}");
    assert_eq!((&node["state"], &node["budget"], &node["unallocated"]), (&json!("OPEN"), &Value::Null, &Value::Null));
    assert_eq!(node["activityTypes"][0]["cap"]["amount"], "600.00");
    assert_eq!((&node["executionTrancheBp"], &node["performanceTrancheBp"]), (&json!(6000), &json!(4000)));
    assert_eq!((&node["claimWindowDays"], &node["measurementWindowDays"]), (&json!(45), &json!(90)));
    assert_eq!(node["allowedActions"], json!(["REQUEST"]));
    assert_eq!(node["nextDeadlineAt"], "2027-01-01T00:00:00.000000Z");

    let seen = funds.ops.ask(document, Value::Null).await;
    let node = &seen.data["mdfPrograms"]["nodes"][0];
    assert_eq!(node["budget"]["minorUnits"], "10000000");
    assert_eq!(node["unallocated"]["minorUnits"], "9920000");
    assert_eq!(node["allowedActions"], json!(["ALLOCATE"]));

    let seller = app.person("sam@acme.example", Some(funds.partner_id), &[Role::Seller]).await;
    let refused = seller.ask("{ mdfPrograms { nodes { id } } }", Value::Null).await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn a_program_that_cannot_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let before = funds.picture().await;
    for (field, value, code) in [
        ("name", json!(" "), "REQUIRED"),
        ("endsOn", json!("2025-12-31"), "OUT_OF_RANGE"),
        ("endsOn", json!("2026-01-31"), "OUT_OF_RANGE"),
        ("budget", euros(0), "OUT_OF_RANGE"),
        ("activityTypes", json!([]), "REQUIRED"),
        (
            "activityTypes",
            json!([{ "activityType": "BRAND_ONLY", "reimbursementRateBp": 5000, "cap": euros(1) }]),
            "MDF_ACTIVITY_NOT_ELIGIBLE",
        ),
        (
            "activityTypes",
            json!([{ "activityType": "WEBINAR", "reimbursementRateBp": 5000, "cap": { "minorUnits": 1, "currency": "USD" } }]),
            "CURRENCY_MISMATCH",
        ),
        ("executionTrancheBp", json!(10_001), "OUT_OF_RANGE"),
    ] {
        let mut input = program();
        input[field] = value;
        assert_eq!(funds.ops.refused("createMdfProgram", input).await, [code], "{field}");
    }
    let forbidden = funds
        .marketer
        .ask(
            "mutation($input: CreateMdfProgramInput!) { createMdfProgram(input: $input) { userErrors { code } } }",
            json!({ "input": program() }),
        )
        .await;
    assert_eq!(forbidden.errors[0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(funds.picture().await, before);
}

#[tokio::test]
async fn an_allocation_follows_the_formula_and_is_made_once() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    assert_eq!(funds.balance().await, [80_000, 0, 0, 0, 0]);
    let other = app.partner("zenith.example").await;
    let input = funds.allocation(other, 10_000_000);
    let made = funds
        .ops
        .done(
            "allocateMdf",
            input,
            "allocation { amount { minorUnits } lambdaBp factorBp partner { name } } receipt { outcome steps { rule } }",
        )
        .await;
    assert_eq!(made["allocation"]["amount"]["minorUnits"], "8000000");
    assert_eq!((&made["allocation"]["lambdaBp"], &made["allocation"]["factorBp"]), (&json!(4000), &json!(5000)));
    assert_eq!(made["receipt"]["outcome"], "GRANTED");

    let before = funds.picture().await;
    assert_eq!(funds.ops.refused("allocateMdf", funds.allocation(other, 1_000)).await, ["MDF_ALREADY_ALLOCATED"]);
    let third = app.partner("third.example").await;
    assert_eq!(funds.ops.refused("allocateMdf", funds.allocation(third, 10_000_000)).await, ["MDF_FUNDS_INSUFFICIENT"]);
    let gone = app.partner_in("gone.example", PartnerState::Suspended, &[PartnerType::Reseller]).await;
    assert_eq!(funds.ops.refused("allocateMdf", funds.allocation(gone, 1_000)).await, ["PARTNER_NOT_ACTIVE"]);
    let mut dollars = funds.allocation(third, 1_000);
    dollars["potential"]["currency"] = json!("USD");
    assert_eq!(funds.ops.refused("allocateMdf", dollars).await, ["CURRENCY_MISMATCH"]);
    let mut nobody = funds.allocation(third, 1_000);
    nobody["partnerId"] = json!("ptr_00000000000000000000000000000001");
    assert_eq!(funds.ops.refused("allocateMdf", nobody).await, ["NOT_FOUND"]);
    let mut nothing = funds.allocation(third, 1_000);
    nothing["programId"] = json!("mpr_00000000000000000000000000000001");
    assert_eq!(funds.ops.refused("allocateMdf", nothing).await, ["NOT_FOUND"]);
    let after = funds.picture().await;
    // The two partners of this test came with audit events of their own.
    assert_eq!(after.1, before.1);
}

#[tokio::test]
async fn a_program_is_never_over_allocated_whatever_happens_at_once() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let mut partners = Vec::new();
    for number in 0..12 {
        partners.push(app.partner(&format!("p{number}.example")).await);
    }
    // 9,920,000 are left: three times 3,200,000 go in.
    let funds = &funds;
    let partners = &partners;
    let answers = race(12, |number| async move {
        let input = funds.allocation(partners[number], 4_000_000);
        let answer = funds
            .ops
            .ask(
                "mutation($input: AllocateMdfInput!) { allocateMdf(input: $input) { allocation { id } userErrors { code } } }",
                json!({ "input": input }),
            )
            .await;
        answer.data["allocateMdf"]["allocation"]["id"].is_string()
    })
    .await;
    assert_eq!(answers.iter().filter(|done| **done).count(), 3);
    funds.check_ledger().await;
    app.check().await;
}
