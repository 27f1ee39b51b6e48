//! Pages for people who try the API out: one of our own at `/`, with nothing loaded from elsewhere, and GraphiQL for
//! browsers that reach its assets. Off unless configured.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;

use super::{endpoint, server::App};

/// Only what this server itself serves may be loaded or called by the page.
const OWN_POLICY: &str = "default-src 'none'; connect-src 'self'; style-src 'self'; script-src 'self'; img-src data:; \
                          frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// GraphiQL comes from a public host of packages, with styles and scripts inside its page.
const EXPLORER_POLICY: &str = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline' https://unpkg.com; \
                               script-src 'unsafe-inline' https://unpkg.com; font-src https://unpkg.com data:; img-src data:; \
                               worker-src blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Operations to begin with, as JSON: title, document, variables.
pub const EXAMPLES: &str = include_str!("pages/examples.json");

/// Somebody of the demo, whom the page offers to sign in as.
#[derive(Clone, Debug, Serialize)]
pub struct DemoPerson {
    /// Who it is.
    pub title: String,
    /// The address.
    pub email: String,
    /// The password: made for the demo, and worth nothing elsewhere.
    pub password: String,
}

/// Adds the pages to a server.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(home))
        .route("/page.css", web::get().to(style))
        .route("/page.js", web::get().to(script))
        .route("/examples.json", web::get().to(examples))
        .route("/demo-people.json", web::get().to(people))
        .route("/graphiql", web::get().to(graphiql));
}

async fn home(app: web::Data<App>, http: HttpRequest) -> HttpResponse {
    page(&app, http, "text/html; charset=utf-8", OWN_POLICY, include_str!("pages/home.html")).await
}

async fn style(app: web::Data<App>, http: HttpRequest) -> HttpResponse {
    page(&app, http, "text/css; charset=utf-8", OWN_POLICY, include_str!("pages/page.css")).await
}

async fn script(app: web::Data<App>, http: HttpRequest) -> HttpResponse {
    page(&app, http, "text/javascript; charset=utf-8", OWN_POLICY, include_str!("pages/page.js")).await
}

async fn examples(app: web::Data<App>, http: HttpRequest) -> HttpResponse {
    page(&app, http, "application/json", OWN_POLICY, EXAMPLES).await
}

async fn graphiql(app: web::Data<App>, http: HttpRequest) -> HttpResponse {
    page(&app, http, "text/html; charset=utf-8", EXPLORER_POLICY, include_str!("pages/graphiql.html")).await
}

async fn page(
    app: &App,
    http: HttpRequest,
    kind: &'static str,
    policy: &'static str,
    body: &'static str,
) -> HttpResponse {
    if !app.settings.graphiql {
        return endpoint::not_here(http).await;
    }
    HttpResponse::Ok().content_type(kind).insert_header((header::CONTENT_SECURITY_POLICY, policy)).body(body)
}

/// The people of the demo; an empty list in any other deployment.
async fn people(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(app.demo_people.as_ref())
}
