//! Whoever stands in a partner's way, another partner or the direct team: everything that the partner can query is the
//! same. Random worlds, each played three times side by side.

use chrono::TimeDelta;
use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{documents, ids, paths, schema::Schema};
use crate::support::{Person, TestApp};

/// How many worlds are played; `PRIVACY_WORLDS=1000` plays more, `PRIVACY_WORLDS=500..1000` some of those.
const WORLDS: u64 = 20;

/// Which worlds are played.
fn worlds() -> std::ops::Range<u64> {
    let Ok(asked) = std::env::var("PRIVACY_WORLDS") else { return 0..WORLDS };
    let (first, end) = asked.split_once("..").unwrap_or(("0", &asked));
    first.parse().unwrap()..end.parse().unwrap()
}

/// Who stands in the way.
const RIVALS: [&str; 3] = ["xenon", "yttrium", "direct team"];

/// Chance that plays the same world every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Something that the partner does; the number is the customer's.
#[derive(Clone, Copy, Debug)]
enum Move {
    Register { customer: u64, sufficient: bool, waits: bool, other_spelling: bool },
    AddEvidence,
    Withdraw,
    Advance,
    AskOps { approve: bool },
}

struct Script {
    /// The customers that the rival holds, before the partner comes and while it is there.
    held: Vec<u64>,
    held_later: Option<u64>,
    moves: Vec<Move>,
}

fn script(dice: &mut Dice) -> Script {
    let held = (0..3).filter(|_| dice.roll(2) == 0).collect();
    let later = (dice.roll(3) == 0).then(|| dice.roll(3));
    let count = 3 + dice.roll(5);
    let moves: Vec<Move> = (0..count)
        .map(|_| match dice.roll(8) {
            0..=3 => Move::Register {
                customer: dice.roll(3),
                sufficient: dice.roll(4) > 0,
                waits: dice.roll(2) == 0,
                other_spelling: dice.roll(2) == 0,
            },
            4 => Move::AddEvidence,
            5 => Move::Withdraw,
            6 => Move::Advance,
            _ => Move::AskOps { approve: dice.roll(2) == 0 },
        })
        .collect();
    // A rival that comes after the partner meets a customer that the partner made known, and rivals of different kinds
    // rightly fare differently there: one that comes late comes to a customer that the partner has not been to yet.
    let been_to = |customer: u64| {
        let mut before = moves.iter().take(moves.len() / 2);
        before.any(|step| matches!(step, Move::Register { customer: to, .. } if *to == customer))
    };
    let held_later = later.filter(|customer| !been_to(*customer));
    Script { held, held_later, moves }
}

/// One of the three plays of a world.
struct Play<'a> {
    rival: usize,
    app: &'a TestApp,
    partner: String,
    partner_id: String,
    admin: Person<'a>,
    latest: Value,
}

impl Play<'_> {
    fn customer(&self, seed: u64, number: u64) -> String {
        let letters: String = seed.to_string().bytes().map(|digit| char::from(b'a' + (digit - b'0'))).collect();
        format!("{letters}ora {} {}", ["Quarry", "Harbour", "Mill"][usize::try_from(number).unwrap()], self.mark())
    }

    /// The word in names that says which of the three plays it is.
    fn mark(&self) -> &'static str {
        ["Zinnia", "Zephyr", "Zircon"][self.rival]
    }

    /// The rival takes a customer: registers and is protected, or reserves it.
    async fn hold(&self, ops: &Person<'_>, line: &Value, customer: &str) {
        if RIVALS[self.rival] == "direct team" {
            let reserved = json!({ "name": customer, "country": "DE", "reservedFor": "DIRECT" });
            ops.ask(
                "mutation($input: CreateAccountInput!) { createAccount(input: $input) { userErrors { code } } }",
                json!({ "input": reserved }),
            )
            .await;
            return;
        }
        let seller = self.app.sign_in(&format!("seller@{}.example", RIVALS[self.rival])).await;
        let made = seller
            .ask(
                "mutation($input: RegisterDealInput!) { registerDeal(input: $input) { dealRegistration { id } userErrors { code } } }",
                json!({ "input": deal(line, customer, true, false) }),
            )
            .await;
        let id = made.data["registerDeal"]["dealRegistration"]["id"].clone();
        if !id.is_null() {
            ops.done("approveDealRegistration", json!({ "id": id }), "").await;
        }
    }

    async fn play(&mut self, schema: &Schema, ops: &Person<'_>, line: &Value, seed: u64, step: Move) -> Value {
        let (mutation, input) = match step {
            Move::Register { customer, sufficient, waits, other_spelling } => {
                let mut name = self.customer(seed, customer);
                if other_spelling {
                    name = format!("{} GmbH", name.to_uppercase());
                }
                ("registerDeal", deal(line, &name, sufficient, waits))
            }
            Move::AddEvidence => (
                "addDealEvidence",
                json!({ "id": self.latest, "evidence": [{ "kind": "DEMONSTRATION", "description": "They saw it." }] }),
            ),
            Move::Withdraw => ("withdrawDealRegistration", json!({ "id": self.latest })),
            Move::Advance => ("advanceDealStage", json!({ "id": self.latest, "stage": "PROPOSAL" })),
            Move::AskOps { approve } => {
                let (mutation, input) = if approve {
                    ("approveDealRegistration", json!({ "id": self.latest }))
                } else {
                    let why = "The customer knows of nothing.";
                    (
                        "rejectDealRegistration",
                        json!({ "id": self.latest, "code": "CUSTOMER_NOT_CONFIRMED", "reason": why }),
                    )
                };
                let field = schema.root_field("Mutation", mutation);
                let (document, variables) = documents::call(schema, "Mutation", field, &json!({ "input": input }), 0);
                // What staff are told may differ; what becomes of the deal may not, and the partner sees that.
                ops.ask(&document, variables).await;
                return Value::Null;
            }
        };
        let field = schema.root_field("Mutation", mutation);
        let (document, variables) = documents::call(schema, "Mutation", field, &json!({ "input": input }), 2);
        let answer = self.admin.ask(&document, variables).await;
        if let Some(id) = answer.data["registerDeal"]["dealRegistration"]["id"].as_str() {
            self.latest = json!(id);
        }
        answer.body
    }

    /// Everything that the partner can query.
    async fn everything(&self, paths: &[paths::Path<'_>], schema: &Schema) -> Vec<Value> {
        let mut seen = Vec::new();
        for path in paths {
            let root = match path.0[0].name.as_str() {
                "partner" | "node" => json!({ "id": self.partner_id }),
                "nodes" => json!({ "ids": [self.partner_id] }),
                "dealRegistration" => json!({ "id": self.latest }),
                _ if path.0[0].args.iter().any(super::schema::Input::asked_for) => continue,
                _ => json!({}),
            };
            let (document, variables) = path.document(schema, &root, &json!({}), None);
            let answer = self.admin.ask(&document, variables).await;
            seen.push(json!({ "path": path.name(), "answer": answer.body }));
        }
        seen
    }

    /// The same for all three plays, if nothing tells: ids by their kind, names without the mark, lists sorted, because
    /// rows of one instant have no order.
    fn without_names(&self, answer: &Value) -> Value {
        match answer {
            Value::Object(fields) => fields
                .iter()
                .filter(|(name, _)| {
                    !matches!(name.as_str(), "cursor" | "startCursor" | "endCursor" | "requestId" | "hash")
                })
                .map(|(name, value)| (name.clone(), self.without_names(value)))
                .collect(),
            Value::Array(items) => {
                let mut items: Vec<Value> = items.iter().map(|item| self.without_names(item)).collect();
                items.sort_by_key(Value::to_string);
                Value::Array(items)
            }
            Value::String(text) => {
                let mut plain = text.clone();
                for id in ids::all_in(text) {
                    plain = plain.replace(id, &id[..4]);
                }
                let mark = self.mark();
                let plain = plain.replace(&self.partner, "PARTNER").replace(mark, "MARK");
                Value::String(plain.replace(&mark.to_uppercase(), "MARK"))
            }
            other => other.clone(),
        }
    }
}

fn deal(line: &Value, customer: &str, sufficient: bool, waits: bool) -> Value {
    let mut evidence = vec![json!({ "kind": "CUSTOMER_IDENTITY", "description": "extract of the registry" })];
    if sufficient {
        evidence.push(json!({ "kind": "DECISION_MAKER", "description": "Kim decides" }));
        evidence.push(json!({ "kind": "INTERACTION", "description": "first meeting", "occurredAt": "2026-02-20T10:00:00Z", "proof": "minutes" }));
    }
    json!({
        "account": { "details": { "name": customer, "country": "DE" } }, "productLineIds": [line],
        "amount": { "minorUnits": "1000000", "currency": "EUR" }, "expectedCloseOn": "2026-12-30",
        "customerContact": { "name": "Kim Customer", "email": "kim@customer.example" }, "partnerRole": "RESELL",
        "need": "They outgrew what they have.", "evidence": evidence, "joinWaitlist": waits,
    })
}

/// How deep to look: far where the rival could show, and one step into everything else.
fn is_worth_a_look(path: &paths::Path<'_>) -> bool {
    let most = match path.0[0].name.as_str() {
        "dealRegistrations" => 4,
        "partner" | "accounts" | "auditEvents" => 3,
        _ => 2,
    };
    path.0.len() <= most
}

#[tokio::test]
async fn what_a_partner_sees_does_not_depend_on_who_its_rival_is() {
    let worlds = worlds();
    let schema = Schema::read().await;
    let ways: Vec<_> = paths::all(&schema).into_iter().filter(is_worth_a_look).collect();
    let app = super::isolation::unmetered().await;
    let ops = app.staff(Role::ChannelOps).await;
    let line = crate::deals::product_line(&ops, "PLATFORM").await;
    for (name, ty) in [("xenon", PartnerType::Reseller), ("yttrium", PartnerType::ManagedServiceProvider)] {
        let partner = app.partner_in(&format!("{name}.example"), PartnerState::Active, &[ty]).await;
        app.create_user(&format!("seller@{name}.example"), Some(partner), &[Role::Seller]).await;
    }
    let (mut compared, mut held) = (0, 0);
    for seed in worlds.clone() {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1));
        let script = script(&mut dice);
        let ops = app.sign_in("channel_ops@vendor.example").await;
        let mut plays = Vec::new();
        for rival in 0..RIVALS.len() {
            let partner = format!("asker-{seed}-{rival}");
            let domain = format!("{partner}.example");
            let partner_id = app.partner(&domain).await;
            let admin = app.person(&format!("ana@{domain}"), Some(partner_id), &[Role::PartnerAdmin]).await;
            let partner_id = partner_id.to_string();
            let latest = json!("reg_00000000000000000000000000000000");
            plays.push(Play { rival, app: &app, partner, partner_id, admin, latest });
        }
        let mut told: Vec<Vec<Value>> = vec![Vec::new(); plays.len()];
        let half = script.moves.len() / 2;
        for play in &plays {
            for customer in &script.held {
                held += 1;
                play.hold(&ops, &line, &play.customer(seed, *customer)).await;
            }
        }
        for (number, step) in script.moves.iter().enumerate() {
            app.advance(TimeDelta::seconds(1));
            for (play, told) in plays.iter_mut().zip(&mut told) {
                if number == half
                    && let Some(customer) = script.held_later
                {
                    play.hold(&ops, &line, &play.customer(seed, customer)).await;
                }
                told.push(play.play(&schema, &ops, &line, seed, *step).await);
            }
        }
        for (play, told) in plays.iter().zip(&mut told) {
            told.extend(play.everything(&ways, &schema).await);
        }
        let plain: Vec<Vec<Value>> = plays
            .iter()
            .zip(&told)
            .map(|(play, told)| told.iter().map(|answer| play.without_names(answer)).collect())
            .collect();
        for (place, first) in plain[0].iter().enumerate() {
            for other in 1..plain.len() {
                compared += 1;
                assert_eq!(
                    first, &plain[other][place],
                    "world {seed}, held {:?} then {:?}, moves {:?}: the rival is {} or {}",
                    script.held, script.held_later, script.moves, RIVALS[0], RIVALS[other]
                );
            }
        }
    }
    assert!(held > 0);
    println!("worlds {worlds:?}, {} ways to look, {compared} answers compared", ways.len());
}
