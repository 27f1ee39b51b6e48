//! Deal registrations in the API.

mod changes;
mod explain;
mod inputs;
mod lists;
mod mutations;
mod parts;
mod queue;
mod types;

pub use explain::DealExplanationQuery;
pub use lists::{DealRegistrationFilter, DealRegistrationOrder, DealRegistrationQuery, ListedRegistration, listed};
pub use mutations::{DealRegistrationMutation, DealRegistrationPayload, RegisterDealPayload};
pub use queue::{ApproveCleanDealRegistrationsPayload, RegistrationQueueMutation, RegistrationQueueQuery};
pub use types::DealRegistration;
