//! By what accounts are recognised: given when they are created, changed, and kept in one form.

use entity::value::Role;
use serde_json::{Value, json};

use super::{TABLES, create, look, named};
use crate::support::{TestApp, race::race};

const LEI: &str = "5299009N55YRQC69CN08";

#[tokio::test]
async fn an_account_has_names_domains_registry_ids_and_references() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let id = create(
        &ops,
        json!({
            "name": "Acme Corporation", "country": "DE", "website": "https://www.acme.example/", "size": "LARGE",
            "names": [{ "name": "Acme Deutschland", "kind": "TRADING", "language": "DE" }, { "name": "Ätna", "kind": "FORMER" }],
            "domains": ["shop.acme-shop.example", "https://acme-shop.example/home", "ACME.example."],
            "registryIds": [{ "kind": "LEI", "value": "5299 009n 55yr qc69 cn08" }, { "kind": "VAT", "value": "de 136.695.976" }],
            "references": [{ "system": "crm", "externalId": "A-1" }],
        }),
    )
    .await;
    let seen = look(&ops, &id).await;
    assert_eq!(seen["size"], "LARGE");
    assert_eq!(
        seen["names"],
        json!([{ "name": "Acme Deutschland", "kind": "TRADING", "language": "de" }, { "name": "Ätna", "kind": "FORMER", "language": null }])
    );
    assert_eq!(seen["domains"], json!(["acme-shop.example", "acme.example"]));
    let ids = json!([{ "kind": "LEI", "value": LEI }, { "kind": "VAT", "value": "DE136695976" }]);
    assert_eq!(seen["registryIds"], ids);
    assert_eq!(seen["references"], json!([{ "system": "crm", "externalId": "A-1" }]));

    // Whoever comes with one of them is the same customer.
    let before = app.rows(TABLES).await;
    for again in [
        json!({ "name": "Other", "country": "FR", "website": "acme-shop.example" }),
        json!({ "name": "Other", "country": "FR", "domains": ["x.acme.example"] }),
        json!({ "name": "Other", "country": "FR", "registryIds": [{ "kind": "LEI", "value": LEI }] }),
        json!({ "name": "acme deutschland GmbH", "country": "DE" }),
    ] {
        assert_eq!(ops.refused("createAccount", again.clone()).await, ["ACCOUNT_EXISTS"], "{again}");
    }
    for (input, code) in [
        (json!({ "references": [{ "system": "crm", "externalId": "A-1" }] }), "ACCOUNT_IDENTIFIER_TAKEN"),
        (json!({ "registryIds": [{ "kind": "LEI", "value": "5299009N55YRQC69CN09" }] }), "MALFORMED"),
        (json!({ "registryIds": [{ "kind": "DUNS", "value": "12345678" }] }), "MALFORMED"),
        (json!({ "names": [{ "name": "B", "kind": "LEGAL", "language": "deutsch!" }] }), "MALFORMED"),
        (json!({ "domains": ["gmail.com"] }), "MALFORMED"),
        (json!({ "domains": (0..51).map(|n| format!("a{n}.example")).collect::<Vec<_>>() }), "TOO_LONG"),
    ] {
        let mut input = input;
        input["name"] = json!("Betasoloin");
        input["country"] = json!("US");
        assert_eq!(ops.refused("createAccount", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(TABLES).await, before);
    // The same number in another registry, and the same id in another system, are others.
    create(
        &ops,
        json!({ "name": "Betasoloin", "country": "US", "references": [{ "system": "erp", "externalId": "A-1" }] }),
    )
    .await;
    app.check().await;
}

#[tokio::test]
async fn an_account_is_found_by_each_of_them() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let id = create(
        &ops,
        json!({ "name": "Acme", "country": "DE", "website": "acme.example", "domains": ["acme.test.example"], "size": "SMALL",
            "registryIds": [{ "kind": "DUNS", "value": "15-048-3782" }], "references": [{ "system": "crm", "externalId": "A-1" }] }),
    )
    .await;
    named(&ops, "Betasoloin").await;
    let list = "query($filter: AccountFilter) { accounts(filter: $filter) { nodes { id } } }";
    for filter in [
        json!({ "website": "www.acme.example" }),
        json!({ "registryId": { "kind": "DUNS", "value": "150483782" } }),
        json!({ "reference": { "system": "crm", "externalId": "A-1" } }),
        json!({ "sizes": ["SMALL"] }),
    ] {
        let found = ops.ask(list, json!({ "filter": filter })).await;
        assert_eq!(found.data["accounts"]["nodes"], json!([{ "id": id }]), "{filter}");
    }
}

#[tokio::test]
async fn an_account_is_changed_in_parts_and_at_the_version_that_was_seen() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let other = create(&ops, json!({ "name": "Other", "country": "DE", "website": "other.example" })).await;
    let twin = named(&ops, "Twin").await;
    let id = create(
        &ops,
        json!({ "name": "Acme", "country": "DE", "website": "acme.example", "domains": ["acme-shop.example"], "industry": "Retail",
            "names": [{ "name": "Acme Shop", "kind": "TRADING" }] }),
    )
    .await;
    let change = async |input: Value| {
        let mut input = input;
        input["id"] = id.clone();
        ops.done("updateAccount", input, "account { version }").await;
        look(&ops, &id).await
    };
    // What is absent stays; the website's domain takes the place of the one before.
    let seen = change(json!({ "website": "https://acme-group.example", "expectedVersion": 1 })).await;
    assert_eq!((&seen["domain"], &seen["version"]), (&json!("acme-group.example"), &json!(2)));
    assert_eq!(seen["domains"], json!(["acme-group.example", "acme-shop.example"]));
    assert_eq!(seen["names"][0]["name"], "Acme Shop");
    // Nothing changes: nothing is written.
    let events = app.rows(&["audit_events"]).await;
    assert_eq!(change(json!({ "name": "Acme", "industry": "Retail" })).await["version"], 2);
    assert_eq!(app.rows(&["audit_events"]).await, events);
    // Null takes away what may be missing; lists take the place of lists.
    let seen =
        change(json!({ "industry": null, "size": "MICRO", "names": [], "domains": ["acme-mail.example"] })).await;
    assert_eq!((&seen["industry"], &seen["size"], &seen["names"]), (&Value::Null, &json!("MICRO"), &json!([])));
    assert_eq!(seen["domains"], json!(["acme-group.example", "acme-mail.example"]));
    let seen = change(json!({ "website": null })).await;
    assert_eq!((&seen["domain"], &seen["domains"]), (&Value::Null, &json!(["acme-mail.example"])));
    assert_eq!(change(json!({ "domains": [] })).await["domains"], json!([]));

    let before = app.rows(TABLES).await;
    let seen = look(&ops, &id).await;
    for (input, code) in [
        (json!({ "name": "B", "expectedVersion": 1 }), "VERSION_CONFLICT"),
        (json!({ "website": "other.example" }), "ACCOUNT_IDENTIFIER_TAKEN"),
        (json!({ "domains": ["www.other.example"] }), "ACCOUNT_IDENTIFIER_TAKEN"),
        (json!({ "name": "TWIN AG" }), "ACCOUNT_EXISTS"),
        (json!({ "website": "https://facebook.com/acme" }), "MALFORMED"),
        (json!({ "parentId": "acc_00000000000000000000000000000001" }), "NOT_FOUND"),
        (json!({ "id": "acc_00000000000000000000000000000001" }), "NOT_FOUND"),
    ] {
        let mut input = input;
        if input["id"].is_null() {
            input["id"] = id.clone();
        }
        assert_eq!(ops.refused("updateAccount", input.clone()).await, [code], "{input}");
    }
    assert_eq!(app.rows(TABLES).await, before);
    assert_eq!(look(&ops, &id).await, seen);
    assert_eq!(look(&ops, &other).await["domains"], json!(["other.example"]));
    assert_eq!(look(&ops, &twin).await["version"], 1);
    app.check().await;
}

#[tokio::test]
async fn twenty_that_claim_one_domain_at_once_leave_it_to_one_account() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let mut accounts = Vec::new();
    for name in ["Amber", "Birch", "Cedar", "Dune", "Ember"] {
        accounts.push(named(&ops, name).await);
    }
    let update = "mutation($input: UpdateAccountInput!) { updateAccount(input: $input) { userErrors { code } } }";
    for round in 0..20 {
        let (accounts, ops) = (&accounts, &ops);
        let answers = race(5, move |number| async move {
            let input = json!({ "id": accounts[number], "domains": [format!("shared-{round}.example")] });
            let answer = ops.ask(update, json!({ "input": input })).await;
            assert_eq!(answer.errors, Value::Null);
            answer.data["updateAccount"]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
        })
        .await;
        let done = answers.iter().filter(|code| *code == "DONE").count();
        assert_eq!(done, 1, "{answers:?}");
        assert!(
            answers.iter().all(|code| ["DONE", "ACCOUNT_IDENTIFIER_TAKEN"].contains(&code.as_str())),
            "{answers:?}"
        );
    }
    app.check().await;
}

#[tokio::test]
async fn a_partner_reads_nothing_of_what_staff_keep_of_an_account() {
    let app = TestApp::start().await;
    let world = crate::deals::World::of(&app).await;
    let seller = world.seller("north").await;
    world.register(&seller, world.deal("Acme")).await;
    let document = "{ accounts { nodes { id name names { name } domains registryIds { value } references { system }
        reservedFor reservations { reason } incumbents { since } subsidiaries { nodes { id } } } } }";
    let seen = seller.ask(document, Value::Null).await.data["accounts"]["nodes"][0].clone();
    let id = seen["id"].clone();
    assert_eq!(
        seen,
        json!({ "id": id, "name": "Acme", "names": null, "domains": null, "registryIds": null, "references": null,
            "reservedFor": null, "reservations": null, "incumbents": null, "subsidiaries": { "nodes": [] } })
    );
    let input =
        json!({ "id": id, "names": [{ "name": "Rival's Acme", "kind": "TRADING" }], "domains": ["acme.example"] });
    world.ops.done("updateAccount", input, "").await;
    let child = json!({ "name": "Acme Nord", "country": "DE", "parentId": id });
    create(&world.ops, child).await;
    assert_eq!(seller.ask(document, Value::Null).await.data["accounts"]["nodes"], json!([seen]));
    // Nor does it find the account by what it does not see.
    let list = "query($filter: AccountFilter) { accounts(filter: $filter) { nodes { name } } }";
    for filter in [json!({ "website": "acme.example" }), json!({ "name": "Rival" })] {
        assert_eq!(
            seller.ask(list, json!({ "filter": filter })).await.data["accounts"]["nodes"],
            json!([]),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn the_audit_of_a_partner_tells_nothing_of_what_staff_changed() {
    let app = TestApp::start().await;
    let world = crate::deals::World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let id = super::merging::account_of(&seller, &deal).await["id"].clone();
    let partner = app.sign_in("seller@north.example").await;
    let mine = partner.ask("{ viewer { partner { id } } }", Value::Null).await.data["viewer"]["partner"]["id"].clone();
    let admin = app.person("ana@north.example", mine.as_str().unwrap().parse().ok(), &[Role::PartnerAdmin]).await;
    let events = "{ auditEvents(first: 100) { nodes { action objectId after } } }";
    let before = admin.ask(events, Value::Null).await.data["auditEvents"]["nodes"].clone();
    assert!(before.to_string().contains(id.as_str().unwrap()), "{before}");
    let change = json!({ "id": id, "names": [{ "name": "Rival's Acme", "kind": "TRADING" }] });
    world.ops.done("updateAccount", change, "").await;
    world.ops.done("reserveAccount", json!({ "accountId": id, "reservedFor": "DIRECT", "reason": "Ours." }), "").await;
    let other = named(&world.ops, "Acme Two").await;
    super::merge(&world.ops, &id, &other).await;
    assert_eq!(admin.ask(events, Value::Null).await.data["auditEvents"]["nodes"], before);
}
