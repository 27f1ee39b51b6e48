//! Where a change came from (`domain.md §1`): the caller's address, the API client, and who answers for it.

crate::ddl::sql_migration! {
    up: r#"
alter table audit_events add column address text

alter table audit_events add column actor_client_id {uuid}

alter table audit_events add column responsible_user_id {uuid}
"#,
    down: r#"
alter table audit_events drop column responsible_user_id

alter table audit_events drop column actor_client_id

alter table audit_events drop column address
"#,
}
