//! The words of allocations.

use entity::value::{Currency, MdfAllocationId, MdfProgramId, PartnerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::kernel::{decision::Receipt, money::Money};

/// How much of an allocation depends on last period's performance, in basis points.
pub const LAMBDA_BP: i64 = 4_000;
/// The performance of a partner without history, in basis points.
pub const NO_HISTORY_BP: i64 = 5_000;

/// An allocation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// Its id.
    pub id: MdfAllocationId,
    /// The program.
    pub program_id: MdfProgramId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The program's currency.
    pub currency: Currency,
    /// What the partner would get for full performance, in minor units.
    pub potential: i64,
    /// How much of it depended on performance, in basis points.
    pub lambda_bp: i64,
    /// Last period's performance, in basis points.
    pub factor_bp: i64,
    /// What it got, in minor units.
    pub amount: i64,
    /// Who allocated it.
    pub allocated_by: Option<UserId>,
    /// When.
    pub allocated_at: Timestamp,
}

/// An allocation with the receipt of its arithmetic.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Allocated {
    /// The allocation.
    pub allocation: Allocation,
    /// The arithmetic.
    pub receipt: Receipt,
}

/// Funds are allocated to a partner.
#[derive(Clone, Debug)]
pub struct Allocate {
    /// The program.
    pub program_id: MdfProgramId,
    /// The partner.
    pub partner_id: PartnerId,
    /// What it would get for full performance.
    pub potential: Money,
}
