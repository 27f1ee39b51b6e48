//! Documents made from the schema.

use serde_json::{Map, Value};

use super::schema::{Field, Schema, Type};

/// A document that calls one root field with arguments in variables, and selects the leaves of what it returns, and
/// of what that holds, `depth` objects deep.
pub fn call(schema: &Schema, root: &str, field: &Field, arguments: &Value, depth: usize) -> (String, Value) {
    let selection = selection(schema, schema.get(&field.ty.name), depth);
    call_with(root, field, arguments, &selection)
}

/// The same with a selection of one's own, braces included.
pub fn call_with(root: &str, field: &Field, arguments: &Value, selection: &str) -> (String, Value) {
    let empty = Map::new();
    let given = arguments.as_object().unwrap_or(&empty);
    let unknown: Vec<_> = given.keys().filter(|name| field.args.iter().all(|arg| arg.name != **name)).collect();
    assert!(unknown.is_empty(), "{} has no argument {unknown:?}", field.name);
    let args: Vec<_> = field.args.iter().filter(|arg| given.contains_key(&arg.name)).collect();
    let declared: Vec<_> = args.iter().map(|arg| format!("${}: {}", arg.name, arg.ty.text)).collect();
    let passed: Vec<_> = args.iter().map(|arg| format!("{0}: ${0}", arg.name)).collect();
    let in_brackets =
        |list: Vec<String>| if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) };
    let operation = if root == "Mutation" { "mutation" } else { "query" };
    let document =
        format!("{operation}{} {{ {}{} {selection} }}", in_brackets(declared), field.name, in_brackets(passed));
    (document, arguments.clone())
}

/// The same for a field inside others: its variables, declared, and the field with its selection in braces.
pub fn inner(field: &Field, arguments: &Value, selection: &str) -> (Vec<String>, String) {
    let empty = Map::new();
    let given = arguments.as_object().unwrap_or(&empty);
    let args: Vec<_> = field.args.iter().filter(|arg| given.contains_key(&arg.name)).collect();
    assert_eq!(args.len(), given.len(), "{} has no such argument: {arguments}", field.name);
    let declared = args.iter().map(|arg| format!("$in_{}: {}", arg.name, arg.ty.text)).collect();
    let passed: Vec<_> = args.iter().map(|arg| format!("{0}: $in_{0}", arg.name)).collect();
    let passed = if passed.is_empty() { String::new() } else { format!("({})", passed.join(", ")) };
    (declared, format!("{{ {}{passed} {selection} }}", field.name))
}

/// The leaves of a type, and of the objects in it, so deep; fields with arguments that have to be given are left out.
pub fn selection(schema: &Schema, ty: &Type, depth: usize) -> String {
    if schema.is_leaf(&ty.name) {
        return String::new();
    }
    let mut parts = vec!["__typename".to_owned()];
    for field in &ty.fields {
        if field.args.iter().any(super::schema::Input::asked_for) {
            continue;
        }
        if schema.is_leaf(&field.ty.name) {
            parts.push(field.name.clone());
        } else if field.name == "edges" {
            parts.push("edges { cursor }".to_owned());
        } else if depth > 0 {
            parts.push(format!("{} {}", field.name, selection(schema, schema.get(&field.ty.name), depth - 1)));
        }
    }
    format!("{{ {} }}", parts.join(" "))
}
