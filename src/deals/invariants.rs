//! What always holds of registrations and protections (`domain.md §4`).

use entity::value::{ReceiptId, Timestamp};
use futures::future::LocalBoxFuture;

use super::registrations::rules::resolution::{Purpose, replays};
use crate::platform::{
    call::Call,
    error::AppResult,
    invariants::{Check, Found, Invariant, invariants},
    receipts::{self, Walk},
};

/// All of it.
pub const INVARIANTS: &[Invariant] = invariants! {
    "protections of one account and product line never overlap":
        "protections",
        "select [[a.id]] as broken from protections a join protections b
            on a.account_id = b.account_id and a.product_line_id = b.product_line_id and a.id < b.id
         where a.starts_at < coalesce(b.ended_at, b.ends_at) and b.starts_at < coalesce(a.ended_at, a.ends_at)
            -- Those that had ended before their accounts became one were of two customers.
            and not exists (select 1 from account_merges m where m.survivor_id = a.account_id and m.undone_at is null
                and (coalesce(a.ended_at, a.ends_at) <= m.merged_at or coalesce(b.ended_at, b.ends_at) <= m.merged_at))";
    "a protection is its registration's: same partner, same account, one of its product lines":
        "protections",
        "select [[p.id]] as broken from protections p
            left join deal_registrations r on r.id = p.registration_id
                and r.partner_id = p.partner_id and r.account_id = p.account_id
            left join deal_registration_lines l on l.registration_id = p.registration_id
                and l.product_line_id = p.product_line_id
         where r.id is null or l.registration_id is null";
    "a registration's lines carry its partner and its account":
        "deal_registration_lines",
        "select [[l.registration_id]] as broken from deal_registration_lines l
            join deal_registrations r on r.id = l.registration_id
         where l.partner_id <> r.partner_id or l.account_id <> r.account_id";
    "a registration that ended says when, and how":
        "deal_registrations",
        "select [[id]] as broken from deal_registrations
         where (ended_at is not null) <> (state in ('REJECTED', 'WITHDRAWN', 'CONVERTED', 'EXPIRED', 'RELEASED', 'REVOKED'))";
    "a deal that is won says for how much":
        "deal_registrations",
        "select [[id]] as broken from deal_registrations
         where (deal_stage = 'WON') <> (won_amount_minor is not null)";
    "a draft holds nothing, and what was handed in has its account":
        "deal_registrations",
        "select [[r.id]] as broken from deal_registrations r
         where (r.state = 'DRAFT' and (r.qualified_at is not null or r.protected_from is not null or exists (
                select 1 from deal_registration_lines l where l.registration_id = r.id and l.closed_at is null)))
            or (r.account_id is null and r.state not in ('DRAFT', 'WITHDRAWN', 'REJECTED'))";
    "a hold is of one that is not qualified":
        "deal_registrations",
        "select [[id]] as broken from deal_registrations where hold_until is not null and qualified_at is not null";
    "protections end when their registration says":
        "protections",
        "select [[p.id]] as broken from protections p join deal_registrations r on r.id = p.registration_id
         where p.ended_at is null and p.ends_at <> r.protected_until";
    "a registration's evidence and receipts exist for it":
        "deal_evidence",
        "select [[e.id]] as broken from deal_evidence e left join deal_registrations r on r.id = e.registration_id
         where r.id is null";
    "an offer of a place is to a registration that waits, or says what became of it":
        "waitlist_offers",
        "select [[o.id]] as broken from waitlist_offers o join deal_registrations r on r.id = o.registration_id
         where o.partner_id <> r.partner_id or (o.answer is null and r.state <> 'WAITLISTED')
            or (o.answer = 'ACCEPTED' and r.protected_from is null)";
    "no place is offered to two at once":
        "waitlist_offers where answer is null",
        "select distinct [[a.id]] as broken from waitlist_offers a
            join deal_registration_lines l on l.registration_id = a.registration_id
            join deal_registration_lines m on m.account_id = l.account_id and m.product_line_id = l.product_line_id
            join waitlist_offers b on b.registration_id = m.registration_id and b.id > a.id
         where a.answer is null and b.answer is null and a.starts_at < b.expires_at and b.starts_at < a.expires_at";
    "what is contested is in one open case and keeps what stood, and nothing else does":
        "deal_registrations",
        "select [[r.id]] as broken from deal_registrations r
         where (r.state = 'CONTESTED') <> (r.contested_from is not null)
            or (r.contested_from is not null) <> (r.contested_until is not null)
            or (r.state = 'CONTESTED' and 1 <> (select count(*) from deal_conflict_parties p
                join deal_conflicts c on c.id = p.conflict_id
                where p.registration_id = r.id and p.closed_at is null and c.state <> 'DECIDED'))";
    "what is contested is given back when its case is over":
        "deal_conflict_parties",
        "select [[p.registration_id]] as broken from deal_conflict_parties p
            join deal_conflicts c on c.id = p.conflict_id join deal_registrations r on r.id = p.registration_id
         where p.closed_at is null and r.state = 'CONTESTED' and r.contested_until <> c.default_at";
    "an open case has somebody in it who is contested":
        "deal_conflicts",
        "select [[c.id]] as broken from deal_conflicts c
         where c.state <> 'DECIDED' and not exists (select 1 from deal_conflict_parties p
            join deal_registrations r on r.id = p.registration_id
            where p.conflict_id = c.id and p.closed_at is null and r.state = 'CONTESTED')";
    "a decided case says how, why and what each party has of it":
        "deal_conflicts",
        "select [[c.id]] as broken from deal_conflicts c
         where c.state = 'DECIDED' and (c.outcome is null or c.decision_rationale is null or c.decided_at is null
            or exists (select 1 from deal_conflict_parties p
                where p.conflict_id = c.id and (p.closed_at is null or p.result is null)))";
    "the parts of a shared deal are the whole":
        "deal_conflicts",
        "select [[c.id]] as broken from deal_conflicts c
         where c.state = 'DECIDED' and c.outcome = 'SHARED'
            and 10000 <> (select coalesce(sum(p.share_bp), 0) from deal_conflict_parties p where p.conflict_id = c.id)";
    "versions begin at one":
        "deal_registrations",
        "select [[id]] as broken from deal_registrations where version < 1";
};

/// What only the rules themselves show.
pub const REPLAYED: &[Invariant] =
    &[Invariant { name: "replaying the facts on a receipt gives the same decision", check: Check::Rule(replayed) }];

/// How many receipts are read at once.
const AT_ONCE: u64 = 500;

fn replayed(call: &Call) -> LocalBoxFuture<'_, AppResult<Found>> {
    Box::pin(async move {
        let decisions = [Purpose::Registration.decision(), Purpose::Approval.decision()];
        let (from, before) = (Timestamp::from_micros(0), Timestamp::from_micros(i64::MAX));
        let (mut found, mut after) = (Found::default(), None::<ReceiptId>);
        loop {
            let walk = Walk { decisions: &decisions, from, before, after, limit: AT_ONCE };
            let page = receipts::walk(call.db().pool(), walk).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.id);
            for kept in page {
                found.checked = found.checked.saturating_add(1);
                if !matches!(replays(&kept.receipt), Ok(Some(true))) && found.broken.len() < 10 {
                    found.broken.push(kept.id.to_string());
                }
            }
        }
    })
}
