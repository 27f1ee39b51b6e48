//! Looking at applications: inputs and payloads.

use async_graphql::{ID, InputObject};
use entity::value::ApplicationField;

use super::{
    super::model::{Application, Assign, RequestChanges},
    PartnerApplication,
    inputs::at_least_one,
};
use crate::{
    payload,
    platform::{
        error::AppResult,
        graphql::{mutation::MutationInput, parse},
    },
};

/// Gives an application to somebody.
#[derive(Clone, InputObject)]
pub struct AssignPartnerApplicationInput {
    /// The application.
    application_id: ID,
    /// The person, who may decide about applications; yourself when absent.
    assignee_id: Option<ID>,
    /// The version of the application that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AssignPartnerApplicationInput {
    type Command = Assign;
    const OPERATION: &'static str = "assignPartnerApplication";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Assign> {
        Ok(Assign {
            id: parse::id(&self.application_id, "applicationId")?,
            assignee: self.assignee_id.map(|id| parse::id(&id, "assigneeId")).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The application and who looks at it.
    AssignPartnerApplicationPayload from Application as application {
        /// The application.
        application: PartnerApplication = PartnerApplication::from(application)
    }
}

/// Asks the applicant for more.
#[derive(Clone, InputObject)]
pub struct RequestPartnerApplicationChangesInput {
    /// The application.
    application_id: ID,
    /// The fields in question; at least one. Only these can be changed with the answer.
    fields: Vec<ApplicationField>,
    /// The question, for the applicant, who reads it in a mail; at most 2,000 characters.
    message: String,
    /// The version of the application that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RequestPartnerApplicationChangesInput {
    type Command = RequestChanges;
    const OPERATION: &'static str = "requestPartnerApplicationChanges";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<RequestChanges> {
        Ok(RequestChanges {
            id: parse::id(&self.application_id, "applicationId")?,
            fields: at_least_one(self.fields, "fields")?.into_iter().collect(),
            message: parse::prose(&self.message, "message", 2_000)?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The application, waiting for the applicant.
    RequestPartnerApplicationChangesPayload from Application as application {
        /// The application.
        application: PartnerApplication = PartnerApplication::from(application)
    }
}
