//! Agreements: versioned texts, and which partner accepted which (`domain.md §2`).

crate::ddl::sql_migration! {
    up: r#"
create table agreements (
    id {uuid} not null primary key,
    text_version integer not null,
    partner_type {text},
    title text not null,
    text text not null,
    sha256 {text} not null,
    state {text} not null,
    effective_at {int},
    reacceptance_due_at {int},
    created_by {uuid} references users (id),
    created_at {int} not null,
    published_by {uuid} references users (id),
    published_at {int},
    version {int} not null,
    -- Also finds the latest, for the next number.
    constraint each_text_has_a_number_of_its_own unique (text_version),
    constraint a_published_text_takes_effect check ((state = 'PUBLISHED') = (effective_at is not null)),
    constraint a_text_takes_effect_before_it_is_due check (reacceptance_due_at is null or reacceptance_due_at >= effective_at)
) {strict}

-- The texts that have taken effect.
create index agreements_effective_at_idx on agreements (effective_at) where state = 'PUBLISHED'

-- Whether a date of grace has passed, which every new deal asks.
create index agreements_reacceptance_due_at_idx on agreements (reacceptance_due_at) where reacceptance_due_at is not null

create table agreement_acceptances (
    id {uuid} not null primary key,
    agreement_id {uuid} not null references agreements (id),
    partner_id {uuid} not null references partners (id),
    sha256 {text} not null,
    accepted_by {uuid} references users (id),
    accepted_at {int} not null,
    -- What one partner has accepted.
    constraint a_partner_accepts_a_text_once unique (partner_id, agreement_id)
) {strict}

-- Who has accepted one text.
create index agreement_acceptances_agreement_id_idx on agreement_acceptances (agreement_id, partner_id)

{sqlite} insert into agreements (id, text_version, title, text, sha256, state, effective_at, created_at, published_at, version)
values (x'018f0000000070008000000000000001', 1, 'Partner agreement',
replace('Partner agreement, version 1~~1. The partner markets, sells, integrates or services the vendor''s products in its own name and on its own account.~2. Deals are registered in the portal. Protection is granted under the published rules of engagement, and ends at the instant that the registration shows.~3. Market development funds are requested before an activity begins, and paid against proof of execution and results.~4. Each side keeps what it learns of the other''s customers and prices to itself, and uses it for joint business only.~5. Either side may end this agreement with a notice of 30 days. What was earned until then stays earned.~', '~', char(10)),
'f4e40c7b142e25c9ce08669e78f88890e0fb49f663370b586b06ce0dd2e1ee39', 'PUBLISHED', 0, 0, 0, 1)

{postgres} insert into agreements (id, text_version, title, text, sha256, state, effective_at, created_at, published_at, version)
values ('018f0000-0000-7000-8000-000000000001', 1, 'Partner agreement',
replace('Partner agreement, version 1~~1. The partner markets, sells, integrates or services the vendor''s products in its own name and on its own account.~2. Deals are registered in the portal. Protection is granted under the published rules of engagement, and ends at the instant that the registration shows.~3. Market development funds are requested before an activity begins, and paid against proof of execution and results.~4. Each side keeps what it learns of the other''s customers and prices to itself, and uses it for joint business only.~5. Either side may end this agreement with a notice of 30 days. What was earned until then stays earned.~', '~', chr(10)),
'f4e40c7b142e25c9ce08669e78f88890e0fb49f663370b586b06ce0dd2e1ee39', 'PUBLISHED', 0, 0, 0, 1)

{sqlite} insert into agreement_acceptances (id, agreement_id, partner_id, sha256, accepted_by, accepted_at)
select id, x'018f0000000070008000000000000001', partner_id, json_extract(details, '$.agreement.sha256'), completed_by, completed_at
from onboarding_steps
where kind = 'SIGN_AGREEMENT' and state = 'DONE' and json_extract(details, '$.agreement.version') = 1

{postgres} insert into agreement_acceptances (id, agreement_id, partner_id, sha256, accepted_by, accepted_at)
select id, '018f0000-0000-7000-8000-000000000001', partner_id, details::json -> 'agreement' ->> 'sha256', completed_by, completed_at
from onboarding_steps
where kind = 'SIGN_AGREEMENT' and state = 'DONE' and details::json -> 'agreement' ->> 'version' = '1'

{sqlite} create trigger published_texts_are_never_changed after update on agreements when old.state = 'PUBLISHED'
begin select raise(abort, 'published agreements are append-only'); end

{sqlite} create trigger published_texts_are_never_deleted after delete on agreements when old.state = 'PUBLISHED'
begin select raise(abort, 'published agreements are append-only'); end

{sqlite} create trigger acceptances_are_never_changed before update on agreement_acceptances
begin select raise(abort, 'acceptances are append-only'); end

{sqlite} create trigger acceptances_are_never_deleted before delete on agreement_acceptances
begin select raise(abort, 'acceptances are append-only'); end

{postgres} create trigger published_texts_are_append_only after update or delete on agreements
for each row when (old.state = 'PUBLISHED') execute function refuse_to_change_what_was_recorded('published agreements')

{postgres} create trigger acceptances_are_append_only before update or delete or truncate on agreement_acceptances
for each statement execute function refuse_to_change_what_was_recorded('acceptances')
"#,
    down: r#"
drop table agreement_acceptances

drop table agreements
"#,
}
