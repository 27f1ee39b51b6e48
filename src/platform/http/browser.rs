//! What a browser sends along by itself, and what it is told to keep: the refresh token as a cookie that no script
//! reads. A cookie comes with every request that any page makes, so it counts only where the request shows that a page
//! of ours made it.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{self, HeaderMap, HeaderName};
use async_graphql::Context;

use super::Settings;
use crate::{
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// The cookie. Its prefix makes browsers refuse it from other hosts, other paths and unprotected connections; they
/// take it on `http://localhost`, which they trust.
pub const COOKIE: &str = "__Host-portal-refresh";

/// The header that says that a script of an allowed page made the request: no form can send it, and a page of another
/// origin only when our answer to the browser's question allowed it.
pub const CSRF_HEADER: HeaderName = HeaderName::from_static("x-portal-csrf");

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The browser that a request comes from, if it is one.
#[derive(Debug, Default)]
pub struct Browser {
    cookie: Option<String>,
    is_ours: bool,
    told: Mutex<Option<String>>,
}

impl Browser {
    /// What the headers of a request show.
    #[must_use]
    pub fn of(headers: &HeaderMap, settings: &Settings) -> Self {
        Self { cookie: cookie(headers), is_ours: is_ours(headers, settings), told: Mutex::default() }
    }

    /// That of the request which is answered.
    #[must_use]
    pub fn asking(gql: &Context<'_>) -> Arc<Self> {
        gql.data_opt::<Arc<Self>>().cloned().unwrap_or_default()
    }

    /// Nothing, when a page of ours made the request.
    ///
    /// # Errors
    /// `ORIGIN_NOT_ALLOWED`.
    pub fn must_be_ours(&self) -> AppResult<()> {
        if self.is_ours {
            return Ok(());
        }
        let message = "The cookie is for pages of allowed origins: send `X-Portal-Csrf: 1`, from a page whose origin \
                       the server allows.";
        Err(AppError::refused(Code::OriginNotAllowed, message))
    }

    /// The refresh token that it keeps.
    ///
    /// # Errors
    /// `ORIGIN_NOT_ALLOWED` when there is one, and no page of ours made the request.
    pub fn refresh_token(&self) -> AppResult<Option<&str>> {
        if self.cookie.is_some() {
            self.must_be_ours()?;
        }
        Ok(self.cookie.as_deref())
    }

    /// Tells it to keep a refresh token for so many seconds.
    pub fn keep(&self, refresh_token: &str, seconds: i64) {
        self.tell(format!("{COOKIE}={refresh_token}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    }

    /// Tells it to forget the refresh token.
    pub fn forget(&self) {
        self.tell(format!("{COOKIE}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"));
    }

    /// What it is told with the answer, if anything.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, cookie: String) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(cookie);
    }
}

/// The value of our cookie, if there is exactly one: of two nobody knows which is ours.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let pairs =
        headers.get_all(header::COOKIE).filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == COOKIE);
    match (values.next(), values.next()) {
        (Some((_, value)), None) if !value.is_empty() => Some(value.to_owned()),
        _ => None,
    }
}

/// Whether a page of ours made the request: our header, and an origin that is our own or allowed.
fn is_ours(headers: &HeaderMap, settings: &Settings) -> bool {
    let only = |name: HeaderName| {
        let mut values = headers.get_all(name);
        let first = values.next();
        if values.next().is_some() { Err(()) } else { Ok(first.and_then(|value| value.to_str().ok())) }
    };
    let marked = only(CSRF_HEADER).is_ok_and(|value| value == Some("1"));
    let same_origin = only(FETCH_SITE).is_ok_and(|value| value == Some("same-origin"));
    let allowed = |origin: &str| {
        settings.own_origin.as_deref() == Some(origin) || settings.cors_origins.iter().any(|allowed| allowed == origin)
    };
    marked
        && match only(header::ORIGIN) {
            Ok(Some(origin)) => allowed(origin) || (same_origin && origin != "null"),
            Ok(None) => same_origin,
            Err(()) => false,
        }
}
