//! What always holds holds in a world with everything in it; and each of it is seen to be broken when a row is.

use entity::value::Timestamp;
use partner_portal::{demo, platform::call::Call};

use crate::support::{TestApp, check::broken_in};

/// How a row is broken, and the beginning of the sentence that must be told.
const BREAKS: &[(&str, &str)] = &[
    ("update deal_registrations set version = 0", "deals: versions"),
    ("update partners set version = 0", "onboarding: versions"),
    ("update users set version = 0", "people: versions"),
    ("update mdf_requests set version = 0", "mdf: versions"),
    ("update outbound_mails set object_id = id", "people: a mail that waits"),
    ("update invitations set revoked_at = 1, accepted_at = 1", "people: an invitation ends"),
    ("update users set password_hash = 'secret'", "people: passwords are kept"),
    ("update users set roles = ''", "people: every person has a role"),
    ("update users set state = 'DEACTIVATED'", "people: a deactivated person"),
    ("update audit_events set action = 'x'", "people: each audit event follows"),
    ("update audit_events set actor_user_id = null", "people: an audit event says who"),
    (
        "update partner_applications set state = 'REJECTED' where partner_id is not null",
        "onboarding: an application is approved",
    ),
    ("update onboarding_steps set completed_at = null", "onboarding: a step that is done"),
    ("update onboarding_plans set next_due_at = 1", "onboarding: a plan knows"),
    ("update onboarding_steps set title = 'x'", "onboarding: every step is of a plan"),
    ("update onboarding_steps set state = 'WAIVED', details = null where kind = 'COMPLETE_PROFILE'", "onboarding: a waived step"),
    ("update agreement_acceptances set sha256 = 'x'", "onboarding: what was accepted"),
    ("delete from agreement_acceptances", "onboarding: a partner that has signed"),
    ("update business_plans set state = 'DRAFT'", "onboarding: a business plan is agreed"),
    ("update business_plan_revisions set vendor_agreed_at = null", "onboarding: a revision in force"),
    ("insert into tier_reviews (id, partner_id, month, as_on, reviewed_at, tier, earned_tier, proposed_tier, state, policy_version, figures, version)
        select id, id, '2026-01', '2026-01-01', 0, 'SILVER', 'GOLD', 'GOLD', 'KEPT', 1, '{}', 1 from partners", "onboarding: a review proposes"),
    ("update tier_reviews set state = 'CONFIRMED', decided_at = 1", "onboarding: a partner has the level"),
    (
        "insert into account_match_keys (key, account_id) select 1, id from partners",
        "accounts: a key of the index leads",
    ),
    ("delete from account_match_subjects", "accounts: an account that was not merged into another is in the index"),
    ("update mdf_programs set budget = budget + 1", "mdf: a program's entries"),
    ("update mdf_program_balances set unallocated = unallocated + 1", "mdf: what a program has left"),
    ("update mdf_ledger_entries set amount = amount + 1", "mdf: a partner's balances"),
    ("update mdf_balances set currency = 'XXX'", "mdf: a balance is in"),
    ("update mdf_payments set amount = amount + 1", "mdf: a payment pays its whole"),
    ("update mdf_payments set amount = 900000000000", "mdf: what is paid for a claim"),
    ("update deal_registrations set ended_at = null", "deals: a registration that ended"),
    ("update deal_registrations set won_amount_minor = null", "deals: a deal that is won"),
    ("update deal_registrations set state = 'DRAFT'", "deals: a draft holds nothing"),
    ("update deal_registrations set hold_until = 1 where qualified_at is not null", "deals: a hold is of one"),
    ("update protections set ends_at = ends_at + 1", "deals: protections end when"),
    (
        "update deal_registrations set contested_from = 'WAITLISTED', contested_until = 1",
        "deals: what is contested is in one open case",
    ),
    (
        "insert into deal_conflicts (id, state, opened_at, policy_version, decide_days, appeal_days, due_at, overdue_at, default_at,
            missed_deadlines, by_default, version) select id, 'OPEN', 0, 1, 3, 10, 1, 1, 2, 0, false, 1 from partners",
        "deals: an open case has somebody",
    ),
    ("update deal_conflicts set state = 'DECIDED'", "deals: a decided case says how"),
    ("update deal_conflicts set outcome = 'SHARED'", "deals: the parts of a shared deal"),
    (
        "insert into deal_conflict_parties (conflict_id, registration_id, partner_id, role, stood)
            select partner_id, id, partner_id, 'CLAIMANT', 'WAITLISTED' from deal_registrations;
         update deal_registrations set state = 'CONTESTED', contested_from = 'WAITLISTED', contested_until = 1",
        "deals: what is contested is given back",
    ),
    ("update engagement_totals set raw_micros = raw_micros + 1", "engagement: replaying"),
    ("update activity_streams set last_sequence = 0", "engagement: a partner's stream"),
    ("update accounts set name_key = 'The ' || name_key || ' Inc.'", "accounts: names, domains and registry ids"),
    ("update accounts set parent_id = id where merged_into_id is null", "accounts: no account is part of itself"),
    (
        "update accounts set reserved_for = 'DIRECT' where merged_into_id is null",
        "accounts: for whom an account is reserved",
    ),
    ("delete from account_domains", "accounts: the domain that an account goes by"),
    ("delete from account_partners", "accounts: partners whose registrations"),
    ("update account_merges set undo_reason = 'x' where undone_at is null", "accounts: a merge that was undone"),
    (
        "update account_merges set merged_id = survivor_id, survivor_id = merged_id",
        "accounts: a merged account has the record",
    ),
    (
        "update accounts set merged_into_id = (select parent.id from accounts parent order by 1 limit 1) where id <> (select parent.id from accounts parent order by 1 limit 1)",
        "accounts: a merged account holds nothing",
    ),
    ("update account_pairs set decided_at = null", "accounts: a pair that somebody decided"),
    ("update training_completions set is_passed = not is_passed", "training: a completion has passed"),
];

#[tokio::test]
async fn each_invariant_is_seen_to_be_broken_when_a_row_is() {
    let app = TestApp::start().await;
    let now = Timestamp::from(chrono::Utc::now());
    demo::create(app.services.db.clone(), app.services.tokens.clone(), now).await.unwrap();
    app.check().await;
    let call = Call::system(app.services.clone(), "check");
    for (sql, sentence) in BREAKS {
        let told = async || broken_in(&call).await.into_iter().filter(|line| line.starts_with(sentence)).count();
        assert_eq!(told().await, 0, "{sentence} is broken already");
        app.database.tamper(&[sql]).await;
        assert_ne!(told().await, 0, "{sql} is not found");
    }
}
