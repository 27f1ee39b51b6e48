//! What every mutation leaves behind: audit, receipts, answered keys; and the policies that decisions were made under.

crate::ddl::sql_migration! {
    up: r#"
create table audit_events (
    id {uuid} not null primary key,
    at {int} not null,
    actor_kind {text} not null,
    actor_user_id {uuid},
    partner_id {uuid},
    action {text} not null,
    object_id {text} not null,
    before text,
    after text,
    request_id text not null
) {strict}

-- The history of one object, newest first.
create index audit_events_object_id_idx on audit_events (object_id, id)

-- What concerns one partner, newest first.
create index audit_events_partner_id_idx on audit_events (partner_id, id)

create table decision_receipts (
    id {uuid} not null primary key,
    decision {text} not null,
    policy_version integer not null,
    decided_at {int} not null,
    partner_id {uuid},
    object_id {text} not null,
    outcome {text} not null,
    inputs text not null,
    steps text not null
) {strict}

-- The decisions about one object, newest first.
create index decision_receipts_object_id_idx on decision_receipts (object_id, id)

create table idempotency_keys (
    caller {text} not null,
    key {text} not null,
    operation {text} not null,
    input_hash {bytes} not null,
    outcome text,
    created_at {int} not null,
    constraint one_outcome_per_idempotency_key primary key (caller, key)
) {strict}

-- Old keys are forgotten.
create index idempotency_keys_created_at_idx on idempotency_keys (created_at)

create table policy_documents (
    kind {text} not null,
    version integer not null,
    effective_at {int} not null,
    document text not null,
    constraint one_document_per_policy_version primary key (kind, version)
) {strict}
"#,
    down: r#"
drop table policy_documents

drop table idempotency_keys

drop table decision_receipts

drop table audit_events
"#,
}
