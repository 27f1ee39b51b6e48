//! Notifications: what people are told of in the portal, whether they have read it, and of what they want no mail. And the
//! index by which what is overdue is found.

crate::ddl::sql_migration! {
    up: r#"
create table notifications (
    id {uuid} not null primary key,
    user_id {uuid} not null references users (id),
    partner_id {uuid} references partners (id),
    kind {text} not null,
    object_id {text} not null,
    mark {text} not null,
    sentence text not null,
    created_at {int} not null,
    read_at {int},
    constraint a_person_is_told_of_a_thing_once unique (user_id, object_id, kind, mark)
) {strict}

-- One person's, newest first.
create index notifications_user_id_idx on notifications (user_id, id)

-- What one person has not read, newest first; it is counted on every page.
create index notifications_unread_idx on notifications (user_id, id) where read_at is null

-- Old ones are forgotten.
create index notifications_created_at_idx on notifications (created_at)

create table notification_preferences (
    user_id {uuid} not null references users (id),
    kind {text} not null,
    by_mail {bool} not null,
    constraint a_person_wishes_one_thing_per_kind primary key (user_id, kind)
) {strict}

-- How far the clock's notifications have been told. Whoever tells the next ones holds the row.
create table notification_positions (
    slot {text} not null primary key,
    at {int} not null,
    object_id {uuid} not null
) {strict}

-- What waits for a decision, by the instant at which it is due.
create index deal_registrations_due_at_idx on deal_registrations (due_at, id) where state in ('SUBMITTED', 'IN_REVIEW')
"#,
    down: r#"
drop index deal_registrations_due_at_idx

drop table notification_positions

drop table notification_preferences

drop table notifications
"#,
}
