//! The clock jumps: an hour back, a year forward.

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::{app, platform::call::Call};
use serde_json::{Value, json};

use crate::support::TestApp;

const LISTS: &str = "{
    viewer { user { id } }
    partners(first: 5) { nodes { id state } }
    dealRegistrations(first: 5) { nodes { id state } }
    mdfPrograms(first: 5) { nodes { id } }
    courses(first: 5) { nodes { id } }
    auditEvents(first: 5) { nodes { id } }
}";

#[tokio::test]
async fn an_hour_back_no_token_is_taken_early_and_no_job_is_done_twice() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    app.advance(TimeDelta::hours(-1));
    let early = admin.ask("{ viewer { user { id } } }", Value::Null).await;
    assert_eq!(early.status, 401, "a token of the future: {}", early.body);
    // Signing in works at that time too, and its session is not the other one.
    let now = app.sign_in("admin@vendor.example").await;
    assert_eq!(now.ask("{ viewer { isStaff } }", Value::Null).await.status, 200);
    app.advance(TimeDelta::hours(1));
    assert_eq!(admin.ask("{ viewer { isStaff } }", Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_year_forward_things_expire_and_nothing_breaks() {
    let app = TestApp::start().await;
    let partner = app.partner("alpha.example").await;
    app.create_user("ana@alpha.example", Some(partner), &[Role::PartnerAdmin]).await;
    let admin = app.staff(Role::Admin).await;
    app.advance(TimeDelta::days(366));
    assert_eq!(admin.ask("{ viewer { isStaff } }", Value::Null).await.status, 401);
    for address in ["admin@vendor.example", "ana@alpha.example"] {
        let person = app.sign_in(address).await;
        let seen = person.ask(LISTS, json!({})).await;
        let codes: Vec<_> =
            seen.errors.as_array().into_iter().flatten().map(|error| &error["extensions"]["code"]).collect();
        assert!(codes.iter().all(|code| **code == "FORBIDDEN"), "{address}: {}", seen.body);
    }
    // The jobs find whatever fell due, and have nothing left to do the second time.
    let call = Call::system(app.services.clone(), "test");
    for _ in 0..2 {
        app::purge(&call.services).await.unwrap();
    }
    app.check().await;
}
