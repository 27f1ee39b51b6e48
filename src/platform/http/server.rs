//! The server.

use std::{any::Any, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{App as ActixApp, HttpServer, dev::Server, middleware::from_fn, rt::net::TcpStream, web};
use metrics_exporter_prometheus::PrometheusHandle;
use socket2::SockRef;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Execute, Settings,
    answer::Refused,
    budget::Budgets,
    endpoint, health, jwks, metrics,
    observe::observe,
    pages::{self, DemoPerson},
    persisted::Persisted,
    seats::{Seat, Seats},
    socket,
};
use crate::platform::{
    auth::{Authenticate, Caller},
    call::Services,
    graphql::{document_cache::DocumentCache, shape::Shape},
};

/// How many connections a worker holds; further ones wait in the listener's queue.
const CONNECTIONS: usize = 4_096;

/// How many requests with a file are read and worked on at a time. Each has a body of up to 11 MiB, and for moments twice
/// that: what they take together is what a server of half a gibibyte has for them.
const BRINGING: usize = 16;

/// How many of them one caller has at a time: who sends slowly keeps nobody else from sending.
const BRINGING_EACH: usize = 1;

/// How long the head of a request may take to arrive.
const HEAD: Duration = Duration::from_secs(5);

/// How long a connection without a request is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long requests in flight may take when the server stops. Longer than [`KEEP_ALIVE`], shorter than the half
/// minute that supervisors wait.
const DRAIN_SECONDS: u64 = 20;

/// How long the other end may leave what was sent without a sign that it arrived: who does not read holds memory.
const UNREAD: Duration = Duration::from_secs(30);

/// Lets the system end a connection whose other end does not read.
fn impatient(connection: &dyn Any) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD)) {
        tracing::debug!(%error, "a connection waits for its reader as long as the system does");
    }
}

/// A server with our limits; its type is nothing that could be written down.
macro_rules! configured {
    ($server:expr, $workers:expr) => {
        $server
            .workers($workers)
            .max_connections(CONNECTIONS)
            .on_connect(|connection, _| impatient(connection))
            .client_request_timeout(HEAD)
            .client_disconnect_timeout(Duration::from_secs(1))
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(DRAIN_SECONDS)
            .disable_signals()
    };
}

/// What the server serves.
#[derive(Clone)]
pub struct App {
    /// What executes requests: the schema.
    pub executor: Arc<dyn Execute>,
    /// What every request shares.
    pub services: Arc<Services>,
    /// Who tokens stand for.
    pub doorkeeper: Arc<dyn Authenticate>,
    /// How the server behaves towards callers.
    pub settings: Arc<Settings>,
    /// The shape of what the schema answers, to reckon what operations cost.
    pub shape: Arc<Shape>,
    /// Documents that were executed before.
    pub documents: DocumentCache,
    /// Documents that callers name by their hash.
    pub persisted: Persisted,
    /// What is left to callers of this minute.
    pub budgets: Budgets,
    /// The WebSockets that are open.
    pub sockets: Seats,
    /// Whom the page at `/` offers to sign in as: nobody but in the demo.
    pub demo_people: Arc<Vec<DemoPerson>>,
    /// How many requests are worked on at a time; the others wait for their turn, not for long.
    pub turns: Arc<Semaphore>,
    /// How many may wait for their turn.
    pub waiting: Arc<Semaphore>,
    /// How many may bring files at a time.
    pub bringing: Arc<Semaphore>,
    /// Who brings files at the moment.
    pub bringers: Seats,
    /// Further addresses, beside GraphQL, that features answer at: sign-on, OAuth.
    pub routes: Arc<Vec<Routes>>,
}

/// A place among those who bring files; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _own: Seat,
    _place: OwnedSemaphorePermit,
}

impl App {
    /// A place to bring a file, for a caller who brings no other one at the moment.
    ///
    /// # Errors
    /// [`Refused::busy`] when there is none.
    pub fn place_for(&self, caller: &Caller) -> Result<Place, Refused> {
        let own = self.bringers.take(caller.key(), BRINGING_EACH).ok_or_else(Refused::busy)?;
        let place = Arc::clone(&self.bringing).try_acquire_owned().map_err(|_| Refused::busy())?;
        Ok(Place { _own: own, _place: place })
    }

    /// A turn to be worked on. Under more load than can be answered, some are sent away at once instead of everybody
    /// waiting ever longer: who is let wait is answered soon.
    ///
    /// # Errors
    /// [`Refused::busy`] when too many wait already, or there is no turn in time.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, Refused> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = self.waiting.try_acquire().map_err(|_| Refused::busy())?;
        let turn = tokio::time::timeout(self.settings.turn_time, Arc::clone(&self.turns).acquire_owned());
        match turn.await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(Refused::busy()),
        }
    }
}

/// Adds addresses of a feature to a server. Its handlers find the [`App`] in their data.
pub type Routes = fn(&mut web::ServiceConfig);

impl App {
    /// Around what executes requests.
    #[must_use]
    pub fn new(
        executor: Arc<dyn Execute>,
        services: Arc<Services>,
        doorkeeper: Arc<dyn Authenticate>,
        shape: Arc<Shape>,
    ) -> Self {
        let settings = Arc::new(Settings::default());
        Self {
            executor,
            services,
            doorkeeper,
            turns: Arc::new(Semaphore::new(settings.at_once)),
            waiting: Arc::new(Semaphore::new(settings.waiting)),
            bringing: Arc::new(Semaphore::new(BRINGING)),
            bringers: Seats::default(),
            settings,
            shape,
            documents: DocumentCache::default(),
            persisted: Persisted::default(),
            budgets: Budgets::default(),
            sockets: Seats::shown_as("websocket_connections"),
            demo_people: Arc::default(),
            routes: Arc::default(),
        }
    }

    /// The same, behaving otherwise.
    #[must_use]
    pub fn with(self, settings: Settings) -> Self {
        let turns = Arc::new(Semaphore::new(settings.at_once));
        let waiting = Arc::new(Semaphore::new(settings.waiting));
        Self { settings: Arc::new(settings), turns, waiting, ..self }
    }
}

/// Serves the API on a listener until the returned server's handle is stopped: it handles no signals itself.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(app: App, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let app = web::Data::new(app);
    let server = HttpServer::new(move || {
        let routes = Arc::clone(&app.routes);
        let graphql = web::resource("/graphql")
            .route(web::post().to(endpoint::graphql))
            .route(web::get().to(endpoint::graphql))
            .route(web::method(actix_web::http::Method::OPTIONS).to(endpoint::preflight))
            .default_service(web::to(endpoint::other_method));
        ActixApp::new()
            .app_data(app.clone())
            .wrap(from_fn(observe))
            .service(graphql)
            .route("/graphql/ws", web::get().to(socket::open))
            .route("/healthz", web::get().to(health::alive))
            .route("/readyz", web::get().to(health::ready))
            .route("/.well-known/jwks.json", web::get().to(jwks::show))
            .configure(pages::routes)
            .configure(|config| routes.iter().for_each(|add| add(config)))
            .default_service(web::to(endpoint::not_here))
    });
    Ok(configured!(server, workers).listen(listener)?.run())
}

/// Serves health and numbers for operators on a listener of their own.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve_admin(app: App, numbers: PrometheusHandle, listener: TcpListener) -> std::io::Result<Server> {
    let (app, numbers) = (web::Data::new(app), web::Data::new(numbers));
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .app_data(numbers.clone())
            .wrap(from_fn(observe))
            .route("/metrics", web::get().to(metrics::show))
            .route("/healthz", web::get().to(health::alive))
            .route("/readyz", web::get().to(health::ready))
            .default_service(web::to(endpoint::not_here))
    });
    Ok(configured!(server, 1).listen(listener)?.run())
}
