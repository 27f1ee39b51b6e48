//! What becomes of a partner's registrations when the partner changes.

use entity::value::{
    DealRegistrationOutcome as Outcome, DealRegistrationState as State, PartnerId, RegistrationId, Timestamp,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::record;
use crate::{
    deals::{
        conflicts,
        registrations::{model::Registration, store},
    },
    platform::{auth::policy::Action, call::Call, error::AppResult},
};

/// The registrations of a partner whose claim has not ended, oldest first, as they are stored: `as_of` says what they are
/// at an instant. With `held`, until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn open_of_partner(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    held: bool,
) -> AppResult<Vec<Registration>> {
    store::find_open_of_partner(db, partner_id, held).await
}

/// Ends the claims of a partner that is terminated, in that transaction: protections are released, what was not decided
/// is refused, and what had expired by the clock stays expired.
///
/// # Errors
/// Those of the database.
pub async fn end_of_terminated(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    open: &[Registration],
    now: Timestamp,
) -> AppResult<()> {
    for stored in open {
        let present = stored.clone().as_of(now);
        let after = match present.state {
            _ if present.ended_at.is_some() && stored.ended_at.is_none() => present.changed(),
            State::Protected => stored.ended(State::Released, Outcome::PartnerTerminated, None, now),
            State::Contested if stored.protection_left().is_some() => {
                stored.ended(State::Released, Outcome::PartnerTerminated, None, now)
            }
            State::Draft
            | State::Submitted
            | State::InReview
            | State::ActionRequired
            | State::Contested
            | State::Waitlisted => stored.ended(State::Rejected, Outcome::PartnerTerminated, None, now),
            State::Rejected
            | State::Withdrawn
            | State::Converted
            | State::Expired
            | State::Released
            | State::Revoked => continue,
        };
        record(txn, call, action, stored, &after).await?;
    }
    let contested: Vec<RegistrationId> =
        open.iter().filter(|it| it.state == State::Contested).map(|it| it.id).collect();
    conflicts::leave(txn, call, &contested).await
}
