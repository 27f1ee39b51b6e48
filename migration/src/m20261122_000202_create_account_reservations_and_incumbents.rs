//! For whom accounts are reserved, by whom and why, and which partners serve them (`domain.md §3`).

crate::ddl::sql_migration! {
    up: r#"
create table account_reservations (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    product_line_id {uuid} references product_lines (id),
    reserved_for {text} not null,
    owner_id {uuid} references users (id),
    reason text not null,
    reserved_at {int} not null,
    reserved_by {uuid} references users (id),
    released_at {int},
    released_by {uuid} references users (id),
    release_reason text
) {strict}

-- The whole account is reserved in one way at a time.
create unique index one_reservation_per_account on account_reservations (account_id)
    where product_line_id is null and released_at is null

-- So is each product line of it. It leads to what a registration meets, too.
create unique index one_reservation_per_account_and_line on account_reservations (account_id, product_line_id)
    where product_line_id is not null and released_at is null

-- The reservations of one account, oldest first.
create index account_reservations_account_id_idx on account_reservations (account_id, id)

-- What somebody of the staff owns: what to hand over when they leave.
create index account_reservations_owner_id_idx on account_reservations (owner_id, id) where released_at is null

create table account_incumbents (
    id {uuid} not null primary key,
    account_id {uuid} not null references accounts (id),
    partner_id {uuid} not null references partners (id),
    since {int} not null,
    set_by {uuid} references users (id),
    ended_at {int},
    ended_by {uuid} references users (id)
) {strict}

-- A partner serves an account or does not.
create unique index one_incumbency_per_account_and_partner on account_incumbents (account_id, partner_id)
    where ended_at is null

-- The incumbents of one account, the first one first.
create index account_incumbents_account_id_idx on account_incumbents (account_id, id)

-- Reserved before reasons were kept. Each keeps its account's id: it is the only row that is made of it.
insert into account_reservations (id, account_id, reserved_for, reason, reserved_at)
    select id, id, reserved_for, 'Reserved before reasons were kept.', created_at from accounts where reserved_for <> 'OPEN'
"#,
    down: r#"
drop table account_incumbents

drop table account_reservations
"#,
}
