//! Variables as JSON, in which no object names a field twice: readers differ in which one they take.

use std::{collections::BTreeMap, fmt};

use async_graphql::{Name, Value, Variables, indexmap::IndexMap};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

/// Variables whose names differ, as do those of the fields of each object in them.
#[derive(Debug, Default)]
pub struct Distinct(pub Variables);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfVariables).map(Self)
    }
}

struct OfVariables;

impl<'de> Visitor<'de> for OfVariables {
    type Value = Variables;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Variables, A::Error> {
        let mut found = BTreeMap::new();
        while let Some((name, Item(value))) = map.next_entry::<Name, Item>()? {
            if found.insert(name, value).is_some() {
                return Err(A::Error::custom("a variable is given twice"));
            }
        }
        Ok(Variables::from_value(Value::Object(found.into_iter().collect())))
    }
}

/// A value of which no object names a field twice.
struct Item(Value);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfValue).map(Self)
    }
}

struct OfValue;

impl<'de> Visitor<'de> for OfValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Item(value)) = items.next_element()? {
            found.push(value);
        }
        Ok(Value::List(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut found = IndexMap::new();
        while let Some((name, Item(value))) = map.next_entry::<Name, Item>()? {
            if found.insert(name, value).is_some() {
                return Err(A::Error::custom("an object names a field twice"));
            }
        }
        Ok(Value::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_named_twice_is_refused_at_every_depth() {
        for refused in
            [r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"b":1}}"#, r#"{"a":[{"b":1},{"c":{"d":1,"d":1}}]}"#, "[]", "3"]
        {
            assert!(serde_json::from_str::<Distinct>(refused).is_err(), "{refused}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(serde_json::from_str::<Distinct>(&deep).is_err(), "no stack is deep enough");
    }

    #[test]
    fn every_value_is_kept_as_it_is() {
        let given = json!({ "a": [1, -1, 18_446_744_073_709_551_615_u64, 1.5, "x", true, null, { "b": { "c": [] } }] });
        let read: Distinct = serde_json::from_str(&given.to_string()).unwrap();
        assert_eq!(read.0, Variables::from_json(given));
    }
}
