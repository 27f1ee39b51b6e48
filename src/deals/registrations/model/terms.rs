//! The terms of an order.

use entity::value::UserId;
use serde::{Deserialize, Serialize};

use crate::kernel::money::Money;

/// The terms of an order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WonTerms {
    /// For how many months the contract runs.
    pub months: Option<i32>,
    /// What it is worth each year.
    pub recurring: Option<Money>,
    /// Who of the direct team keeps quota credit.
    pub credit: Option<Credit>,
}

/// The quota credit of a direct rep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The direct rep.
    pub user_id: UserId,
    /// How much of the deal they are credited with, in basis points.
    pub basis_points: i32,
}
