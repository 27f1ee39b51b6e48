//! What is told of a registration and of the queue as it changes: to whom a query would tell it, on every server, and no
//! longer than the session lasts.

use std::time::Duration;

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::platform::http::{Settings, server::App, socket::SocketSettings};
use serde_json::{Value, json};

use super::{
    DEAL, World,
    conflicts::{case, decision, dispute, scene},
};
use crate::{
    contract::socket::change,
    support::{
        Engine, Person, TestApp,
        app::Options,
        database::only_on,
        socket::{Heard, Socket},
    },
};

const CHANGED: &str = "subscription($id: ID!) { dealRegistrationChanged(id: $id) { id state version } }";
const QUEUE: &str = "subscription { registrationQueueChanged(first: 3) { totalCount nodes { id state } } }";

/// A server that asks anew at once, and looks at sessions often.
fn quick(app: App) -> App {
    change(app, |settings| SocketSettings { gather: Duration::from_millis(5), ..settings })
}

/// One that reads anew all the time, as if every news were lost.
fn restless(app: App) -> App {
    change(app, |settings| SocketSettings {
        gather: Duration::from_millis(5),
        reread: Duration::from_millis(50),
        ..settings
    })
}

/// One that reads anew all the time, and works on one operation at a time.
fn narrow(app: App) -> App {
    let app = restless(app);
    let settings = Settings { at_once: 1, turn_time: Duration::from_millis(50), ..(*app.settings).clone() };
    app.with(settings)
}

async fn start(change: fn(App) -> App) -> TestApp {
    TestApp::start_with(Options { change, ..Options::default() }).await
}

impl Socket {
    /// The next answer of a subscription, which goes on.
    async fn next(&mut self, id: &str) -> Value {
        let heard = self.hear().await;
        let Heard::Message(next) = heard else { panic!("{heard:?}") };
        assert_eq!((&next["id"], &next["type"]), (&json!(id), &json!("next")), "{next}");
        assert_eq!(next["payload"]["errors"], Value::Null, "{next}");
        next["payload"]["data"].clone()
    }

    /// Nothing comes for a while.
    async fn nothing(&mut self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.say(json!({ "type": "ping" })).await;
        let heard = self.hear().await;
        assert!(matches!(&heard, Heard::Message(pong) if pong["type"] == "pong"), "{heard:?}");
    }
}

fn here<'a>(person: &Person<'_>, app: &'a TestApp) -> Person<'a> {
    Person { app, token: person.token.clone() }
}

#[tokio::test]
async fn a_change_is_told_on_every_server_to_whom_the_registration_is() {
    let app = start(quick).await;
    // Two processes on SQLite do not hear of each other.
    let other = match Engine::current() {
        Engine::Postgres => Some(app.beside(Options { change: quick, ..Options::default() }).await),
        Engine::Sqlite => None,
    };
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut sockets = Vec::new();
    for server in [Some(&app), other.as_ref()].into_iter().flatten() {
        for person in [&seller, &world.ops] {
            let mut socket = Socket::ready(&here(person, server)).await;
            socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
            let first = socket.next("s").await;
            assert_eq!(
                (&first["dealRegistrationChanged"]["state"], &first["dealRegistrationChanged"]["version"]),
                (&json!("SUBMITTED"), &json!(1))
            );
            sockets.push(socket);
        }
    }
    world.approve(&deal).await;
    for socket in &mut sockets {
        let told = socket.next("s").await["dealRegistrationChanged"].clone();
        assert_eq!(told, json!({ "id": deal["id"], "state": "PROTECTED", "version": 2 }));
    }
    // One that is given up is told nothing any more, the others are.
    sockets[0].say(json!({ "type": "complete", "id": "s" })).await;
    sockets[0].nothing().await;
    seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
    for socket in &mut sockets[1..] {
        assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "RELEASED");
    }
    sockets[0].nothing().await;
}

#[tokio::test]
async fn another_partners_registration_is_answered_like_an_invented_one_and_never_told_of() {
    let app = start(restless).await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut socket = Socket::ready(&rival).await;
    for id in [deal["id"].clone(), json!("reg_00000000000000000000000000000001"), json!("nonsense")] {
        socket.subscribe("s", CHANGED, json!({ "id": id })).await;
        assert_eq!(socket.answer("s").await["data"], json!({ "dealRegistrationChanged": null }), "{id}");
    }
    world.approve(&deal).await;
    socket.nothing().await;
    assert_eq!(app.services.news.watched(), 0, "nobody waits");
}

#[tokio::test]
async fn the_queue_is_for_those_who_decide_and_told_when_it_changes() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let finance = app.staff(Role::Finance).await;
    for person in [&seller, &finance] {
        let mut socket = Socket::ready(person).await;
        socket.subscribe("q", QUEUE, Value::Null).await;
        let answer = socket.answer("q").await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
        assert!(answer["data"].is_null() || answer["data"]["registrationQueueChanged"].is_null(), "{answer}");
    }
    let mut socket = Socket::ready(&world.ops).await;
    socket.subscribe("q", QUEUE, Value::Null).await;
    let count = |told: &Value| told["registrationQueueChanged"]["totalCount"].clone();
    assert_eq!(count(&socket.next("q").await), 0);
    let deal = world.register(&seller, world.deal("Acme")).await;
    let told = socket.next("q").await;
    assert_eq!(told["registrationQueueChanged"]["nodes"], json!([{ "id": deal["id"], "state": "SUBMITTED" }]));
    world.approve(&deal).await;
    assert_eq!(count(&socket.next("q").await), 0);
    // What does not touch the queue is not told there.
    seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
    socket.nothing().await;
}

#[tokio::test]
async fn a_subscription_ends_with_its_session() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut socket = Socket::ready(&seller).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    socket.next("s").await;
    seller.done("signOut", json!({}), "signedOut").await;
    world.approve(&deal).await;
    // Whichever comes first: the news, which is refused, or the look at the session. Nothing is told.
    loop {
        match socket.hear().await {
            Heard::Message(message) => {
                assert_eq!(message["type"], "error", "{message}");
                assert_eq!(message["payload"][0]["extensions"]["code"], "UNAUTHENTICATED");
            }
            heard => {
                assert_eq!(heard.code(), Some(4403), "{heard:?}");
                break;
            }
        }
    }
    let gone = async {
        while app.services.news.watched() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("nobody waits any more");
}

#[tokio::test]
async fn whose_rights_are_taken_is_told_nothing_more() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let id = seller.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone();
    let mut socket = Socket::ready(&seller).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    socket.next("s").await;
    let admin = app.staff(Role::Admin).await;
    admin.done("changeUserRoles", json!({ "userId": id, "roles": ["LEARNER"] }), "user { id }").await;
    world.approve(&deal).await;
    let answer = socket.answer("s").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    assert!(!answer.to_string().contains("PROTECTED"), "{answer}");
}

#[tokio::test]
async fn who_reads_slowly_is_told_the_last_state_and_what_has_not_changed_is_not_told() {
    let app = start(restless).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut socket = Socket::ready(&seller).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    socket.next("s").await;
    for number in 0..30 {
        let item = json!({ "kind": "DEMONSTRATION", "description": format!("shown {number}") });
        seller.done("addDealEvidence", json!({ "id": deal["id"], "evidence": [item] }), DEAL).await;
    }
    let (mut heard, mut version) = (0, Value::Null);
    while version != 31 {
        let told = socket.next("s").await["dealRegistrationChanged"]["version"].clone();
        assert!(version.as_i64() < told.as_i64(), "{version} {told}");
        (heard, version) = (heard + 1, told);
    }
    assert!(heard <= 30);
    socket.nothing().await;
}

#[tokio::test]
async fn what_the_clock_changes_is_told_without_any_news() {
    let app = start(restless).await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    world.later(TimeDelta::days(60) - TimeDelta::microseconds(1)).await;
    let seller = world.back("north").await;
    let mut socket = Socket::ready(&seller).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "PROTECTED");
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "EXPIRED");
}

#[tokio::test]
async fn whoever_waits_is_told_of_the_offer_that_anothers_act_makes() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let mut socket = Socket::ready(&south).await;
    let offer = "subscription($id: ID!) { dealRegistrationChanged(id: $id) { waitlistOffer { isOpen } } }";
    socket.subscribe("s", offer, json!({ "id": scene.waiting })).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"], json!({ "waitlistOffer": null }));
    north.done("withdrawDealRegistration", json!({ "id": scene.held }), "").await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"], json!({ "waitlistOffer": { "isOpen": true } }));
}

#[tokio::test]
async fn a_party_is_told_what_becomes_of_its_case_by_anothers_act() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    let scene = scene(&world, &north, &south, "Amber").await;
    let mut socket = Socket::ready(&north).await;
    let side =
        "subscription($id: ID!) { dealRegistrationChanged(id: $id) { state conflict { state offeredBasisPoints } } }";
    socket.subscribe("s", side, json!({ "id": scene.held })).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "PROTECTED");
    dispute(&south, &scene.waiting).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "CONTESTED");
    let mut shares = decision(&case(&world.ops, &scene.held).await, "SHARED");
    shares["shares"] = json!([
        { "registrationId": scene.held, "basisPoints": 6_000 },
        { "registrationId": scene.waiting, "basisPoints": 4_000 },
    ]);
    world.ops.done("decideDealConflict", shares, "").await;
    let offered = json!({ "state": "CONTESTED", "conflict": { "state": "OFFERED", "offeredBasisPoints": 6_000 } });
    assert_eq!(socket.next("s").await["dealRegistrationChanged"], offered);
    let accept = |id: &Value, points: i32| json!({ "registrationId": id, "basisPoints": points });
    north.done("acceptDealConflictShare", accept(&scene.held, 6_000), "").await;
    // What the last acceptance does to the others is nobody's act, and told all the same.
    south.done("acceptDealConflictShare", accept(&scene.waiting, 4_000), "").await;
    let decided = json!({ "state": "PROTECTED", "conflict": { "state": "DECIDED", "offeredBasisPoints": null } });
    assert_eq!(socket.next("s").await["dealRegistrationChanged"], decided);
}

#[tokio::test]
async fn a_lost_connection_to_the_database_loses_no_news() {
    let reason = "SQLite has no connection that news is heard by";
    if !only_on(Engine::Postgres, "a_lost_connection_to_the_database_loses_no_news", reason) {
        return;
    }
    let app = start(quick).await;
    let other = app.beside(Options { change: quick, ..Options::default() }).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut socket = Socket::ready(&here(&seller, &other)).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    socket.next("s").await;
    while partner_portal::platform::news::listeners(&app.services.db).await.unwrap() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and datname = current_database()",
    )
    .await;
    world.approve(&deal).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "PROTECTED");
    seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "RELEASED");
}

#[tokio::test]
async fn subscriptions_are_asked_one_by_one_and_over_websocket_only() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let answer = seller.ask(CHANGED, json!({ "id": deal["id"] })).await;
    assert_eq!((answer.status, &answer.errors[0]["extensions"]["code"]), (400, &json!("BAD_REQUEST")));
    let mut socket = Socket::ready(&seller).await;
    let two = "subscription($id: ID!) { a: dealRegistrationChanged(id: $id) { id } b: dealRegistrationChanged(id: $id) { id } }";
    socket.subscribe("s", two, json!({ "id": deal["id"] })).await;
    assert_eq!(socket.refusal("s").await, "INVALID_DOCUMENT");
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_subscriptions() {
    let app = start(quick).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut socket = Socket::ready(&seller).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    socket.next("s").await;
    let began = std::time::Instant::now();
    app.sockets.close();
    assert_eq!(socket.hear().await.code(), Some(1001));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_subscription_that_gets_no_turn_goes_on_when_there_is_one() {
    let app = TestApp::start().await;
    let full = app.beside(Options { change: narrow, ..Options::default() }).await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let mut socket = Socket::ready(&here(&seller, &full)).await;
    socket.subscribe("s", CHANGED, json!({ "id": deal["id"] })).await;
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "SUBMITTED");
    let turn = full.turns.clone().acquire_owned().await.unwrap();
    world.approve(&deal).await;
    socket.nothing().await;
    // One that was told nothing yet is sent away as a query is.
    socket.subscribe("t", CHANGED, json!({ "id": deal["id"] })).await;
    assert_eq!(socket.refusal("t").await, "UNAVAILABLE");
    drop(turn);
    assert_eq!(socket.next("s").await["dealRegistrationChanged"]["state"], "PROTECTED");
}
