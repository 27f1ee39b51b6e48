//! Files that people send, wherever they lie, and the proofs of evidence among them.

crate::ddl::sql_migration! {
    up: r#"
create table stored_files (
    key {text} not null primary key,
    state {text} not null,
    created_at {int} not null
) {strict}

-- Those that nobody has kept, oldest first: they are deleted.
create index stored_files_unkept_idx on stored_files (created_at) where state <> 'KEPT'

create table evidence_files (
    id {uuid} not null primary key,
    evidence_id {uuid} not null references deal_evidence (id),
    registration_id {uuid} not null references deal_registrations (id),
    partner_id {uuid} not null references partners (id),
    name text not null,
    media_type {text} not null,
    size_bytes {int} not null,
    sha256 {bytes} not null,
    storage_key {text} not null references stored_files (key),
    added_at {int} not null,
    added_by {uuid} references users (id),
    constraint a_stored_file_is_one_proof unique (storage_key)
) {strict}

-- The files of one item of evidence, oldest first.
create index evidence_files_evidence_id_idx on evidence_files (evidence_id, id)
"#,
    down: r#"
drop table evidence_files

drop table stored_files
"#,
}
