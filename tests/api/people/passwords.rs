//! Passwords: how they are kept, and which may be chosen.

use entity::{user, value::Role};
use partner_portal::platform::auth::passwords::Passwords;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::support::{TestApp, app::PASSWORD, race::race};

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
