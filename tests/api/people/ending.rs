//! The list of one's sessions, ending them, and how soon an end is felt.

use std::time::Duration;

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    app::{Options, PASSWORD},
};

const LIST: &str =
    "{ viewer { sessions { totalCount nodes { id device userAgent address isCurrent createdAt lastUsedAt } } } }";

async fn on_device<'a>(app: &'a TestApp, email: &str, device: &str) -> Person<'a> {
    let document = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } } }";
    let input = json!({ "input": { "email": email, "password": PASSWORD, "device": device } });
    let answer = app.anonymous().ask_with(document, input, &[("user-agent", &format!("Browser of {device}"))]).await;
    let token = answer.data["signIn"]["tokens"]["accessToken"].as_str().map(str::to_owned);
    Person { app, token }
}

async fn sessions(person: &Person<'_>) -> Vec<Value> {
    let answer = person.ask(LIST, Value::Null).await;
    let list = &answer.data["viewer"]["sessions"];
    let nodes = list["nodes"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone();
    assert_eq!(list["totalCount"], nodes.len());
    nodes
}

async fn status(person: &Person<'_>) -> u16 {
    person.ask("{ viewer { isStaff } }", Value::Null).await.status
}

async fn run(app: &TestApp, sql: &str) {
    let pool = app.services.db.pool();
    pool.execute_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_nobody_else_does() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::ChannelOps]).await;
    let phone = on_device(&app, "ana@vendor.example", "phone").await;
    app.advance(TimeDelta::minutes(1));
    let laptop = on_device(&app, "ana@vendor.example", "laptop").await;
    let admin = app.staff(Role::Admin).await;

    let list = sessions(&laptop).await;
    let seen: Vec<_> =
        list.iter().map(|session| (&session["device"], &session["userAgent"], &session["isCurrent"])).collect();
    assert_eq!(
        seen,
        [
            (&json!("laptop"), &json!("Browser of laptop"), &json!(true)),
            (&json!("phone"), &json!("Browser of phone"), &json!(false)),
        ]
    );
    assert_eq!(list[0]["address"], "127.0.0.1");
    assert_eq!(list[1]["createdAt"], "2026-03-02T09:00:00.000000Z");

    let by_id = "query($id: ID!) { node(id: $id) { id ... on Session { device } } }";
    let phone_session = json!({ "id": list[1]["id"] });
    assert_eq!(phone.ask(by_id, phone_session.clone()).await.data["node"]["device"], "phone");
    assert_eq!(admin.ask(by_id, phone_session.clone()).await.data["node"], Value::Null, "not even an administrator");
    assert_eq!(app.anonymous().ask(by_id, phone_session).await.data["node"], Value::Null);
    assert_eq!(sessions(&admin).await.len(), 1);
}

#[tokio::test]
async fn one_session_is_ended_from_another() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::ChannelOps]).await;
    let lost = on_device(&app, "ana@vendor.example", "phone").await;
    app.advance(TimeDelta::seconds(1));
    let laptop = on_device(&app, "ana@vendor.example", "laptop").await;
    let list = sessions(&laptop).await;
    let input = json!({ "sessionId": list[1]["id"], "idempotencyKey": "k" });
    let ended = laptop.done("endSession", input.clone(), "session { device address }").await;
    assert_eq!(ended["session"], json!({ "device": "phone", "address": null }));
    assert_eq!(laptop.done("endSession", input, "session { device }").await["session"]["device"], "phone");
    assert_eq!((status(&lost).await, status(&laptop).await), (401, 200));
    assert_eq!(sessions(&laptop).await.len(), 1);
    assert_eq!(
        laptop.refused("endSession", json!({ "sessionId": list[1]["id"] })).await,
        ["NOT_FOUND"],
        "it has ended"
    );
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let app = TestApp::start().await;
    let ana = app.person("ana@vendor.example", None, &[Role::ChannelOps]).await;
    let admin = app.staff(Role::Admin).await;
    let theirs = sessions(&ana).await[0]["id"].clone();
    let before = app.rows(&["audit_events"]).await;
    assert_eq!(admin.refused("endSession", json!({ "sessionId": theirs })).await, ["NOT_FOUND"]);
    for no_session in ["ses_00000000000000000000000000000000", "usr_1", "", "' or 1=1"] {
        assert_eq!(admin.refused("endSession", json!({ "sessionId": no_session })).await, ["NOT_FOUND"]);
    }
    assert_eq!(app.rows(&["audit_events"]).await, before);
    assert_eq!(status(&ana).await, 200);
}

#[tokio::test]
async fn people_sign_out_everywhere_or_everywhere_else() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::ChannelOps]).await;
    let other = app.person("bea@vendor.example", None, &[Role::ChannelOps]).await;
    let [phone, tablet, laptop] = [
        on_device(&app, "ana@vendor.example", "phone").await,
        on_device(&app, "ana@vendor.example", "tablet").await,
        on_device(&app, "ana@vendor.example", "laptop").await,
    ];
    let done = laptop.done("signOutEverywhere", json!({ "keepCurrent": true }), "endedCount").await;
    assert_eq!(done["endedCount"], 2);
    assert_eq!((status(&phone).await, status(&tablet).await, status(&laptop).await), (401, 401, 200));
    assert_eq!(laptop.done("signOutEverywhere", json!({}), "endedCount").await["endedCount"], 1);
    assert_eq!((status(&laptop).await, status(&other).await), (401, 200));
}

#[tokio::test]
async fn administrators_end_the_sessions_of_their_people() {
    let app = TestApp::start().await;
    let (acme, beta) = (app.partner("acme.example").await, app.partner("beta.example").await);
    let boss = app.person("boss@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let seller = app.person("seller@acme.example", Some(acme), &[Role::Seller]).await;
    let foreign = app.person("boss@beta.example", Some(beta), &[Role::PartnerAdmin]).await;
    let admin = app.staff(Role::Admin).await;
    let id = async |person: &Person<'_>| {
        person.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone()
    };
    let (seller_id, foreign_id) = (id(&seller).await, id(&foreign).await);

    let document = "mutation($id: ID!) { endUserSessions(input: { userId: $id }) { endedCount } }";
    let refused = seller.ask(document, json!({ "id": seller_id })).await;
    assert_eq!(refused.errors[0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(boss.refused("endUserSessions", json!({ "userId": foreign_id })).await, ["NOT_FOUND"]);
    assert_eq!((status(&seller).await, status(&foreign).await), (200, 200));

    assert_eq!(boss.done("endUserSessions", json!({ "userId": seller_id }), "endedCount").await["endedCount"], 1);
    assert_eq!(admin.done("endUserSessions", json!({ "userId": foreign_id }), "endedCount").await["endedCount"], 1);
    assert_eq!((status(&seller).await, status(&foreign).await, status(&boss).await), (401, 401, 200));
}

#[tokio::test]
async fn signing_out_forgets_where_the_session_was_used() {
    let app = TestApp::start().await;
    let ana = app.person("ana@vendor.example", None, &[Role::ChannelOps]).await;
    ana.done("signOut", json!({}), "signedOut").await;
    let pool = app.services.db.pool();
    let sql = "select count(*) as n from sessions where address is not null or agent is not null";
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0);
}

/// Two servers on one database that believe a session for three seconds without looking.
async fn two_servers() -> (TestApp, TestApp) {
    let trust = || Options { trust: Duration::from_secs(3), ..Options::default() };
    let one = TestApp::start_with(trust()).await;
    let other = one.beside(trust()).await;
    (one, other)
}

#[tokio::test]
async fn an_ended_session_is_refused_at_once_where_it_ended_and_within_five_seconds_elsewhere() {
    let (one, other) = two_servers().await;
    let here = one.staff(Role::Admin).await;
    let there = Person { app: &other, token: here.token.clone() };
    assert_eq!((status(&here).await, status(&there).await), (200, 200));
    here.done("signOut", json!({}), "signedOut").await;
    assert_eq!(status(&here).await, 401);
    assert_eq!(status(&there).await, 200, "the other server has not looked again");
    one.advance(TimeDelta::seconds(5));
    assert_eq!(status(&there).await, 401);
}

#[tokio::test]
async fn signing_out_everywhere_is_felt_at_once_by_every_session_on_this_server() {
    let (one, other) = two_servers().await;
    one.create_user("ana@vendor.example", None, &[Role::ChannelOps]).await;
    let (phone, laptop) = (one.sign_in("ana@vendor.example").await, one.sign_in("ana@vendor.example").await);
    let elsewhere = Person { app: &other, token: phone.token.clone() };
    for person in [&phone, &laptop, &elsewhere] {
        assert_eq!(status(person).await, 200);
    }
    laptop.done("signOutEverywhere", json!({}), "endedCount").await;
    assert_eq!((status(&phone).await, status(&laptop).await), (401, 401));
    one.advance(TimeDelta::seconds(5));
    assert_eq!(status(&elsewhere).await, 401);
}

#[tokio::test]
async fn a_deactivated_person_a_changed_role_and_a_terminated_partner_are_felt_within_five_seconds_everywhere() {
    let (one, other) = two_servers().await;
    let partner = one.partner_in("acme.example", PartnerState::Active, &[PartnerType::Reseller]).await;
    let ana = one.person("ana@vendor.example", None, &[Role::Admin]).await;
    let bea = one.person("bea@vendor.example", None, &[Role::Admin]).await;
    let cem = one.person("cem@acme.example", Some(partner), &[Role::PartnerAdmin]).await;
    let servers = [&one, &other];
    let roles = async |app, person: &Person<'_>| {
        let asking = Person { app, token: person.token.clone() };
        asking.ask("{ viewer { roles } }", Value::Null).await.data["viewer"]["roles"].clone()
    };
    for app in servers {
        assert_eq!(roles(app, &ana).await, json!(["ADMIN"]));
        assert_eq!(roles(app, &bea).await, json!(["ADMIN"]));
        assert_eq!(roles(app, &cem).await, json!(["PARTNER_ADMIN"]));
    }
    run(&one, "update users set state = 'DEACTIVATED' where email_key = 'ana@vendor.example'").await;
    run(&one, "update users set roles = 'FINANCE' where email_key = 'bea@vendor.example'").await;
    run(&one, "update partners set state = 'TERMINATED' where domain = 'acme.example'").await;
    one.advance(TimeDelta::seconds(5));
    for app in servers {
        assert_eq!(roles(app, &ana).await, Value::Null);
        assert_eq!(roles(app, &bea).await, json!(["FINANCE"]));
        assert_eq!(roles(app, &cem).await, Value::Null);
    }
}

#[tokio::test]
async fn changed_roles_and_a_deactivation_are_felt_at_once_on_the_server_that_made_them() {
    let (one, other) = two_servers().await;
    let admin = one.staff(Role::Admin).await;
    let here = one.person("bea@vendor.example", None, &[Role::ChannelOps]).await;
    let there = Person { app: &other, token: here.token.clone() };
    let seen = async |person: &Person<'_>| {
        let answer = person.ask("{ viewer { roles user { id } } }", Value::Null).await;
        (answer.data["viewer"]["roles"][0].clone(), answer.data["viewer"]["user"]["id"].clone())
    };
    let (role, id) = seen(&here).await;
    assert_eq!((&role, &seen(&there).await.0), (&json!("CHANNEL_OPS"), &json!("CHANNEL_OPS")));
    admin.done("changeUserRoles", json!({ "userId": id, "roles": ["FINANCE"] }), "").await;
    assert_eq!(seen(&here).await.0, "FINANCE");
    assert_eq!(seen(&there).await.0, "CHANNEL_OPS", "the other server has not looked again");
    one.advance(TimeDelta::seconds(5));
    assert_eq!(seen(&there).await.0, "FINANCE");
    admin.done("deactivateUser", json!({ "userId": id }), "").await;
    assert_eq!((status(&here).await, status(&there).await), (401, 200));
    one.advance(TimeDelta::seconds(5));
    assert_eq!(status(&there).await, 401);
}
