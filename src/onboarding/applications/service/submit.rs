//! Somebody applies.

use entity::value::{ApplicationId, MailKind, TypedId as _};

use super::{assess, due_at, record, secret};
use crate::{
    onboarding::applications::{
        model::{Application, Company, Submitted},
        policy::ApplicationPolicy,
        states, store,
    },
    people::throttle,
    platform::{auth::policy::Action, call::Call, error::AppResult, mail, policies, receipts},
};

/// Somebody applies. What others have applied for, or whether the company is a partner, changes nothing in the answer.
///
/// # Errors
/// `RateLimited` when many came from the caller's address; those of the database.
pub async fn submit(call: Call, company: Company) -> AppResult<Submitted> {
    const ACTION: Action = Action::SubmitApplication;
    call.may(ACTION)?;
    throttle::count_application(&call).await?;
    let application = call
        .once(async |txn| {
            let now = call.now();
            let id: ApplicationId = call.new_id();
            let policy = policies::in_force::<ApplicationPolicy>(txn, now).await?;
            let (fit, receipt) = assess(&company, &policy);
            let application = Application {
                id,
                state: states::START,
                outcome: None,
                company: company.clone(),
                fit,
                submitted_at: now,
                assigned_to: None,
                due_at: Some(due_at(&policy, now)),
                review_left: None,
                asked: None,
                answer: None,
                decided_at: None,
                decided_by: None,
                decision_note: None,
                decision_reason: None,
                partner_id: None,
                invitation_id: None,
                version: 1,
            };
            store::insert(txn, &application, &secret(&call, id)).await?;
            receipts::save(txn, &call, id.to_string(), None, &receipt).await?;
            mail::queue(txn, &call, MailKind::ApplicationReceived, id.uuid()).await?;
            record(txn, &call, ACTION, None, &application).await?;
            Ok(application)
        })
        .await?;
    let token = secret(&call, application.id);
    Ok(Submitted { application, token })
}
