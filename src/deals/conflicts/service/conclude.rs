//! A case is over: its registrations go where the decision says, and each party is told what concerns itself.

use chrono::TimeDelta;
use entity::value::{
    DealConflictOutcome as Outcome, DealConflictResult, DealRegistrationState, RegistrationId, Timestamp,
};
use sea_orm::DatabaseTransaction;

use super::record;
use crate::{
    deals::{
        conflicts::{
            model::{Case, Conflict, Party},
            rules::fates::Fate,
            store,
        },
        registrations::{contest, model::Registration},
    },
    kernel::decision::{Audience, Receipt, Step},
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        receipts,
    },
};

/// How a case is over.
pub(super) struct Conclusion {
    /// The case, decided, with its parties as they are before.
    pub(super) case: Case,
    /// What becomes of each registration that is in it.
    pub(super) fates: Vec<(RegistrationId, Fate, DealConflictResult)>,
    /// From which instant on.
    pub(super) at: Timestamp,
    /// Whether what was offered is what they have.
    pub(super) shared: bool,
}

/// Carries a decision out: first whoever loses the place, last whoever gets it.
pub(super) async fn conclude(
    txn: &DatabaseTransaction,
    hand: &Call,
    before: &Conflict,
    conclusion: Conclusion,
) -> AppResult<Case> {
    let Conclusion { case, fates, at, shared } = conclusion;
    let decision = case.conflict.decision.clone().ok_or_else(|| AppError::internal("a case without its decision"))?;
    let ids: Vec<RegistrationId> = fates.iter().map(|(id, _, _)| *id).collect();
    let registrations = contest::hold_all(txn, &ids).await?;
    for step in [Fate::Ended, Fate::Back, Fate::Protected] {
        for (id, _, _) in fates.iter().filter(|(_, fate, _)| *fate == step) {
            let Some(it) = registrations.iter().find(|it| it.id == *id) else { continue };
            if it.state == DealRegistrationState::Contested {
                let left = case.party(*id).and_then(|party| party.time_left).map(TimeDelta::microseconds);
                carry_out(txn, hand, it, (step, &decision.rationale), (left, at)).await?;
            }
        }
    }
    let mut parties = Vec::with_capacity(case.parties.len());
    for party in case.parties {
        let Some((_, _, result)) = fates.iter().find(|(id, _, _)| *id == party.registration_id) else {
            parties.push(party);
            continue;
        };
        let share_bp = match decision.outcome {
            _ if shared => party.offered_bp,
            Outcome::Upheld => party.share_bp,
            _ if decision.by_default => party.share_bp,
            _ => None,
        };
        let (offered_bp, result) = (None, Some(*result));
        let after = Party { result, share_bp, offered_bp, closed_at: Some(at), ..party };
        store::update_party(txn, &after).await?;
        let receipt = told(&case.conflict, &after);
        receipts::save(txn, hand, after.registration_id.to_string(), Some(after.partner_id), &receipt).await?;
        parties.push(after);
    }
    let after = Case { conflict: case.conflict, parties };
    record(txn, hand, Action::DecideConflict, before, &after).await?;
    Ok(after)
}

async fn carry_out(
    txn: &DatabaseTransaction,
    hand: &Call,
    registration: &Registration,
    (fate, rationale): (Fate, &str),
    (left, at): (Option<TimeDelta>, Timestamp),
) -> AppResult<()> {
    match fate {
        Fate::Back => contest::give_back(txn, hand, registration, at).await,
        Fate::Ended => contest::end(txn, hand, registration, (rationale, at)).await,
        Fate::Protected => Box::pin(contest::award(txn, hand, registration, left)).await,
    }
}

/// What a party reads of the decision: its own side of it.
fn told(conflict: &Conflict, party: &Party) -> Receipt {
    let decision = conflict.decision.as_ref();
    let by_default = decision.is_some_and(|decision| decision.by_default);
    let result = party.result.map(|result| result.to_string()).unwrap_or_default();
    Receipt {
        decision: "conflict.decide".to_owned(),
        policy_version: conflict.policy_version,
        inputs: serde_json::json!({ "registrationId": party.registration_id, "result": result, "sharedBasisPoints": party.share_bp }),
        outcome: result,
        steps: vec![Step {
            rule: if by_default { "decided_by_the_clock" } else { "decided_by_ops" }.to_owned(),
            passed: party.result != Some(DealConflictResult::NotGranted),
            code: None,
            sentence: decision.map(|decision| decision.rationale.clone()).unwrap_or_default(),
            audience: Audience::Partner,
        }],
    }
}
