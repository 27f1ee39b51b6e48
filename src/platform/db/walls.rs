//! Row-level security on PostgreSQL: the second wall behind the scope of every query.
//!
//! What a partner reads is read under a role of its own, which sees the rows of that one partner and nothing else,
//! whatever the query asks for. The role is named after the servers' role with `_partner` behind it; the servers'
//! role may become it for a transaction. `migrate up --application-role` builds the walls; without such a role (one
//! role for everything, or SQLite) there is the scope alone.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement};

use super::{super::error::AppResult, Db};

/// What a partner's reads see of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// The rows that carry its id in the column `partner_id`.
    Own,
    /// The rows for which this holds; `(select …)` from a walled table sees its own rows only.
    Where(&'static str),
    /// Every row: what all partners have in common.
    Common,
    /// Nothing: the role may not read the table at all.
    Withheld,
}

/// What a partner's reads see of each table. A table that is missing here is withheld, and a test asks for its line.
pub const WALLS: &[(&str, Wall)] = &[
    ("account_domains", Wall::Withheld),
    ("account_incumbents", Wall::Withheld),
    ("account_merge_moves", Wall::Withheld),
    ("account_merges", Wall::Withheld),
    ("account_names", Wall::Withheld),
    ("account_pairs", Wall::Withheld),
    ("account_match_keys", Wall::Withheld),
    ("account_match_subjects", Wall::Withheld),
    ("account_partners", Wall::Own),
    ("account_references", Wall::Withheld),
    ("account_registry_ids", Wall::Withheld),
    ("account_reservations", Wall::Withheld),
    ("accounts", Wall::Where("id in (select account_id from account_partners)")),
    ("activities", Wall::Own),
    ("activity_streams", Wall::Own),
    ("address_changes", Wall::Withheld),
    ("agreement_acceptances", Wall::Own),
    ("agreements", Wall::Where("state = 'PUBLISHED'")),
    ("api_client_secrets", Wall::Where("client_id in (select id from api_clients)")),
    ("api_clients", Wall::Own),
    ("attempt_buckets", Wall::Withheld),
    ("audit_chains", Wall::Withheld),
    ("audit_events", Wall::Own),
    ("business_plan_revisions", Wall::Own),
    ("business_plans", Wall::Own),
    ("availability_budgets", Wall::Withheld),
    ("courses", Wall::Common),
    ("deal_conflict_parties", Wall::Own),
    ("deal_conflict_staff", Wall::Withheld),
    ("deal_conflicts", Wall::Where("id in (select conflict_id from deal_conflict_parties)")),
    ("deal_evidence", Wall::Where("registration_id in (select id from deal_registrations)")),
    ("deal_registration_lines", Wall::Own),
    ("deal_registrations", Wall::Own),
    ("decision_receipts", Wall::Own),
    ("direct_opportunities", Wall::Withheld),
    ("engagement_totals", Wall::Own),
    ("evidence_files", Wall::Own),
    ("idempotency_keys", Wall::Withheld),
    ("import_rows", Wall::Withheld),
    ("invitations", Wall::Own),
    ("mdf_allocations", Wall::Own),
    ("mdf_balances", Wall::Own),
    ("mdf_claim_lines", Wall::Where("claim_id in (select id from mdf_claims)")),
    ("mdf_claims", Wall::Own),
    ("mdf_ledger_entries", Wall::Where("transaction_id in (select id from mdf_ledger_transactions)")),
    ("mdf_ledger_transactions", Wall::Own),
    ("mdf_payments", Wall::Where("claim_id in (select id from mdf_claims)")),
    ("mdf_program_balances", Wall::Withheld),
    ("mdf_programs", Wall::Common),
    ("mdf_requests", Wall::Own),
    ("mdf_tranches", Wall::Where("claim_id in (select id from mdf_claims)")),
    ("notification_positions", Wall::Withheld),
    ("notification_preferences", Wall::Where("user_id in (select id from users)")),
    ("notifications", Wall::Own),
    ("onboarding_plans", Wall::Own),
    ("onboarding_steps", Wall::Own),
    ("outbound_mails", Wall::Withheld),
    ("partner_applications", Wall::Own),
    ("partner_authorisations", Wall::Own),
    ("partner_contacts", Wall::Own),
    ("partners", Wall::Where("id = current_setting('portal.partner')::uuid")),
    ("password_resets", Wall::Withheld),
    ("personal_keys", Wall::Withheld),
    ("policy_documents", Wall::Common),
    ("product_lines", Wall::Common),
    ("protections", Wall::Own),
    ("recovery_codes", Wall::Withheld),
    ("refresh_tokens", Wall::Withheld),
    ("seaql_migrations", Wall::Withheld),
    ("second_factors", Wall::Withheld),
    ("session_proofs", Wall::Withheld),
    ("sessions", Wall::Where("user_id in (select id from users)")),
    ("sign_on_attempts", Wall::Withheld),
    ("stored_files", Wall::Withheld),
    (
        "territories",
        Wall::Where(
            "id in (select territory_id from territory_partners union select territory_id from partner_authorisations)",
        ),
    ),
    ("territory_partners", Wall::Own),
    ("tier_reviews", Wall::Where("partner_id = current_setting('portal.partner')::uuid and state = 'CONFIRMED'")),
    ("training_completions", Wall::Own),
    ("user_identities", Wall::Withheld),
    ("users", Wall::Own),
    ("waitlist_offers", Wall::Own),
];

/// The condition of an own row. The setting is missing unless a reading transaction made it: then the query fails,
/// and shows nothing.
const OWN: &str = "partner_id = current_setting('portal.partner')::uuid";

/// What a partner's reads see of a table.
#[must_use]
pub fn wall_of(table: &str) -> Wall {
    WALLS.iter().find(|(name, _)| *name == table).map_or(Wall::Withheld, |(_, wall)| *wall)
}

/// The name of the role under which the servers of `role` read for partners.
#[must_use]
pub fn partner_role(role: &str) -> String {
    format!("{role}_partner")
}

/// The statements that build a table's wall for the servers' role, and tear down what stood there before. All names
/// come quoted.
#[must_use]
pub fn statements(table: &str, quoted: &str, application: &str, partner: &str, owner: &str) -> Vec<String> {
    let condition = match wall_of(table) {
        Wall::Withheld => return vec![format!("revoke all on {quoted} from {partner}")],
        Wall::Common => return vec![format!("grant select on {quoted} to {partner}")],
        Wall::Own => OWN,
        Wall::Where(condition) => condition,
    };
    vec![
        format!("grant select on {quoted} to {partner}"),
        format!("alter table {quoted} enable row level security"),
        format!("alter table {quoted} force row level security"),
        format!("drop policy if exists the_servers_see_every_row on {quoted}"),
        format!(
            "create policy the_servers_see_every_row on {quoted} to {application}, {owner} using (true) with check (true)"
        ),
        format!("drop policy if exists a_partner_sees_its_own_rows on {quoted}"),
        format!("create policy a_partner_sees_its_own_rows on {quoted} for select to {partner} using ({condition})"),
    ]
}

/// Puts a reading transaction behind the wall of one partner, until it ends.
///
/// # Errors
/// Those of the database.
pub async fn stand_behind(txn: &DatabaseTransaction, role: &str, partner: uuid::Uuid) -> AppResult<()> {
    // A UUID and a name that the database told us, quoted: nothing here comes from a caller.
    let sql = format!("set local role \"{}\"; set local portal.partner = '{partner}'", role.replace('"', "\"\""));
    txn.execute_unprepared(&sql).await?;
    Ok(())
}

/// Tears every wall down, because tables that a policy names cannot be dropped: before migrations are taken back.
///
/// # Errors
/// Those of the database.
pub async fn tear_down(db: &Db) -> AppResult<()> {
    if db.pool().get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "select format('drop policy %I on %I', policyname, tablename) as statement from pg_policies
        where schemaname = 'public' and policyname in ('the_servers_see_every_row', 'a_partner_sees_its_own_rows')";
    let rows = db.pool().query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    for row in rows {
        db.pool().execute_unprepared(&row.try_get::<String>("", "statement")?).await?;
    }
    Ok(())
}
