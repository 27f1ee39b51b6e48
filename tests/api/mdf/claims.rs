//! Claims: making, approving, reading.

use entity::value::Role;
use serde_json::{Value, json};

use super::{Funds, euros};
use crate::support::{TestApp, race::race};

const CLAIM: &str = "claim { id state version allowedActions editableFields nextDeadlineAt claimedCost { minorUnits }
    acceptedCost { minorUnits } lines { issuer number contentHash } proofs { kind } actualResults
    tranches { kind state amount { minorUnits } payableAt paidAt payment { reference } } measuredLeads
    measuredPipeline { minorUnits } request { state allowedActions } }";

#[tokio::test]
async fn an_approved_claim_is_payable_for_execution_and_held_back_for_results() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let id = funds.approved(50_000).await;
    let funds = funds.later(31).await;
    let seen =
        funds.marketer.ask("query($id: ID!) { mdfRequest(id: $id) { allowedActions } }", json!({ "id": id })).await;
    assert_eq!(seen.data["mdfRequest"]["allowedActions"], json!(["CLAIM"]));
    let mut input = funds.claim(&id, "RE-1", 100_000);
    input["lines"][0]["contentHash"] = json!("AB".repeat(32));
    let made = funds.marketer.done("submitMdfClaim", input, CLAIM).await["claim"].clone();
    assert_eq!((&made["state"], &made["claimedCost"]["minorUnits"]), (&json!("SUBMITTED"), &json!("100000")));
    assert_eq!((&made["tranches"], &made["allowedActions"]), (&json!([]), &json!([])));
    assert_eq!(made["lines"][0]["contentHash"], "ab".repeat(32));
    assert_eq!(made["request"]["state"], "CLAIMED");
    assert_eq!(funds.balance().await, [30_000, 50_000, 0, 0, 0]);

    let approve = json!({ "claimId": made["id"], "expectedVersion": 1 });
    let approved =
        funds.ops.done("approveMdfClaim", approve, &format!("{CLAIM} receipt {{ outcome steps {{ rule }} }}")).await;
    let claim = &approved["claim"];
    assert_eq!((&claim["state"], &claim["version"]), (&json!("APPROVED"), &json!(2)));
    let tranche = |index: usize| {
        let tranche = &claim["tranches"][index];
        (tranche["kind"].clone(), tranche["state"].clone(), tranche["amount"]["minorUnits"].clone())
    };
    assert_eq!(tranche(0), (json!("EXECUTION"), json!("PAYABLE"), json!("30000")));
    assert_eq!(tranche(1), (json!("PERFORMANCE"), json!("HELD_BACK"), json!("20000")));
    assert_eq!((&claim["measuredLeads"], &claim["measuredPipeline"]), (&Value::Null, &Value::Null));
    assert_eq!(claim["nextDeadlineAt"], "2026-07-02T00:00:00.000000Z");
    assert_eq!(approved["receipt"]["outcome"], "GRANTED");
    assert_eq!(funds.balance().await, [30_000, 0, 30_000, 20_000, 0]);
    funds.check_ledger().await;
}

#[tokio::test]
async fn less_proven_cost_pays_less_and_returns_the_rest() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let id = funds.approved(50_000).await;
    let funds = funds.later(31).await;
    let claim_id = funds.claimed(&id, "RE-1", 100_000).await;
    let input = json!({ "claimId": claim_id, "acceptedCost": euros(70_000) });
    let claim = funds.ops.done("approveMdfClaim", input, CLAIM).await["claim"].clone();
    assert_eq!(claim["acceptedCost"]["minorUnits"], "70000");
    // 35,000 are reimbursable: 30,000 for execution, 5,000 are left for results.
    assert_eq!(funds.balance().await, [45_000, 0, 30_000, 5_000, 0]);
    funds.check_ledger().await;
}

#[tokio::test]
async fn a_claim_that_cannot_be_made_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let (early, open) = (funds.approved(10_000).await, funds.request(10_000).await);
    assert_eq!(funds.marketer.refused("submitMdfClaim", funds.claim(&early, "RE-1", 1_000)).await, ["WRONG_STATE"]);
    let funds = funds.later(31).await;
    let before = funds.picture().await;
    assert_eq!(funds.marketer.refused("submitMdfClaim", funds.claim(&open, "RE-1", 1_000)).await, ["WRONG_STATE"]);
    let missing = funds.claim("mrq_00000000000000000000000000000001", "RE-1", 1_000);
    assert_eq!(funds.marketer.refused("submitMdfClaim", missing).await, ["NOT_FOUND"]);
    for (field, value, code) in [
        ("lines", json!([]), "REQUIRED"),
        ("proofs", json!([]), "REQUIRED"),
        ("actualResults", json!(" "), "REQUIRED"),
        ("expectedVersion", json!(1), "VERSION_CONFLICT"),
    ] {
        let mut input = funds.claim(&early, "RE-1", 1_000);
        input[field] = value;
        assert_eq!(funds.marketer.refused("submitMdfClaim", input).await, [code], "{field}");
    }
    for (field, value, code) in [
        ("issuedOn", json!("2026-04-03"), "OUT_OF_RANGE"),
        ("amount", euros(0), "OUT_OF_RANGE"),
        ("amount", json!({ "minorUnits": "1", "currency": "USD" }), "CURRENCY_MISMATCH"),
        ("contentHash", json!("zz"), "MALFORMED"),
        ("contentHash", json!("é".repeat(32)), "MALFORMED"),
    ] {
        let mut input = funds.claim(&early, "RE-1", 1_000);
        input["lines"][0][field] = value;
        assert_eq!(funds.marketer.refused("submitMdfClaim", input).await, [code], "{field}");
    }
    let mut twice = funds.claim(&early, "RE-1", 1_000);
    twice["lines"] = json!([twice["lines"][0], twice["lines"][0]]);
    assert_eq!(funds.marketer.refused("submitMdfClaim", twice).await, ["MDF_INVOICE_CLAIMED"]);
    assert_eq!(funds.picture().await, before);

    // The last day of the window is day 45 after the activity's end.
    let funds = funds.later(45).await;
    let seen = funds.marketer.ask("query($id: ID!) { mdfRequest(id: $id) { state } }", json!({ "id": early })).await;
    assert_eq!(seen.data["mdfRequest"]["state"], "IN_EXECUTION");
    let funds = funds.later(1).await;
    let late = funds.marketer.refused("submitMdfClaim", funds.claim(&early, "RE-1", 1_000)).await;
    assert_eq!(late, ["MDF_CLAIM_WINDOW_CLOSED"]);
    assert_eq!(funds.picture().await.1, before.1);
}

#[tokio::test]
async fn the_same_invoice_is_claimed_once_in_the_whole_system() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let mut requests = Vec::new();
    for _ in 0..8 {
        requests.push(funds.approved(10_000).await);
    }
    let funds = funds.later(31).await;
    let (funds, requests) = (&funds, &requests);
    let document = "mutation($input: SubmitMdfClaimInput!) { submitMdfClaim(input: $input) { userErrors { code } } }";
    // The same invoice, typed differently each time.
    let answers = race(6, |number| async move {
        let typed = ["RE 2026-7", "re20267", "RE.2026.7", "RE-2026/7", " Re 2026 7 ", "RE–2026–7"][number];
        let input = funds.claim(&requests[number], typed, 20_000);
        let answer = funds.marketer.ask(document, json!({ "input": input })).await;
        answer.data["submitMdfClaim"]["userErrors"].clone()
    })
    .await;
    assert_eq!(answers.iter().filter(|errors| **errors == json!([])).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|errors| errors[0]["code"] == "MDF_INVOICE_CLAIMED").count(), 5, "{answers:?}");

    // The same file is the same invoice, whatever is written about it.
    let with_file = |request: usize, number| {
        let mut input = funds.claim(&requests[request], number, 20_000);
        input["lines"][0]["contentHash"] = json!("0a".repeat(32));
        input
    };
    funds.marketer.done("submitMdfClaim", with_file(6, "A"), "").await;
    let before = funds.picture().await;
    assert_eq!(funds.marketer.refused("submitMdfClaim", with_file(7, "B")).await, ["MDF_INVOICE_CLAIMED"]);
    assert_eq!(funds.picture().await, before);
    app.check().await;
}

#[tokio::test]
async fn a_request_is_claimed_once() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let id = funds.approved(10_000).await;
    let funds = funds.later(31).await;
    let (funds, id) = (&funds, &id);
    let document = "mutation($input: SubmitMdfClaimInput!) { submitMdfClaim(input: $input) { userErrors { code } } }";
    let answers = race(6, |number| async move {
        let input = funds.claim(id, &format!("RE-{number}"), 20_000);
        let answer = funds.marketer.ask(document, json!({ "input": input })).await;
        answer.data["submitMdfClaim"]["userErrors"] == json!([])
    })
    .await;
    assert_eq!(answers.iter().filter(|done| **done).count(), 1);
    app.check().await;
}

#[tokio::test]
async fn an_approval_that_may_not_be_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let both = app.person("bo@acme.example", Some(funds.partner_id), &[Role::Marketer, Role::ChannelOps]).await;
    let (own, id) =
        (both.done("requestMdf", funds.webinar(10_000), "request { id }").await, funds.approved(10_000).await);
    let own = own["request"]["id"].as_str().unwrap().to_owned();
    funds.ops.done("approveMdfRequest", json!({ "requestId": own }), "").await;
    let funds = funds.later(31).await;
    let both = app.sign_in("bo@acme.example").await;
    let asked = funds.claimed(&own, "RE-1", 20_000).await;
    let claimed = both.done("submitMdfClaim", funds.claim(&id, "RE-2", 20_000), "claim { id }").await;
    let claimed = claimed["claim"]["id"].as_str().unwrap().to_owned();
    let before = funds.picture().await;
    // Who asked for the money in either way does not approve it.
    for claim_id in [&asked, &claimed] {
        assert_eq!(both.refused("approveMdfClaim", json!({ "claimId": claim_id })).await, ["FOUR_EYES"]);
    }
    for (input, code) in [
        (json!({ "claimId": "mcl_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "claimId": asked, "expectedVersion": 9 }), "VERSION_CONFLICT"),
        (json!({ "claimId": asked, "acceptedCost": euros(20_001) }), "OUT_OF_RANGE"),
        (json!({ "claimId": asked, "acceptedCost": { "minorUnits": "1", "currency": "USD" } }), "CURRENCY_MISMATCH"),
        // Half a cent rounds to nothing.
        (json!({ "claimId": asked, "acceptedCost": euros(1) }), "OUT_OF_RANGE"),
    ] {
        assert_eq!(funds.ops.refused("approveMdfClaim", input).await, [code]);
    }
    assert_eq!(funds.picture().await, before);
    funds.ops.done("approveMdfClaim", json!({ "claimId": asked }), "").await;
    assert_eq!(funds.ops.refused("approveMdfClaim", json!({ "claimId": asked })).await, ["WRONG_STATE"]);
    funds.check_ledger().await;
}

#[tokio::test]
async fn a_foreign_claim_is_answered_like_none_and_lists_cost_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let (funds, _) = Funds::new(&app).await.payable(&["RE-1", "RE-2"]).await;
    let rival_id = app.partner("rival.example").await;
    let rival = app.person("rex@rival.example", Some(rival_id), &[Role::Marketer]).await;
    let list =
        "{ mdfClaims(filter: { payable: true }) { totalCount nodes { id lines { number } tranches { id payment { id } }
        request { id title program { name } } partner { name } submittedBy { name } allowedActions nextDeadlineAt } } }";
    let seen = rival.ask(list, Value::Null).await;
    assert_eq!(seen.data["mdfClaims"]["totalCount"], 0);
    let mut counts = Vec::new();
    for page in ["payable: true }, first: 1", "payable: true }"] {
        let before = app.services.db.statements();
        let seen = funds.ops.ask(&list.replace("payable: true }", page), Value::Null).await;
        assert_eq!(seen.errors, Value::Null);
        assert_eq!(seen.data["mdfClaims"]["totalCount"], 2);
        counts.push(app.services.db.statements() - before);
    }
    assert_eq!(counts[0], counts[1]);
    let own = funds.marketer.ask(list, Value::Null).await;
    let id = own.data["mdfClaims"]["nodes"][0]["id"].as_str().unwrap();
    let document = "query($id: ID!) { mdfClaim(id: $id) { id } node(id: $id) { id } }";
    let foreign = rival.ask(document, json!({ "id": id })).await;
    let missing = rival.ask(document, json!({ "id": "mcl_00000000000000000000000000000001" })).await;
    assert_eq!(foreign.body, missing.body);
    assert_eq!(funds.marketer.ask(document, json!({ "id": id })).await.data["node"]["id"], id);
    // Neither can it be claimed: a foreign request does not exist.
    let request = own.data["mdfClaims"]["nodes"][0]["request"]["id"].as_str().unwrap();
    assert_eq!(rival.refused("submitMdfClaim", funds.claim(request, "RE-9", 1)).await, ["NOT_FOUND"]);
}
