//! Every field of the query root and of the mutation root is called as nobody, as the wrong role, as the wrong partner,
//! as a suspended partner, and as the right one.

use std::collections::BTreeSet;

use entity::value::{PartnerState, Role};
use partner_portal::{
    kernel::code::Code,
    platform::auth::{
        Caller,
        policy::{self, Action, Target, Verdict},
    },
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use super::{
    documents,
    entries::{self, Entry, Needs},
    ids, inputs,
    matrix::person,
    probe,
    schema::Schema,
    world::{Side, World, roles},
};
use crate::support::{
    Answer, Person, TestApp,
    picture::{differences, picture},
};

/// Fields without an entry. This list may only shrink: a field that is not in it needs an entry.
const EXCEPTIONS: [&str; 0] = [];

/// Mutations that are done without an audit event of their action, and why. This list may only shrink.
const WITHOUT_EVENT: [(&str, &str); 1] =
    [("refreshSession", "the session goes on as it was; its beginning, its end and a theft are events")];

/// Queries that answer people with null, because they are for programs. This list may only shrink.
const NULL_FOR_PEOPLE: [&str; 1] = ["currentClient"];

/// Tables that a refused call may change, and why. This list may only shrink.
const MAY_CHANGE: [(&str, &str); 0] = [];

fn may_change() -> Vec<&'static str> {
    MAY_CHANGE.iter().map(|(table, _)| *table).collect()
}

#[tokio::test]
async fn every_root_field_has_an_entry() {
    let schema = Schema::read().await;
    let entries = entries::all();
    let mut missing = Vec::new();
    for root in ["Query", "Mutation"] {
        for field in schema.root(root) {
            let has = entries.iter().filter(|entry| entry.root == root && entry.field == field.name).count();
            assert!(has < 2, "{root}.{} has {has} entries", field.name);
            if has == 0 && !EXCEPTIONS.contains(&field.name.as_str()) {
                missing.push(format!("{root}.{}", field.name));
            }
        }
    }
    for entry in &entries {
        schema.root_field(entry.root, entry.field);
        assert!(!EXCEPTIONS.contains(&entry.field), "{} has an entry: it is no exception any more", entry.field);
    }
    assert!(
        missing.is_empty(),
        "nobody knows who may call these:\n  {}\nAdd an entry for each to the file of its area in tests/api/authorization/entries/, \
         for example\n\n    mutation approveThing: Needed(DecideThing), by ChannelOps => |world, side| json!({{ \"id\": world.thing(side).await }});\n\n\
         docs/adding-a-feature.md says more.",
        missing.join("\n  ")
    );
}

fn verdict(entry: &Entry, caller: &Caller) -> Verdict {
    match entry.needs {
        Needs::Nothing => Verdict::Allowed,
        Needs::Action(action) => policy::decide(caller, action, &Target::default()),
    }
}

/// Whether an answer is the refusal that the verb table asks for.
fn refuses(answer: &Answer, field: &str, verdict: Verdict) -> bool {
    let top = &answer.errors[0]["extensions"]["code"];
    let own = &answer.data[field]["userErrors"][0]["code"];
    match verdict {
        Verdict::Allowed => false,
        Verdict::Unauthenticated => top == "UNAUTHENTICATED" && answer.data[field].is_null(),
        Verdict::Forbidden => (top == "FORBIDDEN" && answer.data[field].is_null()) || own == "NOT_ALLOWED",
        Verdict::Refused(Code::PartnerNotActive) => own == "PARTNER_NOT_ACTIVE",
        Verdict::Refused(_) => false,
    }
}

/// Why an answer is not that of something done.
fn undone(answer: &Answer, entry: &Entry) -> Option<String> {
    let payload = &answer.data[entry.field];
    let done = answer.errors.is_null()
        && if entry.root == "Mutation" {
            payload["userErrors"] == json!([])
        } else {
            payload.is_null() == NULL_FOR_PEOPLE.contains(&entry.field)
        };
    (!done).then(|| answer.body.to_string())
}

async fn events(app: &TestApp, action: Action) -> i64 {
    let pool = app.services.db.pool();
    let sql = format!("select count(*) as n from audit_events where action = '{}'", action.name());
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

/// How often the walk called.
#[derive(Default)]
struct Tried {
    fields: usize,
    refused: usize,
    foreign: usize,
    done: usize,
}

async fn walk(world: &World<'_>, schema: &Schema, entry: &Entry, tried: &mut Tried, problems: &mut Vec<String>) {
    let field = schema.root_field(entry.root, entry.field);
    let name = format!("{}.{}", entry.root, entry.field);
    let arguments = entry.arguments(world, Side::North).await;
    let (document, variables) = documents::call(schema, entry.root, field, &arguments, 1);
    tried.fields += 1;
    let before = picture(world.app, &may_change()).await;

    // Nobody, the wrong roles, people of a suspended partner.
    let mut callers: Vec<(String, Person<'_>, Caller)> =
        vec![("nobody".to_owned(), world.app.anonymous(), Caller::Anonymous)];
    for (side, state) in [
        (Side::Vendor, PartnerState::Active),
        (Side::North, PartnerState::Active),
        (Side::Suspended, PartnerState::Suspended),
    ] {
        callers.extend(
            roles(side)
                .into_iter()
                .map(|role| (format!("{role} of {side:?}"), world.who(side, role), person(role, state))),
        );
    }
    for (who, asks, caller) in callers {
        let verdict = verdict(entry, &caller);
        if verdict != Verdict::Allowed {
            tried.refused += 1;
            let answer = asks.ask(&document, variables.clone()).await;
            if !refuses(&answer, entry.field, verdict) {
                problems.push(format!("{name}: {who} should be refused ({verdict:?}): {}", answer.body));
            }
        }
    }

    // The wrong partner: somebody else's is answered like nobody's.
    let invented = ids::invented(&variables);
    if invented != variables {
        for role in roles(Side::South) {
            if verdict(entry, &person(role, PartnerState::Active)) == Verdict::Allowed {
                tried.foreign += 1;
                let asks = world.who(Side::South, role);
                if let Some(told) = probe::difference(&asks, &document, &variables, &invented).await {
                    problems.push(format!("{name} tells {role} of another partner: {told}"));
                }
            }
        }
    }

    let changed = differences(&before, &picture(world.app, &may_change()).await);
    if !changed.is_empty() {
        problems.push(format!("{name}: refused calls changed {changed:?}"));
    }

    // The right one.
    let right = world.in_new_session(entry.right_side(Side::North), entry.by).await;
    if verdict(entry, &person(entry.by, PartnerState::Active)) != Verdict::Allowed {
        problems.push(format!("{name}: the entry says that {} is right, the verb table does not", entry.by));
    }
    let events_before = match entry.needs {
        Needs::Action(action) => events(world.app, action).await,
        Needs::Nothing => 0,
    };
    tried.done += 1;
    let answer = right.ask(&document, variables).await;
    if let Some(why) = undone(&answer, entry) {
        problems.push(format!("{name}: {} should be served: {why}", entry.by));
    }
    if let (Needs::Action(action), "Mutation") = (entry.needs, entry.root) {
        let wrote = events(world.app, action).await > events_before;
        let exempt = WITHOUT_EVENT.iter().any(|(field, _)| *field == entry.field);
        if wrote == exempt {
            problems.push(format!(
                "{name}: {} audit event of `{}` was written",
                if wrote { "an (remove it from WITHOUT_EVENT)" } else { "no" },
                action.name()
            ));
        }
    }
}

#[tokio::test]
async fn every_root_field_refuses_everybody_but_the_right_one() {
    let schema = Schema::read().await;
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let (mut tried, mut problems) = (Tried::default(), Vec::new());
    for entry in entries::all() {
        walk(&world, &schema, &entry, &mut tried, &mut problems).await;
    }
    println!(
        "{} root fields: {} calls refused by the verb table, {} about another partner's, {} done",
        tried.fields, tried.refused, tried.foreign, tried.done
    );
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test]
async fn every_id_in_an_input_is_answered_like_an_invented_one() {
    let schema = Schema::read().await;
    let app = TestApp::start().await;
    let world = World::create(&app).await;
    let theirs = world.ids_of(Side::North).await;
    let (mut places_tried, mut asked, mut problems) = (0, 0, Vec::new());
    for entry in entries::all().iter().filter(|entry| entry.root == "Mutation") {
        let field = schema.root_field("Mutation", entry.field);
        let inputs = &schema.get(&field.args[0].ty.name).inputs;
        let allowed: Vec<Role> = roles(Side::South)
            .into_iter()
            .filter(|role| verdict(entry, &person(*role, PartnerState::Active)) == Verdict::Allowed)
            .collect();
        let Some(role) = allowed.first() else { continue };
        let caller = world.who(Side::South, *role);
        let base = (entry.about)(&world, Side::South).await;
        for place in inputs::places(&schema, inputs, "ID") {
            places_tried += 1;
            let before = picture(&app, &may_change()).await;
            for id in &theirs {
                let with = |id: &str| {
                    let mut input = base.clone();
                    inputs::put(&schema, inputs, &mut input, &place, &json!(id)).then(|| json!({ "input": input }))
                };
                let (Some(foreign), Some(invented)) = (with(id), with(&ids::invented_like(id))) else {
                    problems.push(format!("{}: the entry's input has nothing at {place:?}", entry.field));
                    break;
                };
                asked += 1;
                let (document, _) = documents::call(&schema, "Mutation", field, &foreign, 1);
                if let Some(told) = probe::difference(&caller, &document, &foreign, &invented).await {
                    problems.push(format!("{} at {place:?} tells {role} of another partner: {told}", entry.field));
                }
            }
            let changed = differences(&before, &picture(&app, &may_change()).await);
            if !changed.is_empty() {
                problems.push(format!("{} at {place:?}: a foreign id changed {changed:?}", entry.field));
            }
        }
    }
    println!(
        "{places_tried} places for ids in inputs of partners, {} foreign ids, {asked} pairs of questions",
        theirs.len()
    );
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn exceptions_are_named_once() {
    let names: BTreeSet<_> = WITHOUT_EVENT.iter().map(|(field, _)| field).collect();
    assert_eq!(names.len(), WITHOUT_EVENT.len());
}
