//! Completions in the API.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject, dataloader::Loader};
use entity::value::{CompletionId, PartnerId, Timestamp};

use super::{
    model::{self, CourseChoice, Outcome, Person, Record, Row},
    service,
};
use crate::{
    payload,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult, Problem},
        graphql::{
            errors::UserError,
            loaders,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
    training::courses::graphql::{self as courses, Course},
};

/// How many rows a bulk has at most.
const MOST_ROWS: usize = 500;
/// How many completions are shown of a partner.
const MOST_SHOWN: i64 = 50;

/// A completed course of one person.
pub struct TrainingCompletion(pub model::Completion);

/// A course that a person of a partner completed, passed or not.
#[Object]
impl TrainingCompletion {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The course.
    async fn course(&self, gql: &Context<'_>) -> Option<AppResult<Course>> {
        Course::load(gql, self.0.course_id).await.transpose()
    }

    /// The person.
    async fn user(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.user_id).await.transpose()
    }

    /// The system that it was recorded from.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// What that system calls it.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The score, in basis points: 8000 is 80 of 100.
    async fn score_bp(&self) -> i64 {
        self.0.score_bp
    }

    /// Whether the score reached the pass mark of the course.
    async fn is_passed(&self) -> bool {
        self.0.is_passed
    }

    /// When the person completed it.
    async fn completed_at(&self) -> Timestamp {
        self.0.completed_at
    }

    /// When it stops being valid; null when it was not passed or does not expire.
    async fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// When it was recorded here.
    async fn recorded_at(&self) -> Timestamp {
        self.0.recorded_at
    }
}

/// Loads completions for the caller: single ones, and the latest of a partner.
pub struct CompletionLoader(Call);

impl Loader<CompletionId> for CompletionLoader {
    type Value = model::Completion;
    type Error = AppError;

    async fn load(&self, ids: &[CompletionId]) -> AppResult<HashMap<CompletionId, model::Completion>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|found| (found.id, found)).collect())
    }
}

/// Loads the latest completions of partners.
pub struct LatestLoader(Call);

impl Loader<PartnerId> for LatestLoader {
    type Value = Vec<model::Completion>;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::Completion>>> {
        let mut latest: HashMap<PartnerId, Vec<model::Completion>> = HashMap::new();
        for completion in service::latest_of(&self.0, partners, MOST_SHOWN).await? {
            latest.entry(completion.partner_id).or_default().push(completion);
        }
        Ok(latest)
    }
}

impl TrainingCompletion {
    /// The completion of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: CompletionId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, CompletionLoader).load_one(id).await?.map(Self))
    }

    /// The latest completions of a partner, at most 50, latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn latest_of(gql: &Context<'_>, partner_id: PartnerId) -> AppResult<Vec<Self>> {
        let latest = loaders::loader(gql, LatestLoader).load_one(partner_id).await?.unwrap_or_default();
        Ok(latest.into_iter().map(Self).collect())
    }
}

/// Names a person, in exactly one way.
#[derive(Clone, OneofObject)]
pub enum TrainingPersonInput {
    /// By global id.
    Id(ID),
    /// By the e-mail address that they sign in with.
    Email(String),
}

/// Names a course, in exactly one way.
#[derive(Clone, OneofObject)]
pub enum TrainingCourseInput {
    /// By global id.
    Id(ID),
    /// By code: its latest edition.
    Code(String),
}

/// One completed course of one person.
#[derive(Clone, InputObject)]
pub struct TrainingCompletionRowInput {
    /// What your system calls this completion, at most 200 characters; sent again, it changes nothing.
    external_id: String,
    /// The person.
    person: TrainingPersonInput,
    /// The course.
    course: TrainingCourseInput,
    /// The score, in basis points from 0 to 10000: 8000 is 80 of 100.
    score_bp: i64,
    /// When the person completed it; not in the future.
    completed_at: Timestamp,
}

/// Records completed courses.
#[derive(Clone, InputObject)]
pub struct RecordTrainingCompletionsInput {
    /// The system that the completions come from, such as the name of your learning system; at most 100 characters.
    source: String,
    /// The completions, 1 to 500.
    rows: Vec<TrainingCompletionRowInput>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

fn parse_row(row: TrainingCompletionRowInput) -> AppResult<Row> {
    let TrainingCompletionRowInput { external_id, person, course, score_bp, completed_at } = row;
    Ok(Row {
        external_id: parse::line(&external_id, "externalId", 200)?,
        person: match person {
            TrainingPersonInput::Id(id) => Person::Id(parse::id(&id, "person.id")?),
            TrainingPersonInput::Email(email) => Person::EmailKey(parse::email(&email, "person.email")?.1),
        },
        course: match course {
            TrainingCourseInput::Id(id) => CourseChoice::Id(parse::id(&id, "course.id")?),
            TrainingCourseInput::Code(code) => CourseChoice::Code(courses::parse_code(&code, "course.code")?),
        },
        score_bp: courses::parse_score(score_bp, "scoreBp")?,
        completed_at,
    })
}

/// A row that cannot be parsed is that row's own problem; any other error is the whole call's.
fn own_problem(parsed: AppResult<Row>) -> AppResult<Result<Row, Problem>> {
    match parsed {
        Ok(row) => Ok(Ok(row)),
        Err(AppError::Refused(mut problems)) if !problems.is_empty() => Ok(Err(problems.swap_remove(0))),
        Err(other) => Err(other),
    }
}

impl MutationInput for RecordTrainingCompletionsInput {
    type Command = Record;
    const OPERATION: &'static str = "recordTrainingCompletions";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Record> {
        let rows = parse::at_most(self.rows, "rows", MOST_ROWS)?;
        if rows.is_empty() {
            return Err(AppError::invalid("rows", crate::kernel::code::Code::TooShort, "Send at least one row."));
        }
        let rows = rows.into_iter().map(|row| own_problem(parse_row(row))).collect::<AppResult<_>>()?;
        Ok(Record { source: parse::line(&self.source, "source", 100)?, rows })
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TrainingCompletionStatus {
    /// It was recorded now.
    Recorded,
    /// It had been recorded before with the same values; nothing was changed.
    Repeated,
    /// It was not accepted; `error` says why.
    Refused,
}

/// The answer to one row.
#[derive(SimpleObject)]
pub struct TrainingCompletionResult {
    /// The row's place in the input, from 0.
    index: i32,
    /// What became of it.
    status: TrainingCompletionStatus,
    /// The completion; null when the row was refused.
    completion: Option<TrainingCompletion>,
    /// Why the row was not accepted; `field` is the path inside the input.
    error: Option<UserError>,
}

impl TrainingCompletionResult {
    fn new(index: usize, outcome: Outcome) -> Self {
        use TrainingCompletionStatus::{Recorded, Refused, Repeated};
        let (status, completion, problem) = match outcome {
            Outcome::Recorded(completion) => (Recorded, Some(TrainingCompletion(completion)), None),
            Outcome::Repeated(completion) => (Repeated, Some(TrainingCompletion(completion)), None),
            Outcome::Refused(mut problem) => {
                problem.field.splice(0..0, ["rows".to_owned(), index.to_string()]);
                (Refused, None, Some(problem))
            }
        };
        let error = problem.map(|problem| UserError::for_audience(problem, true));
        Self { index: i32::try_from(index).unwrap_or(i32::MAX), status, completion, error }
    }
}

payload! {
    /// An answer to each row.
    RecordTrainingCompletionsPayload from Vec<Outcome> as outcomes {
        /// One answer a row, in the order of the input. A row that was not accepted does not hold up the others.
        results: Vec<TrainingCompletionResult> =
            outcomes.into_iter().enumerate().map(|(index, outcome)| TrainingCompletionResult::new(index, outcome)).collect()
    }
}

/// Mutations of completions.
#[derive(Default)]
pub struct CompletionMutation;

#[Object]
impl CompletionMutation {
    /// Records completed courses, up to 500 at once, each answered by itself. The source's own id makes a repeat
    /// harmless. For administrators and channel operations.
    async fn record_training_completions(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The completions and where they come from.")] input: RecordTrainingCompletionsInput,
    ) -> AppResult<RecordTrainingCompletionsPayload> {
        mutate(gql, input, service::record).await
    }
}
