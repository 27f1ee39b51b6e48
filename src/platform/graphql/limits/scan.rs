//! One linear pass over the text of a document, before the parser sees it: how many tokens, how deeply nested, and
//! whether an object literal names a field twice (the parser would keep the last one without a word).

use std::collections::HashSet;

use super::{Limits, Refusal, at_most};

/// An open bracket.
enum Open<'a> {
    /// `(`: what stands inside are values.
    Values,
    /// `{` among values: an object literal, with the names of its fields.
    Object(HashSet<&'a [u8]>),
    /// Any other.
    Other,
}

/// Refuses a text that has too many tokens or is nested too deeply for the parser.
///
/// # Errors
/// What is wrong with it.
pub fn scan(text: &str, limits: &Limits) -> Result<(), Refusal> {
    let mut rest = text.as_bytes();
    let mut tokens: u32 = 0;
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut values: u32 = 0;
    let mut word: Option<&[u8]> = None;
    while let Some((&first, tail)) = rest.split_first() {
        let mut this_word = None;
        rest = match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                rest = tail;
                continue;
            }
            b'#' => {
                rest = after_line(tail);
                continue;
            }
            b'"' => after_string(tail),
            b'(' => {
                values = values.saturating_add(1);
                open.push(Open::Values);
                tail
            }
            b'{' if values > 0 => {
                open.push(Open::Object(HashSet::new()));
                tail
            }
            b'{' | b'[' => {
                open.push(Open::Other);
                tail
            }
            b'}' | b']' | b')' => {
                if let Some(Open::Values) = open.pop() {
                    values = values.saturating_sub(1);
                }
                tail
            }
            b':' => {
                if let (Some(Open::Object(names)), Some(name)) = (open.last_mut(), word)
                    && !names.insert(name)
                {
                    let name = String::from_utf8_lossy(name);
                    return Err(Refusal::Invalid(format!("An object names its field {name:?} twice.")));
                }
                tail
            }
            b'.' => tail.strip_prefix(b"..").unwrap_or(tail),
            byte if in_word(byte) => {
                let (this, after) = split_at(rest, |byte| !in_word(byte));
                at_most(u32::try_from(this.len()).unwrap_or(u32::MAX), limits.word, "characters in a name")?;
                this_word = Some(this);
                after
            }
            _ => tail,
        };
        word = this_word;
        tokens = tokens.saturating_add(1);
        at_most(tokens, limits.tokens, "tokens")?;
        at_most(u32::try_from(open.len()).unwrap_or(u32::MAX), limits.nesting, "levels of brackets")?;
    }
    Ok(())
}

const fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80
}

fn split_at(bytes: &[u8], ends: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len());
    bytes.split_at(end)
}

fn after_line(bytes: &[u8]) -> &[u8] {
    split_at(bytes, |byte| byte == b'\n' || byte == b'\r').1
}

/// What follows a text whose opening quote has been read. One that does not end ends with its line: the parser
/// refuses it there.
fn after_string(bytes: &[u8]) -> &[u8] {
    if let Some(block) = bytes.strip_prefix(b"\"\"") {
        return after_block_string(block);
    }
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        match first {
            b'"' => return tail,
            b'\n' | b'\r' => return rest,
            b'\\' => rest = tail.split_first().map_or(tail, |(_, after)| after),
            _ => rest = tail,
        }
    }
    rest
}

fn after_block_string(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((_, tail)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(b"\"\"\"") {
            return after;
        }
        rest = rest.strip_prefix(b"\\\"\"\"").unwrap_or(tail);
    }
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> Option<Refusal> {
        scan(text, &Limits::default()).err()
    }

    fn too_much(text: &str) -> bool {
        matches!(refused(text), Some(Refusal::TooMuch(_)))
    }

    #[test]
    fn every_way_of_nesting_is_counted() {
        for (open, close) in [("{a", "}"), ("[", "]"), ("{a:", "}"), ("(", ")")] {
            let nested = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
            assert!(!too_much(&nested(50)), "{open}");
            assert!(too_much(&nested(51)), "{open}");
            assert!(too_much(&open.repeat(51)), "{open} that never closes");
        }
    }

    #[test]
    fn brackets_in_texts_and_comments_count_for_nothing() {
        let brackets = "[".repeat(200);
        for text in [
            format!("{{ a(b: \"{brackets}\") }}"),
            format!("{{ a(b: \"\\\"{brackets}\") }}"),
            format!("{{ a(b: \"\"\"{brackets} \" \\\"\"\" {brackets}\"\"\") }}"),
            format!("# {brackets}\n{{ a }}"),
        ] {
            assert_eq!(refused(&text), None, "{text}");
        }
    }

    #[test]
    fn nothing_hides_behind_a_text_that_does_not_end() {
        let brackets = "[".repeat(51);
        for text in [format!("\"\n{brackets}"), format!("\"\r{brackets}"), format!("\"\\\n{brackets}\"\n{brackets}")] {
            assert!(too_much(&text), "{text:?}");
        }
        assert!(too_much(&format!("\"\"{brackets}")), "an empty text is over at once");
        assert!(too_much(&format!("#\r{brackets}")), "a comment ends with its line");
    }

    #[test]
    fn tokens_are_counted() {
        assert!(!too_much(&"a ".repeat(5_000)));
        assert!(too_much(&"a ".repeat(5_001)));
        assert!(!too_much(&"a,".repeat(4_000)));
        assert!(too_much(&"...".repeat(5_001)));
        assert!(too_much(&"\"\"\"\"\"\" ".repeat(5_001)));
    }

    #[test]
    fn names_and_numbers_are_short() {
        for (text, long) in
            [("a".repeat(256), false), ("a".repeat(257), true), ("9".repeat(257), true), ("-".repeat(9_999), true)]
        {
            assert_eq!(too_much(&format!("{{ {text} }}")), long);
        }
        assert!(!too_much(&format!("{{ a(b: \"{}\") }}", "x".repeat(9_999))), "texts may be long");
    }

    #[test]
    fn an_object_literal_names_a_field_once() {
        assert!(matches!(refused("{ f(a: {x: 1, x: 2}) }"), Some(Refusal::Invalid(_))));
        assert!(matches!(refused("query($v: I = {x: {y: 1}, x: 2}) { f }"), Some(Refusal::Invalid(_))));
        assert_eq!(refused("{ f(a: {x: {x: 1}}, b: {x: 1}) { x: a x: a } }"), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[\\[\\]{}()\"\\\\#:.a \n\r\u{e9}]{0,200}") {
            let _answered = scan(&text, &Limits::default());
        }

        #[test]
        fn what_the_parser_accepts_is_nested_no_deeper_than_we_counted(text in "\\{(a|\\{|\\}|\\(b:|\\)|\\[|\\]|1|\"[\\[\"]?| |\n|#\\[){0,40}\\}") {
            let limits = Limits { nesting: 3, ..Limits::default() };
            if scan(&text, &limits).is_ok() && let Ok(document) = async_graphql::parser::parse_query(&text) {
                prop_assert!(super::super::measure::measure(&document, &limits, false).is_ok());
            }
        }
    }
}
