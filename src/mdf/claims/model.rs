//! The words of claims.

use entity::value::{
    Currency, Day, MdfClaimId, MdfClaimState, MdfPaymentId, MdfProgramId, MdfProofKind, MdfRequestId, MdfTrancheId,
    MdfTrancheKind, MdfTrancheState, PartnerId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::kernel::{decision::Receipt, money::Money};

/// One invoice of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who issued it.
    pub issuer: String,
    /// Its number.
    pub number: String,
    /// Its date.
    pub issued_on: Day,
    /// Its amount, in minor units of the program's currency.
    pub amount: i64,
    /// SHA-256 of the file.
    pub content_hash: Option<Vec<u8>>,
}

/// A proof that the activity took place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// What kind of proof.
    pub kind: MdfProofKind,
    /// What it shows, and where it is found.
    pub description: String,
}

/// A payment recorded by finance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id.
    pub id: MdfPaymentId,
    /// The payment system's reference.
    pub reference: String,
    /// The day on which it was paid.
    pub paid_on: Day,
    /// Who recorded it.
    pub recorded_by: Option<UserId>,
    /// When.
    pub recorded_at: Timestamp,
}

/// A part of an approved claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tranche {
    /// Its id.
    pub id: MdfTrancheId,
    /// Which part.
    pub kind: MdfTrancheKind,
    /// In minor units.
    pub amount: i64,
    /// Where it is.
    pub state: MdfTrancheState,
    /// Since when it may be paid.
    pub payable_at: Option<Timestamp>,
    /// When its payment was recorded.
    pub paid_at: Option<Timestamp>,
    /// Its payment.
    pub payment: Option<Payment>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its id.
    pub id: MdfClaimId,
    /// The request.
    pub request_id: MdfRequestId,
    /// The program.
    pub program_id: MdfProgramId,
    /// The partner.
    pub partner_id: PartnerId,
    /// Where it is.
    pub state: MdfClaimState,
    /// The program's currency.
    pub currency: Currency,
    /// The invoices.
    pub lines: Vec<Line>,
    /// The proofs.
    pub proofs: Vec<Proof>,
    /// What the partner says about the results.
    pub actual_results: String,
    /// The sum of the invoices, in minor units.
    pub claimed_cost: i64,
    /// What of it was accepted as proven, in minor units.
    pub accepted_cost: Option<i64>,
    /// Its tranches, once approved.
    pub tranches: Vec<Tranche>,
    /// Who claimed.
    pub submitted_by: Option<UserId>,
    /// When.
    pub submitted_at: Timestamp,
    /// Who approved.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Claim {
    /// A tranche of it.
    #[must_use]
    pub fn tranche(&self, id: MdfTrancheId) -> Option<&Tranche> {
        self.tranches.iter().find(|tranche| tranche.id == id)
    }

    /// Whether every tranche is paid, or decided to be nothing.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let done = |state| matches!(state, MdfTrancheState::Paid | MdfTrancheState::NotEarned);
        self.tranches.iter().all(|tranche| done(tranche.state))
    }
}

/// A claim with the receipt of the decision about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// The claim.
    pub claim: Claim,
    /// Why.
    pub receipt: Receipt,
}

/// A claim is made.
#[derive(Clone, Debug)]
pub struct Submit {
    /// The request.
    pub request_id: MdfRequestId,
    /// The invoices; their currencies beside them.
    pub lines: Vec<(Line, Currency)>,
    /// The proofs.
    pub proofs: Vec<Proof>,
    /// What the partner says about the results.
    pub actual_results: String,
    /// The version of the request that the claim is based on.
    pub expected_version: Option<i64>,
}

/// A claim is approved.
#[derive(Clone, Debug)]
pub struct Approve {
    /// The claim.
    pub id: MdfClaimId,
    /// What of the cost is proven; all of it when absent.
    pub accepted_cost: Option<Money>,
    /// The version that the decision is based on.
    pub expected_version: Option<i64>,
}

/// A payment is recorded.
#[derive(Clone, Debug)]
pub struct Pay {
    /// The tranche.
    pub tranche_id: MdfTrancheId,
    /// The payment system's reference.
    pub reference: String,
    /// The day on which it was paid.
    pub paid_on: Day,
    /// The version of the claim that it is based on.
    pub expected_version: Option<i64>,
}

/// Which claims a list shows. What is empty excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct ClaimFilter {
    /// In one of these states.
    pub states: Vec<MdfClaimState>,
    /// Of this program.
    pub program_id: Option<MdfProgramId>,
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
    /// Of this request.
    pub request_id: Option<MdfRequestId>,
    /// Only those with a tranche to pay.
    pub payable: bool,
}

/// What somebody can do with a claim now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Approve it.
    pub approve: bool,
    /// Record a payment of one of its tranches.
    pub pay: bool,
}
