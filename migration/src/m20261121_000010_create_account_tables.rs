//! End customers, which partners know them, and product lines (`domain.md §3`).

crate::ddl::sql_migration! {
    up: r#"
create table product_lines (
    id {uuid} not null primary key,
    code {text} not null,
    name text not null,
    created_at {int} not null,
    constraint a_code_belongs_to_one_product_line unique (code)
) {strict}

create table accounts (
    id {uuid} not null primary key,
    name text not null,
    name_key {text} not null,
    domain {text},
    country {text} not null,
    industry text,
    reserved_for {text} not null,
    parent_id {uuid} references accounts (id),
    created_by_partner_id {uuid} references partners (id),
    created_at {int} not null,
    version {int} not null,
    constraint a_domain_belongs_to_one_account unique (domain)
) {strict}

-- Two registrations of the same new customer at once find one account, without a domain too.
create unique index one_account_per_name_and_country_without_domain on accounts (name_key, country) where domain is null

-- The list of accounts by name, and the search for the same customer by its normalised name.
create index accounts_name_key_idx on accounts (name_key, id)

create table account_partners (
    partner_id {uuid} not null references partners (id),
    account_id {uuid} not null references accounts (id),
    since {int} not null,
    constraint a_partner_knows_an_account_once primary key (partner_id, account_id)
) {strict}
"#,
    down: r#"
drop table account_partners

drop table accounts

drop table product_lines
"#,
}
