//! Use cases of the score.

use std::collections::HashMap;

use entity::value::PartnerId;
use sea_orm::DatabaseTransaction;

use super::{
    model::{Policy, Totals},
    rules, store,
};
use crate::{
    engagement::activity::model::Activity,
    platform::{auth::policy::Action, call::Call, error::AppResult},
};

/// Counts an activity that was just appended, in the transaction of the append: it holds the partner's stream, so
/// nobody else counts for the same partner meanwhile.
///
/// # Errors
/// Those of the database.
pub async fn count(txn: &DatabaseTransaction, activity: &Activity) -> AppResult<()> {
    let Some(counted) = activity.counted() else { return Ok(()) };
    let before = store::find(txn, counted.partner_id, counted.component).await?;
    let half_life = Policy::SHIPPED.half_life_days(counted.component);
    let after = rules::fold(half_life, before, counted.value_micros, counted.occurred_at);
    store::put(txn, counted.partner_id, counted.component, after).await
}

/// What the activity of these partners adds up to, as far as they exist for the caller.
///
/// # Errors
/// Who you are; those of the database.
pub async fn totals_of(call: &Call, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Totals>> {
    call.may(Action::ReadEngagement)?;
    store::find_many(&call.reader(), call.scope(), partners).await
}
