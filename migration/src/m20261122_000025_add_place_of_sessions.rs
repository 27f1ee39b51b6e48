//! Where a session was used last (`domain.md §1`): shown to its person, so that they recognise what is not theirs.
//! Forgotten when the session ends.

crate::ddl::sql_migration! {
    up: r#"
alter table sessions add column agent text

alter table sessions add column address text
"#,
    down: r#"
alter table sessions drop column address

alter table sessions drop column agent
"#,
}
