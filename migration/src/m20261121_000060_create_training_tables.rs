//! Courses and who completed them (`domain.md §6`).

crate::ddl::sql_migration! {
    up: r#"
create table courses (
    id {uuid} not null primary key,
    code {text} not null,
    edition {int} not null,
    title text not null,
    is_foundation {bool} not null,
    pass_mark_bp {int} not null,
    validity_months {int},
    created_at {int} not null,
    version {int} not null,
    -- Finds the latest edition of a code, too.
    constraint a_course_has_each_edition_once unique (code, edition),
    constraint a_pass_mark_is_part_of_the_whole check (pass_mark_bp between 0 and 10000)
) {strict}

create table training_completions (
    id {uuid} not null primary key,
    course_id {uuid} not null references courses (id),
    user_id {uuid} not null references users (id),
    partner_id {uuid} not null references partners (id),
    source {text} not null,
    external_id {text} not null,
    score_bp {int} not null,
    is_passed {bool} not null,
    completed_at {int} not null,
    expires_at {int},
    recorded_at {int} not null,
    constraint a_completion_is_recorded_once unique (source, external_id),
    constraint a_score_is_part_of_the_whole check (score_bp between 0 and 10000)
) {strict}

-- The latest completions of one partner.
create index training_completions_partner_id_idx on training_completions (partner_id, completed_at, id)
"#,
    down: r#"
drop table training_completions

drop table courses
"#,
}
