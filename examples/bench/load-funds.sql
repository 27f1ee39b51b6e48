-- Funds: a program a quarter, every partner allocated in each, on average 10 requests a partner in the last two.
-- Half of the partners ask for much (18 requests, most of them open), the other half for little.

create unlogged table bench.program as
select n, bench.id(start - 10 * 86400000000 + n, 10, n) as id, start + n * 90 * 86400000000::bigint as starts
from facts, generate_series(0, 7) n;

insert into mdf_programs (id, name, starts_on, ends_on, currency, budget, activities, execution_bp, claim_window_days, measurement_window_days, created_by, created_at, version)
select id, 'Quarter ' || n, bench.day(starts), bench.day(starts + 89 * 86400000000::bigint), 'EUR', partners * 10000000, '[]', 6000, 45, 90, null, start, 1
from bench.program, facts;

insert into mdf_program_balances (program_id, unallocated) select id, 0 from bench.program;

insert into mdf_allocations (id, program_id, partner_id, currency, potential, lambda_bp, factor_bp, amount, allocated_by, allocated_at)
select bench.id(starts, 11, p.n * 8 + g.n), g.id, p.id, 'EUR', 10000000, 4000, 5000, 8000000, null, starts
from bench.program g, bench.partner p order by g.n, p.n;

insert into mdf_balances (program_id, partner_id, currency, allocated, committed, payable, held_back, paid, returned, forfeited, clawed_back)
select g.id, p.id, 'EUR', case when g.n = 7 then 5000000 else 0 end, case when g.n = 7 then 2000000 else 0 end,
    0, case when g.n > 5 then 400000 else 0 end, 600000, 0, case when g.n < 7 then 2000000 else 0 end, 0
from bench.program g, bench.partner p order by g.n, p.n;

insert into mdf_ledger_transactions (id, program_id, partner_id, kind, cause, posted_at)
select bench.id(starts, 12, p.n * 8 + g.n), g.id, p.id, 'ALLOCATED', 'mal_' || replace(bench.id(starts, 11, p.n * 8 + g.n)::text, '-', ''), starts
from bench.program g, bench.partner p order by g.n, p.n;

insert into mdf_ledger_entries (id, transaction_id, from_account, to_account, amount)
select bench.id(starts, 13, p.n * 8 + g.n), bench.id(starts, 12, p.n * 8 + g.n), 'UNALLOCATED', 'ALLOCATED', 8000000
from bench.program g, bench.partner p order by g.n, p.n;

create unlogged table bench.request as
select p.n * 20 + k as n, p.n as partner, p.id as partner_id, now - (1 + chance(p.n * 20 + k, 11) * case when k <= 12 then 40 else 150 end) * 86400000000 as at,
    k as place, case when k % 2 = 0 then 6 else 7 end as program,
    case when k <= 12 then bench.pick('{SUBMITTED,APPROVED,APPROVED,CLAIMED}', chance(p.n * 20 + k, 12))
        else bench.pick('{SETTLED,SETTLED,REJECTED,EXPIRED,CANCELLED}', chance(p.n * 20 + k, 13)) end as state
from facts, bench.partner p, lateral generate_series(1, case when p.n % 2 = 0 then 18 else 2 end) k;

insert into mdf_requests (id, program_id, partner_id, state, activity_type, title, audience, starts_on, ends_on, currency, rate_bp, planned_cost, requested_amount,
    approved_amount, qualified_lead_definition, target_leads, target_pipeline, claim_by, measured_by, requested_by, requested_at, decided_by, decided_at, decision_reason, version)
select bench.id(r.at::bigint, 14, r.n), g.id, r.partner_id, r.state, bench.pick('{WEBINAR,GATED_CONTENT,TARGETED_EVENT,DEMAND_GENERATION}', chance(r.n, 14)),
    'Activity ' || r.n, 'Heads of production in companies of 50 to 500 people', bench.day(r.at::bigint + 20 * 86400000000), bench.day(r.at::bigint + 22 * 86400000000), 'EUR',
    5000, 800000, 400000, case when r.state in ('SUBMITTED', 'REJECTED', 'CANCELLED') then null else 400000 end,
    'A named person with a project and a date', 20, 5000000, bench.day(r.at::bigint + 67 * 86400000000), bench.day(r.at::bigint + 112 * 86400000000),
    (select id from bench.person where n = r.partner * 5 + 3), r.at::bigint, null, null, null, 1
from bench.request r join bench.program g on g.n = r.program order by r.at;
