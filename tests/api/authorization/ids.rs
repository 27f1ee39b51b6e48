//! Global ids in questions and answers.

use serde_json::Value;

pub use crate::support::owners::{belongs_to_somebody, ids_in as all_in};

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
