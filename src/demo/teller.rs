//! Tells the story through the API: somebody makes a mutation at an instant, and it has to be accepted.

use std::{str::FromStr, sync::Arc};

use async_graphql::{Request, Variables};
use entity::value::{Role, Timestamp, TypedId, UserId};
use serde_json::{Value, json};

use crate::{
    people::{
        second_factors::{self, model::SetPolicy},
        sessions,
        users::{
            self,
            model::{NewUser, User},
        },
    },
    platform::{
        auth::{Caller, SignedIn, policy::Action},
        call::{Call, Services},
        clock::{Clock, HandMovedClock},
        error::{AppError, AppResult},
        graphql::{loaders::Loaders, parse},
        origin::Origin,
    },
    schema::{self, PortalSchema},
};

/// Who tells.
pub struct Teller {
    schema: PortalSchema,
    pub(super) services: Arc<Services>,
    clock: Arc<HandMovedClock>,
}

impl Teller {
    /// Over services whose clock is moved by hand.
    pub fn new(services: Arc<Services>, clock: Arc<HandMovedClock>) -> Self {
        Self { schema: schema::builder().finish(), services, clock }
    }

    /// Moves the story to an instant.
    pub fn at(&self, instant: Timestamp) {
        self.clock.set(instant);
    }

    /// The present instant of the story.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Asks as somebody.
    pub async fn ask(&self, caller: &Caller, document: &str, variables: Value) -> AppResult<Value> {
        let call = Call::new(Arc::clone(&self.services), caller.clone(), Origin::inside("demo"));
        let request =
            Request::new(document).variables(Variables::from_json(variables)).data(call).data(Loaders::default());
        let response = self.schema.execute(request).await;
        if let Some(error) = response.errors.first() {
            return Err(AppError::internal(format!("the demo's story: {}: {document}", error.message)));
        }
        Ok(serde_json::to_value(response.data)?)
    }

    /// Makes a mutation; the payload, with `userErrors` in it when it was refused.
    pub async fn tried(&self, caller: &Caller, mutation: &str, input: Value, selection: &str) -> AppResult<Value> {
        let mut letters = mutation.chars();
        let name: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let document = format!(
            "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message field }} }} }}"
        );
        let mut data = self.ask(caller, &document, json!({ "input": input })).await?;
        Ok(data.get_mut(mutation).map(Value::take).unwrap_or_default())
    }

    /// Makes a mutation that has to be accepted.
    pub async fn done(&self, caller: &Caller, mutation: &str, input: Value, selection: &str) -> AppResult<Value> {
        let shown = input.to_string();
        let payload = self.tried(caller, mutation, input, selection).await?;
        match payload.get("userErrors").and_then(Value::as_array) {
            Some(errors) if errors.is_empty() => Ok(payload),
            errors => {
                Err(AppError::internal(format!("the demo's story: {mutation} was refused: {errors:?} for {shown}")))
            }
        }
    }

    /// Creates somebody past the API, as the operator's `create-admin` does.
    pub async fn create_user(&self, name: &str, email: &str, company: Option<&Caller>, role: Role) -> AppResult<User> {
        let call = Call::system(Arc::clone(&self.services), "demo");
        let (email, email_key) = parse::email(email, "email")?;
        let password_hash =
            self.services.passwords.hash(super::PASSWORD.to_owned(), self.services.ids.as_ref()).await?;
        let new = NewUser {
            partner_id: company.and_then(Caller::partner_id),
            email,
            email_key,
            name: name.to_owned(),
            roles: [role].into_iter().collect(),
            password_hash,
        };
        call.in_transaction(async |txn| users::create(txn, &call, Action::AcceptInvitation, new).await).await
    }

    /// Somebody signs in: a new session, and the caller that it makes. `like` lends the partner that they belong to.
    pub async fn signs_in(&self, user: &User, like: Option<&Caller>) -> AppResult<Caller> {
        let call = Call::system(Arc::clone(&self.services), "demo");
        let device = Some("demo".to_owned());
        let opened = call.in_transaction(async |txn| sessions::open(txn, &call, user.clone(), device).await).await?;
        Ok(Caller::User(SignedIn {
            user_id: user.id,
            session_id: opened.session_id,
            partner: like.and_then(|caller| caller.signed_in()).and_then(|user| user.partner),
            roles: user.roles.clone(),
        }))
    }

    /// Somebody who signed in before does so again: what pays asks for it.
    pub async fn is_back(&self, caller: &Caller) -> AppResult<Caller> {
        let call = Call::system(Arc::clone(&self.services), "demo");
        let missing = || AppError::internal("the demo's story: a person is missing");
        let id = caller.user_id().ok_or_else(missing)?;
        let user = users::find(&call, id).await?.ok_or_else(missing)?;
        self.signs_in(&user, Some(caller)).await
    }

    /// In this world a password is enough for everybody, so that it can be tried at once.
    pub async fn lets_everybody_in_by_password(&self) -> AppResult<()> {
        let call = Call::system(Arc::clone(&self.services), "demo");
        let policy = SetPolicy { second_factor_roles: Vec::new(), expected_version: None };
        second_factors::set_policy(call, policy).await.map(drop)
    }

    /// The person of a global id.
    pub async fn user(&self, id: &Value) -> AppResult<User> {
        let call = Call::system(Arc::clone(&self.services), "demo");
        let id = parsed::<UserId>(id)?;
        users::find(&call, id).await?.ok_or_else(|| AppError::internal("the demo's story: a person is missing"))
    }
}

/// An id out of an answer.
pub fn parsed<I: TypedId + FromStr>(id: &Value) -> AppResult<I> {
    id.as_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| AppError::internal(format!("the demo's story: {id} is no id of a {}", I::KIND)))
}
