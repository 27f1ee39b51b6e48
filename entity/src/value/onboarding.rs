//! Stored words of onboarding (`domain.md §2`).

use super::states::{stored_words, word_sets};

stored_words! {
    /// Where a partner application is on its way.
    ApplicationState {
        /// Handed in; nobody has looked at it yet.
        Submitted,
        /// Somebody is looking at it.
        InReview,
        /// The applicant was asked for more.
        ActionRequired,
        /// The partner exists.
        Approved,
        /// The vendor said no.
        Rejected,
        /// The applicant took it back.
        Withdrawn,
    }

    /// Why an application ended as it did.
    ApplicationOutcome {
        /// The company became a partner.
        Accepted,
        /// The company is far from the ideal partner profile.
        NotAFit,
        /// The company has applied before, or is a partner already.
        Duplicate,
        /// The vendor takes no partners there at the moment.
        OutOfTerritory,
        /// What the application says could not be verified.
        Unverifiable,
        /// The applicant took it back.
        WithdrawnByApplicant,
    }

    /// A part of an application that its reviewer can ask about.
    ApplicationField {
        /// The legal name: `legalName`.
        LegalName,
        /// The website: `website`.
        Website,
        /// Where the company has its seat: `country`.
        Country,
        /// What the company would do with the vendor's products: `partnerTypes`.
        PartnerTypes,
        /// Where the company works: `regions`.
        Regions,
        /// The industries that it serves: `industries`.
        Industries,
        /// The business that it expects: `expectedBusiness`.
        ExpectedBusiness,
        /// The person to talk to: `contact`.
        Contact,
    }

    /// A part of the world in which a partner works.
    Region {
        /// Canada, Mexico, the United States.
        NorthAmerica,
        /// Central and South America, the Caribbean.
        LatinAmerica,
        /// Europe.
        Europe,
        /// The Middle East.
        MiddleEast,
        /// Africa.
        Africa,
        /// Asia.
        Asia,
        /// Australia, New Zealand, the Pacific islands.
        Oceania,
    }

    /// What somebody at a partner is to be asked about.
    PartnerContactKind {
        /// Everything: the first one to ask.
        General,
        /// Sales and deals.
        Sales,
        /// Campaigns and market development funds.
        Marketing,
        /// Invoices and payments.
        Finance,
        /// Products and projects.
        Technical,
        /// Contracts and data protection.
        Legal,
    }

    /// Why a partner was suspended, reinstated or terminated.
    PartnerStateReason {
        /// It broke the partner agreement.
        AgreementBreach,
        /// It owes payments.
        PaymentOverdue,
        /// Something about it is being looked into.
        ComplianceReview,
        /// It deceived the vendor or a customer.
        Fraud,
        /// It does no business with the vendor.
        Inactivity,
        /// Both sides agreed to end it.
        MutualAgreement,
        /// The company does not exist any more, or became part of another.
        CompanyClosed,
        /// What was wrong is resolved: for reinstating.
        Resolved,
        /// For the reason given in words.
        Other,
    }

    /// What a step of an onboarding plan is about.
    OnboardingStepKind {
        /// Accept the agreements in force; completes itself with the last of them.
        SignAgreement,
        /// Complete the company's profile.
        CompleteProfile,
        /// Invite a colleague; completes itself when the second person joins.
        InviteColleague,
        /// Finish the foundation course; completes itself when the first person passes it.
        FinishFoundationCourse,
        /// Agree a joint business plan with the vendor; completes itself when both sides have agreed to one.
        AgreeJointBusinessPlan,
        /// Register a first deal; completes itself when a registration is qualified.
        RegisterFirstDeal,
        /// Something else that the vendor's staff asked for: its title says what.
        Other,
    }

    /// Where a step of an onboarding plan is.
    OnboardingStepState {
        /// Still to be done.
        Pending,
        /// Done.
        Done,
        /// The vendor does not insist on it.
        Waived,
    }

    /// Where a text of an agreement is.
    AgreementState {
        /// Being written; partners do not see it.
        Draft,
        /// Published: it never changes any more.
        Published,
    }

    /// Where a joint business plan is.
    BusinessPlanState {
        /// Being written.
        Draft,
        /// Waits for both sides to agree.
        Proposed,
        /// Both sides have agreed.
        Agreed,
        /// Over: it is read, and changes no more.
        Closed,
    }

    /// What came of a monthly review of a partner's tier.
    TierReviewState {
        /// The partner stays at its level.
        Kept,
        /// The partner is under the line of its level for the first time: nothing happens yet.
        Grace,
        /// Another level is proposed, and waits for a person.
        Proposed,
        /// The proposal was confirmed: the partner has the proposed level.
        Confirmed,
        /// The proposal was dismissed: the partner keeps its level.
        Dismissed,
        /// A later review took the proposal's place before anybody decided.
        Superseded,
    }
}

word_sets! {
    /// Where a partner works.
    Regions of Region;

    /// What an application was asked about.
    ApplicationFields of ApplicationField;
}
