//! Open opportunities of the vendor's own team, as its CRM tells of them, and what a registration sells
//! (`domain.md §4`, conflict kinds and resolution order).

crate::ddl::sql_migration! {
    up: r#"
create table direct_opportunities (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    product_line_id {uuid} not null references product_lines (id),
    reference {text} not null,
    opened_at {int} not null,
    recorded_by {uuid} references users (id),
    closed_at {int},
    closed_by {uuid} references users (id),
    outcome {text},
    constraint a_closed_direct_opportunity_says_how check ((closed_at is null) = (outcome is null))
) {strict}

-- What the CRM calls by one name is open once for a product line.
create unique index one_open_direct_opportunity_per_reference_and_line on direct_opportunities (reference, product_line_id)
    where closed_at is null

-- What a registration meets, and the open ones of one account.
create index direct_opportunities_open_idx on direct_opportunities (account_id, product_line_id) where closed_at is null

-- What moves when accounts are merged.
create index direct_opportunities_account_id_idx on direct_opportunities (account_id, id)

alter table deal_registrations add column sales_motion {text} not null default 'NEW_BUSINESS'
"#,
    down: r#"
alter table deal_registrations drop column sales_motion

drop table direct_opportunities
"#,
}
