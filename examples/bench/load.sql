-- A believable large world, made by the database itself. Variables: partners, activities_each, password_hash.
-- Per partner: 5 users, 100 registrations, 10 fund requests, :activities_each activities; each on average, and spread
-- unevenly. Ids are those that the product would have made at each row's instant, so rows and indexes lie as in life.

-- The load only: foreign keys hold by construction, and checking them row by row would double the time.
set session_replication_role = replica;
set synchronous_commit = off;
set jit = off;

create schema bench;
set search_path = public, bench;

create table bench.facts as select
    (extract(epoch from now()) * 1000000)::bigint as now,
    ((extract(epoch from now()) - 720 * 86400) * 1000000)::bigint as start,
    :partners::bigint as partners;

-- A UUID of version 7: instant in milliseconds, kind, number.
create function bench.id(at bigint, kind int, n bigint) returns uuid language sql immutable parallel safe as $$
    select (lpad(to_hex(at / 1000), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid
$$;

-- A number from 0 to below 1 that looks like chance and is the same in every run.
create function bench.chance(n bigint, salt int) returns double precision language sql immutable parallel safe as $$
    select (hashint8extended(n, salt) & 1073741823)::double precision / 1073741824
$$;

create function bench.day(at bigint) returns text language sql immutable parallel safe as $$
    select to_char(to_timestamp(at / 1000000) at time zone 'utc', 'YYYY-MM-DD')
$$;

create function bench.pick(words text[], part double precision) returns text language sql immutable parallel safe as $$
    select words[1 + least(floor(part * array_length(words, 1))::int, array_length(words, 1) - 1)]
$$;

-- Partners; `place` is a permutation: how much of everything a partner has.
create unlogged table bench.partner as
select n, start - 30 * 86400000000 + n * 1000000 as at, bench.id(start - 30 * 86400000000 + n * 1000000, 1, n) as id,
    (n * 7919) % partners as place
from facts, generate_series(0, partners - 1) n;
create unique index on bench.partner (n);

insert into partners (id, name, name_key, website, domain, country, types, state, tier, created_at, activated_at, version)
select id, 'Partner ' || n || ' GmbH', 'partner ' || n || ' gmbh', 'https://partner-' || n || '.example', 'partner-' || n || '.example',
    bench.pick('{DE,FR,GB,US,NL,SE,PL,IT,ES,JP}', chance(n, 1)),
    bench.pick('{RESELLER,RESELLER,RESELLER,DISTRIBUTOR RESELLER,INFLUENCE,MANAGED_SERVICE_PROVIDER,SYSTEM_INTEGRATOR,SOFTWARE_VENDOR,RETENTION}', chance(n, 2)),
    'ACTIVE', bench.pick('{REGISTERED,REGISTERED,REGISTERED,REGISTERED,SILVER,SILVER,SILVER,GOLD,GOLD,PLATINUM}', chance(n, 3)),
    at, at + 86400000000, 2
from bench.partner order by id;

-- The month's reviews are done: no job is at work beside what is measured.
insert into tier_reviews (id, partner_id, month, as_on, reviewed_at, tier, earned_tier, state, policy_version, figures, version)
select p.id, p.id, to_char(to_timestamp(now / 1000000.0) at time zone 'utc', 'YYYY-MM'), bench.day(now), now, tier, tier, 'KEPT', 1, '{}', 1
from partners p, facts;

-- Users: the first of each partner does everything there; and two of the vendor's staff.
create unlogged table bench.person as
select p.n * 5 + k as n, p.n as partner, k, p.at + k * 3600000000 as at, bench.id(p.at + k * 3600000000, 2, p.n * 5 + k) as id, p.id as partner_id
from bench.partner p, generate_series(0, 4) k;
create unique index on bench.person (n);

insert into users (id, partner_id, email, email_key, name, roles, state, password_hash, created_at, version)
select id, partner_id, 'person-' || n || '@partner-' || partner || '.example', 'person-' || n || '@partner-' || partner || '.example',
    'Person ' || n, case k when 0 then 'PARTNER_ADMIN SELLER MARKETER' when 1 then 'SELLER' when 2 then 'SELLER' when 3 then 'MARKETER' else 'LEARNER' end,
    'ACTIVE', :'password_hash', at, 1
from bench.person order by id;

insert into users (id, partner_id, email, email_key, name, roles, state, password_hash, created_at, version)
select bench.id(start - 31 * 86400000000, 2, 9000000000 + n), null, lower(role) || '@vendor.example', lower(role) || '@vendor.example', role, role, 'ACTIVE', :'password_hash', start, 1
from facts, unnest('{ADMIN,CHANNEL_OPS}'::text[]) with ordinality roles (role, n);

-- Product lines and accounts.
insert into product_lines (id, code, name, created_at)
select bench.id(start - 40 * 86400000000, 3, n), 'LINE-' || n, 'Product line ' || n, start from facts, generate_series(0, 9) n;

create unlogged table bench.account as
select n, start - 20 * 86400000000 + n * 1000 as at, bench.id(start - 20 * 86400000000 + n * 1000, 4, n) as id
from facts, generate_series(0, partners * 50 - 1) n;
create unique index on bench.account (n);

-- Names that are told apart as those of companies are: by a word of their own, with one that many have.
create function bench.company(n bigint) returns text language sql immutable parallel safe as $$
    select initcap(pick(s, chance(n, 21)) || pick(s, chance(n, 22)) || pick(s, chance(n, 23))) || ' '
        || pick('{Foods,Systems,Logistics,Energy,Pharma,Textiles,Motors,Insurance,Media,Chemicals,Robotics,Paper}', chance(n, 24)) || ' '
        || pick('{AG,GmbH,Ltd,SA,Inc,SpA,BV,AB}', chance(n, 25))
    from (select '{ba,ce,di,fo,gu,ha,je,ki,lo,mu,na,pe,qui,ro,su,ta,ve,wi,xo,zu,bra,cle,dri,flo,gru,pra,ste,tri,vlo,sku,mar,nel,tor,val,der,lin,kos,bur,fen,gal}'::text[] as s) syllables
$$;

insert into accounts (id, name, name_key, domain, country, industry, reserved_for, parent_id, created_by_partner_id, created_at, version)
select id, bench.company(n), 'customer ' || n, case when n % 10 < 8 then 'customer-' || n || '.example' end,
    bench.pick('{DE,FR,GB,US,NL,SE,PL,IT,ES,JP}', chance(n, 4)), bench.pick('{Manufacturing,Retail,Health,Finance,Public}', chance(n, 5)),
    case when n % 50 = 0 then 'DIRECT' when n % 50 < 5 then 'PARTNER_LED' else 'OPEN' end, null, null, at, 1
from bench.account order by id;

insert into account_domains (id, account_id, domain, added_at)
select id, id, domain, created_at from accounts where domain is not null order by id;

insert into account_reservations (id, account_id, reserved_for, reason, reserved_at)
select id, id, reserved_for, 'A named account.', created_at from accounts where reserved_for <> 'OPEN' order by id;

-- Registrations, spread over two years; the account and line of each are such that no two claims in force meet.
create unlogged table bench.registration as
select row_number() over (order by at) - 1 as n, at, partner, partner_id
from (
    select p.n as partner, p.id as partner_id,
        start + ((k - chance(p.n * 1000 + k, 6)) / amount * (now - start - 3600000000.0))::bigint as at
    from facts, bench.partner p, lateral (select 50 + p.place * 100 / partners + p.n % 2 as amount) a, generate_series(1, amount) k
) spread;
create unique index on bench.registration (n);
alter table bench.registration add id uuid, add account bigint, add account_id uuid, add state text, add qualified bigint, add lines int;
update bench.registration r set id = bench.id(r.at, 5, r.n), account = a.n, account_id = a.id,
    lines = case when r.n % 5 < 2 then 2 else 1 end,
    state = case
        when r.at > now - 12 * 86400000000 then bench.pick('{SUBMITTED,IN_REVIEW,IN_REVIEW,IN_REVIEW,ACTION_REQUIRED,PROTECTED,REJECTED}', chance(r.n, 7))
        when r.at > now - 100 * 86400000000 then bench.pick('{PROTECTED,PROTECTED,PROTECTED,PROTECTED,PROTECTED,CONVERTED,CONVERTED,RELEASED,REJECTED,WITHDRAWN}', chance(r.n, 7))
        else bench.pick('{CONVERTED,CONVERTED,CONVERTED,EXPIRED,EXPIRED,EXPIRED,RELEASED,RELEASED,REJECTED,WITHDRAWN}', chance(r.n, 7)) end,
    qualified = case when r.n % 10 = 0 then null else r.at + 60000000 end
from facts, bench.account a where a.n = r.n % (partners * 50);

insert into deal_registrations (id, partner_id, account_id, amount_minor, currency, expected_close_on, contact_name, contact_email, partner_role, need,
    evidence_score, policy_version, state, outcome, outcome_reason, deal_stage, submitted_at, due_at, qualified_at, protected_from, protected_until, ended_at,
    won_amount_minor, won_currency, closed_on, created_by, version)
select r.id, partner_id, account_id, amount, 'EUR', bench.day(r.at + 120 * 86400000000::bigint), 'Contact ' || r.n, 'contact-' || r.n || '@customer-' || account || '.example',
    bench.pick('{RESELL,RESELL,RESELL,REFER,INTEGRATE,SERVICE}', chance(r.n, 8)), 'The customer replaces what it has used for ten years, and decides this year.',
    case when qualified is null then '{"total":25,"sufficient":false,"parts":[{"part":"CUSTOMER_IDENTITY","items":1,"points":15,"most":15},{"part":"DECISION_MAKER","items":0,"points":0,"most":15},{"part":"INTERACTIONS","items":0,"points":0,"most":30},{"part":"NEED_DESCRIBED","items":0,"points":0,"most":10},{"part":"DEAL_DESCRIBED","items":1,"points":10,"most":10},{"part":"DEMONSTRATION","items":0,"points":0,"most":10},{"part":"CUSTOMER_CONFIRMATION","items":0,"points":0,"most":10}]}'
        else '{"total":70,"sufficient":true,"parts":[{"part":"CUSTOMER_IDENTITY","items":1,"points":15,"most":15},{"part":"DECISION_MAKER","items":1,"points":15,"most":15},{"part":"INTERACTIONS","items":2,"points":20,"most":30},{"part":"NEED_DESCRIBED","items":1,"points":10,"most":10},{"part":"DEAL_DESCRIBED","items":1,"points":10,"most":10},{"part":"DEMONSTRATION","items":0,"points":0,"most":10},{"part":"CUSTOMER_CONFIRMATION","items":0,"points":0,"most":10}]}' end, 1, state,
    case state when 'CONVERTED' then 'WON' when 'RELEASED' then 'LOST' when 'EXPIRED' then 'TERM_ENDED' when 'REJECTED' then 'EVIDENCE_INSUFFICIENT' when 'WITHDRAWN' then 'TAKEN_BACK' end,
    null,
    case state when 'CONVERTED' then 'WON' when 'RELEASED' then 'LOST' else bench.pick('{QUALIFIED,PROPOSAL,NEGOTIATION,COMMITTED}', chance(r.n, 9)) end,
    r.at, r.at + 2 * 86400000000::bigint, qualified,
    case when granted then r.at + 86400000000 end, case when granted then r.at + 121 * 86400000000::bigint end,
    case when state in ('CONVERTED', 'EXPIRED', 'RELEASED', 'REJECTED', 'WITHDRAWN') then r.at + 90 * 86400000000::bigint end,
    case when state = 'CONVERTED' then amount end, case when state = 'CONVERTED' then 'EUR' end,
    case when state = 'CONVERTED' then bench.day(r.at + 90 * 86400000000::bigint) end,
    (select id from bench.person where n = r.partner * 5 + 1 + r.n % 2), 1
from bench.registration r,
    lateral (select state in ('PROTECTED', 'CONVERTED', 'EXPIRED', 'RELEASED') as granted, (100000 + floor(chance(r.n, 10) * 20000000))::bigint as amount) x
order by r.id;

insert into deal_registration_lines (registration_id, product_line_id, account_id, partner_id, closed_at)
select r.id, l.id, r.account_id, r.partner_id, case when state in ('CONVERTED', 'EXPIRED', 'RELEASED', 'REJECTED', 'WITHDRAWN') then r.at + 90 * 86400000000::bigint end
from bench.registration r, generate_series(0, 1) k, facts, product_lines l
where k < lines and l.code = 'LINE-' || (r.n + k + (r.n / (partners * 50)) * 5) % 10
order by r.n, k;

insert into protections (id, registration_id, partner_id, account_id, product_line_id, starts_at, ends_at, ended_at, end_reason)
select bench.id(r.at + 86400000000, 6, r.n * 2 + row_number() over (partition by r.n)), r.id, r.partner_id, r.account_id, l.product_line_id, r.at + 86400000000,
    r.at + 121 * 86400000000::bigint, case when state <> 'PROTECTED' then r.at + 90 * 86400000000::bigint end, case when state <> 'PROTECTED' then state end
from bench.registration r join deal_registration_lines l on l.registration_id = r.id
where state in ('PROTECTED', 'CONVERTED', 'EXPIRED', 'RELEASED');

insert into deal_evidence (id, registration_id, kind, occurred_at, description, proof, added_at, added_by)
select bench.id(r.at, 7, r.n * 4 + k), r.id, (array['CUSTOMER_IDENTITY', 'DECISION_MAKER', 'INTERACTION', 'INTERACTION'])[k],
    case when k > 2 then r.at - k * 86400000000 end, 'A meeting at the customer''s site about what it needs.', case when k > 2 then 'minutes-' || r.n || '.pdf' end, r.at, null
from bench.registration r, generate_series(1, 4) k where qualified is not null or k = 1;

insert into account_partners (partner_id, account_id, since)
select partner_id, account_id, min(at) from bench.registration group by 1, 2;

-- Every registration left a receipt and an audit event. The chain of what was loaded is nobody's, and its hashes are made up.
insert into audit_events (id, at, actor_kind, actor_user_id, partner_id, action, object_id, before, after, request_id, chain, sequence, previous_hash, hash, hash_version)
select bench.id(at, 8, n), at, 'USER', null, partner_id, 'registration.register', 'reg_' || replace(id::text, '-', ''), null,
    json_build_object('id', 'reg_' || replace(id::text, '-', ''), 'state', 'SUBMITTED', 'need', repeat('what was written ', 20))::text, 'load',
    'load', row_number() over (order by n), sha256(n::text::bytea), sha256((n + 1)::text::bytea), 1
from bench.registration order by n;

insert into decision_receipts (id, decision, policy_version, decided_at, partner_id, object_id, outcome, inputs, steps)
select bench.id(at, 9, n), 'registration.register', 1, at, partner_id, 'reg_' || replace(id::text, '-', ''), 'GRANTED',
    json_build_object('inputs', repeat('what was seen ', 20))::text, '[]'
from bench.registration order by n;

\ir load-funds.sql
\ir load-activity.sql

drop schema bench cascade;
reset session_replication_role;
checkpoint;
vacuum analyze;
checkpoint;
