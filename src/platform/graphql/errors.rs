//! The third ring of errors: what callers see. The only place that turns application errors into answers.

use async_graphql::{Enum, Error, ErrorExtensionValues, SimpleObject};

use crate::{
    kernel::{
        code::Code,
        decision::{Audience, Receipt, Step},
    },
    platform::error::{AppError, Problem},
};

/// The fixed sentence for a fault of ours.
pub const FAULT: &str =
    "Something went wrong on our side. Nothing was changed. Try again, and tell us the request id if it stays.";

/// Codes of top-level errors: who you are, the protocol, and faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopCode {
    /// Sign in first.
    Unauthenticated,
    /// Your roles do not allow this.
    Forbidden,
    /// An argument of a query is not acceptable.
    BadInput,
    /// Too many attempts.
    RateLimited,
    /// The database cannot be reached or is too busy.
    Unavailable,
    /// A fault of ours.
    Internal,
    /// The HTTP request is not one that this server answers.
    BadRequest,
    /// The GraphQL document or its variables are not valid.
    InvalidDocument,
    /// The GraphQL document asks for more than one request may.
    LimitExceeded,
    /// No operation is known by this hash: send its text too.
    PersistedQueryNotFound,
    /// Only listed operations are executed, and this is none.
    OperationNotListed,
}

impl TopCode {
    /// All of them, for the test that compares them with the docs.
    pub const ALL: &[Self] = &[
        Self::Unauthenticated,
        Self::Forbidden,
        Self::BadInput,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
        Self::BadRequest,
        Self::InvalidDocument,
        Self::LimitExceeded,
        Self::PersistedQueryNotFound,
        Self::OperationNotListed,
    ];

    /// The word in `extensions.code`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadInput => "BAD_INPUT",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
            Self::BadRequest => "BAD_REQUEST",
            Self::InvalidDocument => "INVALID_DOCUMENT",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::OperationNotListed => "OPERATION_NOT_LISTED",
        }
    }
}

/// Why an input was not accepted. Nothing was changed.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The code for programs.
    pub code: Code,
    /// What is wrong and the way out, for people.
    pub message: String,
    /// Where in the input, from the outside in; empty when it concerns no single field.
    pub field: Vec<String>,
    /// Why the decision came out so, where one was made.
    pub receipt: Option<DecisionReceipt>,
}

/// Why a decision came out as it did: the rules in the order they were evaluated.
#[derive(Clone, Debug, SimpleObject)]
pub struct DecisionReceipt {
    /// What was decided, such as `registration.approve`.
    pub decision: String,
    /// The version of the policy that it was decided under.
    pub policy_version: i32,
    /// `GRANTED`, or the code of the rule that refused.
    pub outcome: String,
    /// The rules in the order they were evaluated, as far as you may read them.
    pub steps: Vec<DecisionStep>,
}

/// One rule that was evaluated.
#[derive(Clone, Debug, SimpleObject)]
pub struct DecisionStep {
    /// The rule's stable name.
    pub rule: String,
    /// Whether it was passed.
    pub outcome: StepOutcome,
    /// The code of the refusal, when it refused.
    pub code: Option<Code>,
    /// What it found.
    pub sentence: String,
}

/// How a rule came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum StepOutcome {
    /// It was passed.
    Passed,
    /// It refused.
    Refused,
}

impl DecisionReceipt {
    /// The receipt as somebody may read it: partners do not see what would tell them about others.
    #[must_use]
    pub fn for_audience(receipt: Receipt, staff: bool) -> Self {
        let readable = |step: &Step| staff || step.audience == Audience::Partner;
        let steps = receipt.steps.into_iter().filter(readable).map(DecisionStep::from).collect();
        Self { decision: receipt.decision, policy_version: receipt.policy_version, outcome: receipt.outcome, steps }
    }
}

impl From<Step> for DecisionStep {
    fn from(step: Step) -> Self {
        let outcome = if step.passed { StepOutcome::Passed } else { StepOutcome::Refused };
        Self { rule: step.rule, outcome, code: step.code, sentence: step.sentence }
    }
}

impl UserError {
    /// A problem as somebody may read it.
    #[must_use]
    pub fn for_audience(problem: Problem, staff: bool) -> Self {
        let receipt = problem.receipt.map(|receipt| DecisionReceipt::for_audience(*receipt, staff));
        Self { code: problem.code, message: problem.message, field: problem.field, receipt }
    }
}

/// A sign in the error that the endpoint adds the request id, and what it does to the answer's status.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The code.
    pub code: TopCode,
    /// Seconds to wait, where waiting helps.
    pub retry_after: Option<u64>,
}

impl From<AppError> for Error {
    fn from(error: AppError) -> Self {
        let (code, message, retry_after) = match &error {
            AppError::Unauthenticated => (
                TopCode::Unauthenticated,
                "Sign in first: the access token is missing, expired or revoked.".to_owned(),
                None,
            ),
            AppError::Forbidden => (TopCode::Forbidden, "Your roles do not allow this.".to_owned(), None),
            AppError::Refused(problems) => {
                let sentence = problems.first().map_or_else(String::new, |problem| problem.message.clone());
                (TopCode::BadInput, sentence, None)
            }
            AppError::RateLimited { retry_after } => {
                (TopCode::RateLimited, "Too many attempts. Wait a while and try again.".to_owned(), Some(*retry_after))
            }
            AppError::Unavailable(fault) | AppError::Transient(fault) => {
                tracing::error!(cause = fault.cause, location = %fault.location, "the database could not serve a request");
                (TopCode::Unavailable, "The service is busy or restarting. Try again in a moment.".to_owned(), Some(1))
            }
            AppError::Internal(fault) => {
                tracing::error!(cause = fault.cause, location = %fault.location, "a request failed");
                (TopCode::Internal, FAULT.to_owned(), None)
            }
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", code.word());
        if let Some(seconds) = retry_after {
            extensions.set("retryAfterSeconds", seconds);
        }
        if let AppError::Refused(problems) = &error
            && let Some(problem) = problems.first()
        {
            extensions.set("field", problem.field.clone());
            extensions
                .set("reason", async_graphql::Value::from(async_graphql::Name::new(format!("{:?}", problem.code))));
        }
        Self {
            message,
            source: Some(std::sync::Arc::new(Answered { code, retry_after })),
            extensions: Some(extensions),
        }
    }
}
