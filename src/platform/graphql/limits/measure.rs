//! How much a parsed document asks for, with every fragment measured once however often it is spread.

use std::{cell::RefCell, collections::HashMap};

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};

use super::{Limits, Refusal, at_most};

/// Fields of introspection that are lists of types or lead to them: inside each other they multiply.
const LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// What is known of one operation before it is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// How many root fields it has, `__typename` not counted.
    pub roots: u32,
}

/// The size of a selection, with the fragments in it.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    fields: u32,
    aliases: u32,
    directives: u32,
    /// Fields inside fields, introspection left out.
    depth: u32,
    /// Selections inside selections, fragments included.
    height: u32,
    /// Fields on this very level, fragments put in place.
    roots: u32,
    /// Those of them that are attempts at guessing.
    guesses: u32,
    /// Lists of introspection inside each other.
    lists: u32,
    /// How often introspection begins here, how deep it is and how many lists are inside each other.
    introspections: u32,
    introspection_depth: u32,
    introspection_lists: u32,
}

impl Size {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            height: self.height.max(other.height),
            roots: self.roots.saturating_add(other.roots),
            guesses: self.guesses.saturating_add(other.guesses),
            lists: self.lists.max(other.lists),
            introspections: self.introspections.saturating_add(other.introspections),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    fn directed(self, count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Self { directives: self.directives.saturating_add(count), ..self }
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    /// The sizes of fragments; `None` while one is being measured.
    known: RefCell<HashMap<&'a Name, Option<Size>>>,
}

/// Measures a document and refuses one that asks for too much. Returns what is known of each operation.
///
/// # Errors
/// What is wrong with it.
pub fn measure(
    document: &ExecutableDocument,
    limits: &Limits,
    introspection: bool,
) -> Result<HashMap<Option<Name>, Measured>, Refusal> {
    let operations = u32::try_from(document.operations.iter().len()).unwrap_or(u32::MAX);
    at_most(operations, limits.operations, "operations")?;
    let measure = Measure { document, limits, known: RefCell::default() };
    let mut fragments = Size::default();
    for name in document.fragments.keys() {
        fragments = fragments.and(measure.fragment(name, 0)?);
    }
    // Validation walks each fragment by itself too, whether it is used or not.
    at_most(fragments.fields, limits.fields.saturating_mul(5), "fields in its fragments")?;
    let mut measured = HashMap::new();
    let mut total = Size::default();
    for (name, operation) in document.operations.iter() {
        let operation = &operation.node;
        let variables = operation.variable_definitions.iter().map(|variable| variable.node.directives.len());
        let size = measure
            .selections(&operation.selection_set.node, 0)?
            .directed(operation.directives.len())
            .directed(variables.fold(0, usize::saturating_add));
        if operation.ty == OperationType::Mutation {
            at_most(size.roots, limits.mutations, "mutations")?;
            at_most(size.guesses, 1, "mutation that takes a secret")?;
        }
        measured.insert(name.cloned(), Measured { kind: operation.ty, roots: size.roots });
        total = total.and(size);
    }
    check(total, limits, introspection)?;
    Ok(measured)
}

fn check(total: Size, limits: &Limits, introspection: bool) -> Result<(), Refusal> {
    if total.introspections > 0 && !introspection {
        return Err(Refusal::NoIntrospection);
    }
    at_most(total.fields, limits.fields, "fields")?;
    at_most(total.aliases, limits.aliases, "aliases")?;
    at_most(total.directives, limits.directives, "directives")?;
    at_most(total.depth, limits.depth, "fields inside each other")?;
    at_most(total.introspections, limits.introspections, "looks at the schema")?;
    at_most(total.introspection_depth, limits.introspection_depth, "fields inside each other below the schema")?;
    at_most(total.introspection_lists, limits.introspection_lists, "lists of types inside each other")
}

impl<'a> Measure<'a> {
    fn selections(&self, set: &'a SelectionSet, level: u32) -> Result<Size, Refusal> {
        at_most(level, self.limits.nesting, "selections inside each other")?;
        let mut size = Size::default();
        for selection in &set.items {
            size = size.and(self.selection(&selection.node, level)?);
        }
        let size = Size { height: size.height.saturating_add(1), ..size };
        at_most(level.saturating_add(size.height), self.limits.nesting, "selections inside each other")?;
        Ok(size)
    }

    fn selection(&self, selection: &'a Selection, level: u32) -> Result<Size, Refusal> {
        let deeper = level.saturating_add(1);
        let directives = selection.directives().len();
        match selection {
            Selection::Field(Positioned { node: field, .. }) => {
                let inside = if field.selection_set.node.items.is_empty() {
                    Size::default()
                } else {
                    self.selections(&field.selection_set.node, deeper)?
                };
                Ok(self.field(field, inside).directed(directives))
            }
            Selection::InlineFragment(fragment) => {
                Ok(self.selections(&fragment.node.selection_set.node, deeper)?.directed(directives))
            }
            Selection::FragmentSpread(spread) => {
                Ok(self.fragment(&spread.node.fragment_name.node, deeper)?.directed(directives))
            }
        }
    }

    fn field(&self, field: &Field, inside: Size) -> Size {
        let name = field.name.node.as_str();
        let begins = matches!(name, "__schema" | "__type");
        let lists = inside.lists.saturating_add(u32::from(LISTS.contains(&name)));
        let deeper = |depth: u32| if depth == 0 { 0 } else { depth.saturating_add(1) };
        Size {
            fields: inside.fields.saturating_add(1),
            aliases: inside.aliases.saturating_add(u32::from(field.alias.is_some())),
            directives: inside.directives,
            depth: if begins { 0 } else { inside.depth.saturating_add(1) },
            height: inside.height,
            roots: u32::from(!name.starts_with("__")),
            guesses: u32::from(self.limits.guessing.contains(&name)),
            lists: if begins { 0 } else { lists },
            introspections: inside.introspections.saturating_add(u32::from(begins)),
            introspection_depth: if begins {
                inside.depth.max(inside.introspection_depth).saturating_add(1)
            } else {
                deeper(inside.introspection_depth)
            },
            introspection_lists: if begins {
                lists.max(inside.introspection_lists)
            } else {
                inside.introspection_lists
            },
        }
    }

    fn fragment(&self, name: &'a Name, level: u32) -> Result<Size, Refusal> {
        let known = self.known.borrow().get(name).copied();
        match known {
            Some(Some(size)) => {
                at_most(level.saturating_add(size.height), self.limits.nesting, "selections inside each other")?;
                return Ok(size);
            }
            Some(None) => return Err(Refusal::Invalid(format!("The fragment {:?} spreads itself.", name.as_str()))),
            None => {}
        }
        // Fragments that double and end in an unknown one have no fields to count, and are walked all the same.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            let shown: String = name.chars().take(64).collect();
            return Err(Refusal::Invalid(format!("The document has no fragment named {shown:?}.")));
        };
        self.known.borrow_mut().insert(name, None);
        let size = self.selections(&fragment.node.selection_set.node, level)?.directed(fragment.node.directives.len());
        self.known.borrow_mut().insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;

    fn measured(text: &str) -> Result<HashMap<Option<Name>, Measured>, Refusal> {
        let limits = Limits { guessing: &["signIn"], ..Limits::default() };
        measure(&parse_query(text).unwrap(), &limits, true)
    }

    fn too_much(text: &str) -> bool {
        matches!(measured(text), Err(Refusal::TooMuch(_)))
    }

    fn doubling(levels: usize) -> String {
        let fragments: String =
            (0..levels).map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1)).collect();
        format!("{{ ...f0 }} {fragments} fragment f{levels} on Query {{ __typename }}")
    }

    #[test]
    fn fragments_are_measured_as_they_expand() {
        assert!(measured(&doubling(8)).is_ok());
        assert!(too_much(&doubling(9)));
        assert!(too_much(&doubling(24)));
    }

    #[test]
    fn fragments_that_spread_themselves_are_refused() {
        for text in [
            "{ ...a } fragment a on Query { ...b } fragment b on Query { x { ...a } }",
            "{ x } fragment a on Q { ...a }",
        ] {
            assert!(matches!(measured(text), Err(Refusal::Invalid(_))), "{text}");
        }
        let unknown = doubling(24).replace("f24 on Query { __typename }", "f24 on Query { ...nothing }");
        assert!(matches!(measured(&unknown), Err(Refusal::Invalid(_))), "it would be walked 2^24 times");
        let chain: String = (0..400).map(|n| format!("fragment f{n} on Q {{ ...f{} }} ", n + 1)).collect();
        assert!(too_much(&format!("{{ ...f0 }} {chain} fragment f400 on Q {{ a }}")));
        assert!(too_much(&format!("{{ a }} {chain} fragment f400 on Q {{ a }}")), "unused ones too");
    }

    #[test]
    fn each_limit_holds_at_its_edge() {
        let nested = |levels: usize| format!("{}a{}", "{ a ".repeat(levels), " }".repeat(levels));
        let many = |count: usize, what: &str| format!("{{ {} }}", what.repeat(count));
        assert!(!too_much(&nested(12)) && too_much(&nested(13)));
        assert!(!too_much(&many(500, "__typename ")) && too_much(&many(501, "__typename ")));
        assert!(!too_much(&many(100, "b: a ")) && too_much(&many(101, "b: a ")));
        assert!(!too_much(&many(20, "a @skip(if: true) ")) && too_much(&many(21, "a @skip(if: true) ")));
        assert!(
            !too_much(&many(20, "... @skip(if: true) { a } ")) && too_much(&many(21, "... @skip(if: true) { a } "))
        );
        let operations = |count: usize| (0..count).map(|n| format!("query q{n} {{ a }} ")).collect::<String>();
        assert!(!too_much(&operations(5)) && too_much(&operations(6)));
        let mutations = |count: usize| format!("mutation {}", many(count, "a "));
        assert!(!too_much(&mutations(5)) && too_much(&mutations(6)));
        assert!(
            !too_much("mutation { signIn a a a a }")
                && too_much("mutation { a: signIn ...f } fragment f on M { signIn }")
        );
    }

    #[test]
    fn looking_at_the_schema_is_bounded_by_itself() {
        let of_type = format!("{}name{}", "ofType { ".repeat(9), " }".repeat(9));
        let usual = format!("{{ __schema {{ types {{ fields {{ args {{ type {{ {of_type} }} }} }} }} }} }}");
        assert!(measured(&usual).is_ok());
        assert!(too_much("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"));
        assert!(too_much(
            "{ __type(name: \"A\") { ...f } } fragment f on T { fields { type { ...g } } } fragment g on T { possibleTypes { interfaces { name } } }"
        ));
        assert!(too_much(&format!("{{ {} }}", "__schema { description } ".repeat(6))));
        let deep = |levels: usize| {
            format!("{{ __type(name: \"A\") {{ {}name{} }} }}", "ofType { ".repeat(levels), " }".repeat(levels))
        };
        assert!(!too_much(&deep(18)) && too_much(&deep(19)));
        let limits = Limits::default();
        assert_eq!(measure(&parse_query(&usual).unwrap(), &limits, false), Err(Refusal::NoIntrospection));
        assert!(measure(&parse_query("{ __typename }").unwrap(), &limits, false).is_ok());
    }

    proptest! {
        #[test]
        fn measuring_once_gives_what_walking_everything_gives(
            spreads in proptest::collection::vec(proptest::collection::vec(0usize..3, 1..4), 1..5)
        ) {
            // Fragment n spreads only later ones; its real size is what a walk of everything counts.
            let last = spreads.len();
            let mut text = "{ ...f0 } ".to_owned();
            for (n, steps) in spreads.iter().enumerate() {
                let inside: String = steps.iter().map(|step| format!("...f{} ", (n + 1 + step).min(last))).collect();
                text += &format!("fragment f{n} on Q {{ {inside}}} ");
            }
            text += &format!("fragment f{last} on Q {{ a }}");
            let mut sizes = vec![1u32; last + 1];
            for n in (0..last).rev() {
                sizes[n] = spreads[n].iter().map(|step| sizes[(n + 1 + step).min(last)]).sum();
            }
            let limits = Limits { fields: sizes[0], ..Limits::default() };
            let document = parse_query(&text).unwrap();
            let fits = limits.fields.saturating_mul(5) >= sizes.iter().sum();
            prop_assert_eq!(measure(&document, &limits, false).is_ok(), fits);
            let tight = Limits { fields: sizes[0] - 1, ..Limits::default() };
            prop_assert!(measure(&document, &tight, false).is_err());
        }
    }
}
