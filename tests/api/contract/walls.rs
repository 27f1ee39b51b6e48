//! Row-level security: the second wall behind the scope. A query that forgot its scope shows a partner nothing that is
//! not its own.

use std::collections::BTreeSet;

use entity::{
    partner, user,
    value::{PartnerId, PartnerState, Role, TypedId as _, UserId},
};
use partner_portal::platform::{
    auth::{Caller, SignedIn},
    call::Call,
    db::walls::{self, WALLS, Wall, stand_behind},
    origin::Origin,
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, Statement, TransactionTrait as _};

use crate::support::{Engine, TestApp, database::APPLICATION_ROLE, only_on};

const REASON: &str = "SQLite has no roles and no row-level security";

fn as_partner(app: &TestApp, partner_id: PartnerId) -> Call {
    let signed_in = SignedIn {
        user_id: UserId(app.services.ids.new_uuid()),
        session_id: entity::value::SessionId(app.services.ids.new_uuid()),
        partner: Some((partner_id, PartnerState::Active)),
        roles: [Role::PartnerAdmin].into_iter().collect(),
    };
    Call::new(app.services.clone(), Caller::User(signed_in), Origin::default())
}

async fn texts(db: &impl sea_orm::ConnectionTrait, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "found").unwrap()).collect()
}

#[tokio::test]
async fn every_table_has_its_wall_or_says_that_it_needs_none() {
    if !only_on(Engine::Postgres, "every_table_has_its_wall_or_says_that_it_needs_none", REASON) {
        return;
    }
    let app = TestApp::start().await;
    let pool = app.services.db.pool();
    let tables = texts(pool, "select tablename::text as found from pg_tables where schemaname = 'public'").await;
    let tables: BTreeSet<String> = tables.into_iter().collect();
    let named: BTreeSet<String> = WALLS.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(tables, named, "each table has a line in `platform/db/walls.rs`: what a partner's reads see of it");

    let owned = "select table_name::text as found from information_schema.columns
        where table_schema = 'public' and column_name = 'partner_id'";
    for table in texts(pool, owned).await {
        let wall = walls::wall_of(&table);
        // A part of one's own rows is narrower still.
        let narrower = "partner_id = current_setting('portal.partner')::uuid and ";
        let is_own = match wall {
            Wall::Own | Wall::Withheld => true,
            Wall::Where(condition) => condition.starts_with(narrower) && !condition.contains(" or "),
            Wall::Common => false,
        };
        assert!(is_own, "{table} carries a partner's id, and its wall is {wall:?}");
    }
    let guarded = "select relname::text as found from pg_class where relrowsecurity and relforcerowsecurity";
    let guarded: BTreeSet<String> = texts(pool, guarded).await.into_iter().collect();
    let walled = WALLS.iter().filter(|(_, wall)| matches!(wall, Wall::Own | Wall::Where(_)));
    assert_eq!(guarded, walled.map(|(table, _)| (*table).to_owned()).collect());
}

#[tokio::test]
async fn a_query_without_a_scope_shows_a_partner_its_own_rows_only() {
    if !only_on(Engine::Postgres, "a_query_without_a_scope_shows_a_partner_its_own_rows_only", REASON) {
        return;
    }
    let app = TestApp::start().await;
    let (alpha, beta) = (app.partner("alpha.example").await, app.partner("beta.example").await);
    app.create_user("ana@alpha.example", Some(alpha), &[Role::PartnerAdmin]).await;
    app.create_user("ben@beta.example", Some(beta), &[Role::PartnerAdmin]).await;
    app.create_user("ops@vendor.example", None, &[Role::ChannelOps]).await;
    let call = as_partner(&app, alpha);
    let people = user::Entity::find().all(&call.reader()).await.unwrap();
    assert_eq!(people.iter().map(|row| row.email.as_str()).collect::<Vec<_>>(), ["ana@alpha.example"]);
    let partners = partner::Entity::find().all(&call.reader()).await.unwrap();
    assert_eq!(partners.iter().map(|row| row.id).collect::<Vec<_>>(), [alpha]);
    // The vendor's own reads stand behind no wall.
    assert_eq!(user::Entity::find().all(&Call::system(app.services.clone(), "test").reader()).await.unwrap().len(), 3);

    // A statement that failed does not take the next one with it.
    assert!(call.reader().execute_unprepared("select no_such_function()").await.is_err());
    assert_eq!(user::Entity::find().all(&call.reader()).await.unwrap().len(), 1);
    // Nothing is written behind a wall.
    assert!(call.reader().execute_unprepared("update users set name = 'x'").await.is_err());
}

#[tokio::test]
async fn whoever_reads_for_partners_cannot_read_what_is_withheld_or_for_nobody() {
    if !only_on(Engine::Postgres, "whoever_reads_for_partners_cannot_read_what_is_withheld_or_for_nobody", REASON) {
        return;
    }
    let app = TestApp::start().await;
    let alpha = app.partner("alpha.example").await;
    let role = walls::partner_role(APPLICATION_ROLE);
    for (table, wall) in WALLS {
        let txn = app.services.db.pool().begin().await.unwrap();
        stand_behind(&txn, &role, alpha.uuid()).await.unwrap();
        let readable = txn.execute_unprepared(&format!("select 1 from {table} limit 1")).await.is_ok();
        assert_eq!(readable, *wall != Wall::Withheld, "{table}");
    }
    // The role without a partner sees an error instead of rows.
    let txn = app.services.db.pool().begin().await.unwrap();
    txn.execute_unprepared(&format!("set local role {role}")).await.unwrap();
    assert!(partner::Entity::find().one(&txn).await.is_err());
}
