//! Second factors, and how lately somebody proved in a session that it is them.

crate::ddl::sql_migration! {
    up: r#"
create table second_factors (
    id {uuid} not null primary key,
    user_id {uuid} not null references users (id),
    kind {text} not null,
    created_at {int} not null,
    confirmed_at {int},
    last_step {int}
) {strict}

-- A person has one authenticator app; of kinds to come they may have several.
create unique index one_authenticator_per_person on second_factors (user_id) where kind = 'TOTP'

create table recovery_codes (
    code_hash {bytes} not null primary key,
    user_id {uuid} not null references users (id),
    created_at {int} not null,
    used_at {int}
) {strict}

-- The codes of one person: counted, and forgotten together.
create index recovery_codes_user_id_idx on recovery_codes (user_id)

create table session_proofs (
    session_id {uuid} not null primary key references sessions (id) on delete cascade,
    proven_at {int} not null,
    second_factor {bool} not null
) {strict}
"#,
    down: r#"
drop table session_proofs

drop table recovery_codes

drop table second_factors
"#,
}
