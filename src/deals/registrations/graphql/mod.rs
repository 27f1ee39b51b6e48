//! Deal registrations in the API.

mod inputs;
mod lists;
mod types;

pub use inputs::{DealRegistrationMutation, DealRegistrationPayload, RegisterDealPayload};
pub use lists::{DealRegistrationFilter, DealRegistrationOrder, DealRegistrationQuery, ListedRegistration, listed};
pub use types::DealRegistration;
