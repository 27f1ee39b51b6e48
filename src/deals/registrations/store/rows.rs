//! Rows of registrations, and what they are to the domain.

use entity::{
    deal_registration,
    value::{AccountId, Currency, DealRegistrationOutcome, DealRegistrationState, SalesMotion, Timestamp},
};
use sea_orm::{ActiveValue::Set, DbErr, FromQueryResult, QueryResult};

use crate::{
    deals::registrations::{
        model::{Asked, Contact, Contest, Credit, Life, Registration, Review, WonTerms, no_account},
        rules::evidence::EvidenceScore,
    },
    kernel::money::Money,
    platform::error::AppResult,
};

/// A row as the domain sees it, in its stored state: `as_of` says what it is at an instant.
pub(super) fn read(row: deal_registration::Model) -> AppResult<Registration> {
    Ok(Registration {
        id: row.id,
        partner_id: row.partner_id,
        account_id: row.account_id.unwrap_or_else(no_account),
        draft_customer: row.draft_customer.as_deref().map(serde_json::from_str).transpose()?,
        amount: Money { minor_units: row.amount_minor, currency: row.currency },
        expected_close_on: row.expected_close_on,
        contact: Contact { name: row.contact_name, email: row.contact_email },
        partner_role: row.partner_role,
        need: row.need,
        evidence_score: serde_json::from_str(&row.evidence_score)?,
        policy_version: row.policy_version,
        state: row.state,
        outcome: row.outcome,
        outcome_reason: row.outcome_reason,
        deal_stage: row.deal_stage,
        submitted_at: row.submitted_at,
        due_at: row.due_at,
        review: Review {
            reviewer_id: row.reviewer_id,
            asked: row.asked_message.zip(row.asked_at).map(|(message, at)| Asked {
                fields: row.asked_fields,
                message,
                at,
            }),
            answer: row.answer,
            left: row.review_left,
        },
        life: Life {
            hold_until: row.hold_until,
            last_update_at: row.last_update_at,
            progress_note: row.progress_note,
            advanced_at: row.advanced_at,
            extensions: row.extensions,
            extended_at: row.extended_at,
        },
        qualified_at: row.qualified_at,
        protected_from: row.protected_from,
        protected_until: row.protected_until,
        ended_at: row.ended_at,
        won_amount: money(row.won_amount_minor, row.won_currency),
        closed_on: row.closed_on,
        terms: WonTerms {
            months: row.term_months,
            recurring: money(row.recurring_minor, row.recurring_currency),
            credit: row
                .credited_user_id
                .zip(row.credit_bp)
                .map(|(user_id, basis_points)| Credit { user_id, basis_points }),
        },
        created_by: row.created_by,
        version: row.version,
        sales_motion: row.sales_motion,
        contest: row
            .contested_from
            .zip(row.contested_until)
            .map(|at| contest(at, row.contested_outcome, row.contested_reason)),
        disputed_at: row.disputed_at,
    })
}

fn contest(
    (stood, until): (DealRegistrationState, Timestamp),
    outcome: Option<DealRegistrationOutcome>,
    reason: Option<String>,
) -> Contest {
    Contest { stood, outcome, reason, until }
}

fn money(minor_units: Option<i64>, currency: Option<Currency>) -> Option<Money> {
    minor_units.zip(currency).map(|(minor_units, currency)| Money { minor_units, currency })
}

/// The columns that are read for every list, in the order in which [`Short`] takes them.
pub(super) const SHORT: [deal_registration::Column; 26] = {
    use deal_registration::Column;
    [
        Column::Id,
        Column::PartnerId,
        Column::AccountId,
        Column::AmountMinor,
        Column::Currency,
        Column::ExpectedCloseOn,
        Column::PartnerRole,
        Column::PolicyVersion,
        Column::State,
        Column::Outcome,
        Column::DealStage,
        Column::SubmittedAt,
        Column::DueAt,
        Column::QualifiedAt,
        Column::ProtectedFrom,
        Column::ProtectedUntil,
        Column::EndedAt,
        Column::WonAmountMinor,
        Column::WonCurrency,
        Column::ClosedOn,
        Column::CreatedBy,
        Column::Version,
        Column::HoldUntil,
        Column::ContestedFrom,
        Column::ContestedOutcome,
        Column::ContestedUntil,
    ]
};

/// A registration without what is long. Its columns are taken by their places: looking each up by its name, row by
/// row, costs as much as reading it.
pub(super) struct Short(pub(super) Registration);

impl FromQueryResult for Short {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let won: Option<i64> = row.try_get_by_index(17)?;
        let won_currency: Option<Currency> = row.try_get_by_index(18)?;
        let stood: Option<DealRegistrationState> = row.try_get_by_index(23)?;
        let until: Option<Timestamp> = row.try_get_by_index(25)?;
        let outcome = row.try_get_by_index(24)?;
        Ok(Self(Registration {
            id: row.try_get_by_index(0)?,
            partner_id: row.try_get_by_index(1)?,
            account_id: row.try_get_by_index::<Option<AccountId>>(2)?.unwrap_or_else(no_account),
            draft_customer: None,
            amount: Money { minor_units: row.try_get_by_index(3)?, currency: row.try_get_by_index(4)? },
            expected_close_on: row.try_get_by_index(5)?,
            contact: Contact { name: String::new(), email: String::new() },
            partner_role: row.try_get_by_index(6)?,
            need: String::new(),
            evidence_score: EvidenceScore { total: 0, sufficient: false, parts: Vec::new() },
            policy_version: row.try_get_by_index(7)?,
            state: row.try_get_by_index(8)?,
            outcome: row.try_get_by_index(9)?,
            outcome_reason: None,
            deal_stage: row.try_get_by_index(10)?,
            submitted_at: row.try_get_by_index(11)?,
            due_at: row.try_get_by_index(12)?,
            review: Review::default(),
            life: Life { hold_until: row.try_get_by_index(22)?, ..Life::default() },
            qualified_at: row.try_get_by_index(13)?,
            protected_from: row.try_get_by_index(14)?,
            protected_until: row.try_get_by_index(15)?,
            ended_at: row.try_get_by_index(16)?,
            won_amount: won.zip(won_currency).map(|(minor_units, currency)| Money { minor_units, currency }),
            closed_on: row.try_get_by_index(19)?,
            terms: WonTerms::default(),
            created_by: row.try_get_by_index(20)?,
            version: row.try_get_by_index(21)?,
            sales_motion: SalesMotion::default(),
            contest: stood.zip(until).map(|at| contest(at, outcome, None)),
            disputed_at: None,
        }))
    }
}

pub(super) fn write(registration: &Registration) -> AppResult<deal_registration::ActiveModel> {
    let (asked, contest) = (registration.review.asked.as_ref(), registration.contest.as_ref());
    Ok(deal_registration::ActiveModel {
        id: Set(registration.id),
        partner_id: Set(registration.partner_id),
        account_id: Set(registration.account()),
        draft_customer: Set(registration.draft_customer.as_ref().map(serde_json::to_string).transpose()?),
        amount_minor: Set(registration.amount.minor_units),
        currency: Set(registration.amount.currency),
        expected_close_on: Set(registration.expected_close_on),
        contact_name: Set(registration.contact.name.clone()),
        contact_email: Set(registration.contact.email.clone()),
        partner_role: Set(registration.partner_role),
        need: Set(registration.need.clone()),
        evidence_score: Set(serde_json::to_string(&registration.evidence_score)?),
        policy_version: Set(registration.policy_version),
        state: Set(registration.state),
        outcome: Set(registration.outcome),
        outcome_reason: Set(registration.outcome_reason.clone()),
        deal_stage: Set(registration.deal_stage),
        submitted_at: Set(registration.submitted_at),
        due_at: Set(registration.due_at),
        qualified_at: Set(registration.qualified_at),
        protected_from: Set(registration.protected_from),
        protected_until: Set(registration.protected_until),
        ended_at: Set(registration.ended_at),
        won_amount_minor: Set(registration.won_amount.map(|amount| amount.minor_units)),
        won_currency: Set(registration.won_amount.map(|amount| amount.currency)),
        closed_on: Set(registration.closed_on),
        created_by: Set(registration.created_by),
        version: Set(registration.version),
        sales_motion: Set(registration.sales_motion),
        asked_fields: Set(asked.map(|asked| asked.fields.clone()).unwrap_or_default()),
        asked_message: Set(asked.map(|asked| asked.message.clone())),
        asked_at: Set(asked.map(|asked| asked.at)),
        answer: Set(registration.review.answer.clone()),
        reviewer_id: Set(registration.review.reviewer_id),
        review_left: Set(registration.review.left),
        hold_until: Set(registration.life.hold_until),
        last_update_at: Set(registration.life.last_update_at),
        progress_note: Set(registration.life.progress_note.clone()),
        advanced_at: Set(registration.life.advanced_at),
        extensions: Set(registration.life.extensions),
        extended_at: Set(registration.life.extended_at),
        term_months: Set(registration.terms.months),
        recurring_minor: Set(registration.terms.recurring.map(|amount| amount.minor_units)),
        recurring_currency: Set(registration.terms.recurring.map(|amount| amount.currency)),
        credited_user_id: Set(registration.terms.credit.map(|credit| credit.user_id)),
        credit_bp: Set(registration.terms.credit.map(|credit| credit.basis_points)),
        contested_from: Set(contest.map(|contest| contest.stood)),
        contested_outcome: Set(contest.and_then(|contest| contest.outcome)),
        contested_reason: Set(contest.and_then(|contest| contest.reason.clone())),
        contested_until: Set(contest.map(|contest| contest.until)),
        disputed_at: Set(registration.disputed_at),
    })
}
