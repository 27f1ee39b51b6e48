//! OAuth 2 for API clients: `/oauth/token` gives a client an access token for its secret (RFC 6749, section 4.4), and
//! `/.well-known/oauth-authorization-server` tells tools where that is (RFC 8414).

mod exchange;
mod request;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use entity::value::ClientScope;
use sea_orm::Iterable as _;
use serde_json::json;

use self::{
    exchange::{Granted, exchange},
    request::Asked,
};
use crate::platform::{
    error::AppError,
    http::{beside, server::App},
};

/// Adds these addresses to a server.
pub fn routes(config: &mut web::ServiceConfig) {
    let token = web::resource("/oauth/token").route(web::post().to(token)).default_service(web::to(other_method));
    config.service(token).route("/.well-known/oauth-authorization-server", web::get().to(metadata));
}

/// Why a client gets no token: the words of RFC 6749, section 5.2.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The request is not of the form that the standard wants.
    InvalidRequest(&'static str),
    /// The client is not known, its secret is wrong or does not work any more, or it calls from elsewhere.
    InvalidClient,
    /// Something else than client credentials was asked for.
    UnsupportedGrantType,
    /// A scope was asked for that is none, or that the client does not have.
    InvalidScope,
    /// Anything else: too many attempts, a fault.
    Other(AppError),
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

async fn token(app: web::Data<App>, http: HttpRequest, payload: web::Payload) -> HttpResponse {
    match answer(&app, &http, payload).await {
        Ok(granted) => {
            let body = json!({
                "access_token": granted.access_token,
                "token_type": "Bearer",
                "expires_in": granted.expires_in,
                "scope": granted.scopes.to_oauth(),
            });
            HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .insert_header((header::PRAGMA, "no-cache"))
                .json(body)
        }
        Err(refusal) => refused(&refusal),
    }
}

async fn answer(app: &App, http: &HttpRequest, payload: web::Payload) -> Result<Granted, Refusal> {
    let form = beside::form(app, http, payload).await.map_err(|_| {
        Refusal::InvalidRequest("Send the parameters as application/x-www-form-urlencoded, at most 8 KiB.")
    })?;
    let asked = Asked::read(http.headers(), &form)?;
    exchange(&beside::call(app, http), asked).await
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let (status, word, description, retry_after) = match refusal {
        Refusal::InvalidRequest(description) => (StatusCode::BAD_REQUEST, "invalid_request", *description, None),
        Refusal::InvalidClient => (
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The client is unknown, its secret is wrong or does not work any more, or it may not call from here.",
            None,
        ),
        Refusal::UnsupportedGrantType => {
            (StatusCode::BAD_REQUEST, "unsupported_grant_type", "Ask with grant_type=client_credentials.", None)
        }
        Refusal::InvalidScope => (
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            "A scope is unknown, or the client does not have it. Leave `scope` out for all that it has.",
            None,
        ),
        Refusal::Other(AppError::RateLimited { retry_after }) => (
            StatusCode::TOO_MANY_REQUESTS,
            "temporarily_unavailable",
            "Too many requests. Wait as long as Retry-After says.",
            Some(*retry_after),
        ),
        Refusal::Other(AppError::Unavailable(_) | AppError::Transient(_)) => {
            (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "Try again in a moment.", Some(1))
        }
        Refusal::Other(error) => {
            log(error);
            (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Something went wrong on our side.", None)
        }
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"partner-portal\", charset=\"UTF-8\""));
    }
    if matches!(refusal, Refusal::InvalidRequest(_)) {
        // There may be a body that nobody reads.
        response.force_close();
    }
    if let Some(seconds) = retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response.json(json!({ "error": word, "error_description": description }))
}

fn log(error: &AppError) {
    if let AppError::Internal(fault) = error {
        tracing::error!(cause = fault.cause, location = %fault.location, "a token could not be made");
    }
}

async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "POST"))
        .json(json!({ "error": "invalid_request", "error_description": "Tokens are asked for by POST." }))
}

async fn metadata(app: web::Data<App>) -> HttpResponse {
    let issuer = app.services.tokens.issuer();
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "scopes_supported": ClientScope::iter().map(ClientScope::oauth).collect::<Vec<_>>(),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }))
}
