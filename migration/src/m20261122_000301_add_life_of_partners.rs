//! Why a partner is in its state, and since when (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
alter table partners add column state_reason {text}

alter table partners add column state_message text

alter table partners add column state_changed_at {int}
"#,
    down: r#"
alter table partners drop column state_changed_at

alter table partners drop column state_message

alter table partners drop column state_reason
"#,
}
