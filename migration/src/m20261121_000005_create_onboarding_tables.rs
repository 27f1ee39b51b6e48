//! Applications and onboarding plans (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
create table partner_applications (
    id {uuid} not null primary key,
    state {text} not null,
    outcome {text},
    legal_name text not null,
    name_key {text} not null,
    website text not null,
    domain {text} not null,
    country {text} not null,
    types {text} not null,
    regions {text} not null,
    industries text not null,
    expected_business text not null,
    contact_name text not null,
    contact_email text not null,
    fit text not null,
    submitted_at {int} not null,
    decided_at {int},
    decided_by {uuid} references users (id),
    decision_note text,
    partner_id {uuid} references partners (id),
    invitation_id {uuid} references invitations (id),
    version {int} not null,
    constraint an_application_becomes_one_partner unique (partner_id)
) {strict}

-- The queue: the applications in a state, newest first.
create index partner_applications_state_idx on partner_applications (state, id)

-- The other applications of the same company.
create index partner_applications_domain_idx on partner_applications (domain, id)

create table onboarding_steps (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    kind {text} not null,
    required {bool} not null,
    due_at {int} not null,
    state {text} not null,
    completed_at {int},
    completed_by {uuid} references users (id),
    details text,
    version {int} not null,
    constraint one_step_of_a_kind_per_partner unique (partner_id, kind)
) {strict}
"#,
    down: r#"
drop table onboarding_steps

drop table partner_applications
"#,
}
