//! The shape of the schema, as far as limits ask for it: which field leads to which type, and how many of it there
//! can be.

use std::collections::HashMap;

use async_graphql::{
    Value,
    parser::{
        parse_schema,
        types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};

use super::page;

/// How many objects a list has for the reckoning, when nothing says how many.
const USUAL: u64 = 10;

/// Lists whose length is known from elsewhere than an argument `first` or `last`: type, field, how many.
const SIZES: &[(&str, &str, Size)] =
    &[("Query", "nodes", Size::OfArgument("ids")), ("Partner", "trainingCompletions", Size::Fixed(50))];

/// How many objects a field leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One, or none.
    One,
    /// As many as the page of the connection that it belongs to, and otherwise this many.
    Fixed(u64),
    /// As many as `first` or `last` ask for; this many when they do not.
    Page(u64),
    /// As many as this argument has items.
    OfArgument(&'static str),
}

/// A field of an object or interface.
#[derive(Clone, Debug)]
pub struct FieldShape {
    /// The type that it leads to, without lists and exclamation marks.
    pub of: String,
    /// The lists and exclamation marks around it.
    pub wrapping: String,
    /// Whether the field is a list.
    pub list: bool,
    /// How many objects there are behind it.
    pub size: Size,
    /// Its arguments.
    pub arguments: HashMap<String, InputShape>,
}

/// An argument, or a field of an input object.
#[derive(Clone, Debug)]
pub struct InputShape {
    /// Its type.
    pub of: Type,
    /// Whether it has a value when none is given.
    pub has_default: bool,
}

impl InputShape {
    /// What `@skip` and `@include` want.
    #[must_use]
    pub fn condition() -> Self {
        let base = BaseType::Named(async_graphql::Name::new("Boolean"));
        Self { of: Type { base, nullable: false }, has_default: false }
    }
}

#[derive(Clone, Debug, Default)]
struct TypeShape {
    /// Whether it has selections at all.
    composite: bool,
    /// Whether it is an interface or a union.
    is_abstract: bool,
    fields: HashMap<String, FieldShape>,
    inputs: HashMap<String, InputShape>,
}

/// The types of a schema.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    types: HashMap<String, TypeShape>,
}

impl Shape {
    /// Reads a schema.
    ///
    /// # Errors
    /// A sentence when it is none.
    pub fn of_sdl(sdl: &str) -> Result<Self, String> {
        let document = parse_schema(sdl).map_err(|error| error.to_string())?;
        let mut types = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let mut inputs = HashMap::new();
            let (composite, is_abstract, fields) = match definition.node.kind {
                TypeKind::Object(object) => (true, false, object.fields),
                TypeKind::Interface(interface) => (true, true, interface.fields),
                TypeKind::Union(_) => (true, true, Vec::new()),
                TypeKind::InputObject(input) => {
                    inputs = inputs_of(input.fields.into_iter().map(|field| field.node));
                    (false, false, Vec::new())
                }
                TypeKind::Scalar | TypeKind::Enum(_) => (false, false, Vec::new()),
            };
            let fields = fields.into_iter().map(|field| shape_of(&name, field.node)).collect();
            types.insert(name, TypeShape { composite, is_abstract, fields, inputs });
        }
        Ok(Self { types })
    }

    /// What is known of a field.
    #[must_use]
    pub fn field(&self, of: &str, name: &str) -> Option<&FieldShape> {
        self.types.get(of)?.fields.get(name)
    }

    /// What is known of a field of an input object.
    #[must_use]
    pub fn input(&self, of: &str, name: &str) -> Option<&InputShape> {
        self.types.get(of)?.inputs.get(name)
    }

    /// Whether a type is an object: two different ones are never answered in one place.
    #[must_use]
    pub fn is_object(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|known| known.composite && !known.is_abstract)
    }

    /// Whether a type has fields.
    #[must_use]
    pub fn is_composite(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|known| known.composite)
    }
}

fn shape_of(of: &str, field: FieldDefinition) -> (String, FieldShape) {
    let name = field.name.node.to_string();
    let (named, wrapping) = unwrapped(&field.ty.node);
    let list = wrapping.contains('[');
    let page = field.arguments.iter().find(|argument| matches!(argument.node.name.node.as_str(), "first" | "last"));
    let known = SIZES.iter().find(|(kind, field, _)| *kind == of && *field == name).map(|(_, _, size)| *size);
    let size = match (known, page) {
        (Some(size), _) => size,
        (None, Some(argument)) => {
            let default = argument.node.default_value.as_ref().and_then(|value| number(&value.node));
            Size::Page(default.unwrap_or(page::DEFAULT))
        }
        (None, None) if list => Size::Fixed(USUAL),
        (None, None) => Size::One,
    };
    let arguments = inputs_of(field.arguments.into_iter().map(|argument| argument.node));
    (name, FieldShape { of: named, wrapping, list, size, arguments })
}

fn inputs_of(definitions: impl Iterator<Item = InputValueDefinition>) -> HashMap<String, InputShape> {
    let shape = |definition: InputValueDefinition| {
        let has_default = definition.default_value.is_some();
        (definition.name.node.to_string(), InputShape { of: definition.ty.node, has_default })
    };
    definitions.map(shape).collect()
}

/// The name of a type, and what stands around it.
fn unwrapped(written: &Type) -> (String, String) {
    let mark = if written.nullable { "" } else { "!" };
    match &written.base {
        BaseType::Named(name) => (name.to_string(), mark.to_owned()),
        BaseType::List(item) => {
            let (name, wrapping) = unwrapped(item);
            (name, format!("[{wrapping}]{mark}"))
        }
    }
}

/// A number that is not negative.
pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_tell_where_they_lead_and_how_many_there_are() {
        let shape = Shape::of_sdl(
            "type Query { a: A all(first: Int): [A!]! nodes(ids: [ID!]!): [N]! }
             interface N { id: ID! } union U = A type A implements N { id: ID! list: [A] top(first: Int! = 7): [A!]! }",
        )
        .unwrap();
        let size = |of: &str, name: &str| shape.field(of, name).map(|field| field.size);
        assert_eq!(size("Query", "a"), Some(Size::One));
        assert_eq!(size("Query", "all"), Some(Size::Page(page::DEFAULT)));
        assert_eq!(size("Query", "nodes"), Some(Size::OfArgument("ids")));
        assert_eq!(size("A", "list"), Some(Size::Fixed(USUAL)));
        assert_eq!(size("A", "top"), Some(Size::Page(7)));
        assert_eq!(shape.field("Query", "all").map(|field| field.wrapping.as_str()), Some("[!]!"));
        assert!(shape.is_object("A") && !shape.is_object("N") && !shape.is_object("U"));
        assert!(shape.is_composite("U") && !shape.is_composite("ID"));
    }
}
