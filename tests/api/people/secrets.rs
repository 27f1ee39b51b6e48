//! What is a secret outside is a hash inside: whoever reads the database, or a copy of it, comes in nowhere.

use entity::value::Role;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::second_factors::code_of;
use crate::support::{Engine, TestApp, app::PASSWORD};

/// Everything in every table; what is kept as bytes in hexadecimal.
async fn everything(app: &TestApp) -> Vec<(String, String)> {
    let owner = app.database.open_as_owner().await;
    let read = async |sql: String| {
        let statement = Statement::from_string(owner.pool().get_database_backend(), sql);
        let rows = owner.pool().query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| row.try_get_by_index::<Option<String>>(0).unwrap().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    let postgres = Engine::current() == Engine::Postgres;
    let tables = if postgres {
        "select tablename::text from pg_tables where schemaname = 'public'"
    } else {
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    };
    let mut found = Vec::new();
    for table in read(tables.to_owned()).await {
        let columns = if postgres {
            vec!["whole::text".to_owned()]
        } else {
            read(format!("select name from pragma_table_info('{table}')")).await
        };
        for column in columns {
            let sql = if postgres {
                format!("select {column} from \"{table}\" whole")
            } else {
                format!(
                    "select case typeof(\"{column}\") when 'blob' then hex(\"{column}\") else cast(\"{column}\" as text) end
                     from \"{table}\""
                )
            };
            found.extend(read(sql).await.into_iter().map(|text| (format!("{table}.{column}"), text)));
        }
    }
    found
}

#[tokio::test]
async fn no_secret_that_is_out_is_kept() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let key = |key: &str| json!({ "idempotencyKey": key });
    let with = |input: Value, name: &str| {
        let mut input = input;
        input.as_object_mut().unwrap().extend(key(name).as_object().unwrap().clone());
        input
    };
    let tokens = "tokens { accessToken refreshToken }";
    let sign_in = with(json!({ "email": "ana@vendor.example", "password": PASSWORD }), "1");
    let first = app.anonymous().done("signIn", sign_in, tokens).await["tokens"].clone();
    let renewed = with(json!({ "refreshToken": first["refreshToken"] }), "2");
    let second = app.anonymous().done("refreshSession", renewed, tokens).await["tokens"].clone();
    let ana = app.bearer(second["accessToken"].as_str().unwrap());

    let invited = json!({ "email": "nora@vendor.example", "name": "Nora", "roles": ["FINANCE"] });
    ana.done("inviteUser", with(invited, "3"), "").await;
    let invitation = app.mail().await.token();
    app.anonymous().done("requestPasswordReset", with(json!({ "email": "ana@vendor.example" }), "4"), "").await;
    let reset = app.mail().await.token();
    let client = json!({ "name": "CRM", "scopes": ["DEALS_READ"] });
    let client = ana.done("createApiClient", with(client, "5"), "secret").await["secret"].clone();
    let begun = ana.done("beginTotpEnrolment", key("6"), "secret").await["secret"].clone();
    let code = json!({ "code": code_of(begun.as_str().unwrap(), app.now()) });
    let codes = ana.done("confirmTotpEnrolment", with(code, "7"), "recoveryCodes").await["recoveryCodes"].clone();

    let mut secrets = vec![PASSWORD.to_owned(), invitation, reset];
    let shown = [&first["accessToken"], &first["refreshToken"], &second["accessToken"], &second["refreshToken"]];
    secrets.extend(shown.into_iter().chain([&client, &begun]).map(|secret| secret.as_str().unwrap().to_owned()));
    for code in codes.as_array().unwrap() {
        secrets.push(code.as_str().unwrap().to_owned());
        secrets.push(code.as_str().unwrap().replace('-', ""));
    }
    // Without what everybody knows of its form.
    secrets.push(client.as_str().unwrap().trim_start_matches("ppk_").to_owned());
    assert!(secrets.len() > 29 && secrets.iter().all(|secret| secret.len() >= 16), "{secrets:?}");

    let everything = everything(&app).await;
    let kept = |what: &str| everything.iter().any(|(_, text)| text.to_lowercase().contains(&what.to_lowercase()));
    let in_hexadecimal = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(kept("ana@vendor.example") && kept("$argon2id$"), "nothing was read");
    for secret in &secrets {
        for form in [secret.clone(), in_hexadecimal(secret)] {
            let place = everything.iter().find(|(_, text)| text.to_lowercase().contains(&form.to_lowercase()));
            assert!(place.is_none(), "{:?} holds a secret as it is: {form}", place.map(|(place, _)| place));
        }
    }
}
