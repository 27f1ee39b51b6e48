//! People and how they come in (`domain.md §1`): users and their roles, sessions, invitations.

pub mod address_changes;
pub mod api_clients;
pub mod audit;
pub mod invariants;
pub mod invitations;
pub mod own_access;
pub mod password_resets;
pub mod second_factors;
pub mod sessions;
pub mod sign_on;
pub mod throttle;
pub mod users;
