//! `/.well-known/jwks.json`: the public halves of the keys that sign access tokens, for whoever verifies them without
//! asking us.

use actix_web::{
    HttpResponse,
    http::header::{self, CacheControl, CacheDirective},
    web,
};
use serde_json::json;

use super::server::App;

/// How long it may be kept. A key is published for longer than this before it signs.
pub const KEEP_SECONDS: u32 = 300;

/// Every key that signs, will sign, or has signed what is in force: the same on every replica.
pub async fn show(app: web::Data<App>) -> HttpResponse {
    let tokens = &app.services.tokens;
    let keys = tokens.ring().published(app.services.clock.now());
    HttpResponse::Ok()
        .insert_header(CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(KEEP_SECONDS)]))
        .insert_header((header::CONTENT_TYPE, "application/jwk-set+json"))
        // Public keys are no secret, and pages verify tokens too.
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(json!({ "keys": keys }))
}
