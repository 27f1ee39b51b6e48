//! Accounts are found in other spellings, by an index that is written with them.

use entity::{account_match_key, account_match_subject, value::Role};
use partner_portal::{
    accounts::{
        accounts,
        matching::rules::{Profile, Subject, keys},
    },
    commands,
    platform::{auth::tokens::Tokens, call::Call},
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};

use crate::{
    people::query,
    support::{Engine, Person, TestApp},
};

const MATCH: &str = "query($input: MatchAccountsInput!) { matchAccounts(input: $input) { matcherVersion policyVersion
    candidates { account { name } verdict score reasons { code sentence against given found } } } }";

async fn create(ops: &Person<'_>, name: &str, website: Option<&str>, country: &str) -> Value {
    let input = json!({ "name": name, "website": website, "country": country });
    ops.done("createAccount", input, "account { id }").await["account"]["id"].clone()
}

/// Name and verdict of each candidate.
async fn found(person: &Person<'_>, input: Value) -> Vec<(String, String)> {
    let answer = person.ask(MATCH, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null, "{input}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let candidates = answer.data["matchAccounts"]["candidates"].as_array().unwrap().clone();
    candidates.iter().map(|it| (text(&it["account"]["name"]), text(&it["verdict"]))).collect()
}

#[tokio::test]
async fn what_the_index_does_not_hold_as_it_should_is_written_into_it() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for number in 0..203 {
        create(&ops, &crate::deals::words(number), None, "DE").await;
    }
    let known = crate::deals::words(202);
    app.execute("delete from account_match_keys").await;
    app.execute("delete from account_match_subjects").await;
    assert_eq!(found(&ops, json!({ "names": [known] })).await, []);
    let call = Call::system(app.services.clone(), "test");
    let mut written = Vec::new();
    let mut after = None;
    loop {
        let (some, last) = accounts::index(&call, after).await.unwrap();
        written.push(some);
        if last.is_none() {
            break;
        }
        after = last;
    }
    assert_eq!(written, [200, 3, 0]);
    assert_eq!(found(&ops, json!({ "names": [known] })).await, [(known.clone(), "SAME".to_owned())]);
    // As another matcher wrote it, it is written anew; the others are left alone.
    app.execute("update account_match_subjects set matcher_version = 0 where account_id = (select account_id from account_match_subjects order by account_id desc limit 1)").await;
    let (first, last) = accounts::index(&call, None).await.unwrap();
    assert_eq!((first, accounts::index(&call, last).await.unwrap().0), (0, 1));
    app.check().await;

    // All at once, as after an upgrade: the database looks at what has become large.
    app.execute("delete from account_match_keys").await;
    app.execute("delete from account_match_subjects").await;
    let (owner, tokens) = (app.database.open_as_owner().await, Tokens::from_pem(&app.key, "test").unwrap());
    let call = Call::system(commands::services(owner, tokens).unwrap(), "test");
    assert_eq!(accounts::index_all(&call).await.unwrap(), 203);
    let known = match Engine::current() {
        Engine::Postgres => "select reltuples::text as text from pg_class where relname = 'account_match_subjects'",
        Engine::Sqlite => "select distinct stat as text from sqlite_stat1 where tbl = 'account_match_subjects'",
    };
    let known = query(&app, known).await;
    // After 200; all 203 if the database has looked by itself in between.
    assert!(["200", "203"].iter().any(|rows| known[0].starts_with(rows)), "{known:?}");
    assert_eq!(accounts::index_all(&call).await.unwrap(), 0);
    app.check().await;
}

#[tokio::test]
async fn an_account_is_found_in_any_spelling_with_the_reasons() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    create(&ops, "Velmora Dynamics GmbH", Some("https://www.velmora.example/about"), "DE").await;
    create(&ops, "Talvey Foods", None, "FR").await;
    create(&ops, "Bank of New Toralen Orvan", None, "US").await;
    for (input, name, verdict) in [
        (json!({ "names": ["VELMORA-DYNAMICS"] }), "Velmora Dynamics GmbH", "SAME"),
        (json!({ "names": ["Velm\u{43E}ra Dynam\u{200B}ics"], "country": "DE" }), "Velmora Dynamics GmbH", "SAME"),
        (
            json!({ "names": ["Other words"], "website": "shop.VELMORA.example.:8443/x" }),
            "Velmora Dynamics GmbH",
            "SAME",
        ),
        (json!({ "names": ["Velmora Dynamics"], "country": "FR" }), "Velmora Dynamics GmbH", "PROBABLE"),
        (json!({ "names": ["Velmroa Dynamics"] }), "Velmora Dynamics GmbH", "PROBABLE"),
        (json!({ "names": ["Velmora"] }), "Velmora Dynamics GmbH", "PROBABLE"),
        (json!({ "names": ["BNT Orvan"] }), "Bank of New Toralen Orvan", "PROBABLE"),
        (json!({ "names": ["Something else", "TALVEY FOODS S.A."] }), "Talvey Foods", "SAME"),
    ] {
        assert_eq!(found(&ops, input.clone()).await, [(name.to_owned(), verdict.to_owned())], "{input}");
    }
    assert_eq!(found(&ops, json!({ "names": ["Brelli"], "website": "gmail.com" })).await, []);

    let input = json!({ "names": ["Velmora Dynamics"], "country": "FR" });
    let answer = ops.ask(MATCH, json!({ "input": input })).await;
    let candidate = &answer.data["matchAccounts"]["candidates"][0];
    let codes: Vec<_> = candidate["reasons"].as_array().unwrap().iter().map(|it| it["code"].clone()).collect();
    assert_eq!(codes, ["SAME_NAME", "OTHER_COUNTRY"]);
    assert_eq!(candidate["reasons"][1]["sentence"], "One is in FR, the other in DE.");
    assert_eq!(candidate["reasons"][1]["against"], true);
    assert_eq!(answer.data["matchAccounts"]["policyVersion"], 1);
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused_with_its_field() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for (input, reason, field) in [
        (json!({ "names": [] }), "Required", json!(["input", "names"])),
        (json!({ "names": ["\u{200B}"] }), "Required", json!(["input", "names", "0"])),
        (json!({ "names": ["A"], "website": "localhost" }), "Malformed", json!(["input", "website"])),
        (
            json!({ "names": ["A"], "registryIds": [{ "kind": "LEI", "value": "1" }] }),
            "Malformed",
            json!(["input", "registryIds", "0", "value"]),
        ),
    ] {
        let answer = ops.ask(MATCH, json!({ "input": input })).await;
        let told = &answer.errors[0]["extensions"];
        assert_eq!((&told["code"], &told["reason"]), (&json!("BAD_INPUT"), &json!(reason)), "{input}: {told}");
        assert_eq!(told["field"], field, "{input}");
    }
}

#[tokio::test]
async fn the_index_is_written_with_the_account_and_refusals_leave_it_alone() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let pool = app.services.db.pool();
    create(&ops, "Velmora Dynamics", Some("velmora.example"), "DE").await;
    let kept = account_match_subject::Entity::find().all(pool).await.unwrap();
    let [kept] = kept.as_slice() else { panic!("one account, one subject") };
    let subject: Subject = serde_json::from_str(&kept.subject).unwrap();
    let rows = account_match_key::Entity::find().all(pool).await.unwrap();
    let mut held: Vec<i64> = rows.iter().map(|row| row.key).collect();
    held.sort_unstable();
    assert_eq!(held, keys(&Profile::of(subject)));
    assert!(rows.iter().all(|row| row.account_id == kept.account_id));

    let tables = ["accounts", "account_match_keys", "account_match_subjects", "audit_events"];
    let before = app.rows(&tables).await;
    let again = json!({ "name": "VELMORA DYNAMICS INC", "country": "DE" });
    assert_eq!(ops.refused("createAccount", again).await, ["ACCOUNT_EXISTS"]);
    assert_eq!(app.rows(&tables).await, before);
}

#[tokio::test]
async fn candidates_come_from_the_index_in_a_large_table_with_few_statements() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let pool = app.services.db.pool();
    create(&ops, "Velmora Dynamics", Some("velmora.example"), "DE").await;
    let input = json!({ "names": ["Velmora"], "website": "velmora.example" });
    let count = async || {
        let before = app.services.db.statements();
        assert_eq!(found(&ops, input.clone()).await.len(), 1);
        app.services.db.statements() - before
    };
    count().await;
    let few = count().await;
    let fill = match Engine::current() {
        Engine::Sqlite => {
            "insert into account_match_keys (key, account_id)
            with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000)
            select abs(random()) % 1000000, randomblob(16) from n; analyze"
        }
        Engine::Postgres => {
            "insert into account_match_keys (key, account_id)
            select (random() * 1000000)::bigint, gen_random_uuid() from generate_series(1, 60000); analyze account_match_keys"
        }
    };
    pool.execute_unprepared(fill).await.unwrap();
    assert!(account_match_key::Entity::find().count(pool).await.unwrap() > 50_000);
    assert_eq!(count().await, few, "as many statements in a large index");
    let plan = app.plan_of(&["from account_match_keys"]).await;
    match Engine::current() {
        Engine::Postgres => {
            assert!(plan.contains("an_account_has_a_key_once"), "{plan}");
            assert!(!plan.contains("Seq Scan"), "{plan}");
        }
        Engine::Sqlite => {
            assert!(plan.contains("SEARCH account_match_keys USING PRIMARY KEY (key=?)"), "{plan}");
            assert!(!plan.contains("SCAN account_match_keys"), "{plan}");
        }
    }
}

#[tokio::test]
async fn only_staff_learn_who_is_known() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    create(&ops, "Velmora Dynamics", None, "DE").await;
    let partner = app.partner("north.example").await;
    let seller = app.person("ana@north.example", Some(partner), &[Role::Seller]).await;
    for name in ["Velmora Dynamics", "Somebody else"] {
        let answer = seller.ask(MATCH, json!({ "input": { "names": [name] } })).await;
        assert!(answer.errors.to_string().contains("FORBIDDEN"), "{}", answer.errors);
    }
}

#[tokio::test]
async fn staff_change_the_figures_of_matching_and_what_is_found_says_under_which_version() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let policy = "accountMatchPolicy { version probableFrom margin mostCandidates availabilityChecksADay }";
    let shipped = ops.ask(&format!("{{ {policy} }}"), Value::Null).await.data["accountMatchPolicy"].clone();
    let before = app.rows(&["policy_documents", "audit_events"]).await;
    for (input, code) in [
        (json!({ "probableFrom": 95 }), "OUT_OF_RANGE"),
        (json!({ "margin": 0 }), "OUT_OF_RANGE"),
        (json!({ "mostCandidates": 101 }), "OUT_OF_RANGE"),
        (json!({ "availabilityChecksADay": -1 }), "OUT_OF_RANGE"),
        (json!({ "margin": 5, "expectedVersion": 2 }), "VERSION_CONFLICT"),
    ] {
        assert_eq!(ops.refused("setAccountMatchPolicy", input).await, [code]);
    }
    assert_eq!(app.rows(&["policy_documents", "audit_events"]).await, before);

    for name in ["Velmora Shipping", "Velmora Shiping"] {
        super::create(&ops, json!({ "name": name, "country": "DE" })).await;
    }
    let found = async || {
        let asked = json!({ "input": { "names": ["Velmora Shipping"], "country": "DE" } });
        let found = ops.ask(MATCH, asked).await.data["matchAccounts"].clone();
        (found["candidates"].as_array().unwrap().len(), found["policyVersion"].clone())
    };
    let set = json!({ "margin": 100, "probableFrom": 50, "expectedVersion": 1 });
    let set = ops.done("setAccountMatchPolicy", set, policy).await["accountMatchPolicy"].clone();
    assert_eq!((&set["version"], &set["margin"]), (&json!(2), &json!(100)));
    assert_eq!(set["mostCandidates"], shipped["mostCandidates"], "what is absent stays");
    assert_eq!(found().await, (2, json!(2)));
    ops.done("setAccountMatchPolicy", json!({ "mostCandidates": 1 }), "").await;
    assert_eq!(found().await, (1, json!(3)));
    app.check().await;
}

#[tokio::test]
async fn a_number_of_a_registry_is_found_however_it_is_written() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    for (number, (kind, typed)) in
        [("VAT", "GR 123456789"), ("VAT", "CHE-123.456.788 MWST"), ("DUNS", "15-048-3782")].into_iter().enumerate()
    {
        let registry_id = json!({ "kind": kind, "value": typed });
        let name = format!("Customer {number}");
        super::create(&ops, json!({ "name": name, "country": "DE", "registryIds": [registry_id] })).await;
    }
    for (number, (kind, typed)) in
        [("VAT", "el123456789"), ("VAT", "CH123456788"), ("DUNS", "150483782")].into_iter().enumerate()
    {
        let asked = json!({ "input": { "names": ["Talvey"], "registryIds": [{ "kind": kind, "value": typed }] } });
        let answer = ops.ask(MATCH, asked).await;
        let candidate = &answer.data["matchAccounts"]["candidates"][0];
        assert_eq!(candidate["account"]["name"], format!("Customer {number}"), "{kind} {typed}: {:?}", answer.data);
        assert_eq!(candidate["verdict"], "SAME");
    }
}
