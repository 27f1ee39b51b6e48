//! What executes a request: the schema, which the server does not know by its type.

use async_graphql::{Request, Response};
use futures::future::BoxFuture;

/// Executes one GraphQL request whose document was checked and parsed.
pub trait Execute: Send + Sync + 'static {
    /// Executes it. A document is validated against the schema first, unless it is `known`: it was found valid before,
    /// and nothing about this request's variables is left to validate.
    fn execute(&self, request: Request, known: bool) -> BoxFuture<'_, Response>;

    /// Executes a subscription up to its first answer, in the same way; none when it ends without one.
    fn first(&self, request: Request, known: bool) -> BoxFuture<'_, Option<Response>> {
        Box::pin(async move { Some(self.execute(request, known).await) })
    }
}
