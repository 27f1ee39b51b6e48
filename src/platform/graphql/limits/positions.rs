//! Whether variables are used where their types fit: the rule *all variable usages are allowed* of the GraphQL
//! specification. The engine looks at a variable's value only, so that one of a wrong type passes while it is not
//! supplied.

use std::collections::BTreeSet;

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value};

use super::Refusal;
use crate::platform::graphql::shape::{InputShape, Shape};

struct Positions<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    shape: &'a Shape,
    seen: BTreeSet<&'a str>,
    condition: InputShape,
}

/// Refuses a document that uses a variable where its type does not fit. It has been measured: its fragments end.
///
/// # Errors
/// The variable.
pub fn check(document: &ExecutableDocument, shape: &Shape) -> Result<(), Refusal> {
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        if operation.variable_definitions.is_empty() {
            continue;
        }
        let condition = InputShape::condition();
        let mut positions = Positions { document, operation, shape, seen: BTreeSet::new(), condition };
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        positions.selections(&operation.selection_set.node, root)?;
    }
    Ok(())
}

impl<'a> Positions<'a> {
    fn selections(&mut self, set: &'a SelectionSet, of: &'a str) -> Result<(), Refusal> {
        for selection in &set.items {
            self.directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => {
                    let Some(shape) = self.shape.field(of, &field.node.name.node) else { continue };
                    for (name, value) in &field.node.arguments {
                        if let Some(wanted) = shape.arguments.get(name.node.as_str()) {
                            self.value(&value.node, &wanted.of, wanted.has_default)?;
                        }
                    }
                    self.selections(&field.node.selection_set.node, &shape.of)?;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let of = condition.map_or(of, |condition| condition.node.on.node.as_str());
                    self.selections(&fragment.node.selection_set.node, of)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if self.seen.insert(name.as_str()) {
                        let of = fragment.node.type_condition.node.on.node.as_str();
                        self.selections(&fragment.node.selection_set.node, of)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// `@skip` and `@include` are all there are, with one argument.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
        for (_, value) in directives.iter().flat_map(|directive| &directive.node.arguments) {
            self.value(&value.node, &self.condition.of, false)?;
        }
        Ok(())
    }

    fn value(&self, value: &Value, wanted: &Type, has_default: bool) -> Result<(), Refusal> {
        match (value, &wanted.base) {
            (Value::Variable(name), _) => self.variable(name, wanted, has_default),
            (Value::List(items), BaseType::List(item)) => {
                items.iter().try_for_each(|value| self.value(value, item, false))
            }
            // One value stands for a list of one.
            (Value::Object(_), BaseType::List(item)) => self.value(value, item, false),
            (Value::Object(fields), BaseType::Named(input)) => {
                fields.iter().try_for_each(|(name, value)| match self.shape.input(input, name) {
                    Some(wanted) => self.value(value, &wanted.of, wanted.has_default),
                    None => Ok(()),
                })
            }
            _ => Ok(()),
        }
    }

    fn variable(&self, name: &Name, wanted: &Type, has_default: bool) -> Result<(), Refusal> {
        let mut definitions = self.operation.variable_definitions.iter();
        // One that is not defined is for the validation to name.
        let Some(defined) = definitions.find(|defined| defined.node.name.node == *name) else { return Ok(()) };
        let given = &defined.node.var_type.node;
        let default = defined.node.default_value.as_ref().is_some_and(|value| value.node != ConstValue::Null);
        let never_null = !given.nullable || default || has_default;
        if fits(&given.base, &wanted.base) && (wanted.nullable || never_null) {
            return Ok(());
        }
        Err(Refusal::Invalid(format!("The variable ${name} of the type {given} stands where {wanted} is wanted.")))
    }
}

/// Whether a type, exclamation marks around it left out, may stand for another.
fn fits(given: &BaseType, wanted: &BaseType) -> bool {
    match (given, wanted) {
        (BaseType::Named(given), BaseType::Named(wanted)) => given == wanted,
        (BaseType::List(given), BaseType::List(wanted)) => {
            (wanted.nullable || !given.nullable) && fits(&given.base, &wanted.base)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "type Query { one(i: Int, n: Int!, d: Int! = 3, l: [Int], m: [Int!]!, o: In): Query }
        input In { a: Int b: [Int!]! c: In d: Int! = 1 }";

    #[test]
    fn a_variable_fits_where_it_stands_or_is_refused() {
        for (defined, used, fitting) in [
            ("Int", "i: $v", true),
            ("Int!", "i: $v", true),
            ("Int", "n: $v", false),
            ("Int = 1", "n: $v", true),
            ("Int = null", "n: $v", false),
            ("Int", "d: $v", true),
            ("String", "i: $v", false),
            ("[Int]", "i: $v", false),
            ("Int", "l: $v", false),
            ("Int", "l: [$v]", true),
            ("Int", "m: [$v]", false),
            ("Int!", "m: [$v]", true),
            ("[Int!]!", "l: $v", true),
            ("[Int]!", "m: $v", false),
            ("[Int!]", "m: $v", false),
            ("In", "o: $v", true),
            ("Int", "o: {a: $v}", true),
            ("String", "o: {a: $v}", false),
            ("Int", "o: {c: {c: {b: [1, $v]}}}", false),
            ("Int", "o: {d: $v}", true),
            ("Other", "o: $v", false),
        ] {
            for text in [
                format!("query($v: {defined}) {{ one({used}) {{ __typename }} }}"),
                format!(
                    "query($v: {defined}) {{ one {{ ...f }} }} fragment f on Query {{ ... {{ one({used}) {{ __typename }} }} }}"
                ),
            ] {
                let checked = check(&parse_query(&text).unwrap(), &Shape::of_sdl(SDL).unwrap());
                assert_eq!(checked.is_ok(), fitting, "{text}");
            }
        }
        for (defined, fitting) in [("Boolean!", true), ("Boolean", false), ("Boolean = true", true), ("Int!", false)] {
            for at in ["__typename @skip(if: $v)", "... @include(if: $v) { __typename }", "...f @skip(if: $v)"] {
                let text = format!("query($v: {defined}) {{ {at} }} fragment f on Query {{ __typename }}");
                let checked = check(&parse_query(&text).unwrap(), &Shape::of_sdl(SDL).unwrap());
                assert_eq!(checked.is_ok(), fitting, "{text}");
            }
        }
    }
}
