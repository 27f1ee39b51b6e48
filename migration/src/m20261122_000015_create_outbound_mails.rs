//! Mails wait here from the transaction of the change that they tell of until the server took them.

crate::ddl::sql_migration! {
    up: r#"
create table outbound_mails (
    id {uuid} not null primary key,
    kind {text} not null,
    object_id {uuid} not null,
    state {text} not null,
    created_at {int} not null,
    due_at {int} not null,
    attempts {int} not null,
    settled_at {int},
    last_problem text,
    constraint a_mail_is_settled_or_waits check ((state = 'QUEUED') = (settled_at is null))
) {strict}

-- The mails whose turn it is.
create index outbound_mails_due_idx on outbound_mails (due_at, id) where state = 'QUEUED'

-- Old ones are forgotten.
create index outbound_mails_settled_at_idx on outbound_mails (settled_at)
"#,
    down: r#"
drop table outbound_mails
"#,
}
