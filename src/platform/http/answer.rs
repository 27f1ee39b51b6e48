//! What leaves the endpoint: one serialisation, every error with its code and the request's id.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use async_graphql::{Error, ErrorExtensionValues, Response, ServerError, Value};
use serde::Serialize;

use super::negotiation::Form;
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
            TopCode::BadInput | TopCode::BadRequest | TopCode::InvalidDocument | TopCode::LimitExceeded => {
                StatusCode::BAD_REQUEST
            }
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

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

/// The answer to a request that was not executed.
pub fn refused(refused: Refused, form: Form, request_id: &str) -> HttpResponse {
    let mut error = ServerError::new(refused.message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", refused.code.word());
    extensions.set("requestId", request_id);
    if let Some(seconds) = refused.retry_after {
        extensions.set("retryAfterSeconds", seconds);
    }
    error.extensions = Some(extensions);
    let errors = [error];
    let mut response = send(refused.status, form, refused.retry_after, &Body { errors: &errors, data: None });
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

/// The answer to a request that was executed.
pub fn executed(mut response: Response, form: Form, request_id: &str) -> HttpResponse {
    if response.errors.is_empty() {
        return send(StatusCode::OK, form, None, &Body { errors: &[], data: Some(&response.data) });
    }
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
    let status = match waiting {
        _ if !began => invalid(form),
        Some(answered) if is_empty(&response.data) => match answered.code {
            TopCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        },
        _ => StatusCode::OK,
    };
    let retry_after = waiting.and_then(|answered| answered.retry_after);
    send(status, form, retry_after, &Body { errors: &response.errors, data: began.then_some(&response.data) })
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
