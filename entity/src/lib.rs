//! The shape of the database: one table a file, sea-orm only, and the plain values stored in it.
//!
//! Knows no rules and does no IO. Tables are private to the slice that owns them (`src/<area>/…/store.rs`);
//! values are shared vocabulary.

pub mod value;

pub mod account;
pub mod account_partner;
pub mod activity;
pub mod activity_stream;
pub mod api_client;
pub mod api_client_secret;
pub mod attempt_bucket;
pub mod audit_chain;
pub mod audit_event;
pub mod course;
pub mod deal_evidence;
pub mod deal_registration;
pub mod deal_registration_line;
pub mod decision_receipt;
pub mod engagement_total;
pub mod idempotency_key;
pub mod import_row;
pub mod invitation;
pub mod mdf_allocation;
pub mod mdf_balance;
pub mod mdf_claim;
pub mod mdf_claim_line;
pub mod mdf_ledger_entry;
pub mod mdf_ledger_transaction;
pub mod mdf_payment;
pub mod mdf_program;
pub mod mdf_program_balance;
pub mod mdf_request;
pub mod mdf_tranche;
pub mod onboarding_step;
pub mod outbound_mail;
pub mod partner;
pub mod partner_application;
pub mod password_reset;
pub mod personal_key;
pub mod policy_document;
pub mod product_line;
pub mod protection;
pub mod recovery_code;
pub mod refresh_token;
pub mod second_factor;
pub mod session;
pub mod session_proof;
pub mod sign_on_attempt;
pub mod territory;
pub mod territory_partner;
pub mod training_completion;
pub mod user;
pub mod user_identity;
