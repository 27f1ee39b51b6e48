//! Requests: asking, approving, rejecting, reading.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{Funds, euros};
use crate::support::{TestApp, race::race};

const REQUEST: &str = "request { id state allowedActions editableFields nextDeadlineAt version claimBy
    approvedAmount { minorUnits } requestedBy { name } decidedAt outcomeContract { targetLeads measuredBy } }";

#[tokio::test]
async fn a_request_is_approved_and_commits_its_funds() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let made = funds.marketer.done("requestMdf", funds.webinar(30_000), REQUEST).await["request"].clone();
    assert_eq!(
        (&made["state"], &made["allowedActions"], &made["version"]),
        (&json!("SUBMITTED"), &json!([]), &json!(1))
    );
    assert_eq!(
        (&made["claimBy"], &made["outcomeContract"]["measuredBy"]),
        (&json!("2026-05-17"), &json!("2026-07-01"))
    );
    assert_eq!(made["requestedBy"]["name"], "mia");
    assert_eq!(funds.balance().await, [80_000, 0, 0, 0, 0]);

    let seen =
        funds.ops.ask("query($id: ID!) { mdfRequest(id: $id) { allowedActions } }", json!({ "id": made["id"] })).await;
    assert_eq!(seen.data["mdfRequest"]["allowedActions"], json!(["APPROVE", "REJECT"]));
    let input = json!({ "requestId": made["id"], "amount": euros(25_000), "expectedVersion": 1 });
    let approved =
        funds.ops.done("approveMdfRequest", input, &format!("{REQUEST} receipt {{ outcome steps {{ rule }} }}")).await;
    assert_eq!(approved["request"]["state"], "APPROVED");
    assert_eq!(approved["request"]["approvedAmount"]["minorUnits"], "25000");
    assert_eq!(approved["request"]["version"], 2);
    assert_eq!(approved["request"]["nextDeadlineAt"], "2026-05-18T00:00:00.000000Z");
    assert_eq!(approved["receipt"]["outcome"], "GRANTED");
    assert_eq!(funds.balance().await, [55_000, 25_000, 0, 0, 0]);
    funds.check_ledger().await;
}

#[tokio::test]
async fn a_request_that_cannot_be_made_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let before = funds.picture().await;
    for (field, value, code) in [
        ("programId", json!("mpr_00000000000000000000000000000001"), "NOT_FOUND"),
        ("programId", json!("nonsense"), "NOT_FOUND"),
        ("activityType", json!("BRAND_ONLY"), "MDF_ACTIVITY_NOT_ELIGIBLE"),
        ("activityType", json!("GATED_CONTENT"), "MDF_ACTIVITY_NOT_ELIGIBLE"),
        ("title", json!("\u{200b}"), "REQUIRED"),
        ("startsOn", json!("2026-03-01"), "MDF_ACTIVITY_STARTED"),
        ("endsOn", json!("2026-03-31"), "OUT_OF_RANGE"),
        ("endsOn", json!("2027-01-01"), "OUT_OF_RANGE"),
        ("plannedCost", euros(59_998), "OUT_OF_RANGE"),
        ("requestedAmount", euros(0), "OUT_OF_RANGE"),
        ("requestedAmount", euros(30_001), "OUT_OF_RANGE"),
        ("requestedAmount", json!({ "minorUnits": "30000", "currency": "USD" }), "CURRENCY_MISMATCH"),
        ("targetLeads", json!(0), "OUT_OF_RANGE"),
        ("targetPipeline", euros(0), "OUT_OF_RANGE"),
        ("qualifiedLeadDefinition", json!(""), "REQUIRED"),
    ] {
        let mut input = funds.webinar(30_000);
        input[field] = value;
        assert_eq!(funds.marketer.refused("requestMdf", input).await, [code], "{field}");
    }
    // Above the cap, although the rate would allow it.
    assert_eq!(funds.marketer.refused("requestMdf", funds.webinar(60_001)).await, ["OUT_OF_RANGE"]);
    assert_eq!(funds.picture().await, before);
}

#[tokio::test]
async fn only_marketers_and_administrators_of_an_active_partner_ask() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let document = "mutation($input: RequestMdfInput!) { requestMdf(input: $input) { userErrors { code } } }";
    let seller = app.person("sam@acme.example", Some(funds.partner_id), &[Role::Seller]).await;
    for person in [&seller, &funds.ops] {
        let answer = person.ask(document, json!({ "input": funds.webinar(10_000) })).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
    }
    let nobody = app.anonymous().ask(document, json!({ "input": funds.webinar(10_000) })).await;
    assert_eq!(nobody.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
    let asleep = app.partner_in("asleep.example", PartnerState::Suspended, &[PartnerType::Reseller]).await;
    let idle = app.person("ida@asleep.example", Some(asleep), &[Role::Marketer]).await;
    assert_eq!(idle.refused("requestMdf", funds.webinar(10_000)).await, ["PARTNER_NOT_ACTIVE"]);
    let admin = app.person("ann@acme.example", Some(funds.partner_id), &[Role::PartnerAdmin]).await;
    admin.done("requestMdf", funds.webinar(10_000), "").await;
}

#[tokio::test]
async fn an_approval_that_may_not_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let (id, big) = (funds.request(30_000).await, funds.request(60_000).await);
    funds.ops.done("approveMdfRequest", json!({ "requestId": funds.request(40_000).await }), "").await;
    let before = funds.picture().await;
    for (input, code) in [
        (json!({ "requestId": "mrq_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "requestId": id, "expectedVersion": 7 }), "VERSION_CONFLICT"),
        (json!({ "requestId": id, "amount": euros(30_001) }), "OUT_OF_RANGE"),
        (json!({ "requestId": id, "amount": euros(0) }), "OUT_OF_RANGE"),
        (json!({ "requestId": id, "amount": { "minorUnits": "1", "currency": "USD" } }), "CURRENCY_MISMATCH"),
        (json!({ "requestId": big }), "MDF_FUNDS_INSUFFICIENT"),
    ] {
        assert_eq!(funds.ops.refused("approveMdfRequest", input).await, [code]);
    }
    assert_eq!(funds.picture().await, before);

    // Nothing is approved after the fact; rejecting is still possible.
    app.advance(TimeDelta::days(31));
    let ops = app.sign_in("channel_ops@vendor.example").await;
    assert_eq!(ops.refused("approveMdfRequest", json!({ "requestId": id })).await, ["MDF_ACTIVITY_STARTED"]);
    let seen = ops.ask("query($id: ID!) { mdfRequest(id: $id) { allowedActions } }", json!({ "id": id })).await;
    assert_eq!(seen.data["mdfRequest"]["allowedActions"], json!(["REJECT"]));
    let rejected = ops.done("rejectMdfRequest", json!({ "requestId": id, "reason": "Too late" }), REQUEST).await;
    assert_eq!(rejected["request"]["state"], "REJECTED");
    for mutation in ["approveMdfRequest", "rejectMdfRequest"] {
        let mut input = json!({ "requestId": id });
        if mutation == "rejectMdfRequest" {
            input["reason"] = json!("Again");
        }
        assert_eq!(ops.refused(mutation, input).await, ["WRONG_STATE"]);
    }
}

#[tokio::test]
async fn who_asked_does_not_decide() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    // Nobody has both roles in one company: the rule holds all the same.
    let both = app.person("bo@acme.example", Some(funds.partner_id), &[Role::Marketer, Role::ChannelOps]).await;
    let made = both.done("requestMdf", funds.webinar(10_000), REQUEST).await;
    assert_eq!(made["request"]["allowedActions"], json!([]));
    let id = &made["request"]["id"];
    let before = funds.picture().await;
    assert_eq!(both.refused("approveMdfRequest", json!({ "requestId": id })).await, ["FOUR_EYES"]);
    assert_eq!(both.refused("rejectMdfRequest", json!({ "requestId": id, "reason": "x" })).await, ["FOUR_EYES"]);
    assert_eq!(funds.picture().await, before);
    funds.ops.done("approveMdfRequest", json!({ "requestId": id }), "").await;
}

#[tokio::test]
async fn a_foreign_request_is_answered_like_none() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let id = funds.request(10_000).await;
    let rival_id = app.partner("rival.example").await;
    let rival = app.person("rex@rival.example", Some(rival_id), &[Role::Marketer]).await;
    let document = "query($id: ID!) { mdfRequest(id: $id) { id } node(id: $id) { id } }";
    let foreign = rival.ask(document, json!({ "id": id })).await;
    let missing = rival.ask(document, json!({ "id": "mrq_00000000000000000000000000000001" })).await;
    assert_eq!(foreign.body, missing.body);
    assert_eq!(foreign.data, json!({ "mdfRequest": null, "node": null }));
    let list = "query($id: ID) { mdfRequests(filter: { partnerId: $id }) { totalCount nodes { id } } }";
    let seen = rival.ask(list, json!({ "id": funds.partner_id.to_string() })).await;
    assert_eq!(seen.data["mdfRequests"]["totalCount"], 0);
    let own = funds.marketer.ask(list, json!({ "id": funds.partner_id.to_string() })).await;
    assert_eq!(own.data["mdfRequests"]["totalCount"], 1);
}

#[tokio::test]
async fn twenty_approvals_at_once_commit_no_more_than_there_is() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(funds.request(25_000).await);
    }
    let (funds, ids) = (&funds, &ids);
    let answers = race(20, |number| async move {
        let document =
            "mutation($input: ApproveMdfRequestInput!) { approveMdfRequest(input: $input) { userErrors { code } } }";
        let answer = funds.ops.ask(document, json!({ "input": { "requestId": ids[number] } })).await;
        let errors = answer.data["approveMdfRequest"]["userErrors"].clone();
        assert!(errors == json!([]) || errors[0]["code"] == "MDF_FUNDS_INSUFFICIENT", "{answer:?}");
        errors == json!([])
    })
    .await;
    assert_eq!(answers.iter().filter(|done| **done).count(), 3);
    assert_eq!(funds.balance().await, [5_000, 75_000, 0, 0, 0]);
    funds.check_ledger().await;
    app.check().await;
}

#[tokio::test]
async fn the_same_key_asks_and_commits_once() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let mut input = funds.webinar(10_000);
    input["idempotencyKey"] = json!("k-1");
    let first = funds.marketer.done("requestMdf", input.clone(), "request { id }").await;
    assert_eq!(funds.marketer.done("requestMdf", input, "request { id }").await, first);
    let approve = json!({ "requestId": first["request"]["id"], "idempotencyKey": "k-2" });
    let one = funds.ops.done("approveMdfRequest", approve.clone(), REQUEST).await;
    assert_eq!(funds.ops.done("approveMdfRequest", approve, REQUEST).await, one);
    assert_eq!(funds.balance().await, [70_000, 10_000, 0, 0, 0]);
}

#[tokio::test]
async fn the_clock_moves_a_request_and_lists_agree_with_it() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let id = funds.approved(10_000).await;
    for (days, state) in [(0, "APPROVED"), (30, "IN_EXECUTION"), (46, "IN_EXECUTION"), (1, "EXPIRED")] {
        app.advance(TimeDelta::days(days));
        let ops = app.sign_in("channel_ops@vendor.example").await;
        let list =
            "query($states: [MdfRequestState!]) { mdfRequests(filter: { states: $states }) { nodes { id state } } }";
        let seen = ops.ask(list, json!({ "states": [state] })).await;
        assert_eq!(seen.data["mdfRequests"]["nodes"], json!([{ "id": id, "state": state }]), "{days}");
        let others: Vec<_> =
            ["APPROVED", "IN_EXECUTION", "EXPIRED"].into_iter().filter(|other| *other != state).collect();
        let seen = ops.ask(list, json!({ "states": others })).await;
        assert_eq!(seen.data["mdfRequests"]["nodes"], json!([]), "{days}");
    }
}

#[tokio::test]
async fn a_list_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let list = "{ mdfRequests(orderBy: { field: STARTS_ON, direction: ASC }) { nodes { id program { name unallocated { amount } }
        partner { name mdfBalances { available { amount } } } requestedBy { name } } } }";
    let mut counts = Vec::new();
    for _ in 0..2 {
        for _ in 0..4 {
            funds.request(1_000).await;
        }
        let before = app.services.db.statements();
        let seen = funds.ops.ask(list, Value::Null).await;
        assert_eq!(seen.errors, Value::Null);
        counts.push(app.services.db.statements() - before);
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] <= 8, "{counts:?}");
}
