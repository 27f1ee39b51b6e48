//! Looking at an application: giving it to somebody, and asking the applicant for more.

use entity::value::{ApplicationState, MailKind, Role, TypedId as _, UserState};

use super::{change, decided, hold};
use crate::{
    kernel::{
        calendar::{self, VENDOR_TIME_ZONE},
        code::Code,
    },
    onboarding::applications::{
        model::{Application, ApplicationAction, Asked, Assign, RequestChanges},
        rules::{self, StepFacts},
    },
    people::users::{self, model::User},
    platform::{
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        mail,
    },
};

/// Gives an application to somebody who may decide about it. A new one is in review from then on.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`; `NOT_ALLOWED` for somebody who does not decide.
pub async fn assign(call: Call, command: Assign) -> AppResult<Application> {
    const ACTION: Action = Action::DecideApplication;
    call.may(ACTION)?;
    let assignee = command.assignee.or_else(|| call.user_id()).ok_or(AppError::Forbidden)?;
    call.once(async |txn| {
        let before = hold(txn, command.id, command.expected_version).await?;
        let facts = StepFacts { state: before.state };
        let decision = rules::decide_step("application.assign", ApplicationAction::Assign, &facts);
        decided(txn, &call, &before, "applicationId", decision).await?;
        // Held, so that nobody loses their role in between.
        let person = users::hold(txn, Scope::Everything, assignee).await?;
        let person = person.ok_or_else(|| AppError::not_found("assigneeId"))?;
        if !decides(&person) {
            return Err(AppError::invalid(
                "assigneeId",
                Code::NotAllowed,
                "This person does not decide about applications. Choose an administrator, or somebody of channel operations.",
            ));
        }
        let state = match before.state {
            ApplicationState::Submitted => ApplicationState::InReview,
            state => state,
        };
        let after = Application { state, assigned_to: Some(person.id), ..before.changed() };
        change(txn, &call, ACTION, &before, &after).await?;
        Ok(after)
    })
    .await
}

fn decides(person: &User) -> bool {
    person.partner_id.is_none()
        && person.state == UserState::Active
        && [Role::Admin, Role::ChannelOps].into_iter().any(|role| person.roles.has(role))
}

/// Asks the applicant for more: which fields, and what. The vendor's time stands still until they have answered, and a
/// mail tells them.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn request_changes(call: Call, command: RequestChanges) -> AppResult<Application> {
    const ACTION: Action = Action::DecideApplication;
    call.may(ACTION)?;
    call.once(async |txn| {
        let before = hold(txn, command.id, command.expected_version).await?;
        let facts = StepFacts { state: before.state };
        let decision = rules::decide_step("application.request_changes", ApplicationAction::RequestChanges, &facts);
        decided(txn, &call, &before, "applicationId", decision).await?;
        let now = call.now();
        let left = before.due_at.map(|due_at| calendar::business_time_between(now, due_at, VENDOR_TIME_ZONE));
        let asked = Asked { fields: command.fields.clone(), message: command.message.clone(), at: now };
        let after = Application {
            state: ApplicationState::ActionRequired,
            // Who asks looks at the answer, unless somebody else does already.
            assigned_to: before.assigned_to.or_else(|| call.user_id()),
            due_at: None,
            review_left: Some(left.and_then(|left| left.num_microseconds()).unwrap_or(0)),
            asked: Some(asked),
            answer: None,
            ..before.changed()
        };
        change(txn, &call, ACTION, &before, &after).await?;
        mail::queue(txn, &call, MailKind::ApplicationActionRequired, after.id.uuid()).await?;
        Ok(after)
    })
    .await
}
