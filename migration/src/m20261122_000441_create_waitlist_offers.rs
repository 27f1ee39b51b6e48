//! Offers of a place that has become free to those on its waiting list (`domain.md §4`, wait-list).

crate::ddl::sql_migration! {
    up: r#"
create table waitlist_offers (
    id {uuid} not null primary key,
    registration_id {uuid} not null references deal_registrations (id),
    partner_id {uuid} not null references partners (id),
    starts_at {int} not null,
    expires_at {int} not null,
    answer {text},
    answered_at {int},
    answered_by {uuid} references users (id),
    constraint an_offer_ends_after_it_starts check (starts_at < expires_at),
    constraint an_answered_offer_says_when check ((answer is null) = (answered_at is null))
) {strict}

-- A registration is offered a place once at a time: an offer that is planned, open, or over and not written down yet.
create unique index one_unanswered_offer_per_registration on waitlist_offers (registration_id) where answer is null

-- What a registration was offered before.
create index waitlist_offers_registration_id_idx on waitlist_offers (registration_id, id)

-- Who waits on an account.
create index deal_registrations_waiting_idx on deal_registrations (account_id) where state = 'WAITLISTED'

-- When a place became free last, and how.
create index protections_place_idx on protections (account_id, product_line_id, ends_at)
"#,
    down: r#"
drop index protections_place_idx

drop index deal_registrations_waiting_idx

drop table waitlist_offers
"#,
}
