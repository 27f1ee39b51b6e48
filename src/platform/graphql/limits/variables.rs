//! Whether the variables fit the operation that declares them, as far as the document alone can tell: the engine
//! looks at a variable only where it is used, and calls a wrong one a failed field.

use async_graphql::{
    Value, Variables,
    parser::types::{BaseType, OperationDefinition, Type},
};

use super::Refusal;

/// Refuses variables that are missing, null where they may not be, or of another built-in type.
///
/// # Errors
/// The variable that does not fit; never its value.
pub fn check(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for variable in &operation.variable_definitions {
        let (name, wanted) = (&variable.node.name.node, &variable.node.var_type.node);
        let fits = match variables.get(name) {
            None => wanted.nullable || variable.node.default_value.is_some(),
            Some(value) => fits(wanted, value),
        };
        if !fits {
            return Err(Refusal::Invalid(format!("The variable ${name} must be of the type {wanted}.")));
        }
    }
    Ok(())
}

/// Whether validating a document again, which was valid with other variables, could not find anything: all variables
/// are of built-in types, which [`check`] has compared, and none is null.
pub fn leave_nothing_to_validate(operation: &OperationDefinition, variables: &Variables) -> bool {
    operation.variable_definitions.iter().all(|variable| {
        let value = variables.get(&variable.node.name.node);
        is_built_in(&variable.node.var_type.node) && !value.is_some_and(holds_null)
    })
}

fn is_built_in(wanted: &Type) -> bool {
    match &wanted.base {
        BaseType::List(item) => is_built_in(item),
        BaseType::Named(name) => matches!(name.as_str(), "Int" | "Float" | "String" | "ID" | "Boolean"),
    }
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.iter().any(holds_null),
        _ => false,
    }
}

fn fits(wanted: &Type, value: &Value) -> bool {
    if *value == Value::Null {
        return wanted.nullable;
    }
    match (&wanted.base, value) {
        (BaseType::List(item), Value::List(values)) => values.iter().all(|value| fits(item, value)),
        // One value stands for a list of one.
        (BaseType::List(item), value) => fits(item, value),
        (BaseType::Named(name), value) => match (name.as_str(), value) {
            ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
            ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
            ("Int" | "Float" | "String" | "ID" | "Boolean", _) => false,
            // Types of the schema: validation knows them.
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_fit_what_the_operation_declares() {
        for (declared, value, fitting) in [
            ("ID!", json!(null), false),
            ("ID!", json!("a"), true),
            ("ID!", json!(1), true),
            ("ID", json!(null), true),
            ("Int", json!(1), true),
            ("Int", json!(1_i64 << 31), false),
            ("Int", json!("1"), false),
            ("[Int!]", json!([1, null]), false),
            ("[Int]", json!([1, null]), true),
            ("[Int]", json!(1), true),
            ("Boolean", json!("true"), false),
            ("String", json!(1), false),
            ("SomeInput!", json!({"a": 1}), true),
            ("SomeInput!", json!(null), false),
        ] {
            let document = parse_query(format!("query($v: {declared}) {{ a(v: $v) }}")).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            let variables = Variables::from_json(json!({ "v": value }));
            assert_eq!(check(&operation.node, &variables).is_ok(), fitting, "{declared} {value}");
        }
    }

    #[test]
    fn only_variables_of_built_in_types_are_validated_by_us_alone() {
        for (declared, value, nothing_left) in [
            ("ID!", json!("a"), true),
            ("[Int!]", json!([1]), true),
            ("[Int]", json!([1, null]), false),
            ("ID", json!(null), false),
            ("SomeInput!", json!({"a": 1}), false),
            ("[SomeEnum!]", json!(["A"]), false),
        ] {
            let document = parse_query(format!("query($v: {declared}) {{ a(v: $v) }}")).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            let variables = Variables::from_json(json!({ "v": value }));
            assert_eq!(leave_nothing_to_validate(&operation.node, &variables), nothing_left, "{declared} {value}");
        }
    }

    #[test]
    fn a_missing_variable_is_noticed() {
        for (declared, fitting) in [("ID!", false), ("ID", true), ("ID! = \"a\"", true)] {
            let document = parse_query(format!("query($v: {declared}) {{ a(v: $v) }}")).unwrap();
            let (_, operation) = document.operations.iter().next().unwrap();
            assert_eq!(check(&operation.node, &Variables::default()).is_ok(), fitting, "{declared}");
        }
    }
}
