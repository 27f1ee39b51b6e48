//! Mutations of agreements.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::{PartnerType, Timestamp};

use super::{Agreement, AgreementAcceptance};
use crate::{
    onboarding::{
        agreements::{
            model::{self, Accept, Accepted, ChangeDraft, Publish, Wording},
            service,
        },
        partners::graphql::Partner,
        plans::graphql::mutations::sha256,
    },
    payload,
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// How long a text may be, in characters.
const LONGEST_TEXT: usize = 200_000;

/// Begins a text that partners will accept.
#[derive(Clone, InputObject)]
pub struct DraftAgreementInput {
    /// For which type of partner it is; for every partner when absent.
    partner_type: Option<PartnerType>,
    /// What it is called. At most 200 characters.
    title: String,
    /// The text. At most 200,000 characters.
    text: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Changes a draft: what it says from then on.
#[derive(Clone, InputObject)]
pub struct ChangeAgreementDraftInput {
    /// The draft.
    agreement_id: ID,
    /// For which type of partner it is; for every partner when absent.
    partner_type: Option<PartnerType>,
    /// What it is called. At most 200 characters.
    title: String,
    /// The text. At most 200,000 characters.
    text: String,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

fn wording(partner_type: Option<PartnerType>, title: &str, text: &str) -> AppResult<Wording> {
    Ok(Wording {
        partner_type,
        title: parse::line(title, "title", 200)?,
        text: parse::prose(text, "text", LONGEST_TEXT)?,
    })
}

impl MutationInput for DraftAgreementInput {
    type Command = Wording;
    const OPERATION: &'static str = "draftAgreement";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Wording> {
        wording(self.partner_type, &self.title, &self.text)
    }
}

impl MutationInput for ChangeAgreementDraftInput {
    type Command = ChangeDraft;
    const OPERATION: &'static str = "changeAgreementDraft";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<ChangeDraft> {
        Ok(ChangeDraft {
            id: parse::id(&self.agreement_id, "agreementId")?,
            wording: wording(self.partner_type, &self.title, &self.text)?,
            expected_version: self.expected_version,
        })
    }
}

/// Publishes a draft.
#[derive(Clone, InputObject)]
pub struct PublishAgreementInput {
    /// The draft.
    agreement_id: ID,
    /// From when on it is in force; at once when absent.
    effective_at: Option<Timestamp>,
    /// Until when partners that accepted an earlier text accept this one: after it has taken effect. When absent they
    /// need not.
    reacceptance_due_at: Option<Timestamp>,
    /// The version that you have read: refused when it changed since.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for PublishAgreementInput {
    type Command = Publish;
    const OPERATION: &'static str = "publishAgreement";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Publish> {
        Ok(Publish {
            id: parse::id(&self.agreement_id, "agreementId")?,
            effective_at: self.effective_at,
            reacceptance_due_at: self.reacceptance_due_at,
            expected_version: self.expected_version,
        })
    }
}

/// Accepts a text in your company's name.
#[derive(Clone, InputObject)]
pub struct AcceptAgreementInput {
    /// The text.
    agreement_id: ID,
    /// SHA-256 of the text that you have read, in hexadecimal.
    sha256: String,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for AcceptAgreementInput {
    type Command = Accept;
    const OPERATION: &'static str = "acceptAgreement";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Accept> {
        Ok(Accept { id: parse::id(&self.agreement_id, "agreementId")?, sha256: sha256(&self.sha256, "sha256")? })
    }
}

payload! {
    /// The draft that was begun.
    DraftAgreementPayload from model::Agreement as agreement {
        /// The draft.
        agreement: Agreement = Agreement(agreement)
    }
}

payload! {
    /// The draft that was changed.
    ChangeAgreementDraftPayload from model::Agreement as agreement {
        /// The draft.
        agreement: Agreement = Agreement(agreement)
    }
}

payload! {
    /// The text that was published.
    PublishAgreementPayload from model::Agreement as agreement {
        /// The text.
        agreement: Agreement = Agreement(agreement)
    }
}

payload! {
    /// What was accepted, and the partner that may have become active with it.
    AcceptAgreementPayload from Accepted as accepted {
        /// The text.
        agreement: Agreement = Agreement(accepted.agreement),
        /// The acceptance.
        acceptance: AgreementAcceptance = AgreementAcceptance(accepted.acceptance),
        /// The partner.
        partner: Partner = Partner(accepted.partner)
    }
}

/// Mutations of agreements.
#[derive(Default)]
pub struct AgreementMutation;

#[Object]
impl AgreementMutation {
    /// Begins a text that partners will accept. For channel operations.
    async fn draft_agreement(&self, gql: &Context<'_>, input: DraftAgreementInput) -> AppResult<DraftAgreementPayload> {
        mutate(gql, input, service::draft).await
    }

    /// Changes a draft. For channel operations.
    async fn change_agreement_draft(
        &self,
        gql: &Context<'_>,
        input: ChangeAgreementDraftInput,
    ) -> AppResult<ChangeAgreementDraftPayload> {
        mutate(gql, input, service::change).await
    }

    /// Publishes a draft, which never changes from then on. With `reacceptanceDueAt` every partner that it concerns
    /// accepts it until that date of grace; after it they start nothing new, unless the policy lets them. For channel
    /// operations.
    async fn publish_agreement(
        &self,
        gql: &Context<'_>,
        input: PublishAgreementInput,
    ) -> AppResult<PublishAgreementPayload> {
        mutate(gql, input, service::publish).await
    }

    /// Accepts a text that is in force for your company, naming the hash of what you have read. With the last one of
    /// them the step `SIGN_AGREEMENT` of the onboarding plan completes itself. For a partner's administrators.
    async fn accept_agreement(
        &self,
        gql: &Context<'_>,
        input: AcceptAgreementInput,
    ) -> AppResult<AcceptAgreementPayload> {
        mutate(gql, input, service::accept).await
    }
}
