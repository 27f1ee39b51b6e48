//! SQL of deal registrations and protections.

mod claims;
mod contest;
pub mod due;
mod evidence;
pub mod figures;
mod lists;
pub mod merging;
pub mod offers;
pub mod proofs;
mod rows;

pub use claims::{claims, contested, end_claims, extend_protections, find_lines, open_lines, protect, replace_lines};
pub use contest::{contest, postpone};
pub use evidence::{find_evidence, insert_evidence, withdraw_evidence};
pub use lists::list;

use entity::{
    deal_registration,
    value::{DealRegistrationState as State, PartnerId, ProductLineId, RegistrationId, Timestamp},
};
use rows::{read, write};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::model::Registration;
use crate::platform::{
    auth::Scope,
    db::{Unique, dialect},
    error::{AppError, AppResult},
};

/// At any moment at most one partner holds an (account, product line).
pub const ONE_ACTIVE_PROTECTION: Unique = Unique {
    name: "one_active_protection_per_account_and_line",
    columns: "protections.account_id, protections.product_line_id",
};

/// A partner claims an (account, product line) once at a time.
pub const ONE_OPEN_CLAIM: Unique = Unique {
    name: "one_open_claim_per_partner_account_and_line",
    columns: "deal_registration_lines.account_id, deal_registration_lines.product_line_id, deal_registration_lines.partner_id",
};

/// The registrations of these ids that exist for the caller.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    ids: &[RegistrationId],
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(deal_registration::Column::PartnerId));
    found.all(db).await?.into_iter().map(read).collect()
}

/// The registration of an id, if it exists for the caller, held until the transaction ends.
pub async fn find_for_update(
    db: &impl ConnectionTrait,
    scope: Scope,
    id: RegistrationId,
) -> AppResult<Option<Registration>> {
    let found = deal_registration::Entity::find_by_id(id).filter(scope.rows_of(deal_registration::Column::PartnerId));
    dialect::for_update(db, found).one(db).await?.map(read).transpose()
}

/// These registrations, held until the transaction ends, in the order of their ids. No scope: a conflict is about all of
/// them, whoever asks.
pub async fn hold_many(db: &impl ConnectionTrait, ids: &[RegistrationId]) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(deal_registration::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

/// Those of these registrations whose protection or hold has ended by the clock, which nobody has written down, held.
/// No scope: whose place has become free does not depend on who asks.
pub async fn find_expired_for_update(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
    now: Timestamp,
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::Id.is_in(ids.iter().copied()))
        .filter(ended_by_the_clock(now))
        .order_by_asc(deal_registration::Column::Id);
    dialect::for_update(db, found).all(db).await?.into_iter().map(read).collect()
}

/// The registrations of a partner whose claim has not ended in their stored state, oldest first; held until the
/// transaction ends where that is asked for. No scope: the partner was found before.
pub async fn find_open_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    held: bool,
) -> AppResult<Vec<Registration>> {
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::PartnerId.eq(partner_id))
        .filter(deal_registration::Column::EndedAt.is_null())
        .order_by_asc(deal_registration::Column::Id);
    let found = if held { dialect::for_update(db, found) } else { found };
    found.all(db).await?.into_iter().map(read).collect()
}

/// Inserts a registration with its product lines. Those of a draft are closed: it claims nothing.
pub async fn insert(db: &impl ConnectionTrait, registration: &Registration, lines: &[ProductLineId]) -> AppResult<()> {
    deal_registration::Entity::insert(write(registration)?).exec_without_returning(db).await?;
    claims::insert_lines(db, registration, lines).await
}

/// Records a change of a registration that was held; false when it is not at that version any more.
pub async fn update(db: &impl ConnectionTrait, before_version: i64, after: &Registration) -> AppResult<()> {
    let updated = deal_registration::Entity::update_many()
        .set(write(after)?)
        .filter(deal_registration::Column::Id.eq(after.id))
        .filter(deal_registration::Column::Version.eq(before_version))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}

/// Ended by the clock, and still stored as going on.
fn ended_by_the_clock(now: Timestamp) -> Condition {
    use deal_registration::Column;
    let ended = |state: Column| {
        let expired = Condition::all().add(state.eq(State::Protected)).add(Column::ProtectedUntil.lte(now));
        let lapsed = Condition::all().add(state.is_in([State::Submitted, State::InReview]));
        Condition::any().add(expired).add(lapsed.add(Column::HoldUntil.lte(now)))
    };
    let over = Condition::all().add(Column::State.eq(State::Contested)).add(Column::ContestedUntil.lte(now));
    let again = ended(Column::ContestedFrom).add(Column::ContestedFrom.is_in([State::Rejected, State::Revoked]));
    ended(Column::State).add(over.add(again))
}

/// How many registrations of a partner are held at an instant while their evidence is completed. No scope: the partner was
/// found before, and is held.
pub async fn open_holds(db: &impl ConnectionTrait, partner_id: PartnerId, now: Timestamp) -> AppResult<i64> {
    let open = deal_registration::Entity::find()
        .filter(deal_registration::Column::PartnerId.eq(partner_id))
        .filter(deal_registration::Column::EndedAt.is_null())
        .filter(deal_registration::Column::HoldUntil.is_not_null())
        // While the partner is asked, a hold stands still.
        .filter(
            Condition::any()
                .add(deal_registration::Column::HoldUntil.gt(now))
                .add(deal_registration::Column::State.eq(State::ActionRequired)),
        );
    Ok(i64::try_from(open.count(db).await?).unwrap_or(i64::MAX))
}
