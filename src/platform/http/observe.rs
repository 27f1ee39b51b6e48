//! Around every request: its id, its line in the log, its numbers, the headers that browsers heed.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web,
};

use super::{metrics, server::App};
use crate::platform::telemetry::Stopwatch;

/// The header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// What the endpoint found out for the log.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    /// The operation's name, as the document has it.
    pub operation: Option<String>,
    /// Who called: an id, never a name or an address.
    pub caller: Option<String>,
}

/// Gives the request an id, lets it be answered, and tells of it.
pub async fn observe(
    app: web::Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let watch = Stopwatch::start();
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = match given.filter(|id| is_well_formed(id)) {
        Some(id) => id.to_owned(),
        None => app.services.ids.new_uuid().simple().to_string(),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.call(request).await?;
    let allowed = origin.filter(|origin| app.settings.cors_origins.iter().any(|allowed| origin == allowed.as_str()));
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    guard(headers);
    share(headers, allowed, &app);
    tell(&response, &id, &watch);
    Ok(response)
}

/// An id that somebody in front of us gave: short, and harmless wherever it is written.
fn is_well_formed(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn guard(headers: &mut HeaderMap) {
    let set = |headers: &mut HeaderMap, name, value| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    set(headers, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
}

/// Lets the pages of allowed origins read the answer.
fn share(headers: &mut HeaderMap, allowed: Option<HeaderValue>, app: &App) {
    if app.settings.cors_origins.is_empty() {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = allowed else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, apollo-require-preflight, content-type, graphql-preflight, idempotency-key, x-portal-csrf, x-request-id",
        ),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "x-request-id, retry-after"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn tell<B>(response: &ServiceResponse<B>, id: &str, watch: &Stopwatch) {
    let request = response.request();
    let noted = request.extensions().get::<Noted>().cloned().unwrap_or_default();
    let status = response.status().as_u16();
    let path = request.match_pattern().unwrap_or_else(|| "other".to_owned());
    let method = request.method().as_str();
    metrics::request(method, &path, status, watch);
    // Probes come every few seconds and say nothing while all is well.
    if path != "/graphql" && status < 400 {
        tracing::debug!(method, path, status, request_id = id, "a probe was answered");
        return;
    }
    tracing::info!(
        method,
        path,
        status,
        ms = watch.milliseconds(),
        operation = noted.operation.as_deref(),
        caller = noted.caller.as_deref(),
        request_id = id,
        "a request was answered"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_short_and_harmless() {
        for taken in ["0198c1f2-7a34", "a.b_c-d9", &"a".repeat(64)] {
            assert!(is_well_formed(taken), "{taken}");
        }
        for refused in ["", "short", "has space", "new\nline9", "<script>", &"a".repeat(65), "ümlaut-id"] {
            assert!(!is_well_formed(refused), "{refused}");
        }
    }
}
