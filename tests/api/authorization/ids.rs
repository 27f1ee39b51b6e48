//! Global ids in questions and answers.

use entity::value::KINDS;
use serde_json::Value;

/// The kinds whose objects are the vendor's and everybody's: knowing their ids is knowing nothing of another partner.
pub const COMMON: &[(&str, &str)] = &[
    ("pln", "product lines are the vendor's catalogue"),
    ("crs", "courses are the vendor's catalogue"),
    ("mpr", "programs of funds are open to every partner"),
];

/// Every global id in a text.
pub fn all_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices('_') {
        let Some(prefix) = place.checked_sub(3).and_then(|from| text.get(from..place)) else { continue };
        let Some(digits) = text.get(place + 1..place + 33) else { continue };
        let known = KINDS.iter().any(|(_, known)| *known == prefix);
        if known && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            found.push(&text[place - 3..place + 33]);
        }
    }
    found
}

/// Whether an id is of a kind that belongs to one partner.
pub fn belongs_to_somebody(id: &str) -> bool {
    !COMMON.iter().any(|(prefix, _)| id.starts_with(prefix))
}

/// An id of the same kind that nobody has: the same but for its last digits, so that it has the same place in orders.
pub fn invented_like(id: &str) -> String {
    format!("{}{}", &id[..28], if id.ends_with("deadbeef") { "feedbeef" } else { "deadbeef" })
}

/// The same with every id that belongs to somebody replaced by an invented one.
pub fn invented(value: &Value) -> Value {
    let mut text = value.to_string();
    let ids: Vec<String> = all_in(&text).into_iter().filter(|id| belongs_to_somebody(id)).map(str::to_owned).collect();
    for id in ids {
        text = text.replace(&id, &invented_like(&id));
    }
    serde_json::from_str(&text).unwrap()
}

#[test]
fn ids_are_found_and_invented() {
    let real = "reg_0192a1b2c3d47e5f8a9b0c1d2e3f4a5b";
    let line = "pln_0192a1b2c3d47e5f8a9b0c1d2e3f4a5b";
    let value = serde_json::json!({ "id": real, "list": [line, "xreg_1"], "text": format!("about {real}.") });
    assert_eq!(all_in(&value.to_string()), [real, line, real]);
    let other = invented(&value);
    assert_eq!(other["list"], value["list"]);
    assert_eq!(other["id"], "reg_0192a1b2c3d47e5f8a9b0c1ddeadbeef");
    assert!(!other.to_string().contains(real));
}
