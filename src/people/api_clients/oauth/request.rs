//! Reading a request for a token: RFC 6749, sections 2.3.1 and 4.4.2.

use actix_web::http::header::{self, HeaderMap};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use entity::value::{ApiClientId, ClientScopes};

use super::Refusal;

/// A client that asks for a token.
#[derive(Debug)]
pub struct Asked {
    /// Who it says it is.
    pub client_id: ApiClientId,
    /// Its secret.
    pub secret: String,
    /// What the token shall be good for, if it says.
    pub scopes: Option<ClientScopes>,
}

impl Asked {
    /// Reads the header and the form of a request.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(headers: &HeaderMap, form: &[(String, String)]) -> Result<Self, Refusal> {
        let (header, in_form) = (basic(headers)?, (one(form, "client_id")?, one(form, "client_secret")?));
        let (client_id, secret) = match (header, in_form) {
            (Some(_), (_, Some(_))) => {
                return Err(Refusal::InvalidRequest("Send the secret in the header or in the form, not in both."));
            }
            (Some((id, _)), (Some(other), None)) if id != other => {
                return Err(Refusal::InvalidRequest("The header and the form name different clients."));
            }
            (Some(given), _) => given,
            (None, (Some(id), Some(secret))) => (id.to_owned(), secret.to_owned()),
            (None, _) => return Err(Refusal::InvalidClient),
        };
        match one(form, "grant_type")? {
            Some("client_credentials") => {}
            Some(_) => return Err(Refusal::UnsupportedGrantType),
            None => return Err(Refusal::InvalidRequest("`grant_type` is missing.")),
        }
        let scopes = one(form, "scope")?.map(scopes).transpose()?;
        Ok(Self { client_id: client_id.parse().map_err(|_| Refusal::InvalidClient)?, secret, scopes })
    }
}

/// A parameter that is there once at most; an empty one is as good as none.
fn one<'a>(form: &'a [(String, String)], name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut values = form.iter().filter(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::InvalidRequest("A parameter is given twice."));
    }
    Ok(first.filter(|value| !value.is_empty()))
}

/// The client and its secret in the Authorization header, if there is one.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let mut given = headers.get_all(header::AUTHORIZATION);
    let Some(first) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Refusal::InvalidRequest("There are two Authorization headers."));
    }
    let read = || {
        let (scheme, encoded) = first.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((decoded(id)?, decoded(secret)?))
    };
    read().map(Some).ok_or(Refusal::InvalidClient)
}

/// One value, encoded as in a form.
fn decoded(text: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(text.as_bytes());
    let (value, _) = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}

fn scopes(text: &str) -> Result<ClientScopes, Refusal> {
    ClientScopes::from_oauth(text).ok_or(Refusal::InvalidScope)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const ID: &str = "cli_00000000000000000000000000000007";

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn with_header(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        headers
    }

    fn basic_of(text: &str) -> HeaderMap {
        with_header(&format!("Basic {}", STANDARD.encode(text)))
    }

    fn word(read: Result<Asked, Refusal>) -> &'static str {
        match read {
            Ok(_) => "ok",
            Err(Refusal::InvalidRequest(_)) => "invalid_request",
            Err(Refusal::InvalidClient) => "invalid_client",
            Err(Refusal::UnsupportedGrantType) => "unsupported_grant_type",
            Err(Refusal::InvalidScope) => "invalid_scope",
            Err(Refusal::Other(_)) => "other",
        }
    }

    #[test]
    fn requests_are_read_as_the_standard_says() {
        let grant = ("grant_type", "client_credentials");
        let own = [grant, ("client_id", ID), ("client_secret", "s")];
        let none = HeaderMap::new();
        let both = basic_of(&format!("{ID}:s"));
        for (headers, pairs, expected) in [
            (&none, &own[..], "ok"),
            (&both, &own[..1], "ok"),
            (&both, &own[..2], "ok"),
            (&both, &own[..], "invalid_request"),
            (&both, &[grant, ("client_id", "cli_0")], "invalid_request"),
            (&both, &[], "invalid_request"),
            (&both, &[grant, grant], "invalid_request"),
            (&both, &[("grant_type", "password")], "unsupported_grant_type"),
            (&both, &[grant, ("scope", "deals:read  training:write")], "ok"),
            (&both, &[grant, ("scope", "deals:approve")], "invalid_scope"),
            (&both, &[grant, ("scope", "DEALS_READ")], "invalid_scope"),
            (&none, &own[..2], "invalid_client"),
            (&none, &own[..1], "invalid_client"),
            (&basic_of("cli_x:s"), &own[..1], "invalid_client"),
            (&basic_of("no colon"), &own[..1], "invalid_client"),
            (&with_header("Bearer ppk_x"), &own[..1], "invalid_client"),
            (&with_header("Basic %%%"), &own[..1], "invalid_client"),
        ] {
            assert_eq!(word(Asked::read(headers, &form(pairs))), expected, "{headers:?} {pairs:?}");
        }
    }

    #[test]
    fn what_is_encoded_in_the_header_is_decoded() {
        let headers = basic_of(&format!("{}:a%2Bb+c", ID.replace('_', "%5F")));
        let asked = Asked::read(&headers, &form(&[("grant_type", "client_credentials")])).unwrap();
        assert_eq!((asked.client_id.to_string().as_str(), asked.secret.as_str()), (ID, "a+b c"));
    }
}
