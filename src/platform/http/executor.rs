//! What executes a request: the schema, which the server does not know by its type.

use async_graphql::{Request, Response};
use futures::future::BoxFuture;

/// Executes one GraphQL request whose document was checked and parsed.
pub trait Execute: Send + Sync + 'static {
    /// Executes it.
    fn execute(&self, request: Request) -> BoxFuture<'_, Response>;
}
