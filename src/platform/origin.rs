//! Where a request comes from.

use std::net::IpAddr;

/// Where a request comes from, and under which id it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The request's id, in its answer's header, in every log line about it and in its audit events.
    pub request_id: String,
    /// The caller's address: the peer's, or the one that a trusted proxy names. None inside the product.
    pub address: Option<IpAddr>,
    /// What the caller's program calls itself (`User-Agent`), cut to 200 characters.
    pub agent: Option<String>,
}

impl Origin {
    /// Inside the product: a job, a command of the operator.
    #[must_use]
    pub fn inside(request_id: impl Into<String>) -> Self {
        Self { request_id: request_id.into(), address: None, agent: None }
    }
}
