//! Partner companies, people and how they come in (`domain.md §1`): users, sessions, refresh tokens, invitations.

crate::ddl::sql_migration! {
    up: r#"
create table partners (
    id {uuid} not null primary key,
    name text not null,
    name_key {text} not null,
    website text not null,
    domain {text} not null,
    country {text} not null,
    types {text} not null,
    state {text} not null,
    tier {text} not null,
    created_at {int} not null,
    activated_at {int},
    version {int} not null,
    constraint a_domain_belongs_to_one_partner unique (domain)
) {strict}

-- The list of partners by name.
create index partners_name_key_idx on partners (name_key, id)

create table users (
    id {uuid} not null primary key,
    partner_id {uuid} references partners (id),
    email text not null,
    email_key {text} not null,
    name text not null,
    roles {text} not null,
    state {text} not null,
    password_hash text not null,
    created_at {int} not null,
    version {int} not null,
    constraint an_address_belongs_to_one_user unique (email_key)
) {strict}

-- The people of one partner.
create index users_partner_id_idx on users (partner_id, id)

create table sessions (
    id {uuid} not null primary key,
    user_id {uuid} not null references users (id),
    device text,
    created_at {int} not null,
    last_used_at {int} not null,
    expires_at {int} not null,
    ended_at {int},
    end_reason {text}
) {strict}

-- The sessions of one person: the list shown to them, and ending all of them.
create index sessions_user_id_idx on sessions (user_id, id)

create table refresh_tokens (
    token_hash {bytes} not null primary key,
    session_id {uuid} not null references sessions (id),
    generation {int} not null,
    issued_at {int} not null,
    spent_at {int},
    constraint one_refresh_token_per_generation unique (session_id, generation)
) {strict}

-- A session has one refresh token that still works.
create unique index one_live_refresh_token_per_session on refresh_tokens (session_id) where spent_at is null

create table invitations (
    id {uuid} not null primary key,
    token_hash {bytes} not null,
    partner_id {uuid} references partners (id),
    email text not null,
    name text not null,
    roles {text} not null,
    created_at {int} not null,
    expires_at {int} not null,
    accepted_at {int},
    revoked_at {int},
    constraint an_invitation_has_its_own_token unique (token_hash)
) {strict}

-- The invitations of one partner.
create index invitations_partner_id_idx on invitations (partner_id, id)
"#,
    down: r#"
drop table invitations

drop table refresh_tokens

drop table sessions

drop table users

drop table partners
"#,
}
