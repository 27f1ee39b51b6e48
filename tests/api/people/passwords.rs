//! Passwords: how they are kept, and which may be chosen.

use std::time::Duration;

use entity::{user, value::Role};
use partner_portal::platform::auth::passwords::Passwords;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

use crate::support::{Engine, Person, TestApp, app::PASSWORD, only_on, race::race};

async fn hash_of_ana(app: &TestApp) -> String {
    user::Entity::find().one(app.services.db.pool()).await.unwrap().unwrap().password_hash
}

#[tokio::test]
async fn a_password_hashed_at_less_cost_is_hashed_anew_at_the_next_sign_in() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let before = hash_of_ana(&app).await;
    assert!(before.contains("m=64,t=1"));
    // Another server of the same database, with stronger settings.
    let replica = app.replica_hashing(Passwords::with_params(2, app.services.ids.as_ref(), 128, 2).unwrap()).await;
    let sign_in = async |server: &str, password: &str| {
        let document = "mutation($input: SignInInput!) { signIn(input: $input) { user { id } userErrors { code } } }";
        let input = json!({ "email": "ana@vendor.example", "password": password });
        let asked = json!({ "query": document, "variables": { "input": input } });
        let answer = app.client.post(format!("{server}/graphql")).json(&asked).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()["data"]["signIn"]["userErrors"] == json!([])
    };
    assert!(!sign_in(&replica.address, "something else").await);
    assert_eq!(hash_of_ana(&app).await, before, "a wrong password changes nothing");
    assert!(race(4, |_| sign_in(&replica.address, PASSWORD)).await.into_iter().all(|done| done));
    let after = hash_of_ana(&app).await;
    assert!(after.contains("m=128,t=2"), "{after}");
    // The weaker server reads it, and does not make it weaker again.
    assert!(sign_in(&app.address, PASSWORD).await);
    assert_eq!(hash_of_ana(&app).await, after);
    app.check().await;
}

const NEW: &str = "seven lamps beside a quiet canal";

#[tokio::test]
async fn changing_the_password_needs_the_present_one_and_ends_every_other_session() {
    let app = TestApp::start().await;
    let here = app.person("ana@vendor.example", None, &[Role::Admin]).await;
    let elsewhere = app.sign_in("ana@vendor.example").await;
    let before = hash_of_ana(&app).await;
    for (current, new, code) in [
        ("something else", NEW, "INVALID_CREDENTIALS"),
        (PASSWORD, PASSWORD, "WEAK_PASSWORD"),
        (PASSWORD, "password12345", "WEAK_PASSWORD"),
        (PASSWORD, "the vendor has seven lamps", "WEAK_PASSWORD"),
        (PASSWORD, "short", "TOO_SHORT"),
    ] {
        let input = json!({ "currentPassword": current, "newPassword": new });
        assert_eq!(here.refused("changePassword", input).await, [code], "{new}");
    }
    assert_eq!(hash_of_ana(&app).await, before);
    let rows = app.rows(&["outbound_mails"]).await;

    let input = json!({ "currentPassword": PASSWORD, "newPassword": NEW, "idempotencyKey": "change" });
    let changed = here.done("changePassword", input.clone(), "sessionsEnded user { email }").await;
    assert_eq!(changed["sessionsEnded"], 1);
    assert_eq!(
        here.done("changePassword", input, "sessionsEnded user { email }").await,
        changed,
        "a retry is harmless"
    );
    assert_eq!(app.rows(&["outbound_mails"]).await[0].1, rows[0].1 + 1, "a mail tells them");

    assert_eq!(elsewhere.ask("{ viewer { isStaff } }", serde_json::Value::Null).await.status, 401);
    assert_eq!(here.ask("{ viewer { isStaff } }", serde_json::Value::Null).await.status, 200);
    let sign_in = |password: &str| json!({ "email": "ana@vendor.example", "password": password });
    assert_eq!(app.anonymous().refused("signIn", sign_in(PASSWORD)).await, ["INVALID_CREDENTIALS"]);
    app.anonymous().done("signIn", sign_in(NEW), "").await;
}

#[tokio::test]
async fn a_sign_in_at_the_moment_of_a_change_does_not_outlive_it() {
    let app = TestApp::start().await;
    let here = app.person("ana@vendor.example", None, &[Role::Admin]).await;
    let answers = race(9, |number| {
        let (app, here) = (&app, &here);
        async move {
            if number == 4 {
                here.done("changePassword", json!({ "currentPassword": PASSWORD, "newPassword": NEW }), "").await;
                return None;
            }
            let document = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } } }";
            let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
            let answer = app.anonymous().ask(document, json!({ "input": input })).await;
            answer.data["signIn"]["tokens"]["accessToken"].as_str().map(str::to_owned)
        }
    })
    .await;
    for token in answers.into_iter().flatten() {
        let mut person = app.anonymous();
        person.token = Some(token);
        assert_eq!(person.ask("{ viewer { isStaff } }", serde_json::Value::Null).await.status, 401);
    }
    app.check().await;
}

const ANOTHER: &str = "nine kites above the old harbour";

/// Holds the chain of the vendor's audit events, the last thing that a change takes, for a while: whatever runs meanwhile
/// has read what was there before the change, and waits for it.
async fn while_a_change_is_not_committed(app: &TestApp) {
    let held = app.services.db.begin().await.unwrap();
    let hold = "update audit_chains set length = length where chain = 'vendor'";
    assert_eq!(held.execute_unprepared(hold).await.unwrap().rows_affected(), 1);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    held.commit().await.unwrap();
}

async fn change(person: &Person<'_>, new: &str) -> bool {
    let document = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
    let input = json!({ "currentPassword": PASSWORD, "newPassword": new });
    let answer = person.ask(document, json!({ "input": input })).await;
    answer.data["changePassword"]["userErrors"] == json!([])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_of_a_password_at_the_same_moment_one_is_done() {
    let name = "of_two_changes_of_a_password_at_the_same_moment_one_is_done";
    if !only_on(Engine::Postgres, name, "SQLite's writers take turns from the beginning") {
        return;
    }
    let app = TestApp::start().await;
    let here = app.person("ana@vendor.example", None, &[Role::Admin]).await;
    let elsewhere = app.sign_in("ana@vendor.example").await;
    let holding = while_a_change_is_not_committed(&app);
    let changes = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        tokio::join!(change(&here, NEW), change(&elsewhere, ANOTHER))
    };
    let ((), (first, second)) = tokio::join!(holding, changes);
    assert!(first != second, "both had the same present password: {first}, {second}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_was_checked_before_a_change_opens_nothing_after_it() {
    let name = "a_sign_in_that_was_checked_before_a_change_opens_nothing_after_it";
    if !only_on(Engine::Postgres, name, "SQLite's writers take turns from the beginning") {
        return;
    }
    let app = TestApp::start().await;
    let here = app.person("ana@vendor.example", None, &[Role::Admin]).await;
    let holding = while_a_change_is_not_committed(&app);
    let changing = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        change(&here, NEW).await
    };
    let signing_in = async {
        // The change waits for its commit by now, and the old password is still the one that is found.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let document =
            "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }";
        let input = json!({ "email": "ana@vendor.example", "password": PASSWORD });
        app.anonymous().ask(document, json!({ "input": input })).await
    };
    let ((), changed, answer) = tokio::join!(holding, changing, signing_in);
    assert!(changed);
    assert_eq!(answer.data["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS", "{answer:?}");
}

#[tokio::test]
async fn who_has_a_session_has_ten_guesses_at_its_password() {
    let app = TestApp::start().await;
    let here = app.person("ana@vendor.example", None, &[Role::Admin]).await;
    for _ in 0..10 {
        let input = json!({ "currentPassword": "something else", "newPassword": NEW });
        assert_eq!(here.refused("changePassword", input).await, ["INVALID_CREDENTIALS"]);
    }
    // Wherever it is asked for, and however right it is.
    for (document, input) in [
        (
            "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }",
            json!({ "currentPassword": PASSWORD, "newPassword": NEW }),
        ),
        (
            "mutation($input: StepUpInput!) { stepUp(input: $input) { userErrors { code } } }",
            json!({ "password": PASSWORD }),
        ),
    ] {
        let answer = here.ask(document, json!({ "input": input })).await;
        assert_eq!(answer.status, 429, "{answer:?}");
    }
}
