//! Conflict cases about deal registrations, and what stood before a registration was contested (`domain.md §4`).

crate::ddl::sql_migration! {
    up: r#"
create table deal_conflicts (
    id {uuid} not null primary key,
    state {text} not null,
    opened_at {int} not null,
    opened_by {uuid} references users (id),
    rationale text,
    owner_id {uuid} references users (id),
    policy_version integer not null,
    decide_days integer not null,
    appeal_days integer not null,
    due_at {int} not null,
    overdue_at {int} not null,
    default_at {int} not null,
    missed_deadlines integer not null,
    offered_at {int},
    offered_by {uuid} references users (id),
    offer_rationale text,
    offer_winner_id {uuid} references deal_registrations (id),
    outcome {text},
    decision_rationale text,
    winner_id {uuid} references deal_registrations (id),
    decided_at {int},
    decided_by {uuid} references users (id),
    by_default {bool} not null,
    first_outcome {text},
    appealed_at {int},
    appealed_by {uuid} references users (id),
    appellant_id {uuid} references deal_registrations (id),
    appeal_statement text,
    version {int} not null
) {strict}

-- All cases, what is due first in front.
create index deal_conflicts_due_at_idx on deal_conflicts (due_at, id)

-- The cases that wait for a decision, what is due first in front.
create index deal_conflicts_undecided_idx on deal_conflicts (due_at, id) where state in ('OPEN', 'OFFERED', 'APPEALED')

-- The cases of one owner.
create index deal_conflicts_owner_id_idx on deal_conflicts (owner_id, due_at, id)

create table deal_conflict_parties (
    conflict_id {uuid} not null references deal_conflicts (id),
    registration_id {uuid} not null references deal_registrations (id),
    partner_id {uuid} not null references partners (id),
    role {text} not null,
    stood {text} not null,
    time_left {int},
    statement text,
    stated_at {int},
    stated_by {uuid} references users (id),
    offered_bp integer,
    accepted_at {int},
    accepted_by {uuid} references users (id),
    share_bp integer,
    result {text},
    closed_at {int},
    constraint a_registration_is_in_a_case_once primary key (conflict_id, registration_id),
    constraint a_share_is_a_part check (offered_bp between 1 and 9999 and share_bp between 1 and 9999)
) {strict}

-- A registration is in one open case at a time.
create unique index one_open_conflict_per_registration on deal_conflict_parties (registration_id) where closed_at is null

-- The cases that a registration is in, and was in.
create index deal_conflict_parties_registration_id_idx on deal_conflict_parties (registration_id, conflict_id)

create table deal_conflict_staff (
    conflict_id {uuid} not null references deal_conflicts (id),
    user_id {uuid} not null references users (id),
    since {int} not null,
    constraint somebody_takes_part_in_a_case_once primary key (conflict_id, user_id)
) {strict}

alter table deal_registrations add column contested_from {text}

alter table deal_registrations add column contested_outcome {text}

alter table deal_registrations add column contested_reason text

alter table deal_registrations add column contested_until {int}

alter table deal_registrations add column disputed_at {int}

-- What a case that is over by the clock gives back belongs to the queue, too.
drop index deal_registrations_queue_idx

create index deal_registrations_queue_idx on deal_registrations (qualified_at, id)
    where state in ('SUBMITTED', 'IN_REVIEW', 'CONTESTED')

drop index deal_registrations_reviewer_queue_idx

create index deal_registrations_reviewer_queue_idx on deal_registrations (reviewer_id, qualified_at, id)
    where state in ('SUBMITTED', 'IN_REVIEW', 'CONTESTED')
"#,
    down: r#"
drop index deal_registrations_reviewer_queue_idx

create index deal_registrations_reviewer_queue_idx on deal_registrations (reviewer_id, qualified_at, id)
    where state in ('SUBMITTED', 'IN_REVIEW')

drop index deal_registrations_queue_idx

create index deal_registrations_queue_idx on deal_registrations (qualified_at, id) where state in ('SUBMITTED', 'IN_REVIEW')

alter table deal_registrations drop column disputed_at

alter table deal_registrations drop column contested_until

alter table deal_registrations drop column contested_reason

alter table deal_registrations drop column contested_outcome

alter table deal_registrations drop column contested_from

drop table deal_conflict_staff

drop table deal_conflict_parties

drop table deal_conflicts
"#,
}
