//! Filling the database, as fast as it takes rows.

use std::{fmt::Write as _, ops::Range};

use partner_portal::{
    accounts::matching::rules::{Key, Name, Profile, Subject, VERSION, keys},
    kernel::hex,
};
use sqlx::{Connection as _, PgPool, SqliteConnection, postgres::PgPoolCopyExt as _};
use uuid::Uuid;

use crate::{names, speed::subject};

/// How many accounts are written at once.
const AT_ONCE: u64 = 20_000;

struct Row {
    id: Uuid,
    name: String,
    name_key: String,
    domain: String,
    country: &'static str,
    subject: String,
    keys: Vec<Key>,
}

fn row(number: u64) -> Row {
    let company = names::company(number);
    // Ids in the order of creation, as the product makes them.
    let id = Uuid::from_u128((u128::from(number) << 80) | 0x7000_8000_0000_0000_0000);
    let profile = Profile::of(Subject { id: Some(id.to_string()), ..subject(&company) });
    Row {
        id,
        name_key: Name::parse(&company.name).key,
        domain: company.domain.clone().unwrap_or_else(|| format!("without-{number}.com")),
        country: company.country,
        subject: serde_json::to_string(&profile.subject).expect("a document"),
        keys: keys(&profile),
        name: company.name,
    }
}

pub async fn load(database: &str, numbers: Range<u64>) {
    if database.starts_with("sqlite:") {
        into_sqlite(database, numbers).await;
    } else {
        into_postgres(database, numbers).await;
    }
}

/// By `copy`, with the index of the keys made at the end.
async fn into_postgres(database: &str, numbers: Range<u64>) {
    let pool = PgPool::connect(database).await.expect("a database");
    let run = async |sql: &'static str| sqlx::raw_sql(sql).execute(&pool).await.map(drop).expect(sql);
    run("alter table account_match_keys drop constraint an_account_has_a_key_once").await;
    let mut from = numbers.start;
    while from < numbers.end {
        let until = numbers.end.min(from + AT_ONCE);
        let (mut accounts, mut subjects, mut postings) = (String::new(), String::new(), String::new());
        for row in (from..until).map(row) {
            let Row { id, name, name_key, domain, country, subject, keys } = row;
            let listed = serde_json::to_string(&keys).expect("numbers");
            let subject = subject.replace('\\', "\\\\");
            writeln!(accounts, "{id}\t{name}\t{name_key}\t{domain}\t{country}\tOPEN\t1\t1").expect("memory");
            writeln!(subjects, "{id}\t{subject}\t{listed}\t{VERSION}").expect("memory");
            for key in keys {
                writeln!(postings, "{key}\t{id}").expect("memory");
            }
        }
        for (sql, rows) in [
            (
                "copy accounts (id, name, name_key, domain, country, reserved_for, created_at, version) from stdin",
                accounts,
            ),
            ("copy account_match_subjects (account_id, subject, keys, matcher_version) from stdin", subjects),
            ("copy account_match_keys (key, account_id) from stdin", postings),
        ] {
            let mut copy = pool.copy_in_raw(sql).await.expect(sql);
            copy.send(rows.into_bytes()).await.expect(sql);
            copy.finish().await.expect(sql);
        }
        from = until;
    }
    run("alter table account_match_keys add constraint an_account_has_a_key_once primary key (key, account_id)").await;
    run("vacuum analyze accounts").await;
    run("vacuum analyze account_match_subjects").await;
    run("vacuum analyze account_match_keys").await;
}

/// In one transaction for each lot, as SQL: the values are our own.
async fn into_sqlite(database: &str, numbers: Range<u64>) {
    let mut db = SqliteConnection::connect(database).await.expect("a database");
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut from = numbers.start;
    while from < numbers.end {
        let until = numbers.end.min(from + AT_ONCE / 20);
        let (mut accounts, mut subjects, mut postings) = (Vec::new(), Vec::new(), Vec::new());
        for row in (from..until).map(row) {
            let id = format!("x'{}'", hex::encode(row.id.as_bytes()));
            let listed = serde_json::to_string(&row.keys).expect("numbers");
            accounts.push(format!(
                "({id},{},{},{},'{}','OPEN',1,1)",
                quoted(&row.name),
                quoted(&row.name_key),
                quoted(&row.domain),
                row.country
            ));
            subjects.push(format!("({id},{},{},{VERSION})", quoted(&row.subject), quoted(&listed)));
            postings.extend(row.keys.iter().map(|key| format!("({key},{id})")));
        }
        let sql = format!(
            "begin;
            insert into accounts (id, name, name_key, domain, country, reserved_for, created_at, version) values {};
            insert into account_match_subjects (account_id, subject, keys, matcher_version) values {};
            insert into account_match_keys (key, account_id) values {};
            commit;",
            accounts.join(","),
            subjects.join(","),
            postings.join(",")
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.expect("rows");
        from = until;
    }
    sqlx::raw_sql("analyze").execute(&mut db).await.expect("figures");
}
