//! What leaves the endpoint: one serialisation, every error with its code and the request's id.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use async_graphql::{Error, ErrorExtensionValues, Response, ServerError, Value};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{budget::Cost, negotiation::Form};
use crate::platform::{
    error::AppError,
    graphql::{
        errors::{Answered, TopCode},
        limits::Refusal,
    },
};

/// Why a request was not executed.
#[derive(Debug)]
pub struct Refused {
    /// The status of the answer.
    pub status: StatusCode,
    /// The code for programs.
    pub code: TopCode,
    /// What is wrong and the way out.
    pub message: String,
    /// Whether the connection ends with the answer, because there is a body that nobody will read.
    pub close: bool,
    /// Seconds to wait, where waiting helps.
    pub retry_after: Option<u64>,
}

impl Refused {
    /// A request that this server does not answer.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, code: TopCode::BadRequest, message: message.into(), close: false, retry_after: None }
    }

    /// The same, and the connection ends with it.
    #[must_use]
    pub fn closing(self) -> Self {
        Self { close: true, ..self }
    }

    /// There is more to do than can be done. No fault that is looked for in the log: the number of these answers tells.
    pub fn busy() -> Self {
        let message = "There is too much to do at the moment. Nothing was changed; try again.";
        let refused = Self::new(StatusCode::SERVICE_UNAVAILABLE, message);
        Self { code: TopCode::Unavailable, retry_after: Some(1), ..refused }
    }

    /// A document that is not executed.
    pub fn document(refusal: Refusal, form: Form) -> Self {
        let (status, code, message) = match refusal {
            Refusal::TooMuch(message) => (StatusCode::BAD_REQUEST, TopCode::LimitExceeded, message),
            Refusal::Invalid(message) => (invalid(form), TopCode::InvalidDocument, message),
            Refusal::NoIntrospection => (
                invalid(form),
                TopCode::InvalidDocument,
                "This server does not answer questions about its schema. Read the published schema instead.".to_owned(),
            ),
        };
        Self { code, ..Self::new(status, message) }
    }

    /// An operation that is known by no text. The words are those that Apollo's clients look for.
    pub fn not_persisted(form: Form) -> Self {
        let code = TopCode::PersistedQueryNotFound;
        Self { code, ..Self::new(invalid(form), "PersistedQueryNotFound") }
    }

    /// An operation that is not on the list.
    pub fn not_listed() -> Self {
        let message = "This server executes only the operations of its list, and this is none of them.";
        Self { code: TopCode::OperationNotListed, ..Self::new(StatusCode::FORBIDDEN, message) }
    }

    /// The error in an answer's list.
    pub fn error(&self, request_id: &str) -> ServerError {
        let mut error = ServerError::new(self.message.clone(), None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.word());
        extensions.set("requestId", request_id);
        if let Some(seconds) = self.retry_after {
            extensions.set("retryAfterSeconds", seconds);
        }
        error.extensions = Some(extensions);
        error
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        let error = Error::from(error);
        let answered = error.source.as_ref().and_then(|source| source.downcast_ref::<Answered>()).copied();
        let code = answered.map_or(TopCode::Internal, |answered| answered.code);
        let status = match code {
            TopCode::Unauthenticated => StatusCode::UNAUTHORIZED,
            TopCode::Forbidden => StatusCode::FORBIDDEN,
            TopCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            TopCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            TopCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            TopCode::BadInput
            | TopCode::BadRequest
            | TopCode::InvalidDocument
            | TopCode::LimitExceeded
            | TopCode::PersistedQueryNotFound
            | TopCode::OperationNotListed => StatusCode::BAD_REQUEST,
        };
        let retry_after = answered.and_then(|answered| answered.retry_after);
        Self { code, retry_after, ..Self::new(status, error.message) }
    }
}

/// A document that parses and cannot be executed is a good answer in plain JSON, and a bad request otherwise.
const fn invalid(form: Form) -> StatusCode {
    match form {
        Form::Json => StatusCode::OK,
        Form::GraphqlResponse => StatusCode::BAD_REQUEST,
    }
}

/// An answer, over HTTP and WebSocket alike.
#[derive(Serialize)]
pub struct Body<'a> {
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Extensions>,
}

#[derive(Clone, Copy, Serialize)]
struct Extensions {
    cost: Cost,
}

/// The answer to a request that was not executed.
pub fn refused(refused: Refused, form: Form, request_id: &str) -> HttpResponse {
    let errors = [refused.error(request_id)];
    let body = Body { errors: &errors, data: None, extensions: None };
    let mut response = send(refused.status, form, refused.retry_after, &body);
    if refused.close {
        response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    if refused.status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    if refused.status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("GET, POST, OPTIONS"));
    }
    response
}

/// Whether execution began. Errors without a path come before it: then there is no data, not even null.
pub fn began(response: &Response) -> bool {
    response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty())
}

/// What was executed, ready to be told: every error has a code and the request's id.
pub struct Told {
    response: Response,
    cost: Cost,
    /// Whether execution began.
    pub began: bool,
    waiting: Option<Answered>,
}

impl Told {
    /// Completes the errors of an answer.
    pub fn new(mut response: Response, cost: Cost, request_id: &str) -> Self {
        let began = began(&response);
        let mut waiting: Option<Answered> = None;
        for error in &mut response.errors {
            let answered = error.source.as_ref().and_then(|source| source.downcast_ref::<Answered>()).copied();
            if let Some(answered) = answered
                && answered.retry_after.is_some()
            {
                waiting = Some(answered);
            }
            let extensions = error.extensions.get_or_insert_default();
            if extensions.get("code").is_none() {
                let code = if began { TopCode::BadInput } else { TopCode::InvalidDocument };
                extensions.set("code", code.word());
            }
            extensions.set("requestId", request_id);
        }
        Self { response, cost, began, waiting }
    }

    /// The answer. What it cost is told when it was executed.
    pub fn body(&self) -> Body<'_> {
        Body {
            errors: &self.response.errors,
            data: self.began.then_some(&self.response.data),
            extensions: self.began.then_some(Extensions { cost: self.cost }),
        }
    }

    /// Whether there is nothing in it but failures.
    pub fn failed(&self) -> bool {
        !self.response.errors.is_empty() && is_empty(&self.response.data)
    }

    /// Whether one of its failures passes by itself.
    pub fn passes(&self) -> bool {
        let words = [TopCode::Unavailable, TopCode::RateLimited].map(|code| Value::from(code.word()));
        let mut codes = self.response.errors.iter().filter_map(|error| error.extensions.as_ref()?.get("code"));
        codes.any(|code| words.contains(code))
    }

    /// A hash of its data: equal when they are.
    pub fn digest(&self) -> Vec<u8> {
        let data = serde_json::to_vec(&self.response.data).unwrap_or_default();
        Sha256::digest(&data).to_vec()
    }

    /// Its errors.
    pub fn errors(&self) -> &[ServerError] {
        &self.response.errors
    }

    fn status(&self, form: Form) -> StatusCode {
        match self.waiting {
            _ if !self.began => invalid(form),
            Some(answered) if is_empty(&self.response.data) => match answered.code {
                TopCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::SERVICE_UNAVAILABLE,
            },
            _ => StatusCode::OK,
        }
    }
}

/// The answer to a request that was executed.
pub fn executed(told: &Told, form: Form) -> HttpResponse {
    let retry_after = told.waiting.and_then(|answered| answered.retry_after);
    send(told.status(form), form, retry_after, &told.body())
}

/// Whether an answer has no data at all, so that its status may tell of the failure.
fn is_empty(data: &Value) -> bool {
    match data {
        Value::Null => true,
        Value::Object(fields) => fields.values().all(|value| *value == Value::Null),
        _ => false,
    }
}

fn send(status: StatusCode, form: Form, retry_after: Option<u64>, body: &Body<'_>) -> HttpResponse {
    let Ok(bytes) = serde_json::to_vec(body) else { return HttpResponse::InternalServerError().finish() };
    let mut response = HttpResponse::build(status);
    response.content_type(form.content_type());
    if let Some(seconds) = retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response.body(bytes)
}
