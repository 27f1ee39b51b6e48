//! Use cases of applications.

mod applicant;
mod decide;
mod read;
mod review;
mod submit;

pub use applicant::{resubmit, status, withdraw};
pub use decide::{approve, reject};
pub use read::{allowed, find_many, find_of_domains, list, may_read};
pub use review::{assign, request_changes};
pub use submit::submit;

use entity::value::{ApplicationId, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Application, Company},
    policy::ApplicationPolicy,
    rules::fit,
    store,
};
use crate::{
    kernel::{
        calendar::{self, VENDOR_TIME_ZONE},
        decision::{Decision, Receipt},
        website,
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies::InForce,
        receipts,
    },
};

/// The secret of an application's link: derived, so that a retry can show it again although only its hash is kept.
#[must_use]
pub fn secret(call: &Call, id: ApplicationId) -> String {
    use entity::value::TypedId as _;
    call.services.tokens.secret_for("application", id.uuid(), 0)
}

/// The fit of a company under the policy in force.
fn assess(company: &Company, policy: &InForce<ApplicationPolicy>) -> (super::model::Fit, Receipt) {
    let of_contact = company.contact_email.rsplit('@').next().and_then(website::registrable);
    fit::assess(company, of_contact.as_ref() == Some(&company.domain), policy)
}

/// By when the vendor decides what it begins to look at.
fn due_at(policy: &InForce<ApplicationPolicy>, now: Timestamp) -> Timestamp {
    calendar::business_days_later(now, policy.policy.review_business_days, VENDOR_TIME_ZONE)
}

/// The application as it is now, held until the transaction ends, at the version that the caller read.
async fn hold(txn: &DatabaseTransaction, id: ApplicationId, expected: Option<i64>) -> AppResult<Application> {
    let unseen = || AppError::not_found("applicationId");
    expect_version(store::find_for_update(txn, id).await?.ok_or_else(unseen)?, expected)
}

fn expect_version(found: Application, expected: Option<i64>) -> AppResult<Application> {
    match expected {
        Some(version) if version != found.version => Err(AppError::version_conflict(found.version)),
        _ => Ok(found),
    }
}

/// Refuses as the decision says, or keeps its receipt.
async fn decided(
    txn: &DatabaseTransaction,
    call: &Call,
    found: &Application,
    field: &str,
    decision: Decision,
) -> AppResult<()> {
    let (receipt, refused) = decision.finish();
    if let Some((code, sentence)) = refused {
        return Err(AppError::decided(field, code, sentence, receipt));
    }
    receipts::save(txn, call, found.id.to_string(), None, &receipt).await?;
    Ok(())
}

/// Records a change of a held application.
async fn change(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: &Application,
    after: &Application,
) -> AppResult<()> {
    store::update(txn, before, after).await?;
    record(txn, call, action, Some(before), after).await
}

/// Applications concern no partner as far as audit goes: what staff think of one is not for the partner to read.
async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Application>,
    after: &Application,
) -> AppResult<()> {
    let object_id = after.id.to_string();
    audit::record(txn, call, audit::Change { action, object_id, partner_id: None, before, after: Some(after) }).await
}
