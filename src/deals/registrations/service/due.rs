//! What the clock brings.

use entity::value::{RegistrationId, Timestamp};
use sea_orm::ConnectionTrait;

use crate::{
    deals::registrations::{
        model::{Deadline, Due},
        store,
    },
    platform::error::AppResult,
};

/// The first registrations whose instant lies behind a place and not behind another instant, in that order. For the
/// product itself: whose they are does not matter.
///
/// # Errors
/// Those of the database.
pub async fn due_between(
    db: &impl ConnectionTrait,
    deadline: Deadline,
    after: (Timestamp, RegistrationId),
    until: Timestamp,
    most: u64,
) -> AppResult<Vec<Due>> {
    store::due::between(db, deadline, after, until, most).await
}
