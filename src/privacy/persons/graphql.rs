//! Exporting and erasing people in the API.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::Timestamp;

use super::{
    model::{Erase, Export, Exported},
    service,
};
use crate::{
    payload,
    people::users::{
        graphql::User,
        model::{self, ErasureReason},
    },
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Exports what is held of a person.
#[derive(Clone, InputObject)]
pub struct ExportPersonalDataInput {
    /// Of whom.
    user_id: ID,
    /// Taken as everywhere, but nothing is kept of an export: a retry is answered with what is held by then.
    idempotency_key: Option<String>,
}

impl MutationInput for ExportPersonalDataInput {
    type Command = Export;
    const OPERATION: &'static str = "exportPersonalData";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Export> {
        Ok(Export { id: parse::id(&self.user_id, "userId")? })
    }
}

payload! {
    /// Everything that is held of a person.
    ExportPersonalDataPayload from Exported as exported {
        /// All of it as JSON, by category: profile, sessions, invitations, trainings, what they did, and so on.
        document: String = exported.document,
        /// When it was so.
        exported_at: Timestamp = exported.at
    }
}

/// Erases a person.
#[derive(Clone, InputObject)]
pub struct ErasePersonInput {
    /// Whom.
    user_id: ID,
    /// Why.
    reason: ErasureReason,
    /// The version that you read; a change in between is refused.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ErasePersonInput {
    type Command = Erase;
    const OPERATION: &'static str = "erasePerson";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Erase> {
        Ok(Erase {
            id: parse::id(&self.user_id, "userId")?,
            reason: self.reason,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// What is left of the person.
    ErasePersonPayload from model::User as user {
        /// The pseudonym.
        user: User = User(user)
    }
}

/// Mutations about what is held of people.
#[derive(Default)]
pub struct PersonMutation;

#[Object]
impl PersonMutation {
    /// Everything that is held of a person, for their administrators and for themselves.
    async fn export_personal_data(
        &self,
        gql: &Context<'_>,
        input: ExportPersonalDataInput,
    ) -> AppResult<ExportPersonalDataPayload> {
        mutate(gql, input, service::export).await
    }

    /// Erases a person for ever: a pseudonym stays in their place, their sessions, names and addresses go, and the
    /// address may be used anew. A company's last administrator stays.
    async fn erase_person(&self, gql: &Context<'_>, input: ErasePersonInput) -> AppResult<ErasePersonPayload> {
        mutate(gql, input, service::erase).await
    }
}
