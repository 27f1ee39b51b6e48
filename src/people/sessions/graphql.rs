//! Sessions in the API.

pub mod cookie;
pub mod own;

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    model::{Opened, Refresh, SignIn},
    service,
};
use crate::{
    payload,
    people::users::graphql::User,
    platform::{
        auth::tokens::ACCESS_TOKEN_SECONDS,
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
        http::browser::Browser,
    },
};

pub use cookie::Handover;
pub use own::{OwnSessionMutation, Session};

/// The tokens of a session.
#[derive(SimpleObject)]
pub struct Tokens {
    /// Send it with every request: `Authorization: Bearer …`.
    access_token: String,
    /// Seconds until the access token stops working.
    access_token_expires_in: i64,
    /// Exchange it with `refreshSession` for new tokens; it works once. Keep it secret. Null where the browser keeps it
    /// as a cookie.
    refresh_token: Option<String>,
}

impl From<Opened> for Tokens {
    fn from(opened: Opened) -> Self {
        Self {
            access_token: opened.access_token,
            access_token_expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: (!opened.refresh_token.is_empty()).then_some(opened.refresh_token),
        }
    }
}

/// Signs in.
#[derive(Clone, InputObject)]
pub struct SignInInput {
    /// Your e-mail address.
    email: String,
    /// Your password.
    password: String,
    /// If you have a second factor: a code of it, or one of your recovery codes. Without one you are asked for it, by
    /// `SECOND_FACTOR_CODE_REQUIRED`.
    code: Option<String>,
    /// What this device is called, for your list of sessions.
    device: Option<String>,
    /// For browsers: the refresh token becomes a cookie that no script can read, instead of being answered. Send
    /// `X-Portal-Csrf: 1`, from a page of an allowed origin.
    #[graphql(default)]
    use_cookie: bool,
    /// Makes a retry harmless: the same key and input is answered with the same session.
    idempotency_key: Option<String>,
}

impl MutationInput for SignInInput {
    type Command = SignIn;
    const OPERATION: &'static str = "signIn";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SignIn> {
        let (_, email_key) = parse::email(&self.email, "email")?;
        let device = self.device.map(|device| parse::line(&device, "device", 100)).transpose()?;
        Ok(SignIn { email_key, password: self.password, device, code: self.code })
    }
}

payload! {
    /// The signed-in user and the tokens of the new session.
    SignInPayload from Opened as opened {
        /// Who signed in.
        user: User = User(opened.user.clone()),
        /// The tokens of the new session.
        tokens: Tokens = Tokens::from(opened)
    }
}

/// Exchanges a refresh token.
#[derive(Clone, InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token that you got last. Without one, the browser's cookie is exchanged; send `X-Portal-Csrf: 1`,
    /// from a page of an allowed origin.
    refresh_token: Option<String>,
    /// For browsers: the new refresh token becomes a cookie. It does so anyway when the old one was.
    #[graphql(default)]
    use_cookie: bool,
    /// Accepted as everywhere. A retry within ten seconds is harmless without one, and a theft after them with one.
    idempotency_key: Option<String>,
}

impl MutationInput for RefreshSessionInput {
    type Command = Refresh;
    const OPERATION: &'static str = "refreshSession";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Refresh> {
        Ok(Refresh { refresh_token: self.refresh_token })
    }
}

payload! {
    /// The new tokens of the session.
    RefreshSessionPayload from Opened as opened {
        /// Whose session it is.
        user: User = User(opened.user.clone()),
        /// The new tokens.
        tokens: Tokens = Tokens::from(opened)
    }
}

/// Ends the session.
#[derive(Clone, InputObject)]
pub struct SignOutInput {
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SignOutInput {
    type Command = ();
    const OPERATION: &'static str = "signOut";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<()> {
        Ok(())
    }
}

payload! {
    /// The session has ended.
    SignOutPayload from () as done {
        /// Always true.
        signed_out: bool = { let () = done; true }
    }
}

/// Mutations of sessions.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Signs in with address and password.
    async fn sign_in(&self, gql: &Context<'_>, input: SignInInput) -> AppResult<SignInPayload> {
        let handover = Handover::new(gql, input.use_cookie);
        mutate(gql, input, |call, command| handover.of(Box::pin(service::sign_in(call, command)))).await
    }

    /// Exchanges a refresh token for new tokens. Using a spent one again ends the session.
    async fn refresh_session(&self, gql: &Context<'_>, input: RefreshSessionInput) -> AppResult<RefreshSessionPayload> {
        let handover = Handover::new(gql, input.use_cookie || input.refresh_token.is_none());
        mutate(gql, input, |call, command| handover.refresh(call, command)).await
    }

    /// Ends the session of the access token that this is called with, and the one of the browser's cookie (send
    /// `X-Portal-Csrf: 1`, from a page of an allowed origin).
    async fn sign_out(&self, gql: &Context<'_>, input: SignOutInput) -> AppResult<SignOutPayload> {
        let browser = Browser::asking(gql);
        mutate(gql, input, |call, ()| cookie::sign_out(&browser, call)).await
    }
}
