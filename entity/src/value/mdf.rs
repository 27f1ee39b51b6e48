//! Words of market development funds, as stored (`domain.md §5`).

use super::states::stored_words;

stored_words! {
    /// What funds are spent on. Only what can generate pipeline is eligible.
    MdfActivityType {
        /// A web seminar.
        Webinar,
        /// Content given in exchange for contact data.
        GatedContent,
        /// An event for chosen people.
        TargetedEvent,
        /// A campaign at chosen accounts.
        AccountBasedCampaign,
        /// Advertising and outreach that bring leads.
        DemandGeneration,
        /// An event held together for customers.
        JointCustomerEvent,
        /// Awareness only, without leads: known so that it can be named, and refused.
        BrandOnly,
    }

    /// Where a program is in its period. It moves by the clock.
    MdfProgramState {
        /// Its period has not begun; activities in it can be requested already.
        Upcoming,
        /// Its period runs.
        Open,
        /// Its period is over.
        Ended,
    }

    /// Where a request for funds is.
    MdfRequestState {
        /// Being written.
        Draft,
        /// Waits for the vendor's decision.
        Submitted,
        /// The vendor asked for something; the partner answers.
        ActionRequired,
        /// Funds are committed; the activity has not begun.
        Approved,
        /// The activity has begun, and nothing is claimed yet.
        InExecution,
        /// A claim was made.
        Claimed,
        /// Everything is paid or decided.
        Settled,
        /// Nothing was claimed in time.
        Expired,
        /// Refused by the vendor.
        Rejected,
        /// Taken back by the partner.
        Cancelled,
    }

    /// Where a claim is.
    MdfClaimState {
        /// Waits for the vendor's decision.
        Submitted,
        /// Approved: its tranches become payable by their own conditions.
        Approved,
        /// Every tranche is paid or decided.
        Settled,
    }

    /// Which part of a claim a tranche is.
    MdfTrancheKind {
        /// For carrying the activity out: payable when the claim is approved.
        Execution,
        /// For its results: held back until they are measured.
        Performance,
    }

    /// Where a tranche is.
    MdfTrancheState {
        /// Waits for the measurement of the results.
        HeldBack,
        /// Finance may pay it.
        Payable,
        /// Paid.
        Paid,
        /// Measured, and nothing was earned.
        NotEarned,
    }

    /// What kind of proof that an activity took place.
    MdfProofKind {
        /// Who took part.
        AttendeeList,
        /// Pictures of the event.
        Photo,
        /// A picture of a screen: a page, an advertisement.
        Screenshot,
        /// Figures of a campaign from the system that ran it.
        CampaignReport,
        /// What was published, and where.
        PublishedContent,
        /// Anything else.
        Other,
    }

    /// An account of the ledger.
    MdfAccount {
        /// Where a program's money comes from: its balance is minus the budget.
        Budget,
        /// Of the program, not yet allocated to a partner.
        Unallocated,
        /// Allocated to a partner and free to be committed.
        Allocated,
        /// Promised to approved requests.
        Committed,
        /// Due to be paid.
        Payable,
        /// Kept until results are measured.
        HeldBack,
        /// Paid.
        Paid,
        /// Came back from the partner after it was paid.
        Returned,
        /// Lost to the program because time ran out.
        Forfeited,
        /// Claimed back after it was paid.
        ClawedBack,
    }

    /// Why a transaction of the ledger was made.
    MdfPostingKind {
        /// A program got its budget.
        BudgetSet,
        /// A partner got its allocation.
        Allocated,
        /// A request was approved.
        Committed,
        /// A claim was approved.
        ClaimApproved,
        /// A performance tranche was measured.
        Measured,
        /// A tranche was paid.
        Paid,
        /// The deadline for a claim passed.
        CommitmentExpired,
        /// The partnership ended before anything was claimed: the commitment returned to the allocation.
        CommitmentReleased,
        /// The partnership ended: what was not committed returned to the program.
        AllocationReturned,
    }
}
