//! Use cases of tiers.

use entity::value::{Day, PartnerId, PartnerTypes, Tier, TierReviewId, TierReviewState, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Decide, Review, ReviewAction, ReviewFilter, TierFigures},
    rules::{
        self, DecisionFacts, ReviewFacts,
        policy::{Benefits, Program, TierPolicy},
    },
    store,
};
use crate::{
    kernel::code::Code,
    onboarding::partners::{self, model::Partner},
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
        policies::{self, InForce, Kept, Revision},
        receipts,
    },
};

/// How many reviews back are looked at for the line that a partner is under.
const REVIEWS_BACK: u64 = 13;

/// The policy of tiers in force at an instant.
///
/// # Errors
/// Those of the database.
pub async fn in_force(db: &impl ConnectionTrait, at: Timestamp) -> AppResult<InForce<TierPolicy>> {
    policies::in_force(db, at).await
}

/// What a level gives a partner of these types at an instant, with the version of the policy that says so.
///
/// # Errors
/// Those of the database.
pub async fn benefits(
    db: &impl ConnectionTrait,
    types: &PartnerTypes,
    tier: Tier,
    at: Timestamp,
) -> AppResult<InForce<(Program, Benefits)>> {
    let InForce { version, policy } = in_force(db, at).await?;
    let program = policy.program_of(types);
    let benefits = program.benefits_of(tier).copied();
    let benefits = benefits.ok_or_else(|| AppError::internal("a program without levels"))?;
    Ok(InForce { version, policy: (program, benefits) })
}

/// A version of the policy of tiers; the one in force when none is named. Partners may read what they are judged by.
///
/// # Errors
/// `NOT_FOUND`; `Unauthenticated`, `Forbidden`; those of the database.
pub async fn policy(call: &Call, version: Option<i32>) -> AppResult<Kept<TierPolicy>> {
    call.may(Action::ReadPartners)?;
    let found = policies::read(&call.reader(), version, call.now()).await?;
    found.ok_or_else(|| AppError::not_found("version"))
}

/// Changes the policy of tiers.
///
/// # Errors
/// What is wrong with it; `VERSION_CONFLICT`; `OUT_OF_RANGE` for its instant.
pub async fn set_policy(call: Call, revision: Revision<TierPolicy>) -> AppResult<Kept<TierPolicy>> {
    call.may(Action::ManageProgramPolicies)?;
    if let Some((field, code, sentence)) = revision.policy.problem() {
        return Err(AppError::invalid(&field, code, sentence));
    }
    call.once(async |txn| policies::revise(txn, &call, Action::ManageProgramPolicies, revision.clone()).await).await
}

/// The reviews of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[TierReviewId]) -> AppResult<Vec<Review>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The latest reviews of each of these partners, as far as they exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn latest_of(call: &Call, partners: &[PartnerId], most: i64) -> AppResult<Vec<Review>> {
    let visible: Vec<_> = partners.iter().copied().filter(|id| call.scope().includes(*id)).collect();
    if visible.is_empty() {
        return Ok(Vec::new());
    }
    store::latest_of(&call.reader(), call.scope(), &visible, most).await
}

/// A page of the reviews that exist for the caller.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn list(call: &Call, filter: &ReviewFilter, page: &Page) -> AppResult<Rows<Review>> {
    call.may(Action::ReadPartners)?;
    store::list(&call.reader(), call.scope(), filter, page).await
}

/// What the caller may do with a review now, of a partner as it is: the same rules as [`decide`].
pub fn allowed(call: &Call, review: &Review, partner: &Partner) -> Vec<ReviewAction> {
    if call.may(Action::ReviewTiers).is_err() {
        return Vec::new();
    }
    let may =
        |action: &ReviewAction| rules::decide(review.policy_version, &facts(review, partner, *action)).is_granted();
    [ReviewAction::Confirm, ReviewAction::Dismiss].into_iter().filter(may).collect()
}

fn facts(review: &Review, partner: &Partner, action: ReviewAction) -> DecisionFacts {
    DecisionFacts {
        action,
        state: review.state,
        reviewed_tier: review.tier,
        tier: partner.tier,
        partner_state: partner.state,
    }
}

/// The active partners that have no review of a month, in the order of their ids, from behind one of them.
///
/// # Errors
/// Those of the database.
pub async fn due(
    db: &impl ConnectionTrait,
    month: &str,
    active_before: Timestamp,
    after: Option<PartnerId>,
    most: u64,
) -> AppResult<Vec<PartnerId>> {
    store::due(db, month, active_before, after, most).await
}

/// A partner, held, and its review of a month, if it has one.
///
/// # Errors
/// `NOT_FOUND`; `OUT_OF_RANGE` when a later month was reviewed: what a review says depends on the ones before it.
pub async fn review_of(
    txn: &DatabaseTransaction,
    partner_id: PartnerId,
    month: &str,
) -> AppResult<(Partner, Option<Review>)> {
    let partner = partners::hold_in(txn, Scope::Everything, partner_id).await?;
    let partner = partner.ok_or_else(|| AppError::not_found("partnerId"))?;
    let existing = store::find_of_month(txn, partner_id, month).await?;
    let latest = store::latest_of_one(txn, partner_id, 1).await?.pop();
    match latest {
        Some(latest) if existing.is_none() && latest.month.as_str() > month => {
            let sentence = format!("{} was reviewed already; reviews follow each other.", latest.month);
            Err(AppError::invalid("asOn", Code::OutOfRange, sentence))
        }
        _ => Ok((partner, existing)),
    }
}

/// Records the review of a held partner of a month: what its figures come to under the policy. A proposal that nobody
/// has decided gives way to it.
///
/// # Errors
/// Those of the database.
pub async fn record_review(
    txn: &DatabaseTransaction,
    call: &Call,
    partner: &Partner,
    (month, as_on): (String, Day),
    policy: &InForce<TierPolicy>,
    figures: TierFigures,
) -> AppResult<Review> {
    let now = call.now();
    let program = policy.policy.program_of(&partner.types);
    let before = store::latest_of_one(txn, partner.id, REVIEWS_BACK).await?;
    let facts = ReviewFacts {
        tier: partner.tier,
        program: program.code.clone(),
        figures,
        under_before: rules::under_before(partner.tier, &before),
    };
    let reviewed = rules::review(&program, policy.version, policy.policy.grace_reviews, &facts);
    for open in before.iter().filter(|review| review.state == TierReviewState::Proposed) {
        let after = open.ended(TierReviewState::Superseded, None, None, now);
        store::update(txn, open, &after).await?;
        record(txn, call, None, Some(open), &after).await?;
    }
    let review = Review {
        id: call.new_id(),
        partner_id: partner.id,
        month,
        as_on,
        reviewed_at: now,
        tier: partner.tier,
        earned_tier: reviewed.earned,
        proposed_tier: reviewed.proposed,
        state: reviewed.state,
        policy_version: policy.version,
        figures: facts.figures,
        decided_by: None,
        decided_at: None,
        reason: None,
        version: 1,
    };
    store::insert(txn, &review).await?;
    // A proposal is the vendor's own affair until somebody has confirmed it.
    receipts::save(txn, call, review.id.to_string(), None, &reviewed.receipt).await?;
    record(txn, call, None, None, &review).await?;
    Ok(review)
}

/// Confirms or dismisses what a review proposes. A confirmed level is the partner's from now on.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `PARTNER_NOT_ACTIVE`.
pub async fn decide(call: Call, command: Decide) -> AppResult<Review> {
    call.may(Action::ReviewTiers)?;
    call.once(async |txn| {
        let unseen = || AppError::not_found("reviewId");
        let found = store::find_many(txn, Scope::Everything, &[command.id]).await?.pop().ok_or_else(unseen)?;
        let partner = partners::hold(txn, found.partner_id).await?;
        let held = store::find_for_update(txn, Scope::Everything, command.id).await?;
        let before = held.ok_or_else(unseen)?;
        if command.expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(before.version));
        }
        let (receipt, refused) =
            rules::decide(before.policy_version, &facts(&before, &partner, command.action)).finish();
        if let Some((code, sentence)) = refused {
            return Err(AppError::decided("reviewId", code, sentence, receipt));
        }
        let (state, told) = match command.action {
            ReviewAction::Confirm => (TierReviewState::Confirmed, Some(partner.id)),
            ReviewAction::Dismiss => (TierReviewState::Dismissed, None),
        };
        let after = before.ended(state, call.user_id(), command.reason.clone(), call.now());
        store::update(txn, &before, &after).await?;
        if let (ReviewAction::Confirm, Some(tier)) = (command.action, after.proposed_tier) {
            partners::set_tier(txn, &call, Action::ReviewTiers, &partner, tier).await?;
        }
        receipts::save(txn, &call, after.id.to_string(), told, &receipt).await?;
        record(txn, &call, told, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: Option<PartnerId>,
    before: Option<&Review>,
    after: &Review,
) -> AppResult<()> {
    let (action, object_id) = (Action::ReviewTiers, after.id.to_string());
    audit::record(txn, call, audit::Change { action, object_id, partner_id, before, after: Some(after) }).await
}
