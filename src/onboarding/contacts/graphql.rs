//! Contacts in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{PartnerContactId, PartnerContactKind, PartnerId, Timestamp};

use super::{
    model::{self, Add, Remove, Update},
    service,
};
use crate::{
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            loaders,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Somebody to talk to at a partner.
pub struct PartnerContact(pub model::Contact);

/// Somebody to talk to at a partner: no user of the portal by it.
#[Object]
impl PartnerContact {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// What about.
    async fn kind(&self) -> PartnerContactKind {
        self.0.kind
    }

    /// The name of the person.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// Since when they are listed.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads contacts for the caller: by their ids, and by their partners.
pub struct ContactLoader(Call);

impl Loader<PartnerContactId> for ContactLoader {
    type Value = model::Contact;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerContactId]) -> AppResult<HashMap<PartnerContactId, model::Contact>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|found| (found.id, found)).collect())
    }
}

impl Loader<PartnerId> for ContactLoader {
    type Value = Vec<model::Contact>;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Contact>>> {
        let mut found: HashMap<PartnerId, Vec<model::Contact>> = HashMap::new();
        for contact in service::find_of_partners(&self.0, ids).await? {
            found.entry(contact.partner_id).or_default().push(contact);
        }
        Ok(found)
    }
}

impl PartnerContact {
    /// The contact of an id; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: PartnerContactId) -> AppResult<Option<Self>> {
        Ok(loaders::loader::<PartnerContactId, _>(gql, ContactLoader).load_one(id).await?.map(Self))
    }

    /// The contacts of a partner, loaded together with those of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(gql: &Context<'_>, id: PartnerId) -> AppResult<Vec<Self>> {
        let found = loaders::loader::<PartnerId, _>(gql, ContactLoader).load_one(id).await?;
        Ok(found.unwrap_or_default().into_iter().map(Self).collect())
    }
}

/// Adds a contact to a partner.
#[derive(Clone, InputObject)]
pub struct AddPartnerContactInput {
    /// The partner; your own when absent.
    partner_id: Option<ID>,
    /// What about.
    kind: PartnerContactKind,
    /// The name of the person.
    name: String,
    /// The e-mail address.
    email: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AddPartnerContactInput {
    type Command = Add;
    const OPERATION: &'static str = "addPartnerContact";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Add> {
        Ok(Add {
            partner_id: self.partner_id.map(|id| parse::id(&id, "partnerId")).transpose()?,
            kind: self.kind,
            name: parse::line(&self.name, "name", 200)?,
            email: parse::email(&self.email, "email")?.0,
        })
    }
}

payload! {
    /// The new contact.
    AddPartnerContactPayload from model::Contact as contact {
        /// The contact.
        contact: PartnerContact = PartnerContact(contact)
    }
}

/// Changes a contact; what is absent stays as it is.
#[derive(Clone, InputObject)]
pub struct UpdatePartnerContactInput {
    /// The contact.
    contact_id: ID,
    /// What about.
    kind: Option<PartnerContactKind>,
    /// The name of the person.
    name: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The version of the contact that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for UpdatePartnerContactInput {
    type Command = Update;
    const OPERATION: &'static str = "updatePartnerContact";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Update> {
        Ok(Update {
            id: parse::id(&self.contact_id, "contactId")?,
            kind: self.kind,
            name: self.name.map(|name| parse::line(&name, "name", 200)).transpose()?,
            email: self.email.map(|email| parse::email(&email, "email")).transpose()?.map(|(shown, _)| shown),
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The contact as it is now.
    UpdatePartnerContactPayload from model::Contact as contact {
        /// The contact.
        contact: PartnerContact = PartnerContact(contact)
    }
}

/// Removes a contact.
#[derive(Clone, InputObject)]
pub struct RemovePartnerContactInput {
    /// The contact.
    contact_id: ID,
    /// The version of the contact that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RemovePartnerContactInput {
    type Command = Remove;
    const OPERATION: &'static str = "removePartnerContact";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Remove> {
        Ok(Remove { id: parse::id(&self.contact_id, "contactId")?, expected_version: self.expected_version })
    }
}

payload! {
    /// The contact that was removed.
    RemovePartnerContactPayload from model::Contact as contact {
        /// Its id.
        removed_id: ID = contact.id.to_string().into()
    }
}

/// Mutations of contacts.
#[derive(Default)]
pub struct ContactMutation;

#[Object]
impl ContactMutation {
    /// Adds somebody to talk to at a partner: partners' administrators to their own, staff to any.
    async fn add_partner_contact(
        &self,
        gql: &Context<'_>,
        input: AddPartnerContactInput,
    ) -> AppResult<AddPartnerContactPayload> {
        mutate(gql, input, service::add).await
    }

    /// Changes somebody to talk to at a partner.
    async fn update_partner_contact(
        &self,
        gql: &Context<'_>,
        input: UpdatePartnerContactInput,
    ) -> AppResult<UpdatePartnerContactPayload> {
        mutate(gql, input, service::update).await
    }

    /// Removes somebody to talk to at a partner; nothing of the person is kept.
    async fn remove_partner_contact(
        &self,
        gql: &Context<'_>,
        input: RemovePartnerContactInput,
    ) -> AppResult<RemovePartnerContactPayload> {
        mutate(gql, input, service::remove).await
    }
}
