//! What the clock brings: told once, by one server, however many there are and whenever they crash.

use chrono::TimeDelta;
use entity::value::Role;
use partner_portal::notifications;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::{kinds, told};
use crate::{
    deals::{DEAL, World, words},
    support::{Engine, TestApp, app::Options, race::race},
};

async fn run(app: &TestApp) -> u64 {
    notifications::run_due(&app.services).await.unwrap()
}

#[tokio::test]
async fn the_end_of_a_protection_is_told_thirty_fourteen_and_three_days_before_and_when_it_has_come() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    assert_eq!(run(&app).await, 0);
    // 60 days: until the 1st of May, 09:00.
    let deal = world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    let moment = TimeDelta::microseconds(1);
    let mut expected = vec!["DEAL_APPROVED"];
    for (days_before, kind) in
        [(30, "PROTECTION_ENDING"), (14, "PROTECTION_ENDING"), (3, "PROTECTION_ENDING"), (0, "PROTECTION_ENDED")]
    {
        let instant = crate::support::app::instant("2026-05-01T09:00:00Z").plus_days(-days_before);
        app.clock.set(instant.plus(-moment));
        // Something is heard of it each time.
        let note = json!({ "id": deal["id"], "note": "It goes on." });
        world.back("north").await.done("reportDealProgress", note, DEAL).await;
        assert_eq!(run(&app).await, 0, "{days_before} days before, a moment too early");
        app.clock.set(instant);
        assert_eq!(run(&app).await, 1, "{days_before} days before");
        assert_eq!(run(&app).await, 0, "once");
        expected.insert(0, kind);
        let seller = world.back("north").await;
        assert_eq!(kinds(&seller).await, expected);
    }
    let seller = world.back("north").await;
    let sentences: Vec<_> = told(&seller).await.iter().map(|it| it["sentence"].clone()).collect();
    assert_eq!(sentences[0], "The protection of the deal ended at 2026-05-01 09:00 UTC.");
    assert_eq!(sentences[1], "The protection of the deal ends at 2026-05-01 09:00 UTC.");
    world.later(TimeDelta::days(400)).await;
    assert_eq!(run(&app).await, 0);
}

#[tokio::test]
async fn what_ended_otherwise_is_not_told_by_the_clock() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    run(&app).await;
    let deal = world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    let waiting = world.register(&seller, world.deal("Bravo")).await;
    seller.done("withdrawDealRegistration", json!({ "id": deal["id"] }), DEAL).await;
    seller.done("withdrawDealRegistration", json!({ "id": waiting["id"] }), DEAL).await;
    for _ in 0..70 {
        world.later(TimeDelta::days(1)).await;
        assert_eq!(run(&app).await, 0);
    }
}

#[tokio::test]
async fn an_overdue_review_is_told_to_operations_once() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    run(&app).await;
    let deal = world.register(&seller, world.deal("Acme")).await;
    let decided = world.register(&seller, world.deal("Bravo")).await;
    world.approve(&decided).await;
    app.mails().await;
    // Two business days from Monday, 09:00.
    world.later(TimeDelta::days(2) - TimeDelta::microseconds(1)).await;
    assert_eq!(run(&app).await, 0);
    app.advance(TimeDelta::microseconds(1));
    assert_eq!((run(&app).await, run(&app).await), (1, 0));
    let all = told(&world.ops).await;
    assert_eq!((all.len(), &all[0]["kind"], &all[0]["objectId"]), (1, &json!("REVIEW_OVERDUE"), &deal["id"]));
    assert_eq!(kinds(&world.back("north").await).await, ["DEAL_APPROVED"], "that is the vendor's own affair");
    let mail = app.mail().await;
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("channel_ops@vendor.example", "A deal registration is overdue")
    );
}

#[tokio::test]
async fn several_servers_tell_each_thing_once() {
    let app = TestApp::start().await;
    let others = [
        app.beside(Options::default()).await,
        app.beside(Options::default()).await,
        app.beside(Options::default()).await,
    ];
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    run(&app).await;
    const DEALS: u64 = 30;
    let (first, last) =
        (["Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord"], ["Mills", "Yards", "Forge", "Docks", "Farms"]);
    for name in first.iter().flat_map(|first| last.iter().map(move |last| format!("{first} {last}"))) {
        let deal = world.register(&seller, world.deal(&name)).await;
        world.approve(&deal).await;
    }
    app.mails().await;
    app.advance(TimeDelta::days(31));
    let servers: Vec<_> = others.iter().map(|other| other.services.clone()).chain([app.services.clone()]).collect();
    let done = race(servers.len(), |number| {
        let services = servers[number].clone();
        async move { notifications::run_due(&services).await.unwrap() }
    })
    .await;
    // They end in less than thirty days, and nothing was heard of them for as long.
    assert_eq!(done.iter().sum::<u64>(), 2 * DEALS, "{done:?}");
    let seller = world.back("north").await;
    for told in ["PROTECTION_ENDING", "DEAL_INACTIVE"] {
        assert_eq!(kinds(&seller).await.into_iter().filter(|kind| kind == told).count() as u64, DEALS, "{told}");
    }
    assert_eq!(app.mails().await.len() as u64, 2 * DEALS);
}

#[tokio::test]
async fn what_could_not_be_told_is_told_by_the_next_run() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    run(&app).await;
    world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    app.advance(TimeDelta::days(31));
    // The last statement of telling fails: everything before it is undone with it.
    let owner = app.database.open_as_owner().await;
    owner.pool().execute_unprepared("alter table outbound_mails rename column kind to kind_away").await.unwrap();
    assert!(notifications::run_due(&app.services).await.is_err());
    // On a connection of its own: SQLite's others know the old names.
    let owner = app.database.open_as_owner().await;
    owner.pool().execute_unprepared("alter table outbound_mails rename column kind_away to kind").await.unwrap();
    let seller = world.back("north").await;
    assert_eq!(kinds(&seller).await, ["DEAL_APPROVED"]);
    assert_eq!(run(&app).await, 2);
    let mut all = kinds(&seller).await;
    all.sort();
    assert_eq!(all, ["DEAL_APPROVED", "DEAL_INACTIVE", "PROTECTION_ENDING"]);
}

#[tokio::test]
async fn silence_is_told_after_thirty_days_without_an_update_while_the_protection_lasts() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let mut seller = world.seller("north").await;
    run(&app).await;
    let mut input = world.deal("Acme");
    input["expectedCloseOn"] = json!("2027-06-30");
    let deal = world.approve(&world.register(&seller, input).await).await;
    let heard = json!({ "id": deal["id"], "note": "It goes on." });
    let (silence, moment) = (TimeDelta::days(30), TimeDelta::microseconds(1));
    world.later(TimeDelta::days(10)).await;
    seller = world.back("north").await;
    seller.done("reportDealProgress", heard.clone(), DEAL).await;
    world.later(silence - moment).await;
    run(&app).await;
    let silent = async || {
        let kinds = kinds(&world.back("north").await).await;
        kinds.iter().filter(|kind| *kind == "DEAL_INACTIVE").count()
    };
    assert_eq!(silent().await, 0);
    app.advance(moment);
    assert_eq!((run(&app).await, run(&app).await, silent().await), (1, 0, 1));
    seller = world.back("north").await;
    let sentence = told(&seller).await[0]["sentence"].clone();
    assert_eq!(
        sentence,
        "Nothing was heard of the protected deal since 2026-03-12 09:00 UTC. Report its progress: without, its protection may be taken back."
    );
    seller.done("reportDealProgress", heard, DEAL).await;
    app.advance(silence - moment);
    run(&app).await;
    assert_eq!(silent().await, 1);
}

#[tokio::test]
async fn the_end_of_a_hold_and_an_offer_are_told() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (north, south) = (world.seller("north").await, world.seller("south").await);
    run(&app).await;
    // Held for five business days, from Monday, 09:00.
    let mut bare = world.deal("Bravo");
    bare["evidence"] = json!([]);
    let held = world.register(&north, bare).await;
    let place = world.approve(&world.register(&north, world.deal("Acme")).await).await;
    let mut wait = world.deal("Acme");
    wait["joinWaitlist"] = json!(true);
    let waiting = world.register(&south, wait).await;
    north.done("withdrawDealRegistration", json!({ "id": place["id"] }), DEAL).await;
    assert_eq!((run(&app).await, run(&app).await), (1, 0));
    let all = told(&south).await;
    assert_eq!((&all[0]["kind"], &all[0]["objectId"]), (&json!("PLACE_OFFERED"), &waiting["id"]));
    world.later(TimeDelta::days(6) - TimeDelta::microseconds(1)).await;
    run(&app).await;
    let of_held = async || {
        let all = told(&world.back("north").await).await;
        all.iter().filter(|it| it["objectId"] == held["id"]).map(|it| it["kind"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of_held().await, [] as [serde_json::Value; 0]);
    app.advance(TimeDelta::microseconds(1));
    run(&app).await;
    assert_eq!(of_held().await, [json!("HOLD_ENDING")]);
}

#[tokio::test]
async fn a_server_that_begins_late_tells_what_is_of_today_and_not_everything_that_ever_was() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let seller = world.seller("north").await;
    world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    world.register(&seller, world.deal("Bravo")).await;
    // Ended ten days ago; overdue for long.
    world.later(TimeDelta::days(70)).await;
    assert_eq!(run(&app).await, 0);
}

#[tokio::test]
async fn what_begins_before_and_is_committed_later_is_told_all_the_same() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    run(&app).await;
    let offered = async |customer: &str, partner: &str| {
        let place = world.approve(&world.register(&north, world.deal(customer)).await).await;
        let mut wait = world.deal(customer);
        wait["joinWaitlist"] = json!(true);
        let waiting = world.register(&world.seller(partner).await, wait).await;
        north.done("withdrawDealRegistration", json!({ "id": place["id"] }), DEAL).await;
        waiting
    };
    offered("Amber Mills", "south").await;
    app.mails().await;
    assert_eq!((run(&app).await, app.mails().await.len()), (1, 1));
    // The next one began two minutes before the one that was told, in a transaction that took longer.
    let late = offered("Birch Yards", "east").await;
    let (began, uuid) = (app.now().plus(TimeDelta::minutes(-2)).micros(), uuid_of(&late));
    app.execute(&format!("update waitlist_offers set starts_at = {began} where registration_id = {uuid}")).await;
    app.mails().await;
    assert_eq!(run(&app).await, 1);
    let mails = app.mails().await;
    assert!(mails.len() == 1 && mails[0].to.contains("east"), "{mails:?}");
    for minutes in [0, 1, 8, 1, 20] {
        app.advance(TimeDelta::minutes(minutes));
        assert_eq!((run(&app).await, app.mails().await), (0, vec![]), "told once");
    }
}

/// The id of a registration, as the database takes it in a statement.
fn uuid_of(deal: &Value) -> String {
    let id = deal["id"].as_str().unwrap();
    let hex = id.strip_prefix("reg_").unwrap();
    match Engine::current() {
        Engine::Postgres => format!("'{hex}'"),
        Engine::Sqlite => format!("x'{hex}'"),
    }
}

#[tokio::test]
async fn a_place_that_a_wrong_clock_moved_ahead_holds_nothing_up() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    run(&app).await;
    world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    let ahead = app.now().plus_days(1_000).micros();
    app.execute(&format!("update notification_positions set at = {ahead}")).await;
    let end = crate::support::app::instant("2026-05-01T09:00:00Z");
    app.clock.set(end);
    assert_eq!(run(&app).await, 1);
    assert_eq!(kinds(&world.back("north").await).await[0], "PROTECTION_ENDED");
}

#[tokio::test]
async fn as_many_as_one_transaction_takes_are_told_already_and_the_next_is_told_too() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    run(&app).await;
    // More than one transaction reads, at one instant.
    const DEALS: u32 = 26;
    for number in 0..DEALS {
        let deal = world.register(&seller, world.deal(&words(number))).await;
        world.approve(&deal).await;
    }
    app.advance(TimeDelta::minutes(1));
    let last = world.register(&seller, world.deal("Fjord Harbour")).await;
    world.approve(&last).await;
    // They end in thirty days, and nothing was heard of them for as long.
    app.advance(TimeDelta::days(30) - TimeDelta::minutes(1));
    assert_eq!(run(&app).await, 2 * u64::from(DEALS));
    assert_eq!(run(&app).await, 0);
    // What was told is read again, for it is of the last minutes; and what comes behind it, too.
    app.advance(TimeDelta::minutes(1));
    assert_eq!((run(&app).await, run(&app).await), (2, 0));
    let of_last = told(&world.back("north").await).await.into_iter().filter(|it| it["objectId"] == last["id"]);
    assert_eq!(of_last.count(), 3);
}

#[tokio::test]
async fn who_comes_meanwhile_is_told_alone_and_nobody_is_written_to_twice() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = app.partner("north.example").await;
    let seller = app.person("seller@north.example", Some(north), &[Role::Seller]).await;
    run(&app).await;
    world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    world.later(TimeDelta::days(60)).await;
    run(&app).await;
    app.mails().await;
    // The end of the protection is of the last minutes still.
    app.create_user("second@north.example", Some(north), &[Role::Seller]).await;
    app.advance(TimeDelta::minutes(1));
    assert_eq!(run(&app).await, 1);
    let to: Vec<_> = app.mails().await.into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["second@north.example"]);
    assert_eq!(app.rows(&["outbound_mails where state = 'NOT_NEEDED'"]).await[0].1, 0, "no mail about nothing");
}

#[tokio::test]
async fn old_notifications_are_forgotten() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let seller = world.seller("north").await;
    world.approve(&world.register(&seller, world.deal("Acme")).await).await;
    app.advance(TimeDelta::days(400));
    assert_eq!(notifications::purge(&app.services.db, app.now()).await.unwrap(), 0);
    app.advance(TimeDelta::microseconds(1));
    assert_eq!(notifications::purge(&app.services.db, app.now()).await.unwrap(), 1);
    assert_eq!(app.rows(&["notifications"]).await[0].1, 0);
}
