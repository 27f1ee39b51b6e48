//! API clients and their secrets (`domain.md §1`).

crate::ddl::sql_migration! {
    up: r#"
create table api_clients (
    id {uuid} not null primary key,
    partner_id {uuid} references partners (id),
    name text not null,
    scopes {text} not null,
    address_ranges {text} not null,
    requests_per_minute {int} not null,
    created_by {uuid} not null references users (id),
    responsible_id {uuid} not null references users (id),
    created_at {int} not null,
    expires_at {int},
    revoked_at {int},
    last_used_at {int},
    version {int} not null,
    constraint a_client_may_ask_at_least_once_a_minute check (requests_per_minute >= 1)
) {strict}

-- The clients of one partner.
create index api_clients_partner_id_idx on api_clients (partner_id, id)

-- The clients that somebody answers for: those of people who have left are listed for review.
create index api_clients_responsible_id_idx on api_clients (responsible_id, id)

create table api_client_secrets (
    id {uuid} not null primary key,
    client_id {uuid} not null references api_clients (id),
    slot {int} not null,
    secret_hash {bytes} not null,
    hint {text} not null,
    created_at {int} not null,
    expires_at {int},
    revoked_at {int},
    last_used_at {int},
    constraint a_secret_belongs_to_one_client unique (secret_hash),
    constraint a_client_has_two_places_for_secrets check (slot in (1, 2))
) {strict}

-- A client has at most two secrets that work: one in use, and the one that replaces it.
create unique index one_live_secret_per_place on api_client_secrets (client_id, slot) where revoked_at is null
"#,
    down: r#"
drop table api_client_secrets

drop table api_clients
"#,
}
