//! The words of a partner's life.

use async_graphql::Enum;
use entity::value::{PartnerId, PartnerState, PartnerStateReason};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::money::Money,
    onboarding::partners::{model::Partner, states::Move},
};

/// What staff do to a partner's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartnerChange {
    /// It reads and starts nothing new: `suspendPartner`.
    Suspend,
    /// It goes on as before: `reinstatePartner`.
    Reinstate,
    /// It ends for good: `terminatePartner`.
    Terminate,
}

impl PartnerChange {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Suspend, Self::Reinstate, Self::Terminate];

    /// The arrow of the partner's graph.
    #[must_use]
    pub const fn step(self) -> Move {
        match self {
            Self::Suspend => Move::Suspend,
            Self::Reinstate => Move::Reinstate,
            Self::Terminate => Move::Terminate,
        }
    }

    /// The name of the decision.
    #[must_use]
    pub const fn decision(self) -> &'static str {
        match self {
            Self::Suspend => "partner.suspend",
            Self::Reinstate => "partner.reinstate",
            Self::Terminate => "partner.terminate",
        }
    }
}

/// What follows from a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(name = "PartnerChangeConsequenceKind")]
pub enum ConsequenceKind {
    /// People read and start nothing new.
    PeopleReadOnly,
    /// People may start new things again.
    PeopleRegain,
    /// People cannot sign in any more.
    PeopleLoseAccess,
    /// Sessions end.
    SessionsEnd,
    /// Programs of the partner read and start nothing new.
    ApiClientsReadOnly,
    /// Programs of the partner may start new things again.
    ApiClientsRegain,
    /// Programs of the partner are revoked for good.
    ApiClientsRevoked,
    /// Open invitations cannot be accepted until the partner is reinstated.
    InvitationsPaused,
    /// Open invitations are taken back.
    InvitationsRevoked,
    /// Protections stay, and run on.
    ProtectionsKept,
    /// Protections are released: others may have the places.
    ProtectionsReleased,
    /// Registrations that are not decided wait: they cannot be approved until the partner is reinstated.
    RegistrationsWait,
    /// Registrations that are not decided can be approved again.
    RegistrationsGoOn,
    /// Registrations that are not decided are refused.
    RegistrationsRefused,
    /// Requests for funds that are not decided wait.
    MdfRequestsWait,
    /// Requests for funds that are not decided can be approved again.
    MdfRequestsGoOn,
    /// Requests for funds that nothing was claimed of are cancelled.
    MdfRequestsCancelled,
    /// Committed funds stay committed.
    MdfCommitmentsKept,
    /// Committed funds that were not claimed return.
    MdfCommitmentsReleased,
    /// Funds that are not committed, what was committed and is released among them, return to their programs.
    MdfFundsReturned,
    /// What was claimed is still decided and paid.
    MdfClaimsGoOn,
}

/// One thing that follows from a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consequence {
    /// What.
    pub kind: ConsequenceKind,
    /// Of how many.
    pub count: u64,
    /// Amounts of money, one of each currency.
    pub amounts: Vec<Money>,
    /// The ids of what it concerns; empty where they are not told apart.
    pub objects: Vec<String>,
    /// In words.
    pub sentence: String,
}

/// What would follow from a change now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// The partner as it is.
    pub partner: Partner,
    /// The change.
    pub change: PartnerChange,
    /// The state that it leads to; none when it is not possible now.
    pub to: Option<PartnerState>,
    /// What follows; nothing when it is not possible.
    pub consequences: Vec<Consequence>,
    /// Stands for all of it: the same as long as the same would follow.
    pub digest: String,
}

/// Somebody looks at what would follow.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The partner.
    pub id: PartnerId,
    /// The change.
    pub change: PartnerChange,
}

/// Somebody confirms a change.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The partner.
    pub id: PartnerId,
    /// The change.
    pub change: PartnerChange,
    /// Why.
    pub reason: PartnerStateReason,
    /// Why, in words for the partner.
    pub message: Option<String>,
    /// The digest of the preview that they saw.
    pub digest: String,
    /// The version that they read.
    pub expected_version: Option<i64>,
}

/// A change was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Changed {
    /// The partner.
    pub partner: Partner,
    /// What followed.
    pub consequences: Vec<Consequence>,
}
