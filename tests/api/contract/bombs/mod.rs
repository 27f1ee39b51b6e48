//! Requests that are small and ask for the world: refused at once over HTTP and WebSocket, before the database hears
//! of them (hazards, rows 1, 2, 5 and 6).

mod every;

use std::time::{Duration, Instant};

use partner_portal::platform::http::{Settings, socket::SocketSettings};
use serde_json::Value;

use self::every::{Bomb, MALFORMED, every};
use crate::support::{
    TestApp,
    app::Options,
    socket::{Heard, Socket},
};

/// Far below what the bombs would take. How long they take of the 50 ms that are allowed, `scripts/bench-bombs` measures:
/// this build is not optimised, and other tests hold the processors.
const AT_ONCE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn over_http_each_is_refused_without_a_statement() {
    let app = TestApp::start().await;
    let url = format!("{}/graphql", app.address);
    let send = async |body: &str| {
        let request = app.client.post(&url).header("content-type", "application/json").body(body.to_owned());
        let started = Instant::now();
        let answer = request.send().await.unwrap();
        (started.elapsed(), answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    send(r#"{"query":"{ __typename }"}"#).await;
    let before = app.services.db.statements();
    for bomb in every() {
        // The best of a few: other tests may hold the processor, the endpoint must not.
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let (took, status, answer) = send(&bomb.body).await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!(
                code,
                bomb.code,
                "{}: {status} {}",
                bomb.name,
                answer.to_string().chars().take(300).collect::<String>()
            );
            assert_eq!(answer.get("data"), None, "{}", bomb.name);
            assert!(answer.to_string().len() < 2_000, "{}: the answer repeats what was sent", bomb.name);
            best = best.min(took);
        }
        assert!(best < AT_ONCE, "{}: took {best:?}", bomb.name);
    }
    assert_eq!(app.services.db.statements(), before, "the database was asked");
}

#[tokio::test]
async fn over_a_socket_each_is_refused_without_a_statement() {
    let undisturbed = Options {
        change: |app| {
            let socket = SocketSettings { recheck: Duration::from_hours(1), ..app.settings.socket };
            let settings = Settings { socket, ..(*app.settings).clone() };
            app.with(settings)
        },
        ..Options::default()
    };
    let app = TestApp::start_with(undisturbed).await;
    let staff = app.staff(entity::value::Role::Admin).await;
    let mut socket = Socket::ready(&staff).await;
    let mut before = app.services.db.statements();
    for bomb in every() {
        let message = format!(r#"{{"id":"b","type":"subscribe","payload":{}}}"#, bomb.body);
        let (long, malformed) = (message.len() > 64 * 1024, bomb.code == MALFORMED);
        let started = Instant::now();
        socket.say_text(message).await;
        let heard = socket.hear().await;
        let took = started.elapsed();
        if long || malformed {
            let code = if long { 1009 } else { 4400 };
            assert_eq!(heard.code(), Some(code), "{}: {heard:?}", bomb.name);
            assert_eq!(app.services.db.statements(), before, "{}", bomb.name);
            socket = Socket::ready(&staff).await;
            works(&app, &mut socket, &bomb).await;
            before = app.services.db.statements();
            continue;
        }
        let Heard::Message(answer) = heard else { panic!("{}: {heard:?}", bomb.name) };
        assert_eq!(answer["payload"][0]["extensions"]["code"], bomb.code, "{}: {answer}", bomb.name);
        assert!(took < AT_ONCE, "{}: took {took:?}", bomb.name);
        assert_eq!(app.services.db.statements(), before, "{}", bomb.name);
    }
}

/// The next connection works as well as the one before.
async fn works(app: &TestApp, socket: &mut Socket, bomb: &Bomb) {
    socket.subscribe("a", "{ __typename }", Value::Null).await;
    let answer = socket.answer("a").await;
    assert_eq!(answer["data"]["__typename"], "Query", "after {}", bomb.name);
    assert!(app.sockets.count() <= 2, "after {}", bomb.name);
}
