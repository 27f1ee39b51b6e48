//! What always holds of accounts (`domain.md §3`).

use entity::{account, account_domain, account_name, account_registry_id};
use futures::future::LocalBoxFuture;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::{accounts::rules, identity};
use crate::platform::{
    call::Call,
    error::AppResult,
    invariants::{Check, Found, Invariant, invariants},
};

/// All of it that one statement can find.
pub const INVARIANTS: &[Invariant] = invariants! {
    "no account is part of itself, by way of however many others":
        "accounts where parent_id is not null",
        "with recursive up(origin, ancestor, level) as (
            select id, parent_id, 1 from accounts where parent_id is not null
            union all
            select u.origin, a.parent_id, u.level + 1 from up u join accounts a on a.id = u.ancestor
            where a.parent_id is not null and u.ancestor <> u.origin and u.level < 60
         ) select distinct [[origin]] as broken from up where ancestor = origin or level >= 60";
    "what an account is part of is an account still":
        "accounts where parent_id is not null",
        "select [[a.id]] as broken from accounts a join accounts p on p.id = a.parent_id
         where p.merged_into_id is not null";
    "a merged account was merged into one that is an account still":
        "accounts where merged_into_id is not null",
        "select [[a.id]] as broken from accounts a join accounts s on s.id = a.merged_into_id
         where s.merged_into_id is not null or s.id = a.id";
    "a merged account holds nothing":
        "accounts where merged_into_id is not null",
        "select [[a.id]] as broken from accounts a where a.merged_into_id is not null and (
            a.domain is not null or a.parent_id is not null or a.reserved_for <> 'OPEN'
            or exists (select 1 from accounts c where c.parent_id = a.id)
            or exists (select 1 from account_names n where n.account_id = a.id)
            or exists (select 1 from account_domains d where d.account_id = a.id)
            or exists (select 1 from account_registry_ids r where r.account_id = a.id)
            or exists (select 1 from account_references r where r.account_id = a.id)
            or exists (select 1 from account_reservations r where r.account_id = a.id and r.released_at is null)
            or exists (select 1 from account_incumbents i where i.account_id = a.id and i.ended_at is null)
            or exists (select 1 from direct_opportunities d where d.account_id = a.id)
            or exists (select 1 from account_pairs p where (p.first_id = a.id or p.second_id = a.id) and p.state = 'OPEN')
            or exists (select 1 from deal_registrations r where r.account_id = a.id)
            or exists (select 1 from deal_registration_lines l where l.account_id = a.id)
            or exists (select 1 from protections p where p.account_id = a.id))";
    "a merged account has the record of its merge, and no other account has one in force":
        "account_merges",
        "select [[a.id]] as broken from accounts a
            left join account_merges m on m.merged_id = a.id and m.undone_at is null
         where (a.merged_into_id is not null) <> (m.id is not null)";
    "a merge that was undone says when, and one that is in force was not":
        "account_merges",
        "select [[id]] as broken from account_merges
         where (undone_at is null) <> (undo_reason is null) or undone_at < merged_at or undo_until < merged_at";
    "whatever a merge moved, its record exists":
        "account_merge_moves",
        "select [[v.merge_id]] as broken from account_merge_moves v left join account_merges m on m.id = v.merge_id
         where m.id is null";
    "partners whose registrations are on an account know it":
        "deal_registrations",
        "select [[r.id]] as broken from deal_registrations r left join account_partners p
            on p.account_id = r.account_id and p.partner_id = r.partner_id
         where p.account_id is null and r.account_id is not null";
    "the domain that an account goes by leads to it":
        "accounts where domain is not null",
        "select [[a.id]] as broken from accounts a left join account_domains d
            on d.domain = a.domain and d.account_id = a.id
         where a.domain is not null and d.id is null";
    "for whom an account is reserved is what its reservation says":
        "accounts",
        "select [[a.id]] as broken from accounts a left join account_reservations r
            on r.account_id = a.id and r.product_line_id is null and r.released_at is null
         where a.reserved_for <> coalesce(r.reserved_for, 'OPEN')";
    "a pair that somebody decided says when, and keeps what both accounts were":
        "account_pairs",
        "select [[id]] as broken from account_pairs
         where (state in ('MERGED', 'DISMISSED')) <> (decided_at is not null)
            or (state in ('MERGED', 'DISMISSED') and (first_profile is null or second_profile is null))";
};

/// What needs the rules of the area.
pub const RULES: &[Invariant] = &[Invariant {
    name: "names, domains and registry ids of accounts are in their one form",
    check: Check::Rule(one_form),
}];

/// How many rows are looked at by one statement.
const AT_ONCE: u64 = 1000;
/// How many broken rows are named.
const NAMED: usize = 10;

/// Walks through a table by its id, and finds the rows that are not in their one form.
macro_rules! walk {
    ($call:expr, $found:expr, $table:ident, |$row:ident| $fits:expr) => {{
        let mut after = None;
        loop {
            let mut select = $table::Entity::find().order_by_asc($table::Column::Id).limit(AT_ONCE);
            if let Some(after) = after {
                select = select.filter($table::Column::Id.gt(after));
            }
            let rows = select.all($call.db().pool()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            for $row in &rows {
                $found.checked = $found.checked.saturating_add(1);
                if !$fits && $found.broken.len() < NAMED {
                    $found.broken.push($row.id.to_string());
                }
            }
        }
    }};
}

fn one_form(call: &Call) -> LocalBoxFuture<'_, AppResult<Found>> {
    Box::pin(async move {
        let is_key = |key: &str| !key.is_empty() && rules::name_key(key) == key;
        let is_domain = |domain: &str| rules::registrable_domain(domain).as_deref() == Some(domain);
        let mut found = Found::default();
        walk!(call, found, account, |row| is_key(&row.name_key) && row.domain.as_deref().is_none_or(is_domain));
        walk!(call, found, account_name, |row| is_key(&row.name_key));
        walk!(call, found, account_domain, |row| is_domain(&row.domain) && rules::proves_identity(&row.domain));
        walk!(call, found, account_registry_id, |row| {
            identity::rules::canonical(row.kind, &row.value).as_ref() == Some(&row.value)
        });
        Ok(found)
    })
}
