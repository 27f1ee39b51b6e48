//! By what an account is recognised: other names, domains, registry ids, references of other systems (`domain.md §3`).

crate::ddl::sql_migration! {
    up: r#"
create table account_names (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    name text not null,
    name_key {text} not null,
    kind {text} not null,
    language {text},
    added_at {int} not null
) {strict}

-- The names of one account, oldest first.
create index account_names_account_id_idx on account_names (account_id, id)

-- The search for the same customer by another of its names.
create index account_names_name_key_idx on account_names (name_key, account_id)

create table account_domains (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    domain {text} not null,
    added_at {int} not null,
    constraint a_domain_leads_to_one_account unique (domain)
) {strict}

-- The domains of one account, oldest first.
create index account_domains_account_id_idx on account_domains (account_id, id)

create table account_registry_ids (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    kind {text} not null,
    value {text} not null,
    added_at {int} not null,
    constraint a_registry_id_leads_to_one_account unique (kind, value)
) {strict}

-- The registry ids of one account, oldest first.
create index account_registry_ids_account_id_idx on account_registry_ids (account_id, id)

create table account_references (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    system {text} not null,
    external_id {text} not null,
    added_at {int} not null,
    constraint a_reference_leads_to_one_account unique (system, external_id)
) {strict}

-- The references to one account, oldest first.
create index account_references_account_id_idx on account_references (account_id, id)

-- Every domain leads to its account, also the one that an account has had all along. It keeps the account's id: it is
-- the only row that is made of it.
insert into account_domains (id, account_id, domain, added_at)
    select id, id, domain, created_at from accounts where domain is not null
"#,
    down: r#"
drop table account_references

drop table account_registry_ids

drop table account_domains

drop table account_names
"#,
}
