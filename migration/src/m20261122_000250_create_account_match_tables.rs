//! The index by which an account is recognised in other spellings (`domain.md §3`): a few accounts are compared however
//! many there are. The primary key of `account_match_keys` is the index that every question uses: the accounts of a key,
//! in the order of their ids.

crate::ddl::sql_migration! {
    up: r#"
-- What is compared: everything that an account is recognised by, as one document; and the keys that it has below.
create table account_match_subjects (
    account_id {uuid} not null primary key references accounts (id),
    subject text not null,
    keys text not null,
    matcher_version integer not null
) {strict}

{postgres} create table account_match_keys (
    key bigint not null,
    account_id uuid not null,
    constraint an_account_has_a_key_once primary key (key, account_id)
)

{sqlite} create table account_match_keys (
    key integer not null,
    account_id blob not null,
    constraint an_account_has_a_key_once primary key (key, account_id)
) strict, without rowid

-- What an older matcher indexed, which `partner-portal match index` makes anew.
create index account_match_subjects_matcher_version_idx on account_match_subjects (matcher_version, account_id)

-- How often a partner has asked whether an account is available, day by day.
create table availability_budgets (
    partner_id {uuid} not null references partners (id),
    day {int} not null,
    used {int} not null,
    constraint a_partner_has_one_budget_a_day primary key (partner_id, day)
) {strict}
"#,
    down: r#"
drop table availability_budgets

drop table account_match_keys

drop table account_match_subjects
"#,
}
