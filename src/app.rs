//! The composition root: the only file that knows every room.

use std::{sync::Arc, time::Duration};

use crate::{
    people::sessions::Doorkeeper,
    platform::{auth::Authenticate, call::Services, http::server::App},
    schema,
};

/// Puts the product together around its services. A session that ended elsewhere is noticed after `trust`.
#[must_use]
pub fn compose(services: Arc<Services>, trust: Duration) -> App {
    let doorkeeper: Arc<dyn Authenticate> = Arc::new(Doorkeeper::new(Arc::clone(&services), trust));
    App { schema: schema::builder().finish(), services, doorkeeper }
}
