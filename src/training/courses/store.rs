//! SQL of courses.

use entity::{course, value::CourseId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};

use super::model::{Course, CourseFilter, NewCourse};
use crate::{
    kernel::code::Code,
    platform::{
        call::Call,
        db::Unique,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// A code has each edition once.
const EACH_EDITION_ONCE: Unique =
    Unique { name: "a_course_has_each_edition_once", columns: "courses.code, courses.edition" };

impl From<course::Model> for Course {
    fn from(row: course::Model) -> Self {
        let course::Model {
            id,
            code,
            edition,
            title,
            is_foundation,
            pass_mark_bp,
            validity_months,
            created_at,
            version,
        } = row;
        Self { id, code, edition, title, is_foundation, pass_mark_bp, validity_months, created_at, version }
    }
}

/// Inserts a course.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: NewCourse) -> AppResult<Course> {
    let NewCourse { code, edition, title, is_foundation, pass_mark_bp, validity_months } = new;
    let row = course::ActiveModel {
        id: Set(call.new_id()),
        code: Set(code),
        edition: Set(edition),
        title: Set(title),
        is_foundation: Set(is_foundation),
        pass_mark_bp: Set(pass_mark_bp),
        validity_months: Set(validity_months),
        created_at: Set(call.now()),
        version: Set(1),
    };
    let inserted = course::Entity::insert(row).exec_with_returning(db).await.map_err(AppError::from);
    inserted.map(Course::from).map_err(|error| {
        error.on_violation(&EACH_EDITION_ONCE, || {
            let message = "A course with this code and edition exists already. Give the new content the next edition.";
            AppError::invalid("edition", Code::CourseExists, message)
        })
    })
}

/// A page of courses.
pub async fn list(db: &impl ConnectionTrait, filter: &CourseFilter, page: &Page) -> AppResult<Rows<Course>> {
    let CourseFilter { code, is_foundation } = filter;
    let condition = Condition::all()
        .add_option(code.as_ref().map(|code| course::Column::Code.eq(code.as_str())))
        .add_option(is_foundation.map(|wanted| course::Column::IsFoundation.eq(wanted)));
    let select = course::Entity::find().filter(condition);
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, course::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(Course::from).collect(), total))
}

/// The courses with these ids or codes, earlier editions first.
pub async fn find_by_ids_or_codes(
    db: &impl ConnectionTrait,
    ids: &[CourseId],
    codes: &[String],
) -> AppResult<Vec<Course>> {
    let wanted = Condition::any()
        .add(course::Column::Id.is_in(ids.iter().copied()))
        .add(course::Column::Code.is_in(codes.iter().map(String::as_str)));
    let rows = course::Entity::find().filter(wanted).order_by_asc(course::Column::Edition).all(db).await?;
    Ok(rows.into_iter().map(Course::from).collect())
}
