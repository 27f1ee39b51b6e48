//! Registrations are held for a while, extended, heard of, and won for a term (`domain.md §4`).

crate::ddl::sql_migration! {
    up: r#"
alter table deal_registrations add column hold_until {int}

alter table deal_registrations add column last_update_at {int}

alter table deal_registrations add column progress_note text

alter table deal_registrations add column advanced_at {int}

alter table deal_registrations add column extensions integer not null default 0

alter table deal_registrations add column extended_at {int}

alter table deal_registrations add column term_months integer

alter table deal_registrations add column recurring_minor {int}

alter table deal_registrations add column recurring_currency {text}

alter table deal_registrations add column credited_user_id {uuid} references users (id)

alter table deal_registrations add column credit_bp integer

-- How many holds a partner has open.
create index deal_registrations_holds_idx on deal_registrations (partner_id, hold_until)
    where hold_until is not null and ended_at is null

-- The ops queue of one person.
create index deal_registrations_reviewer_queue_idx on deal_registrations (reviewer_id, qualified_at, id)
    where state in ('SUBMITTED', 'IN_REVIEW')
"#,
    down: r#"
drop index deal_registrations_reviewer_queue_idx

drop index deal_registrations_holds_idx

alter table deal_registrations drop column credit_bp

alter table deal_registrations drop column credited_user_id

alter table deal_registrations drop column recurring_currency

alter table deal_registrations drop column recurring_minor

alter table deal_registrations drop column term_months

alter table deal_registrations drop column extended_at

alter table deal_registrations drop column extensions

alter table deal_registrations drop column advanced_at

alter table deal_registrations drop column progress_note

alter table deal_registrations drop column last_update_at

alter table deal_registrations drop column hold_until
"#,
}
