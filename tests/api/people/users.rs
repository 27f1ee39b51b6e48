//! Administrators change people of their company: roles, names, whether they may sign in.

use std::time::Duration;

use chrono::TimeDelta;
use entity::value::{PartnerId, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{
    Engine, Person, TestApp,
    app::{Options, PASSWORD},
    only_on,
    race::race,
};

const USER: &str = "user { id name roles state version allowedActions }";
const INVENTED: &str = "usr_00000000000000000000000000000001";

/// Who somebody is.
async fn id_of(person: &Person<'_>) -> String {
    let answer = person.ask("{ viewer { user { id } } }", Value::Null).await;
    answer.data["viewer"]["user"]["id"].as_str().unwrap().to_owned()
}

async fn admin_and_seller<'a>(app: &'a TestApp, company: &str) -> (Person<'a>, Person<'a>, PartnerId) {
    // Ids are in the order of creation, to the millisecond.
    app.advance(TimeDelta::seconds(1));
    let partner = app.partner(company).await;
    let admin = app.person(&format!("admin@{company}"), Some(partner), &[Role::PartnerAdmin]).await;
    app.advance(TimeDelta::seconds(1));
    let seller = app.person(&format!("seller@{company}"), Some(partner), &[Role::Seller]).await;
    (admin, seller, partner)
}

const TABLES: [&str; 3] = ["users", "audit_events", "sessions"];

#[tokio::test]
async fn a_partners_administrator_changes_people_of_their_company_only() {
    let app = TestApp::start().await;
    let (admin, seller, _) = admin_and_seller(&app, "acme.example").await;
    let (other, foreign, _) = admin_and_seller(&app, "other.example").await;
    let id = id_of(&seller).await;

    let roles = json!({ "userId": id, "roles": ["MARKETER", "SELLER"], "expectedVersion": 1 });
    let changed = admin.done("changeUserRoles", roles.clone(), USER).await;
    assert_eq!(changed["user"]["roles"], json!(["SELLER", "MARKETER"]));
    assert_eq!(changed["user"]["version"], 2);
    assert_eq!(changed["user"]["allowedActions"], json!(["CHANGE_ROLES", "RENAME", "DEACTIVATE", "EXPORT", "ERASE"]));
    let viewer = seller.ask("{ viewer { roles user { allowedActions } } }", Value::Null).await.data;
    assert_eq!(viewer["viewer"]["roles"], json!(["SELLER", "MARKETER"]), "known at once");
    assert_eq!(viewer["viewer"]["user"]["allowedActions"], json!(["RENAME", "EXPORT"]));
    assert_eq!(admin.refused("changeUserRoles", roles).await, ["VERSION_CONFLICT"]);

    let renamed = admin.done("renameUser", json!({ "userId": id, "name": "Sam O'Brien" }), USER).await;
    assert_eq!(renamed["user"]["name"], "Sam O'Brien");
    let own = seller.done("updateOwnProfile", json!({ "name": "Samira" }), USER).await;
    assert_eq!((&own["user"]["name"], &own["user"]["version"]), (&json!("Samira"), &json!(4)));

    // Somebody else's person is nobody; a colleague without the role may not.
    let before = app.rows(&TABLES).await;
    for (mutation, more) in [
        ("changeUserRoles", json!({ "roles": ["LEARNER"] })),
        ("deactivateUser", json!({})),
        ("reactivateUser", json!({})),
        ("renameUser", json!({ "name": "Mallory" })),
    ] {
        let with = |id: &str| {
            let mut input = more.clone();
            input["userId"] = json!(id);
            json!({ "input": input })
        };
        let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code message field }} }} }}"
        );
        let foreign_answer = other.ask(&document, with(&id)).await;
        assert_eq!(foreign_answer.data[mutation]["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(foreign_answer.body, other.ask(&document, with(INVENTED)).await.body);
        for stranger in [&seller, &foreign] {
            let answer = stranger.ask(&document, with(&id)).await;
            assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN", "{mutation}");
        }
        let nobody = app.anonymous().ask(&document, with(&id)).await;
        assert_eq!(nobody.errors[0]["extensions"]["code"], "UNAUTHENTICATED", "{mutation}");
    }
    assert_eq!(app.rows(&TABLES).await, before);
}

#[tokio::test]
async fn staff_administrators_change_everybody_and_other_staff_nobody() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let (_, seller, _) = admin_and_seller(&app, "acme.example").await;
    let finance = app.staff(Role::Finance).await;
    for person in [&seller, &finance] {
        let id = id_of(person).await;
        admin.done("renameUser", json!({ "userId": id, "name": "日本語" }), USER).await;
        for role in [Role::ChannelOps, Role::ChannelManager, Role::DirectSales, Role::Executive] {
            let address = format!("{}@vendor.example", role.to_string().to_lowercase());
            if app.rows(&["users"]).await[0].1 < 8 {
                app.create_user(&address, None, &[role]).await;
            }
            let other = app.sign_in(&address).await;
            let document = "mutation($id: ID!) { deactivateUser(input: { userId: $id }) { userErrors { code } } }";
            let answer = other.ask(document, json!({ "id": id })).await;
            assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN", "{role}");
        }
    }
}

#[tokio::test]
async fn roles_are_of_the_right_kind_and_at_least_one() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Admin).await;
    let finance = id_of(&app.staff(Role::Finance).await).await;
    let (admin, seller, _) = admin_and_seller(&app, "acme.example").await;
    let seller = id_of(&seller).await;
    let before = app.rows(&TABLES).await;
    for (caller, id, roles, code) in [
        (&admin, &seller, json!([]), "REQUIRED"),
        (&admin, &seller, json!(["ADMIN"]), "ROLE_NOT_AVAILABLE"),
        (&admin, &seller, json!(["SELLER", "FINANCE"]), "ROLE_NOT_AVAILABLE"),
        (&staff, &seller, json!(["EXECUTIVE"]), "ROLE_NOT_AVAILABLE"),
        (&staff, &finance, json!(["PARTNER_ADMIN"]), "ROLE_NOT_AVAILABLE"),
        (&staff, &finance, json!([]), "REQUIRED"),
    ] {
        let refused = caller.refused("changeUserRoles", json!({ "userId": id, "roles": roles })).await;
        assert_eq!(refused, [code], "{roles}");
    }
    assert_eq!(app.rows(&TABLES).await, before);
}

#[tokio::test]
async fn the_last_administrator_of_a_company_stays() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Admin).await;
    let (admin, seller, _) = admin_and_seller(&app, "acme.example").await;
    // An administrator of another company, and one who cannot sign in, do not count.
    let (second, third, _) = admin_and_seller(&app, "other.example").await;
    let third = id_of(&third).await;
    second.done("changeUserRoles", json!({ "userId": third, "roles": ["PARTNER_ADMIN"] }), USER).await;
    second.done("deactivateUser", json!({ "userId": third }), USER).await;
    let before = app.rows(&TABLES).await;
    let (staff_id, admin_id, second_id) = (id_of(&staff).await, id_of(&admin).await, id_of(&second).await);
    for (caller, id, plain) in [
        (&staff, &staff_id, "FINANCE"),
        (&admin, &admin_id, "SELLER"),
        (&staff, &admin_id, "SELLER"),
        (&second, &second_id, "SELLER"),
    ] {
        let roles = json!({ "userId": id, "roles": [plain] });
        assert_eq!(caller.refused("changeUserRoles", roles).await, ["LAST_ADMIN"]);
        assert_eq!(caller.refused("deactivateUser", json!({ "userId": id })).await, ["LAST_ADMIN"]);
    }
    assert_eq!(app.rows(&TABLES).await, before);

    let seller_id = id_of(&seller).await;
    let both = json!({ "userId": seller_id, "roles": ["SELLER", "PARTNER_ADMIN"] });
    admin.done("changeUserRoles", both, USER).await;
    admin.done("deactivateUser", json!({ "userId": admin_id }), USER).await;
    assert_eq!(seller.refused("deactivateUser", json!({ "userId": seller_id })).await, ["LAST_ADMIN"]);
}

/// Takes the administrator's role from somebody, or deactivates them; whether it was done.
async fn removal(by: &Person<'_>, of: &str, by_roles: bool) -> bool {
    let (mutation, input) = if by_roles {
        ("changeUserRoles", json!({ "userId": of, "roles": ["SELLER"] }))
    } else {
        ("deactivateUser", json!({ "userId": of }))
    };
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document =
        format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ user {{ id }} userErrors {{ code }} }} }}");
    let answer = by.ask(&document, json!({ "input": input })).await;
    answer.body.to_string().contains(r#""userErrors":[]"#)
}

/// How many administrators of a company may sign in.
async fn admins_left(app: &TestApp, domain: &str) -> i64 {
    let pool = app.services.db.pool();
    let left = format!(
        "select count(*) as n from users join partners p on p.id = users.partner_id
         where p.domain = '{domain}' and users.state = 'ACTIVE' and users.roles = 'PARTNER_ADMIN'"
    );
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), left)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_who_remove_each_other_or_themselves_leave_one() {
    let app = TestApp::start().await;
    for round in 0..20 {
        let (first, second, _) = admin_and_seller(&app, &format!("acme-{round}.example")).await;
        let ids = [id_of(&first).await, id_of(&second).await];
        let both = json!({ "userId": ids[1], "roles": ["PARTNER_ADMIN"] });
        first.done("changeUserRoles", both, USER).await;
        let people = [&first, &second];
        // Even rounds: each other. Odd rounds: themselves.
        let answers = race(2, |number| removal(people[number], &ids[(number + 1 + round) % 2], round % 4 < 2)).await;
        assert_eq!(answers.iter().filter(|done| **done).count(), 1, "round {round}");
        assert_eq!(admins_left(&app, &format!("acme-{round}.example")).await, 1, "round {round}");
    }
}

/// Both have decided before either has committed: what they write last, the chain of their company's audit events, is held
/// until then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_who_decide_at_the_same_moment_leave_one() {
    let name = "two_administrators_who_decide_at_the_same_moment_leave_one";
    if !only_on(Engine::Postgres, name, "SQLite's writers take turns from the beginning") {
        return;
    }
    let app = TestApp::start().await;
    let replica = app.beside(Options::default()).await;
    for round in 0..4 {
        let (first, second, partner) = admin_and_seller(&app, &format!("acme-{round}.example")).await;
        let ids = [id_of(&first).await, id_of(&second).await];
        let both = json!({ "userId": ids[1], "roles": ["PARTNER_ADMIN"] });
        first.done("changeUserRoles", both, USER).await;
        let people =
            [Person { app: &app, token: first.token.clone() }, Person { app: &replica, token: second.token.clone() }];
        let held = app.services.db.begin().await.unwrap();
        let hold = format!("update audit_chains set length = length where chain = '{partner}'");
        assert_eq!(held.execute_unprepared(&hold).await.unwrap().rows_affected(), 1, "the chain of {partner}");
        // Even rounds: each other. Odd rounds: themselves.
        let changes = race(2, |number| removal(&people[number], &ids[(number + 1 + round) % 2], round < 2));
        let letting_go = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            held.commit().await.unwrap();
        };
        let (answers, ()) = tokio::join!(changes, letting_go);
        assert_eq!(answers.iter().filter(|done| **done).count(), 1, "round {round}");
        assert_eq!(admins_left(&app, &format!("acme-{round}.example")).await, 1, "round {round}");
    }
    app.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_right_while_waiting_for_their_turn_does_it_no_more() {
    for (lost, code) in [("roles = 'SELLER'", "FORBIDDEN"), ("state = 'DEACTIVATED'", "UNAUTHENTICATED")] {
        let app = TestApp::start().await;
        let (admin, seller, _) = admin_and_seller(&app, "acme.example").await;
        let seller_id = id_of(&seller).await;
        let held = app.services.db.begin().await.unwrap();
        let lose = format!("update users set {lost} where email = 'admin@acme.example'");
        held.execute_unprepared(&lose).await.unwrap();
        let document = "mutation($input: DeactivateUserInput!) { deactivateUser(input: $input) { user { id } } }";
        // Let in while the change is not committed, and waiting for it then.
        let waiting = admin.ask(document, json!({ "input": { "userId": seller_id } }));
        let letting_go = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            held.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(waiting, letting_go);
        assert_eq!(answer.errors[0]["extensions"]["code"], code, "{lost}: {answer:?}");
        assert_eq!(seller.ask("{ viewer { isStaff } }", Value::Null).await.status, 200, "the colleague stays");
    }
}

#[tokio::test]
async fn a_deactivated_person_is_out_at_once_and_their_sessions_do_not_come_back() {
    let app = TestApp::start().await;
    let (admin, seller, _) = admin_and_seller(&app, "acme.example").await;
    let id = id_of(&seller).await;
    let tokens = app
        .anonymous()
        .done("signIn", json!({ "email": "seller@acme.example", "password": PASSWORD }), "tokens { refreshToken }")
        .await;
    let refresh = json!({ "refreshToken": tokens["tokens"]["refreshToken"] });

    let input = json!({ "userId": id, "idempotencyKey": "once" });
    let gone = admin.done("deactivateUser", input.clone(), USER).await;
    assert_eq!(gone["user"]["state"], "DEACTIVATED");
    assert_eq!(gone["user"]["allowedActions"], json!(["CHANGE_ROLES", "RENAME", "REACTIVATE", "EXPORT", "ERASE"]));
    let events = app.rows(&["audit_events"]).await;
    assert_eq!(admin.done("deactivateUser", input, USER).await, gone, "a retry is answered the same");
    assert_eq!(app.rows(&["audit_events"]).await, events, "and does nothing");
    assert_eq!(admin.refused("deactivateUser", json!({ "userId": id })).await, ["WRONG_STATE"]);

    assert_eq!(seller.ask("{ viewer { isStaff } }", Value::Null).await.status, 401);
    assert_eq!(app.anonymous().refused("refreshSession", refresh.clone()).await, ["INVALID_TOKEN"]);
    let sign_in = json!({ "email": "seller@acme.example", "password": PASSWORD });
    assert_eq!(app.anonymous().refused("signIn", sign_in).await, ["INVALID_CREDENTIALS"]);

    admin.done("reactivateUser", json!({ "userId": id }), USER).await;
    assert_eq!(seller.ask("{ viewer { isStaff } }", Value::Null).await.status, 401);
    assert_eq!(app.anonymous().refused("refreshSession", refresh).await, ["INVALID_TOKEN"]);
    app.sign_in("seller@acme.example").await;
}

#[tokio::test]
async fn names_are_kept_as_people_write_them_and_tricks_are_refused() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let long = "x".repeat(201);
    for (name, code) in [
        ("", "REQUIRED"),
        (" \u{A0}\u{3000} ", "REQUIRED"),
        ("\u{200B}\u{2060}\u{FEFF}", "REQUIRED"),
        ("\u{2800}\u{3164}", "REQUIRED"),
        ("\u{301}\u{302}", "REQUIRED"),
        ("Ana\u{0}", "MALFORMED"),
        ("Ana\u{1B}[31m", "MALFORMED"),
        ("Ana\u{202E}nimdA", "MALFORMED"),
        ("Ana\u{2067}nimdA", "MALFORMED"),
        ("Ana\nBea", "MALFORMED"),
        ("Ana\u{2028}Bea", "MALFORMED"),
        (&long, "TOO_LONG"),
    ] {
        assert_eq!(admin.refused("updateOwnProfile", json!({ "name": name })).await, [code], "{name:?}");
    }
    for (name, kept) in [
        ("O'Brien", "O'Brien"),
        ("日本語", "日本語"),
        ("Zoe\u{308} 👩‍💻", "Zoë 👩‍💻"),
        ("  محمد  ", "محمد"),
        (&long[..200], &long[..200]),
    ] {
        assert_eq!(admin.done("updateOwnProfile", json!({ "name": name }), USER).await["user"]["name"], kept);
    }
}

const LIST: &str = "query($filter: UserFilter, $orderBy: UserOrder, $first: Int, $after: String) {
    users(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount nodes { id name email partner { name } } pageInfo { hasNextPage endCursor } } }";

async fn names(person: &Person<'_>, variables: Value) -> Vec<String> {
    let answer = person.ask(LIST, variables).await;
    assert_eq!(answer.errors, Value::Null);
    let nodes = answer.data["users"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn staff_list_everybody_and_a_partners_administrator_their_own_company() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Executive).await;
    let (admin, seller, acme) = admin_and_seller(&app, "acme.example").await;
    let (_, _, other) = admin_and_seller(&app, "other.example").await;
    let by_name = json!({ "field": "NAME", "direction": "ASC" });
    let all = [
        "seller@other.example",
        "admin@other.example",
        "seller@acme.example",
        "admin@acme.example",
        "executive@vendor.example",
    ];
    assert_eq!(names(&staff, json!({})).await, all);
    assert_eq!(names(&admin, json!({})).await, all[2..4]);
    assert_eq!(names(&staff, json!({ "filter": { "isStaff": true } })).await, all[4..]);
    assert_eq!(names(&staff, json!({ "filter": { "isStaff": false } })).await, all[..4]);
    assert_eq!(names(&staff, json!({ "filter": { "partnerId": acme.to_string() } })).await, all[2..4]);
    assert_eq!(names(&admin, json!({ "filter": { "partnerId": other.to_string() } })).await, [""; 0]);
    assert_eq!(names(&staff, json!({ "filter": { "role": "SELLER" }, "orderBy": by_name })).await, [all[2], all[0]]);
    assert_eq!(names(&staff, json!({ "filter": { "search": "OTHER." } })).await, all[..2]);
    assert_eq!(names(&staff, json!({ "filter": { "search": "%" } })).await, [""; 0]);
    assert_eq!(names(&admin, json!({ "filter": { "search": "other" } })).await, [""; 0]);
    let id = id_of(&seller).await;
    admin.done("deactivateUser", json!({ "userId": id }), USER).await;
    assert_eq!(names(&staff, json!({ "filter": { "state": "DEACTIVATED" } })).await, [all[2]]);
    assert_eq!(seller.ask(LIST, json!({})).await.status, 401);
    let other_seller = app.sign_in("seller@other.example").await;
    assert_eq!(other_seller.ask(LIST, json!({})).await.errors[0]["extensions"]["code"], "FORBIDDEN");

    // Page by page in either order: everybody once.
    for order in [Value::Null, by_name] {
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let answer = staff.ask(LIST, json!({ "first": 2, "after": after, "orderBy": order })).await;
            let page = &answer.data["users"];
            assert_eq!(page["totalCount"], 5);
            seen.extend(
                page["nodes"].as_array().unwrap().iter().map(|node| node["email"].as_str().unwrap().to_owned()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen.len(), 5);
        seen.sort();
        let mut everybody = all.to_vec();
        everybody.sort_unstable();
        assert_eq!(seen, everybody);
    }
}

#[tokio::test]
async fn lists_of_people_walk_along_an_index() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Admin).await;
    let (admin, _, acme) = admin_and_seller(&app, "acme.example").await;
    for number in 0..19 {
        app.partner(&format!("partner-{number}.example")).await;
    }
    let new_id = if Engine::current() == Engine::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let grown = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000),
        p (id, place) as (select id, row_number() over (order by id) - 1 from partners)
        insert into users (id, partner_id, email, email_key, name, name_key, roles, state, password_hash, created_at, version)
        select {new_id}, p.id, 'p' || n.i || '@people.example', 'p' || n.i || '@people.example', 'P', 'person ' || (n.i % 1000),
            'SELLER', 'ACTIVE', '', 0, 1
        from n join p on p.place = n.i % 20"
    );
    let pool = app.services.db.pool();
    pool.execute_unprepared(&grown).await.unwrap();
    app.analyze().await;
    let by_name = json!({ "field": "NAME", "direction": "ASC" });
    for (caller, filter, order, index) in [
        (&staff, Value::Null, by_name.clone(), "users_name_key_idx"),
        (&staff, json!({ "partnerId": acme.to_string() }), by_name.clone(), "users_partner_id_name_key_idx"),
        (&admin, Value::Null, by_name, "users_partner_id_name_key_idx"),
        (&admin, Value::Null, Value::Null, "users_partner_id_idx"),
    ] {
        let mut after = Value::Null;
        for page in 0..2 {
            let variables = json!({ "filter": filter, "orderBy": order, "first": 50, "after": after });
            let document = LIST.replace("totalCount", "");
            let answer = caller.ask(&document, variables).await;
            assert_eq!(answer.data["users"]["nodes"].as_array().unwrap().len(), 50, "{answer:?}");
            after = answer.data["users"]["pageInfo"]["endCursor"].clone();
            let plan = app.plan_of(&[r#"FROM "users""#, "LIMIT"]).await;
            let bad = ["Sort", "Seq Scan", "TEMP B-TREE", "SCAN users\n", "Bitmap"];
            assert!(plan.contains(index) && !bad.iter().any(|bad| plan.contains(bad)), "page {page}, {index}:\n{plan}");
        }
    }
}
