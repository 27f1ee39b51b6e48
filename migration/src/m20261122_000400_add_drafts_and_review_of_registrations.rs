//! Registrations begin as drafts, are taken by somebody, are asked about, and lose evidence that is withdrawn
//! (`domain.md §4`).
//!
//! A draft names its customer in words until it is handed in: no account is looked for, and so none is told of.

crate::ddl::sql_migration! {
    up: r#"
{sqlite} -- What SQLite's manual says for taking a `not null` away without copying the table. On one connection, with a change
-- behind it that tells the other ones that the schema is another.
pragma writable_schema = on;
update sqlite_master set sql = replace(sql, 'account_id blob not null', 'account_id blob')
    where type = 'table' and name in ('deal_registrations', 'deal_registration_lines');
pragma writable_schema = reset;
alter table deal_registrations add column draft_customer text

{postgres} alter table deal_registrations alter column account_id drop not null

{postgres} alter table deal_registration_lines alter column account_id drop not null

{postgres} alter table deal_registrations add column draft_customer text

alter table deal_registrations add column asked_fields {text} not null default ''

alter table deal_registrations add column asked_message text

alter table deal_registrations add column asked_at {int}

alter table deal_registrations add column answer text

alter table deal_registrations add column reviewer_id {uuid} references users (id)

alter table deal_registrations add column review_left {int}

alter table deal_evidence add column withdrawn_at {int}

alter table deal_evidence add column withdrawn_by {uuid} references users (id)
"#,
    down: r#"
alter table deal_evidence drop column withdrawn_by

alter table deal_evidence drop column withdrawn_at

delete from deal_evidence where registration_id in (select id from deal_registrations where account_id is null)

delete from deal_registration_lines where account_id is null

delete from deal_registrations where account_id is null

alter table deal_registrations drop column review_left

alter table deal_registrations drop column reviewer_id

alter table deal_registrations drop column answer

alter table deal_registrations drop column asked_at

alter table deal_registrations drop column asked_message

alter table deal_registrations drop column asked_fields

{postgres} alter table deal_registration_lines alter column account_id set not null

{postgres} alter table deal_registrations alter column account_id set not null

{postgres} alter table deal_registrations drop column draft_customer

{sqlite} pragma writable_schema = on;
update sqlite_master set sql = replace(sql, 'account_id blob references', 'account_id blob not null references')
    where type = 'table' and name in ('deal_registrations', 'deal_registration_lines');
pragma writable_schema = reset;
alter table deal_registrations drop column draft_customer
"#,
}
