//! Requests for a new password, of addresses that belong to somebody and of others: nothing tells them apart until the
//! mail is written.

crate::ddl::sql_migration! {
    up: r#"
create table password_resets (
    id {uuid} not null primary key,
    token_hash {bytes} not null,
    email_key {text} not null,
    user_id {uuid} references users (id),
    created_at {int} not null,
    expires_at {int} not null,
    used_at {int},
    revoked_at {int},
    constraint a_password_reset_has_its_own_token unique (token_hash)
) {strict}

-- A newer request takes the older one back.
create unique index one_live_password_reset_per_address on password_resets (email_key)
    where used_at is null and revoked_at is null

-- Old ones are forgotten.
create index password_resets_created_at_idx on password_resets (created_at)
"#,
    down: r#"
drop table password_resets
"#,
}
