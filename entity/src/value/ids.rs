//! One type per kind of id, in one alphabetical registry. Inside they are UUIDs (version 7, so ordered by
//! creation); outside they are opaque global ids that begin with the kind's prefix.

use std::{fmt, str::FromStr};

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What every kind of id has in common.
pub trait TypedId: Copy + Eq + Send + Sync + 'static {
    /// The GraphQL type that the id belongs to.
    const KIND: &'static str;
    /// How a global id of this kind begins.
    const PREFIX: &'static str;
    /// The id around a UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

/// A text that is no global id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotThisKind {
    /// The GraphQL type whose id was wanted.
    pub wanted: &'static str,
}

impl fmt::Display for NotThisKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id of a {}", self.wanted)
    }
}

impl std::error::Error for NotThisKind {}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl TypedId for $name {
            const KIND: &'static str = $kind;
            const PREFIX: &'static str = $prefix;
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn uuid(self) -> Uuid { self.0 }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = NotThisKind;
            fn from_str(text: &str) -> Result<Self, NotThisKind> {
                parse_global(text, $prefix).map(Self).ok_or(NotThisKind { wanted: $kind })
            }
        }
    )*

        /// Every kind of id with its GraphQL type and prefix.
        pub const KINDS: &[(&str, &str)] = &[$(($kind, $prefix)),*];
    };
}

typed_ids! {
    /// Two accounts that may be the same customer.
    AccountDuplicateId = "AccountDuplicate", "dup";
    /// An end customer.
    AccountId = "Account", "acc";
    /// Something that belongs to an account: another name, a domain, a registry id, a reference, a reservation.
    AccountItemId = "AccountItem", "aci";
    /// A merge of two accounts.
    AccountMergeId = "AccountMerge", "mrg";
    /// One thing that happened at a partner and counts for its engagement.
    ActivityId = "Activity", "act";
    /// A text that partners accept.
    AgreementId = "Agreement", "agr";
    /// A partner's acceptance of an agreement.
    AgreementAcceptanceId = "AgreementAcceptance", "agc";
    /// A partner application.
    ApplicationId = "PartnerApplication", "app";
    /// A program of an integrator that calls the API.
    ApiClientId = "ApiClient", "cli";
    /// A secret of an API client.
    ApiClientSecretId = "ApiClientSecret", "sec";
    /// An audit event.
    AuditEventId = "AuditEvent", "aud";
    /// A joint business plan of a partner and the vendor for a year.
    BusinessPlanId = "BusinessPlan", "jbp";
    /// A completed course of one person.
    CompletionId = "TrainingCompletion", "cmp";
    /// A course.
    CourseId = "Course", "crs";
    /// A conflict about deal registrations.
    DealConflictId = "DealConflict", "cnf";
    /// A file that proves an item of evidence.
    EvidenceFileId = "EvidenceFile", "evf";
    /// An item of qualification evidence.
    EvidenceId = "EvidenceItem", "evi";
    /// An invitation to become a user.
    InvitationId = "Invitation", "inv";
    /// An entry of the ledger of market development funds.
    LedgerEntryId = "LedgerEntry", "len";
    /// A balanced transaction of the ledger of market development funds.
    LedgerTransactionId = "LedgerTransaction", "ltx";
    /// A mail that waits to be sent, or was.
    MailId = "OutboundMail", "mai";
    /// The allocation of a program's funds to a partner for a period.
    MdfAllocationId = "MdfAllocation", "mal";
    /// A claim for reimbursement.
    MdfClaimId = "MdfClaim", "mcl";
    /// A payment recorded by finance.
    MdfPaymentId = "MdfPayment", "mpy";
    /// A program of market development funds.
    MdfProgramId = "MdfProgram", "mpr";
    /// A request for market development funds.
    MdfRequestId = "MdfRequest", "mrq";
    /// A part of an approved claim that becomes payable by its own condition.
    MdfTrancheId = "MdfTranche", "mtr";
    /// Something that a person is told of.
    NotificationId = "Notification", "ntf";
    /// A step of an onboarding plan.
    OnboardingStepId = "OnboardingStep", "stp";
    /// A partner company.
    PartnerId = "Partner", "ptr";
    /// A wish for another e-mail address.
    AddressChangeId = "AddressChange", "adc";
    /// What a partner may sell where.
    PartnerAuthorisationId = "PartnerAuthorisation", "pau";
    /// Somebody to talk to at a partner.
    PartnerContactId = "PartnerContact", "pco";
    /// A request for a new password.
    PasswordResetId = "PasswordReset", "pwr";
    /// A product line of the vendor.
    ProductLineId = "ProductLine", "pln";
    /// A protection of an (account, product line).
    ProtectionId = "Protection", "prt";
    /// The receipt of a decision.
    ReceiptId = "DecisionReceipt", "rcp";
    /// A deal registration.
    RegistrationId = "DealRegistration", "reg";
    /// What a person proves beside their password.
    SecondFactorId = "SecondFactor", "sfa";
    /// A session of a signed-in user.
    SessionId = "Session", "ses";
    /// An attempt to sign on through the provider of identities.
    SignOnAttemptId = "SignOnAttempt", "soa";
    /// A part of the market that partners are responsible for.
    TerritoryId = "Territory", "ter";
    /// A monthly review of a partner's tier.
    TierReviewId = "TierReview", "trv";
    /// A person with an account of their own.
    UserId = "User", "usr";
    /// An offer of a place that has become free.
    WaitlistOfferId = "WaitlistOffer", "wlo";
}

/// Prefix, underscore, 32 hexadecimal digits in lower case: exactly one text per id.
fn parse_global(text: &str, prefix: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let canonical = digits.len() == 32 && !digits.bytes().any(|b| b.is_ascii_uppercase());
    canonical.then(|| Uuid::try_parse(digits).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_being_printed_and_names_its_kind() {
        let id = PartnerId(Uuid::from_u128(7));
        assert_eq!(id.to_string(), "ptr_00000000000000000000000000000007");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().parse::<UserId>(), Err(NotThisKind { wanted: "User" }));
    }

    #[test]
    fn other_spellings_of_an_id_are_refused() {
        for text in [
            "",
            "ptr_",
            "ptr_0000000000000000000000000000000G",
            "PTR_00000000000000000000000000000007",
            "ptr_0000000000000000000000000000000A",
            "ptr_00000000-0000-0000-0000-000000000007",
        ] {
            assert!(text.parse::<PartnerId>().is_err(), "{text}");
        }
    }

    #[test]
    fn prefixes_are_distinct() {
        let mut prefixes: Vec<_> = KINDS.iter().map(|(_, prefix)| prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), KINDS.len());
    }
}
