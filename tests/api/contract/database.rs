//! Both databases, used so that nothing is lost, rounded or slow (hazards, rows 7 to 9, 12, 16 and 17).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use async_graphql::{Context, EmptySubscription, InputObject, Object, Request, Response, Schema};
use entity::{
    partner, user,
    value::{Role, Timestamp},
};
use futures::future::BoxFuture;
use partner_portal::{
    payload,
    people::users::{self, model::NewUser},
    platform::{
        auth::policy::Action,
        call::Call,
        db::dialect,
        error::{AppError, AppResult},
        graphql::{
            mutation::{MutationInput, mutate},
            page::{Cursor, Page, SortKey},
        },
        http::{Execute, server::App},
    },
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QueryTrait, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use serde_json::Value;

use crate::support::{Engine, TestApp, app::Options, only_on, race::race};

async fn text(db: &impl ConnectionTrait, sql: &str, column: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

async fn number(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}

async fn run(db: &impl ConnectionTrait, sql: &str) -> u64 {
    db.execute_unprepared(sql).await.unwrap().rows_affected()
}

// ── row 7 ──

#[tokio::test]
async fn no_column_can_round_money() {
    let app = TestApp::start().await;
    let sql = match Engine::current() {
        Engine::Sqlite => {
            "select m.name || '.' || c.name || ' ' || lower(c.type) as shown
             from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'"
        }
        Engine::Postgres => {
            "select table_name || '.' || column_name || ' ' || data_type as shown
             from information_schema.columns where table_schema = 'public'"
        }
    };
    let columns = text(app.services.db.pool(), sql, "shown").await;
    assert!(columns.len() > 50, "{columns:?}");
    // A sum that decays with time; no money.
    let floats_allowed = ["engagement_totals.decayed"];
    for column in &columns {
        let (name, kind) = column.split_once(' ').unwrap();
        let exact = ["numeric", "decimal", "money", "real", "double", "float"].iter().all(|word| !kind.contains(word));
        assert!(exact || floats_allowed.contains(&name), "{column}: money is whole minor units and a currency");
        if name.contains("_minor") || name.contains("amount") {
            assert!(["integer", "bigint", "text"].contains(&kind), "{column}");
        }
    }
}

// ── row 8 ──

async fn read_then_write(db: &impl ConnectionTrait) -> Result<(), sea_orm::DbErr> {
    let n = number(db, "select n from counters where id = 1").await;
    db.execute_unprepared(&format!("update counters set n = {} where id = 1", n + 1)).await.map(drop)
}

async fn counter(app: &TestApp) {
    app.database.create_table("counters", "id integer primary key, n bigint not null").await;
    run(app.services.db.pool(), "insert into counters (id, n) values (1, 0)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_writing_transaction_on_sqlite_succeeds_under_load() {
    if !only_on(Engine::Sqlite, "every_writing_transaction_on_sqlite_succeeds_under_load", "SQLite has one writer") {
        return;
    }
    let app = TestApp::start().await;
    let db = app.services.db.clone();
    counter(&app).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let db = db.clone();
        tasks.spawn(async move {
            for _ in 0..50 {
                let txn = db.begin().await.map_err(|error| format!("{error:?}"))?;
                read_then_write(&*txn).await.map_err(|error| error.to_string())?;
                txn.commit().await.map_err(|error| error.to_string())?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        assert_eq!(done.unwrap(), Ok(()));
    }
    assert_eq!(number(db.pool(), "select n from counters").await, 400);
    assert_eq!(text(db.pool(), "pragma journal_mode", "journal_mode").await, ["wal"]);
    assert_eq!(
        number(db.pool(), "select synchronous as n from pragma_synchronous").await,
        2,
        "a commit is on the disk"
    );
}

#[tokio::test]
async fn a_deferred_transaction_on_sqlite_fails_however_long_it_waits() {
    if !only_on(Engine::Sqlite, "a_deferred_transaction_on_sqlite_fails_however_long_it_waits", "the reason for row 8")
    {
        return;
    }
    let app = TestApp::start().await;
    let pool = app.services.db.pool();
    counter(&app).await;
    let deferred = || TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        ..TransactionOptions::default()
    };
    let first = pool.begin_with_options(deferred()).await.unwrap();
    let second = pool.begin_with_options(deferred()).await.unwrap();
    assert_eq!(number(&first, "select n from counters").await + number(&second, "select n from counters").await, 0);
    read_then_write(&first).await.unwrap();
    first.commit().await.unwrap();
    let started = Instant::now();
    let error = AppError::from(read_then_write(&second).await.unwrap_err());
    assert!(started.elapsed() < Duration::from_secs(1), "it did not even wait");
    assert!(matches!(error, AppError::Transient(_)), "{error:?}");
}

// ── row 9 ──

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conditional_update_deducts_exactly_what_is_there() {
    let app = TestApp::start().await;
    let db = app.services.db.pool();
    let columns = "id integer primary key, available bigint not null check (available >= 0)";
    app.database.create_table("budgets", columns).await;
    run(db, "insert into budgets (id, available) values (1, 595)").await;
    let deduct = "update budgets set available = available - 10 where id = 1 and available >= 10";
    let deducted: u64 = race(60, |_| run(db, deduct)).await.into_iter().sum();
    assert_eq!((deducted, number(db, "select available as n from budgets").await), (59, 5));
    app.check().await;
}

#[tokio::test]
async fn read_modify_write_at_read_committed_loses_a_deduction() {
    let name = "read_modify_write_at_read_committed_loses_a_deduction";
    if !only_on(Engine::Postgres, name, "the reason for row 9: SQLite has one writer") {
        return;
    }
    let app = TestApp::start().await;
    counter(&app).await;
    let (first, second) = (app.services.db.begin().await.unwrap(), app.services.db.begin().await.unwrap());
    let seen = number(&*second, "select n from counters").await;
    read_then_write(&*first).await.unwrap();
    first.commit().await.unwrap();
    run(&*second, &format!("update counters set n = {} where id = 1", seen + 1)).await;
    second.commit().await.unwrap();
    assert_eq!(number(app.services.db.pool(), "select n from counters").await, 1, "two were made");
}

/// How often the service was begun, in tests that count it.
static BEGUN: [AtomicU32; 2] = [AtomicU32::new(0), AtomicU32::new(0)];

/// Meets another transaction so many times.
#[derive(Clone, InputObject)]
struct CollideInput {
    times: u32,
    counter: usize,
    state: String,
}

impl MutationInput for CollideInput {
    type Command = Self;
    const OPERATION: &'static str = "collide";

    fn idempotency_key(&self) -> Option<&str> {
        None
    }

    fn parse(self) -> AppResult<Self> {
        Ok(self)
    }
}

async fn collide(call: Call, command: CollideInput) -> AppResult<u32> {
    call.once(async |txn| {
        let begun = BEGUN[command.counter].fetch_add(1, Ordering::SeqCst) + 1;
        if begun <= command.times {
            let raise = format!("do $$ begin raise exception using errcode = '{}'; end $$", command.state);
            txn.execute_unprepared(&raise).await?;
        }
        Ok(begun)
    })
    .await
}

payload! {
    /// How often it was begun.
    CollidePayload from u32 as begun {
        /// How often it was begun.
        begun: u32 = begun
    }
}

struct Colliding;

#[Object]
impl Colliding {
    async fn collide(&self, gql: &Context<'_>, input: CollideInput) -> AppResult<CollidePayload> {
        mutate(gql, input, collide).await
    }
}

struct CollidingSchema(Schema<Colliding, Colliding, EmptySubscription>);

impl Execute for CollidingSchema {
    fn execute(&self, request: Request, _known: bool) -> BoxFuture<'_, Response> {
        Box::pin(self.0.execute(request))
    }
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_begun_again_and_not_for_ever() {
    let name = "a_transaction_that_meets_another_is_begun_again_and_not_for_ever";
    if !only_on(Engine::Postgres, name, "SQLite's writers take turns and do not meet") {
        return;
    }
    let change = |app: App| {
        let executor = Arc::new(CollidingSchema(Schema::new(Colliding, Colliding, EmptySubscription)));
        App { executor, ..app }
    };
    let app = TestApp::start_with(Options { change, ..Options::default() }).await;
    let ask = async |times: u32, counter: usize, state: &str| {
        let input = format!("{{ times: {times}, counter: {counter}, state: {state:?} }}");
        app.anonymous().ask(&format!("mutation {{ collide(input: {input}) {{ begun }} }}"), Value::Null).await
    };
    let done = ask(2, 0, "40001").await;
    assert_eq!((done.status, &done.data["collide"]["begun"]), (200, &Value::from(3)), "{done:?}");
    let given_up = ask(99, 1, "40P01").await;
    assert_eq!((given_up.status, BEGUN[1].load(Ordering::SeqCst)), (503, 5), "{given_up:?}");
    assert_eq!(given_up.errors[0]["extensions"]["code"], "UNAVAILABLE");
}

#[tokio::test]
async fn the_name_of_a_constraint_becomes_the_refusal_it_stands_for() {
    let app = TestApp::start().await;
    let call = Call::system(app.services.clone(), "test");
    let create = async |number: usize| {
        let new = NewUser {
            partner_id: None,
            email: format!("Ana{number}@vendor.example"),
            email_key: "ana@vendor.example".into(),
            name: "Ana".into(),
            roles: [Role::Admin].into_iter().collect(),
            password_hash: "$argon2id$".to_owned(),
        };
        call.in_transaction(async |txn| users::create(txn, &call, Action::UseSession, new).await).await
    };
    let made = race(20, create).await;
    let refused = made.iter().filter_map(|made| made.as_ref().err());
    let mut count = 0;
    for error in refused {
        let AppError::Refused(problems) = error else { panic!("{error:?}") };
        assert_eq!(format!("{:?}", problems[0].code), "AddressTaken");
        count += 1;
    }
    assert_eq!(
        (count, app.rows(&["users", "audit_events"]).await),
        (19, vec![("users".into(), 1), ("audit_events".into(), 1)])
    );
    app.check().await;
}

// ── row 12 ──

/// What a lock file brings in that has known weaknesses, or is there twice as good.
fn unwanted_in(lock: &str) -> Vec<&'static str> {
    let names = ["h2", "rsa", "openssl", "native-tls"];
    names.into_iter().filter(|name| lock.contains(&format!("name = \"{name}\"\n"))).collect()
}

#[test]
fn dependencies_with_known_weaknesses_are_not_built_in() {
    let lock = include_str!("../../../Cargo.lock");
    assert_eq!(unwanted_in(lock), [""; 0], "look at default features");
    for name in ["h2", "rsa", "openssl", "native-tls"] {
        let with_it = format!("{lock}\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        assert_eq!(unwanted_in(&with_it), [name]);
    }
}

/// Whether a release stops at a sum that wraps around (row 6), and lives through a panic (row 10).
fn is_safe_to_release(manifest: &str) -> bool {
    let release = manifest.split("[profile.release]\n").nth(1).and_then(|rest| rest.split("\n[").next());
    release.is_some_and(|release| release.lines().any(|line| line == "overflow-checks = true"))
        && !manifest.contains("panic = \"abort\"")
}

#[test]
fn a_release_stops_at_a_sum_that_wraps_and_lives_through_a_panic() {
    let manifest = include_str!("../../../Cargo.toml");
    assert!(is_safe_to_release(manifest));
    assert!(!is_safe_to_release(&manifest.replace("overflow-checks = true", "overflow-checks = false")));
    assert!(!is_safe_to_release(&manifest.replace("[profile.release]", "[profile.release]\npanic = \"abort\"")));
}

// ── row 13 ──

#[tokio::test]
async fn a_statement_that_does_not_end_is_given_up() {
    if !only_on(Engine::Postgres, "a_statement_that_does_not_end_is_given_up", "SQLite runs inside the process") {
        return;
    }
    let app = TestApp::start().await;
    let started = Instant::now();
    let error = AppError::from(app.services.db.pool().execute_unprepared("select pg_sleep(20)").await.unwrap_err());
    assert!(started.elapsed() < Duration::from_secs(8), "took {:?}", started.elapsed());
    assert!(matches!(error, AppError::Unavailable(_)), "{error:?}");
}

// ── row 16 ──

#[tokio::test]
async fn instants_survive_a_round_trip_and_compare_as_instants() {
    let app = TestApp::start().await;
    let db = app.services.db.pool();
    // In an order in which their texts do not sort.
    let instants = [
        Timestamp::from_micros(-1_000_001),
        Timestamp::from_micros(-1),
        Timestamp::from_micros(0),
        crate::support::app::instant("2026-03-02T09:00:00Z"),
        crate::support::app::instant("2026-03-02T10:00:00.000001+01:00"),
        crate::support::app::instant("2026-03-02T09:00:00.1Z"),
        crate::support::app::instant("0001-01-01T00:00:00Z"),
    ];
    let mut sorted = instants;
    sorted.sort();
    for (number, instant) in instants.iter().enumerate() {
        app.clock.set(*instant);
        app.create_user(&format!("user{number}@vendor.example"), None, &[Role::Admin]).await;
    }
    let read = user::Entity::find().order_by_asc(user::Column::CreatedAt).all(db).await.unwrap();
    assert_eq!(read.iter().map(|user| user.created_at).collect::<Vec<_>>(), sorted);
    for (earlier, instant) in sorted.iter().enumerate() {
        let before = user::Entity::find().filter(user::Column::CreatedAt.lt(*instant)).all(db).await.unwrap();
        assert_eq!(before.len(), earlier, "{instant:?}");
        let equal = user::Entity::find().filter(user::Column::CreatedAt.eq(*instant)).all(db).await.unwrap();
        assert_eq!(equal.len(), 1, "{instant:?}");
    }
}

#[tokio::test]
async fn a_row_that_is_read_for_a_change_waits_for_its_turn() {
    let app = TestApp::start().await;
    app.create_user("ana@vendor.example", None, &[Role::Admin]).await;
    let db = app.services.db.clone();
    let first = db.begin().await.unwrap();
    let select = dialect::for_update(&*first, user::Entity::find());
    let sql = select.build(first.get_database_backend()).sql;
    assert_eq!(sql.ends_with("UPDATE"), Engine::current() == Engine::Postgres, "{sql}");
    assert_eq!(select.all(&*first).await.unwrap().len(), 1);
    let mut second = tokio::spawn(async move {
        // On SQLite it is the beginning that waits.
        let txn = db.begin().await.unwrap();
        let read = dialect::for_update(&*txn, user::Entity::find()).all(&*txn).await.unwrap();
        (read[0].name.clone(), txn.commit().await.is_ok())
    });
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut second).await.is_err(), "it did not wait");
    run(&*first, "update users set name = 'Bea'").await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), ("Bea".to_owned(), true));
}

// ── row 17 ──

#[tokio::test]
async fn a_page_deep_in_a_list_is_found_by_the_index() {
    let app = TestApp::start().await;
    let db = app.services.db.pool();
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let (id, series) = if postgres {
        ("md5(n::text)::uuid", "generate_series(1, 80000) as s(n)")
    } else {
        (
            "randomblob(16)",
            "(with recursive s(n) as (select 1 union all select n + 1 from s where n < 80000) select n from s) as s",
        )
    };
    let key = if postgres { "lpad((n / 4)::text, 6, '0')" } else { "printf('%06d', n / 4)" };
    run(
        db,
        &format!(
            "insert into partners (id, name, name_key, website, domain, country, types, state, tier, created_at, version)
             select {id}, 'P', {key}, '', 'd' || n, 'DE', 'RESELLER', 'ACTIVE', 'SILVER', 0, 1 from {series}"
        ),
    )
    .await;
    app.analyze().await;

    // From the seventy-two thousandth row on, in both directions.
    let place = partner::Entity::find().filter(partner::Column::NameKey.eq("018000")).order_by_asc(partner::Column::Id);
    let place = place.all(db).await.unwrap().swap_remove(1);
    for backward in [false, true] {
        let page = Page {
            limit: 20,
            backward,
            after: Some(Cursor { order: "name".into(), key: SortKey::Text(place.name_key.clone()), id: place.id.0 }),
            until: None,
            order: "name".into(),
            descending: false,
            counted: false,
        };
        let select = page.select(partner::Entity::find(), Some(partner::Column::NameKey), partner::Column::Id);
        let before = app.services.db.statements();
        let rows = page.finish(select.clone().all(db).await.unwrap(), None);
        assert_eq!((rows.rows.len(), app.services.db.statements() - before), (20, 1), "counted without being asked");
        let next = if backward { rows.rows.last() } else { rows.rows.first() }.unwrap();
        assert_eq!(next.name_key, "018000", "the page begins beside its cursor");

        let mut statement = select.build(db.get_database_backend());
        let explain = if postgres { "explain (analyze, timing off, costs off)" } else { "explain query plan" };
        statement.sql = format!("{explain} {}", statement.sql);
        let column = if postgres { "QUERY PLAN" } else { "detail" };
        // A connection that knows what was found.
        let fresh = app.database.open_with(1).await;
        let plan = fresh.pool().query_all_raw(statement).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.try_get("", column).unwrap()).collect();
        let plan = plan.join("\n");
        let straight = if postgres {
            plan.contains("Index Cond: (ROW(name_key, id)") && !plan.contains("Filter") && !plan.contains("Sort")
        } else {
            plan.contains("SEARCH partners USING INDEX partners_name_key_idx ((name_key,id)")
                && !plan.contains("TEMP B-TREE")
        };
        assert!(straight, "the index does not lead to the page's place:\n{plan}");
    }
}
