//! The direction of imports, read from the source: who may know whom.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The rooms from the bottom up. A room may import what stands above it in this list, and what is named behind it.
/// (`docs/architecture.md` draws the picture.)
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("platform", &["kernel"]),
    ("people", &["kernel", "platform"]),
    ("onboarding", &["kernel", "platform", "people"]),
    ("accounts", &["kernel", "platform", "people", "onboarding"]),
    ("deals", &["kernel", "platform", "people", "onboarding", "accounts"]),
    ("mdf", &["kernel", "platform", "people", "onboarding", "accounts", "deals"]),
    ("training", &["kernel", "platform", "people", "onboarding"]),
    ("engagement", &["kernel", "platform", "people", "onboarding", "accounts", "deals", "mdf", "training"]),
    ("lifecycle", &["kernel", "platform", "people", "onboarding", "accounts", "deals", "mdf"]),
    ("standing", &["kernel", "platform", "people", "onboarding", "accounts", "deals", "mdf", "training", "engagement"]),
    ("notifications", &["kernel", "platform", "people", "onboarding", "accounts", "deals"]),
    ("privacy", &["kernel", "platform", "people"]),
];

/// Files that put rooms together, and so may know every one: outside any room.
const COMPOSITION: &[&str] = &["app", "commands", "letters", "lib", "main", "reactions", "schema", "demo", "import"];

struct Source {
    path: PathBuf,
    room: String,
    file: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let room = path.iter().nth(1).unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
                let file = role(&path);
                // Tests beside the code may stand on anything.
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
                found.push(Source { path, room, file, text });
            }
        }
    }
    assert!(found.len() > 40, "the sources were not found");
    found
}

/// Which of the six files of a slice a path is (or belongs to, where the file became a folder).
fn role(path: &Path) -> String {
    let names: Vec<String> =
        path.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs").to_owned()).collect();
    names
        .iter()
        .rev()
        .find(|name| ["rules", "model", "service", "store", "graphql"].contains(&name.as_str()))
        .cloned()
        .unwrap_or_default()
}

/// Every `crate::a::b::c` in a source, groups (`use crate::{a::b, c}`) opened.
fn imports(text: &str) -> BTreeSet<Vec<String>> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        open(&code[at + "crate::".len()..], &mut Vec::new(), &mut found);
    }
    found
}

/// Reads one path or group from the beginning of `rest`; returns what is left behind it.
fn open<'a>(rest: &'a str, prefix: &mut Vec<String>, found: &mut BTreeSet<Vec<String>>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut rest) = rest.strip_prefix('{') {
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                return after;
            }
            let before = rest.len();
            rest = open(rest, prefix, found).trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest);
            if rest.len() == before {
                return rest;
            }
        }
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() {
        return rest;
    }
    prefix.push(name.to_owned());
    let after = match after.strip_prefix("::") {
        Some(deeper) => open(deeper, prefix, found),
        None => {
            found.insert(prefix.clone());
            match after.trim_start().strip_prefix("as ") {
                Some(alias) => alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
                None => after,
            }
        }
    };
    prefix.pop();
    after
}

/// Whether `path` is a GraphQL type that another slice publishes: the graph of types has cycles, the code below has none.
fn is_graphql_type(path: &[String]) -> bool {
    path.iter().any(|part| part == "graphql")
}

#[test]
fn imports_run_downwards_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        if COMPOSITION.contains(&source.room.as_str()) {
            continue;
        }
        let (_, allowed) = MAY_IMPORT.iter().find(|(room, _)| *room == source.room).unwrap_or_else(|| {
            panic!(
                "{} is in a room that has no place in the direction of imports: give it one in {}",
                source.path.display(),
                file!()
            )
        });
        for path in imports(&source.text) {
            let target = path[0].as_str();
            let known = MAY_IMPORT.iter().any(|(room, _)| *room == target);
            let between_graphs = source.file == "graphql" && is_graphql_type(&path) && source.room != "platform";
            let macros = path.len() == 1 && !known && !COMPOSITION.contains(&target);
            if target != source.room && !allowed.contains(&target) && !between_graphs && !macros {
                wrong.push(format!("{} imports crate::{}", source.path.display(), path.join("::")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these imports run upwards. A lower room must not know a higher one: publish a domain event and react in \
         src/reactions.rs, or move what both need down.\n{}",
        wrong.join("\n")
    );
}

#[test]
fn rules_and_models_are_pure() {
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| ["rules", "model"].contains(&source.file.as_str())) {
        for (word, why) in [
            ("sea_orm", "a decision must be replayable without a database"),
            ("async fn", "a decision never waits"),
            ("async move", "a decision never waits"),
            ("crate::platform::call", "a decision sees facts, not the call"),
            ("tracing::", "what a decision did is on its receipt"),
        ] {
            if source.text.contains(word) {
                wrong.push(format!("{} uses {word}: {why}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn graphql_doors_touch_no_tables_and_leak_no_errors() {
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| source.file == "graphql" && source.room != "platform") {
        for (word, why) in [
            ("sea_orm", "the door asks the service"),
            ("super::store", "the door asks the service"),
            ("async_graphql::Error", "errors become answers in platform/graphql/errors.rs only"),
            ("async_graphql::Result", "resolvers return AppResult"),
            (
                "-> AppResult<Option<",
                "a nullable field that can fail returns Option<AppResult<_>>, else its failure takes the whole parent with it",
            ),
        ] {
            // `load` is plumbing beside the resolvers, and `?` in a resolver unwraps it.
            let text: String =
                source.text.lines().filter(|line| !line.contains("fn load")).collect::<Vec<_>>().join("\n");
            if text.contains(word) {
                wrong.push(format!("{} has {word}: {why}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_slice_touches_the_inside_of_another() {
    let mut wrong = Vec::new();
    for source in sources() {
        let own: Vec<_> = source.path.iter().skip(1).map(|part| part.to_str().unwrap().to_owned()).collect();
        for path in imports(&source.text) {
            let inside = path.iter().position(|part| part == "store" || part == "service");
            if let Some(inside) = inside
                && inside > 0
                && (own.len() < inside || own[..inside] != path[..inside])
            {
                wrong.push(format!("{} imports crate::{}", source.path.display(), path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "use what the slice publishes in its mod.rs:\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_opens_groups() {
    let read: Vec<String> =
        imports("use crate::{a::{b, c::D as E}, f};\nlet x = crate::g::h();\n// crate::no\nuse $crate::never;")
            .into_iter()
            .map(|path| path.join("::"))
            .collect();
    assert_eq!(read, ["a::b", "a::c::D", "f", "g::h"]);
}
