//! Words of the engagement score, as stored (`domain.md §7`).

use super::states::stored_words;

stored_words! {
    /// What happened at a partner.
    ActivityKind {
        /// The partner's application was approved.
        PartnerApproved,
        /// A person was active in the portal on a day; counts once a person and day (UTC).
        ActiveUserDay,
        /// A person accepted the invitation to join the partner.
        ColleagueJoined,
        /// A step of the onboarding plan was completed; counts when it was on time.
        OnboardingStepCompleted,
        /// A registration's evidence became sufficient.
        RegistrationQualified,
        /// A registration was protected.
        RegistrationProtected,
        /// A registered deal was won.
        DealWon,
        /// A request for market development funds was approved; counts nothing by itself.
        MdfRequestApproved,
        /// A claim for market development funds was approved; counts nothing by itself.
        MdfClaimApproved,
        /// A tranche of market development funds was paid; counts nothing by itself.
        MdfPaid,
        /// The results of an activity paid with market development funds were measured.
        MdfMeasured,
        /// A person passed a course.
        TrainingCompleted,
    }

    /// A part of the engagement score, with a weight, a half-life and a target of its own.
    EngagementComponent {
        /// Active user-days in the portal.
        PortalUse,
        /// Passed courses and live certifications.
        Training,
        /// Registrations that were qualified and protected.
        DealRegistration,
        /// Amounts of protected and won deals.
        PipelineAndWins,
        /// Measured against contracted pipeline of activities paid with market development funds.
        MdfPerformance,
        /// Onboarding steps on time, leads answered quickly.
        Responsiveness,
    }

    /// What a score means, in a word.
    EngagementBand {
        /// 75 and more.
        Champion,
        /// From 50 up to 75.
        Engaged,
        /// From 25 up to 50.
        Developing,
        /// From 10 up to 25.
        AtRisk,
        /// Below 10.
        Dormant,
    }
}

impl EngagementComponent {
    /// All of them, in the order of the policy's table.
    pub const ALL: [Self; 6] = [
        Self::PortalUse,
        Self::Training,
        Self::DealRegistration,
        Self::PipelineAndWins,
        Self::MdfPerformance,
        Self::Responsiveness,
    ];
}
