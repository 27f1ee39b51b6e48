//! What somebody writes who asks for something about conflict cases, parsed once.

use std::collections::HashSet;

use async_graphql::{ID, InputObject};
use entity::value::{DealConflictOutcome, DealConflictState, RegistrationId};

use crate::{
    deals::{
        conflicts::model::{
            Acceptance, Appeal, Assign, ConflictFilter, Decide, Declining, Dispute, OpenConflict, Share, Statement,
        },
        registrations::model::Change,
    },
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::{mutation::MutationInput, parse},
    },
};

/// How many registrations staff bring into a case at once.
const MOST_PARTIES: usize = 8;
/// How many characters a statement has at most.
const MOST_SAID: usize = 4000;
/// How many characters a rationale has at most.
const MOST_RATIONALE: usize = 2000;

/// Which conflict cases a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct DealConflictFilter {
    /// In one of these states, as of now.
    pub states: Option<Vec<DealConflictState>>,
    /// Those that this person is to decide.
    pub owner_id: Option<ID>,
    /// Whether nobody is to decide them yet.
    pub is_unassigned: Option<bool>,
    /// Whether the vendor has missed a deadline, and they are not decided yet.
    pub is_overdue: Option<bool>,
}

impl DealConflictFilter {
    pub(super) fn parse(self) -> AppResult<ConflictFilter> {
        Ok(ConflictFilter {
            states: parse::at_most(self.states.unwrap_or_default(), "filter.states", 20)?,
            owner_id: self.owner_id.map(|id| parse::id(&id, "filter.ownerId")).transpose()?,
            is_unassigned: self.is_unassigned,
            is_overdue: self.is_overdue,
        })
    }
}

/// Declares an input: its own fields, the key of a retry, and what it asks for.
macro_rules! asked {
    ($(#[$doc:meta])* $name:ident as $operation:literal -> $what:ty {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty,)*
    } $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, InputObject)]
        pub struct $name {
            $($(#[$field_doc])* $field: $ty,)*
            /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
            idempotency_key: Option<String>,
        }

        impl MutationInput for $name {
            type Command = $what;
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<$what> {
                let parse: fn(Self) -> AppResult<$what> = $parse;
                parse(self)
            }
        }
    };
}

asked! {
    /// Disputes what was decided about a registration.
    DisputeDealDecisionInput as "disputeDealDecision" -> Change<Dispute> {
        /// The registration: rejected, waiting, or in review.
        registration_id: ID,
        /// Why, at most 4,000 characters. Staff read it.
        statement: String,
        /// The version that you have read; refused when the registration has changed since.
        expected_version: Option<i64>,
    }
    |input| Ok(Change {
        id: parse::id(&input.registration_id, "registrationId")?,
        expected_version: input.expected_version,
        what: Dispute { statement: parse::prose(&input.statement, "statement", MOST_SAID)? },
    })
}

asked! {
    /// Opens a conflict case between registrations.
    OpenDealConflictInput as "openDealConflict" -> OpenConflict {
        /// The registrations, 2 to 8, on one account: each has a product line in common with another one.
        registration_ids: Vec<ID>,
        /// Why, at most 2,000 characters. Staff read it.
        rationale: String,
        /// Who is to decide it.
        owner_id: Option<ID>,
    }
    |input| Ok(OpenConflict {
        registration_ids: each_once(input.registration_ids)?,
        rationale: parse::prose(&input.rationale, "rationale", MOST_RATIONALE)?,
        owner_id: input.owner_id.map(|id| parse::id(&id, "ownerId")).transpose()?,
    })
}

fn each_once(ids: Vec<ID>) -> AppResult<Vec<RegistrationId>> {
    if ids.len() < 2 {
        return Err(AppError::invalid(
            "registrationIds",
            Code::TooShort,
            "A conflict is between two registrations at least.",
        ));
    }
    let ids = parse::at_most(ids, "registrationIds", MOST_PARTIES)?;
    let parsed = ids.iter().enumerate().map(|(index, id)| parse::id(id, &format!("registrationIds.{index}")));
    let parsed = parsed.collect::<AppResult<Vec<RegistrationId>>>()?;
    let mut seen = HashSet::new();
    match parsed.iter().position(|id| !seen.insert(*id)) {
        None => Ok(parsed),
        Some(index) => {
            let field = format!("registrationIds.{index}");
            Err(AppError::invalid(&field, Code::Malformed, "This one is named twice."))
        }
    }
}

asked! {
    /// Says what speaks for a registration in its conflict case.
    SubmitDealConflictStatementInput as "submitDealConflictStatement" -> Statement {
        /// The registration.
        registration_id: ID,
        /// In words, at most 4,000 characters: it stands in the place of what was said before. Staff read it.
        statement: String,
    }
    |input| Ok(Statement {
        registration_id: parse::id(&input.registration_id, "registrationId")?,
        statement: parse::prose(&input.statement, "statement", MOST_SAID)?,
    })
}

asked! {
    /// Says who is to decide a conflict case.
    AssignDealConflictInput as "assignDealConflict" -> Assign {
        /// The case.
        id: ID,
        /// Who: somebody who decides cases, and in an appeal took no part before.
        owner_id: ID,
        /// The version that you have read; refused when there is a newer one.
        expected_version: Option<i64>,
    }
    |input| Ok(Assign {
        id: parse::id(&input.id, "id")?,
        owner_id: parse::id(&input.owner_id, "ownerId")?,
        expected_version: input.expected_version,
    })
}

/// The part of one registration.
#[derive(Clone, InputObject)]
pub struct DealConflictShareInput {
    /// The registration.
    registration_id: ID,
    /// Its part of the deal, in basis points.
    basis_points: i32,
}

asked! {
    /// Decides a conflict case.
    DecideDealConflictInput as "decideDealConflict" -> Decide {
        /// The case.
        id: ID,
        /// How.
        outcome: DealConflictOutcome,
        /// Why, at most 2,000 characters. Every party reads it: it names nobody.
        rationale: String,
        /// With `SHARED`: the part of each registration, 10,000 basis points together.
        shares: Option<Vec<DealConflictShareInput>>,
        /// Who gets the place: with `REASSIGNED`, with `SHARED` where nobody has it, with `CO_SELL` also where another one is to.
        winner_registration_id: Option<ID>,
        /// The version that you have read; refused when there is a newer one.
        expected_version: Option<i64>,
    }
    |input| Ok(Decide {
        id: parse::id(&input.id, "id")?,
        outcome: input.outcome,
        rationale: parse::prose(&input.rationale, "rationale", MOST_RATIONALE)?,
        shares: shares(input.shares.unwrap_or_default())?,
        winner_id: input.winner_registration_id.map(|id| parse::id(&id, "winnerRegistrationId")).transpose()?,
        expected_version: input.expected_version,
    })
}

fn shares(shares: Vec<DealConflictShareInput>) -> AppResult<Vec<Share>> {
    let shares = parse::at_most(shares, "shares", 100)?;
    let share = |(index, it): (usize, &DealConflictShareInput)| {
        let registration_id = parse::id(&it.registration_id, &format!("shares.{index}.registrationId"))?;
        Ok(Share { registration_id, basis_points: it.basis_points })
    };
    shares.iter().enumerate().map(share).collect()
}

asked! {
    /// Accepts the part of the deal that is offered.
    AcceptDealConflictShareInput as "acceptDealConflictShare" -> Acceptance {
        /// The registration.
        registration_id: ID,
        /// The part that you have read, in basis points; refused when another one is offered by now.
        basis_points: i32,
    }
    |input| Ok(Acceptance {
        registration_id: parse::id(&input.registration_id, "registrationId")?,
        basis_points: input.basis_points,
    })
}

asked! {
    /// Declines the part of the deal that is offered.
    DeclineDealConflictShareInput as "declineDealConflictShare" -> Declining {
        /// The registration.
        registration_id: ID,
    }
    |input| Ok(Declining { registration_id: parse::id(&input.registration_id, "registrationId")? })
}

asked! {
    /// Appeals what a conflict case decided.
    AppealDealConflictInput as "appealDealConflict" -> Appeal {
        /// The registration.
        registration_id: ID,
        /// Why, at most 4,000 characters. Staff read it.
        statement: String,
    }
    |input| Ok(Appeal {
        registration_id: parse::id(&input.registration_id, "registrationId")?,
        statement: parse::prose(&input.statement, "statement", MOST_SAID)?,
    })
}
