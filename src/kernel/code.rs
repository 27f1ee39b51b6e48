//! The codes that programs act on when something is refused: one enum for the whole API.
//!
//! `docs/errors.md` lists them with their ways out; a test compares the two.

use async_graphql::Enum;
use serde::{Deserialize, Serialize};

/// Why an input was not accepted. Programs branch on this; people read the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "UserErrorCode")]
pub enum Code {
    // ── bad input ──
    /// A value is missing that is required here.
    Required,
    /// A text or list is longer than allowed.
    TooLong,
    /// A text or list is shorter than allowed.
    TooShort,
    /// A value is not of the form that the field asks for.
    Malformed,
    /// A number, amount or date lies outside what is allowed.
    OutOfRange,
    /// No object with this id exists, or none that you may see.
    NotFound,

    // ── concurrency and retries ──
    /// The object changed since you read it. Read it again and decide anew.
    VersionConflict,
    /// The idempotency key was used before with another input. Use a new key.
    IdempotencyKeyReused,
    /// The object is in a state in which this cannot be done; `allowedActions` says what can.
    WrongState,

    // ── who may ──
    /// Your roles do not allow this.
    NotAllowed,
    /// Who asked for it may not also approve it, and who approved it may not pay it.
    FourEyes,
    /// The partner is not active: it starts nothing new.
    PartnerNotActive,

    // ── people ──
    /// The address and password do not match a user who may sign in.
    InvalidCredentials,
    /// The link or token is unknown, used, revoked or expired. Ask for a new one.
    InvalidToken,
    /// The request does not come from a page that may use the cookie.
    OriginNotAllowed,
    /// The code is wrong, used before, or of another moment. Try the next one.
    InvalidCode,
    /// The password is right, and a code of the second factor is needed too. Send it with the same input.
    SecondFactorCodeRequired,
    /// Your role asks for a second factor. Set one up, or sign in with its code.
    SecondFactorRequired,
    /// Prove once more that it is you, with `stepUp`, and do this within ten minutes.
    StepUpRequired,
    /// The password is too easy to guess.
    WeakPassword,
    /// The address belongs to a user already.
    AddressTaken,
    /// The company would be left without an administrator. Make somebody else one first.
    LastAdmin,
    /// The vendor's staff have staff roles and a partner's people have partner roles.
    RoleNotAvailable,
    /// The client has two secrets that work already. Revoke one of them first.
    TooManySecrets,

    // ── onboarding ──
    /// A partner with this registrable domain exists already.
    DomainTaken,
    /// The step completes itself when the thing happens; nobody marks it as done.
    StepCompletesItself,
    /// The agreement changed since you read it. Read the current version and sign that one.
    AgreementOutdated,
    /// This part can not be changed now; `editableFields` says what can.
    FieldNotEditable,
    /// The partner is authorised for this product line in this territory already. Revoke that first.
    AlreadyAuthorised,
    /// What was shown before is not what would happen any more. Look at the preview again.
    PreviewOutdated,
    /// A new version of an agreement waits for your company's acceptance, and its date of grace has passed: accept it first.
    AgreementOutstanding,
    /// The partner has a joint business plan of this year already. Change that one.
    BusinessPlanExists,

    // ── training ──
    /// The external id was recorded before with other values. Send a correction under an id of its own.
    ExternalIdReused,
    /// A course with this code and edition exists already.
    CourseExists,

    // ── accounts and deals ──
    /// This customer has an account already.
    AccountExists,
    /// A domain, registry id or reference leads to another account already.
    AccountIdentifierTaken,
    /// The account was merged into another one. Use that one.
    AccountMerged,
    /// An account cannot be its own ancestor, and hierarchies have a greatest depth.
    AccountHierarchy,
    /// It is reserved already. Release that reservation first.
    AlreadyReserved,
    /// Both accounts have something of which one may have only one. `previewAccountMerge` names it; resolve it first.
    MergeConflict,
    /// The time within which the merge could be undone is over.
    MergeUndoClosed,
    /// This code is taken.
    CodeTaken,
    /// The account is not available for this deal.
    AccountNotAvailable,
    /// You have an open registration for this account and product line already.
    OwnDuplicate,
    /// The evidence is not sufficient; the score shows what is missing.
    EvidenceInsufficient,
    /// You are completing the evidence of as many registrations as is possible at once. Complete or withdraw one first.
    HoldsUsedUp,
    /// The protection was extended as often as is possible.
    ExtensionsUsedUp,
    /// Nothing has moved since the protection was granted or extended last: advance the deal, or add a new interaction.
    NoProgress,
    /// The protection lasts as long as any may already.
    ProtectionTooLong,
    /// Staff: something stands against it. Look at it and decide about it by itself.
    NotClean,
    /// Staff: something was heard of the deal lately. The message says from when on it is revocable.
    NotInactive,
    /// Staff: another partner is protected on this account and product line.
    ProtectedByAnotherPartner,
    /// Staff: the account is reserved for the vendor's own team.
    AccountReservedForDirect,
    /// Staff: another partner's registration was qualified earlier. Decide that one first.
    RivalQualifiedEarlier,
    /// Staff: another partner's undecided registration is about the same.
    RivalInReview,
    /// Staff: the vendor's own team has an open opportunity on this account and product line.
    DirectOpportunityOpen,
    /// Staff: another partner serves the account, and renewals and expansions are its own.
    IncumbentPartner,
    /// Your company is not authorised for a product line in the customer's country and industry. Ask your channel manager.
    TerritoryNotAuthorised,
    /// You have disputed this decision already. What its case decides can be appealed, once.
    AlreadyDisputed,
    /// This cannot be appealed: nothing was decided against you, it was appealed before, or the time for it is over.
    NotAppealable,
    /// Staff: these registrations are not about the same account and product line, or are in a case already.
    NoConflict,
    /// Staff: another account may be the same customer. Merge the two, or say that they are two, and decide then.
    ProbableDuplicateAccount,

    // ── market development funds ──
    /// An amount is in another currency than the one it is compared with.
    CurrencyMismatch,
    /// The program does not reimburse activities of this type.
    MdfActivityNotEligible,
    /// The activity began already: nothing is reimbursed after the fact.
    MdfActivityStarted,
    /// The partner has its allocation of this program already.
    MdfAlreadyAllocated,
    /// This tranche is paid already.
    MdfAlreadyPaid,
    /// The deadline for claiming this activity has passed.
    MdfClaimWindowClosed,
    /// The funds left are less than the amount.
    MdfFundsInsufficient,
    /// An invoice was claimed before. Each invoice is claimed once.
    MdfInvoiceClaimed,
    /// A payment with this reference was recorded before. Each reference pays once.
    MdfPaymentReferenceUsed,
    /// The tranche is held back until results are measured.
    MdfTrancheNotPayable,
}
