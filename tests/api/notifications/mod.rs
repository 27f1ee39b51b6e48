//! What people are told of: who, in which words, by mail or not, once; and what the clock brings.

mod clock;
mod conflicts;

use entity::value::Role;
use serde_json::{Value, json};

use crate::{
    deals::{self, DEAL},
    support::{Person, TestApp},
};

/// What somebody is told of, newest first.
pub async fn told(person: &Person<'_>) -> Vec<Value> {
    let document =
        "{ notifications(first: 100) { nodes { id kind sentence objectId readAt dealRegistration { id } } } }";
    let answer = person.ask(document, Value::Null).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["notifications"]["nodes"].as_array().unwrap().clone()
}

/// The kinds of what somebody is told of, newest first.
pub async fn kinds(person: &Person<'_>) -> Vec<String> {
    told(person).await.iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
}

async fn unread(person: &Person<'_>) -> Value {
    person.ask("{ unreadNotificationCount }", Value::Null).await.data["unreadNotificationCount"].clone()
}

/// A manager who looks after a partner.
async fn manager<'a>(app: &'a TestApp, ops: &Person<'_>, partner: &str) -> Person<'a> {
    let manager = app.staff(Role::ChannelManager).await;
    let id = manager.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    ops.done("assignPartnerManager", json!({ "partnerId": partner, "managerId": id }), "partner { id }").await;
    manager
}

#[tokio::test]
async fn a_decision_is_told_to_whom_it_concerns_in_the_portal_and_by_mail() {
    let app = TestApp::start().await;
    let world = deals::World::of(&app).await;
    let north = app.partner("north.example").await;
    let seller = app.person("seller@north.example", Some(north), &[Role::Seller]).await;
    let admin = app.person("admin@north.example", Some(north), &[Role::PartnerAdmin]).await;
    let marketer = app.person("marketer@north.example", Some(north), &[Role::Marketer]).await;
    let rival = world.seller("south").await;
    let manager = manager(&app, &world.ops, &north.to_string()).await;
    let deal = world.register(&seller, world.deal("Acme <b>Corp</b>")).await;
    assert_eq!(told(&seller).await, [] as [Value; 0]);
    app.mails().await;

    world.approve(&deal).await;
    for person in [&seller, &admin, &manager] {
        let all = told(person).await;
        assert_eq!(all.len(), 1);
        assert_eq!((&all[0]["kind"], &all[0]["objectId"]), (&json!("DEAL_APPROVED"), &deal["id"]));
        assert_eq!(all[0]["dealRegistration"]["id"], deal["id"]);
        assert_eq!(
            all[0]["sentence"],
            "The deal registration was approved. The deal is protected until 2026-05-01 09:00 UTC."
        );
        assert_eq!((unread(person).await, &all[0]["readAt"]), (json!(1), &Value::Null));
    }
    for person in [&marketer, &rival, &world.ops] {
        assert_eq!(told(person).await, [] as [Value; 0]);
        assert_eq!(unread(person).await, 0);
    }
    let mut mails = app.mails().await;
    mails.sort_by(|one, other| one.to.cmp(&other.to));
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["admin@north.example", "channel_manager@vendor.example", "seller@north.example"]);
    for mail in &mails {
        assert_eq!(mail.subject, "A deal is protected");
        assert!(mail.text.contains("protected until 2026-05-01 09:00 UTC"), "{}", mail.text);
        let link = format!("https://portal.example/deals/{}", deal["id"].as_str().unwrap());
        assert!(mail.text.contains(&link) && mail.html.contains(&link), "{}", mail.text);
        assert!(mail.text.contains("Customer: Acme") && !mail.html.contains("<b>Corp"), "{}", mail.html);
        assert_eq!(mail.text.contains("Partner: north"), mail.to.ends_with("vendor.example"), "{}", mail.text);
    }
}

#[tokio::test]
async fn staff_are_told_when_a_deal_outgrows_its_automatic_approval() {
    let app = TestApp::start().await;
    let world = deals::World::of(&app).await;
    let north = app.partner("north.example").await;
    let seller = app.person("seller@north.example", Some(north), &[Role::Seller]).await;
    let colleague = app.person("admin@north.example", Some(north), &[Role::PartnerAdmin]).await;
    let manager = manager(&app, &world.ops, &north.to_string()).await;
    let raise = async |deal: &Value, minor: i64| {
        let amount = json!({ "minorUnits": minor.to_string(), "currency": "EUR" });
        seller.done("updateDealRegistration", json!({ "id": deal["id"], "amount": amount }), "").await;
    };
    let ceiling = deals::queue::ceiling();
    let mut strong = deals::queue::strong(&world, "Acme");
    strong["amount"]["minorUnits"] = json!((ceiling - 2).to_string());
    let deal = world.register(&seller, strong).await;
    assert_eq!(deal["state"], "PROTECTED");
    raise(&deal, ceiling - 1).await;
    assert_eq!(kinds(&world.ops).await, [] as [&str; 0]);
    let before = kinds(&manager).await.len();
    app.advance(chrono::TimeDelta::seconds(1));
    raise(&deal, ceiling).await;
    for person in [&world.ops, &manager] {
        let told = &told(person).await[0];
        assert_eq!((&told["kind"], &told["objectId"]), (&json!("DEAL_OUTGROWN"), &deal["id"]));
    }
    // It is told once, however often the amount goes up and down, and again when it has doubled.
    for minor in [ceiling + 1, 1, ceiling, ceiling + 2] {
        raise(&deal, minor).await;
    }
    assert_eq!((kinds(&world.ops).await.len(), kinds(&manager).await.len()), (1, before + 1));
    raise(&deal, ceiling * 1_000).await;
    assert_eq!(kinds(&world.ops).await.len(), 2);
    // What a person approved may grow.
    let mut by_hand = world.deal("Bravo");
    by_hand["amount"]["minorUnits"] = json!((ceiling - 1).to_string());
    let by_hand = world.register(&seller, by_hand).await;
    world.approve(&by_hand).await;
    raise(&by_hand, ceiling * 2).await;
    assert_eq!(kinds(&world.ops).await.len(), 2);
    assert_eq!(kinds(&colleague).await, ["DEAL_APPROVED", "DEAL_APPROVED"]);
    app.check().await;
}

#[tokio::test]
async fn what_is_refused_or_made_twice_tells_nobody_anything_new() {
    let app = TestApp::start().await;
    let world = deals::World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let tables = ["notifications", "outbound_mails"];
    let before = app.rows(&tables).await;
    let stale = json!({ "id": deal["id"], "expectedVersion": 7 });
    assert_eq!(world.ops.refused("approveDealRegistration", stale).await, ["VERSION_CONFLICT"]);
    assert_eq!(app.rows(&tables).await, before);
    let once = json!({ "id": deal["id"], "idempotencyKey": "k" });
    for _ in 0..2 {
        world.ops.done("approveDealRegistration", once.clone(), DEAL).await;
        assert_eq!(kinds(&seller).await, ["DEAL_APPROVED"]);
    }
    // What a partner does itself is not news to it.
    seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
    assert_eq!(kinds(&seller).await, ["DEAL_APPROVED"]);
    let other = world.register(&seller, world.deal("Bravo")).await;
    let rejection = json!({ "id": other["id"], "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
    world.ops.done("rejectDealRegistration", rejection, DEAL).await;
    assert_eq!(told(&seller).await[0]["sentence"], "The deal registration was not approved. They know of nothing.");
}

#[tokio::test]
async fn notifications_are_read_by_ones_own_person_only() {
    let app = TestApp::start().await;
    let world = deals::World::of(&app).await;
    let north = app.partner("north.example").await;
    let seller = app.person("seller@north.example", Some(north), &[Role::Seller]).await;
    let colleague = app.person("colleague@north.example", Some(north), &[Role::Seller]).await;
    for customer in ["Acme", "Bravo", "Cedar"] {
        let deal = world.register(&seller, world.deal(customer)).await;
        world.approve(&deal).await;
        app.advance(chrono::TimeDelta::seconds(1));
    }
    let (own, others) = (told(&seller).await, told(&colleague).await);
    assert_eq!((own.len(), others.len()), (3, 3));
    let page = "query($after: String) { notifications(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } }";
    let first = seller.ask(page, Value::Null).await.data["notifications"].clone();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(3), &json!(true)));
    let rest = seller.ask(page, json!({ "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(rest.data["notifications"]["nodes"][0]["id"], own[2]["id"]);

    // A colleague's is answered like an invented one, by name and by mutation, and nothing is marked.
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(seller.ask(node, json!({ "id": own[0]["id"] })).await.data["node"]["id"], own[0]["id"]);
    assert_eq!(seller.ask(node, json!({ "id": others[0]["id"] })).await.data["node"], Value::Null);
    let mixed = json!({ "ids": [own[0]["id"], others[0]["id"]] });
    let answer = seller
        .ask(
            "mutation($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { userErrors { code field } } }",
            json!({ "input": mixed }),
        )
        .await;
    assert_eq!(
        answer.data["markNotificationsRead"]["userErrors"],
        json!([{ "code": "NOT_FOUND", "field": ["ids", "1"] }])
    );
    assert_eq!((unread(&seller).await, unread(&colleague).await), (json!(3), json!(3)));

    let marked = "markedCount unreadCount";
    let one = json!({ "ids": [own[0]["id"]] });
    let counts = seller.done("markNotificationsRead", one.clone(), marked).await;
    assert_eq!((&counts["markedCount"], &counts["unreadCount"]), (&json!(1), &json!(2)));
    let read_at = told(&seller).await[0]["readAt"].clone();
    assert!(read_at.is_string());
    app.advance(chrono::TimeDelta::seconds(1));
    assert_eq!(seller.done("markNotificationsRead", one, marked).await["markedCount"], 0);
    assert_eq!(told(&seller).await[0]["readAt"], read_at, "what was read stays read as it was");
    let list = "{ notifications(unreadOnly: true) { nodes { id } } }";
    let left = seller.ask(list, Value::Null).await.data["notifications"]["nodes"].clone();
    assert_eq!(left, json!([{ "id": own[1]["id"] }, { "id": own[2]["id"] }]));
    assert_eq!(seller.done("markNotificationsRead", json!({ "all": true }), marked).await["markedCount"], 2);
    assert_eq!((unread(&seller).await, unread(&colleague).await), (json!(0), json!(3)));
    for (input, code) in [(json!({}), "REQUIRED"), (json!({ "all": true, "ids": [] }), "MALFORMED")] {
        assert_eq!(seller.refused("markNotificationsRead", input).await, [code]);
    }
    for person in [app.anonymous()] {
        let answer = person.ask("{ notifications { nodes { id } } }", Value::Null).await;
        assert_eq!(answer.errors[0]["extensions"]["code"], "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn who_wants_no_mail_about_a_kind_gets_none_and_is_told_in_the_portal() {
    let app = TestApp::start().await;
    let world = deals::World::of(&app).await;
    let seller = world.seller("north").await;
    let set = "preferences { kind email }";
    let approve = |email: bool| json!({ "preferences": [{ "kind": "DEAL_APPROVED", "email": !email }, { "kind": "DEAL_APPROVED", "email": email }] });
    let kept = seller.done("setNotificationPreferences", approve(false), set).await;
    let off: Vec<_> = kept["preferences"].as_array().unwrap().iter().filter(|it| it["email"] == false).collect();
    assert_eq!(off, [&json!({ "kind": "DEAL_APPROVED", "email": false })]);
    let deal = world.register(&seller, world.deal("Acme")).await;
    world.approve(&deal).await;
    assert_eq!(kinds(&seller).await, ["DEAL_APPROVED"]);
    assert_eq!(app.mails().await, []);

    // Mails about other kinds come; a wish that comes while one waits counts too.
    let other = world.register(&seller, world.deal("Bravo")).await;
    let rejection = json!({ "id": other["id"], "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
    world.ops.done("rejectDealRegistration", rejection, DEAL).await;
    assert_eq!(app.mail().await.subject, "A deal registration was not approved");
    seller.done("setNotificationPreferences", approve(true), set).await;
    world.approve(&world.register(&seller, world.deal("Cedar")).await).await;
    seller.done("setNotificationPreferences", approve(false), set).await;
    assert_eq!(app.mails().await, []);
    let wishes = seller.ask("{ notificationPreferences { kind email } }", Value::Null).await;
    let wishes = wishes.data["notificationPreferences"].as_array().unwrap().clone();
    assert!(wishes.contains(&json!({ "kind": "DEAL_APPROVED", "email": false })));
    assert!(wishes.contains(&json!({ "kind": "DEAL_REJECTED", "email": true })));
}

#[tokio::test]
async fn who_has_left_is_told_nothing_and_written_nothing() {
    let app = TestApp::start().await;
    let world = deals::World::of(&app).await;
    let north = app.partner("north.example").await;
    let seller = app.person("seller@north.example", Some(north), &[Role::Seller]).await;
    let gone = app.person("gone@north.example", Some(north), &[Role::Seller]).await;
    let id = gone.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    let (deal, other) =
        (world.register(&seller, world.deal("Acme")).await, world.register(&seller, world.deal("Bravo")).await);
    world.approve(&deal).await;
    let admin = app.staff(Role::Admin).await;
    admin.done("deactivateUser", json!({ "userId": id }), "user { id }").await;
    world.approve(&other).await;
    let mails = app.mails().await;
    assert!(mails.len() == 2 && mails.iter().all(|mail| mail.to == "seller@north.example"), "{mails:?}");
    assert_eq!(app.rows(&["notifications"]).await[0].1, 3, "the one from before stays");
}
