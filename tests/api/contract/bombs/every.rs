//! The requests. `examples/bombs.rs` measures with the same ones.

use serde_json::{Value, json};

pub const TOO_MUCH: &str = "LIMIT_EXCEEDED";
pub const INVALID: &str = "INVALID_DOCUMENT";
pub const MALFORMED: &str = "BAD_REQUEST";

/// A request, and the code that refuses it.
pub struct Bomb {
    pub name: &'static str,
    pub body: String,
    pub code: &'static str,
}

fn bomb(name: &'static str, code: &'static str, document: impl Into<String>) -> Bomb {
    bomb_with(name, code, document, Value::Null)
}

fn bomb_with(name: &'static str, code: &'static str, document: impl Into<String>, variables: Value) -> Bomb {
    Bomb { name, code, body: json!({ "query": document.into(), "variables": variables }).to_string() }
}

fn doubling(levels: usize, end: &str) -> String {
    let fragments: String =
        (0..levels).map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1)).collect();
    format!("{{ ...f0 }} {fragments} fragment f{levels} on Query {{ {end} }}")
}

/// Every kind that we know of.
pub fn every() -> Vec<Bomb> {
    let nested = |open: &str, levels: usize| format!("{{ node(id: {}", open.repeat(levels));
    let many = |what: &str, count: usize| format!("{{ {} }}", what.repeat(count));
    let ids: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
    let fewer: Vec<&String> = ids.iter().take(2_000).collect();
    let aliased = |count: usize, field: &str| (0..count).map(|n| format!("a{n}: {field} ")).collect::<String>();
    let by_variable = |uses: usize| format!("query($i: [ID!]!) {{ {} }}", aliased(uses, "nodes(ids: $i) { id }"));
    let mut chain: String = (0..400).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1)).collect();
    chain.push_str("fragment f400 on Query { __typename }");
    let raw = |name, code, variables: String| Bomb {
        name,
        code,
        body: format!(r#"{{"query":"query($v: ID) {{ __typename }}","variables":{variables}}}"#),
    };
    vec![
        bomb("lists in lists", TOO_MUCH, nested("[", 1_340)),
        bomb("objects in objects", TOO_MUCH, nested("{a:", 1_240)),
        bomb("fields in fields", TOO_MUCH, "{a".repeat(5_000)),
        bomb("fields in fields that close", TOO_MUCH, format!("{}a{}", "{ a ".repeat(40), " }".repeat(40))),
        bomb("brackets only", TOO_MUCH, "(".repeat(50_000)),
        bomb("inline fragments in each other", TOO_MUCH, format!("{}a{}", "{ ... ".repeat(60), " }".repeat(60))),
        bomb("a deep default", TOO_MUCH, format!("query($v: I = {}", "[".repeat(2_000))),
        bomb("a deep argument of a directive", TOO_MUCH, format!("{{ a @skip(if: {}", "{a:".repeat(2_000))),
        bomb("fragments that double", TOO_MUCH, doubling(24, "__typename")),
        bomb(
            "fragments that double and are not used",
            TOO_MUCH,
            doubling(24, "__typename").replacen("{ ...f0 }", "{ __typename }", 1),
        ),
        bomb("fragments that double into nothing", INVALID, doubling(24, "...nothing")),
        bomb("fragments that double into inline ones", TOO_MUCH, doubling(24, "... { ... { __typename } }")),
        bomb("a chain of fragments", TOO_MUCH, format!("{{ ...f0 }} {chain}")),
        bomb("a fragment of itself", INVALID, "{ ...f } fragment f on Query { ...f }"),
        bomb(
            "fragments of each other",
            INVALID,
            "{ ...f } fragment f on Query { node(id: 1) { ...g } } fragment g on Node { id ...h } fragment h on Node { ...g }",
        ),
        bomb("a fragment of itself, not used", INVALID, "{ __typename } fragment f on Query { ...f }"),
        bomb("aliases", TOO_MUCH, many(&aliased(101, "__typename"), 1)),
        bomb("aliases by the thousand", TOO_MUCH, many(&aliased(3_000, "__typename"), 1)),
        bomb("one field again and again", TOO_MUCH, many("__typename ", 10_000)),
        bomb("one field, fewer times", TOO_MUCH, many("__typename ", 2_000)),
        bomb("directives", TOO_MUCH, many("__typename @include(if: true) ", 21)),
        bomb("directives on one field", TOO_MUCH, format!("{{ __typename {} }}", "@include(if: true) ".repeat(800))),
        bomb("unknown directives", TOO_MUCH, format!("{{ __typename {} }}", "@a ".repeat(2_400))),
        bomb("operations", TOO_MUCH, (0..1_000).map(|n| format!("query q{n} {{ __typename }} ")).collect::<String>()),
        bomb("mutations", TOO_MUCH, format!("mutation {{ {} }}", aliased(6, "signOut(input: {}) { signedOut }"))),
        bomb("guesses", TOO_MUCH, format!("mutation {{ {} }}", aliased(2, "signIn(input: {}) { user { id } }"))),
        bomb(
            "pages in pages",
            TOO_MUCH,
            "{ partners(first: 100) { nodes { dealRegistrations(first: 100) { nodes { partner { users { id name partner { name } } } } } } } }",
        ),
        bomb(
            "pages of 2^30",
            TOO_MUCH,
            "{ partners(first: 1073741824) { nodes { dealRegistrations(first: 1073741824) { nodes { partner { users(first: 1073741824) { id name } } } } } } }",
        ),
        bomb(
            "the schema of the schema",
            INVALID,
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        ),
        bomb("words without end", TOO_MUCH, "a ".repeat(30_000)),
        bomb("texts without number", TOO_MUCH, "\"\"\"\"\"\" ".repeat(8_000)),
        bomb("a text that does not end", INVALID, format!("{{ node(id: \"{}", "x".repeat(50_000))),
        bomb("quotes", TOO_MUCH, "\"".repeat(50_000)),
        bomb("escapes of nothing", INVALID, format!("{{ node(id: \"{}\") {{ id }} }}", "\\q".repeat(10_000))),
        bomb("escapes outside of a text", TOO_MUCH, format!("{{ node(id: {}) }}", "\\u0041".repeat(5_000))),
        bomb("a huge name", TOO_MUCH, format!("{{ {} }}", "x".repeat(60_000))),
        bomb("a huge number", TOO_MUCH, format!("{{ node(id: {}) {{ id }} ", "9".repeat(60_000))),
        bomb("a comment without end", INVALID, format!("#{}", "x".repeat(60_000))),
        bomb("fields that conflict", INVALID, "{ a: partner(id: 1) { x: name } a: partner(id: 1) { x: id } }"),
        bomb_with("a variable used a hundred times", TOO_MUCH, by_variable(100), json!({ "i": fewer })),
        bomb_with("a variable with 100,000 items used ten times", TOO_MUCH, by_variable(10), json!({ "i": ids })),
        bomb_with(
            "a text that is none",
            INVALID,
            "query($v: ID!) { node(id: $v) { id } }",
            json!({ "v": { "a": "x".repeat(50_000) } }),
        ),
        raw("a deep variable", MALFORMED, format!("{{\"v\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000))),
        raw(
            "a deep object in a variable",
            MALFORMED,
            format!("{{\"v\":{}1{}}}", "{\"a\":".repeat(5_000), "}".repeat(5_000)),
        ),
        raw("a variable given twice", MALFORMED, "{\"v\":1,\"v\":2}".to_owned()),
        Bomb {
            name: "a batch",
            code: MALFORMED,
            body: format!("[{}]", vec![r#"{"query":"{ __typename }"}"#; 500].join(",")),
        },
    ]
}
