//! What partners say of themselves, whom to talk to, who looks after them, and what they may sell where (`domain.md §2`,
//! `§3`).

crate::ddl::sql_migration! {
    up: r#"
alter table partners add column regions {text} not null default ''

alter table partners add column industries text not null default '[]'

alter table partners add column description text

alter table partners add column manager_id {uuid} references users (id)

update partners set
    regions = coalesce((select a.regions from partner_applications a where a.partner_id = partners.id), ''),
    industries = coalesce((select a.industries from partner_applications a where a.partner_id = partners.id), '[]')

-- The portfolio of a channel manager.
create index partners_manager_id_idx on partners (manager_id, id)

create table partner_contacts (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    kind {text} not null,
    name text not null,
    email text not null,
    created_at {int} not null,
    version {int} not null
) {strict}

-- The contacts of one partner.
create index partner_contacts_partner_id_idx on partner_contacts (partner_id, id)

alter table territories add column countries text not null default '[]'

alter table territories add column industries text not null default '[]'

create table partner_authorisations (
    id {uuid} not null primary key,
    partner_id {uuid} not null references partners (id),
    product_line_id {uuid} not null references product_lines (id),
    territory_id {uuid} not null references territories (id),
    starts_at {int} not null,
    ends_at {int},
    granted_by {uuid} references users (id),
    granted_at {int} not null,
    revoked_by {uuid} references users (id),
    revoked_at {int},
    version {int} not null,
    constraint an_authorisation_ends_after_it_began check (ends_at is null or ends_at > starts_at)
) {strict}

-- A partner is authorised once for a product line in a territory at a time; the list of one partner's.
create unique index one_authorisation_per_partner_line_and_territory
    on partner_authorisations (partner_id, product_line_id, territory_id) where revoked_at is null

-- The list of one partner's, with what was.
create index partner_authorisations_partner_id_idx on partner_authorisations (partner_id, id)
"#,
    down: r#"
drop table partner_authorisations

alter table territories drop column industries

alter table territories drop column countries

drop table partner_contacts

drop index partners_manager_id_idx

alter table partners drop column manager_id

alter table partners drop column description

alter table partners drop column industries

alter table partners drop column regions
"#,
}
