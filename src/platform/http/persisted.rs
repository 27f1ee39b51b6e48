//! Operations that callers name by a hash instead of sending them: those that they sent once (Apollo's protocol of
//! automatic persisted queries), and those on the operator's list.

use std::{collections::HashMap, path::Path, sync::Arc};

use actix_web::http::StatusCode;
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{answer::Refused, negotiation::Form, request::Asked};

/// How many bytes of texts are kept that signed-in callers sent.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// The same for strangers, apart: they push out each other's only.
const STRANGERS_BYTES: u64 = 4 * 1024 * 1024;

/// A text counts as so many bytes at least, so that their number is bounded too.
const LEAST_WEIGHT: usize = 1_024;

/// The longest name of an operation on a list.
const LONGEST_NAME: usize = 128;

/// The operations of the operator's list, by their names: hashes of any kind.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    operations: HashMap<String, Arc<str>>,
    only: bool,
}

/// A manifest: `{hash: document}` as of Relay and the code generators, or Apollo's with a list of operations.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Apollo { operations: Vec<Operation> },
    Plain(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Listed {
    /// Reads a list: a manifest in JSON, or a folder with manifests and files of one operation each (`.graphql`).
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn read(path: &Path) -> Result<Self, String> {
        let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
        let mut listed = Self::default();
        if path.is_dir() {
            for entry in std::fs::read_dir(path).map_err(unreadable)? {
                listed.add_file(&entry.map_err(unreadable)?.path())?;
            }
        } else {
            listed.add_file(path)?;
        }
        if listed.operations.is_empty() {
            return Err(format!("{} has no operations", path.display()));
        }
        Ok(listed)
    }

    /// The same list, and whether nothing else is executed.
    #[must_use]
    pub fn exclusive(self, only: bool) -> Self {
        Self { only, ..self }
    }

    fn add_file(&mut self, path: &Path) -> Result<(), String> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if !matches!(ending, "json" | "graphql" | "gql") {
            return Ok(());
        }
        let text =
            std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        if ending != "json" {
            self.add(&hash_of(&text), &text);
            return Ok(());
        }
        let manifest = serde_json::from_str(&text)
            .map_err(|_| format!("{} is no manifest: neither {{hash: document}} nor Apollo's", path.display()))?;
        let operations = match manifest {
            Manifest::Apollo { operations } => operations.into_iter().map(|found| (found.id, found.body)).collect(),
            Manifest::Plain(operations) => operations,
        };
        for (name, text) in operations {
            self.add(&name, &text);
        }
        Ok(())
    }

    /// Lists an operation under a name and under its own hash.
    pub fn add(&mut self, name: &str, text: &str) {
        let text: Arc<str> = text.into();
        self.operations.insert(hash_of(&text), Arc::clone(&text));
        self.operations.insert(name.to_owned(), text);
    }

    /// The texts, each as often as it has names.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.operations.values().map(AsRef::as_ref)
    }

    fn has(&self, text: &str) -> bool {
        self.operations.contains_key(&hash_of(text))
    }
}

/// The texts that callers sent once, by their SHA-256 in hexadecimal.
#[derive(Clone)]
pub struct Persisted {
    kept: Cache<String, Arc<str>>,
    strangers: Cache<String, Arc<str>>,
}

impl Default for Persisted {
    fn default() -> Self {
        let weigh = |_: &String, text: &Arc<str>| u32::try_from(text.len().max(LEAST_WEIGHT)).unwrap_or(u32::MAX);
        let cache = |most| Cache::builder().weigher(weigh).max_capacity(most).build();
        Self { kept: cache(MOST_BYTES), strangers: cache(STRANGERS_BYTES) }
    }
}

/// The text of an operation, and the hash under which it is to be kept once it was executed.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub text: Arc<str>,
    /// The hash.
    pub learn: Option<String>,
}

impl Persisted {
    /// The text that a request means.
    ///
    /// # Errors
    /// When it has none, when its hash is another text's, or when the text is not on the list of operations.
    pub fn text_of(&self, asked: &mut Asked, listed: &Listed, form: Form) -> Result<Text, Refused> {
        let bad = |message: &str| Refused::new(StatusCode::BAD_REQUEST, message);
        let sent = asked.query.take();
        let Some(persisted) = asked.persisted_query().map_err(bad)? else {
            let sent =
                sent.ok_or_else(|| bad("Send the document in `query`, or its hash in `extensions.persistedQuery`."))?;
            if listed.only && !listed.has(&sent) {
                return Err(Refused::not_listed());
            }
            return Ok(Text { text: sent.into(), learn: None });
        };
        if persisted.version != 1 || persisted.sha256_hash.is_empty() || persisted.sha256_hash.len() > LONGEST_NAME {
            return Err(bad("`extensions.persistedQuery` has `version` 1 and `sha256Hash`."));
        }
        let name = persisted.sha256_hash;
        let on_list = listed.operations.get(&name);
        // Clients that must send a text send an empty one beside the hash.
        let sent = sent.filter(|text| !text.is_empty());
        match (sent, on_list) {
            (None, Some(text)) => Ok(Text { text: Arc::clone(text), learn: None }),
            (Some(sent), Some(text)) if *sent == **text => Ok(Text { text: Arc::clone(text), learn: None }),
            (Some(sent), _) if hash_of(&sent) != name => {
                Err(bad("The hash in `extensions.persistedQuery` is not that of `query`."))
            }
            _ if listed.only => Err(Refused::not_listed()),
            (Some(sent), _) => Ok(Text { text: sent.into(), learn: Some(name) }),
            (None, None) => match self.kept.get(&name).or_else(|| self.strangers.get(&name)) {
                Some(text) => Ok(Text { text, learn: None }),
                None => Err(Refused::not_persisted(form)),
            },
        }
    }

    /// Keeps a text whose operation was executed, of a `stranger` or of somebody who is signed in.
    pub fn keep(&self, hash: String, text: Arc<str>, stranger: bool) {
        let kept = if stranger { &self.strangers } else { &self.kept };
        kept.insert(hash, text);
    }
}

/// The SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn hash_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        hex.push(digit(byte >> 4));
        hex.push(digit(byte & 15));
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_every_form() {
        let folder = tempfile::tempdir().unwrap();
        for (file, content) in [
            ("relay.json", r#"{"abc": "{ a }"}"#),
            (
                "apollo.json",
                r#"{"format": "apollo-persisted-query-manifest", "version": 1,
                "operations": [{"id": "def", "name": "b", "type": "query", "body": "query b { b }"}]}"#,
            ),
            ("c.graphql", "{ c }"),
            ("README.md", "not an operation"),
        ] {
            std::fs::write(folder.path().join(file), content).unwrap();
        }
        let listed = Listed::read(folder.path()).unwrap();
        for name in ["abc", "def", &hash_of("{ a }"), &hash_of("query b { b }"), &hash_of("{ c }")] {
            assert!(listed.operations.contains_key(name), "{name}");
        }
        assert_eq!(Listed::read(&folder.path().join("relay.json")).unwrap().operations.len(), 2);
        std::fs::write(folder.path().join("wrong.json"), "[1]").unwrap();
        assert!(Listed::read(folder.path()).unwrap_err().contains("wrong.json"));
        assert!(Listed::read(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn a_hash_is_that_of_everybody_else() {
        assert_eq!(hash_of("{__typename}"), "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38");
    }

    #[test]
    fn strangers_push_out_each_others_texts_only() {
        let persisted = Persisted::default();
        persisted.keep("ours".into(), "{ ours }".into(), false);
        for number in 0..20_000 {
            persisted.keep(number.to_string(), "{ a }".into(), true);
        }
        persisted.strangers.run_pending_tasks();
        assert!(persisted.strangers.entry_count() <= STRANGERS_BYTES / 1_024);
        persisted.kept.run_pending_tasks();
        assert!(persisted.kept.get("ours").is_some() && persisted.kept.entry_count() == 1);
    }
}
