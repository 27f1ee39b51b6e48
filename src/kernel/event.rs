//! What can happen in the domain. Slices publish; `reactions.rs` says who reacts, in the same transaction.

use entity::value::{
    CompletionId, CourseId, Currency, DealRegistrationOutcome, DealRegistrationState, MdfClaimId, MdfPaymentId,
    MdfRequestId, PartnerId, RegistrationId, Timestamp, UserId,
};

/// A change of a registration, as it was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct RegistrationChange {
    /// The partner.
    pub partner_id: PartnerId,
    /// The registration.
    pub registration_id: RegistrationId,
    /// Its version after the change.
    pub version: i64,
    /// Where it was; none when it is new.
    pub from: Option<DealRegistrationState>,
    /// Where it is.
    pub to: DealRegistrationState,
    /// How it ended, if it did.
    pub outcome: Option<DealRegistrationOutcome>,
    /// Why, in words for the partner.
    pub reason: Option<String>,
    /// At which instant its protection ends, if it has one.
    pub protected_until: Option<Timestamp>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum DomainEvent {
    /// An application was approved: the partner exists.
    PartnerApproved {
        /// The partner.
        partner_id: PartnerId,
    },
    /// A person of a partner signed in.
    SignedIn {
        /// The partner.
        partner_id: PartnerId,
        /// The person.
        user_id: UserId,
    },
    /// A person accepted the invitation to join a partner.
    ColleagueJoined {
        /// The partner.
        partner_id: PartnerId,
        /// The person.
        user_id: UserId,
    },
    /// A step of a partner's onboarding plan was completed.
    OnboardingStepCompleted {
        /// The partner.
        partner_id: PartnerId,
        /// The step's stable name in its template, such as `SIGN_AGREEMENT`.
        step: String,
        /// Whether it was done by its due date.
        on_time: bool,
    },
    /// A partner has accepted all agreements that are in force for it.
    AgreementsAccepted {
        /// The partner.
        partner_id: PartnerId,
        /// Who accepted the last of them.
        user_id: Option<UserId>,
        /// The number of the text that was accepted last.
        text_version: i32,
        /// SHA-256 of that text, in lower-case hexadecimal.
        sha256: String,
    },
    /// A partner's profile is complete.
    PartnerProfileCompleted {
        /// The partner.
        partner_id: PartnerId,
        /// Who completed it.
        user_id: Option<UserId>,
    },
    /// Both sides have agreed to a joint business plan.
    BusinessPlanAgreed {
        /// The partner.
        partner_id: PartnerId,
    },
    /// A registration was handed in or changed.
    RegistrationChanged(RegistrationChange),
    /// A registration's evidence became sufficient.
    RegistrationQualified {
        /// The partner.
        partner_id: PartnerId,
        /// The registration.
        registration_id: RegistrationId,
    },
    /// A registration was protected.
    RegistrationProtected {
        /// The partner.
        partner_id: PartnerId,
        /// The registration.
        registration_id: RegistrationId,
        /// The deal's amount in minor units.
        amount_minor: i64,
        /// The amount's currency.
        currency: Currency,
    },
    /// The amount of a deal that was approved without a person was raised to one that a person would have decided about.
    RegistrationOutgrown {
        /// The partner.
        partner_id: PartnerId,
        /// The registration.
        registration_id: RegistrationId,
        /// The currency of the amount.
        currency: Currency,
        /// How often the amount has doubled since the ceiling.
        doubled: u32,
    },
    /// A registered deal was won.
    DealWon {
        /// The partner.
        partner_id: PartnerId,
        /// The registration.
        registration_id: RegistrationId,
        /// The amount in minor units.
        amount_minor: i64,
        /// The amount's currency.
        currency: Currency,
    },
    /// A request for market development funds was approved.
    MdfRequestApproved {
        /// The partner.
        partner_id: PartnerId,
        /// The request.
        request_id: MdfRequestId,
    },
    /// A claim was approved.
    MdfClaimApproved {
        /// The partner.
        partner_id: PartnerId,
        /// The claim.
        claim_id: MdfClaimId,
    },
    /// A tranche was paid.
    MdfPaid {
        /// The partner.
        partner_id: PartnerId,
        /// The payment.
        payment_id: MdfPaymentId,
    },
    /// The results of an activity were measured at the end of its window.
    MdfMeasured {
        /// The partner.
        partner_id: PartnerId,
        /// The request.
        request_id: MdfRequestId,
        /// Measured ÷ contracted pipeline, in basis points.
        performance_bp: i64,
    },
    /// A person passed a course.
    TrainingCompleted {
        /// The partner.
        partner_id: PartnerId,
        /// The person.
        user_id: UserId,
        /// The course.
        course_id: CourseId,
        /// The completion.
        completion_id: CompletionId,
        /// Whether it is the foundation course of onboarding.
        is_foundation: bool,
        /// When the person passed it; never in the future.
        completed_at: Timestamp,
    },
}
