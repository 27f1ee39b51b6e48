//! What staff see of a conflict case.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, dataloader::Loader};
use entity::value::{
    DealConflictId, DealConflictOutcome, DealConflictResult, DealConflictRole, DealConflictState,
    DealRegistrationState, Timestamp,
};

use crate::{
    deals::{
        conflicts::{
            model::{Conflict, Party},
            service,
        },
        registrations::graphql::DealRegistration,
    },
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{errors::DecisionReceipt, loaders, receipts},
    },
};

/// A conflict about deal registrations. Only staff see it as a whole.
pub struct DealConflict(pub Conflict);

/// A conflict about deal registrations. Only staff see it as a whole.
#[Object]
impl DealConflict {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Where it is.
    async fn state(&self) -> DealConflictState {
        self.0.state
    }

    /// The registrations in it.
    async fn parties(&self, gql: &Context<'_>) -> AppResult<Vec<DealConflictParty>> {
        let found = loaders::loader(gql, PartyLoader).load_one(self.0.id).await?.unwrap_or_default();
        Ok(found.into_iter().map(|party| DealConflictParty { party, conflict: self.0.clone() }).collect())
    }

    /// When it was opened.
    async fn opened_at(&self) -> Timestamp {
        self.0.opened_at
    }

    /// Who opened it.
    async fn opened_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.opened_by?).await.transpose()
    }

    /// Why staff opened it; null when a partner disputed what was decided.
    async fn rationale(&self) -> Option<&str> {
        self.0.rationale.as_deref()
    }

    /// Who is to decide it; null when nobody is yet.
    async fn owner(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.owner_id?).await.transpose()
    }

    /// By when it is to be decided; while sharing is offered, by when the parties accept.
    async fn due_at(&self) -> Timestamp {
        self.0.due_at
    }

    /// Whether the vendor has missed a deadline, and it is not decided yet.
    async fn is_overdue(&self) -> bool {
        self.0.is_open() && self.0.missed_deadlines > 0
    }

    /// How many deadlines the vendor has missed since it was opened, offered or appealed.
    async fn missed_deadlines(&self) -> i32 {
        self.0.missed_deadlines
    }

    /// The instant at which what stands is upheld by itself, unless somebody decides before; null once it is decided.
    async fn upheld_by_default_at(&self) -> Option<Timestamp> {
        self.0.is_open().then_some(self.0.default_at)
    }

    /// How it was decided; null before. While an appeal is open, how it was decided first.
    async fn outcome(&self) -> Option<DealConflictOutcome> {
        Some(self.0.decision.as_ref()?.outcome)
    }

    /// Why, in words that the partners read.
    async fn decision_rationale(&self) -> Option<&str> {
        Some(self.0.decision.as_ref()?.rationale.as_str())
    }

    /// Who got the place; null when nobody did who had not had it.
    async fn winner(&self, gql: &Context<'_>) -> Option<AppResult<DealRegistration>> {
        DealRegistration::load(gql, self.0.decision.as_ref()?.winner_id?).await.transpose()
    }

    /// When it was decided; null before.
    async fn decided_at(&self) -> Option<Timestamp> {
        Some(self.0.decision.as_ref()?.at)
    }

    /// Who decided it; null before, and when nobody did in time.
    async fn decided_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.decision.as_ref()?.by?).await.transpose()
    }

    /// Whether nobody decided in time.
    async fn is_decided_by_default(&self) -> bool {
        self.0.decision.as_ref().is_some_and(|decision| decision.by_default)
    }

    /// Why sharing is offered, in words that the partners read; null while it is not.
    async fn offer_rationale(&self) -> Option<&str> {
        Some(self.0.offer.as_ref()?.rationale.as_str())
    }

    /// Until when a party can appeal; null while there is nothing to appeal, and once it was appealed.
    async fn appealable_until(&self) -> Option<Timestamp> {
        self.0.appealable_until()
    }

    /// When it was appealed; null when it was not.
    async fn appealed_at(&self) -> Option<Timestamp> {
        Some(self.0.appeal.as_ref()?.at)
    }

    /// The registration whose partner appealed.
    async fn appellant(&self, gql: &Context<'_>) -> Option<AppResult<DealRegistration>> {
        DealRegistration::load(gql, self.0.appeal.as_ref()?.registration_id).await.transpose()
    }

    /// Why it was appealed.
    async fn appeal_statement(&self) -> Option<&str> {
        Some(self.0.appeal.as_ref()?.statement.as_str())
    }

    /// How it was decided before the appeal; null when it was not appealed.
    async fn first_outcome(&self) -> Option<DealConflictOutcome> {
        self.0.first_outcome
    }

    /// The decisions about it, newest first.
    async fn receipts(&self, gql: &Context<'_>) -> AppResult<Vec<DecisionReceipt>> {
        receipts::of_object(gql, self.0.id.to_string()).await
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// A registration in a conflict case, as staff see it.
pub struct DealConflictParty {
    party: Party,
    conflict: Conflict,
}

/// A registration in a conflict case, as staff see it.
#[Object]
impl DealConflictParty {
    /// The registration, with its evidence.
    async fn deal_registration(&self, gql: &Context<'_>) -> Option<AppResult<DealRegistration>> {
        DealRegistration::load(gql, self.party.registration_id).await.transpose()
    }

    /// Whose it is.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.party.partner_id).await.transpose()
    }

    /// On which side it is.
    async fn role(&self) -> DealConflictRole {
        self.party.role
    }

    /// Where it was before it was contested.
    async fn stood(&self) -> DealRegistrationState {
        self.party.stood
    }

    /// What its partner says; null when it said nothing.
    async fn statement(&self) -> Option<&str> {
        self.party.statement.as_deref()
    }

    /// When it said so.
    async fn stated_at(&self) -> Option<Timestamp> {
        self.party.stated_at
    }

    /// The part that it is offered, in basis points; null while nothing is offered.
    async fn offered_basis_points(&self) -> Option<i32> {
        self.party.offered_bp.filter(|_| self.conflict.state == DealConflictState::Offered)
    }

    /// When it accepted that; null before.
    async fn accepted_at(&self) -> Option<Timestamp> {
        self.party
            .accepted_at
            .filter(|_| self.conflict.state == DealConflictState::Offered || self.party.share_bp.is_some())
    }

    /// Its part of the deal, in basis points; null when the deal is not shared.
    async fn share_basis_points(&self) -> Option<i32> {
        self.party.share_bp
    }

    /// What was decided, as it concerns this one; null before.
    async fn result(&self) -> Option<DealConflictResult> {
        self.party.result_in(&self.conflict)
    }
}

/// Loads cases for the caller.
pub struct ConflictLoader(Call);

impl Loader<DealConflictId> for ConflictLoader {
    type Value = Conflict;
    type Error = AppError;

    async fn load(&self, ids: &[DealConflictId]) -> AppResult<HashMap<DealConflictId, Conflict>> {
        let now = self.0.now();
        let found = service::find_many(&self.0, ids).await?;
        Ok(found.into_iter().map(|it| (it.id, it.as_of(now))).collect())
    }
}

impl DealConflict {
    /// The case of an id, loaded together with its siblings; none for those who may not read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: DealConflictId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, ConflictLoader).load_one(id).await?.map(Self))
    }
}

struct PartyLoader(Call);

impl Loader<DealConflictId> for PartyLoader {
    type Value = Vec<Party>;
    type Error = AppError;

    async fn load(&self, ids: &[DealConflictId]) -> AppResult<HashMap<DealConflictId, Vec<Party>>> {
        let mut parties: HashMap<_, Vec<_>> = HashMap::new();
        for party in service::parties_of(&self.0, ids).await? {
            parties.entry(party.conflict_id).or_default().push(party);
        }
        Ok(parties)
    }
}
