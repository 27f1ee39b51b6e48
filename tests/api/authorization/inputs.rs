//! Places in arguments and inputs where a value of one kind goes.

use serde_json::{Value, json};

use super::schema::{Input, Schema};

/// The places of a leaf type such as `ID`: the names from the outside in.
pub fn places(schema: &Schema, inputs: &[Input], leaf: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(schema, inputs, leaf, &[], &mut found);
    found
}

fn collect(schema: &Schema, inputs: &[Input], leaf: &str, path: &[String], found: &mut Vec<Vec<String>>) {
    for input in inputs {
        let mut path = path.to_vec();
        path.push(input.name.clone());
        if input.ty.name == leaf {
            found.push(path);
        } else if schema.get(&input.ty.name).kind == "INPUT_OBJECT" && path.len() < 6 {
            collect(schema, &schema.get(&input.ty.name).inputs, leaf, &path, found);
        }
    }
}

/// Puts a value in a place, in lists as their only item; false where there is no item to put it into.
pub fn put(schema: &Schema, inputs: &[Input], into: &mut Value, path: &[String], leaf: &Value) -> bool {
    let (name, rest) = path.split_first().unwrap();
    let input = inputs.iter().find(|input| input.name == *name).unwrap();
    if rest.is_empty() {
        into[name] = if input.ty.is_list() { json!([leaf]) } else { leaf.clone() };
        return true;
    }
    let inner =
        if input.ty.is_list() { into.get_mut(name).and_then(|list| list.get_mut(0)) } else { Some(&mut into[name]) };
    let Some(inner) = inner else { return false };
    let ty = schema.get(&input.ty.name);
    let other_way = ty.is_one_of && inner.get(&rest[0]).is_none();
    if inner.is_null() || other_way {
        *inner = json!({});
    }
    put(schema, &ty.inputs, inner, rest, leaf)
}
