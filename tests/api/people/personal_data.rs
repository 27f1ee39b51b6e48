//! Everything that is held of a person can be exported, and a person can be erased.

use chrono::TimeDelta;
use entity::value::{Role, UserId};
use partner_portal::privacy::persons::model::{About, HELD, NOT_HELD};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, app::PASSWORD, picture::picture};

const INVENTED: &str = "usr_00000000000000000000000000000001";

/// Every column of every table, from the database's own catalogue.
async fn columns(app: &TestApp) -> Vec<(String, String)> {
    let pool = app.services.db.pool();
    let sql = match pool.get_database_backend() {
        DbBackend::Postgres => {
            "select table_name::text as t, column_name::text as c from information_schema.columns
             where table_schema = 'public' order by 1, 2"
        }
        _ => {
            "select m.name as t, p.name as c from sqlite_master m join pragma_table_info(m.name) p
             where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2"
        }
    };
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap())).collect()
}

/// Whether a column's name says that it holds, or points to, somebody.
fn is_about_somebody(column: &str) -> bool {
    column.ends_with("user_id")
        || column.ends_with("_by")
        || ["email", "contact", "address", "device", "agent", "caller", "person", "recipient"]
            .iter()
            .any(|word| column.contains(word))
}

#[tokio::test]
async fn every_column_about_a_person_is_exported_or_has_a_reason() {
    let app = TestApp::start().await;
    let columns = columns(&app).await;
    let held = |table: &str, column: &str| {
        HELD.iter().filter(|held| held.table == table).any(|held| {
            let finds = match held.about {
                About::Person(columns) => columns.contains(&column),
                About::Address(name) | About::Caller(name) => name == column,
            };
            finds || held.shown.iter().any(|(name, _)| *name == column)
        })
    };
    let excepted = |table: &str, column: &str| NOT_HELD.iter().any(|(t, c, _)| (*t, *c) == (table, column));
    // The key of an address is the address in another form, and goes with it.
    let missing: Vec<_> = columns
        .iter()
        .filter(|(_, column)| is_about_somebody(column) && column != "email_key")
        .filter(|(table, column)| !held(table, column) && !excepted(table, column))
        .collect();
    assert!(
        missing.is_empty(),
        "these columns are about somebody: name them in src/privacy/persons/model.rs, in HELD, where an export shows them \
         and erasing knows what to do with them, or in NOT_HELD with the reason: {missing:?}"
    );
    for (table, column, reason) in NOT_HELD {
        assert!(columns.contains(&((*table).to_owned(), (*column).to_owned())), "there is no {table}.{column}");
        assert!(reason.len() > 4 && !held(table, column), "{table}.{column} is no exception any more");
    }
    for held in HELD {
        for (column, _) in held.shown {
            assert!(columns.contains(&(held.table.to_owned(), (*column).to_owned())), "{}.{column}", held.table);
        }
    }
}

async fn id_of(person: &Person<'_>) -> String {
    let answer = person.ask("{ viewer { user { id } } }", Value::Null).await;
    answer.data["viewer"]["user"]["id"].as_str().unwrap().to_owned()
}

/// Ana Appel applied for her company, was invited, renamed herself and signed in on her telephone.
async fn ana<'a>(app: &'a TestApp, ops: &Person<'_>) -> (Person<'a>, String, String) {
    let application = json!({
        "legalName": "Acme GmbH", "website": "https://acme.example", "country": "DE",
        "partnerTypes": ["RESELLER"], "regions": ["EUROPE"], "industries": ["Logistics"],
        "expectedBusiness": "We sell to forty haulage companies in the north and expect ten deals.",
        "contact": { "name": "Ana Appel", "email": "Ana.Appel@acme.example" }, "idempotencyKey": "apply",
    });
    let sent = app.anonymous().done("submitPartnerApplication", application, "application { id }").await;
    let input = json!({ "applicationId": sent["application"]["id"], "idempotencyKey": "approve" });
    let approved = ops.done("approvePartnerApplication", input, "partner { id } invitationToken").await;
    let input = json!({ "token": approved["invitationToken"], "password": PASSWORD, "idempotencyKey": "accept" });
    app.anonymous().done("acceptInvitation", input, "tokens { accessToken }").await;
    let input = json!({ "email": "ana.appel@acme.example", "password": PASSWORD, "device": "Anas Telefon" });
    let signed_in = app.anonymous().done("signIn", input, "tokens { accessToken }").await;
    let token = signed_in["tokens"]["accessToken"].as_str().map(str::to_owned);
    let ana = Person { app, token };
    ana.done("updateOwnProfile", json!({ "name": "Ana Birne", "idempotencyKey": "rename" }), "user { id }").await;
    let id = id_of(&ana).await;
    (ana, id, approved["partner"]["id"].as_str().unwrap().to_owned())
}

async fn export(person: &Person<'_>, id: &str) -> Value {
    let payload = person.done("exportPersonalData", json!({ "userId": id }), "document").await;
    serde_json::from_str(payload["document"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_held_of_a_person_is_exported_to_them_and_their_administrators() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let admin = app.staff(Role::Admin).await;
    let (ana, id, partner) = ana(&app, &ops).await;
    let document = export(&ana, &id).await;
    let held = &document["held"];
    assert_eq!(held["profile"][0]["email"], "Ana.Appel@acme.example");
    assert_eq!(held["profile"][0]["name"], "Ana Birne");
    assert_eq!(held["sessions"].as_array().unwrap().len(), 2);
    assert!(held["sessions"].to_string().contains("Anas Telefon"));
    assert_eq!(held["invitations"][0]["name"], "Ana Appel");
    assert!(held["auditEvents"].to_string().contains("own_access.manage"));
    assert!(held["idempotencyKeys"].to_string().contains("updateOwnProfile"));
    assert_eq!(held.as_object().unwrap().len(), HELD.len(), "each category is there");
    for secret in ["password", "argon2", "token", "hash"] {
        assert!(!document.to_string().contains(secret), "{secret}");
    }
    let by_staff = export(&admin, &id).await;
    assert_eq!(by_staff["held"]["partnerApplications"][0]["contactName"], "Ana Appel");
    assert_eq!(export(&ana, &id).await["held"]["profile"], by_staff["held"]["profile"]);

    // Others: a colleague may not, another company's administrator finds nobody.
    let colleague = app.person("sam@acme.example", partner.parse().ok(), &[Role::Seller]).await;
    let other = app.partner("other.example").await;
    let stranger = app.person("eve@other.example", Some(other), &[Role::PartnerAdmin]).await;
    let document = "mutation($id: ID!) { exportPersonalData(input: { userId: $id }) { document userErrors { code message field } } }";
    let answer = colleague.ask(document, json!({ "id": id })).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
    let answer = stranger.ask(document, json!({ "id": id })).await;
    assert_eq!(answer.data["exportPersonalData"]["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(answer.body, stranger.ask(document, json!({ "id": INVENTED })).await.body);
    let answer = ops.ask(document, json!({ "id": id })).await;
    assert_eq!(answer.errors[0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn of_an_erased_person_nothing_is_left_but_a_pseudonym() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let admin = app.staff(Role::Admin).await;
    let (ana, id, partner) = ana(&app, &ops).await;
    app.create_user("bea@acme.example", partner.parse().ok(), &[Role::PartnerAdmin]).await;
    admin.done("renameUser", json!({ "userId": id, "name": "Ana Clementine", "idempotencyKey": "name" }), "").await;
    let words = ["ana.appel", "ana appel", "ana birne", "ana clementine", "anas telefon"];
    let told = async || {
        let mut found = Vec::new();
        for (table, rows) in picture(&app, &[]).await {
            let text = rows.join("\n").to_lowercase();
            found.extend(words.iter().filter(|word| text.contains(**word)).map(|word| format!("{table}: {word}")));
        }
        found
    };
    let before = told().await;
    assert!(before.contains(&"idempotency_keys: ana.appel".to_owned()), "{before:?}");
    assert!(before.contains(&"sessions: anas telefon".to_owned()), "{before:?}");
    assert!(!before.iter().any(|found| found.starts_with("audit_events")), "the audit never had them: {before:?}");

    let input = json!({ "userId": id, "reason": "REQUESTED", "idempotencyKey": "erase" });
    let selection = "user { id name email state erasedAt allowedActions }";
    let erased = admin.done("erasePerson", input.clone(), selection).await;
    let name = erased["user"]["name"].as_str().unwrap().to_owned();
    assert!(name.starts_with("Erased person "), "{name}");
    assert_eq!((&erased["user"]["state"], &erased["user"]["allowedActions"]), (&json!("DEACTIVATED"), &json!([])));
    assert_eq!(told().await, [""; 0]);
    assert_eq!(admin.done("erasePerson", input, selection).await, erased, "a retry is answered the same");

    // Out, for ever; what they did is done by the pseudonym; nobody brings them back.
    assert_eq!(ana.ask("{ viewer { isStaff } }", Value::Null).await.status, 401);
    let sign_in = json!({ "email": "ana.appel@acme.example", "password": PASSWORD });
    assert_eq!(app.anonymous().refused("signIn", sign_in).await, ["INVALID_CREDENTIALS"]);
    for mutation in ["reactivateUser", "deactivateUser"] {
        assert_eq!(admin.refused(mutation, json!({ "userId": id })).await, ["WRONG_STATE"]);
    }
    let again = json!({ "userId": id, "reason": "LEFT" });
    assert_eq!(admin.refused("erasePerson", again).await, ["WRONG_STATE"]);
    let events =
        "query($id: ID!) { auditEvents(filter: { actorId: $id }, first: 100) { nodes { action actor { name } } } }";
    let events = admin.ask(events, json!({ "id": id })).await;
    let events = events.data["auditEvents"]["nodes"].as_array().unwrap().clone();
    assert!(events.iter().any(|event| event["action"] == "own_access.manage"));
    assert!(events.iter().all(|event| event["actor"]["name"] == *name));

    // A retry of what named them is told so, and does nothing.
    app.advance(TimeDelta::seconds(1));
    let rows = app.rows(&["users", "audit_events"]).await;
    let retry = json!({ "userId": id, "name": "Ana Clementine", "idempotencyKey": "name" });
    assert_eq!(admin.refused("renameUser", retry).await, ["NOT_FOUND"]);
    assert_eq!(app.rows(&["users", "audit_events"]).await, rows);

    // The address may be used anew.
    let partner = partner.parse().ok();
    let new: UserId = app.create_user("Ana.Appel@acme.example", partner, &[Role::Seller]).await;
    assert_ne!(new.to_string(), id);
    app.sign_in("ana.appel@acme.example").await;
}

#[tokio::test]
async fn the_last_administrator_is_not_erased_and_strangers_erase_nobody() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Admin).await;
    let acme = app.partner("acme.example").await;
    let admin = app.person("ana@acme.example", Some(acme), &[Role::PartnerAdmin]).await;
    let seller = app.create_user("sam@acme.example", Some(acme), &[Role::Seller]).await.to_string();
    let other = app.partner("other.example").await;
    let stranger = app.person("eve@other.example", Some(other), &[Role::PartnerAdmin]).await;
    let (admin_id, staff_id) = (id_of(&admin).await, id_of(&staff).await);
    let before = picture(&app, &[]).await;
    let of = |id: &str| json!({ "userId": id, "reason": "LEFT" });
    assert_eq!(admin.refused("erasePerson", of(&admin_id)).await, ["LAST_ADMIN"]);
    assert_eq!(staff.refused("erasePerson", of(&admin_id)).await, ["LAST_ADMIN"]);
    assert_eq!(staff.refused("erasePerson", of(&staff_id)).await, ["LAST_ADMIN"]);
    assert_eq!(stranger.refused("erasePerson", of(&seller)).await, ["NOT_FOUND"]);
    assert_eq!(stranger.refused("erasePerson", of(INVENTED)).await, ["NOT_FOUND"]);
    let stale = json!({ "userId": seller, "reason": "LEFT", "expectedVersion": 7 });
    assert_eq!(admin.refused("erasePerson", stale).await, ["VERSION_CONFLICT"]);
    assert_eq!(picture(&app, &[]).await, before);
    admin.done("erasePerson", of(&seller), "user { name }").await;
}

#[tokio::test]
async fn the_audit_shows_that_a_name_changed_and_never_which() {
    let app = TestApp::start().await;
    let admin = app.staff(Role::Admin).await;
    let id = id_of(&admin).await;
    for name in ["Ada Lovelace", "Ada King", "Ada Lovelace"] {
        // Ids are in the order of creation, to the millisecond.
        app.advance(TimeDelta::seconds(1));
        admin.done("updateOwnProfile", json!({ "name": name }), "").await;
    }
    let events = "query($id: ID!) { auditEvents(filter: { objectId: $id, action: \"own_access.manage\" }, first: 3) { nodes { before after } } }";
    let events = admin.ask(events, json!({ "id": id })).await.data["auditEvents"]["nodes"].clone();
    assert!(!events.to_string().contains("Ada") && !events.to_string().contains('@'), "{events}");
    let name = |event: usize, side: &str| {
        let side: Value = serde_json::from_str(events[event][side].as_str().unwrap()).unwrap();
        side["name"].as_str().unwrap().to_owned()
    };
    assert!(name(0, "after").starts_with("hidden:"));
    assert_ne!(name(0, "before"), name(0, "after"));
    assert_eq!(name(0, "after"), name(2, "after"), "the same name under the same key");
}
