//! Whether the process lives, and whether it can work.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::server::App;
use crate::platform::db::migrations::{self, Schema};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process lives: it answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// The process can work: its database answers, and has the shape that it was built for.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    let looking = migrations::schema(app.services.db.pool());
    let problem = match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok(Schema::Current)) => return HttpResponse::Ok().json(json!({ "status": "ready" })),
        Ok(Ok(Schema::Pending(_))) => "migrations are pending: run `partner-portal migrate up`",
        Ok(Err(_)) | Err(_) => "the database does not answer",
    };
    HttpResponse::ServiceUnavailable()
        .insert_header(("retry-after", "1"))
        .json(json!({ "status": "not ready", "problem": problem }))
}
