//! Documents that were parsed, measured and executed before: asked again, they cost a look into a table.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};
use moka::sync::Cache;

use super::{
    limits::{
        Limits, Refusal,
        measure::{Measured, measure},
        merge, positions,
        scan::scan,
    },
    shape::Shape,
};

/// How many bytes of documents of signed-in callers are kept, parsed form included.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The same for strangers, apart: they push out each other's only.
const STRANGERS_BYTES: u64 = 8 * 1024 * 1024;

/// A parsed document takes so many times the bytes of its text, roughly.
const PARSED_FACTOR: usize = 24;

/// A document that may be executed.
#[derive(Debug)]
pub struct Prepared {
    /// The parsed document.
    pub document: ExecutableDocument,
    operations: HashMap<Option<Name>, Measured>,
}

/// The operation that a request selects.
#[derive(Clone, Copy, Debug)]
pub struct Selected<'a> {
    /// Its name.
    pub name: Option<&'a Name>,
    /// What is known of it.
    pub measured: Measured,
    /// The operation itself.
    pub definition: &'a OperationDefinition,
}

impl Prepared {
    /// Checks a text in the order that is safe: scan, parse, measure, compare.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_text(text: &str, limits: &Limits, introspection: bool, shape: &Shape) -> Result<Self, Refusal> {
        scan(text, limits)?;
        let document = parse_query(text).map_err(|error| Refusal::Invalid(shortened(&error.to_string())))?;
        let operations = measure(&document, limits, introspection)?;
        merge::check(&document, shape)?;
        positions::check(&document, shape)?;
        Ok(Self { document, operations })
    }

    /// The operation that `name` selects; the only one, without a name.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn select(&self, name: Option<&str>) -> Result<Selected<'_>, Refusal> {
        let (name, definition) = match (&self.document.operations, name) {
            (DocumentOperations::Single(operation), None) => (None, operation),
            (DocumentOperations::Multiple(operations), None) => {
                let mut every = operations.iter();
                match (every.next(), every.next()) {
                    (Some((name, operation)), None) => (Some(name), operation),
                    _ => return Err(Refusal::Invalid("Say with `operationName` which operation to run.".to_owned())),
                }
            }
            (DocumentOperations::Multiple(operations), Some(name)) if operations.contains_key(name) => {
                let found = operations.get_key_value(name);
                let (name, operation) = found.ok_or_else(|| unknown(name))?;
                (Some(name), operation)
            }
            (_, Some(name)) => return Err(unknown(name)),
        };
        let measured = self.operations.get(&name.cloned()).copied();
        let measured = measured.ok_or_else(|| unknown(name.map_or("", Name::as_str)))?;
        Ok(Selected { name, measured, definition: &definition.node })
    }
}

/// The parser's words repeat the line that they are about, however long it is.
fn shortened(words: &str) -> String {
    words.chars().take(400).collect()
}

fn unknown(name: &str) -> Refusal {
    let shown: String = name.chars().take(64).collect();
    Refusal::Invalid(format!("The document has no operation named {shown:?}."))
}

/// The documents of one process, the least used forgotten first.
#[derive(Clone, Debug)]
pub struct DocumentCache {
    kept: Cache<Arc<str>, Arc<Prepared>>,
    strangers: Cache<Arc<str>, Arc<Prepared>>,
}

impl Default for DocumentCache {
    fn default() -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Prepared>| {
            u32::try_from(text.len().saturating_mul(PARSED_FACTOR).saturating_add(2_048)).unwrap_or(u32::MAX)
        };
        let cache = |most| Cache::builder().weigher(weigh).max_capacity(most).build();
        Self { kept: cache(MOST_BYTES), strangers: cache(STRANGERS_BYTES) }
    }
}

impl DocumentCache {
    /// The document, if it was executed before.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Arc<Prepared>> {
        self.kept.get(text).or_else(|| self.strangers.get(text))
    }

    /// Keeps a document that was found valid, of a `stranger` or of somebody who is signed in.
    pub fn keep(&self, text: &str, prepared: Arc<Prepared>, stranger: bool) {
        let kept = if stranger { &self.strangers } else { &self.kept };
        kept.insert(text.into(), prepared);
    }

    /// How many documents are kept, for tests and metrics.
    #[must_use]
    pub fn len(&self) -> u64 {
        let count = |kept: &Cache<_, _>| {
            kept.run_pending_tasks();
            kept.entry_count()
        };
        count(&self.kept).saturating_add(count(&self.strangers))
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_by_its_bytes() {
        let cache = DocumentCache::default();
        let prepared = Arc::new(Prepared::from_text("{ a }", &Limits::default(), false, &Shape::default()).unwrap());
        for number in 0..200 {
            cache.keep(&format!("{{ a }} # {number} {}", "x".repeat(100_000)), Arc::clone(&prepared), false);
        }
        assert!(cache.len() <= MOST_BYTES / 2_400_000, "{} documents", cache.len());
    }

    #[test]
    fn strangers_push_out_each_others_documents_only() {
        let cache = DocumentCache::default();
        let prepared = Arc::new(Prepared::from_text("{ a }", &Limits::default(), false, &Shape::default()).unwrap());
        cache.keep("{ ours }", Arc::clone(&prepared), false);
        for number in 0..20_000 {
            cache.keep(&format!("{{ a }} # {number}"), Arc::clone(&prepared), true);
        }
        assert!(cache.get("{ ours }").is_some());
        assert!(cache.len() <= 1 + STRANGERS_BYTES / 2_048, "{} documents", cache.len());
    }

    #[test]
    fn an_operation_is_selected_by_its_name() {
        let two = Prepared::from_text("query a { x } mutation b { y z }", &Limits::default(), false, &Shape::default())
            .unwrap();
        assert_eq!(two.select(Some("b")).unwrap().measured.roots, 2);
        assert!(two.select(None).is_err() && two.select(Some("c")).is_err());
        let anonymous = Prepared::from_text("{ x }", &Limits::default(), false, &Shape::default()).unwrap();
        assert!(anonymous.select(None).is_ok() && anonymous.select(Some("a")).is_err());
    }
}
