//! What was recorded stays as it was recorded: audit events and receipts are written once.

crate::ddl::sql_migration! {
    up: r#"
{sqlite} create trigger audit_events_are_never_changed before update on audit_events
begin select raise(abort, 'audit events are append-only'); end

{sqlite} create trigger audit_events_are_never_deleted before delete on audit_events
begin select raise(abort, 'audit events are append-only'); end

{sqlite} create trigger decision_receipts_are_never_changed before update on decision_receipts
begin select raise(abort, 'receipts are append-only'); end

{sqlite} create trigger decision_receipts_are_never_deleted before delete on decision_receipts
begin select raise(abort, 'receipts are append-only'); end

{postgres} create function refuse_to_change_what_was_recorded() returns trigger language plpgsql as
$$ begin raise exception '% are append-only', tg_argv[0]; end $$

{postgres} create trigger audit_events_are_append_only before update or delete or truncate on audit_events
for each statement execute function refuse_to_change_what_was_recorded('audit events')

{postgres} create trigger decision_receipts_are_append_only before update or delete or truncate on decision_receipts
for each statement execute function refuse_to_change_what_was_recorded('receipts')
"#,
    down: r#"
{sqlite} drop trigger audit_events_are_never_changed

{sqlite} drop trigger audit_events_are_never_deleted

{sqlite} drop trigger decision_receipts_are_never_changed

{sqlite} drop trigger decision_receipts_are_never_deleted

{postgres} drop trigger audit_events_are_append_only on audit_events

{postgres} drop trigger decision_receipts_are_append_only on decision_receipts

{postgres} drop function refuse_to_change_what_was_recorded()
"#,
}
