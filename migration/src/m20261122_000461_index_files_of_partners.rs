//! How much room the files of a partner take is asked with each file that is sent.

crate::ddl::sql_migration! {
    up: r#"
create index evidence_files_partner_id_idx on evidence_files (partner_id, size_bytes)
"#,
    down: r#"
drop index evidence_files_partner_id_idx
"#,
}
