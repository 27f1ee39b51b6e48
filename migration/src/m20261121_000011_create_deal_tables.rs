//! Deal registrations with their evidence, and protections (`domain.md §4`).

crate::ddl::sql_migration! {
    up: r#"
create table deal_registrations (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    account_id {uuid} not null references accounts (id),
    amount_minor {int} not null,
    currency {text} not null,
    expected_close_on {text} not null,
    contact_name text not null,
    contact_email text not null,
    partner_role {text} not null,
    need text not null,
    evidence_score text not null,
    policy_version integer not null,
    state {text} not null,
    outcome {text},
    outcome_reason text,
    deal_stage {text} not null,
    submitted_at {int} not null,
    due_at {int} not null,
    qualified_at {int},
    protected_from {int},
    protected_until {int},
    ended_at {int},
    won_amount_minor {int},
    won_currency {text},
    closed_on {text},
    created_by {uuid} references users (id),
    version {int} not null,
    constraint a_protection_has_a_term check ((protected_from is null) = (protected_until is null) and protected_from < protected_until)
) {strict}

-- One partner's registrations, newest first.
create index deal_registrations_partner_id_idx on deal_registrations (partner_id, id)

-- One account's registrations, newest first.
create index deal_registrations_account_id_idx on deal_registrations (account_id, id)

-- The registrations in a state, newest first.
create index deal_registrations_state_idx on deal_registrations (state, id)

-- The ops queue: those in a state, oldest qualified first.
create index deal_registrations_state_qualified_at_idx on deal_registrations (state, qualified_at, id)

-- All registrations in the order of their qualification.
create index deal_registrations_qualified_at_idx on deal_registrations (qualified_at, id)

-- Which protection ends next.
create index deal_registrations_state_protected_until_idx on deal_registrations (state, protected_until, id)

-- All registrations in the order in which their protection ends.
create index deal_registrations_protected_until_idx on deal_registrations (protected_until, id)

create table deal_registration_lines (
    registration_id {uuid} not null references deal_registrations (id),
    product_line_id {uuid} not null references product_lines (id),
    account_id {uuid} not null references accounts (id),
    partner_id {uuid} not null references partners (id),
    closed_at {int},
    constraint a_registration_names_a_product_line_once primary key (registration_id, product_line_id)
) {strict}

-- A partner claims an (account, product line) once at a time. It leads to the rivals of a claim, too.
create unique index one_open_claim_per_partner_account_and_line on deal_registration_lines (account_id, product_line_id, partner_id) where closed_at is null

create table deal_evidence (
    id {uuid} not null primary key,
    registration_id {uuid} not null references deal_registrations (id),
    kind {text} not null,
    occurred_at {int},
    description text not null,
    proof text,
    added_at {int} not null,
    added_by {uuid} references users (id)
) {strict}

-- The evidence of one registration, oldest first.
create index deal_evidence_registration_id_idx on deal_evidence (registration_id, id)

create table protections (
    id {uuid} not null primary key,
    registration_id {uuid} not null references deal_registrations (id),
    partner_id {uuid} not null references partners (id),
    account_id {uuid} not null references accounts (id),
    product_line_id {uuid} not null references product_lines (id),
    starts_at {int} not null,
    ends_at {int} not null,
    ended_at {int},
    end_reason {text},
    constraint a_protection_ends_after_it_starts check (starts_at < ends_at)
) {strict}

-- At any moment at most one partner holds an (account, product line). What has expired by the clock is closed in the
-- granting transaction, so that this index is enough.
create unique index one_active_protection_per_account_and_line on protections (account_id, product_line_id) where ended_at is null

-- The protections of one registration, which end with it.
create index protections_registration_id_idx on protections (registration_id)
"#,
    down: r#"
drop table protections

drop table deal_evidence

drop table deal_registration_lines

drop table deal_registrations
"#,
}
