//! What became of each row that was imported from another system: a second run changes nothing.

crate::ddl::sql_migration! {
    up: r#"
create table import_rows (
    source {text} not null,
    kind {text} not null,
    external_id {text} not null,
    row_hash {bytes} not null,
    outcome {text} not null,
    step {text},
    code text,
    sentence text,
    object_id text,
    imported_at {int} not null,
    constraint a_row_is_imported_once primary key (source, kind, external_id)
) {strict}
"#,
    down: r#"
drop table import_rows
"#,
}
