//! Onboarding plans keep the version of the template that they were made under, and how far they are; staff may add
//! steps of other kinds (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
create table onboarding_plans (
    partner_id {uuid} not null primary key references partners (id),
    template_version integer not null,
    begun_at {int} not null,
    last_progress_at {int} not null,
    next_due_at {int},
    finished_at {int},
    version {int} not null
) {strict}

-- Stalled onboarding: the open plans, those without progress for longest first.
create index onboarding_plans_open_idx on onboarding_plans (last_progress_at, partner_id) where finished_at is null

insert into onboarding_plans (partner_id, template_version, begun_at, last_progress_at, next_due_at, finished_at, version)
select p.id, 1, p.created_at, coalesce(max(s.completed_at), p.created_at),
    min(case when s.required and s.state = 'PENDING' then s.due_at end),
    case when min(case when s.required and s.state = 'PENDING' then 0 else 1 end) = 1
        then coalesce(max(s.completed_at), p.created_at) end,
    1
from partners p join onboarding_steps s on s.partner_id = p.id
group by p.id, p.created_at

{sqlite} -- On one connection: another one would not see that the old table is gone, and refuse to rename.
create table onboarding_steps_anew (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    kind {text} not null,
    title text,
    required {bool} not null,
    due_at {int} not null,
    state {text} not null,
    completed_at {int},
    completed_by {uuid} references users (id),
    details text,
    version {int} not null
) {strict};
insert into onboarding_steps_anew
    (id, partner_id, kind, required, due_at, state, completed_at, completed_by, details, version)
select id, partner_id, kind, required, due_at, state, completed_at, completed_by, details, version from onboarding_steps;
drop table onboarding_steps;
alter table onboarding_steps_anew rename to onboarding_steps

{postgres} alter table onboarding_steps drop constraint one_step_of_a_kind_per_partner

{postgres} alter table onboarding_steps add column title text

-- Of what is done once a plan has one step; of other things as many as staff ask for.
create unique index one_step_of_a_kind_per_partner on onboarding_steps (partner_id, kind) where kind <> 'OTHER'

-- The plan of one partner.
create index onboarding_steps_partner_id_idx on onboarding_steps (partner_id, kind, id)
"#,
    down: r#"
delete from onboarding_steps where kind = 'OTHER'

drop index onboarding_steps_partner_id_idx

drop index one_step_of_a_kind_per_partner

alter table onboarding_steps drop column title

{postgres} alter table onboarding_steps add constraint one_step_of_a_kind_per_partner unique (partner_id, kind)

{sqlite} create unique index one_step_of_a_kind_per_partner on onboarding_steps (partner_id, kind)

drop table onboarding_plans
"#,
}
