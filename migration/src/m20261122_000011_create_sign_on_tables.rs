//! Single sign-on (OpenID Connect): who a person is at the provider, and attempts under way.

crate::ddl::sql_migration! {
    up: r#"
create table user_identities (
    issuer {text} not null,
    subject {text} not null,
    user_id {uuid} not null references users (id),
    linked_at {int} not null,
    last_used_at {int} not null,
    constraint an_identity_belongs_to_one_user primary key (issuer, subject)
) {strict}

-- The identities of one person: shown to them, and erased with them.
create index user_identities_user_id_idx on user_identities (user_id)

create table sign_on_attempts (
    id {uuid} not null primary key,
    state_hash {bytes} not null,
    code_hash {bytes} not null,
    return_to text not null,
    created_at {int} not null,
    returned_at {int},
    user_id {uuid} references users (id),
    several_factors {bool},
    completed_at {int},
    constraint a_sign_on_attempt_has_its_own_state unique (state_hash),
    constraint a_sign_on_attempt_has_its_own_code unique (code_hash)
) {strict}

-- Old attempts are forgotten.
create index sign_on_attempts_created_at_idx on sign_on_attempts (created_at)
"#,
    down: r#"
drop table sign_on_attempts

drop table user_identities
"#,
}
