//! How the server behaves towards callers.

use std::{sync::Arc, time::Duration};

use super::{address::Network, budget::Allowances, persisted::Listed, socket::SocketSettings};
use crate::platform::graphql::limits::Limits;

/// How the server behaves towards callers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How much one document may ask for.
    pub limits: Limits,
    /// How much callers may ask for.
    pub allowances: Allowances,
    /// The operations of the operator's list.
    pub listed: Arc<Listed>,
    /// Whether `__schema` and `__type` are answered.
    pub introspection: bool,
    /// Whether a browser that opens the endpoint gets a page to try queries on.
    pub graphiql: bool,
    /// The origins whose pages may call the API from a browser.
    pub cors_origins: Vec<String>,
    /// The origin of the address under which callers know this server: that of its own pages.
    pub own_origin: Option<String>,
    /// The proxies whose word about the caller's address is believed.
    pub trusted_proxies: Vec<Network>,
    /// The longest body, in bytes.
    pub body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How many requests are worked on at a time.
    pub at_once: usize,
    /// How many more may wait for their turn; further ones are sent away at once.
    pub waiting: usize,
    /// How long a request waits for its turn.
    pub turn_time: Duration,
    /// How WebSockets are limited.
    pub socket: SocketSettings,
    /// How long a request may take to be executed.
    pub request_time: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            allowances: Allowances::default(),
            listed: Arc::default(),
            introspection: false,
            graphiql: false,
            cors_origins: Vec::new(),
            own_origin: None,
            trusted_proxies: Vec::new(),
            body_bytes: 1024 * 1024,
            body_time: Duration::from_secs(10),
            at_once: 64,
            waiting: 192,
            turn_time: Duration::from_secs(1),
            socket: SocketSettings::default(),
            // Shorter than the five seconds within which a database that hangs is told.
            request_time: Duration::from_millis(4_500),
        }
    }
}
