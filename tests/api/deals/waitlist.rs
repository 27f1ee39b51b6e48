//! The waiting list: whose turn it is when a place becomes free, by the clock and without any job.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{TABLES, World, product_line, queue::strong};
use crate::support::{Person, TestApp, race::race};

const SHOWN: &str = "query($id: ID!) { dealRegistration(id: $id) { state version
    waitlistOffer { offeredAt expiresAt isOpen answer answeredAt } } }";

async fn shown(person: &Person<'_>, id: &Value) -> Value {
    let answer = person.ask(SHOWN, json!({ "id": id })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["dealRegistration"].clone()
}

async fn offer(person: &Person<'_>, id: &Value) -> Value {
    shown(person, id).await["waitlistOffer"].clone()
}

async fn wait(world: &World<'_>, seller: &Person<'_>, customer: &str) -> Value {
    let mut deal = world.deal(customer);
    deal["joinWaitlist"] = json!(true);
    let deal = world.register(seller, deal).await;
    assert_eq!(deal["state"], "WAITLISTED");
    deal
}

async fn account_of(world: &World<'_>, deal: &Value) -> Value {
    let document = "query($id: ID!) { dealRegistration(id: $id) { account { id } } }";
    world.ops.ask(document, json!({ "id": deal["id"] })).await.data["dealRegistration"]["account"]["id"].clone()
}

/// North is protected; south and west wait, south before west.
async fn queue(world: &World<'_>) -> (Value, Value, Value) {
    let (north, south, west) = (world.seller("north").await, world.seller("south").await, world.seller("west").await);
    let held = world.approve(&world.register(&north, world.deal("Acme")).await).await;
    let first = wait(world, &south, "Acme").await;
    world.app.advance(TimeDelta::minutes(1));
    let second = wait(world, &west, "Acme").await;
    (held, first, second)
}

#[tokio::test]
async fn the_place_is_offered_to_the_next_the_instant_it_is_given_up() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (held, first, second) = queue(&world).await;
    let (south, west) = (world.back("south").await, world.back("west").await);
    assert_eq!((offer(&south, &first["id"]).await, offer(&west, &second["id"]).await), (Value::Null, Value::Null));
    for (person, deal) in [(&south, &first), (&west, &second)] {
        let before = app.rows(TABLES).await;
        assert_eq!(person.refused("acceptWaitlistOffer", json!({ "id": deal["id"] })).await, ["WRONG_STATE"]);
        assert_eq!(app.rows(TABLES).await, before);
    }
    world.later(TimeDelta::hours(1)).await;
    let (north, south, west) = (world.back("north").await, world.back("south").await, world.back("west").await);
    north.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
    assert_eq!(
        offer(&south, &first["id"]).await,
        json!({ "offeredAt": "2026-03-02T10:01:00.000000Z", "expiresAt": "2026-03-07T10:01:00.000000Z", "isOpen": true,
            "answer": null, "answeredAt": null })
    );
    assert_eq!(offer(&west, &second["id"]).await, Value::Null);
    // While it is offered nobody else gets it, and nobody is told why.
    let other = world.seller("east").await;
    assert_eq!(other.refused("registerDeal", world.deal("Acme")).await, ["ACCOUNT_NOT_AVAILABLE"]);
    assert_eq!(
        world.ops.refused("approveDealRegistration", json!({ "id": second["id"] })).await,
        ["PROTECTED_BY_ANOTHER_PARTNER"]
    );
    assert_eq!(west.refused("acceptWaitlistOffer", json!({ "id": second["id"] })).await, ["WRONG_STATE"]);
    assert_eq!(west.refused("acceptWaitlistOffer", json!({ "id": first["id"] })).await, ["NOT_FOUND"]);
    assert_eq!(
        south.refused("acceptWaitlistOffer", json!({ "id": first["id"], "expectedVersion": 9 })).await,
        ["VERSION_CONFLICT"]
    );
    let selection = "dealRegistration { state protectedUntil waitlistOffer { answer } }";
    let taken = south.done("acceptWaitlistOffer", json!({ "id": first["id"] }), selection).await;
    assert_eq!(
        taken["dealRegistration"],
        json!({ "state": "PROTECTED", "protectedUntil": "2026-05-01T10:01:00.000000Z", "waitlistOffer": { "answer": "ACCEPTED" } })
    );
    assert_eq!(south.refused("acceptWaitlistOffer", json!({ "id": first["id"] })).await, ["WRONG_STATE"]);
    assert_eq!(offer(&west, &second["id"]).await, Value::Null);
    app.check().await;
}

#[tokio::test]
async fn offers_begin_and_end_at_their_exact_instants_without_any_job() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (_, first, second) = queue(&world).await;
    // North's protection ends sixty days after nine o'clock; a minute has passed. South has five days from then on.
    world.later(TimeDelta::days(60) - TimeDelta::minutes(1) - TimeDelta::microseconds(1)).await;
    let south = world.back("south").await;
    assert_eq!(offer(&south, &first["id"]).await, Value::Null);
    assert_eq!(south.refused("acceptWaitlistOffer", json!({ "id": first["id"] })).await, ["WRONG_STATE"]);
    app.advance(TimeDelta::microseconds(1));
    let open = offer(&south, &first["id"]).await;
    assert_eq!((&open["offeredAt"], &open["isOpen"]), (&json!("2026-05-01T09:00:00.000000Z"), &json!(true)));

    world.later(TimeDelta::days(5) - TimeDelta::microseconds(1)).await;
    let (south, west) = (world.back("south").await, world.back("west").await);
    assert_eq!(offer(&south, &first["id"]).await["isOpen"], true);
    assert_eq!(offer(&west, &second["id"]).await, Value::Null);
    app.advance(TimeDelta::microseconds(1));
    let over = offer(&south, &first["id"]).await;
    assert_eq!(
        (&over["isOpen"], &over["answer"], &over["answeredAt"]),
        (&json!(false), &json!("LAPSED"), &json!("2026-05-06T09:00:00.000000Z"))
    );
    assert_eq!(offer(&west, &second["id"]).await["offeredAt"], "2026-05-06T09:00:00.000000Z");
    assert_eq!(south.refused("acceptWaitlistOffer", json!({ "id": first["id"] })).await, ["WRONG_STATE"]);
    let taken = west.done("acceptWaitlistOffer", json!({ "id": second["id"] }), "dealRegistration { state }").await;
    assert_eq!(taken["dealRegistration"]["state"], "PROTECTED");
    assert_eq!(shown(&south, &first["id"]).await["state"], "WAITLISTED");
    // Whoever let the offer pass has another one once the place was held and left again.
    app.advance(TimeDelta::microseconds(1));
    west.done("withdrawDealRegistration", json!({ "id": second["id"] }), "").await;
    assert_eq!(offer(&south, &first["id"]).await["isOpen"], true);
    app.check().await;
}

#[tokio::test]
async fn whoever_declines_leaves_the_place_to_the_next() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let (held, first, second) = queue(&world).await;
    world.back("north").await.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
    world.later(TimeDelta::hours(2)).await;
    let (south, west) = (world.back("south").await, world.back("west").await);
    south.done("declineWaitlistOffer", json!({ "id": first["id"] }), "").await;
    assert_eq!(offer(&south, &first["id"]).await["answer"], "DECLINED");
    let next = offer(&west, &second["id"]).await;
    assert_eq!((&next["offeredAt"], &next["isOpen"]), (&json!("2026-03-02T11:01:00.000000Z"), &json!(true)));
    assert_eq!(south.refused("declineWaitlistOffer", json!({ "id": first["id"] })).await, ["WRONG_STATE"]);
    // Both decline: the place is anybody's, though they were qualified earlier.
    west.done("declineWaitlistOffer", json!({ "id": second["id"] }), "").await;
    assert_eq!(shown(&south, &first["id"]).await["state"], "WAITLISTED");
    let east = world.seller("east").await;
    let deal = world.register(&east, world.deal("Acme")).await;
    assert_eq!(world.approve(&deal).await["state"], "PROTECTED");
    app.check().await;
}

/// Nobody must learn from the time of what they do whether, or how many, others wait, or what those may sell.
#[tokio::test]
async fn partners_do_the_same_statements_however_many_wait() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let north = world.seller("north").await;
    let mut rivals = Vec::new();
    for name in ["south", "west", "east"] {
        rivals.push(world.seller(name).await);
    }
    let territory = json!({ "name": "West", "countries": ["DE"] });
    let territory = world.ops.done("defineTerritory", territory, "territory { id }").await["territory"]["id"].clone();
    let statements = async |person: &Person<'_>, act: &str, input: Value| {
        person.ask("{ viewer { id } }", Value::Null).await;
        let before = app.services.db.statements();
        let deal =
            person.done(act, input, "dealRegistration { id state partner { id } }").await["dealRegistration"].clone();
        (deal, app.services.db.statements() - before)
    };
    let (far, other) = (world.seller("far").await, product_line(&world.ops, "GTX-AIR").await);
    let (mut joined, mut left, mut accepted) = (Vec::new(), Vec::new(), Vec::new());
    let (mut extended, mut automatic) = (Vec::new(), Vec::new());
    for (customer, waiting) in [("Dune", 0), ("Acme", 0), ("Birch", 1), ("Cedar", 3)] {
        let held = world.approve(&world.register(&north, world.deal(customer)).await).await;
        let mut last = (Value::Null, 0);
        let mut first = Value::Null;
        for rival in &rivals[..waiting] {
            app.advance(TimeDelta::seconds(1));
            let mut deal = world.deal(customer);
            deal["joinWaitlist"] = json!(true);
            last = statements(rival, "registerDeal", deal).await;
            first = if first.is_null() { last.0.clone() } else { first };
        }
        if waiting == 3 {
            let grant = json!({ "partnerId": last.0["partner"]["id"], "productLineIds": [world.line], "territoryIds": [territory] });
            world.ops.done("grantPartnerAuthorisation", grant, "").await;
        }
        app.advance(TimeDelta::seconds(1));
        north.done("advanceDealStage", json!({ "id": held["id"], "stage": "PROPOSAL" }), "").await;
        extended.push(statements(&north, "extendDealProtection", json!({ "id": held["id"] })).await.1);
        // Approved without a person, of a product line for which nobody waits.
        let mut deal = strong(&world, customer);
        (deal["productLineIds"], deal["amount"]["minorUnits"]) = (json!([other]), json!("1"));
        let (granted, count) = statements(&far, "registerDeal", deal).await;
        assert_eq!(granted["state"], "PROTECTED");
        automatic.push(count);
        left.push(statements(&north, "withdrawDealRegistration", json!({ "id": held["id"] })).await.1);
        if waiting > 0 {
            joined.push(last.1);
            accepted.push(statements(&rivals[0], "acceptWaitlistOffer", json!({ "id": first["id"] })).await.1);
        }
    }
    // What is asked once in a server's life is asked the first time.
    for counts in [&mut left, &mut extended, &mut automatic] {
        counts.remove(0);
    }
    for counts in [&left, &extended, &automatic, &joined, &accepted] {
        assert!(counts.len() > 1 && counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    }
    app.check().await;
}

#[tokio::test]
async fn a_win_leaves_nothing_to_wait_for() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (held, first, _) = queue(&world).await;
    let south = world.back("south").await;
    world.ops.done("markDealWon", json!({ "id": held["id"] }), "").await;
    assert_eq!(offer(&south, &first["id"]).await, Value::Null);
    // Staff may still grant what waits, and whoever waits may leave.
    assert_eq!(world.approve(&first).await["state"], "PROTECTED");
    app.check().await;
}

#[tokio::test]
async fn what_was_won_before_is_not_what_they_wait_for() {
    let app = TestApp::start().await;
    let mut world = World::of(&app).await;
    let north = world.seller("north").await;
    world.seller("south").await;
    let won = world.approve(&world.register(&north, world.deal("Acme")).await).await;
    world.ops.done("markDealWon", json!({ "id": won["id"] }), "").await;
    let account = account_of(&world, &won).await;
    world.later(TimeDelta::days(30)).await;
    let south = world.back("south").await;
    // North serves the customer now: whoever renews what it has waits.
    let serves = json!({ "accountId": account, "partnerId": world.partner_of(&won["id"]).await });
    world.ops.done("setAccountIncumbent", serves.clone(), "").await;
    let mut deal = world.deal("Acme");
    (deal["joinWaitlist"], deal["salesMotion"]) = (json!(true), json!("RENEWAL"));
    let deal = world.register(&south, deal).await;
    assert_eq!(deal["state"], "WAITLISTED");
    world.ops.done("clearAccountIncumbent", serves, "").await;
    assert_eq!(offer(&south, &deal["id"]).await["isOpen"], true);
    app.check().await;
}

#[tokio::test]
async fn whoever_takes_evidence_back_leaves_the_offer_to_the_next() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (held, first, second) = queue(&world).await;
    let (south, west) = (world.back("south").await, world.back("west").await);
    world.back("north").await.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
    assert_eq!(offer(&south, &first["id"]).await["isOpen"], true);
    let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id kind } } }";
    let evidence = south.ask(document, json!({ "id": first["id"] })).await.data["dealRegistration"]["evidence"].clone();
    let item = evidence.as_array().unwrap().iter().find(|it| it["kind"] == "INTERACTION").unwrap()["id"].clone();
    south.done("withdrawDealEvidence", json!({ "id": first["id"], "evidenceId": item }), "").await;
    assert_eq!(offer(&south, &first["id"]).await["answer"], "WITHDRAWN");
    assert_eq!(offer(&west, &second["id"]).await["isOpen"], true);
    app.check().await;
}

#[tokio::test]
async fn a_suspended_partner_has_no_turn_and_a_reinstated_one_has() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (held, first, second) = queue(&world).await;
    world.back("north").await.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
    world.change_partner_of(&first["id"], "SUSPEND").await;
    let west = world.back("west").await;
    assert_eq!(offer(&west, &second["id"]).await["isOpen"], true);
    west.done("declineWaitlistOffer", json!({ "id": second["id"] }), "").await;
    app.advance(TimeDelta::microseconds(1));
    world.change_partner_of(&first["id"], "REINSTATE").await;
    let south = world.back("south").await;
    assert_eq!(offer(&south, &first["id"]).await["isOpen"], true);
    app.check().await;
}

#[tokio::test]
async fn an_offer_is_taken_back_when_the_place_is_not_free_any_more() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (held, first, second) = queue(&world).await;
    let (north, south, west) = (world.back("north").await, world.back("south").await, world.back("west").await);
    let account = account_of(&world, &held).await;
    north.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
    assert_eq!(offer(&south, &first["id"]).await["isOpen"], true);
    let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "ours" });
    world.ops.done("reserveAccount", reserve, "").await;
    let taken_back = offer(&south, &first["id"]).await;
    assert_eq!((&taken_back["isOpen"], &taken_back["answer"]), (&json!(false), &json!("WITHDRAWN")));
    assert_eq!(south.refused("acceptWaitlistOffer", json!({ "id": first["id"] })).await, ["WRONG_STATE"]);
    app.advance(TimeDelta::days(9));
    let admin = app.sign_in("channel_ops@vendor.example").await;
    admin.done("releaseAccountReservation", json!({ "accountId": account, "reason": "free" }), "").await;
    let (south, west_again) = (world.back("south").await, world.back("west").await);
    assert_eq!(offer(&south, &first["id"]).await["offeredAt"], "2026-03-11T09:01:00.000000Z");
    // Whoever leaves the list has no offer any more, and the next one has.
    south.done("withdrawDealRegistration", json!({ "id": first["id"] }), "").await;
    assert_eq!(offer(&west_again, &second["id"]).await["isOpen"], true);
    drop(west);
    app.check().await;
}

#[tokio::test]
async fn it_is_offered_alike_whoever_held_the_place() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (rival, seller) = (world.seller("north").await, world.seller("south").await);
    let mut told = Vec::new();
    for who in ["Partner", "Reservation", "Opportunity"] {
        let account = json!({ "name": who, "country": "DE" });
        let account = world.ops.done("createAccount", account, "account { id }").await["account"]["id"].clone();
        let mut held = Value::Null;
        match who {
            "Partner" => held = world.approve(&world.register(&rival, world.deal(who)).await).await,
            "Reservation" => {
                let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "ours" });
                world.ops.done("reserveAccount", reserve, "").await;
            }
            _ => {
                let open = json!({ "accountId": account, "productLineIds": [world.line], "reference": "CRM-7" });
                world.ops.done("recordDirectOpportunity", open, "").await;
            }
        }
        let waiting = wait(&world, &seller, who).await;
        let before = shown(&seller, &waiting["id"]).await;
        match who {
            "Partner" => {
                rival.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
            }
            "Reservation" => {
                let release = json!({ "accountId": account, "reason": "free" });
                world.ops.done("releaseAccountReservation", release, "").await;
            }
            _ => {
                let close = json!({ "accountId": account, "reference": "CRM-7", "outcome": "LOST" });
                world.ops.done("closeDirectOpportunity", close, "").await;
            }
        }
        let after = shown(&seller, &waiting["id"]).await;
        let mut taken = super::whole(&seller, "acceptWaitlistOffer", json!({ "id": waiting["id"] })).await;
        // Receipts of one instant have no order.
        let receipts = taken["dealRegistration"]["receipts"].as_array_mut().unwrap();
        receipts.sort_by_key(|receipt| receipt["decision"].to_string());
        assert_eq!(taken["dealRegistration"]["state"], "PROTECTED");
        told.push((before, after, taken));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    assert_eq!(told[0].1["waitlistOffer"]["isOpen"], true);
    app.check().await;
}

#[tokio::test]
async fn an_offer_is_accepted_once_whatever_happens_at_once() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (north, south, west) = (world.seller("north").await, world.seller("south").await, world.seller("west").await);
    for round in 0..20 {
        let name = format!("Customer {round}");
        let held = world.approve(&world.register(&north, world.deal(&name)).await).await;
        let waiting = wait(&world, &south, &name).await;
        app.advance(TimeDelta::microseconds(1));
        let next = wait(&world, &west, &name).await;
        north.done("withdrawDealRegistration", json!({ "id": held["id"] }), "").await;
        let (south, west, ops, waiting_id, next_id) = (&south, &west, &world.ops, &waiting["id"], &next["id"]);
        let codes = race(4, move |number| async move {
            let (person, mutation, id) = match number {
                0 | 1 => (south, "acceptWaitlistOffer", waiting_id),
                2 => (south, "declineWaitlistOffer", waiting_id),
                _ => (ops, "approveDealRegistration", next_id),
            };
            let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
            let document =
                format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
            let answer = person.ask(&document, json!({ "input": { "id": id } })).await;
            assert_eq!(answer.errors, Value::Null);
            answer.data[mutation]["userErrors"][0]["code"].as_str().unwrap_or("DONE").to_owned()
        })
        .await;
        // One answer to the offer; and one protection at most.
        assert_eq!(codes[..3].iter().filter(|code| *code == "DONE").count(), 1, "{codes:?}");
        let protected = [shown(south, waiting_id).await, shown(west, next_id).await];
        let protected = protected.iter().filter(|one| one["state"] == "PROTECTED").count();
        assert!(protected <= 1, "{codes:?}");
        if codes[2] != "DONE" {
            assert_eq!(protected, 1, "{codes:?}");
        }
    }
    app.check().await;
}
