//! The words of agreements.

use entity::value::{AgreementAcceptanceId, AgreementId, AgreementState, PartnerId, PartnerType, Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub use super::states::AgreementAction;

/// What there is to know of a text without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// The text's id.
    pub id: AgreementId,
    /// The number that no other text has; later texts have larger ones.
    pub text_version: i32,
    /// For which type of partner it is; for every partner when none.
    pub partner_type: Option<PartnerType>,
    /// SHA-256 of the text, in lower-case hexadecimal.
    pub sha256: String,
    /// From when on it is in force.
    pub effective_at: Timestamp,
    /// Until when partners that accepted an earlier text accept this one; they need not when none.
    pub reacceptance_due_at: Option<Timestamp>,
}

/// A text that partners accept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// The number that no other text has.
    pub text_version: i32,
    /// For which type of partner it is; for every partner when none.
    pub partner_type: Option<PartnerType>,
    /// What it is called.
    pub title: String,
    /// The text.
    pub text: String,
    /// SHA-256 of the text, in lower-case hexadecimal.
    pub sha256: String,
    /// Where it is.
    pub state: AgreementState,
    /// From when on it is in force; none of a draft.
    pub effective_at: Option<Timestamp>,
    /// Until when partners that accepted an earlier text accept this one; they need not when none.
    pub reacceptance_due_at: Option<Timestamp>,
    /// Who wrote it.
    pub created_by: Option<UserId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Who published it.
    pub published_by: Option<UserId>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

/// That a partner accepted a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Its id.
    pub id: AgreementAcceptanceId,
    /// The text.
    pub agreement_id: AgreementId,
    /// The partner.
    pub partner_id: PartnerId,
    /// SHA-256 of the text that was accepted.
    pub sha256: String,
    /// Who accepted it in the partner's name.
    pub accepted_by: Option<UserId>,
    /// When.
    pub accepted_at: Timestamp,
}

/// How a partner stands to the text of one kind that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The text in force.
    pub heading: Heading,
    /// The partner's acceptance of this very text.
    pub acceptance: Option<Acceptance>,
    /// Whether the partner still has to accept it.
    pub outstanding: bool,
    /// Until when, if there is such a date.
    pub due_at: Option<Timestamp>,
}

impl Standing {
    /// Whether the date of grace has passed.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.outstanding && self.due_at.is_some_and(|due| due <= now)
    }
}

/// A text about to be written, or written anew.
#[derive(Clone, Debug)]
pub struct Wording {
    /// For which type of partner it is; for every partner when none.
    pub partner_type: Option<PartnerType>,
    /// What it is called.
    pub title: String,
    /// The text.
    pub text: String,
}

/// A draft is changed.
#[derive(Clone, Debug)]
pub struct ChangeDraft {
    /// The draft.
    pub id: AgreementId,
    /// What it says from now on.
    pub wording: Wording,
    /// The version that was read.
    pub expected_version: Option<i64>,
}

/// A draft is published.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The draft.
    pub id: AgreementId,
    /// From when on it is in force; at once when absent.
    pub effective_at: Option<Timestamp>,
    /// Until when partners that accepted an earlier text accept this one.
    pub reacceptance_due_at: Option<Timestamp>,
    /// The version that was read.
    pub expected_version: Option<i64>,
}

/// A text is accepted in a partner's name.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The text.
    pub id: AgreementId,
    /// SHA-256 of the text that was read.
    pub sha256: String,
}

/// What came of an acceptance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accepted {
    /// The text.
    pub agreement: Agreement,
    /// The acceptance.
    pub acceptance: Acceptance,
    /// The partner: active, if that was its last required step.
    pub partner: crate::onboarding::partners::model::Partner,
}

/// Which texts a list shows. What is empty excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct AgreementFilter {
    /// In one of these states.
    pub states: Vec<AgreementState>,
}

impl Agreement {
    /// What there is to know of a published text without reading it.
    #[must_use]
    pub fn heading(&self) -> Option<Heading> {
        Some(Heading {
            id: self.id,
            text_version: self.text_version,
            partner_type: self.partner_type,
            sha256: self.sha256.clone(),
            effective_at: self.effective_at?,
            reacceptance_due_at: self.reacceptance_due_at,
        })
    }

    /// The draft with other words.
    #[must_use]
    pub fn reworded(&self, wording: Wording, sha256: String) -> Self {
        let Wording { partner_type, title, text } = wording;
        Self { partner_type, title, text, sha256, version: self.version.saturating_add(1), ..self.clone() }
    }
}
