//! Accounts are reserved, as a whole or by product line, and partners serve them.

use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, create, look, merge, named};
use crate::{
    deals::{World, product_line},
    support::{TestApp, race::race},
};

#[tokio::test]
async fn an_account_is_reserved_with_an_owner_and_a_reason_and_released() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let direct = app.create_user("dora@vendor.example", None, &[Role::DirectSales]).await.to_string();
    let id = named(&ops, "Acme").await;
    let reserve = json!({ "accountId": id, "reservedFor": "DIRECT", "ownerId": direct, "reason": "A named account." });
    ops.done("reserveAccount", reserve.clone(), "account { reservedFor }").await;
    let seen = look(&ops, &id).await;
    assert_eq!(seen["reservedFor"], "DIRECT");
    assert_eq!(
        seen["reservations"],
        json!([{ "reservedFor": "DIRECT", "reason": "A named account.", "productLine": null, "owner": { "name": "dora" } }])
    );
    assert_eq!(seen["version"], 1, "a partner who sees the account does not see that it was reserved");

    let acme = app.partner("acme.example").await;
    let stranger = app.create_user("eve@acme.example", Some(acme), &[Role::Seller]).await.to_string();
    let before = app.rows(TABLES).await;
    for (change, code) in [
        (json!({}), "ALREADY_RESERVED"),
        (json!({ "productLineId": "pln_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "accountId": "acc_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "ownerId": stranger }), "NOT_FOUND"),
        (json!({ "reservedFor": "OPEN" }), "MALFORMED"),
        (json!({ "reason": " " }), "REQUIRED"),
    ] {
        let mut input = reserve.clone();
        for (name, value) in change.as_object().unwrap() {
            input[name] = value.clone();
        }
        assert_eq!(ops.refused("reserveAccount", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(TABLES).await, before);

    let release = json!({ "accountId": id, "reason": "Sold to somebody else." });
    ops.done("releaseAccountReservation", release.clone(), "").await;
    assert_eq!(look(&ops, &id).await["reservedFor"], "OPEN");
    assert_eq!(ops.refused("releaseAccountReservation", release).await, ["NOT_FOUND"]);
    app.check().await;
}

#[tokio::test]
async fn a_product_line_is_reserved_by_itself_and_deals_meet_it() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let other_line = product_line(&world.ops, "GTX-BASIC").await;
    let seller = world.seller("north").await;
    let reserve = async |account: &Value, line: Option<&Value>, reserved_for: &str| {
        let input =
            json!({ "accountId": account, "productLineId": line, "reservedFor": reserved_for, "reason": "So it is." });
        world.ops.done("reserveAccount", input, "").await;
    };
    let on_line = |customer: &str, line: &Value| {
        let mut deal = world.deal(customer);
        deal["productLineIds"] = json!([line]);
        deal
    };
    // One line for the direct team: the other stays open.
    let acme = named(&world.ops, "Acme").await;
    reserve(&acme, Some(&world.line), "DIRECT").await;
    assert_eq!(seller.refused("registerDeal", on_line("Acme", &world.line)).await, ["ACCOUNT_NOT_AVAILABLE"]);
    world.register(&seller, on_line("Acme", &other_line)).await;
    // The whole account for the direct team, but for one line.
    let birch = named(&world.ops, "Birch").await;
    reserve(&birch, None, "DIRECT").await;
    reserve(&birch, Some(&other_line), "OPEN").await;
    assert_eq!(seller.refused("registerDeal", on_line("Birch", &world.line)).await, ["ACCOUNT_NOT_AVAILABLE"]);
    let open = world.register(&seller, on_line("Birch", &other_line)).await;
    // Whoever is undecided meets a reservation that came later.
    let release = json!({ "accountId": birch, "productLineId": other_line, "reason": "No exception any more." });
    world.ops.done("releaseAccountReservation", release, "").await;
    let approve = json!({ "id": open["id"] });
    assert_eq!(world.ops.refused("approveDealRegistration", approve).await, ["ACCOUNT_RESERVED_FOR_DIRECT"]);
    app.check().await;
}

#[tokio::test]
async fn partners_serve_an_account_until_they_do_not() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let partner = app.partner("north.example").await.to_string();
    let id = named(&ops, "Acme").await;
    let serves = json!({ "accountId": id, "partnerId": partner });
    ops.done("setAccountIncumbent", serves.clone(), "").await;
    let events = app.rows(&["audit_events"]).await;
    ops.done("setAccountIncumbent", serves.clone(), "").await;
    assert_eq!(app.rows(&["audit_events"]).await, events, "said again, nothing changes");
    assert_eq!(look(&ops, &id).await["incumbents"], json!([{ "partner": { "id": partner } }]));
    let list = "query($id: ID!) { accounts(filter: { incumbentId: $id }) { nodes { id } } }";
    assert_eq!(ops.ask(list, json!({ "id": partner })).await.data["accounts"]["nodes"], json!([{ "id": id }]));
    let before = app.rows(TABLES).await;
    let nobody = json!({ "accountId": id, "partnerId": "ptr_00000000000000000000000000000001" });
    assert_eq!(ops.refused("setAccountIncumbent", nobody).await, ["NOT_FOUND"]);
    assert_eq!(app.rows(TABLES).await, before);
    ops.done("clearAccountIncumbent", serves.clone(), "").await;
    ops.done("clearAccountIncumbent", serves.clone(), "").await;
    assert_eq!(look(&ops, &id).await["incumbents"], json!([]));
    ops.done("setAccountIncumbent", serves, "").await;
    assert_eq!(look(&ops, &id).await["incumbents"].as_array().unwrap().len(), 1);
    app.check().await;
}

#[tokio::test]
async fn an_account_that_was_merged_is_neither_reserved_nor_served_and_nobody_has_too_many_incumbents() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let [kept, merged] = [named(&ops, "Amber").await, named(&ops, "Birch").await];
    let mut partners = Vec::new();
    for number in 0..=20 {
        partners.push(app.partner(&format!("p{number}.example")).await.to_string());
    }
    let serves = |account: &Value, partner: &String| json!({ "accountId": account, "partnerId": partner });
    for partner in &partners[..20] {
        ops.done("setAccountIncumbent", serves(&kept, partner), "").await;
    }
    merge(&ops, &kept, &merged).await;
    let before = app.rows(TABLES).await;
    assert_eq!(ops.refused("setAccountIncumbent", serves(&kept, &partners[20])).await, ["TOO_LONG"]);
    assert_eq!(ops.refused("setAccountIncumbent", serves(&merged, &partners[20])).await, ["ACCOUNT_MERGED"]);
    let reserve = json!({ "accountId": merged, "reservedFor": "DIRECT", "reason": "A named account." });
    assert_eq!(ops.refused("reserveAccount", reserve).await, ["ACCOUNT_MERGED"]);
    assert_eq!(app.rows(TABLES).await, before);
    // Who serves it already is no one more.
    ops.done("setAccountIncumbent", serves(&kept, &partners[3]), "").await;
    app.check().await;
}

#[tokio::test]
async fn twenty_that_reserve_at_once_reserve_once() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let reserve = "mutation($input: ReserveAccountInput!) { reserveAccount(input: $input) { userErrors { code } } }";
    for round in 0..5 {
        let (ops, id) = (&ops, &create(&ops, json!({ "name": format!("Customer {round}"), "country": "DE" })).await);
        let answers = race(4, move |number| async move {
            let kind = if number % 2 == 0 { "DIRECT" } else { "PARTNER_LED" };
            let answer =
                ops.ask(reserve, json!({ "input": { "accountId": id, "reservedFor": kind, "reason": "Mine." } })).await;
            answer.data["reserveAccount"]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
        })
        .await;
        assert_eq!(answers.iter().filter(|code| *code == "DONE").count(), 1, "{answers:?}");
        assert_eq!(look(ops, id).await["reservations"].as_array().unwrap().len(), 1);
    }
    app.check().await;
}
