//! Staff ask the audit log who did it, what was done, and what one request did; each question has its index.

crate::ddl::sql_migration! {
    up: r#"
-- What one person did, newest first.
create index audit_events_actor_user_id_idx on audit_events (actor_user_id, id) where actor_user_id is not null

-- What one API client did, newest first.
create index audit_events_actor_client_id_idx on audit_events (actor_client_id, id) where actor_client_id is not null

-- Where something of a kind was done, newest first.
create index audit_events_action_idx on audit_events (action, id)

-- What one request did.
create index audit_events_request_id_idx on audit_events (request_id, id)
"#,
    down: r#"
drop index audit_events_request_id_idx

drop index audit_events_action_idx

drop index audit_events_actor_client_id_idx

drop index audit_events_actor_user_id_idx
"#,
}
