//! Territories, and which partner works in which (`domain.md §3`).

crate::ddl::sql_migration! {
    up: r#"
create table territories (
    id {uuid} not null primary key,
    name text not null,
    name_key {text} not null,
    created_at {int} not null,
    constraint a_name_belongs_to_one_territory unique (name_key)
) {strict}

create table territory_partners (
    partner_id {uuid} not null primary key references partners (id),
    territory_id {uuid} not null references territories (id),
    since {int} not null
) {strict}
"#,
    down: r#"
drop table territory_partners

drop table territories
"#,
}
