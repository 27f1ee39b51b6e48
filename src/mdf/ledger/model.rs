//! The words of the ledger.

use entity::value::{Currency, MdfAccount, MdfPostingKind, MdfProgramId, PartnerId};
use serde::{Deserialize, Serialize};

/// An amount moves from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where it comes from.
    pub from: MdfAccount,
    /// Where it goes.
    pub to: MdfAccount,
    /// Minor units of the program's currency. Nothing moves when it is zero.
    pub amount: i64,
}

/// A transaction of the ledger about to be made.
#[derive(Clone, Debug)]
pub struct Posting {
    /// The program.
    pub program_id: MdfProgramId,
    /// The partner; none for the program's own money.
    pub partner_id: Option<PartnerId>,
    /// Why.
    pub kind: MdfPostingKind,
    /// The global id of what caused it: each causes one transaction of a kind.
    pub cause: String,
    /// What moves.
    pub moves: Vec<Move>,
}

/// The balances of a partner in a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The program.
    pub program_id: MdfProgramId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program's currency.
    pub currency: Currency,
    /// Free to be committed.
    pub available: i64,
    /// Promised to approved requests.
    pub committed: i64,
    /// Due to be paid.
    pub payable: i64,
    /// Kept until results are measured.
    pub held_back: i64,
    /// Paid.
    pub paid: i64,
    /// Came back after it was paid.
    pub returned: i64,
    /// Lost to the program.
    pub forfeited: i64,
    /// Claimed back after it was paid.
    pub clawed_back: i64,
}

impl Balance {
    /// All that was allocated, wherever it is by now.
    #[must_use]
    pub fn allocated(&self) -> i64 {
        [
            self.available,
            self.committed,
            self.payable,
            self.held_back,
            self.paid,
            self.returned,
            self.forfeited,
            self.clawed_back,
        ]
        .iter()
        .fold(0, |sum, part| sum.saturating_add(*part))
    }
}
