//! What every slice's GraphQL door is made of: errors, payloads, global ids, pages, loaders.

pub mod at_once;
pub mod document_cache;
pub mod errors;
pub mod limits;
pub mod loaders;
pub mod money;
pub mod mutation;
pub mod order;
pub mod page;
pub mod parse;
pub mod receipts;
pub mod shape;
pub mod upload;
pub mod waiting;

use async_graphql::Context;

use super::call::Call;

/// What resolvers ask the context.
pub trait GqlContext {
    /// The call that this request is.
    fn call(&self) -> &Call;
}

impl GqlContext for Context<'_> {
    fn call(&self) -> &Call {
        self.data_unchecked::<Call>()
    }
}
