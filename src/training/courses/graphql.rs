//! Courses in the API.

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, dataloader::Loader};
use entity::value::{CourseId, Timestamp, TypedId as _};

use super::{
    model::{self, FULL_BP, NewCourse},
    service,
};
use crate::{
    kernel::code::Code,
    payload,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext as _, loaders,
            mutation::{MutationInput, mutate},
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// A course.
pub struct Course(pub model::Course);

/// A course that people of partners take. Each edition of its content is a course of its own under the same code.
#[Object]
impl Course {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The short name, the same for all editions.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The edition of the content, from 1.
    async fn edition(&self) -> i64 {
        self.0.edition
    }

    /// The title.
    async fn title(&self) -> &str {
        &self.0.title
    }

    /// Whether passing it completes the foundation step of onboarding.
    async fn is_foundation(&self) -> bool {
        self.0.is_foundation
    }

    /// The score from which on it is passed, in basis points: 8000 is 80 of 100.
    async fn pass_mark_bp(&self) -> i64 {
        self.0.pass_mark_bp
    }

    /// For how many months a completion is valid; null when it does not expire.
    async fn validity_months(&self) -> Option<i64> {
        self.0.validity_months
    }

    /// When it was created.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads courses for the caller.
pub struct CourseLoader(Call);

impl Loader<CourseId> for CourseLoader {
    type Value = model::Course;
    type Error = AppError;

    async fn load(&self, ids: &[CourseId]) -> AppResult<HashMap<CourseId, model::Course>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|course| (course.id, course)).collect())
    }
}

impl Course {
    /// The course of an id, loaded together with its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: CourseId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, CourseLoader).load_one(id).await?.map(Self))
    }
}

/// A short name of a course: 1 to 40 letters, digits, dots, dashes, in capitals.
///
/// # Errors
/// `MALFORMED`, naming the field.
pub fn parse_code(text: &str, field: &str) -> AppResult<String> {
    let code = text.trim().to_ascii_uppercase();
    let fits = (1..=40).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if fits {
        return Ok(code);
    }
    let message = "A course's code is 1 to 40 letters, digits, dots, dashes or underscores, such as FND-101.";
    Err(AppError::invalid(field, Code::Malformed, message))
}

/// A score in basis points.
///
/// # Errors
/// `OUT_OF_RANGE`, naming the field.
pub fn parse_score(bp: i64, field: &str) -> AppResult<i64> {
    if (0..=FULL_BP).contains(&bp) {
        return Ok(bp);
    }
    Err(AppError::invalid(field, Code::OutOfRange, "A score is from 0 to 10000 basis points: 8000 is 80 of 100."))
}

/// Creates a course.
#[derive(Clone, InputObject)]
pub struct CreateCourseInput {
    /// The short name: 1 to 40 letters, digits, dots, dashes or underscores; kept in capitals.
    code: String,
    /// The edition of the content, from 1; 1 when absent. A code has each edition once.
    edition: Option<i32>,
    /// The title, at most 200 characters.
    title: String,
    /// Whether passing it completes the foundation step of onboarding; not so when absent.
    is_foundation: Option<bool>,
    /// The score from which on it is passed, in basis points from 0 to 10000: 8000 is 80 of 100.
    pass_mark_bp: i64,
    /// For how many months a completion is valid, from 1 to 120; it does not expire when absent.
    validity_months: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for CreateCourseInput {
    type Command = NewCourse;
    const OPERATION: &'static str = "createCourse";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<NewCourse> {
        let Self { code, edition, title, is_foundation, pass_mark_bp, validity_months, idempotency_key: _ } = self;
        let within = |number: i32, most: i32, field: &str| {
            if (1..=most).contains(&number) {
                Ok(i64::from(number))
            } else {
                Err(AppError::invalid(field, Code::OutOfRange, format!("This is from 1 to {most}.")))
            }
        };
        Ok(NewCourse {
            code: parse_code(&code, "code")?,
            edition: within(edition.unwrap_or(1), 10_000, "edition")?,
            title: parse::line(&title, "title", 200)?,
            is_foundation: is_foundation.unwrap_or(false),
            pass_mark_bp: parse_score(pass_mark_bp, "passMarkBp")?,
            validity_months: validity_months.map(|months| within(months, 120, "validityMonths")).transpose()?,
        })
    }
}

payload! {
    /// The course that was created.
    CreateCoursePayload from model::Course as course {
        /// The course.
        course: Course = Course(course)
    }
}

/// Which courses to list.
#[derive(Clone, Default, InputObject)]
pub struct CourseFilter {
    /// Only the editions of this code.
    code: Option<String>,
    /// Only foundation courses, or only others.
    is_foundation: Option<bool>,
}

/// Queries of courses.
#[derive(Default)]
pub struct CourseQuery;

#[Object]
impl CourseQuery {
    /// The courses that people of partners take, newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn courses(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which courses; all when absent.")] filter: Option<CourseFilter>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<Course>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "courses", true)?;
        let CourseFilter { code, is_foundation } = filter.unwrap_or_default();
        let code = code.map(|code| parse_code(&code, "filter.code")).transpose()?;
        let rows = service::list(gql.call(), &model::CourseFilter { code, is_foundation }, &page).await?;
        Ok(rows.connection(&page, |course| (SortKey::None, course.id.uuid()), Course))
    }
}

/// Mutations of courses.
#[derive(Default)]
pub struct CourseMutation;

#[Object]
impl CourseMutation {
    /// Creates a course, or the next edition of one. For administrators and channel operations.
    async fn create_course(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The course.")] input: CreateCourseInput,
    ) -> AppResult<CreateCoursePayload> {
        mutate(gql, input, service::create).await
    }
}
