//! In which form an answer is wanted.

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/json`: errors in the document are answered with status 200.
    Json,
    /// `application/graphql-response+json`: they are answered with status 400.
    GraphqlResponse,
}

impl Form {
    /// The content type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    /// What the caller accepts; `None` when it is nothing that we have. Who does not say gets plain JSON.
    pub fn accepted(accept: Option<&str>) -> Option<Self> {
        let accept = accept.unwrap_or("*/*");
        let accept = if accept.trim().is_empty() { "*/*" } else { accept };
        let graphql = quality(accept, &["application/graphql-response+json"]);
        let json = quality(accept, &["application/json", "application/*", "*/*"]);
        match (graphql.unwrap_or(0), json.unwrap_or(0)) {
            (0, 0) => None,
            (graphql, json) if graphql >= json => Some(Self::GraphqlResponse),
            _ => Some(Self::Json),
        }
    }
}

/// Whether a page is wanted rather than data: what a browser's address line asks for.
pub fn wants_page(accept: Option<&str>) -> bool {
    accept.is_some_and(|accept| quality(accept, &["text/html"]).is_some_and(|quality| quality > 0))
}

/// How much (in thousandths) the most specific of these media types is wanted.
fn quality(accept: &str, names: &[&str]) -> Option<u32> {
    names.iter().find_map(|name| {
        accept.split(',').find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            if !parts.next()?.eq_ignore_ascii_case(name) {
                return None;
            }
            let quality = parts.find_map(|parameter| {
                let (key, value) = parameter.split_once('=')?;
                key.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
            });
            Some(quality.unwrap_or(1000))
        })
    })
}

fn thousandths(text: &str) -> u32 {
    match text.split_once('.') {
        None => {
            if text == "1" {
                1000
            } else {
                0
            }
        }
        Some(("1", _)) => 1000,
        Some((_, digits)) => {
            let digits: String = digits.chars().chain("000".chars()).take(3).collect();
            digits.parse().unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_the_accept_header() {
        use Form::{GraphqlResponse, Json};
        for (accept, form) in [
            (None, Some(Json)),
            (Some(""), Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("application/graphql-response+json"), Some(GraphqlResponse)),
            (
                Some("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"),
                Some(GraphqlResponse),
            ),
            (Some("application/graphql-response+json;q=0.5, application/json;q=0.75"), Some(Json)),
            (Some("application/graphql-response+json;q=0, */*"), Some(Json)),
            (Some("application/json;q=0, */*"), None),
            (Some("text/html"), None),
        ] {
            assert_eq!(Form::accepted(accept), form, "{accept:?}");
        }
        assert!(wants_page(Some("text/html,application/xhtml+xml,*/*;q=0.8")) && !wants_page(Some("*/*")));
    }
}
