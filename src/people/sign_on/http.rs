//! The addresses that browsers go through: to the provider, and back.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{StatusCode, header},
    web,
};
use serde::Deserialize;

use super::{
    model::{RETURN_SECONDS, Returned},
    service,
};
use crate::platform::{
    call::Call,
    error::AppError,
    http::{beside, endpoint, server::App},
};

/// Where a browser begins.
pub const PATH: &str = "/sign-on";

/// Where the provider sends it back to.
pub const CALLBACK: &str = "/sign-on/callback";

/// Ties an attempt to the browser that began it: a link with somebody else's code signs nobody in.
const COOKIE: &str = "__Host-sign-on";

/// Adds the addresses to a server.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route(PATH, web::get().to(begin)).route(CALLBACK, web::get().to(take_back));
}

/// What a browser asks for.
#[derive(Deserialize)]
struct Wish {
    #[serde(rename = "returnTo")]
    return_to: Option<String>,
    #[serde(default)]
    fresh: bool,
}

/// What the provider sends.
#[derive(Deserialize)]
struct Answer {
    state: String,
    code: Option<String>,
}

async fn begin(app: web::Data<App>, http: HttpRequest, wish: web::Query<Wish>) -> HttpResponse {
    let call = beside::call(&app, &http);
    if app.services.sign_on.is_none() {
        return endpoint::not_here(http).await;
    }
    match service::begin(&call, wish.return_to.as_deref(), wish.fresh).await {
        Ok(begun) => HttpResponse::SeeOther()
            .cookie(cookie(begun.browser, Duration::seconds(RETURN_SECONDS)))
            .insert_header((header::LOCATION, begun.address))
            .finish(),
        Err(error) => told(error, &call),
    }
}

async fn take_back(app: web::Data<App>, http: HttpRequest, answer: web::Query<Answer>) -> HttpResponse {
    let call = beside::call(&app, &http);
    if app.services.sign_on.is_none() {
        return endpoint::not_here(http).await;
    }
    let Answer { state, code } = answer.into_inner();
    let browser = http.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let gone = cookie(String::new(), Duration::ZERO);
    match service::take_back(&call, Returned { state, code, browser }).await {
        Ok(Some((landing, outcome))) => {
            let fragment = match outcome {
                Ok(code) => format!("signOnCode={code}"),
                Err(reason) => format!("signOnError={}", reason.word()),
            };
            let landing = format!("{landing}#{fragment}");
            HttpResponse::SeeOther().cookie(gone).insert_header((header::LOCATION, landing)).finish()
        }
        Ok(None) => {
            let text = "This sign-on is over, or was begun in another browser. Begin again.";
            plain(StatusCode::BAD_REQUEST, text)
        }
        Err(error) => told(error, &call),
    }
}

fn cookie(value: String, lasts: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .secure(true)
        .http_only(true)
        // Lax: the provider's redirect is a navigation from another site, and must bring it.
        .same_site(SameSite::Lax)
        .max_age(lasts)
        .finish()
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text)
}

fn told(error: AppError, call: &Call) -> HttpResponse {
    match error {
        AppError::Refused(_) => plain(StatusCode::BAD_REQUEST, "`returnTo` is a path of the portal, such as /deals."),
        AppError::RateLimited { retry_after } => {
            let mut response = plain(StatusCode::TOO_MANY_REQUESTS, "Too many attempts. Wait a while and try again.");
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(retry_after));
            response
        }
        AppError::Unauthenticated | AppError::Forbidden => plain(StatusCode::FORBIDDEN, "This is not allowed."),
        AppError::Unavailable(fault) | AppError::Transient(fault) | AppError::Internal(fault) => {
            let cause = fault.cause.as_str();
            tracing::error!(cause, request_id = call.origin.request_id, "a sign-on failed");
            plain(StatusCode::SERVICE_UNAVAILABLE, "Signing on does not work at the moment. Try again later.")
        }
    }
}
