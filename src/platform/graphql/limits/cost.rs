//! What an operation costs: how many values its answer could have, reckoned from the document and its variables.
//!
//! A field is one value, as often as the lists around it have items. A list has as many items as the argument `first`
//! or `last` asks for, else as many as the page has by default, else what the shape of the schema says. The arithmetic
//! saturates: nothing wraps around to a small number.

use std::{cell::Cell, collections::HashMap};

use async_graphql::{
    Name, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Value};

use crate::platform::graphql::{
    page,
    shape::{FieldShape, Shape, Size, number},
};

/// Fields that cost more than one value each time.
const WEIGHTS: &[(&str, u64)] = &[("__schema", 1_000), ("__type", 100), ("totalCount", 10)];

/// What a mutation costs beside its answer.
const MUTATION: u64 = 10;

/// What an operation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reckoned {
    /// How many values the answer could have.
    pub cost: u64,
    /// How many values its arguments have, variables put in place: each is checked wherever it is used.
    pub inputs: u64,
}

struct Reckoning<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    shape: &'a Shape,
    /// How many values each variable has.
    given: HashMap<&'a Name, u64>,
    inputs: Cell<u64>,
}

/// What an operation comes to. Its document has been measured: its fragments end, and expand to a bounded size.
#[must_use]
pub fn reckon(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
    shape: &Shape,
) -> Reckoned {
    let given = variables.iter().map(|(name, value)| (name, values_of(value))).collect();
    let reckoning = Reckoning { document, operation, variables, shape, given, inputs: Cell::new(0) };
    let (root, each) = match operation.ty {
        OperationType::Query => ("Query", 0),
        OperationType::Mutation => ("Mutation", MUTATION),
        OperationType::Subscription => ("Subscription", 0),
    };
    let cost = reckoning.selections(&operation.selection_set.node, root, None, each);
    Reckoned { cost, inputs: reckoning.inputs.get() }
}

/// How many values a value has inside, itself included.
fn values_of(value: &ConstValue) -> u64 {
    let sum = |sum: u64, value: &ConstValue| sum.saturating_add(values_of(value));
    match value {
        ConstValue::List(items) => items.iter().fold(1, sum),
        ConstValue::Object(fields) => fields.values().fold(1, sum),
        _ => 1,
    }
}

impl Reckoning<'_> {
    /// The cost of one object's selections. `page` is the size of the page that the object is, where it is a
    /// connection; each field costs `each` more than itself.
    fn selections(&self, set: &SelectionSet, of: &str, page: Option<u64>, each: u64) -> u64 {
        set.items.iter().fold(0, |sum: u64, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => self.field(&field.node, of, page).saturating_add(each),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let of = condition.map_or(of, |condition| condition.node.on.node.as_str());
                    self.selections(&fragment.node.selection_set.node, of, page, each)
                }
                Selection::FragmentSpread(spread) => {
                    self.document.fragments.get(&spread.node.fragment_name.node).map_or(0, |fragment| {
                        let of = fragment.node.type_condition.node.on.node.as_str();
                        self.selections(&fragment.node.selection_set.node, of, page, each)
                    })
                }
            })
        })
    }

    fn field(&self, field: &Field, of: &str, page: Option<u64>) -> u64 {
        let name = field.name.node.as_str();
        let inputs = field
            .arguments
            .iter()
            .fold(self.inputs.get(), |sum, (_, value)| sum.saturating_add(self.given(&value.node)));
        self.inputs.set(inputs);
        let weight = WEIGHTS.iter().find(|(heavy, _)| *heavy == name).map_or(1, |(_, weight)| *weight);
        if field.selection_set.node.items.is_empty() {
            return weight;
        }
        let Some(shape) = self.shape.field(of, name) else {
            // Introspection, or a field that validation refuses.
            return self.selections(&field.selection_set.node, "", None, 0).saturating_add(weight);
        };
        let size = self.size(field, shape, page);
        // Only a connection hands the size of its page on to the lists in it.
        let inner = matches!(shape.size, Size::Page(_)).then_some(size);
        let (times, inner) = if shape.list { (size, None) } else { (1, inner) };
        let each = self.selections(&field.selection_set.node, &shape.of, inner, 0);
        each.saturating_mul(times).saturating_add(weight)
    }

    /// How many values an argument has, with variables put in place.
    fn given(&self, value: &Value) -> u64 {
        let sum = |sum: u64, value: &Value| sum.saturating_add(self.given(value));
        match value {
            Value::Variable(name) => self.given.get(name).copied().unwrap_or(1),
            Value::List(items) => items.iter().fold(1, sum),
            Value::Object(fields) => fields.values().fold(1, sum),
            _ => 1,
        }
    }

    fn size(&self, field: &Field, shape: &FieldShape, page: Option<u64>) -> u64 {
        let argument = |name: &str| {
            let found = field.arguments.iter().find(|(argument, _)| argument.node.as_str() == name);
            found.map_or(Argument::Nothing, |(_, value)| self.argument(&value.node))
        };
        let page_of = |argument: Argument, default: u64| match argument {
            Argument::Nothing => default,
            // What is no size of a page is refused where the list is read.
            Argument::Number(number) => number.min(page::MOST),
            Argument::Items(_) | Argument::Other => page::MOST,
        };
        match shape.size {
            Size::One => 1,
            Size::Fixed(usual) => page.unwrap_or(usual),
            Size::Page(default) => page_of(argument("first"), page_of(argument("last"), default)),
            Size::OfArgument(name) => match argument(name) {
                Argument::Items(items) => items,
                _ => 1,
            },
        }
    }

    fn argument(&self, value: &Value) -> Argument {
        match value {
            Value::Variable(name) => {
                let mut defined = self.operation.variable_definitions.iter();
                let default = || {
                    let definition = defined.find(|defined| defined.node.name.node == *name)?;
                    definition.node.default_value.as_ref().map(|value| &value.node)
                };
                self.variables.get(name).or_else(default).map_or(Argument::Nothing, constant)
            }
            Value::List(items) => Argument::Items(u64::try_from(items.len()).unwrap_or(u64::MAX)),
            Value::Null => Argument::Nothing,
            Value::Number(number) => number.as_u64().map_or(Argument::Other, Argument::Number),
            _ => Argument::Other,
        }
    }
}

/// What an argument says about a size.
#[derive(Clone, Copy)]
enum Argument {
    Nothing,
    Number(u64),
    Items(u64),
    Other,
}

fn constant(value: &ConstValue) -> Argument {
    match value {
        ConstValue::Null => Argument::Nothing,
        ConstValue::List(items) => Argument::Items(u64::try_from(items.len()).unwrap_or(u64::MAX)),
        value => number(value).map_or(Argument::Other, Argument::Number),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn shape() -> Shape {
        Shape::of_sdl(
            "type Query { a: A as(first: Int, last: Int): AConnection! nodes(ids: [ID!]!): [A]! }
             type Mutation { do(n: Int): Done! } type Done { a: A errors: [String!]! }
             type AConnection { nodes: [A!]! edges: [AEdge!]! totalCount: Int pageInfo: P! } type AEdge { node: A! cursor: ID! }
             type P { hasNextPage: Boolean! }
             type A { id: ID! words: [String!]! list: [A!]! as(first: Int): AConnection! top(first: Int! = 7): [A!]! }",
        )
        .unwrap()
    }

    fn costs(text: &str, variables: serde_json::Value) -> u64 {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        reckon(&document, &operation.node, &Variables::from_json(variables), &shape()).cost
    }

    #[test]
    fn a_large_variable_counts_wherever_it_is_used() {
        let text = "query($i: [ID!]!) { a: nodes(ids: $i) { id } ...f b: nodes(ids: [1, {x: 2}]) { id } } fragment f on Query { c: nodes(ids: $i) { id } }";
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let variables = Variables::from_json(json!({ "i": vec!["x"; 1_000] }));
        assert_eq!(reckon(&document, &operation.node, &variables, &shape()).inputs, 2 * 1_001 + 4);
    }

    #[test]
    fn an_answers_values_are_counted_as_lists_multiply_them() {
        for (text, variables, wanted) in [
            ("{ a { id words } }", json!({}), 3),
            ("{ a { id ... on A { id } ...f } } fragment f on A { id __typename }", json!({}), 5),
            ("{ a { list { id } } }", json!({}), 1 + 1 + 10),
            ("{ as { nodes { id } } }", json!({}), 1 + 1 + 20),
            (
                "{ as(first: 50) { nodes { id words } totalCount pageInfo { hasNextPage } } }",
                json!({}),
                1 + 1 + 100 + 10 + 2,
            ),
            ("{ as(last: 3) { edges { cursor node { id } } } }", json!({}), 1 + 1 + 3 * 3),
            ("query($n: Int) { as(first: $n) { nodes { id } } }", json!({ "n": 9 }), 2 + 9),
            ("query($n: Int = 8) { as(first: $n) { nodes { id } } }", json!({}), 2 + 8),
            ("query($n: Int) { as(first: $n) { nodes { id } } }", json!({ "n": null }), 2 + 20),
            ("{ a { top { id } } }", json!({}), 2 + 7),
            ("{ nodes(ids: [1, 2, 3]) { id } }", json!({}), 1 + 3),
            ("query($i: [ID!]!) { nodes(ids: $i) { id } }", json!({ "i": ["a", "b"] }), 1 + 2),
            ("mutation { do { errors } b: do { errors } }", json!({}), 2 * (10 + 2)),
            (
                "{ as(first: 100) { nodes { as(first: 100) { nodes { as(first: 100) { nodes { id } } } } } } }",
                json!({}),
                2 + 100 * (2 + 100 * (2 + 100)),
            ),
        ] {
            assert_eq!(costs(text, variables), wanted, "{text}");
        }
    }

    #[test]
    fn sizes_that_would_wrap_around_count_as_the_largest_page() {
        for size in ["1073741824", "-1", "101", "1.5", "\"x\""] {
            let text = format!("{{ as(first: {size}) {{ nodes {{ as(first: {size}) {{ nodes {{ id }} }} }} }} }}");
            assert_eq!(costs(&text, json!({})), 2 + 100 * (2 + 100), "{size}");
        }
        let deep = format!("{{ a {{ {}id{} }} }}", "list { ".repeat(40), " }".repeat(40));
        assert_eq!(costs(&deep, json!({})), u64::MAX, "the sum stays where it cannot grow");
    }

    proptest! {
        #[test]
        fn asking_for_more_never_costs_less(first in 1u64..100, more in 0u64..100, fields in 1usize..5, extra in 0usize..5) {
            let text = |first: u64, fields: usize| format!("{{ as(first: {first}) {{ nodes {{ {} }} }} }}", "id ".repeat(fields));
            let (less, more) = (text(first, fields), text(first + more, fields + extra));
            let (less, more) = (costs(&less, json!({})), costs(&more, json!({})));
            prop_assert!(less <= more);
        }
    }
}
