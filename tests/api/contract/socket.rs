//! GraphQL over WebSocket, spoken by hand: who may connect, what is answered, how each wrong turn ends (hazards, rows 5
//! and 15). `tests/graphql-ws` speaks it with the client that frontends use.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::value::Role;
use futures::SinkExt as _;
use partner_portal::platform::http::{Settings, server::App, socket::SocketSettings};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::protocol::WrongSchema;
use crate::support::{
    TestApp,
    app::Options,
    socket::{Heard, PROTOCOL, Socket},
};

pub fn change(app: App, socket: impl Fn(SocketSettings) -> SocketSettings) -> App {
    let settings = Settings {
        socket: socket(app.settings.socket),
        cors_origins: vec!["https://portal.example".into()],
        ..(*app.settings).clone()
    };
    app.with(settings)
}

async fn start_with(change: fn(App) -> App) -> TestApp {
    TestApp::start_with(Options { change, ..Options::default() }).await
}

/// Fields that never end, panic, or fail.
fn wrong(app: App) -> App {
    let app = change(app, |settings| SocketSettings { recheck: Duration::from_hours(1), ..settings });
    App { executor: Arc::new(WrongSchema::default()), ..app }
}

#[tokio::test]
async fn queries_and_mutations_are_answered_as_over_http() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    let document = "query($id: ID!) { viewer { isStaff } node(id: $id) { id } }";
    socket.subscribe("1", document, json!({ "id": "x" })).await;
    let answer = socket.answer("1").await;
    assert_eq!(answer["data"], json!({ "viewer": { "isStaff": true }, "node": null }));
    assert!(answer["extensions"]["cost"]["remaining"].is_u64(), "{answer}");
    let course =
        json!({ "code": "FND", "title": "Foundation", "isFoundation": true, "passMarkBp": 8000, "validityMonths": 12 });
    let mutation =
        "mutation($i: CreateCourseInput!) { createCourse(input: $i) { course { code } userErrors { code } } }";
    let ops = app.staff(Role::ChannelOps).await;
    let mut socket = Socket::ready(&ops).await;
    socket.subscribe("m", mutation, json!({ "i": course })).await;
    assert_eq!(socket.answer("m").await["data"]["createCourse"]["course"]["code"], "FND");
    for (document, code) in [
        ("{ nothing }", "INVALID_DOCUMENT"),
        ("{", "INVALID_DOCUMENT"),
        ("query a { __typename } query b { __typename }", "INVALID_DOCUMENT"),
        ("{ __schema { description } }", "INVALID_DOCUMENT"),
    ] {
        socket.subscribe("2", document, Value::Null).await;
        assert_eq!(socket.refusal("2").await, code, "{document}");
    }
    socket.say(json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert!(
        matches!(socket.hear().await, Heard::Message(pong) if pong == json!({ "type": "pong", "payload": { "a": 1 } }))
    );
    socket.say(json!({ "type": "pong" })).await;
    socket.say(json!({ "type": "complete", "id": "unknown" })).await;
    socket.subscribe("2", "{ __typename }", Value::Null).await;
    assert_eq!(socket.answer("2").await["data"], json!({ "__typename": "Query" }));
}

#[tokio::test]
async fn pages_of_other_sites_and_other_protocols_are_not_spoken_to() {
    let app = start_with(|app| change(app, |settings| settings)).await;
    for (origin, answered) in [
        (None, Ok(())),
        (Some("https://portal.example"), Ok(())),
        (Some("https://evil.example"), Err(403)),
        (Some("https://portal.example.evil.example"), Err(403)),
        (Some("null"), Err(403)),
        (Some(""), Err(403)),
    ] {
        let opened = Socket::open(&app, Some(PROTOCOL), origin).await.map(drop);
        assert_eq!(opened, answered, "{origin:?}");
    }
    for protocol in [None, Some("graphql-ws"), Some("graphql-transport-ws2"), Some("soap, graphql-ws")] {
        // Only a client that does not mind the missing protocol gets as far as being told.
        let request = app.client.get(format!("{}/graphql/ws", app.address)).header("connection", "upgrade");
        let mut request = request.header("upgrade", "websocket").header("sec-websocket-version", "13");
        request = request.header("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw==");
        if let Some(protocol) = protocol {
            request = request.header("sec-websocket-protocol", protocol);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 101, "{protocol:?}");
        assert!(answer.headers().get("sec-websocket-protocol").is_none());
    }
    let mut socket = Socket::open(&app, None, None).await.unwrap();
    assert_eq!(socket.hear().await.code(), Some(4406));
    let plain = app.client.get(format!("{}/graphql/ws", app.address)).send().await.unwrap();
    assert_eq!(plain.status(), 426);
    let broken =
        app.client.get(format!("{}/graphql/ws", app.address)).header("upgrade", "websocket").send().await.unwrap();
    assert_eq!(broken.status(), 400);
}

#[tokio::test]
async fn the_first_message_says_who_calls() {
    let app =
        start_with(|app| change(app, |settings| SocketSettings { init: Duration::from_millis(300), ..settings })).await;
    let mut socket = Socket::silent(&app).await;
    assert_eq!(socket.hear().await.code(), Some(4408), "no first message");
    for (payload, code) in [
        (Value::Null, 4401),
        (json!({}), 4401),
        (json!({ "authorization": 1 }), 4401),
        (json!({ "authorization": "nonsense" }), 4401),
        (json!({ "authorization": "Basic YTpi" }), 4401),
        (json!({ "authorization": "Bearer nonsense" }), 4403),
    ] {
        let mut socket = Socket::silent(&app).await;
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await.code(), Some(code), "{payload}");
    }
    let mut socket = Socket::silent(&app).await;
    socket.subscribe("1", "{ __typename }", Value::Null).await;
    assert_eq!(socket.hear().await.code(), Some(4401), "an operation first");
    let staff = app.staff(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    socket.init(&staff).await;
    assert_eq!(socket.hear().await.code(), Some(4429), "twice");
}

#[tokio::test]
async fn what_is_no_message_of_the_protocol_ends_the_connection() {
    let app = TestApp::start().await;
    let staff = app.staff(Role::Admin).await;
    for text in ["nonsense", "[]", r#"{"type":"start","id":"1","payload":{"query":"{ a }"}}"#, r#"{"id":"1"}"#] {
        let mut socket = Socket::ready(&staff).await;
        socket.say_text(text.to_owned()).await;
        assert_eq!(socket.hear().await.code(), Some(4400), "{text}");
    }
    let mut socket = Socket::ready(&staff).await;
    socket.0.send(Message::binary(br#"{"type":"ping"}"#.to_vec())).await.unwrap();
    assert_eq!(socket.hear().await.code(), Some(4400), "not a text");
    let mut socket = Socket::ready(&staff).await;
    socket.say_text(format!(r#"{{"type":"ping","payload":{{"a":"{}"}}}}"#, "x".repeat(64 * 1024))).await;
    assert_eq!(socket.hear().await.code(), Some(1009), "too long");
}

#[tokio::test]
async fn one_name_is_one_operation_at_a_time_and_twenty_run_at_once() {
    let app = start_with(wrong).await;
    let staff = app.staff_past_the_api(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    for id in 0..20 {
        socket.subscribe(&id.to_string(), "{ never }", Value::Null).await;
    }
    socket.subscribe("20", "{ quick }", Value::Null).await;
    assert_eq!(socket.refusal("20").await, "LIMIT_EXCEEDED");
    // One that is not wanted any more makes room, and its name is free.
    socket.say(json!({ "type": "complete", "id": "3" })).await;
    socket.say(json!({ "type": "ping" })).await;
    assert!(matches!(socket.hear().await, Heard::Message(pong) if pong["type"] == "pong"));
    socket.subscribe("3", "{ quick }", Value::Null).await;
    assert_eq!(socket.answer("3").await["data"], json!({ "quick": 2 }));
    socket.subscribe("4", "{ quick }", Value::Null).await;
    let Heard::Closed(code, words) = socket.hear().await else { panic!("not closed") };
    assert_eq!((code, words.as_str()), (4409, "Subscriber for 4 already exists"));
}

#[tokio::test]
async fn an_operation_that_goes_wrong_leaves_the_others() {
    let app = start_with(wrong).await;
    let staff = app.staff_past_the_api(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    socket.subscribe("p", "{ panics }", Value::Null).await;
    assert_eq!(socket.refusal("p").await, "INTERNAL");
    socket.subscribe("f", "{ fails quick }", Value::Null).await;
    let answer = socket.answer("f").await;
    assert_eq!(answer["data"], json!({ "fails": null, "quick": 2 }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL");
    assert!(!answer.to_string().contains("secret"));
}

#[tokio::test]
async fn a_caller_has_ten_connections() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.staff(Role::Admin).await, app.staff(Role::Finance).await);
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(Socket::ready(&ana).await);
    }
    let (_, eleventh) = Socket::greeting(&ana).await;
    assert_eq!(eleventh.code(), Some(4429), "{eleventh:?}");
    Socket::ready(&ben).await;
    let mut first = open.remove(0);
    first.0.close(None).await.unwrap();
    while !matches!(first.hear().await, Heard::Gone) {}
    Socket::ready(&ana).await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_that_have_not_said_who_they_are() {
    let app = start_with(|app| change(app, |settings| SocketSettings { per_address: 3, ..settings })).await;
    let staff = app.staff(Role::Admin).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(Socket::silent(&app).await);
    }
    assert_eq!(Socket::open(&app, Some(PROTOCOL), None).await.map(drop), Err(429));
    // Who has said it makes room.
    let mut first = waiting.remove(0);
    first.init(&staff).await;
    assert!(matches!(first.hear().await, Heard::Message(ack) if ack["type"] == "connection_ack"));
    Socket::open(&app, Some(PROTOCOL), None).await.unwrap();
}

#[tokio::test]
async fn signing_out_and_expiry_end_the_connection() {
    let app =
        start_with(|app| change(app, |settings| SocketSettings { recheck: Duration::from_millis(50), ..settings }))
            .await;
    let staff = app.staff(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    staff.done("signOut", json!({}), "signedOut").await;
    assert_eq!(socket.hear().await.code(), Some(4403), "signed out");
    let staff = app.sign_in("admin@vendor.example").await;
    let mut socket = Socket::ready(&staff).await;
    app.advance(TimeDelta::minutes(11));
    assert_eq!(socket.hear().await.code(), Some(4403), "expired");
}

#[tokio::test]
async fn a_server_that_stops_answers_what_runs_and_says_good_bye() {
    let app = start_with(wrong).await;
    let staff = app.staff_past_the_api(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    socket.subscribe("1", "{ slow }", Value::Null).await;
    // Heard before the server stops.
    socket.say(json!({ "type": "ping" })).await;
    let mut answered = Vec::new();
    loop {
        match socket.hear().await {
            Heard::Message(message) if message["type"] == "pong" => app.sockets.close(),
            Heard::Message(message) => answered.push(message["type"].clone()),
            heard => {
                assert_eq!(heard.code(), Some(1001), "{heard:?}");
                break;
            }
        }
    }
    assert_eq!(answered, ["next", "complete"]);
    assert_eq!(Socket::open(&app, Some(PROTOCOL), None).await.map(drop), Err(503));
}

/// Waits until the server has no connection any more.
async fn until_none(app: &TestApp) {
    let none = async {
        while app.sockets.count() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), none).await.expect("the connection is given up");
}

#[tokio::test]
async fn who_does_not_read_is_not_waited_for() {
    let app = start_with(|app| {
        change(app, |settings| SocketSettings {
            send: Duration::from_millis(300),
            ping: Duration::from_hours(1),
            ..settings
        })
    })
    .await;
    let staff = app.staff(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    // Answers of 25 kB each, until every buffer between us is full.
    let long = "x".repeat(240);
    let document = format!("{{ {} }}", (0..100).map(|n| format!("{long}{n}: __typename ")).collect::<String>());
    let filling = async {
        for id in 0..20_000 {
            let payload = json!({ "query": document });
            let message = json!({ "id": id.to_string(), "type": "subscribe", "payload": payload });
            if socket.0.send(Message::text(message.to_string())).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = filling => {}
        () = until_none(&app) => {}
    }
    until_none(&app).await;
}

#[tokio::test]
async fn who_gives_no_sign_of_life_is_gone() {
    let app =
        start_with(|app| change(app, |settings| SocketSettings { ping: Duration::from_millis(100), ..settings })).await;
    let staff = app.staff(Role::Admin).await;
    let socket = Socket::ready(&staff).await;
    // Pings are answered while somebody reads; nobody does.
    until_none(&app).await;
    drop(socket);
}

/// One operation at a time, and nobody waits long for a turn.
fn one_at_once(app: App) -> App {
    let app = wrong(app);
    let settings = Settings {
        at_once: 1,
        turn_time: Duration::from_millis(100),
        request_time: Duration::from_secs(5),
        ..(*app.settings).clone()
    };
    app.with(settings)
}

#[tokio::test]
async fn operations_take_turns_with_requests_and_who_gets_none_is_sent_away() {
    let app = start_with(one_at_once).await;
    let staff = app.staff_past_the_api(Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    socket.subscribe("long", "{ never }", Value::Null).await;
    let began = async {
        while app.turns.available_permits() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), began).await.expect("an operation takes a turn");
    for document in ["{ quick }", "mutation { quick }"] {
        socket.subscribe("busy", document, Value::Null).await;
        let heard = socket.hear().await;
        let Heard::Message(error) = heard else { panic!("{heard:?}") };
        assert_eq!((&error["id"], &error["type"]), (&json!("busy"), &json!("error")), "{error}");
        let extensions = &error["payload"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["retryAfterSeconds"]), (&json!("UNAVAILABLE"), &json!(1)));
    }
    // What is over HTTP waits for the same turns, and what is given up makes room.
    assert_eq!(app.anonymous().ask("{ quick }", Value::Null).await.status, 503);
    socket.say(json!({ "type": "complete", "id": "long" })).await;
    socket.say(json!({ "type": "ping" })).await;
    assert!(matches!(socket.hear().await, Heard::Message(pong) if pong["type"] == "pong"));
    socket.subscribe("next", "{ quick }", Value::Null).await;
    assert_eq!(socket.answer("next").await["data"], json!({ "quick": 2 }));
    assert_eq!(app.turns.available_permits(), 1);
}
