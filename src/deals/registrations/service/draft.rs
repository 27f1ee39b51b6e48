//! Drafts: begun, changed, handed in. A draft holds nothing, tells nothing of its account, and is in nobody's way.

use entity::value::{
    AccountId, DealRegistrationState as State, DealStage, PartnerId, RegistrationId, Timestamp, UserId,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    automatic, hold, record,
    register::{expect_hold_left, expect_known, noted, qualified, save, take_in, tried},
};
use crate::{
    accounts::accounts::{self, model::Customer},
    deals::registrations::{
        model::{
            AccountChoice, Change, DealChanges, DealRegistrationAction, Evidence, Life, RegisterDeal, Registration,
            Review, Submit, WonTerms, no_account,
        },
        rules::{
            self,
            evidence::{self, EvidenceScore},
            policy::DealPolicy,
        },
        store,
    },
    kernel::calendar::{VENDOR_TIME_ZONE, business_days_later, business_time_between, business_time_later},
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies::{self, InForce},
    },
};

/// What somebody has written of a deal, before anything is decided about it.
pub(super) fn written(
    command: &RegisterDeal,
    partner_id: PartnerId,
    id: RegistrationId,
    (now, by): (Timestamp, Option<UserId>),
    (policy, evidence_score): (&InForce<DealPolicy>, EvidenceScore),
) -> Registration {
    let (account_id, draft_customer) = chosen(&command.account);
    Registration {
        id,
        partner_id,
        account_id,
        draft_customer,
        amount: command.amount,
        expected_close_on: command.expected_close_on,
        contact: command.contact.clone(),
        partner_role: command.partner_role,
        need: command.need.clone(),
        evidence_score,
        policy_version: policy.version,
        state: State::Draft,
        outcome: None,
        outcome_reason: None,
        deal_stage: DealStage::Qualified,
        submitted_at: now,
        due_at: business_days_later(now, policy.policy.review_business_days, VENDOR_TIME_ZONE),
        review: Review::default(),
        life: Life::default(),
        qualified_at: None,
        protected_from: None,
        protected_until: None,
        ended_at: None,
        won_amount: None,
        closed_on: None,
        terms: WonTerms::default(),
        created_by: by,
        version: 1,
        sales_motion: command.sales_motion,
        contest: None,
        disputed_at: None,
    }
}

fn chosen(account: &AccountChoice) -> (AccountId, Option<Customer>) {
    match account {
        AccountChoice::Id(id) => (*id, None),
        AccountChoice::Details(customer) => (no_account(), Some(customer.clone())),
    }
}

/// The account of a choice exists for the caller. Customers that are described in words are not looked for: a draft
/// tells nothing.
async fn seen(txn: &DatabaseTransaction, call: &Call, account: &AccountChoice) -> AppResult<AccountChoice> {
    match account {
        AccountChoice::Id(id) => {
            let found = accounts::facts(txn, call, *id, &[]).await?;
            found.map(|account| AccountChoice::Id(account.id)).ok_or_else(|| AppError::not_found("account.id"))
        }
        AccountChoice::Details(customer) => Ok(AccountChoice::Details(customer.clone())),
    }
}

/// Writes a draft down.
///
/// # Errors
/// `NOT_FOUND`, `OUT_OF_RANGE`.
pub(super) async fn begin(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    command: &RegisterDeal,
) -> AppResult<Registration> {
    let now = call.now();
    rules::check_dates(command, now, VENDOR_TIME_ZONE)?;
    let policy = policies::in_force::<DealPolicy>(txn, now).await?;
    expect_known(txn, &command.product_line_ids).await?;
    let command = RegisterDeal { account: seen(txn, call, &command.account).await?, ..command.clone() };
    let score = evidence::score(&policy.policy.evidence, &command.need, &command.evidence);
    let draft = written(&command, partner_id, call.new_id(), (now, call.responsible()), (&policy, score));
    store::insert(txn, &draft, &command.product_line_ids).await?;
    store::insert_evidence(txn, call, draft.id, &command.evidence).await?;
    let change = audit::Change {
        action: Action::RegisterDeal,
        object_id: draft.id.to_string(),
        partner_id: Some(partner_id),
        before: None::<&Registration>,
        after: Some(&draft),
    };
    audit::record(txn, call, change).await?;
    Ok(draft)
}

/// Changes what a registration says: everything of a draft, what was asked about while it is asked, and how the deal goes
/// on while it is protected.
///
/// # Errors
/// `FIELD_NOT_EDITABLE`, `REQUIRED`, `OUT_OF_RANGE`, `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn update(call: Call, change: Change<DealChanges>) -> AppResult<Registration> {
    call.may(Action::UpdateRegistration)?;
    call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Update, &change).await?;
        let changes = &change.what;
        rules::fields::check_changes(&before, changes)?;
        if let Some(day) = changes.expected_close_on {
            rules::check_close(day, now, VENDOR_TIME_ZONE)?;
        }
        let mut after = before.changed();
        if let Some(account) = &changes.account {
            (after.account_id, after.draft_customer) = chosen(&seen(txn, &call, account).await?);
        }
        after.amount = changes.amount.unwrap_or(after.amount);
        after.expected_close_on = changes.expected_close_on.unwrap_or(after.expected_close_on);
        after.contact = changes.contact.clone().unwrap_or(after.contact);
        after.partner_role = changes.partner_role.unwrap_or(after.partner_role);
        if let Some(need) = &changes.need {
            after.need.clone_from(need);
            let policy = policies::in_force::<DealPolicy>(txn, now).await?;
            let kept = counting(store::find_evidence(txn, &[before.id]).await?);
            let items: Vec<_> = kept.into_iter().map(|it| it.item).collect();
            let score = evidence::score(&policy.policy.evidence, need, &items);
            after = after.reckoned(score, &policy, now);
            if before.qualified_at.is_some() && !need.is_empty() {
                // Other words never cost the place, even where the policy asks for more by now.
                (after.qualified_at, after.life.hold_until) = (before.qualified_at, before.life.hold_until);
            }
            expect_hold_left(txn, &call, (&before, &after), &policy, "need").await?;
        }
        let after = after.heard_of(now);
        record(txn, &call, Action::UpdateRegistration, &before, &after).await?;
        if changes.account.is_some() || changes.product_line_ids.is_some() {
            let lines = match &changes.product_line_ids {
                Some(lines) => {
                    expect_known(txn, lines).await?;
                    lines.clone()
                }
                None => store::find_lines(txn, &[before.id]).await?.into_iter().map(|(_, line)| line).collect(),
            };
            store::replace_lines(txn, &after, &lines).await?;
        }
        qualified(txn, &call, Some(&before), &after).await?;
        automatic::watch_amount(txn, &call, &before, &after).await?;
        Ok(after)
    })
    .await
}

/// The items that were not withdrawn.
pub(super) fn counting(evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.into_iter().filter(|it| it.withdrawn_at.is_none()).collect()
}

/// Hands a draft in, which is decided like a new registration; or hands one back once what was asked is answered.
///
/// # Errors
/// Those of registering; `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn submit(call: Call, change: Change<Submit>) -> AppResult<Registration> {
    call.may(Action::RegisterDeal)?;
    let done = call.once(async |txn| {
        let (before, now) = hold(txn, &call, DealRegistrationAction::Submit, &change).await?;
        if before.state == State::ActionRequired {
            let policy = policies::in_force::<DealPolicy>(txn, now).await?;
            let after = handed_back(&before, change.what.answer.clone(), &policy.policy, now);
            record(txn, &call, Action::RegisterDeal, &before, &after).await?;
            return Ok(after);
        }
        let command = as_handed_in(txn, &before, change.what.join_waitlist).await?;
        let taken = Box::pin(take_in(txn, &call, before.partner_id, &command)).await?;
        let after = taken.handed_in(&before.changed());
        store::update(txn, before.version, &after).await?;
        store::open_lines(txn, &after).await?;
        save(txn, &call, Some(&before), &after, &taken).await?;
        Box::pin(automatic::approve(txn, &call, &taken.partner, &taken.policy, after)).await
    });
    let tried = async || {
        let draft = store::find_many(call.db().pool(), call.scope(), &[change.id]).await?.pop();
        let draft = draft.ok_or_else(|| AppError::not_found("id"))?;
        Ok(tried(&as_handed_in(call.db().pool(), &draft, false).await?, Some(draft.id)))
    };
    noted(&call, done.await, tried).await
}

/// What the partner was asked is answered: the vendor's time goes on, and the place in the queue is what it was.
fn handed_back(before: &Registration, answer: Option<String>, policy: &DealPolicy, now: Timestamp) -> Registration {
    let left = chrono::TimeDelta::microseconds(before.review.left.unwrap_or(0));
    Registration {
        state: State::InReview,
        due_at: business_time_later(now, left, VENDOR_TIME_ZONE),
        review: Review { answer, left: None, ..before.review.clone() },
        life: Life { hold_until: held_on(before, policy, now), ..before.life.clone() },
        ..before.changed()
    }
}

/// A hold stood still, too: it goes on with the business time that was left. One that began while it was asked was not
/// running then, and is as long as any.
fn held_on(before: &Registration, policy: &DealPolicy, now: Timestamp) -> Option<Timestamp> {
    let (until, asked) = before.life.hold_until.zip(before.review.asked.as_ref())?;
    let left = business_time_between(asked.at, until, VENDOR_TIME_ZONE);
    Some(business_time_later(now, left, VENDOR_TIME_ZONE).min(policy.life.hold_end(now)))
}

/// A draft as somebody writes it who registers a deal at once.
async fn as_handed_in(
    txn: &impl ConnectionTrait,
    draft: &Registration,
    join_waitlist: bool,
) -> AppResult<RegisterDeal> {
    let lines = store::find_lines(txn, &[draft.id]).await?;
    let kept = counting(store::find_evidence(txn, &[draft.id]).await?);
    Ok(RegisterDeal {
        partner_id: Some(draft.partner_id),
        account: match &draft.draft_customer {
            Some(customer) => AccountChoice::Details(customer.clone()),
            None => AccountChoice::Id(draft.account_id),
        },
        product_line_ids: lines.into_iter().map(|(_, line)| line).collect(),
        amount: draft.amount,
        expected_close_on: draft.expected_close_on,
        contact: draft.contact.clone(),
        partner_role: draft.partner_role,
        need: draft.need.clone(),
        evidence: kept.into_iter().map(|it| it.item).collect(),
        join_waitlist,
        draft: false,
        sales_motion: draft.sales_motion,
    })
}
