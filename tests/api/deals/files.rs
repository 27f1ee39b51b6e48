//! Files that prove evidence: taken by what they are, kept once, read through a link, and nobody else's.

mod stores;

use std::{io::Write as _, net::TcpStream, time::Duration};

use actix_web::web;
use chrono::TimeDelta;
use partner_portal::{
    deals::evidence_files::model::MOST_BYTES_OF_PARTNER,
    platform::{call::Call, files},
};
use serde_json::{Value, json};

use super::{DEAL, TABLES, World};
use crate::support::{Person, TestApp, socket::Socket};

const FILE: &str = "evidenceFile { id name mediaType sizeBytes sha256 downloadPath }";
const PDF: &str = "@file:minutes.pdf:%PDF-1.7 what was said";

async fn evidence(world: &World<'_>, seller: &Person<'_>, customer: &str) -> (Value, Value) {
    let deal = world.register(seller, world.deal(customer)).await;
    let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id } } }";
    let found = seller.ask(document, json!({ "id": deal["id"] })).await;
    (deal, found.data["dealRegistration"]["evidence"][0]["id"].clone())
}

async fn get(app: &TestApp, path: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let answer = app.client.get(format!("{}{path}", app.address)).send().await.unwrap();
    let (status, mut headers) = (answer.status().as_u16(), answer.headers().clone());
    headers.remove("x-request-id");
    headers.remove("date");
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_file_is_kept_with_its_hash_and_read_through_a_link_for_five_minutes() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (deal, item) = evidence(&world, &seller, "Acme").await;
    let input = json!({ "evidenceId": item, "file": "@file:../Angebot Größe.pdf:%PDF-1.7 what was said" });
    let file = seller.done("attachEvidenceFile", input, FILE).await["evidenceFile"].clone();
    assert_eq!((&file["name"], &file["mediaType"]), (&json!("Angebot Größe.pdf"), &json!("application/pdf")));
    assert_eq!(file["sizeBytes"], 22);
    assert_eq!(file["sha256"], "ef9f2fd7c97aec87d1f3db999e8728d2b9d0d2d45890731eab4258b7ee037e08");
    let document =
        "query($id: ID!) { dealRegistration(id: $id) { evidence { id files { id name addedBy { name } } } } }";
    for person in [&seller, &world.ops] {
        let found = person.ask(document, json!({ "id": deal["id"] })).await;
        let items = found.data["dealRegistration"]["evidence"].as_array().unwrap().clone();
        let of: Vec<_> = items.iter().filter(|it| it["files"] != json!([])).collect();
        assert_eq!((of.len(), &of[0]["id"], &of[0]["files"][0]["id"]), (1, &item, &file["id"]));
    }

    let path = file["downloadPath"].as_str().unwrap().to_owned();
    let (status, headers, bytes) = get(&app, &path).await;
    assert_eq!((status, bytes.as_slice()), (200, &b"%PDF-1.7 what was said"[..]));
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", "22"),
        (
            "content-disposition",
            "attachment; filename=\"Angebot Gr__e.pdf\"; filename*=UTF-8''Angebot%20Gr%C3%B6%C3%9Fe.pdf",
        ),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-store"),
    ] {
        assert_eq!(headers[name], value);
    }
    assert!(headers["content-security-policy"].to_str().unwrap().contains("sandbox"));

    // The same answer for whatever is wrong with a link: changed, of another file, run out, invented.
    let (base, query) = path.split_once('?').unwrap();
    let nothing = get(&app, "/files/evf_00000000000000000000000000000001").await;
    assert_eq!(nothing.0, 404);
    app.advance(TimeDelta::seconds(299));
    assert_eq!(get(&app, &path).await.0, 200);
    let longer = query.replacen("expires=", "expires=9", 1);
    let mut changed = path.clone();
    let last = changed.pop().unwrap();
    changed.push(if last == '0' { '1' } else { '0' });
    for wrong in [
        base.to_owned(),
        format!("{base}?{longer}"),
        changed,
        format!("/files/evf_00000000000000000000000000000001?{query}"),
        format!("/files/nonsense?{query}"),
        format!("{base}?expires=x&signature=y"),
    ] {
        assert_eq!(get(&app, &wrong).await, nothing, "{wrong}");
    }
    app.advance(TimeDelta::seconds(1));
    assert_eq!(get(&app, &path).await, nothing);
}

#[tokio::test]
async fn a_file_is_saved_under_a_name_of_its_type() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let input = json!({ "evidenceId": item, "file": "@file:agenda.bat:BMW takes the offer." });
    let file = seller.done("attachEvidenceFile", input, FILE).await["evidenceFile"].clone();
    assert_eq!((&file["name"], &file["mediaType"]), (&json!("agenda.bat"), &json!("text/plain")));
    let (_, headers, _) = get(&app, file["downloadPath"].as_str().unwrap()).await;
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"agenda.bat.txt\"; filename*=UTF-8''agenda.bat.txt"
    );
}

#[tokio::test]
async fn files_are_taken_by_their_content_and_no_larger_than_ten_mebibytes() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let tables: Vec<&str> = TABLES.iter().copied().chain(["evidence_files", "stored_files"]).collect();
    let before = app.rows(&tables).await;
    for (file, code) in [
        ("@file:minutes.pdf:MZ\u{1} a program", "MALFORMED"),
        ("@file:minutes.pdf:<html><script>alert(1)</script>", "MALFORMED"),
        ("@file:minutes.txt:", "REQUIRED"),
    ] {
        let input = json!({ "evidenceId": item, "file": file });
        assert_eq!(seller.refused("attachEvidenceFile", input).await, [code], "{file}");
    }
    // A mark without its file is none.
    let forged = json!({ "evidenceId": item, "file": "#file:0:00" });
    assert_eq!(seller.refused("attachEvidenceFile", forged).await, ["MALFORMED"]);
    let large = |bytes: usize| json!({ "evidenceId": item, "file": format!("@file:a.txt:{}", "x".repeat(bytes)) });
    let document =
        "mutation($input: AttachEvidenceFileInput!) { attachEvidenceFile(input: $input) { userErrors { code } } }";
    let answer = seller.ask(document, json!({ "input": large(files::MOST_BYTES + 1) })).await;
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (413, &json!("BAD_REQUEST")));
    assert_eq!(app.rows(&tables).await, before);
    let kept = seller.done("attachEvidenceFile", large(files::MOST_BYTES), FILE).await;
    assert_eq!(kept["evidenceFile"]["mediaType"], "text/plain");
    let path = kept["evidenceFile"]["downloadPath"].as_str().unwrap().to_owned();
    assert_eq!(get(&app, &path).await.2.len(), files::MOST_BYTES);
}

#[tokio::test]
async fn another_partners_evidence_and_file_are_not_found() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let file = seller.done("attachEvidenceFile", json!({ "evidenceId": item, "file": PDF }), FILE).await;
    let before = app.rows(&["evidence_files", "stored_files", "audit_events"]).await;
    for id in [&item, &json!("evi_00000000000000000000000000000001")] {
        let input = json!({ "evidenceId": id, "file": PDF });
        assert_eq!(rival.refused("attachEvidenceFile", input).await, ["NOT_FOUND"]);
    }
    assert_eq!(
        app.rows(&["evidence_files", "stored_files", "audit_events"]).await,
        before,
        "nothing is stored for them"
    );
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(rival.ask(node, json!({ "id": file["evidenceFile"]["id"] })).await.data["node"], Value::Null);
    assert_eq!(
        seller.ask(node, json!({ "id": file["evidenceFile"]["id"] })).await.data["node"]["id"],
        file["evidenceFile"]["id"]
    );
    let answer = app
        .anonymous()
        .ask(
            "mutation($input: AttachEvidenceFileInput!) { attachEvidenceFile(input: $input) { userErrors { code } } }",
            json!({ "input": { "evidenceId": item, "file": PDF } }),
        )
        .await;
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (401, &json!("UNAUTHENTICATED")));
}

#[tokio::test]
async fn a_retry_keeps_one_file_and_another_file_is_another_request() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let input = json!({ "evidenceId": item, "file": PDF, "idempotencyKey": "k" });
    let first = seller.done("attachEvidenceFile", input.clone(), "evidenceFile { id }").await;
    assert_eq!(seller.done("attachEvidenceFile", input, "evidenceFile { id }").await, first);
    assert_eq!(app.rows(&["evidence_files", "stored_files"]).await.iter().map(|it| it.1).collect::<Vec<_>>(), [1, 1]);
    let other =
        json!({ "evidenceId": item, "file": "@file:minutes.pdf:%PDF-1.7 something else", "idempotencyKey": "k" });
    assert_eq!(seller.refused("attachEvidenceFile", other).await, ["IDEMPOTENCY_KEY_REUSED"]);

    // It was stored before the transaction refused it, and is gone.
    assert_eq!(app.rows(&["evidence_files", "stored_files"]).await.iter().map(|it| it.1).collect::<Vec<_>>(), [1, 1]);

    // Five to an item; the sixth is not stored. What a server left behind that died goes away.
    for number in 0..4 {
        let input = json!({ "evidenceId": item, "file": format!("@file:{number}.txt:text {number}") });
        seller.done("attachEvidenceFile", input, "").await;
    }
    let sixth = json!({ "evidenceId": item, "file": "@file:6.txt:text 6" });
    assert_eq!(seller.refused("attachEvidenceFile", sixth).await, ["TOO_LONG"]);
    let unkept = "stored_files where state <> 'KEPT'";
    assert_eq!(app.rows(&["evidence_files", unkept]).await.iter().map(|it| it.1).collect::<Vec<_>>(), [5, 0]);
    for _ in 0..2 {
        let left = Call::system(app.services.clone(), "test");
        files::stage(&left, web::Bytes::from_static(b"left behind")).await.unwrap();
    }
    app.advance(TimeDelta::minutes(60));
    assert_eq!(files::sweep(&app.services).await.unwrap(), 0);
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(files::sweep(&app.services).await.unwrap(), 2);
    assert_eq!(app.rows(&["evidence_files", "stored_files"]).await.iter().map(|it| it.1).collect::<Vec<_>>(), [5, 5]);
    assert_eq!(files::sweep(&app.services).await.unwrap(), 0);
    app.check().await;
}

#[tokio::test]
async fn evidence_of_what_is_decided_takes_no_more_files() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (deal, item) = evidence(&world, &seller, "Acme").await;
    seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
    let input = json!({ "evidenceId": item, "file": PDF });
    assert_eq!(seller.refused("attachEvidenceFile", input).await, ["WRONG_STATE"]);
    let rows = app.rows(&["evidence_files", "stored_files"]).await;
    assert_eq!(rows.iter().map(|it| it.1).collect::<Vec<_>>(), [0, 0], "nothing is stored either");
}

#[tokio::test]
async fn the_files_of_a_company_have_a_limit_together() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let (_, other) = evidence(&world, &rival, "Zenith").await;
    let input = json!({ "evidenceId": item, "file": PDF });
    seller.done("attachEvidenceFile", input.clone(), "").await;
    // As if there were many more, so that exactly one more fits: it has 22 bytes.
    app.execute(&format!("update evidence_files set size_bytes = {}", MOST_BYTES_OF_PARTNER - 22)).await;
    seller.done("attachEvidenceFile", input.clone(), "").await;
    assert_eq!(seller.refused("attachEvidenceFile", input).await, ["TOO_LONG"]);
    assert_eq!(app.rows(&["evidence_files", "stored_files"]).await.iter().map(|it| it.1).collect::<Vec<_>>(), [2, 2]);
    rival.done("attachEvidenceFile", json!({ "evidenceId": other, "file": PDF }), "").await;
}

#[tokio::test]
async fn who_sends_slowly_sends_one_file_and_keeps_nobody_else_waiting() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let (_, other) = evidence(&world, &rival, "Zenith").await;
    let document =
        "mutation($input: AttachEvidenceFileInput!) { attachEvidenceFile(input: $input) { userErrors { code } } }";
    let send = async |person: &Person<'_>, item: &Value| {
        person.ask(document, json!({ "input": { "evidenceId": item, "file": PDF } })).await
    };
    let mut slow = TcpStream::connect(app.address.trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nX-Portal-Csrf: 1\r\n\
         Content-Type: multipart/form-data; boundary=X\r\nContent-Length: 1000\r\n\r\n--X\r\n",
        seller.token.as_deref().unwrap()
    );
    slow.write_all(head.as_bytes()).unwrap();
    // The slow one has its place by then, which an empty file finds out.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let probe = json!({ "input": { "evidenceId": item, "file": "@file:a.txt:" } });
    until(async || seller.ask(document, probe.clone()).await.status == 503).await;
    let second = send(&seller, &item).await;
    assert_eq!((second.status, &second.errors[0]["extensions"]["code"]), (503, &json!("UNAVAILABLE")));
    assert_eq!(send(&rival, &other).await.data["attachEvidenceFile"]["userErrors"], json!([]));
    drop(slow);
    until(async || seller.ask(document, probe.clone()).await.status == 200).await;
    assert_eq!(send(&seller, &item).await.data["attachEvidenceFile"]["userErrors"], json!([]));
}

/// Waits until something is so, not for ever.
async fn until(is_so: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never was so");
}

#[tokio::test]
async fn the_audit_knows_a_file_by_its_hash_and_not_by_its_name() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let input = json!({ "evidenceId": item, "file": "@file:salary of kim.txt:secret words" });
    let file = seller.done("attachEvidenceFile", input, FILE).await["evidenceFile"].clone();
    let events = "{ auditEvents(first: 100) { nodes { after } } }";
    let admin = app.staff(entity::value::Role::Admin).await;
    let events = admin.ask(events, Value::Null).await.data.to_string();
    assert!(events.contains(file["sha256"].as_str().unwrap()), "{events}");
    assert!(!events.contains("salary") && !events.contains("secret words"));
}

#[tokio::test]
async fn a_form_of_another_site_brings_nothing() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (_, item) = evidence(&world, &seller, "Acme").await;
    let document =
        "mutation($input: AttachEvidenceFileInput!) { attachEvidenceFile(input: $input) { userErrors { code } } }";
    let operations =
        json!({ "query": document, "variables": { "input": { "evidenceId": item, "file": null } } }).to_string();
    let part =
        |name: &str, content: &str| format!("--X\r\nContent-Disposition: form-data; {name}\r\n\r\n{content}\r\n");
    let body = |map: &str| {
        [
            part("name=\"operations\"", &operations),
            part("name=\"map\"", map),
            part("name=\"0\"; filename=\"a.txt\"", "text"),
            "--X--\r\n".to_owned(),
        ]
        .concat()
    };
    let send = async |body: String, headers: &[(&str, &str)]| {
        let mut request = app.client.post(format!("{}/graphql", app.address));
        request = request.header("content-type", "multipart/form-data; boundary=X");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.bearer_auth(seller.token.as_deref().unwrap()).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let good = r#"{ "0": ["variables.input.file"] }"#;
    let (status, told) = send(body(good), &[]).await;
    assert!(status == 415 && told.contains("X-Portal-Csrf"), "{status} {told}");
    for wrong in [
        r#"{ "0": ["variables.input.nothing"] }"#,
        r#"{ "0": [] }"#,
        r#"{}"#,
        r#"{ "1": ["variables.input.file"] }"#,
        "[]",
    ] {
        assert_eq!(send(body(wrong), &[("x-portal-csrf", "1")]).await.0, 400, "{wrong}");
    }
    assert_eq!(app.rows(&["evidence_files"]).await[0].1, 0);
    for header in ["x-portal-csrf", "graphql-preflight", "apollo-require-preflight"] {
        let (status, told) = send(body(good), &[(header, "1")]).await;
        assert!(status == 200 && told.contains("\"userErrors\":[]"), "{status} {told}");
    }
}

#[tokio::test]
async fn a_registration_tells_of_a_new_file_to_who_waits() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let (deal, item) = evidence(&world, &seller, "Acme").await;
    let mut socket = Socket::ready(&seller).await;
    let document = "subscription($id: ID!) { dealRegistrationChanged(id: $id) { evidence { files { name } } } }";
    socket.subscribe("s", document, json!({ "id": deal["id"] })).await;
    socket.hear().await;
    seller.done("attachEvidenceFile", json!({ "evidenceId": item, "file": PDF }), "").await;
    let heard = format!("{:?}", socket.hear().await);
    assert!(heard.contains("minutes.pdf"), "{heard}");
}
