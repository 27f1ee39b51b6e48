//! Indexes by which is found what people are told of when its instant comes: silence, holds, offers.

crate::ddl::sql_migration! {
    up: r#"
-- Of what is protected nothing was heard since.
create index deal_registrations_last_update_idx on deal_registrations (coalesce(last_update_at, protected_from), id)
    where state = 'PROTECTED'

create index deal_registrations_hold_until_idx on deal_registrations (hold_until, id)
    where hold_until is not null and state in ('SUBMITTED', 'IN_REVIEW')

create index waitlist_offers_starts_at_idx on waitlist_offers (starts_at, registration_id) where answer is null
"#,
    down: r#"
drop index waitlist_offers_starts_at_idx

drop index deal_registrations_hold_until_idx

drop index deal_registrations_last_update_idx
"#,
}
