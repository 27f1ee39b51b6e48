//! Stored words of accounts and deals (`domain.md §3`, `§4`).

use super::states::{stored_words, word_sets};

stored_words! {
    /// For whom an account is reserved.
    AccountReservation {
        /// For nobody: every partner may register deals on it.
        Open,
        /// A named account of the vendor's own team.
        Direct,
        /// Served through partners.
        PartnerLed,
    }

    /// Where a deal registration is: the claim to protection, not the sale itself.
    DealRegistrationState {
        /// Begun, not handed in.
        Draft,
        /// Handed in; nobody has looked at it yet.
        Submitted,
        /// Somebody has to look at it closely before it is decided.
        InReview,
        /// Waits for the partner to complete it.
        ActionRequired,
        /// A conflict about it is open.
        Contested,
        /// Qualified, and queued until the account becomes available.
        Waitlisted,
        /// Protected: no other partner is protected on the same account and product lines.
        Protected,
        /// Ended: refused.
        Rejected,
        /// Ended: taken back by the partner before it was decided.
        Withdrawn,
        /// Ended: the deal was won under protection.
        Converted,
        /// Ended: the term of the protection is over.
        Expired,
        /// Ended: the protection was given up, or the deal was lost.
        Released,
        /// Ended: the protection was taken away.
        Revoked,
    }

    /// How a deal registration ended.
    DealRegistrationOutcome {
        /// The deal was won.
        Won,
        /// The deal was lost.
        Lost,
        /// The partner gave the protection up.
        GivenUp,
        /// The partner took the registration back.
        TakenBack,
        /// The term of the protection is over.
        TermEnded,
        /// The partnership ended.
        PartnerTerminated,
        /// The provisional hold is over, and the evidence was not completed.
        HoldEnded,
        /// Taken away: nothing was heard of the deal for too long.
        Inactive,
        /// Taken away: what was said of the deal is not true.
        Fraud,
        /// Taken away: the partner broke the rules of the program.
        PolicyBreach,
        /// A conflict about it was decided otherwise.
        ConflictDecided,
        /// Refused: the evidence does not show a qualified deal.
        EvidenceInsufficient,
        /// Refused: the account is not available for this deal.
        AccountNotAvailable,
        /// Refused: the customer does not confirm it.
        CustomerNotConfirmed,
        /// Refused: the partner is not authorised for this country, industry or product line.
        NotAuthorised,
        /// Refused: the same deal is registered already.
        Duplicate,
        /// Refused for the reason given in words.
        Other,
    }

    /// Where the sale itself is.
    DealStage {
        /// The customer has a need, a budget and a date.
        Qualified,
        /// The customer has an offer.
        Proposal,
        /// Terms are being negotiated.
        Negotiation,
        /// The customer has said yes; the order is awaited.
        Committed,
        /// The order is there.
        Won,
        /// The customer decided otherwise.
        Lost,
    }

    /// What a deal sells to the customer, compared with what it has.
    #[derive(Default)]
    SalesMotion {
        /// Something that it does not have yet.
        #[default]
        NewBusiness,
        /// The same for another term.
        Renewal,
        /// More of what it has.
        Expansion,
    }

    /// What the partner does in a deal.
    DealRole {
        /// Sells the products itself.
        Resell,
        /// Brings the vendor and the customer together.
        Refer,
        /// Integrates the products at the customer.
        Integrate,
        /// Runs or supports the products for the customer.
        Service,
    }

    /// What an item of qualification evidence shows.
    EvidenceKind {
        /// The customer's identity was verified, such as by a registry extract.
        CustomerIdentity,
        /// A named person who decides at the customer.
        DecisionMaker,
        /// A dated interaction with the customer, with proof.
        Interaction,
        /// A demonstration or a site survey took place.
        Demonstration,
        /// The customer confirms that it works with the partner on this.
        CustomerConfirmation,
    }

    /// A part of a deal registration that its partner fills in.
    DealField {
        /// The end customer: `account`.
        Account,
        /// The product lines: `productLineIds`.
        ProductLines,
        /// The expected amount: `amount`.
        Amount,
        /// When the customer is expected to decide: `expectedCloseOn`.
        ExpectedCloseOn,
        /// Whom the partner speaks with at the customer: `customerContact`.
        CustomerContact,
        /// What the partner does in the deal: `partnerRole`.
        PartnerRole,
        /// What the customer needs: `need`.
        Need,
        /// The qualification evidence: `addDealEvidence` and `withdrawDealEvidence`.
        Evidence,
    }

    /// What became of an offer to somebody on a waiting list.
    OfferAnswer {
        /// The place was taken.
        Accepted,
        /// The place was left to the next one.
        Declined,
        /// Nobody answered in time.
        Lapsed,
        /// The vendor took the offer back: the place was not free any more, or the registration left the list.
        Withdrawn,
    }

    /// Where a conflict case is.
    DealConflictState {
        /// Open: its owner is to decide it.
        Open,
        /// Sharing is offered to the parties: it is decided once each of them has accepted.
        Offered,
        /// Appealed: somebody who took no part decides it once more.
        Appealed,
        /// Decided.
        Decided,
    }

    /// How a conflict case was decided.
    DealConflictOutcome {
        /// What stood before stands.
        Upheld,
        /// The place goes to another party.
        Reassigned,
        /// The parties share the deal.
        Shared,
        /// Who is protected sells together with the vendor's own team.
        CoSell,
        /// No party has the place.
        BothRejected,
    }

    /// On which side a registration is in a conflict case.
    DealConflictRole {
        /// It is protected.
        Holder,
        /// It claims the place.
        Claimant,
    }

    /// What the decision of a conflict case means for one registration in it.
    DealConflictResult {
        /// It is protected.
        Granted,
        /// It is not protected by it: it is where it stood before, or ended.
        NotGranted,
        /// The deal is shared.
        Shared,
        /// It is protected, and sold together with the vendor's own team.
        CoSell,
    }

    /// Why a protection ended.
    ProtectionEnd {
        /// Its term is over.
        Expired,
        /// The deal was won.
        Converted,
        /// Given up, or the deal was lost.
        Released,
        /// Taken away.
        Revoked,
    }
}

word_sets! {
    /// What a deal registration was asked about.
    DealFields of DealField;
}

impl SalesMotion {
    /// Whether it follows up what the customer has: then whoever serves the customer comes first.
    #[must_use]
    pub const fn follows_up(self) -> bool {
        matches!(self, Self::Renewal | Self::Expansion)
    }
}
