//! The composition root: the only file that knows every room.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response};
use futures::future::BoxFuture;

use crate::{
    people::sessions::Doorkeeper,
    platform::{
        auth::Authenticate,
        call::Services,
        graphql::limits::Limits,
        http::{Execute, Settings, server::App},
    },
    schema::{self, PortalSchema},
};

/// Mutations that take a secret: one request makes only one of them, so that aliases do not multiply guesses.
const GUESSING: &[&str] = &["signIn", "refreshSession", "acceptInvitation"];

/// The schema, executing requests.
struct Engine(PortalSchema);

impl Execute for Engine {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(self.0.execute(request))
    }
}

/// Puts the product together around its services. A session that ended elsewhere is noticed after `trust`.
#[must_use]
pub fn compose(services: Arc<Services>, trust: Duration) -> App {
    let doorkeeper: Arc<dyn Authenticate> = Arc::new(Doorkeeper::new(Arc::clone(&services), trust));
    let executor = Arc::new(Engine(schema::builder().finish()));
    let limits = Limits { guessing: GUESSING, ..Limits::default() };
    App::new(executor, services, doorkeeper).with(Settings { limits, ..Settings::default() })
}
