//! How often somebody guessed: shared by all replicas, so that it holds however many there are.

crate::ddl::sql_migration! {
    up: r#"
create table attempt_buckets (
    kind {text} not null,
    subject {bytes} not null,
    attempts {int} not null,
    latest_at {int} not null,
    free_at {int} not null,
    kept_until {int} not null,
    constraint one_bucket_per_subject primary key (kind, subject)
) {strict}

-- What says nothing any more is forgotten.
create index attempt_buckets_kept_until_idx on attempt_buckets (kept_until)
"#,
    down: r#"
drop table attempt_buckets
"#,
}
