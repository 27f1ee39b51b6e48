//! The list of one's sessions, and ending them.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{SessionId, Timestamp, UserId};

use crate::{
    payload,
    people::{
        sessions::{
            model::{self, SignOutEverywhere},
            service,
        },
        users::{graphql::User, model::User as Person},
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// One of your sessions.
pub struct Session(pub model::Session);

/// One of your sessions: a browser or device that you are signed in on. Nobody else sees it.
#[Object]
impl Session {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What the device was called when you signed in on it.
    async fn device(&self) -> Option<&str> {
        self.0.device.as_deref()
    }

    /// What the program that used it last calls itself (`User-Agent`).
    async fn user_agent(&self) -> Option<&str> {
        self.0.agent.as_deref()
    }

    /// The network address that it was used from last.
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// When you signed in.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it was used last, to within the ten minutes that an access token works.
    async fn last_used_at(&self) -> Timestamp {
        self.0.last_used_at
    }

    /// When it ends, however much it is used; it ends earlier when it is not used for two weeks.
    async fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// Whether it is the one that you ask with.
    async fn is_current(&self, gql: &Context<'_>) -> bool {
        gql.call().caller.signed_in().is_some_and(|user| user.session_id == self.0.id)
    }
}

/// Loads the caller's own sessions.
pub struct SessionLoader(Call);

impl Loader<SessionId> for SessionLoader {
    type Value = model::Session;
    type Error = AppError;

    async fn load(&self, ids: &[SessionId]) -> AppResult<HashMap<SessionId, model::Session>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|session| (session.id, session)).collect())
    }
}

impl Session {
    /// The caller's own session of an id; none when it is not theirs or has ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: SessionId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, SessionLoader).load_one(id).await?.map(Self))
    }
}

/// Ends one of your sessions.
#[derive(Clone, InputObject)]
pub struct EndSessionInput {
    /// Which one.
    session_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for EndSessionInput {
    type Command = SessionId;
    const OPERATION: &'static str = "endSession";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SessionId> {
        parse::id(&self.session_id, "sessionId")
    }
}

payload! {
    /// The session that ended.
    EndSessionPayload from model::Session as session {
        /// It does not work any more, on any device that has its tokens.
        session: Session = Session(session)
    }
}

/// Ends your sessions on all devices.
#[derive(Clone, InputObject)]
pub struct SignOutEverywhereInput {
    /// Whether the session that you ask with stays.
    #[graphql(default)]
    keep_current: bool,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SignOutEverywhereInput {
    type Command = SignOutEverywhere;
    const OPERATION: &'static str = "signOutEverywhere";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SignOutEverywhere> {
        Ok(SignOutEverywhere { keep_current: self.keep_current })
    }
}

payload! {
    /// Your sessions have ended.
    SignOutEverywherePayload from u64 as ended {
        /// How many ended.
        ended_count: i32 = i32::try_from(ended).unwrap_or(i32::MAX)
    }
}

/// Ends all sessions of somebody.
#[derive(Clone, InputObject)]
pub struct EndUserSessionsInput {
    /// Whose.
    user_id: ID,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for EndUserSessionsInput {
    type Command = UserId;
    const OPERATION: &'static str = "endUserSessions";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<UserId> {
        parse::id(&self.user_id, "userId")
    }
}

payload! {
    /// The person's sessions have ended.
    EndUserSessionsPayload from (Person, u64) as ended {
        /// The person.
        user: User = User(ended.0.clone()),
        /// How many ended.
        ended_count: i32 = i32::try_from(ended.1).unwrap_or(i32::MAX)
    }
}

/// Mutations that end sessions.
#[derive(Default)]
pub struct OwnSessionMutation;

#[Object]
impl OwnSessionMutation {
    /// Ends one of your own sessions, such as one on a device that you lost.
    async fn end_session(&self, gql: &Context<'_>, input: EndSessionInput) -> AppResult<EndSessionPayload> {
        mutate(gql, input, service::end).await
    }

    /// Signs you out on every device.
    async fn sign_out_everywhere(
        &self,
        gql: &Context<'_>,
        input: SignOutEverywhereInput,
    ) -> AppResult<SignOutEverywherePayload> {
        mutate(gql, input, service::sign_out_everywhere).await
    }

    /// Signs somebody out on every device: a partner's administrators their own people, the vendor's administrators
    /// anybody.
    async fn end_user_sessions(
        &self,
        gql: &Context<'_>,
        input: EndUserSessionsInput,
    ) -> AppResult<EndUserSessionsPayload> {
        mutate(gql, input, service::end_of_user).await
    }
}
