//! The ops queue is read all day, and what is decided long ago must not slow it down.

crate::ddl::sql_migration! {
    up: r#"
-- The ops queue: what waits for a decision, oldest qualified first, in one walk along the index for both states.
create index deal_registrations_queue_idx on deal_registrations (qualified_at, id) where state in ('SUBMITTED', 'IN_REVIEW')
"#,
    down: r#"
drop index deal_registrations_queue_idx
"#,
}
