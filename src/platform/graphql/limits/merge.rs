//! Whether what a document asks for under one name is one thing: the rule *field selection merging* of the GraphQL
//! specification. The engine's own check looks at one selection set at a time, so that
//! `{ a: partner(id: 1) { x: name } a: partner(id: 1) { x: id } }` slips through it.
//!
//! Fields under one name have to be of one shape wherever they stand, and the same field with the same arguments
//! where they can be answered by one object. Both are asked for whole groups at once, not for each pair, and the work
//! is bounded.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};

use super::Refusal;
use crate::platform::graphql::shape::{FieldShape, Shape};

/// How many fields are compared before the document is called too large. A document within the other limits needs
/// a few thousand.
const MOST: u32 = 50_000;

/// A field where it stands.
#[derive(Clone, Copy)]
struct Found<'a> {
    parent: &'a str,
    field: &'a Field,
    shape: Option<&'a FieldShape>,
}

/// The fields of a place by the names that they are answered under.
type Named<'a> = BTreeMap<&'a str, Vec<Found<'a>>>;

struct Merge<'a> {
    document: &'a ExecutableDocument,
    shape: &'a Shape,
    left: u32,
}

/// Refuses a document in which two fields would be answered under one name. It has been measured: its fragments end.
///
/// # Errors
/// The name, or that there is too much to compare.
pub fn check(document: &ExecutableDocument, shape: &Shape) -> Result<(), Refusal> {
    let mut merge = Merge { document, shape, left: MOST };
    for (_, operation) in document.operations.iter() {
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut named = Named::new();
        merge.collect(&operation.node.selection_set.node, root, &mut BTreeSet::new(), &mut named)?;
        merge.are_alike(&named)?;
        merge.are_the_same(&named)?;
    }
    Ok(())
}

impl<'a> Merge<'a> {
    /// Collects what a selection set asks for, with fragments put in place.
    fn collect(
        &mut self,
        set: &'a SelectionSet,
        parent: &'a str,
        spread: &mut BTreeSet<&'a str>,
        named: &mut Named<'a>,
    ) -> Result<(), Refusal> {
        for selection in &set.items {
            self.left = self.left.checked_sub(1).ok_or_else(too_much)?;
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let name = field.alias.as_ref().map_or(&field.name.node, |alias| &alias.node);
                    let shape = self.shape.field(parent, &field.name.node);
                    named.entry(name.as_str()).or_default().push(Found { parent, field, shape });
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let parent = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.collect(&fragment.node.selection_set.node, parent, spread, named)?;
                }
                Selection::FragmentSpread(found) => {
                    let name = &found.node.fragment_name.node;
                    // Twice in one place says nothing new.
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if spread.insert(name.as_str()) {
                        let parent = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(&fragment.node.selection_set.node, parent, spread, named)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What a group of fields asks for inside, as one.
    fn inside(&mut self, group: &[Found<'a>]) -> Result<Named<'a>, Refusal> {
        let (mut named, mut spread) = (Named::new(), BTreeSet::new());
        for found in group {
            let parent = found.shape.map_or("", |shape| shape.of.as_str());
            self.collect(&found.field.selection_set.node, parent, &mut spread, &mut named)?;
        }
        Ok(named)
    }

    /// Refuses fields of different shapes under one name, whichever objects answer them.
    fn are_alike(&mut self, named: &Named<'a>) -> Result<(), Refusal> {
        for (name, group) in named {
            let mut shapes = group.iter().filter_map(|found| found.shape);
            if let Some(first) = shapes.next()
                && shapes.any(|other| !self.alike(first, other))
            {
                return Err(conflict(name, "their types differ"));
            }
            let inside = self.inside(group)?;
            self.are_alike(&inside)?;
        }
        Ok(())
    }

    fn alike(&self, one: &FieldShape, other: &FieldShape) -> bool {
        let leaf = |shape: &FieldShape| !self.shape.is_composite(&shape.of);
        one.wrapping == other.wrapping && (one.of == other.of || !(leaf(one) || leaf(other)))
    }

    /// Refuses different fields, or different arguments, under one name where one object could answer them.
    fn are_the_same(&mut self, named: &Named<'a>) -> Result<(), Refusal> {
        for (name, group) in named {
            for group in self.of_common_parents(group) {
                if let Some((first, others)) = group.split_first() {
                    if others.iter().any(|other| other.field.name.node != first.field.name.node) {
                        return Err(conflict(name, "they are different fields"));
                    }
                    if others.iter().any(|other| !same_arguments(first.field, other.field)) {
                        return Err(conflict(name, "their arguments differ"));
                    }
                }
                let inside = self.inside(&group)?;
                self.are_the_same(&inside)?;
            }
        }
        Ok(())
    }

    /// The fields of each object type, each with those of interfaces and unions: they may be answered by it too.
    fn of_common_parents(&self, group: &[Found<'a>]) -> Vec<Vec<Found<'a>>> {
        let mut anywhere = Vec::new();
        let mut by_object: BTreeMap<&str, Vec<Found<'a>>> = BTreeMap::new();
        for found in group {
            if self.shape.is_object(found.parent) {
                by_object.entry(found.parent).or_default().push(*found);
            } else {
                anywhere.push(*found);
            }
        }
        if by_object.is_empty() {
            return vec![anywhere];
        }
        by_object.into_values().map(|own| anywhere.iter().copied().chain(own).collect()).collect()
    }
}

fn same_arguments(one: &Field, other: &Field) -> bool {
    one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            other.arguments.iter().any(|(other, given)| other.node == name.node && given.node == value.node)
        })
}

fn conflict(name: &str, why: &str) -> Refusal {
    let name: String = name.chars().take(64).collect();
    Refusal::Invalid(format!(
        "The fields under the name {name:?} conflict because {why}. Give one of them an alias to get both."
    ))
}

fn too_much() -> Refusal {
    Refusal::TooMuch("The document has too many fields under the same names. Split it.".to_owned())
}

#[cfg(test)]
mod tests;
