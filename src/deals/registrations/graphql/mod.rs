//! Deal registrations in the API.

mod changes;
mod explain;
mod inputs;
mod lists;
mod mutations;
mod offers;
mod parts;
mod queue;
mod subscriptions;
mod types;

pub use explain::DealExplanationQuery;
pub use lists::{DealRegistrationFilter, DealRegistrationOrder, DealRegistrationQuery, ListedRegistration, listed};
pub use mutations::{DealRegistrationMutation, DealRegistrationPayload, RegisterDealPayload};
pub use offers::WaitlistMutation;
pub use queue::{ApproveCleanDealRegistrationsPayload, RegistrationQueueMutation, RegistrationQueueQuery};
pub use subscriptions::DealRegistrationSubscription;
pub use types::DealRegistration;
