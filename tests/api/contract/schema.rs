//! The schema as callers read it.

use partner_portal::schema;

#[test]
fn every_type_field_argument_and_enum_value_has_a_sentence() {
    let registry_text = schema::sdl();
    let mut missing = Vec::new();
    let mut described = false;
    let mut in_text = false;
    let mut owner = String::new();
    for line in registry_text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("\"\"\"") {
            in_text = !in_text;
            if trimmed.len() > 3 && trimmed.ends_with("\"\"\"") {
                in_text = false;
            }
            described = true;
            continue;
        }
        if in_text || trimmed.is_empty() || trimmed == "}" || trimmed == "{" {
            continue;
        }
        let declares = ["type ", "input ", "enum ", "interface ", "union ", "scalar "]
            .iter()
            .any(|word| trimmed.starts_with(word));
        if declares {
            owner = trimmed.split(['{', '@']).next().unwrap().trim().to_owned();
        }
        // Made by the library, which has no place for a sentence; the fields have theirs.
        let connection = trimmed.starts_with("type ") && owner.ends_with("Connection");
        let machinery = connection
            || trimmed.starts_with("schema")
            || trimmed.starts_with("query:")
            || trimmed.starts_with("mutation:")
            || trimmed.starts_with("subscription:")
            || trimmed.starts_with("directive")
            || trimmed.starts_with(')');
        if !described && !machinery {
            missing.push(format!("{owner}: {trimmed}"));
        }
        described = false;
    }
    assert!(missing.is_empty(), "callers have only the schema; these have no sentence:\n{}", missing.join("\n"));
}

#[test]
fn ids_and_money_never_show_their_insides() {
    let text = schema::sdl();
    for word in ["Float", "UUID", "Decimal"] {
        let allowed = |line: &str| {
            word == "Float"
                && line.contains(": Float")
                && [
                    "score",
                    "raw",
                    "decayed",
                    "subScore",
                    "weight",
                    "contribution",
                    "change",
                    "gain",
                    "target",
                    "halfLife",
                    "value",
                ]
                .iter()
                .any(|name| line.trim_start().starts_with(name))
        };
        let found: Vec<_> = text
            .lines()
            .filter(|line| line.contains(word) && !line.trim_start().starts_with('"') && !allowed(line))
            .collect();
        assert!(found.is_empty(), "{word}: {found:?}");
    }
}
