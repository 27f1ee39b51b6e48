//! One person, one address, however it is typed. (The whole table of spellings is beside `kernel::address`.)

use entity::value::Role;
use serde_json::json;

use crate::support::{TestApp, app::PASSWORD};

const SPELLINGS: [&str; 7] = [
    "Zoë@exämple.de",
    "ZOË@EXÄMPLE.DE",
    "zoe\u{308}@exa\u{308}mple.de",
    "zoë@xn--exmple-cua.de",
    "ＺＯË@exämple.de",
    "zoë@exämple。de",
    "  Zoë@exämple.de ",
];

#[tokio::test]
async fn every_spelling_of_an_address_signs_the_same_person_in() {
    let app = TestApp::start().await;
    app.create_user(SPELLINGS[0], None, &[Role::Finance]).await;
    let mut people = Vec::new();
    for spelling in SPELLINGS {
        let input = json!({ "email": spelling, "password": PASSWORD });
        let payload = app.anonymous().done("signIn", input, "user { id email }").await;
        assert_eq!(payload["user"]["email"], "Zoë@exämple.de", "{spelling:?}");
        people.push(payload["user"]["id"].clone());
    }
    people.dedup();
    assert_eq!(people.len(), 1);
}

#[tokio::test]
async fn no_spelling_of_an_address_becomes_a_second_person() {
    let app = TestApp::start().await;
    app.create_user(SPELLINGS[0], None, &[Role::Finance]).await;
    let ops = app.staff(Role::ChannelOps).await;
    for (number, spelling) in SPELLINGS.iter().enumerate() {
        let application = json!({
            "legalName": "Acme GmbH", "website": format!("https://acme-{number}.example"), "country": "DE",
            "partnerTypes": ["RESELLER"], "regions": ["EUROPE"], "industries": ["Logistics"],
            "expectedBusiness": "We sell to forty haulage companies in the north and expect ten deals.",
            "contact": { "name": "Zoë", "email": spelling },
        });
        let sent = app.anonymous().done("submitPartnerApplication", application, "application { id }").await;
        let id = &sent["application"]["id"];
        let refused = ops.refused("approvePartnerApplication", json!({ "applicationId": id })).await;
        assert_eq!(refused, ["ADDRESS_TAKEN"], "{spelling:?}");
    }
    assert_eq!(app.rows(&["users", "partners"]).await, [("users".to_owned(), 2), ("partners".to_owned(), 0)]);
}

#[tokio::test]
async fn an_address_that_hides_something_is_refused() {
    let app = TestApp::start().await;
    app.create_user("zoe@vendor.example", None, &[Role::Finance]).await;
    for typed in [
        "zoe\u{200B}@vendor.example",
        "zoe@ven\u{AD}dor.example",
        "\u{202E}zoe@vendor.example",
        "zoe\u{0}@vendor.example",
        "Zoe <zoe@vendor.example>",
        "\"zoe\"@vendor.example",
        "zoe@localhost",
    ] {
        let input = json!({ "email": typed, "password": PASSWORD });
        assert_eq!(app.anonymous().refused("signIn", input).await, ["MALFORMED"], "{typed:?}");
    }
}
