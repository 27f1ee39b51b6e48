//! What the applicant does with the link: looking, answering, taking the application back. No account is needed: who
//! has the link is the applicant.

use chrono::TimeDelta;
use entity::value::{ApplicationOutcome, ApplicationState};
use sea_orm::DatabaseTransaction;

use super::{assess, change, decided, expect_version};
use crate::{
    kernel::{
        calendar::{self, VENDOR_TIME_ZONE},
        code::Code,
    },
    onboarding::applications::{
        model::{Application, ApplicationAction, Company, CompanyChanges, Ending, Resubmit, Withdraw},
        policy::ApplicationPolicy,
        rules::{self, StepFacts},
        store,
    },
    people::throttle::{self, Guess},
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        policies, receipts,
    },
};

/// How many characters the secret of a link has. What is of another form is no guess: it is known to be wrong without
/// looking.
const TOKEN_LENGTH: usize = 43;

/// The application behind a link; none behind one that is unknown.
///
/// # Errors
/// `RateLimited` for who guesses; those of the database.
pub async fn status(call: &Call, token: &str) -> AppResult<Option<Application>> {
    if !has_form(token) {
        return Ok(None);
    }
    let attempt = throttle::attempt(call, Guess::ApplicationToken, None).await?;
    let found = store::find_by_token(call.db().pool(), token).await?;
    match &found {
        Some(_) => attempt.succeeded(call).await?,
        None => attempt.failed(call).await?,
    }
    Ok(found)
}

fn has_form(token: &str) -> bool {
    token.len() == TOKEN_LENGTH && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The applicant answers: only what is in question can be changed. The fit is assessed anew, and the vendor's time
/// goes on.
///
/// # Errors
/// `INVALID_TOKEN`, `VERSION_CONFLICT`, `WRONG_STATE`, `FIELD_NOT_EDITABLE`, `REQUIRED`; `RateLimited`.
pub async fn resubmit(call: Call, command: Resubmit) -> AppResult<Application> {
    const ACTION: Action = Action::AnswerApplication;
    call.may(ACTION)?;
    let by_link = async {
        call.once(async |txn| {
            let before = hold(txn, &command.token, command.expected_version).await?;
            let facts = StepFacts { state: before.state };
            let decision = rules::decide_step("application.resubmit", ApplicationAction::Resubmit, &facts);
            decided(txn, &call, &before, "token", decision).await?;
            check(&before, &command)?;
            let now = call.now();
            let policy = policies::in_force::<ApplicationPolicy>(txn, now).await?;
            let company = changed(&before.company, &command.changes);
            let (fit, receipt) = assess(&company, &policy);
            let left = TimeDelta::microseconds(before.review_left.unwrap_or(0));
            let after = Application {
                state: ApplicationState::InReview,
                company,
                fit,
                due_at: Some(calendar::business_time_later(now, left, VENDOR_TIME_ZONE)),
                review_left: None,
                answer: command.answer.clone(),
                ..before.changed()
            };
            receipts::save(txn, &call, after.id.to_string(), None, &receipt).await?;
            change(txn, &call, ACTION, &before, &after).await?;
            Ok(after)
        })
        .await
    };
    guarded(&call, &command.token, by_link).await
}

/// The applicant takes the application back.
///
/// # Errors
/// `INVALID_TOKEN`, `VERSION_CONFLICT`, `WRONG_STATE`; `RateLimited`.
pub async fn withdraw(call: Call, command: Withdraw) -> AppResult<Application> {
    const ACTION: Action = Action::AnswerApplication;
    call.may(ACTION)?;
    let by_link = async {
        call.once(async |txn| {
            let before = hold(txn, &command.token, command.expected_version).await?;
            let facts = StepFacts { state: before.state };
            let decision = rules::decide_step("application.withdraw", ApplicationAction::Withdraw, &facts);
            decided(txn, &call, &before, "token", decision).await?;
            let after = before.ended(Ending {
                state: ApplicationState::Withdrawn,
                outcome: ApplicationOutcome::WithdrawnByApplicant,
                reason: command.reason.clone(),
                note: None,
                by: None,
                at: call.now(),
            });
            change(txn, &call, ACTION, &before, &after).await?;
            Ok(after)
        })
        .await
    };
    guarded(&call, &command.token, by_link).await
}

/// Counts a guess at a link, unless it cannot be one.
async fn guarded<T>(call: &Call, token: &str, work: impl Future<Output = AppResult<T>>) -> AppResult<T> {
    if !has_form(token) {
        return Err(unknown());
    }
    let attempt = throttle::attempt(call, Guess::ApplicationToken, None).await?;
    let outcome = work.await;
    match &outcome {
        Err(AppError::Refused(problems)) if problems.iter().any(|problem| problem.code == Code::InvalidToken) => {
            attempt.failed(call).await?;
        }
        Ok(_) => attempt.succeeded(call).await?,
        Err(_) => attempt.not_made(call).await?,
    }
    outcome
}

async fn hold(txn: &DatabaseTransaction, token: &str, expected: Option<i64>) -> AppResult<Application> {
    let found = store::find_by_token_for_update(txn, token).await?.ok_or_else(unknown)?;
    expect_version(found, expected)
}

fn unknown() -> AppError {
    AppError::invalid("token", Code::InvalidToken, "This link is unknown. Take the one of the latest mail about it.")
}

/// Whether the answer says something, and changes only what is in question.
fn check(before: &Application, command: &Resubmit) -> AppResult<()> {
    let asked = rules::editable(before.state, before.asked.as_ref().map(|asked| &asked.fields));
    if let Some(field) = rules::changed_unasked(&command.changes, &asked) {
        return Err(AppError::invalid(
            rules::input_field(field),
            Code::FieldNotEditable,
            "Nobody asked about this, so it stays as it is; `editableFields` says what can be changed. Write it into the answer.",
        ));
    }
    if rules::changed(&command.changes).is_empty() && command.answer.is_none() {
        return Err(AppError::invalid("answer", Code::Required, "Change what is in question, or answer in words."));
    }
    Ok(())
}

fn changed(company: &Company, changes: &CompanyChanges) -> Company {
    let CompanyChanges { legal_name, website, country, types, regions, industries, expected_business, contact } =
        changes.clone();
    let (website, domain) = website.unwrap_or_else(|| (company.website.clone(), company.domain.clone()));
    let (contact_name, contact_email) =
        contact.unwrap_or_else(|| (company.contact_name.clone(), company.contact_email.clone()));
    Company {
        legal_name: legal_name.unwrap_or_else(|| company.legal_name.clone()),
        website,
        domain,
        country: country.unwrap_or(company.country),
        types: types.unwrap_or_else(|| company.types.clone()),
        regions: regions.unwrap_or_else(|| company.regions.clone()),
        industries: industries.unwrap_or_else(|| company.industries.clone()),
        expected_business: expected_business.unwrap_or_else(|| company.expected_business.clone()),
        contact_name,
        contact_email,
    }
}
