//! Inviting people: who may, what the mail says, which link works.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, app::PASSWORD, race::race};

const SHOWN: &str = "invitation { id email name roles state partner { id } invitedBy { email } expiresAt revokedAt }";

fn nora(roles: &[&str]) -> Value {
    json!({ "email": "Nora@North.example", "name": "Nora", "roles": roles })
}

async fn north(app: &TestApp) -> Person<'_> {
    let partner_id = app.partner("north.example").await;
    app.person("ana@north.example", Some(partner_id), &[Role::PartnerAdmin]).await
}

async fn accept(app: &TestApp, token: &str) -> Result<Value, Vec<String>> {
    let mutation = "mutation($input: AcceptInvitationInput!) {
        acceptInvitation(input: $input) { user { email roles partner { id } } userErrors { code } } }";
    let input = json!({ "input": { "token": token, "password": PASSWORD } });
    let answer = app.anonymous().ask(mutation, input).await;
    let payload = &answer.data["acceptInvitation"];
    let codes: Vec<_> = payload["userErrors"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone();
    match codes.is_empty() {
        true => Ok(payload["user"].clone()),
        false => Err(codes.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()),
    }
}

#[tokio::test]
async fn an_administrator_invites_a_colleague_who_comes_in_by_the_link() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let invited = ana.done("inviteUser", nora(&["SELLER", "LEARNER"]), SHOWN).await["invitation"].clone();
    assert_eq!((&invited["state"], &invited["invitedBy"]["email"]), (&json!("OPEN"), &json!("ana@north.example")));
    assert_eq!(invited["email"].as_str().unwrap().to_lowercase(), "nora@north.example");
    assert_eq!(invited["expiresAt"], "2026-03-09T09:00:00.000000Z");
    let mail = app.mail().await;
    assert_eq!(mail.to.to_lowercase(), "nora@north.example");
    assert!(mail.text.contains("join north in the partner portal"), "{}", mail.text);
    let user = accept(&app, &mail.token()).await.unwrap();
    assert_eq!((&user["email"], &user["roles"]), (&invited["email"], &invited["roles"]));
    let nora = app.sign_in("nora@north.example").await;
    let seen = nora.ask("{ viewer { partner { id } } }", Value::Null).await;
    assert_eq!(seen.data["viewer"]["partner"]["id"], invited["partner"]["id"], "of the company that invited");
    assert_eq!(accept(&app, &mail.token()).await, Err(vec!["INVALID_TOKEN".to_owned()]), "once");
}

#[tokio::test]
async fn staff_invite_staff_and_nobody_gives_roles_of_the_other_kind() {
    let app = TestApp::start().await;
    let (ana, admin) = (north(&app).await, app.staff(Role::Admin).await);
    let tables = ["invitations", "outbound_mails", "audit_events"];
    let before = app.rows(&tables).await;
    assert_eq!(ana.refused("inviteUser", nora(&["SELLER", "ADMIN"])).await, ["ROLE_NOT_AVAILABLE"]);
    assert_eq!(ana.refused("inviteUser", nora(&["FINANCE"])).await, ["ROLE_NOT_AVAILABLE"]);
    assert_eq!(admin.refused("inviteUser", nora(&["PARTNER_ADMIN"])).await, ["ROLE_NOT_AVAILABLE"]);
    assert_eq!(admin.refused("inviteUser", nora(&[])).await, ["REQUIRED"]);
    assert_eq!(app.rows(&tables).await, before);

    let invited = admin.done("inviteUser", nora(&["FINANCE"]), SHOWN).await;
    assert_eq!(invited["invitation"]["partner"], Value::Null);
    let mail = app.mail().await;
    assert!(mail.text.contains("join the team of the partner portal"), "{}", mail.text);
    assert_eq!(accept(&app, &mail.token()).await.unwrap()["roles"], json!(["FINANCE"]));
}

#[tokio::test]
async fn an_address_that_belongs_to_somebody_is_answered_alike_and_only_its_mail_tells() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let elsewhere = app.partner("south.example").await;
    app.create_user("bea@south.example", Some(elsewhere), &[Role::Seller]).await;
    let mut answers = Vec::new();
    // What the process finds out once about its database is found out by now.
    ana.done("inviteUser", nora(&["SELLER"]), SHOWN).await;
    for email in ["bea@south.example", "nobody@south.example"] {
        let before = app.services.db.statements();
        let input = json!({ "email": email, "name": "Bea", "roles": ["SELLER"] });
        let mut payload = ana.done("inviteUser", input, SHOWN).await;
        let statements = app.services.db.statements() - before;
        payload["invitation"]["id"] = Value::Null;
        payload["invitation"]["email"] = Value::Null;
        answers.push((payload, statements));
    }
    assert_eq!(answers[0], answers[1], "answer and work");

    let mails = app.mails().await;
    let of = |to: &str| mails.iter().find(|mail| mail.to == to).unwrap();
    let known = of("bea@south.example");
    assert_eq!(known.subject, "You have an account at the partner portal already");
    assert!(!known.text.contains("token") && known.text.contains("https://portal.example/"), "{}", known.text);
    assert!(!known.html.contains("token") && !known.text.contains("south"), "{}", known.html);
    of("nobody@south.example").token();
}

#[tokio::test]
async fn a_newer_invitation_takes_the_older_back() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let first = ana.done("inviteUser", nora(&["SELLER"]), SHOWN).await["invitation"].clone();
    let first_mail = app.mail().await;
    app.advance(TimeDelta::days(2));
    let ana = app.sign_in("ana@north.example").await;
    // Another spelling of the same address.
    let again = json!({ "email": "nora@north.EXAMPLE", "name": "Nora", "roles": ["MARKETER"] });
    ana.done("inviteUser", again, SHOWN).await;
    let second_mail = app.mail().await;
    let refused = ana.refused("resendInvitation", json!({ "invitationId": first["id"] })).await;
    assert_eq!(refused, ["WRONG_STATE"], "what was taken back is not sent anew");
    assert_ne!(first_mail.token(), second_mail.token());
    assert_eq!(accept(&app, &first_mail.token()).await, Err(vec!["INVALID_TOKEN".to_owned()]));
    assert_eq!(accept(&app, &second_mail.token()).await.unwrap()["roles"], json!(["MARKETER"]));
}

#[tokio::test]
async fn an_invitation_is_sent_anew_with_another_link_and_the_whole_time() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let first = ana.done("inviteUser", nora(&["SELLER"]), SHOWN).await["invitation"].clone();
    let old = app.mail().await.token();
    app.advance(TimeDelta::days(7));
    assert_eq!(accept(&app, &old).await, Err(vec!["INVALID_TOKEN".to_owned()]), "it ran out");
    // The session ran on: the person signs in again.
    let ana = app.sign_in("ana@north.example").await;
    let input = json!({ "invitationId": first["id"], "idempotencyKey": "again" });
    let second = ana.done("resendInvitation", input.clone(), SHOWN).await["invitation"].clone();
    assert_eq!(ana.done("resendInvitation", input, SHOWN).await["invitation"], second, "a retry sends nothing more");
    assert_eq!((&second["expiresAt"], &second["roles"]), (&json!("2026-03-16T09:00:00.000000Z"), &json!(["SELLER"])));
    let new = app.mail().await.token();
    assert_eq!(accept(&app, &old).await, Err(vec!["INVALID_TOKEN".to_owned()]));
    assert!(accept(&app, &new).await.is_ok());
    assert_eq!(ana.refused("resendInvitation", json!({ "invitationId": second["id"] })).await, ["WRONG_STATE"]);
}

#[tokio::test]
async fn what_is_taken_back_lets_nobody_in_and_its_mail_is_not_sent() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let invited = ana.done("inviteUser", nora(&["SELLER"]), SHOWN).await["invitation"].clone();
    let token = app.mail().await.token();
    let revoked = ana.done("revokeInvitation", json!({ "invitationId": invited["id"] }), SHOWN).await;
    assert_eq!(revoked["invitation"]["state"], "REVOKED");
    assert_eq!(accept(&app, &token).await, Err(vec!["INVALID_TOKEN".to_owned()]));
    assert_eq!(ana.refused("revokeInvitation", json!({ "invitationId": invited["id"] })).await, ["WRONG_STATE"]);

    let other = ana.done("inviteUser", nora(&["SELLER"]), SHOWN).await["invitation"].clone();
    ana.done("revokeInvitation", json!({ "invitationId": other["id"] }), SHOWN).await;
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn nobody_joins_a_suspended_or_terminated_partner() {
    for state in [PartnerState::Suspended, PartnerState::Terminated] {
        let app = TestApp::start().await;
        let admin = app.staff(Role::Admin).await;
        let partner_id = app.partner("north.example").await;
        let id = app.invite("nora@north.example", Some(partner_id), &[Role::Seller]).await;
        let token = app.mail().await.token();
        set_state(&app, state).await;
        assert_eq!(accept(&app, &token).await, Err(vec!["PARTNER_NOT_ACTIVE".to_owned()]), "{state}");
        let resend = json!({ "invitationId": id.to_string() });
        assert_eq!(admin.refused("resendInvitation", resend).await, ["PARTNER_NOT_ACTIVE"]);
        app.invite("olga@north.example", Some(partner_id), &[Role::Seller]).await;
        assert!(app.mails().await.is_empty(), "{state}: no mail either");
    }
}

async fn set_state(app: &TestApp, state: PartnerState) {
    use sea_orm::ConnectionTrait as _;
    let sql = format!("update partners set state = '{state}'");
    app.services.db.pool().execute_unprepared(&sql).await.unwrap();
}

#[tokio::test]
async fn another_companys_invitation_is_answered_as_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let south = app.partner_in("south.example", PartnerState::Active, &[PartnerType::Reseller]).await;
    let theirs = app.invite("olga@south.example", Some(south), &[Role::Seller]).await.to_string();
    let staffs = app.invite("fay@vendor.example", None, &[Role::Finance]).await.to_string();
    let before = app.rows(&["invitations", "outbound_mails", "audit_events"]).await;
    for id in [&theirs, &staffs, "inv_00000000000000000000000000000009"] {
        for mutation in ["revokeInvitation", "resendInvitation"] {
            assert_eq!(ana.refused(mutation, json!({ "invitationId": id })).await, ["NOT_FOUND"], "{mutation} {id}");
        }
        let answer = ana.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(answer.data["node"], Value::Null);
    }
    assert_eq!(app.rows(&["invitations", "outbound_mails", "audit_events"]).await, before);
    let seen = ana.ask("{ invitations { totalCount nodes { id } } }", Value::Null).await;
    assert_eq!(seen.data["invitations"]["totalCount"], 0);
    let staff = app.staff(Role::Executive).await;
    let seen = staff.ask("{ invitations { totalCount } }", Value::Null).await;
    assert_eq!(seen.data["invitations"]["totalCount"], 2, "staff see all");
    let answer =
        staff.ask("query($id: ID!) { node(id: $id) { ... on Invitation { email } } }", json!({ "id": theirs }));
    assert_eq!(answer.await.data["node"]["email"], "olga@south.example");
}

#[tokio::test]
async fn the_list_is_filtered_by_state_newest_first_and_costs_a_fixed_number_of_statements() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    let invite = async |name: &str| {
        let input = json!({ "email": format!("{name}@north.example"), "name": name, "roles": ["SELLER"] });
        app.advance(TimeDelta::seconds(1));
        ana.done("inviteUser", input, SHOWN).await["invitation"]["id"].clone()
    };
    invite("one").await;
    let gone = invite("two").await;
    invite("three").await;
    ana.done("revokeInvitation", json!({ "invitationId": gone }), "invitation { id }").await;
    let mails = app.mails().await;
    let three = mails.iter().find(|mail| mail.to == "three@north.example").unwrap().token();
    accept(&app, &three).await.unwrap();
    let list = async |filter: Value| {
        let document = "query($filter: InvitationFilter) { invitations(filter: $filter) {
            totalCount nodes { name state partner { name } invitedBy { name } } } }";
        let answer = ana.ask(document, json!({ "filter": filter })).await;
        let names: Vec<_> = answer.data["invitations"]["nodes"].as_array().unwrap().clone();
        names.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(json!({})).await, ["three", "two", "one"]);
    assert_eq!(list(json!({ "state": "OPEN" })).await, ["one"]);
    assert_eq!(list(json!({ "state": "REVOKED" })).await, ["two"]);
    assert_eq!(list(json!({ "state": "ACCEPTED" })).await, ["three"]);
    assert!(list(json!({ "state": "EXPIRED" })).await.is_empty());
    let before = app.services.db.statements();
    list(json!({})).await;
    let few = app.services.db.statements() - before;
    invite("four").await;
    invite("five").await;
    let before = app.services.db.statements();
    list(json!({})).await;
    assert_eq!(app.services.db.statements() - before, few);
}

#[tokio::test]
async fn one_address_is_not_mailed_again_and_again() {
    let app = TestApp::start().await;
    let ana = north(&app).await;
    for _ in 0..5 {
        ana.done("inviteUser", nora(&["SELLER"]), "invitation { id }").await;
    }
    let mutation = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }";
    let answer = ana.ask(mutation, json!({ "input": nora(&["SELLER"]) })).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "RATE_LIMITED", "{answer:?}");
    assert_eq!(
        app.rows(&["invitations", "outbound_mails"]).await,
        [("invitations".into(), 5), ("outbound_mails".into(), 5)]
    );
    assert_eq!(app.mails().await.len(), 1, "only the last link is worth a mail");
    app.advance(TimeDelta::hours(25));
    app.sign_in("ana@north.example").await.done("inviteUser", nora(&["SELLER"]), "invitation { id }").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_of_one_address_at_once_leave_one_open() {
    let app = TestApp::start().await;
    let (ana, admin) = (north(&app).await, app.staff(Role::Admin).await);
    for (person, role) in [(&ana, "SELLER"), (&admin, "FINANCE")] {
        let mutation = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { invitation { id } userErrors { code } } }";
        race(4, |_| async { person.ask(mutation, json!({ "input": nora(&[role]) })).await }).await;
        let open = person.ask("{ invitations(filter: { state: OPEN }) { nodes { roles } } }", Value::Null).await;
        let open = open.data["invitations"]["nodes"].as_array().unwrap().clone();
        assert_eq!(open.iter().filter(|node| node["roles"] == json!([role])).count(), 1, "{open:?}");
    }
    app.check().await;
}
