//! Every change of the database, one a file, in order. A migration that has landed is never edited.
//!
//! The statements are SQL, written once for both databases; the few types that differ are placeholders
//! (see `ddl.rs`). Constraints are named as sentences: their names are mapped to refusals.

pub use sea_orm_migration::prelude::*;

mod ddl;
mod m20261121_000001_create_platform_tables;
mod m20261121_000002_create_people_tables;
mod m20261121_000005_create_onboarding_tables;
mod m20261121_000006_create_territory_tables;
mod m20261121_000010_create_account_tables;
mod m20261121_000011_create_deal_tables;
mod m20261121_000060_create_training_tables;
mod m20261121_000070_create_engagement_tables;
mod m20261121_000080_create_import_tables;
mod m20261121_000600_create_mdf_tables;
mod m20261122_000001_create_queue_index;
mod m20261122_000010_add_origin_of_audit_events;
mod m20261122_000011_create_sign_on_tables;
mod m20261122_000015_create_outbound_mails;
mod m20261122_000016_add_keys_of_invitations;
mod m20261122_000017_create_password_resets;
mod m20261122_000020_create_attempt_buckets;
mod m20261122_000021_create_second_factors;
mod m20261122_000025_add_place_of_sessions;
mod m20261122_000030_add_names_and_erasure_of_users;
mod m20261122_000031_create_personal_keys;
mod m20261122_000035_create_api_client_tables;
mod m20261122_000045_make_audit_and_receipts_append_only;
mod m20261122_000046_chain_audit_events;
mod m20261122_000047_index_audit_filters;
mod m20261122_000100_create_address_changes;
mod m20261122_000200_create_account_identity_tables;
mod m20261122_000201_add_size_and_merging_of_accounts;
mod m20261122_000202_create_account_reservations_and_incumbents;
mod m20261122_000203_create_account_pairs_and_merges;
mod m20261122_000250_create_account_match_tables;
mod m20261122_000300_add_life_of_applications;
mod m20261122_000301_add_life_of_partners;
mod m20261122_000302_add_profiles_contacts_and_authorisations;
mod m20261122_000350_create_onboarding_plans;
mod m20261122_000351_create_agreements;
mod m20261122_000352_create_business_plans;
mod m20261122_000353_create_tier_reviews;
mod m20261122_000400_add_drafts_and_review_of_registrations;
mod m20261122_000401_add_life_of_registrations;
mod m20261122_000420_create_notifications;
mod m20261122_000421_create_evidence_files;
mod m20261122_000440_create_direct_opportunities;
mod m20261122_000441_create_waitlist_offers;
mod m20261122_000442_create_indexes_of_what_comes_due;
mod m20261122_000460_create_deal_conflicts;
mod m20261122_000461_index_files_of_partners;

/// The list of migrations.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_create_platform_tables::Migration),
            Box::new(m20261121_000002_create_people_tables::Migration),
            Box::new(m20261121_000005_create_onboarding_tables::Migration),
            Box::new(m20261121_000060_create_training_tables::Migration),
            Box::new(m20261121_000070_create_engagement_tables::Migration),
            Box::new(m20261121_000010_create_account_tables::Migration),
            Box::new(m20261121_000011_create_deal_tables::Migration),
            Box::new(m20261121_000600_create_mdf_tables::Migration),
            Box::new(m20261122_000001_create_queue_index::Migration),
            Box::new(m20261121_000006_create_territory_tables::Migration),
            Box::new(m20261121_000080_create_import_tables::Migration),
            Box::new(m20261122_000010_add_origin_of_audit_events::Migration),
            Box::new(m20261122_000045_make_audit_and_receipts_append_only::Migration),
            Box::new(m20261122_000015_create_outbound_mails::Migration),
            Box::new(m20261122_000020_create_attempt_buckets::Migration),
            Box::new(m20261122_000025_add_place_of_sessions::Migration),
            Box::new(m20261122_000030_add_names_and_erasure_of_users::Migration),
            Box::new(m20261122_000031_create_personal_keys::Migration),
            Box::new(m20261122_000011_create_sign_on_tables::Migration),
            Box::new(m20261122_000046_chain_audit_events::Migration),
            Box::new(m20261122_000047_index_audit_filters::Migration),
            Box::new(m20261122_000021_create_second_factors::Migration),
            Box::new(m20261122_000035_create_api_client_tables::Migration),
            Box::new(m20261122_000016_add_keys_of_invitations::Migration),
            Box::new(m20261122_000017_create_password_resets::Migration),
            Box::new(m20261122_000200_create_account_identity_tables::Migration),
            Box::new(m20261122_000201_add_size_and_merging_of_accounts::Migration),
            Box::new(m20261122_000202_create_account_reservations_and_incumbents::Migration),
            Box::new(m20261122_000203_create_account_pairs_and_merges::Migration),
            Box::new(m20261122_000100_create_address_changes::Migration),
            Box::new(m20261122_000300_add_life_of_applications::Migration),
            Box::new(m20261122_000301_add_life_of_partners::Migration),
            Box::new(m20261122_000302_add_profiles_contacts_and_authorisations::Migration),
            Box::new(m20261122_000350_create_onboarding_plans::Migration),
            Box::new(m20261122_000351_create_agreements::Migration),
            Box::new(m20261122_000352_create_business_plans::Migration),
            Box::new(m20261122_000353_create_tier_reviews::Migration),
            Box::new(m20261122_000250_create_account_match_tables::Migration),
            Box::new(m20261122_000400_add_drafts_and_review_of_registrations::Migration),
            Box::new(m20261122_000401_add_life_of_registrations::Migration),
            Box::new(m20261122_000440_create_direct_opportunities::Migration),
            Box::new(m20261122_000420_create_notifications::Migration),
            Box::new(m20261122_000421_create_evidence_files::Migration),
            Box::new(m20261122_000441_create_waitlist_offers::Migration),
            Box::new(m20261122_000442_create_indexes_of_what_comes_due::Migration),
            Box::new(m20261122_000460_create_deal_conflicts::Migration),
            Box::new(m20261122_000461_index_files_of_partners::Migration),
        ]
    }
}
