//! Reading audit events: who did what, when. They are written by `platform::audit`, in the transaction of each change,
//! and never changed.

pub mod graphql;
pub mod model;
mod service;
mod store;
