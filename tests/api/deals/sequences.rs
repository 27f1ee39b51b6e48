//! Legal actions in any order: whatever three rivals and ops do about one customer, nobody shares a protection and nothing
//! is left without a way out.

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use super::World;
use crate::support::{Person, TestApp};

/// How many sequences are played, and how long each one is.
const SEQUENCES: u64 = 6;
const STEPS: u32 = 60;

/// What every seller reads of its own registrations.
const OWN: &str =
    "{ dealRegistrations(first: 50) { nodes { id state allowedActions nextDeadlineAt waitlistOffer { isOpen } } } }";

/// What has ended: the claim has no way further.
const ENDED: &[&str] = &["REJECTED", "WITHDRAWN", "CONVERTED", "RELEASED", "REVOKED", "EXPIRED"];

/// Where a registration is, and whether the clock leads out of there.
struct Place {
    id: Value,
    state: String,
    by_the_clock: bool,
}

struct Dice(u64);

impl Dice {
    /// A number below this one.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_of<'a, T>(&mut self, some: &'a [T]) -> Option<&'a T> {
        if some.is_empty() { None } else { some.get(self.below(some.len())) }
    }
}

/// The mutation of an action, and what it is told.
fn call_of(action: &str, id: &Value, now: &Value, dice: &mut Dice) -> (&'static str, Value) {
    let talk = json!({ "kind": "INTERACTION", "description": "talk", "occurredAt": now, "proof": "mail" });
    match action {
        "UPDATE" => (
            "updateDealRegistration",
            json!({ "id": id, "amount": { "minorUnits": (dice.below(900_000) + 1).to_string(), "currency": "EUR" } }),
        ),
        "SUBMIT" => ("submitDealRegistration", json!({ "id": id, "joinWaitlist": true })),
        "ADD_EVIDENCE" => ("addDealEvidence", json!({ "id": id, "evidence": [talk] })),
        "WITHDRAW_EVIDENCE" => ("withdrawDealEvidence", json!({ "id": id })),
        "WITHDRAW" => ("withdrawDealRegistration", json!({ "id": id })),
        "TAKE" => ("takeDealRegistration", json!({ "id": id })),
        "REQUEST_INFORMATION" => {
            ("requestDealInformation", json!({ "id": id, "fields": ["AMOUNT", "EVIDENCE"], "message": "Is that all?" }))
        }
        "WAITLIST" => ("waitlistDealRegistration", json!({ "id": id })),
        "APPROVE" => ("approveDealRegistration", json!({ "id": id })),
        "REJECT" => ("rejectDealRegistration", json!({ "id": id, "code": "OTHER", "reason": "Not this one." })),
        "EXTEND" => ("extendDealProtection", json!({ "id": id })),
        "REPORT_PROGRESS" => ("reportDealProgress", json!({ "id": id, "note": "It goes on." })),
        "REVOKE" => {
            ("revokeDealRegistration", json!({ "id": id, "code": "POLICY_BREACH", "rationale": "A rule was broken." }))
        }
        "ADVANCE_STAGE" => ("advanceDealStage", json!({ "id": id, "stage": "PROPOSAL" })),
        "MARK_WON" => ("markDealWon", json!({ "id": id })),
        "MARK_LOST" => ("markDealLost", json!({ "id": id, "reason": "No budget." })),
        "DISPUTE" => ("disputeDealDecision", json!({ "registrationId": id, "statement": "We met them a year ago." })),
        "ACCEPT" => ("acceptWaitlistOffer", json!({ "id": id })),
        "DECLINE" => ("declineWaitlistOffer", json!({ "id": id })),
        other => panic!("an action that this test does not know: {other}"),
    }
}

/// Makes a mutation; the codes of its refusal, none when it was done.
async fn codes(person: &Person<'_>, mutation: &str, input: Value) -> Vec<String> {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
    let answer = person.ask(&document, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null, "{mutation}: {input}");
    let errors = answer.data[mutation]["userErrors"].as_array().unwrap().clone();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

/// Which places have more than one protection in force now.
async fn shared(app: &TestApp) -> u64 {
    let now = app.now().micros();
    let sql = format!(
        "select count(*) as n from (select account_id, product_line_id from protections
            where ended_at is null and starts_at <= {now} and ends_at > {now}
            group by account_id, product_line_id having count(*) > 1) as shared"
    );
    let pool = app.services.db.pool();
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
    u64::try_from(row.try_get::<i64>("", "n").unwrap()).unwrap()
}

/// What somebody can do now: the registration and the action.
async fn possible(person: &Person<'_>) -> (Vec<(Value, String)>, Vec<Place>) {
    let answer = person.ask(OWN, Value::Null).await;
    let (mut actions, mut places) = (Vec::new(), Vec::new());
    for node in answer.data["dealRegistrations"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer:?}")) {
        places.push(Place {
            id: node["id"].clone(),
            state: node["state"].as_str().unwrap().to_owned(),
            by_the_clock: node["nextDeadlineAt"] != Value::Null,
        });
        for action in node["allowedActions"].as_array().unwrap() {
            actions.push((node["id"].clone(), action.as_str().unwrap().to_owned()));
        }
        if node["waitlistOffer"]["isOpen"] == true {
            actions.extend(["ACCEPT", "DECLINE"].map(|word| (node["id"].clone(), word.to_owned())));
        }
    }
    (actions, places)
}

struct Play<'a> {
    world: World<'a>,
    sellers: Vec<Person<'a>>,
    dice: Dice,
    done: u32,
    told: Vec<String>,
}

const NAMES: [&str; 3] = ["north", "south", "west"];

impl Play<'_> {
    async fn step(&mut self) {
        let app = self.world.app;
        match self.dice.below(10) {
            0 => {
                let spans = [
                    TimeDelta::microseconds(1),
                    TimeDelta::days(3),
                    TimeDelta::days(6),
                    TimeDelta::days(31),
                    TimeDelta::days(61),
                ];
                let span = *self.dice.one_of(&spans).unwrap();
                self.told.push(format!("{span} later"));
                self.world.later(span).await;
                for (seller, name) in self.sellers.iter_mut().zip(NAMES) {
                    *seller = self.world.back(name).await;
                }
            }
            1 | 2 => {
                let mut deal = self.world.deal("Bravo Kilowatt");
                deal["expectedCloseOn"] = json!("2028-06-30");
                deal["joinWaitlist"] = json!(self.dice.below(3) > 0);
                deal["draft"] = json!(self.dice.below(4) == 0);
                if self.dice.below(3) == 0 {
                    deal["evidence"] = json!([]);
                }
                let who = self.dice.below(NAMES.len());
                let codes = codes(&self.sellers[who], "registerDeal", deal).await;
                self.told.push(format!("{} registers: {codes:?}", NAMES[who]));
                self.done += u32::from(codes.is_empty());
            }
            number => {
                let who = self.dice.below(NAMES.len() + 1);
                let person = if number < 7 { self.sellers.get(who) } else { None }.unwrap_or(&self.world.ops);
                let (actions, _) = possible(person).await;
                let Some((id, action)) = self.dice.one_of(&actions).cloned() else { return };
                let (mutation, mut input) = call_of(&action, &id, &json!(app.now()), &mut self.dice);
                if action == "WITHDRAW_EVIDENCE" {
                    let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id withdrawnAt } } }";
                    let found = person.ask(document, json!({ "id": id })).await;
                    let items = found.data["dealRegistration"]["evidence"].as_array().unwrap().clone();
                    let Some(item) = items.iter().find(|item| item["withdrawnAt"] == Value::Null) else { return };
                    input["evidenceId"] = item["id"].clone();
                }
                let codes = codes(person, mutation, input).await;
                self.told.push(format!("{action} {id}: {codes:?}"));
                assert!(!codes.iter().any(|code| code == "WRONG_STATE"), "it was offered: {}", self.told.join("\n"));
                self.done += u32::from(codes.is_empty());
            }
        }
    }

    /// What holds after each step.
    async fn hold(&self) {
        assert_eq!(shared(self.world.app).await, 0, "a place is shared: {}", self.told.join("\n"));
        let (by_ops, _) = possible(&self.world.ops).await;
        for seller in &self.sellers {
            let (by_partner, places) = possible(seller).await;
            for Place { id, state, by_the_clock } in places {
                let way_out = by_the_clock || by_ops.iter().chain(&by_partner).any(|(of, _)| *of == id);
                assert!(
                    way_out || ENDED.contains(&state.as_str()),
                    "{id} is stuck in {state}: {}",
                    self.told.join("\n")
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_of_legal_actions_shares_a_place_or_leaves_something_without_a_way_out() {
    let mut done = 0;
    for seed in 1..=SEQUENCES {
        let app = TestApp::start().await;
        let world = World::of(&app).await;
        let mut sellers = Vec::new();
        for name in NAMES {
            sellers.push(world.seller(name).await);
        }
        let mut play = Play { world, sellers, dice: Dice(seed.wrapping_mul(0x9E37_79B9)), done: 0, told: Vec::new() };
        for _ in 0..STEPS {
            play.step().await;
            play.hold().await;
        }
        done += play.done;
        app.check().await;
    }
    println!("{SEQUENCES} sequences of {STEPS} steps: {done} changes were made");
    assert!(u64::from(done) > SEQUENCES * 10, "too little was done to tell anything: {done}");
}
