//! Pairs of accounts that may be the same customer, with what was decided about them, and merges (`domain.md §3`).

crate::ddl::sql_migration! {
    up: r#"
create table account_pairs (
    id {uuid} not null primary key,
    first_id {uuid} not null references accounts (id),
    second_id {uuid} not null references accounts (id),
    verdict {text},
    score_bp {int} not null,
    reasons text not null,
    matcher_version integer not null,
    state {text} not null,
    found_at {int} not null,
    decided_at {int},
    decided_by {uuid} references users (id),
    decision_reason text,
    first_profile text,
    second_profile text,
    version {int} not null,
    constraint a_pair_is_asked_once unique (first_id, second_id),
    constraint a_pair_is_two_accounts check (first_id < second_id)
) {strict}

-- The queue, strongest first.
create index account_pairs_state_score_bp_idx on account_pairs (state, score_bp, id)

-- The queue, oldest first; and the labelled pairs.
create index account_pairs_state_idx on account_pairs (state, id)

-- The pairs of an account, from its other side.
create index account_pairs_second_id_idx on account_pairs (second_id, id)

create table account_merges (
    id {uuid} not null primary key,
    survivor_id {uuid} not null references accounts (id),
    merged_id {uuid} not null references accounts (id),
    reason text not null,
    policy_version integer not null,
    merged_at {int} not null,
    merged_by {uuid} references users (id),
    undo_until {int} not null,
    survivor_before text not null,
    survivor_after text not null,
    merged_before text not null,
    undone_at {int},
    undone_by {uuid} references users (id),
    undo_reason text,
    version {int} not null,
    constraint a_merge_is_of_two_accounts check (survivor_id <> merged_id)
) {strict}

-- An account is merged once at a time.
create unique index one_merge_in_force_per_account on account_merges (merged_id) where undone_at is null

-- What was merged into an account.
create index account_merges_survivor_id_idx on account_merges (survivor_id, id)

-- How often an account was merged.
create index account_merges_merged_id_idx on account_merges (merged_id, id)

create table account_merge_moves (
    merge_id {uuid} not null references account_merges (id),
    kind {text} not null,
    object_id {uuid} not null,
    constraint a_merge_moves_a_thing_once primary key (merge_id, kind, object_id)
) {strict}
"#,
    down: r#"
drop table account_merge_moves

drop table account_merges

drop table account_pairs
"#,
}
