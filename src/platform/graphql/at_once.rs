//! Objects of long lists, resolved at once.
//!
//! The engine makes a future for every field of every object, and polls all of them. Most fields are there already:
//! for a page of fifty objects of ten fields that is most of the time that a request takes (docs/benchmarks.md). An
//! object that says its plain fields here is resolved without futures when nothing else is selected of it, and by the
//! engine as usual when something is.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::{ContainerType, resolve_container},
};

use crate::platform::call::Call;

/// An object that has some fields in its hands.
pub trait AtOnce {
    /// The name of the type in the schema.
    const TYPE: &'static str;

    /// The value of a field without arguments; `None` when it takes arguments, time or the database.
    fn field(&self, call: &Call, field: &Field) -> Option<Value>;
}

/// The object's selected fields; `None` when the engine has to look for one of them.
#[must_use]
pub fn object<T: AtOnce>(it: &T, call: &Call, selection: &SelectionSet) -> Option<Value> {
    let mut fields = IndexMap::with_capacity(selection.items.len());
    for selected in &selection.items {
        let Selection::Field(field) = &selected.node else { return None };
        let field = &field.node;
        if !field.arguments.is_empty() || !field.directives.is_empty() {
            return None;
        }
        let value = if field.name.node == "__typename" { text(T::TYPE) } else { it.field(call, field)? };
        // A name that is selected twice is merged: the engine knows how.
        if fields.insert(response_key(field), value).is_some() {
            return None;
        }
    }
    Some(Value::Object(fields))
}

fn response_key(field: &Field) -> Name {
    field.alias.as_ref().unwrap_or(&field.name).node.clone()
}

/// Resolves at once what can be, and lets the engine resolve the rest.
///
/// # Errors
/// Those of the fields.
pub async fn resolve<T: AtOnce, C: ContainerType>(
    ctx: &ContextSelectionSet<'_>,
    at_hand: &T,
    container: &C,
) -> ServerResult<Value> {
    match object(at_hand, ctx.data_unchecked::<Call>(), &ctx.item.node) {
        Some(value) => Ok(value),
        None => resolve_container(ctx, container).await,
    }
}

/// An object of a list, resolved at once where that can be.
pub struct AtHand<T>(pub T);

impl<T: AtOnce + ContainerType> OutputType for AtHand<T> {
    fn type_name() -> Cow<'static, str> {
        <T as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <T as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve(ctx, &self.0, &self.0).await
    }
}

/// What is null when it is absent.
#[must_use]
pub fn maybe<T>(value: Option<T>, make: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, make)
}

/// A text, as scalars and words are written.
#[must_use]
pub fn word(value: impl ToString) -> Value {
    Value::String(value.to_string())
}

/// A text that has no fields of its own.
#[must_use]
pub fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}
