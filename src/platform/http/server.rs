//! The server.

use std::{net::TcpListener, sync::Arc};

use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, dev::Server, web};

use crate::platform::{
    auth::{Authenticate, Caller},
    call::{Call, Services},
    graphql::{loaders::Loaders, mutation::HeaderKey},
};

/// What the server serves.
#[derive(Clone)]
pub struct App<E = crate::schema::PortalSchema> {
    /// The GraphQL schema.
    pub schema: E,
    /// What every request shares.
    pub services: Arc<Services>,
    /// Who tokens stand for.
    pub doorkeeper: Arc<dyn Authenticate>,
}

/// Serves on a listener until the returned handle is stopped.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(app: App, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let app = web::Data::new(app);
    Ok(HttpServer::new(move || ActixApp::new().app_data(app.clone()).route("/graphql", web::post().to(graphql)))
        .workers(workers)
        .listen(listener)?
        .run())
}

async fn graphql(app: web::Data<App>, http: HttpRequest, body: web::Json<async_graphql::Request>) -> HttpResponse {
    let token = http.headers().get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let caller = match token {
        None => Caller::Anonymous,
        Some(token) => match app.doorkeeper.authenticate(token).await {
            Ok(caller) => caller,
            Err(error) => {
                let error = async_graphql::Error::from(error).into_server_error(async_graphql::Pos::default());
                return HttpResponse::Unauthorized().json(async_graphql::Response::from_errors(vec![error]));
            }
        },
    };
    let key = http.headers().get("idempotency-key").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let request_id = app.services.ids.new_uuid().simple().to_string();
    let call = Call::new(Arc::clone(&app.services), caller, request_id);
    let request = body.into_inner().data(call).data(Loaders::default()).data(HeaderKey(key));
    HttpResponse::Ok().json(app.schema.execute(request).await)
}
