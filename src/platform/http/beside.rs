//! What addresses beside GraphQL have in common with it: where a request comes from, bodies with limits.

use actix_web::{HttpRequest, http::header, web::Payload};

use super::{Settings, answer::Refused, body, endpoint, server::App};
use crate::platform::{auth::Caller, call::Call};

/// How long a form is at most, in bytes.
const FORM: usize = 8 * 1024;

/// A call by nobody in particular.
#[must_use]
pub fn call(app: &App, http: &HttpRequest) -> Call {
    let origin = endpoint::origin_of(app, http);
    Call::new(std::sync::Arc::clone(&app.services), Caller::Anonymous, origin)
}

/// The fields of a form.
///
/// # Errors
/// When the body is none, or is too long or too slow.
pub async fn form(app: &App, http: &HttpRequest, payload: Payload) -> Result<Vec<(String, String)>, Refused> {
    let announced = http.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media = announced.split(';').next().unwrap_or("").trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        body::abandon(payload);
        let status = actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refused::new(status, "Send a form.").closing());
    }
    let settings = Settings { body_bytes: FORM, body_time: app.settings.body_time, ..Settings::default() };
    let bytes = body::read(http, payload, &settings).await?;
    Ok(url::form_urlencoded::parse(&bytes).into_owned().collect())
}
