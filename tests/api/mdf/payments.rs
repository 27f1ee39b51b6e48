//! Payments: a tranche pays once, a reference pays once, and who approved does not pay.

use entity::value::Role;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::Funds;
use crate::support::{TestApp, race::race};

const PAID: &str = "claim { state version tranches { state paidAt payment { reference paidOn amount { minorUnits } recordedBy { name } } }
    payments { reference } request { state } }";

fn payment(tranche_id: &str, reference: &str) -> serde_json::Value {
    json!({ "trancheId": tranche_id, "reference": reference, "paidOn": "2026-04-02" })
}

#[tokio::test]
async fn finance_records_a_payment() {
    let app = TestApp::start().await;
    let (funds, tranches) = Funds::new(&app).await.payable(&["RE-1"]).await;
    let finance = app.staff(Role::Finance).await;
    assert_eq!(funds.balance().await, [60_000, 0, 12_000, 8_000, 0]);
    let seen = finance.ask("{ mdfClaims(filter: { payable: true }) { nodes { allowedActions } } }", json!(null)).await;
    assert_eq!(seen.data["mdfClaims"]["nodes"], json!([{ "allowedActions": ["RECORD_PAYMENT"] }]));
    let paid = finance.done("recordMdfPayment", payment(&tranches[0], "SEPA-1"), PAID).await["claim"].clone();
    assert_eq!((&paid["state"], &paid["version"]), (&json!("APPROVED"), &json!(3)));
    assert_eq!(paid["tranches"][0]["state"], "PAID");
    assert_eq!(paid["tranches"][0]["payment"]["amount"]["minorUnits"], "12000");
    assert_eq!(paid["tranches"][1]["state"], "HELD_BACK");
    assert_eq!(paid["payments"], json!([{ "reference": "SEPA-1" }]));
    assert_eq!(funds.balance().await, [60_000, 0, 0, 8_000, 12_000]);
    funds.check_ledger().await;
}

#[tokio::test]
async fn a_claim_without_anything_held_back_is_settled_by_its_payment() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let id = funds.approved(20_000).await;
    let funds = funds.later(31).await;
    // So little is proven that the execution tranche takes all of it.
    let claim_id = funds.claimed(&id, "RE-1", 10_000).await;
    let approved = funds.ops.done("approveMdfClaim", json!({ "claimId": claim_id }), "claim { tranches { id } }").await;
    assert_eq!(approved["claim"]["tranches"].as_array().unwrap().len(), 1);
    let tranche = approved["claim"]["tranches"][0]["id"].as_str().unwrap();
    let finance = app.staff(Role::Finance).await;
    let paid = finance.done("recordMdfPayment", payment(tranche, "SEPA-1"), PAID).await["claim"].clone();
    assert_eq!((&paid["state"], &paid["request"]["state"]), (&json!("SETTLED"), &json!("SETTLED")));
    assert_eq!(funds.balance().await, [75_000, 0, 0, 0, 5_000]);
    funds.check_ledger().await;
}

#[tokio::test]
async fn a_payment_that_may_not_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let (funds, tranches) = Funds::new(&app).await.payable(&["RE-1", "RE-2"]).await;
    let finance = app.staff(Role::Finance).await;
    let admin = app.staff(Role::Admin).await;
    finance.done("recordMdfPayment", payment(&tranches[0], "SEPA 1"), "").await;
    let held = funds.ops.ask("{ mdfClaims { nodes { tranches { id state } } } }", json!(null)).await;
    let held = held.data["mdfClaims"]["nodes"][0]["tranches"][1].clone();
    assert_eq!(held["state"], "HELD_BACK");
    let before = funds.picture().await;
    for (input, code) in [
        (payment(&tranches[0], "SEPA-2"), "MDF_ALREADY_PAID"),
        // One reference pays once, however it is typed.
        (payment(&tranches[1], "sepa-1"), "MDF_PAYMENT_REFERENCE_USED"),
        (payment(&tranches[1], " "), "REQUIRED"),
        (payment(held["id"].as_str().unwrap(), "SEPA-3"), "MDF_TRANCHE_NOT_PAYABLE"),
        (payment("mtr_00000000000000000000000000000001", "SEPA-3"), "NOT_FOUND"),
        (json!({ "trancheId": tranches[1], "reference": "SEPA-3", "paidOn": "2026-04-01" }), "OUT_OF_RANGE"),
        (json!({ "trancheId": tranches[1], "reference": "SEPA-3", "paidOn": "2026-04-03" }), "OUT_OF_RANGE"),
        (
            json!({ "trancheId": tranches[1], "reference": "SEPA-3", "paidOn": "2026-04-02", "expectedVersion": 1 }),
            "VERSION_CONFLICT",
        ),
    ] {
        assert_eq!(finance.refused("recordMdfPayment", input.clone()).await, [code], "{input}");
    }
    let document =
        "mutation($input: RecordMdfPaymentInput!) { recordMdfPayment(input: $input) { userErrors { code } } }";
    for person in [&funds.ops, &funds.marketer, &admin] {
        let answer = person.ask(document, json!({ "input": payment(&tranches[1], "SEPA-3") })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
    assert_eq!(funds.picture().await, before);
}

#[tokio::test]
async fn who_approved_does_not_pay() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let both = app.person("fay@vendor.example", None, &[Role::ChannelOps, Role::Finance]).await;
    let (first, second) = (funds.request(10_000).await, funds.approved(10_000).await);
    both.done("approveMdfRequest", json!({ "requestId": first }), "").await;
    let funds = funds.later(31).await;
    let both = app.sign_in("fay@vendor.example").await;
    let mut tranches = Vec::new();
    // Once they approved the request, once the claim.
    for (request, number, approver) in [(&first, "RE-1", &funds.ops), (&second, "RE-2", &both)] {
        let claim_id = funds.claimed(request, number, 20_000).await;
        let approved =
            approver.done("approveMdfClaim", json!({ "claimId": claim_id }), "claim { tranches { id } }").await;
        tranches.push(approved["claim"]["tranches"][0]["id"].as_str().unwrap().to_owned());
    }
    let before = funds.picture().await;
    for (tranche, reference) in tranches.iter().zip(["SEPA-1", "SEPA-2"]) {
        assert_eq!(both.refused("recordMdfPayment", payment(tranche, reference)).await, ["FOUR_EYES"]);
    }
    let seen = both.ask("{ mdfClaims { nodes { allowedActions } } }", json!(null)).await;
    assert_eq!(seen.data["mdfClaims"]["nodes"], json!([{ "allowedActions": [] }, { "allowedActions": [] }]));
    assert_eq!(funds.picture().await, before);
}

#[tokio::test]
async fn twenty_payments_of_one_tranche_at_once_pay_once() {
    let app = TestApp::start().await;
    let (funds, tranches) = Funds::new(&app).await.payable(&["RE-1"]).await;
    let finance = app.staff(Role::Finance).await;
    let (finance, tranche) = (&finance, &tranches[0]);
    let document =
        "mutation($input: RecordMdfPaymentInput!) { recordMdfPayment(input: $input) { userErrors { code } } }";
    let answers = race(20, |number| async move {
        let input = payment(tranche, &format!("SEPA-{number}"));
        let answer = finance.ask(document, json!({ "input": input })).await;
        let errors = answer.data["recordMdfPayment"]["userErrors"].clone();
        assert!(errors == json!([]) || errors[0]["code"] == "MDF_ALREADY_PAID", "{answer:?}");
        errors == json!([])
    })
    .await;
    assert_eq!(answers.iter().filter(|done| **done).count(), 1);
    assert_eq!(funds.balance().await, [60_000, 0, 0, 8_000, 12_000]);
    funds.check_ledger().await;
    app.check().await;
}

#[tokio::test]
async fn one_reference_at_once_pays_one_of_several_tranches() {
    let app = TestApp::start().await;
    let (funds, tranches) = Funds::new(&app).await.payable(&["RE-1", "RE-2", "RE-3"]).await;
    let finance = app.staff(Role::Finance).await;
    let (finance, tranches) = (&finance, &tranches);
    let document =
        "mutation($input: RecordMdfPaymentInput!) { recordMdfPayment(input: $input) { userErrors { code } } }";
    let answers = race(3, |number| async move {
        let answer = finance.ask(document, json!({ "input": payment(&tranches[number], "SEPA-1") })).await;
        let errors = answer.data["recordMdfPayment"]["userErrors"].clone();
        assert!(errors == json!([]) || errors[0]["code"] == "MDF_PAYMENT_REFERENCE_USED", "{answer:?}");
        errors == json!([])
    })
    .await;
    assert_eq!(answers.iter().filter(|done| **done).count(), 1);
    assert_eq!(funds.balance().await[4], 12_000);
    funds.check_ledger().await;
    app.check().await;
}

#[tokio::test]
async fn the_same_key_pays_once_and_answers_the_same() {
    let app = TestApp::start().await;
    let (funds, tranches) = Funds::new(&app).await.payable(&["RE-1"]).await;
    let finance = app.staff(Role::Finance).await;
    let mut input = payment(&tranches[0], "SEPA-1");
    input["idempotencyKey"] = json!("k-1");
    let first = finance.done("recordMdfPayment", input.clone(), PAID).await;
    let before = funds.picture().await;
    assert_eq!(finance.done("recordMdfPayment", input.clone(), PAID).await, first);
    input["reference"] = json!("SEPA-2");
    assert_eq!(finance.refused("recordMdfPayment", input).await, ["IDEMPOTENCY_KEY_REUSED"]);
    assert_eq!(funds.picture().await, before);
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_payment_of_a_tranche_and_a_second_claim_of_a_request() {
    let app = TestApp::start().await;
    let (funds, tranches) = Funds::new(&app).await.payable(&["RE-1"]).await;
    let finance = app.staff(Role::Finance).await;
    finance.done("recordMdfPayment", payment(&tranches[0], "SEPA-1"), "").await;
    let before = funds.picture().await;
    for (sql, on_postgres, on_sqlite) in [
        (
            "insert into mdf_payments (id, tranche_id, claim_id, reference, reference_key, amount, paid_on, recorded_at)
             select tranche_id, tranche_id, claim_id, 'SEPA-2', 'sepa2', amount, paid_on, recorded_at from mdf_payments",
            "a_tranche_is_paid_once",
            "mdf_payments.tranche_id",
        ),
        (
            "insert into mdf_claims (id, request_id, program_id, partner_id, state, currency, claimed_cost, proofs,
                 actual_results, submitted_at, version)
             select request_id, request_id, program_id, partner_id, state, currency, claimed_cost, proofs,
                 actual_results, submitted_at, version from mdf_claims",
            "one_claim_per_request",
            "mdf_claims.request_id",
        ),
    ] {
        let refused = app.services.db.pool().execute_unprepared(sql).await.expect_err(sql).to_string();
        assert!(refused.contains(on_postgres) || refused.contains(on_sqlite), "{refused}");
    }
    assert_eq!(funds.picture().await, before);
}
