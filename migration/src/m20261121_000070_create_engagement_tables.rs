//! The stream of what happened at each partner, and what it adds up to (`domain.md §7`).

crate::ddl::sql_migration! {
    up: r#"
create table activity_streams (
    -- Whoever appends takes this row first: the order of a stream is the order in which its appends commit.
    partner_id {uuid} not null primary key references partners (id),
    last_sequence {int} not null
) {strict}

create table activities (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    sequence {int} not null,
    kind {text} not null,
    component {text},
    value_micros {int} not null,
    object_id {text},
    user_id {uuid} references users (id),
    dedupe_key {text} not null,
    occurred_at {int} not null,
    recorded_at {int} not null,
    constraint an_event_counts_once_per_partner unique (partner_id, dedupe_key),
    -- The replay of one partner's stream in its order.
    constraint a_stream_has_one_order unique (partner_id, sequence),
    constraint nothing_happened_in_the_future check (occurred_at <= recorded_at),
    constraint activity_never_counts_against_a_partner check (value_micros between 0 and 1000000000)
) {strict}

-- The latest activities of one partner, and those of the last days.
create index activities_partner_id_occurred_at_idx on activities (partner_id, occurred_at, sequence)

-- The latest activities of one component of a partner.
create index activities_partner_id_component_idx on activities (partner_id, component, occurred_at, sequence)
where component is not null

{sqlite} create trigger activities_are_never_changed before update on activities
begin select raise(abort, 'activities are never changed'); end

{sqlite} create trigger activities_are_never_deleted before delete on activities
begin select raise(abort, 'activities are never deleted'); end

{postgres} create function refuse_changes_of_activities() returns trigger language plpgsql as $$
begin raise exception 'activities are never changed or deleted'; end $$

{postgres} create trigger activities_are_never_changed before update or delete on activities
for each row execute function refuse_changes_of_activities()

{postgres} create trigger activities_are_never_truncated before truncate on activities
for each statement execute function refuse_changes_of_activities()

create table engagement_totals (
    partner_id {uuid} not null references partners (id),
    component {text} not null,
    raw_micros {int} not null,
    decayed {real} not null,
    as_of {int} not null,
    constraint a_component_has_one_total_per_partner primary key (partner_id, component)
) {strict}
"#,
    down: r#"
drop table engagement_totals

drop table activities

{postgres} drop function refuse_changes_of_activities()

drop table activity_streams
"#,
}
