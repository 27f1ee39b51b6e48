//! Joint business plans: what vendor and partner agree for a year, revision by revision (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
create table business_plans (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    year integer not null,
    currency {text} not null,
    state {text} not null,
    revision integer not null,
    agreed_revision integer,
    created_by {uuid} references users (id),
    created_at {int} not null,
    agreed_at {int},
    closed_by {uuid} references users (id),
    closed_at {int},
    close_reason text,
    version {int} not null,
    -- Also finds the plans of one partner.
    constraint one_plan_per_partner_and_year unique (partner_id, year),
    constraint a_plan_was_agreed_at_some_instant check ((agreed_revision is null) = (agreed_at is null)),
    constraint a_plan_is_closed_at_some_instant check ((state = 'CLOSED') = (closed_at is not null))
) {strict}

-- The plans in a state, newest first.
create index business_plans_state_idx on business_plans (state, id)

-- The plans of one partner, newest first.
create index business_plans_partner_id_idx on business_plans (partner_id, id)

create table business_plan_revisions (
    plan_id {uuid} not null references business_plans (id),
    revision integer not null,
    partner_id {uuid} not null references partners (id),
    pipeline_minor {int} not null,
    revenue_minor {int} not null,
    certifications {int} not null,
    mdf_activities {int} not null,
    note text,
    created_by {uuid} references users (id),
    created_at {int} not null,
    partner_agreed_by {uuid} references users (id),
    partner_agreed_at {int},
    vendor_agreed_by {uuid} references users (id),
    vendor_agreed_at {int},
    constraint a_plan_has_each_revision_once primary key (plan_id, revision),
    constraint targets_are_not_negative check (pipeline_minor >= 0 and revenue_minor >= 0 and certifications >= 0 and mdf_activities >= 0)
) {strict}

-- What won deals and their days add up to, for progress and for tiers.
create index deal_registrations_partner_closed_on_idx on deal_registrations (partner_id, closed_on) where closed_on is not null
"#,
    down: r#"
drop index deal_registrations_partner_closed_on_idx

drop table business_plan_revisions

drop table business_plans
"#,
}
