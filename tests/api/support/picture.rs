//! All that the database holds, to show that a refused call changed nothing.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::TestApp;

/// Every row of every table but some, as text, by table. What tables there are is read from the catalogue.
pub type Picture = BTreeMap<String, Vec<String>>;

async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    let pool = app.services.db.pool();
    let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}

/// Takes the picture.
pub async fn picture(app: &TestApp, but: &[&str]) -> Picture {
    let postgres = app.services.db.pool().get_database_backend() == DbBackend::Postgres;
    let tables = if postgres {
        "select tablename::text as text from pg_tables where schemaname = 'public' order by 1"
    } else {
        "select name as text from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1"
    };
    let mut picture = Picture::new();
    for table in texts(app, tables).await {
        if but.contains(&table.as_str()) {
            continue;
        }
        let rows = if postgres {
            format!("select t::text as text from {table} t order by 1")
        } else {
            let columns =
                texts(app, &format!("select 'quote(' || name || ')' as text from pragma_table_info('{table}')")).await;
            format!("select {} as text from {table} order by 1", columns.join(" || ',' || "))
        };
        let rows = texts(app, &rows).await;
        picture.insert(table, rows);
    }
    picture
}

/// What is in the second picture and not in the first, or the other way around: tables with the first row that differs.
pub fn differences(before: &Picture, after: &Picture) -> Vec<String> {
    let mut found = Vec::new();
    for (table, rows) in after {
        let none = Vec::new();
        let old = before.get(table).unwrap_or(&none);
        if old != rows {
            let row = rows.iter().find(|row| !old.contains(row)).or_else(|| old.iter().find(|row| !rows.contains(row)));
            found.push(format!("{table}: {}", row.map_or("", String::as_str)));
        }
    }
    found
}
