//! Wishes for another e-mail address, each proven by a link to the new one; and when a provider of identities last asked
//! a person who they are.

crate::ddl::sql_migration! {
    up: r#"
create table address_changes (
    id {uuid} not null primary key,
    token_hash {bytes} not null,
    user_id {uuid} not null references users (id),
    email {text} not null,
    email_key {text} not null,
    old_email {text} not null,
    created_at {int} not null,
    expires_at {int} not null,
    used_at {int},
    revoked_at {int},
    constraint an_address_change_has_its_own_token unique (token_hash)
) {strict}

-- A newer wish takes the older one back.
create unique index one_live_address_change_per_user on address_changes (user_id)
    where used_at is null and revoked_at is null

-- Old ones are forgotten.
create index address_changes_created_at_idx on address_changes (created_at)

alter table sign_on_attempts add column authenticated_at {int}
"#,
    down: r#"
alter table sign_on_attempts drop column authenticated_at

drop table address_changes
"#,
}
