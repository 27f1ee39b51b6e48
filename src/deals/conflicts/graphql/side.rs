//! A conflict case as one registration's partner sees it: its own side, and nothing of who else is in it.

use std::collections::HashMap;

use async_graphql::{Context, Object, dataloader::Loader};
use entity::value::{DealConflictResult, DealConflictState, RegistrationId, Timestamp};

use super::DealConflict;
use crate::{
    deals::conflicts::{
        model::{Conflict, Party},
        service,
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{GqlContext, loaders},
    },
};

/// The conflict case that a registration is in, or was in last, as far as it concerns this registration.
pub struct DealRegistrationConflict {
    party: Party,
    conflict: Conflict,
}

/// The conflict case that a registration is in, or was in last, as far as it concerns this registration.
#[Object]
impl DealRegistrationConflict {
    /// Where it is.
    async fn state(&self) -> DealConflictState {
        self.conflict.state
    }

    /// What you say; null when you said nothing: `submitDealConflictStatement`.
    async fn statement(&self) -> Option<&str> {
        self.party.statement.as_deref()
    }

    /// When you said so.
    async fn stated_at(&self) -> Option<Timestamp> {
        self.party.stated_at
    }

    /// By when the vendor decides, or by when you accept what you are offered; null once it is decided.
    async fn due_at(&self) -> Option<Timestamp> {
        self.conflict.is_open().then_some(self.conflict.due_at)
    }

    /// How many deadlines the vendor has missed: with the second one, what stood before stands.
    async fn missed_deadlines(&self) -> i32 {
        self.conflict.missed_deadlines
    }

    /// What was decided, as it concerns you; null before. While an appeal is open, what was decided first.
    async fn result(&self) -> Option<DealConflictResult> {
        self.party.result_in(&self.conflict)
    }

    /// Why; while you are offered a part of the deal, why you are.
    async fn rationale(&self) -> Option<&str> {
        let offered = self.conflict.offer.as_ref().map(|offer| offer.rationale.as_str());
        offered.or_else(|| Some(self.conflict.decision.as_ref()?.rationale.as_str()))
    }

    /// When it was decided; null before.
    async fn decided_at(&self) -> Option<Timestamp> {
        Some(self.conflict.decision.as_ref()?.at)
    }

    /// Until when you can appeal; null when you cannot.
    async fn appealable_until(&self) -> Option<Timestamp> {
        self.party.appealable_until(&self.conflict)
    }

    /// Why you appealed; null when you did not.
    async fn appeal_statement(&self) -> Option<&str> {
        let appeal = self.conflict.appeal.as_ref()?;
        (appeal.registration_id == self.party.registration_id).then_some(appeal.statement.as_str())
    }

    /// The part of the deal that you are offered, in basis points; null while nothing is offered:
    /// `acceptDealConflictShare`, `declineDealConflictShare`.
    async fn offered_basis_points(&self) -> Option<i32> {
        self.party.offered_bp.filter(|_| self.conflict.state == DealConflictState::Offered)
    }

    /// When you accepted what you are offered; null before.
    async fn accepted_at(&self) -> Option<Timestamp> {
        self.party.accepted_at.filter(|_| self.conflict.state == DealConflictState::Offered)
    }

    /// Your part of the deal, in basis points; null when it is not shared.
    async fn share_basis_points(&self) -> Option<i32> {
        self.party.share_bp
    }

    /// The whole case. Staff only.
    async fn case(&self, gql: &Context<'_>) -> Option<DealConflict> {
        gql.call().scope().is_everything().then(|| DealConflict(self.conflict.clone()))
    }
}

struct SideLoader(Call);

impl Loader<RegistrationId> for SideLoader {
    type Value = (Party, Conflict);
    type Error = AppError;

    async fn load(&self, ids: &[RegistrationId]) -> AppResult<HashMap<RegistrationId, (Party, Conflict)>> {
        let found = service::of_registrations(&self.0, ids).await?;
        Ok(found.into_iter().map(|(party, conflict)| (party.registration_id, (party, conflict))).collect())
    }
}

impl DealRegistrationConflict {
    /// The side of a registration, loaded together with its siblings; none when it never was in a case.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: RegistrationId) -> AppResult<Option<Self>> {
        let found = loaders::loader(gql, SideLoader).load_one(id).await?;
        Ok(found.map(|(party, conflict)| Self { party, conflict }))
    }
}
