//! Stored words of accounts, of finding the same customer again and of merging (`domain.md §3`).

use super::states::stored_words;

stored_words! {
    /// What a name of an account is.
    AccountNameKind {
        /// As it is entered in a register.
        Legal,
        /// As it appears on the market: a brand, a short form, a translation.
        Trading,
        /// As it was called before.
        Former,
    }

    /// A public registry that numbers companies.
    RegistryIdKind {
        /// Legal Entity Identifier (ISO 17442): 20 letters and digits, the last two of which check the others.
        Lei,
        /// D-U-N-S number: nine digits.
        Duns,
        /// VAT identification number, beginning with the code of the country.
        Vat,
    }

    /// How many people work at an account.
    AccountSize {
        /// Fewer than 10.
        Micro,
        /// 10 to 49.
        Small,
        /// 50 to 249.
        Medium,
        /// 250 to 4,999.
        Large,
        /// 5,000 and more.
        Enterprise,
    }

    /// Whether two descriptions are the same customer, as the matcher sees it.
    MatchVerdict {
        /// The same customer.
        Same,
        /// Perhaps the same customer: a person decides.
        Probable,
        /// Different customers.
        Distinct,
    }

    /// What became of a pair of accounts that may be the same customer.
    AccountDuplicateState {
        /// Waits for somebody to decide.
        Open,
        /// Decided: the same customer. The accounts were merged.
        Merged,
        /// Decided: different customers. The pair is never asked again.
        Dismissed,
        /// Nobody has to decide it any more: one of the accounts was merged into a third that makes a pair of its own with the other.
        Superseded,
    }

    /// How an opportunity of the vendor's own team ended.
    DirectOpportunityOutcome {
        /// The vendor's own team sold.
        Won,
        /// The customer decided otherwise.
        Lost,
        /// It was given up, or was none.
        Dropped,
    }

    /// What a merge moves from one account to the other.
    AccountMoveKind {
        /// Another name.
        Name,
        /// The name that the merged account went by: the other one has it as another name since.
        MainName,
        /// A domain.
        Domain,
        /// A registry id.
        RegistryId,
        /// What another system calls the account.
        Reference,
        /// An account that is part of it.
        Subsidiary,
        /// A reservation.
        Reservation,
        /// A reservation that ended because the other account is reserved in the same way.
        ReservationFolded,
        /// A partner that serves it.
        Incumbent,
        /// An incumbency that ended because the partner serves the other account too.
        IncumbentFolded,
        /// An opportunity of the vendor's own team.
        DirectOpportunity,
        /// A partner for whom the account exists since.
        Partner,
        /// A deal registration, with its product lines and protections.
        Registration,
        /// An account that was merged into the merged one before.
        EarlierMerge,
        /// An open question whether it is the same customer as a third account.
        Duplicate,
        /// Such a question that is asked about the other account already.
        DuplicateSuperseded,
    }
}
