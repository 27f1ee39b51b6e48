//! People are found and listed by name, and can be erased (`domain.md §1`).

crate::ddl::sql_migration! {
    up: r#"
alter table users add column name_key {text} not null default ''

alter table users add column erased_at {int}

-- Case folding of all letters happens in the product; this is near enough for rows of before.
update users set name_key = lower(name)

-- The list of people by name.
create index users_name_key_idx on users (name_key, id)

-- The list of one company's people by name.
create index users_partner_id_name_key_idx on users (partner_id, name_key, id)
"#,
    down: r#"
drop index users_partner_id_name_key_idx

drop index users_name_key_idx

alter table users drop column erased_at

alter table users drop column name_key
"#,
}
