//! Rows of cases and parties, and what they are to the domain.

use entity::{deal_conflict, deal_conflict_party};
use sea_orm::ActiveValue::Set;

use crate::deals::{
    conflicts::model::{Appealed, Conflict, Decided, Offer, Party},
    registrations::rules::policy::cases::CasePolicy,
};

pub(super) fn read(row: deal_conflict::Model) -> Conflict {
    let days = |days: i32| u32::try_from(days).unwrap_or(0);
    let decision = row.outcome.zip(row.decided_at).map(|(outcome, at)| Decided {
        outcome,
        rationale: row.decision_rationale.unwrap_or_default(),
        winner_id: row.winner_id,
        at,
        by: row.decided_by,
        by_default: row.by_default,
    });
    let offer = row.offered_at.map(|at| Offer {
        rationale: row.offer_rationale.unwrap_or_default(),
        winner_id: row.offer_winner_id,
        at,
        by: row.offered_by,
    });
    let appeal = row.appealed_at.zip(row.appellant_id).map(|(at, registration_id)| Appealed {
        at,
        by: row.appealed_by,
        registration_id,
        statement: row.appeal_statement.unwrap_or_default(),
    });
    Conflict {
        id: row.id,
        state: row.state,
        opened_at: row.opened_at,
        opened_by: row.opened_by,
        rationale: row.rationale,
        owner_id: row.owner_id,
        policy_version: row.policy_version,
        policy: CasePolicy { decide_business_days: days(row.decide_days), appeal_business_days: days(row.appeal_days) },
        due_at: row.due_at,
        overdue_at: row.overdue_at,
        default_at: row.default_at,
        missed_deadlines: row.missed_deadlines,
        offer,
        decision,
        first_outcome: row.first_outcome,
        appeal,
        version: row.version,
    }
}

pub(super) fn write(it: &Conflict) -> deal_conflict::ActiveModel {
    let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
    let (offer, decision, appeal) = (it.offer.as_ref(), it.decision.as_ref(), it.appeal.as_ref());
    deal_conflict::ActiveModel {
        id: Set(it.id),
        state: Set(it.state),
        opened_at: Set(it.opened_at),
        opened_by: Set(it.opened_by),
        rationale: Set(it.rationale.clone()),
        owner_id: Set(it.owner_id),
        policy_version: Set(it.policy_version),
        decide_days: Set(days(it.policy.decide_business_days)),
        appeal_days: Set(days(it.policy.appeal_business_days)),
        due_at: Set(it.due_at),
        overdue_at: Set(it.overdue_at),
        default_at: Set(it.default_at),
        missed_deadlines: Set(it.missed_deadlines),
        offered_at: Set(offer.map(|offer| offer.at)),
        offered_by: Set(offer.and_then(|offer| offer.by)),
        offer_rationale: Set(offer.map(|offer| offer.rationale.clone())),
        offer_winner_id: Set(offer.and_then(|offer| offer.winner_id)),
        outcome: Set(decision.map(|decision| decision.outcome)),
        decision_rationale: Set(decision.map(|decision| decision.rationale.clone())),
        winner_id: Set(decision.and_then(|decision| decision.winner_id)),
        decided_at: Set(decision.map(|decision| decision.at)),
        decided_by: Set(decision.and_then(|decision| decision.by)),
        by_default: Set(decision.is_some_and(|decision| decision.by_default)),
        first_outcome: Set(it.first_outcome),
        appealed_at: Set(appeal.map(|appeal| appeal.at)),
        appealed_by: Set(appeal.and_then(|appeal| appeal.by)),
        appellant_id: Set(appeal.map(|appeal| appeal.registration_id)),
        appeal_statement: Set(appeal.map(|appeal| appeal.statement.clone())),
        version: Set(it.version),
    }
}

pub(super) fn read_party(row: deal_conflict_party::Model) -> Party {
    let deal_conflict_party::Model {
        conflict_id,
        registration_id,
        partner_id,
        role,
        stood,
        time_left,
        statement,
        stated_at,
        stated_by,
        offered_bp,
        accepted_at,
        accepted_by,
        share_bp,
        result,
        closed_at,
    } = row;
    Party {
        conflict_id,
        registration_id,
        partner_id,
        role,
        stood,
        time_left,
        statement,
        stated_at,
        stated_by,
        offered_bp,
        accepted_at,
        accepted_by,
        share_bp,
        result,
        closed_at,
    }
}

pub(super) fn write_party(it: &Party) -> deal_conflict_party::ActiveModel {
    deal_conflict_party::ActiveModel {
        conflict_id: Set(it.conflict_id),
        registration_id: Set(it.registration_id),
        partner_id: Set(it.partner_id),
        role: Set(it.role),
        stood: Set(it.stood),
        time_left: Set(it.time_left),
        statement: Set(it.statement.clone()),
        stated_at: Set(it.stated_at),
        stated_by: Set(it.stated_by),
        offered_bp: Set(it.offered_bp),
        accepted_at: Set(it.accepted_at),
        accepted_by: Set(it.accepted_by),
        share_bp: Set(it.share_bp),
        result: Set(it.result),
        closed_at: Set(it.closed_at),
    }
}
