//! Refresh tokens for browsers: as a cookie that no script reads, where they ask for it.

use std::sync::Arc;

use async_graphql::Context;

use crate::{
    kernel::code::Code,
    people::sessions::{
        model::{IDLE_DAYS, Opened, Refresh, SignOut},
        service,
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        http::browser::Browser,
    },
};

const DAY: i64 = 86_400;

/// How the refresh token of a session reaches its holder.
pub struct Handover {
    browser: Arc<Browser>,
    by_cookie: bool,
}

impl Handover {
    /// In the answer, or as a cookie.
    #[must_use]
    pub fn new(gql: &Context<'_>, by_cookie: bool) -> Self {
        Self { browser: Browser::asking(gql), by_cookie }
    }

    /// Hands over what a use case opens. A cookie is refused before anything is done, where a page may not have one.
    ///
    /// # Errors
    /// `ORIGIN_NOT_ALLOWED`; those of the use case.
    pub async fn of(&self, opening: impl Future<Output = AppResult<Opened>>) -> AppResult<Opened> {
        if !self.by_cookie {
            return opening.await;
        }
        self.browser.must_be_ours()?;
        let opened = opening.await?;
        self.browser.keep(&opened.refresh_token, IDLE_DAYS.saturating_mul(DAY));
        Ok(Opened { refresh_token: String::new(), ..opened })
    }

    /// Exchanges the refresh token of the input, or else the one in the cookie.
    ///
    /// # Errors
    /// `ORIGIN_NOT_ALLOWED`; those of the use case.
    pub async fn refresh(&self, call: Call, command: Refresh) -> AppResult<Opened> {
        if let Some(token) = command.refresh_token {
            return self.of(Box::pin(service::refresh(call, token))).await;
        }
        let Some(kept) = self.browser.refresh_token()? else {
            let message = "There is no refresh token, neither in the input nor in a cookie. Sign in.";
            return Err(AppError::invalid("refreshToken", Code::InvalidToken, message));
        };
        let outcome = self.of(Box::pin(service::refresh(call, kept.to_owned()))).await;
        if matches!(outcome, Err(AppError::Refused(_))) {
            self.browser.forget();
        }
        outcome
    }
}

/// Ends the session of the access token, and the one of the cookie; the browser forgets it.
///
/// # Errors
/// `Unauthenticated` for nobody; `ORIGIN_NOT_ALLOWED`.
pub async fn sign_out(browser: &Browser, call: Call) -> AppResult<()> {
    let kept = match browser.refresh_token() {
        // An access token is proof enough for its own session.
        Err(_) if call.caller.signed_in().is_some() => None,
        other => other?,
    };
    service::sign_out(call, SignOut { refresh_token: kept.map(str::to_owned) }).await?;
    if kept.is_some() {
        browser.forget();
    }
    Ok(())
}
