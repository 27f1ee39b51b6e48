//! Accounts say how large the customer is, and into which other account they were merged.

crate::ddl::sql_migration! {
    up: r#"
alter table accounts add column size {text}

alter table accounts add column merged_into_id {uuid} references accounts (id)

drop index one_account_per_name_and_country_without_domain

-- Two registrations of the same new customer at once find one account, without a domain too. A merged account is none.
-- (Under another name than the index before: to a second connection of SQLite that one still exists for a moment.)
create unique index one_live_account_per_name_and_country_without_domain on accounts (name_key, country)
    where domain is null and merged_into_id is null

-- What was merged into an account, to follow it when that one is merged itself.
create index accounts_merged_into_id_idx on accounts (merged_into_id, id) where merged_into_id is not null

-- The subsidiaries of an account, in the order of the page.
create index accounts_parent_id_idx on accounts (parent_id, id) where parent_id is not null
"#,
    down: r#"
drop index accounts_parent_id_idx

drop index accounts_merged_into_id_idx

drop index one_live_account_per_name_and_country_without_domain

create unique index one_account_per_name_and_country_without_domain on accounts (name_key, country) where domain is null

alter table accounts drop column merged_into_id

alter table accounts drop column size
"#,
}
