//! GraphQL over HTTP.

use std::{panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web,
};
use async_graphql::parser::types::OperationType;
use futures::FutureExt as _;

use super::{
    address,
    answer::{self, Refused, Told},
    body,
    browser::Browser,
    multipart,
    negotiation::{Form, wants_page},
    observe::{Noted, RequestId},
    operation::{Beside, Operation},
    request::{self, Asked},
    server::{App, Place},
};
use crate::platform::{
    auth::Caller,
    error::{AppError, AppResult},
    graphql::{limits::measure::Measured, upload::Uploads},
    origin::Origin,
    turns,
};

/// Answers a GraphQL request, whatever happens inside.
pub async fn graphql(app: web::Data<App>, http: HttpRequest, payload: web::Payload) -> HttpResponse {
    let request_id = http.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let accept = text_of(&http, header::ACCEPT);
    if http.method() == Method::GET && app.settings.graphiql && http.query_string().is_empty() && wants_page(accept) {
        return HttpResponse::SeeOther().insert_header(("location", "/")).finish();
    }
    let Some(form) = Form::accepted(accept) else {
        let message = "Accept `application/json` or `application/graphql-response+json`.";
        body::abandon(payload);
        return answer::refused(Refused::new(StatusCode::NOT_ACCEPTABLE, message).closing(), Form::Json, &request_id);
    };
    let answering = AssertUnwindSafe(answer(&app, &http, payload, form, &request_id));
    match answering.catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => answer::refused(refused, form, &request_id),
        // Its text may hold anything: it is for the panic hook, which writes where it happened.
        Err(_panic) => answer::refused(AppError::internal("a request panicked").into(), form, &request_id),
    }
}

async fn answer(
    app: &App,
    http: &HttpRequest,
    payload: web::Payload,
    form: Form,
    request_id: &str,
) -> Result<HttpResponse, Refused> {
    let origin = origin_of(app, http);
    let read = read(app, http, payload, &origin).await?;
    let turn = app.turn().await?;
    // On the heap: what a request does is large.
    let work = Box::pin(work(app, http, read, origin, form, request_id));
    turns::working(Arc::clone(&app.turns), turn, work).await
}

async fn work(
    app: &App,
    http: &HttpRequest,
    read: Read,
    origin: Origin,
    form: Form,
    request_id: &str,
) -> Result<HttpResponse, Refused> {
    let Read { asked, uploads, _place } = read;
    let operation = Operation::check(app, asked, form)?;
    let key = may_be_asked(http, operation.measured)?;
    let mut noted = Noted { operation: operation.name.clone(), caller: None };
    let caller = caller_of(app, http, &origin).await?;
    noted.caller = Some(caller.key());
    http.extensions_mut().insert(noted);
    let browser = Arc::new(Browser::of(http.headers(), &app.settings));
    let beside = Beside { key, browser: Some(Arc::clone(&browser)), waiting: None, uploads };
    let (response, cost) = operation.run(app, caller, origin, beside, form).await?;
    let mut answered = answer::executed(&Told::new(response, cost, request_id), form);
    if let Some(cookie) = browser.told().and_then(|cookie| header::HeaderValue::try_from(cookie).ok()) {
        answered.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answered)
}

/// What was read of a request.
struct Read {
    asked: Asked,
    uploads: Uploads,
    /// A place among those who bring files: these take memory until they are answered.
    _place: Option<Place>,
}

impl From<Asked> for Read {
    fn from(asked: Asked) -> Self {
        Self { asked, uploads: Uploads::default(), _place: None }
    }
}

async fn read(app: &App, http: &HttpRequest, payload: web::Payload, origin: &Origin) -> Result<Read, Refused> {
    if http.method() == Method::GET {
        return request::from_address(http.query_string()).map(Read::from);
    }
    if multipart::is(http) {
        let caller = caller_of(app, http, origin).await.map_err(Refused::from);
        let place = caller.and_then(|caller| {
            multipart::may_bring(http, &caller)?;
            app.place_for(&caller)
        });
        return match place {
            Ok(place) => {
                let (asked, uploads) = multipart::read(app, http, payload).await?;
                Ok(Read { asked, uploads, _place: Some(place) })
            }
            Err(refused) => {
                body::abandon(payload);
                Err(refused.closing())
            }
        };
    }
    if let Err(refused) = request::is_json(http) {
        body::abandon(payload);
        return Err(refused.closing());
    }
    request::from_body(&body::read(http, payload, &app.settings).await?).map(Read::from)
}

/// What the method and the headers allow of an operation. Returns the idempotency key in the header.
fn may_be_asked(http: &HttpRequest, measured: Measured) -> Result<Option<String>, Refused> {
    let mutation = measured.kind == OperationType::Mutation;
    if http.method() == Method::GET && measured.kind != OperationType::Query {
        return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, "GET is for queries. Send this by POST."));
    }
    if measured.kind == OperationType::Subscription {
        let message = "Subscriptions are asked over WebSocket, at /graphql/ws with the protocol graphql-transport-ws.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, message));
    }
    let Some(key) = http.headers().get("idempotency-key") else { return Ok(None) };
    if !mutation || measured.roots != 1 {
        let message = "The Idempotency-Key header is for a request with exactly one mutation. Use the field \
                       `idempotencyKey` of each input instead.";
        return Err(Refused::new(StatusCode::BAD_REQUEST, message));
    }
    let key = key.to_str().map_err(|_| {
        Refused::new(StatusCode::BAD_REQUEST, "An idempotency key is 1 to 255 visible ASCII characters.")
    })?;
    Ok(Some(key.to_owned()))
}

/// How much of a program's name for itself is kept.
const AGENT: usize = 200;

/// Where a request comes from.
#[must_use]
pub fn origin_of(app: &App, http: &HttpRequest) -> Origin {
    let request_id = http.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let forwarded: Vec<_> = http.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    let forwarded = forwarded.join(",");
    let peer = http.peer_addr().map(|peer| peer.ip());
    Origin {
        request_id,
        address: peer.map(|peer| address::of_caller(peer, Some(&forwarded), &app.settings.trusted_proxies)),
        agent: text_of(http, header::USER_AGENT).map(|agent| agent.chars().take(AGENT).collect()),
    }
}

async fn caller_of(app: &App, http: &HttpRequest, origin: &Origin) -> AppResult<Caller> {
    let mut headers = http.headers().get_all(header::AUTHORIZATION);
    let Some(header) = headers.next() else { return Ok(Caller::Anonymous) };
    let token = header.to_str().ok().and_then(|text| text.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && headers.next().is_none() => {
            let finding = app.doorkeeper.authenticate(token.trim(), origin);
            tokio::time::timeout(app.settings.request_time, finding)
                .await
                .unwrap_or_else(|_| Err(AppError::took_too_long()))
        }
        _ => Err(AppError::Unauthenticated),
    }
}

pub(super) fn text_of(http: &HttpRequest, name: header::HeaderName) -> Option<&str> {
    http.headers().get(name).and_then(|value| value.to_str().ok())
}

/// Answers a browser that asks whether a page of another origin may call: the headers are [`super::observe`]'s.
pub async fn preflight() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// Answers any other method.
pub async fn other_method(http: HttpRequest) -> HttpResponse {
    let request_id = http.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "GraphQL is asked by POST, and queries by GET too.");
    answer::refused(refused.closing(), Form::Json, &request_id)
}

/// Answers any other path.
pub async fn not_here(http: HttpRequest) -> HttpResponse {
    let request_id = http.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let refused = Refused::new(StatusCode::NOT_FOUND, "There is nothing here. The API is at /graphql.");
    answer::refused(refused.closing(), Form::Json, &request_id)
}
