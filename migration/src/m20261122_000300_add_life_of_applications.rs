//! Applications are assigned, have a service time that pauses, are asked about, and are followed by a link
//! (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
alter table partner_applications add column token_hash {bytes}

alter table partner_applications add column email_key {text} not null default ''

alter table partner_applications add column assigned_to {uuid} references users (id)

alter table partner_applications add column due_at {int}

alter table partner_applications add column review_left {int}

alter table partner_applications add column asked_fields {text} not null default ''

alter table partner_applications add column asked_message text

alter table partner_applications add column asked_at {int}

alter table partner_applications add column answer text

alter table partner_applications add column decision_reason text

-- Case folding of all letters happens in the product; this is near enough for rows of before.
update partner_applications set email_key = lower(contact_email)

-- What waits was promised an answer within five days.
update partner_applications set due_at = submitted_at + 432000000000 where state in ('SUBMITTED', 'IN_REVIEW')

create unique index an_application_has_its_own_token on partner_applications (token_hash)

-- The queue: what waits for the vendor, oldest first.
create index partner_applications_queue_idx on partner_applications (id) where due_at is not null

-- The queue by what is due next, and what is overdue.
create index partner_applications_due_idx on partner_applications (due_at, id) where due_at is not null

-- The queue of one person.
create index partner_applications_assigned_idx on partner_applications (assigned_to, due_at, id) where due_at is not null

-- What nobody has taken.
create index partner_applications_unassigned_idx on partner_applications (due_at, id)
    where due_at is not null and assigned_to is null

-- How often an address was written to lately.
create index partner_applications_email_key_idx on partner_applications (email_key, id)
"#,
    down: r#"
drop index partner_applications_email_key_idx

drop index partner_applications_unassigned_idx

drop index partner_applications_assigned_idx

drop index partner_applications_due_idx

drop index partner_applications_queue_idx

drop index an_application_has_its_own_token

alter table partner_applications drop column decision_reason

alter table partner_applications drop column answer

alter table partner_applications drop column asked_at

alter table partner_applications drop column asked_message

alter table partner_applications drop column asked_fields

alter table partner_applications drop column review_left

alter table partner_applications drop column due_at

alter table partner_applications drop column assigned_to

alter table partner_applications drop column email_key

alter table partner_applications drop column token_hash
"#,
}
