//! Use cases of courses.

use entity::value::CourseId;
use sea_orm::ConnectionTrait;

use super::{
    model::{Course, CourseFilter, NewCourse},
    store,
};
use crate::platform::{
    audit,
    auth::{Scope, policy::Action},
    call::Call,
    error::AppResult,
    graphql::page::{Page, Rows},
};

/// Creates a course.
///
/// # Errors
/// `COURSE_EXISTS`.
pub async fn create(call: Call, command: NewCourse) -> AppResult<Course> {
    call.may(Action::WriteTraining)?;
    call.once(async |txn| {
        let course = store::insert(txn, &call, command).await?;
        let change = audit::Change {
            action: Action::WriteTraining,
            object_id: course.id.to_string(),
            partner_id: None,
            before: None::<&Course>,
            after: Some(&course),
        };
        audit::record(txn, &call, change).await?;
        Ok(course)
    })
    .await
}

/// A page of courses, newest first.
///
/// # Errors
/// Who you are; those of the database.
pub async fn list(call: &Call, filter: &CourseFilter, page: &Page) -> AppResult<Rows<Course>> {
    call.may(Action::ReadCourses)?;
    store::list(&call.reader(), filter, page).await
}

/// The courses of these ids. They belong to no partner: everybody who is signed in sees them.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[CourseId]) -> AppResult<Vec<Course>> {
    if call.scope() == Scope::Nothing || call.may(Action::ReadCourses).is_err() {
        return Ok(Vec::new());
    }
    store::find_by_ids_or_codes(&call.reader(), ids, &[]).await
}

/// The courses with these ids or codes, earlier editions first; read on the given connection, so that a use case
/// sees them inside its transaction.
///
/// # Errors
/// Those of the database.
pub async fn find_by_ids_or_codes(
    db: &impl ConnectionTrait,
    ids: &[CourseId],
    codes: &[String],
) -> AppResult<Vec<Course>> {
    store::find_by_ids_or_codes(db, ids, codes).await
}
