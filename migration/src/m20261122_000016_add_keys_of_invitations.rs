//! Invitations know under which key their address is unique and who invited, so that a newer one takes the older back.

crate::ddl::sql_migration! {
    up: r#"
alter table invitations add column email_key {text} not null default ''

alter table invitations add column invited_by_id {uuid} references users (id)

update invitations set email_key = lower(email)

-- Whoever invites an address again takes the older invitation back: two links for one place are one too many.
create unique index one_open_invitation_per_partner_and_address on invitations (partner_id, email_key)
    where accepted_at is null and revoked_at is null and partner_id is not null

create unique index one_open_invitation_of_staff_per_address on invitations (email_key)
    where accepted_at is null and revoked_at is null and partner_id is null

-- How often an address was invited lately.
create index invitations_email_key_idx on invitations (email_key, created_at)
"#,
    down: r#"
drop index invitations_email_key_idx

drop index one_open_invitation_of_staff_per_address

drop index one_open_invitation_per_partner_and_address

alter table invitations drop column invited_by_id

alter table invitations drop column email_key
"#,
}
