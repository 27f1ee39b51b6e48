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

    /// What a step of an onboarding plan is about.
    OnboardingStepKind {
        /// Sign the partner agreement in its current version.
        SignAgreement,
        /// Complete the company's profile.
        CompleteProfile,
        /// Invite a colleague; completes itself when the second person joins.
        InviteColleague,
        /// Finish the foundation course; completes itself when the first person passes it.
        FinishFoundationCourse,
        /// Agree a joint business plan with the vendor.
        AgreeJointBusinessPlan,
        /// Register a first deal; completes itself when a registration is qualified.
        RegisterFirstDeal,
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
}

word_sets! {
    /// Where a partner works.
    Regions of Region;
}
