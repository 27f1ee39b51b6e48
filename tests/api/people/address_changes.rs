//! Another e-mail address: proven by its mailbox, told to the old one.

use chrono::TimeDelta;
use entity::value::Role;
use serde_json::{Value, json};

use crate::support::{Person, TestApp, app::PASSWORD, race::race};

const ANA: &str = "ana@vendor.example";
const NEW: &str = "ana.new@vendor.example";

async fn wish(person: &Person<'_>, email: &str) {
    person.done("requestEmailChange", json!({ "email": email }), "requested").await;
}

async fn confirm(app: &TestApp, token: &str) -> Vec<String> {
    let mutation = "mutation($token: String!) {
        confirmEmailChange(input: { token: $token }) { emailChanged userErrors { code } } }";
    let answer = app.anonymous().ask(mutation, json!({ "token": token })).await;
    let payload = &answer.data["confirmEmailChange"];
    let codes = payload["userErrors"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(codes.is_empty(), payload["emailChanged"] == true);
    codes.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

async fn may_sign_in(app: &TestApp, email: &str) -> bool {
    let mutation = "mutation($input: SignInInput!) { signIn(input: $input) { user { id } } }";
    let answer = app.anonymous().ask(mutation, json!({ "input": { "email": email, "password": PASSWORD } })).await;
    !answer.data["signIn"]["user"].is_null()
}

#[tokio::test]
async fn the_new_mailbox_proves_it_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    let ana = app.person(ANA, None, &[Role::Admin]).await;
    // Whoever reads the old mailbox may have asked for a new password there.
    app.anonymous().done("requestPasswordReset", json!({ "email": ANA }), "requested").await;
    let reset = app.mail().await.token();
    wish(&ana, "  Ana.New@VENDOR.example ").await;
    let mail = app.mail().await;
    assert_eq!(mail.to.to_lowercase(), NEW);
    assert!(mail.text.contains("https://portal.example/confirm-address#token="), "{}", mail.text);
    assert!(may_sign_in(&app, ANA).await, "nothing has changed yet");
    assert!(!may_sign_in(&app, NEW).await);

    assert_eq!(confirm(&app, &mail.token()).await, [] as [&str; 0]);
    assert!(may_sign_in(&app, NEW).await);
    assert!(!may_sign_in(&app, ANA).await);
    let notice = app.mail().await;
    assert_eq!((notice.to.as_str(), notice.subject.as_str()), (ANA, "Your address for the partner portal was changed"));
    assert!(!notice.text.contains("token") && !notice.text.contains("new@"), "{}", notice.text);
    assert_eq!(confirm(&app, &mail.token()).await, ["INVALID_TOKEN"], "once");
    let late = json!({ "token": reset, "password": "seven walnuts cross a bridge" });
    assert_eq!(
        app.anonymous().refused("resetPassword", late).await,
        ["INVALID_TOKEN"],
        "the old mailbox opens nothing"
    );
    let seen = ana.ask("{ viewer { user { email version } } }", Value::Null).await;
    assert_eq!(seen.data["viewer"]["user"]["version"], 2);
    app.check().await;
}

#[tokio::test]
async fn it_asks_for_a_recent_proof_and_for_another_address() {
    let app = TestApp::start().await;
    let ana = app.person(ANA, None, &[Role::Admin]).await;
    assert_eq!(ana.refused("requestEmailChange", json!({ "email": "ANA@vendor.example" })).await, ["NOT_ALLOWED"]);
    app.database.tamper(&["update session_proofs set proven_at = proven_at - 660000000"]).await;
    let tables = ["address_changes", "outbound_mails", "audit_events"];
    let before = app.rows(&tables).await;
    assert_eq!(ana.refused("requestEmailChange", json!({ "email": NEW })).await, ["STEP_UP_REQUIRED"]);
    assert_eq!(app.rows(&tables).await, before);
    ana.done("stepUp", json!({ "password": PASSWORD }), "proven").await;
    wish(&ana, NEW).await;
}

#[tokio::test]
async fn an_address_of_somebody_else_is_answered_alike_and_never_taken() {
    let app = TestApp::start().await;
    let ana = app.person(ANA, None, &[Role::Admin]).await;
    app.create_user("bob@vendor.example", None, &[Role::Admin]).await;
    let mutation =
        "mutation($email: String!) { requestEmailChange(input: { email: $email }) { requested userErrors { code } } }";
    let mut seen = Vec::new();
    wish(&ana, "first@vendor.example").await;
    for email in ["bob@vendor.example", "nobody@vendor.example"] {
        let before = app.services.db.statements();
        let answer = ana.ask(mutation, json!({ "email": email })).await;
        seen.push((answer.body, app.services.db.statements() - before));
    }
    assert_eq!(seen[0], seen[1]);
    let mails = app.mails().await;
    assert!(mails.iter().all(|mail| mail.to != "bob@vendor.example"), "{mails:?}");
    // Somebody takes the address between the wish and its confirmation.
    let token = mails.iter().find(|mail| mail.to == "nobody@vendor.example").unwrap().token();
    app.create_user("nobody@vendor.example", None, &[Role::Admin]).await;
    assert_eq!(confirm(&app, &token).await, ["ADDRESS_TAKEN"]);
    assert!(may_sign_in(&app, ANA).await);
}

#[tokio::test]
async fn a_newer_wish_takes_the_older_back_and_each_works_for_a_day() {
    let app = TestApp::start().await;
    let ana = app.person(ANA, None, &[Role::Admin]).await;
    wish(&ana, "one@vendor.example").await;
    let first = app.mail().await.token();
    wish(&ana, "two@vendor.example").await;
    let second = app.mail().await.token();
    assert_eq!(confirm(&app, &first).await, ["INVALID_TOKEN"]);
    app.advance(TimeDelta::hours(24));
    assert_eq!(confirm(&app, &second).await, ["INVALID_TOKEN"], "a day is over");
    assert!(may_sign_in(&app, ANA).await);
    app.advance(TimeDelta::days(8));
    partner_portal::app::purge(&app.services).await.unwrap();
    assert_eq!(app.rows(&["address_changes"]).await[0].1, 0, "it is forgotten");
}

#[tokio::test]
async fn who_may_not_sign_in_any_more_gets_no_address_either() {
    let app = TestApp::start().await;
    let partner = app.partner("alpha.example").await;
    let ana = app.person("ana@alpha.example", Some(partner), &[Role::PartnerAdmin]).await;
    wish(&ana, "new@alpha.example").await;
    let token = app.mail().await.token();
    app.database.tamper(&["update partners set state = 'TERMINATED'"]).await;
    assert_eq!(confirm(&app, &token).await, ["INVALID_TOKEN"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_want_the_same_address_get_it_once() {
    let app = TestApp::start().await;
    for round in 0..5 {
        let wanted = format!("wanted{round}@vendor.example");
        let mut tokens = Vec::new();
        for name in ["a", "b"] {
            let person = app.person(&format!("{name}{round}@vendor.example"), None, &[Role::Admin]).await;
            wish(&person, &wanted).await;
            tokens.push(app.mails().await.iter().find(|mail| mail.to == wanted).unwrap().token());
        }
        let answers = race(2, |number| {
            let (app, token) = (&app, tokens[number].clone());
            async move { confirm(app, &token).await }
        })
        .await;
        let done = answers.iter().filter(|codes| codes.is_empty()).count();
        assert_eq!(done, 1, "{answers:?}");
        assert!(answers.iter().any(|codes| codes == &["ADDRESS_TAKEN"]), "{answers:?}");
    }
    app.check().await;
}
