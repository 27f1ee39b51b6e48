//! Reading applications.

use entity::value::ApplicationId;

use crate::{
    onboarding::{
        applications::{
            model::{Application, ApplicationAction, ApplicationFilter, ApplicationOrder},
            rules, store,
        },
        partners::{self, model::Partner},
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// How many applications of one company are looked at.
const MOST_OF_DOMAIN: i64 = 20;

/// The applications of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[ApplicationId]) -> AppResult<Vec<Application>> {
    if !may_read(call) {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), ids).await
}

/// A page of applications.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(
    call: &Call,
    filter: &ApplicationFilter,
    order: ApplicationOrder,
    page: &Page,
) -> AppResult<Rows<Application>> {
    call.may(Action::ReadApplications)?;
    store::list(&call.reader(), filter, order, page, call.now()).await
}

/// Whether applications exist for the caller: for the vendor's people who may read them.
pub fn may_read(call: &Call) -> bool {
    call.scope().is_everything() && call.may(Action::ReadApplications).is_ok()
}

/// What the caller may do with an application now.
pub fn allowed(call: &Call, application: &Application) -> Vec<ApplicationAction> {
    if call.may(Action::DecideApplication).is_err() {
        return Vec::new();
    }
    rules::allowed(application.state, false)
}

/// The applications and partners with one of these registrable domains: possible duplicates. Looked up when read,
/// so that it does not matter which came first.
///
/// # Errors
/// Those of the database.
pub async fn find_of_domains(call: &Call, domains: &[String]) -> AppResult<(Vec<Application>, Vec<Partner>)> {
    if !may_read(call) {
        return Ok((Vec::new(), Vec::new()));
    }
    let applications = store::find_of_domains(&call.reader(), domains, MOST_OF_DOMAIN).await?;
    Ok((applications, partners::find_of_domains(call, domains).await?))
}
