//! One question asked twice: about what somebody else has, and about what nobody has. Everything that comes back must
//! be the same, and so must the work that the database does for it.

use serde_json::Value;

use super::ids;
use crate::support::{Answer, Person};

/// What can be seen of an answer from outside: its status and body, with what is the caller's own question and the
/// request's own number made equal; and the statements that it took, without their values.
#[derive(Debug, PartialEq)]
pub struct Seen {
    pub status: u16,
    pub body: String,
    pub statements: Vec<String>,
}

/// Asks, and notes what can be seen.
pub async fn look(person: &Person<'_>, document: &str, variables: &Value) -> (Seen, Answer) {
    let db = &person.app.services.db;
    let before = db.statements();
    let answer = person.ask(document, variables.clone()).await;
    let count = usize::try_from(db.statements() - before).unwrap();
    let last = db.last_statements();
    let mut statements: Vec<String> = last.iter().rev().take(count).map(|sql| shape(sql)).collect();
    // What is loaded for several objects at once is loaded in no particular order.
    statements.sort();
    let mut body = answer.body.clone();
    forget_numbers(&mut body);
    (Seen { status: answer.status, body: body.to_string(), statements }, answer)
}

/// Asks about somebody else's and about nobody's. `None` when both are answered alike; else what differs.
pub async fn difference(person: &Person<'_>, document: &str, foreign: &Value, invented: &Value) -> Option<String> {
    // The first question of a person may look up their session; that is not the question's doing.
    look(person, document, invented).await;
    let mut told = None;
    // Loaders of the question before may still count a statement. What differs by itself differs each time.
    for _ in 0..5 {
        let (one, _) = look(person, document, foreign).await;
        let (mut other, _) = look(person, document, invented).await;
        // Where the answer repeats what was asked, it may.
        for (theirs, nobodys) in ids::all_in(&foreign.to_string()).iter().zip(ids::all_in(&invented.to_string())) {
            other.body = other.body.replace(nobodys, theirs);
        }
        if one == other {
            return None;
        }
        let words_differ = (one.status, &one.body) != (other.status, &other.body);
        told = Some(format!("asked about {foreign}:\n    {one:?}\n  asked about {invented}:\n    {other:?}"));
        if words_differ {
            break;
        }
    }
    told
}

/// A statement without its values.
fn shape(sql: &str) -> String {
    let mut out = String::new();
    let mut in_text = false;
    for letter in sql.chars() {
        match letter {
            '\'' => in_text = !in_text,
            _ if in_text || letter.is_ascii_digit() => {}
            _ => out.push(letter),
        }
    }
    out
}

fn forget_numbers(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, inner)| {
            if name == "requestId" && inner.is_string() {
                *inner = Value::Null;
            }
            forget_numbers(inner);
        }),
        Value::Array(items) => items.iter_mut().for_each(forget_numbers),
        _ => {}
    }
}
