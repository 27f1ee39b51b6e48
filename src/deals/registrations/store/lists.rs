//! SQL of lists of registrations.

use entity::{
    deal_registration,
    value::{DealRegistrationState as State, Timestamp},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::rows::{SHORT, Short, read};
use crate::{
    deals::registrations::model::{Long, Registration, RegistrationFilter, RegistrationOrder},
    platform::{
        auth::Scope,
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// A page of the registrations that exist for the caller, by their states as of an instant.
#[expect(clippy::too_many_arguments, reason = "what a list is made of")]
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &RegistrationFilter,
    order: RegistrationOrder,
    page: &Page,
    now: Timestamp,
    long: Long,
) -> AppResult<Rows<Registration>> {
    use deal_registration::Column;
    let select = deal_registration::Entity::find().filter(scope.rows_of(Column::PartnerId));
    let mut select = filtered(select, filter, now);
    let key = match order {
        RegistrationOrder::Created => None,
        RegistrationOrder::Qualified => Some(Column::QualifiedAt),
        RegistrationOrder::ProtectedUntil => Some(Column::ProtectedUntil),
    };
    if let Some(key) = key {
        select = select.filter(key.is_not_null());
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let select = page.select(select, key, Column::Id);
    let rows = match long {
        Long::Read => select.all(db).await?.into_iter().map(read).collect::<AppResult<_>>()?,
        Long::Left => {
            let select = select.select_only().columns(SHORT);
            select.into_model::<Short>().all(db).await?.into_iter().map(|Short(it)| it).collect()
        }
    };
    Ok(page.finish(rows, total))
}

fn filtered(
    mut select: Select<deal_registration::Entity>,
    filter: &RegistrationFilter,
    now: Timestamp,
) -> Select<deal_registration::Entity> {
    use deal_registration::Column;
    let RegistrationFilter { states, deal_stages, partner_id, account_id, reviewer_id, is_unassigned, is_overdue } =
        filter;
    if !states.is_empty() {
        select = select.filter(in_states(states, now));
    }
    if !deal_stages.is_empty() {
        select = select.filter(Column::DealStage.is_in(deal_stages.iter().copied()));
    }
    if let Some(id) = partner_id {
        select = select.filter(Column::PartnerId.eq(*id));
    }
    if let Some(id) = account_id {
        select = select.filter(Column::AccountId.eq(*id));
    }
    if let Some(id) = reviewer_id {
        select = select.filter(Column::ReviewerId.eq(*id));
    }
    if let Some(unassigned) = is_unassigned {
        let nobody = if *unassigned { Column::ReviewerId.is_null() } else { Column::ReviewerId.is_not_null() };
        select = select.filter(nobody);
    }
    if let Some(overdue) = is_overdue {
        select = select.filter(if *overdue { Column::DueAt.lte(now) } else { Column::DueAt.gt(now) });
    }
    select
}

/// In one of some states at an instant: a conflict that is over by itself gives back what stood before.
fn in_states(states: &[State], now: Timestamp) -> Condition {
    use deal_registration::Column;
    if states.iter().all(|state| matches!(state, State::Submitted | State::InReview)) {
        return queued(states, now);
    }
    let contested = || Condition::all().add(Column::State.eq(State::Contested));
    let own: Vec<State> = states.iter().copied().filter(|state| *state != State::Contested).collect();
    let mut any = stood(&own, Column::State, now);
    if states.contains(&State::Contested) {
        any = any.add(contested().add(Column::ContestedUntil.gt(now)));
    }
    if !own.iter().any(|state| COME_BACK.contains(state)) {
        return any;
    }
    let over = contested().add(Column::ContestedUntil.lte(now)).add(stood(&own, Column::ContestedFrom, now));
    // All of them named once more: so an index of states leads to them.
    let mut named = own.clone();
    if own.contains(&State::Expired) {
        named.push(State::Protected);
    }
    if own.contains(&State::Rejected) {
        named.extend([State::Submitted, State::InReview]);
    }
    named.push(State::Contested);
    named.sort_unstable();
    named.dedup();
    Condition::all().add(among(Column::State, &named)).add(any.add(over))
}

/// In the states of the queue, without an alternative of states: the databases would read two indexes for it and sort.
fn queued(states: &[State], now: Timestamp) -> Condition {
    use deal_registration::Column;
    let mut named = states.to_vec();
    named.sort_unstable();
    named.dedup();
    let over = Condition::all().add(Column::ContestedUntil.lte(now)).add(among(Column::ContestedFrom, &named));
    named.push(State::Contested);
    Condition::all()
        .add(among(Column::State, &named))
        .add(Condition::any().add(Column::HoldUntil.is_null()).add(Column::HoldUntil.gt(now)))
        .add(Condition::any().add(Column::ContestedUntil.is_null()).add(over))
}

/// Where something can be when a conflict about it is over.
const COME_BACK: &[State] = &[
    State::Submitted,
    State::InReview,
    State::ActionRequired,
    State::Waitlisted,
    State::Protected,
    State::Expired,
    State::Rejected,
    State::Revoked,
];

/// Written out, not as parameters: the databases have an index of exactly the queue's states, and use it only where they
/// see that no others are asked for.
fn among(column: deal_registration::Column, states: &[State]) -> SimpleExpr {
    let words = states.iter().map(|state| Expr::Constant(state.to_string().into())).collect::<Vec<_>>();
    Expr::col((deal_registration::Entity, column)).is_in(words)
}

/// In one of some states by a column: a stored `PROTECTED` whose term is over has expired, and what was held for too long
/// without sufficient evidence is rejected.
fn stood(states: &[State], column: deal_registration::Column, now: Timestamp) -> Condition {
    use deal_registration::Column;
    let mut stored: Vec<State> = states.iter().copied().filter(|state| *state != State::Protected).collect();
    stored.sort_unstable();
    stored.dedup();
    let protected = || Condition::all().add(column.eq(State::Protected));
    let (held, stored): (Vec<State>, Vec<State>) =
        stored.into_iter().partition(|state| matches!(state, State::Submitted | State::InReview));
    let mut any = Condition::any();
    if !stored.is_empty() {
        any = any.add(among(column, &stored));
    }
    if !held.is_empty() {
        let in_time = Condition::any().add(Column::HoldUntil.is_null()).add(Column::HoldUntil.gt(now));
        any = any.add(Condition::all().add(among(column, &held)).add(in_time));
    }
    if states.contains(&State::Rejected) {
        let lapsed = among(column, &[State::Submitted, State::InReview]);
        any = any.add(Condition::all().add(lapsed).add(Column::HoldUntil.lte(now)));
    }
    if states.contains(&State::Protected) {
        any = any.add(protected().add(Column::ProtectedUntil.gt(now)));
    }
    if states.contains(&State::Expired) {
        any = any.add(protected().add(Column::ProtectedUntil.lte(now)));
    }
    any
}
