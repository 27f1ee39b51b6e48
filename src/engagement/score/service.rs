//! Use cases of the score.

use std::collections::HashMap;

use entity::value::{EngagementComponent, PartnerId, PartnerTypes, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Policy, Score, Total, Totals},
    rules, store,
};
use crate::{
    engagement::activity::{self, model::Activity},
    platform::{
        auth::{Scope, policy::Action},
        call::Call,
        error::AppResult,
    },
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

/// The scores of these partners at an instant. At the present one they come from what is kept, in one statement; at an
/// earlier one each partner's stream is replayed until then. No scope: whoever asks has looked who may know.
///
/// # Errors
/// Those of the database.
pub async fn scores_at(
    db: &impl ConnectionTrait,
    partners: &[(PartnerId, PartnerTypes)],
    as_of: Timestamp,
    now: Timestamp,
) -> AppResult<HashMap<PartnerId, Score>> {
    let policy = &Policy::SHIPPED;
    let mut totals = HashMap::new();
    if as_of >= now {
        let ids: Vec<PartnerId> = partners.iter().map(|(id, _)| *id).collect();
        totals = store::find_many(db, Scope::Everything, &ids).await?;
    } else {
        for (id, _) in partners {
            let stream = activity::stream_in(db, Scope::Everything, *id).await?;
            let counted = stream.iter().filter_map(Activity::counted).filter(|counted| counted.occurred_at <= as_of);
            totals.insert(*id, rules::replay(policy, counted));
        }
    }
    let score = |(id, types): &(PartnerId, PartnerTypes)| {
        let none = Totals::default();
        (*id, rules::score(policy, types, totals.get(id).unwrap_or(&none), as_of))
    };
    Ok(partners.iter().map(score).collect())
}

/// The next partner with totals, in the order of ids: for a walk through all of them in bounded memory.
///
/// # Errors
/// Those of the database.
pub async fn next_counted(call: &Call, after: Option<PartnerId>) -> AppResult<Option<PartnerId>> {
    store::next_counted(call.db().pool(), after).await
}

/// Whether replaying a partner's whole stream gives the totals that are kept, bit for bit.
///
/// # Errors
/// Those of the database.
pub async fn replays(call: &Call, partner_id: PartnerId) -> AppResult<bool> {
    let kept = store::find_many(&call.reader(), call.scope(), &[partner_id]).await?.remove(&partner_id);
    let stream = activity::stream_of(call, partner_id).await?;
    let replayed = rules::replay(&Policy::SHIPPED, stream.iter().filter_map(Activity::counted));
    let bits = |totals: Totals| -> Vec<_> {
        let total = |(component, total): (EngagementComponent, Total)| {
            (component, total.raw_micros, total.decayed.to_bits(), total.as_of)
        };
        totals.into_iter().map(total).collect()
    };
    Ok(bits(kept.unwrap_or_default()) == bits(replayed))
}
