//! What makes personal values in the audit comparable, until the person is erased (`domain.md §1`).

crate::ddl::sql_migration! {
    up: r#"
create table personal_keys (
    -- The global id of the object that the audit event is about.
    subject {text} not null primary key,
    key {bytes} not null
) {strict}
"#,
    down: r#"
drop table personal_keys
"#,
}
