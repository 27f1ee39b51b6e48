//! What a request asks for, by POST or by GET.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{answer::Refused, variables::Distinct};

/// The parameters of a GraphQL request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The document, unless the extensions name it by its hash.
    #[serde(default)]
    pub query: Option<String>,
    /// Which of its operations.
    #[serde(default)]
    pub operation_name: Option<String>,
    /// The values of its variables.
    #[serde(default)]
    pub variables: Option<Distinct>,
    /// Anything else; we know of `persistedQuery`.
    #[serde(default)]
    extensions: Option<Map<String, Value>>,
}

/// An operation's name by its hash.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersistedQuery {
    /// The version of the protocol: 1.
    pub version: u64,
    /// The hash.
    pub sha256_hash: String,
}

impl Asked {
    /// The hash that names the document, if one does.
    ///
    /// # Errors
    /// A sentence when it is malformed.
    pub fn persisted_query(&mut self) -> Result<Option<PersistedQuery>, &'static str> {
        let Some(given) = self.extensions.as_mut().and_then(|extensions| extensions.remove("persistedQuery")) else {
            return Ok(None);
        };
        let read = serde_json::from_value(given);
        read.map(Some).map_err(|_| "`extensions.persistedQuery` has `version` (a number) and `sha256Hash` (a text).")
    }
}

fn bad(message: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, message)
}

/// Refuses a POST whose body is not announced as JSON in UTF-8: a browser sends other types without asking first.
///
/// # Errors
/// 415.
pub fn is_json(http: &HttpRequest) -> Result<(), Refused> {
    let announced = http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut parts = announced.split(';').map(str::trim);
    let json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    let encoded = http.headers().contains_key(header::CONTENT_ENCODING);
    if json && utf8 && !encoded {
        return Ok(());
    }
    let message = "Send the request as JSON in UTF-8, with the header `Content-Type: application/json`.";
    Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

/// The parameters in a JSON body.
///
/// # Errors
/// 400 when it is none, or a batch.
pub fn from_body(body: &[u8]) -> Result<Asked, Refused> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        return Err(bad("Send one request at a time: batches are not answered."));
    }
    if first != Some(&b'{') {
        return Err(bad("The body is a JSON object with the field `query`."));
    }
    // The error's text may repeat parts of the body, which can hold secrets: it is not shown.
    serde_json::from_slice(body).map_err(|error| {
        bad(&format!(
            "The body is a JSON object with `query` (a text), and maybe `operationName` (a text), `variables` and \
             `extensions` (objects). It names each field once. It went wrong at line {}, column {}.",
            error.line(),
            error.column()
        ))
    })
}

/// The parameters in the address.
///
/// # Errors
/// 400 when they are malformed or given twice.
pub fn from_address(query: &str) -> Result<Asked, Refused> {
    let mut asked = Asked::default();
    let mut seen = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if seen.contains(&name) {
            return Err(bad("A parameter is given twice."));
        }
        let object = || bad("`variables` and `extensions` are JSON objects.");
        match name.as_ref() {
            "query" => asked.query = Some(value.into_owned()),
            "operationName" if !value.is_empty() => asked.operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => asked.variables = serde_json::from_str(&value).map_err(|_| object())?,
            "extensions" if !value.is_empty() => {
                asked.extensions = serde_json::from_str(&value).map_err(|_| object())?;
            }
            _ => {}
        }
        seen.push(name);
    }
    Ok(asked)
}
