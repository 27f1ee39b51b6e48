//! Use cases of conflict cases: gather → decide → record.

mod appeal;
mod clock;
mod conclude;
mod decide;
mod open;
mod party;
mod read;

pub use appeal::appeal;
pub use clock::{leave, run_due, settle};
pub use decide::{assign, decide};
pub use open::{dispute, open};
pub use party::{accept, decline, state};
pub use read::{find_many, list, of_registrations, parties_of};

use entity::value::{DealConflictId, DealConflictState as State, RegistrationId, Role, Timestamp, UserId, UserState};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Case, Conflict, Party},
    store,
};
use crate::{
    deals::registrations::contest,
    kernel::{
        code::Code,
        decision::{Decision, Receipt},
    },
    people::users,
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
    },
};

/// A case that is held, with its registrations, until the transaction ends.
struct Held {
    /// As it is now.
    case: Case,
    /// As the conflict is stored.
    stored: Conflict,
    /// The present instant.
    now: Timestamp,
}

/// Holds a case. What the clock has decided is written down before.
async fn hold(txn: &DatabaseTransaction, call: &Call, id: DealConflictId, field: &str) -> AppResult<Held> {
    // The registrations first, as whoever touches one of them does.
    let ids: Vec<RegistrationId> = store::parties_of(txn, &[id]).await?.iter().map(|it| it.registration_id).collect();
    contest::hold_all(txn, &ids).await?;
    let mut stored = store::find_for_update(txn, id).await?.ok_or_else(|| AppError::not_found(field))?;
    let now = call.now();
    if clock::write_down(txn, call, &stored).await? {
        stored = store::find_for_update(txn, id).await?.ok_or_else(|| AppError::not_found(field))?;
    }
    let mut parties = store::parties_of(txn, &[id]).await?;
    let conflict = stored.clone().as_of(now);
    if stored.state == State::Offered && conflict.state != State::Offered {
        parties = withdrawn(txn, parties).await?;
    }
    Ok(Held { case: Case { conflict, parties }, stored, now })
}

/// Nothing is offered to the parties any more.
async fn withdrawn(txn: &DatabaseTransaction, parties: Vec<Party>) -> AppResult<Vec<Party>> {
    let mut after = Vec::with_capacity(parties.len());
    for party in parties {
        let next = Party { offered_bp: None, accepted_at: None, accepted_by: None, ..party.clone() };
        if next != party {
            store::update_party(txn, &next).await?;
        }
        after.push(next);
    }
    Ok(after)
}

/// Records a change of a case that is held: when it is over by itself moves with it.
async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: &Conflict,
    after: &Case,
) -> AppResult<()> {
    let by = after.conflict.default_at.since(before.default_at);
    let ids: Vec<RegistrationId> = after.present().map(|party| party.registration_id).collect();
    contest::postpone(txn, call, &ids, by).await?;
    store::update(txn, before.version, &after.conflict).await?;
    for party in &after.parties {
        call.tell(party.registration_id.to_string());
    }
    audited(txn, call, action, Some(before), &after.conflict).await
}

async fn audited(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Conflict>,
    after: &Conflict,
) -> AppResult<()> {
    let change = audit::Change {
        action,
        object_id: after.id.to_string(),
        // Staff's affair: a partner reads its own side of it.
        partner_id: None,
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}

/// Somebody of staff who may decide cases.
async fn expect_decider(txn: &DatabaseTransaction, id: UserId) -> AppResult<()> {
    let found = users::find_in(txn, Scope::Everything, id).await?;
    let may = found.is_some_and(|user| {
        let decides = user.roles.has(Role::ChannelOps) || user.roles.has(Role::Admin);
        user.partner_id.is_none() && decides && user.state == UserState::Active
    });
    if may { Ok(()) } else { Err(AppError::invalid("ownerId", Code::NotFound, "Nobody with this id decides cases.")) }
}

/// The receipt of what was decided, or the refusal with it, naming the field that the rule is about.
fn or_refused(decision: Decision, field: impl Fn(&str) -> &'static str) -> AppResult<Receipt> {
    match decision.finish() {
        (receipt, None) => Ok(receipt),
        (receipt, Some((code, sentence))) => {
            let rule = receipt.steps.last().map(|step| step.rule.clone()).unwrap_or_default();
            Err(AppError::decided(field(&rule), code, sentence, receipt))
        }
    }
}
