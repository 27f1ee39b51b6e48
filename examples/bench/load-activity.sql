-- Activity: on average :activities_each a partner in two years, in the order in which it happened, and what it adds up to.

create unlogged table bench.activity as
select p.n as partner, p.id as partner_id, k as sequence, p.n * 10000::bigint + k as n,
    start + ((k - chance(p.n * 10000::bigint + k, 15)) / amount * (now - start - 3600000000.0))::bigint as at,
    bench.pick('{ACTIVE_USER_DAY,ACTIVE_USER_DAY,ACTIVE_USER_DAY,ACTIVE_USER_DAY,ACTIVE_USER_DAY,ACTIVE_USER_DAY,ACTIVE_USER_DAY,ACTIVE_USER_DAY,TRAINING_COMPLETED,REGISTRATION_QUALIFIED,REGISTRATION_PROTECTED,DEAL_WON,MDF_MEASURED,ONBOARDING_STEP_COMPLETED}', chance(p.n * 10000::bigint + k, 16)) as kind
from facts, bench.partner p, lateral (select :activities_each / 2 + p.place * :activities_each / partners + p.n % 2 as amount) a, lateral generate_series(1, amount) k;
alter table bench.activity add component text, add value_micros bigint;
update bench.activity set
    component = case kind when 'ACTIVE_USER_DAY' then 'PORTAL_USE' when 'TRAINING_COMPLETED' then 'TRAINING' when 'DEAL_WON' then 'PIPELINE_AND_WINS'
        when 'MDF_MEASURED' then 'MDF_PERFORMANCE' when 'ONBOARDING_STEP_COMPLETED' then 'RESPONSIVENESS' else 'DEAL_REGISTRATION' end,
    value_micros = case kind when 'ACTIVE_USER_DAY' then 100000 when 'DEAL_WON' then 300000 else 50000 end;

insert into activities (id, partner_id, sequence, kind, component, value_micros, object_id, user_id, dedupe_key, occurred_at, recorded_at)
select bench.id(a.at, 15, a.n), a.partner_id, sequence, kind, component, value_micros, null,
    case when kind = 'ACTIVE_USER_DAY' then u.id end, kind || ' ' || a.n, a.at, a.at
from bench.activity a join bench.person u on u.n = a.partner * 5 + a.sequence % 5
order by a.at;

insert into activity_streams (partner_id, last_sequence) select partner_id, max(sequence) from bench.activity group by 1;

insert into engagement_totals (partner_id, component, raw_micros, decayed, as_of)
select partner_id, component, sum(value_micros),
    sum(value_micros / 1000000.0 * power(2, -((now - at) / 86400000000.0)
        / case component when 'PORTAL_USE' then 30 when 'DEAL_REGISTRATION' then 90 when 'RESPONSIVENESS' then 90 else 180 end)), max(now)
from bench.activity, facts group by 1, 2;
