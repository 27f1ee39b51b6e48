//! The published graph of partners (`domain.md §2`): `ONBOARDING → ACTIVE ⇄ SUSPENDED → TERMINATED`. A partner can be
//! suspended while it is onboarding, and goes on where it was; it can be terminated at any time.

use entity::value::PartnerState::{self as State, Active, Onboarding, Suspended, Terminated};
use serde::{Deserialize, Serialize};

use crate::kernel::graph::{Edge, edge};

/// What moves a partner on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Move {
    /// Its required onboarding steps are done: nobody does it, it happens.
    Activate,
    /// Staff suspend it.
    Suspend,
    /// Staff reinstate it.
    Reinstate,
    /// Staff terminate it.
    Terminate,
}

/// The arrows. What is in no arrow is refused with `WRONG_STATE`.
pub const EDGES: &[Edge<State, Move>] = &[
    edge(Onboarding, Move::Activate, Active),
    edge(Onboarding, Move::Suspend, Suspended),
    edge(Active, Move::Suspend, Suspended),
    edge(Suspended, Move::Reinstate, Active),
    edge(Suspended, Move::Reinstate, Onboarding),
    edge(Onboarding, Move::Terminate, Terminated),
    edge(Active, Move::Terminate, Terminated),
    edge(Suspended, Move::Terminate, Terminated),
];
