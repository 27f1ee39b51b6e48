//! Second factors, and proving once more who one is.

use chrono::TimeDelta;
use entity::value::{Role, Timestamp};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use crate::{
    mdf::Funds,
    support::{Person, TestApp, app::PASSWORD, race::race},
};

/// What an authenticator app shows at an instant.
pub fn code_of(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let app = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .unwrap();
    app.generate(at.seconds().try_into().unwrap()).to_string()
}

/// Sets up an app for somebody: its secret, and the recovery codes.
async fn enrol(person: &Person<'_>) -> (String, Vec<String>) {
    let begun = person.done("beginTotpEnrolment", json!({}), "secret otpauthUrl").await;
    let secret = begun["secret"].as_str().unwrap().to_owned();
    assert!(begun["otpauthUrl"].as_str().unwrap().contains(&format!("secret={secret}")));
    let code = code_of(&secret, person.app.now());
    let made =
        person.done("confirmTotpEnrolment", json!({ "code": code }), "secondFactor { kind } recoveryCodes").await;
    let codes = made["recoveryCodes"].as_array().unwrap().iter();
    (secret, codes.map(|code| code.as_str().unwrap().to_owned()).collect())
}

async fn ana(app: &TestApp) -> Person<'_> {
    app.person("ana@vendor.example", None, &[Role::Admin]).await
}

fn sign_in(code: Option<&str>) -> Value {
    json!({ "email": "ana@vendor.example", "password": PASSWORD, "code": code })
}

#[tokio::test]
async fn a_code_is_asked_for_once_the_app_is_set_up_and_works_once() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let (secret, recovery) = enrol(&person).await;
    assert_eq!(recovery.len(), 10);

    assert_eq!(app.anonymous().refused("signIn", sign_in(None)).await, ["SECOND_FACTOR_CODE_REQUIRED"]);
    // The one that it was set up with was used.
    let used = code_of(&secret, app.now());
    assert_eq!(app.anonymous().refused("signIn", sign_in(Some(&used))).await, ["INVALID_CODE"]);
    app.advance(TimeDelta::seconds(30));
    let code = code_of(&secret, app.now());
    let answers = race(8, |_| {
        let (app, code) = (&app, code.clone());
        async move {
            let document = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }";
            app.anonymous().ask(document, json!({ "input": sign_in(Some(&code)) })).await
        }
    })
    .await;
    let opened = answers.iter().filter(|answer| answer.data["signIn"]["tokens"].is_object()).count();
    assert_eq!(opened, 1, "one code opens one session: {answers:?}");

    // The clock of a device may be half a minute off, and no more.
    app.advance(TimeDelta::minutes(5));
    let far = code_of(&secret, app.now().plus(TimeDelta::seconds(60)));
    assert_eq!(app.anonymous().refused("signIn", sign_in(Some(&far))).await, ["INVALID_CODE"]);
    let near = code_of(&secret, app.now().plus(TimeDelta::seconds(30)));
    app.anonymous().done("signIn", sign_in(Some(&near)), "").await;
    // A wrong password is answered as ever, whatever the code.
    let wrong = json!({ "email": "ana@vendor.example", "password": "something else", "code": "123456" });
    assert_eq!(app.anonymous().refused("signIn", wrong).await, ["INVALID_CREDENTIALS"]);
    app.check().await;
}

#[tokio::test]
async fn a_recovery_code_works_once_and_new_ones_replace_the_old() {
    let app = TestApp::start().await;
    let (secret, recovery) = enrol(&ana(&app).await).await;
    let typed = recovery[0].to_lowercase().replace('-', " ");
    app.anonymous().done("signIn", sign_in(Some(&typed)), "").await;
    assert_eq!(app.anonymous().refused("signIn", sign_in(Some(&recovery[0]))).await, ["INVALID_CODE"]);

    app.advance(TimeDelta::seconds(30));
    let person = app.sign_in_with("ana@vendor.example", Some(&code_of(&secret, app.now()))).await;
    let own = person.ask("{ secondFactors { factors { kind } recoveryCodesLeft } }", Value::Null).await;
    assert_eq!(own.data["secondFactors"], json!({ "factors": [{ "kind": "TOTP" }], "recoveryCodesLeft": 9 }));
    let key = json!({ "idempotencyKey": "new-codes" });
    let new = person.done("regenerateRecoveryCodes", key.clone(), "recoveryCodes").await;
    assert_eq!(person.done("regenerateRecoveryCodes", key, "recoveryCodes").await, new, "a retry shows them again");
    assert_eq!(app.anonymous().refused("signIn", sign_in(Some(&recovery[1]))).await, ["INVALID_CODE"]);
    app.anonymous().done("signIn", sign_in(new["recoveryCodes"][0].as_str()), "").await;

    // Nothing that is kept can be shown or tried out without the key.
    let pool = app.services.db.pool();
    let kept = entity::recovery_code::Entity::find().all(pool).await.unwrap();
    assert!(kept.iter().all(|code| code.code_hash.len() == 32) && kept.len() == 10);
}

#[tokio::test]
async fn guesses_at_codes_are_throttled() {
    let app = TestApp::start().await;
    enrol(&ana(&app).await).await;
    for _ in 0..10 {
        assert_eq!(app.anonymous().refused("signIn", sign_in(Some("AAAA-AAAA-AAAA-AAAA"))).await, ["INVALID_CODE"]);
    }
    let document = "mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }";
    let answer = app.anonymous().ask(document, json!({ "input": sign_in(Some("AAAA-AAAA-AAAA-AAAA")) })).await;
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (429, &json!("RATE_LIMITED")));

    // Wherever a code is asked for.
    for (mutation, email) in [("stepUp", "bea@vendor.example"), ("confirmTotpEnrolment", "cem@vendor.example")] {
        // The guesses before count for the address.
        app.advance(TimeDelta::minutes(10));
        let person = app.person(email, None, &[Role::Admin]).await;
        match mutation {
            "stepUp" => drop(enrol(&person).await),
            _ => drop(person.done("beginTotpEnrolment", json!({}), "secret").await),
        }
        for _ in 0..10 {
            assert_eq!(person.refused(mutation, json!({ "code": "000000" })).await, ["INVALID_CODE"], "{mutation}");
        }
        let name = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let document =
            format!("mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
        let answer = person.ask(&document, json!({ "input": { "code": "000000" } })).await;
        assert_eq!(answer.status, 429, "{mutation}: {answer:?}");
    }
}

#[tokio::test]
async fn changing_how_one_signs_in_asks_for_a_recent_proof() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    app.advance(TimeDelta::seconds(601));
    assert_eq!(person.refused("beginTotpEnrolment", json!({})).await, ["STEP_UP_REQUIRED"]);
    assert_eq!(person.refused("stepUp", json!({ "password": "something else" })).await, ["INVALID_CREDENTIALS"]);
    person.done("stepUp", json!({ "password": PASSWORD }), "").await;
    let (secret, _) = enrol(&person).await;

    app.advance(TimeDelta::seconds(601));
    let person = app.sign_in_with("ana@vendor.example", Some(&code_of(&secret, app.now()))).await;
    app.advance(TimeDelta::seconds(590));
    let refreshed = person.clone();
    app.advance(TimeDelta::seconds(5));
    assert_eq!(refreshed.refused("stepUp", json!({ "password": PASSWORD })).await, ["SECOND_FACTOR_CODE_REQUIRED"]);
    refreshed.done("stepUp", json!({ "code": code_of(&secret, app.now()) }), "").await;
    refreshed.done("removeSecondFactor", json!({}), "").await;
    app.anonymous().done("signIn", sign_in(None), "").await;
    assert_eq!(app.rows(&["recovery_codes"]).await[0].1, 0);
}

#[tokio::test]
async fn each_change_of_a_factor_or_of_the_policy_asks_for_a_recent_proof_and_a_removed_factor_proves_nothing() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    let (secret, _) = enrol(&person).await;
    assert_eq!(
        person.refused("beginTotpEnrolment", json!({})).await,
        ["WRONG_STATE"],
        "one is not put in another's place"
    );
    app.advance(TimeDelta::seconds(601));
    let policy = json!({ "secondFactorRoles": ["ADMIN"] });
    let changes =
        [("regenerateRecoveryCodes", json!({})), ("setSecurityPolicy", policy), ("removeSecondFactor", json!({}))];
    for (mutation, input) in &changes {
        assert_eq!(person.refused(mutation, input.clone()).await, ["STEP_UP_REQUIRED"], "{mutation}");
    }
    person.done("stepUp", json!({ "code": code_of(&secret, app.now()) }), "").await;
    for (mutation, input) in changes {
        if mutation == "removeSecondFactor" {
            person.done("createMdfProgram", crate::mdf::program(), "").await;
        }
        person.done(mutation, input, "").await;
    }
    // The session was opened by a factor that is gone.
    assert_eq!(person.refused("createMdfProgram", crate::mdf::program()).await, ["SECOND_FACTOR_REQUIRED"]);
}

#[tokio::test]
async fn whatever_moves_money_asks_for_the_second_factor() {
    let app = TestApp::start().await;
    let funds = Funds::new(&app).await;
    let (approved, rejected) = (funds.request(1_000).await, funds.request(2_000).await);
    let to_claim = funds.approved(20_000).await;
    let funds = funds.later(31).await;
    let claim = funds.claimed(&to_claim, "RE-1", 40_000).await;
    let other = app.partner("other.example").await;
    let set = json!({ "secondFactorRoles": ["CHANNEL_OPS"] });
    ana(&app).await.done("setSecurityPolicy", set, "").await;
    let before = funds.picture().await;
    for (mutation, input) in [
        ("createMdfProgram", crate::mdf::program()),
        ("allocateMdf", funds.allocation(other, 1_000)),
        ("approveMdfRequest", json!({ "requestId": approved })),
        ("rejectMdfRequest", json!({ "requestId": rejected, "reason": "Not this year." })),
        ("approveMdfClaim", json!({ "claimId": claim })),
    ] {
        assert_eq!(funds.ops.refused(mutation, input).await, ["SECOND_FACTOR_REQUIRED"], "{mutation}");
    }
    assert_eq!(funds.picture().await, before);
    enrol(&funds.ops).await;
    funds.ops.done("approveMdfClaim", json!({ "claimId": claim }), "").await;
}

#[tokio::test]
async fn money_is_approved_and_paid_with_a_second_factor_where_the_policy_says_so() {
    let app = TestApp::start().await;
    let (_, tranches) = Funds::new(&app).await.payable(&["RE-1"]).await;
    let finance = app.staff(Role::Finance).await;
    let admin = ana(&app).await;
    let set = json!({ "secondFactorRoles": ["FINANCE", "CHANNEL_OPS"] });
    admin.done("setSecurityPolicy", set, "securityPolicy { secondFactorRoles version }").await;
    let payment = json!({ "trancheId": tranches[0], "reference": "SEPA-1", "paidOn": "2026-04-02" });
    assert_eq!(finance.refused("recordMdfPayment", payment.clone()).await, ["SECOND_FACTOR_REQUIRED"]);
    enrol(&finance).await;
    let left = app.services.clock.now();
    app.advance(TimeDelta::seconds(601));
    let late = finance.ask("{ viewer { isStaff } }", Value::Null).await;
    // The access token may have run out with the proof: what counts is that nothing is paid.
    if late.errors.is_null() {
        assert_eq!(finance.refused("recordMdfPayment", payment.clone()).await, ["STEP_UP_REQUIRED"]);
    }
    app.clock.set(left);
    finance.done("recordMdfPayment", payment, "").await;
}

#[tokio::test]
async fn who_lost_a_second_factor_is_let_in_by_an_administrator_and_told() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    enrol(&person).await;
    let id = person.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    let boss = app.person("boss@vendor.example", None, &[Role::Admin]).await;
    let own = boss.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    assert_eq!(boss.refused("resetSecondFactor", json!({ "userId": own })).await, ["NOT_ALLOWED"]);
    let stale = json!({ "userId": id, "expectedVersion": 7 });
    assert_eq!(boss.refused("resetSecondFactor", stale).await, ["VERSION_CONFLICT"]);

    app.advance(TimeDelta::minutes(11));
    let boss = app.sign_in("boss@vendor.example").await;
    boss.done("resetSecondFactor", json!({ "userId": id, "idempotencyKey": "once" }), "user { id }").await;
    boss.done("resetSecondFactor", json!({ "userId": id, "idempotencyKey": "once" }), "user { id }").await;
    assert_eq!(person.ask("{ viewer { isStaff } }", Value::Null).await.status, 401, "its sessions have ended");
    let notice = app.mail().await;
    assert_eq!(notice.subject, "Your second factor for the partner portal was removed");
    app.anonymous().done("signIn", sign_in(None), "user { id }").await;
    assert_eq!(boss.refused("resetSecondFactor", json!({ "userId": id })).await, ["WRONG_STATE"]);
    app.check().await;
}

#[tokio::test]
async fn a_second_factor_is_not_removed_from_somebody_by_who_did_not_prove_lately_that_it_is_them() {
    let app = TestApp::start().await;
    let person = ana(&app).await;
    enrol(&person).await;
    let id = person.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    app.person("boss@vendor.example", None, &[Role::Admin]).await;
    let boss = app.sign_in("boss@vendor.example").await;
    app.database.tamper(&["update session_proofs set proven_at = proven_at - 660000000"]).await;
    assert_eq!(boss.refused("resetSecondFactor", json!({ "userId": id })).await, ["STEP_UP_REQUIRED"]);
    assert_eq!(app.anonymous().refused("signIn", sign_in(None)).await, ["SECOND_FACTOR_CODE_REQUIRED"], "it is there");
    boss.done("stepUp", json!({ "password": PASSWORD }), "proven").await;
    boss.done("resetSecondFactor", json!({ "userId": id }), "user { id }").await;
}
