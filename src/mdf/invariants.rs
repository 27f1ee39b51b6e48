//! What always holds of market development funds (`domain.md §5`).

use crate::platform::invariants::{Invariant, invariants};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "a partner's balances are what the ledger's entries add up to":
        "mdf_balances",
        "select [[b.program_id]] || ' ' || [[b.partner_id]] as broken from mdf_balances b
            left join (
                select program_id, partner_id,
                    sum(case when account = 'ALLOCATED' then amount else 0 end) as allocated,
                    sum(case when account = 'COMMITTED' then amount else 0 end) as committed,
                    sum(case when account = 'PAYABLE' then amount else 0 end) as payable,
                    sum(case when account = 'HELD_BACK' then amount else 0 end) as held_back,
                    sum(case when account = 'PAID' then amount else 0 end) as paid
                from (
                    select t.program_id, t.partner_id, e.to_account as account, e.amount
                        from mdf_ledger_entries e join mdf_ledger_transactions t on t.id = e.transaction_id
                    union all
                    select t.program_id, t.partner_id, e.from_account as account, -e.amount
                        from mdf_ledger_entries e join mdf_ledger_transactions t on t.id = e.transaction_id
                ) as moved where partner_id is not null group by program_id, partner_id
            ) l on l.program_id = b.program_id and l.partner_id = b.partner_id
         where coalesce(l.allocated, 0) <> b.allocated or coalesce(l.committed, 0) <> b.committed
            or coalesce(l.payable, 0) <> b.payable or coalesce(l.held_back, 0) <> b.held_back
            or coalesce(l.paid, 0) <> b.paid";
    "what a program has left to allocate is what the ledger's entries add up to":
        "mdf_program_balances",
        "select [[b.program_id]] as broken from mdf_program_balances b
         where b.unallocated <> coalesce((
            select sum(case when e.to_account = 'UNALLOCATED' then e.amount else 0 end)
                 - sum(case when e.from_account = 'UNALLOCATED' then e.amount else 0 end)
            from mdf_ledger_entries e join mdf_ledger_transactions t on t.id = e.transaction_id
            where t.program_id = b.program_id), 0)";
    "a program's entries add up to zero: what is in its accounts is its budget":
        "mdf_programs",
        "select [[p.id]] as broken from mdf_programs p
         where p.budget <> (select coalesce(sum(b.allocated + b.committed + b.payable + b.held_back + b.paid
                + b.returned + b.forfeited + b.clawed_back), 0) from mdf_balances b where b.program_id = p.id)
            + coalesce((select u.unallocated from mdf_program_balances u where u.program_id = p.id), 0)";
    "a balance is in its program's currency":
        "mdf_balances",
        "select [[b.program_id]] as broken from mdf_balances b join mdf_programs p on p.id = b.program_id
         where b.currency <> p.currency";
    "what is paid for a claim is at most what was approved, and what was accepted":
        "mdf_claims",
        "select [[c.id]] as broken from mdf_claims c join mdf_requests r on r.id = c.request_id
         where (select coalesce(sum(p.amount), 0) from mdf_payments p where p.claim_id = c.id)
            > (case when c.accepted_cost < r.approved_amount then c.accepted_cost else r.approved_amount end)";
    "a payment pays its whole tranche, once, and the tranche is marked as paid":
        "mdf_tranches",
        "select [[t.id]] as broken from mdf_tranches t left join mdf_payments p on p.tranche_id = t.id
         where (t.state = 'PAID') <> (p.id is not null) or p.amount <> t.amount or p.claim_id <> t.claim_id";
    "a claim belongs to its request's partner and program":
        "mdf_claims",
        "select [[c.id]] as broken from mdf_claims c join mdf_requests r on r.id = c.request_id
         where c.partner_id <> r.partner_id or c.program_id <> r.program_id";
    "versions begin at one":
        "mdf_requests",
        "select [[id]] as broken from mdf_requests where version < 1
         union all select [[id]] as broken from mdf_claims where version < 1";
};
