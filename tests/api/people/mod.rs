mod address_changes;
mod addresses;
mod api_clients;
mod audit;
mod audit_chain;
mod cookies;
mod ending;
mod invitations;
mod jwt_attacks;
mod mail;
mod oauth;
mod password_resets;
mod passwords;
mod personal_data;
mod refresh;
mod rotation;
mod scopes;
pub mod second_factors;
mod secrets;
mod sessions;
mod sign_on;
mod smtp;
mod throttle;
mod users;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::support::{Person, TestApp};

/// The fields of an API client that most tests look at.
pub const CLIENT: &str =
    "apiClient { id name scopes addressRanges state expiresAt revokedAt lastUsedAt requestsPerMinute version
    needsReview partner { id } createdBy { email } responsible { email }
    secrets { id hint createdAt expiresAt lastUsedAt } }";

/// A new API client, and its secret.
pub async fn client_of(maker: &Person<'_>, input: Value) -> (Value, String) {
    let made = maker.done("createApiClient", input, &format!("secret {CLIENT}")).await;
    (made["apiClient"].clone(), made["secret"].as_str().unwrap().to_owned())
}

/// The column `text` of what a statement finds.
pub async fn query(app: &TestApp, sql: &str) -> Vec<String> {
    let pool = app.services.db.pool();
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}
