//! Every entity is what the migrations made of its table, on both databases; and migrations go down and up again.

use migration::{Migrator, MigratorTrait};
use partner_portal::platform::db::{connect, grants, walls};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, Statement};

use crate::support::{Engine, TestApp, database::APPLICATION_ROLE};

async fn columns_of(app: &TestApp, table: &str) -> Vec<String> {
    let pool = app.services.db.pool();
    let sql = match pool.get_database_backend() {
        DbBackend::Postgres => format!(
            "select column_name::text as name from information_schema.columns where table_name = '{table}' and table_schema = 'public'"
        ),
        _ => format!("select name from pragma_table_info('{table}')"),
    };
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    let mut names: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    names.sort();
    names
}

async fn same<E: EntityTrait>(app: &TestApp) -> String {
    let table = E::default().table_name().to_owned();
    let mut declared: Vec<String> = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
    declared.sort();
    assert_eq!(declared, columns_of(app, &table).await, "the entity of {table} is not what the migrations made");
    // Reading a row decodes every column's type; without rows the statement is at least planned.
    E::find().one(app.services.db.pool()).await.unwrap();
    table
}

macro_rules! all_the_same {
    ($app:expr, $($entity:ident),* $(,)?) => {{
        let mut tables = vec!["seaql_migrations".to_owned()];
        $(tables.push(same::<entity::$entity::Entity>($app).await);)*
        tables.sort();
        tables
    }};
}

#[tokio::test]
async fn entities_are_what_the_migrations_made() {
    let app = TestApp::start().await;
    let declared = all_the_same!(
        &app,
        account,
        account_domain,
        account_incumbent,
        account_merge,
        account_merge_move,
        account_name,
        account_pair,
        account_match_key,
        account_match_subject,
        account_partner,
        account_reference,
        account_registry_id,
        account_reservation,
        activity,
        activity_stream,
        agreement,
        agreement_acceptance,
        attempt_bucket,
        audit_chain,
        api_client,
        api_client_secret,
        audit_event,
        business_plan,
        business_plan_revision,
        availability_budget,
        course,
        deal_conflict,
        deal_conflict_party,
        deal_conflict_staff,
        deal_evidence,
        deal_registration,
        deal_registration_line,
        decision_receipt,
        direct_opportunity,
        waitlist_offer,
        engagement_total,
        evidence_file,
        idempotency_key,
        import_row,
        invitation,
        mdf_allocation,
        mdf_balance,
        mdf_claim,
        mdf_claim_line,
        mdf_ledger_entry,
        mdf_ledger_transaction,
        mdf_payment,
        mdf_program,
        mdf_program_balance,
        mdf_request,
        mdf_tranche,
        notification,
        notification_position,
        notification_preference,
        onboarding_plan,
        onboarding_step,
        outbound_mail,
        partner,
        partner_application,
        partner_authorisation,
        partner_contact,
        personal_key,
        address_change,
        password_reset,
        policy_document,
        product_line,
        protection,
        recovery_code,
        refresh_token,
        second_factor,
        session,
        sign_on_attempt,
        session_proof,
        stored_file,
        territory,
        territory_partner,
        tier_review,
        training_completion,
        user,
        user_identity,
    );
    let pool = app.services.db.pool();
    let sql = match pool.get_database_backend() {
        DbBackend::Postgres => {
            "select table_name::text as name from information_schema.tables where table_schema = 'public' order by 1"
        }
        _ => "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1",
    };
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    let mut made: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    made.sort();
    assert_eq!(made, declared, "every table has an entity, and every entity a table");
}

#[tokio::test]
async fn migrations_go_down_and_up_again() {
    let app = TestApp::start().await;
    let owner = connect::open_for_migrations(&app.database.owner_url).await.unwrap();
    walls::tear_down(&owner).await.unwrap();
    Migrator::down(owner.pool(), None).await.unwrap();
    Migrator::up(owner.pool(), None).await.unwrap();
    if Engine::current() == Engine::Postgres {
        grants::grant(&owner, APPLICATION_ROLE).await.unwrap();
    }
    assert!(columns_of(&app, "users").await.contains(&"email_key".to_owned()));
}
