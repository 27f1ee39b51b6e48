//! The score as a pure function (`domain.md §7`).
//!
//! The fold is the only way in which activity becomes totals: the append of one activity and the replay of a whole
//! stream take the same steps in the same order, so they come out equal bit for bit.

use entity::value::{EngagementBand, PartnerTypes, Timestamp};

use super::model::{ComponentScore, NextAction, NextBest, Policy, Score, Total, Totals};
use crate::engagement::activity::model::{Counted, points};

/// How far back the change of a score is measured.
pub const CHANGE_DAYS: i64 = 30;

/// A total with one more activity in it. A late one counts what it would count by now, had it been in time.
#[must_use]
pub fn fold(half_life_days: i32, total: Option<Total>, value_micros: i64, occurred_at: Timestamp) -> Total {
    let Some(total) = total else {
        return Total { raw_micros: value_micros, decayed: points(value_micros), as_of: occurred_at };
    };
    let as_of = total.as_of.max(occurred_at);
    let decayed = total.decayed * decay(half_life_days, total.as_of, as_of)
        + points(value_micros) * decay(half_life_days, occurred_at, as_of);
    Total { raw_micros: total.raw_micros.saturating_add(value_micros), decayed, as_of }
}

/// What a stream adds up to, in its order.
#[must_use]
pub fn replay(policy: &Policy, stream: impl IntoIterator<Item = Counted>) -> Totals {
    let mut totals = Totals::new();
    for Counted { partner_id: _, component, value_micros, occurred_at } in stream {
        let total = totals.get(&component).copied();
        totals.insert(component, fold(policy.half_life_days(component), total, value_micros, occurred_at));
    }
    totals
}

/// The score of a partner of these types whose activity adds up to `totals`.
#[must_use]
pub fn score(policy: &Policy, types: &PartnerTypes, totals: &Totals, as_of: Timestamp) -> Score {
    let mut components: Vec<ComponentScore> = policy
        .components
        .iter()
        .map(|policy| {
            let total = totals.get(&policy.component);
            let decayed = total.map_or(0.0, |total| total.decayed * decay(policy.half_life_days, total.as_of, as_of));
            ComponentScore {
                policy: *policy,
                raw_micros: total.map_or(0, |total| total.raw_micros),
                decayed,
                sub_score: 100.0 * (1.0 - (-decayed / f64::from(policy.target)).exp2()),
                weight: policy.weight(types),
                contribution: 0,
            }
        })
        .collect();
    let hundredths = contribute(&mut components);
    Score { as_of, policy_version: policy.version, hundredths, band: band(hundredths), components }
}

/// Shares the score, rounded to hundredths, among the components: each gets the whole hundredths of its part, and the
/// remainder goes to the largest fractions, so that the contributions add up exactly.
fn contribute(components: &mut [ComponentScore]) -> i64 {
    let part = |component: &ComponentScore| component.weight * component.sub_score * 100.0;
    let hundredths = whole(components.iter().map(part).sum::<f64>().round());
    for component in &mut *components {
        component.contribution = whole(part(component).floor());
    }
    let given: i64 = components.iter().map(|component| component.contribution).sum();
    let mut by_fraction: Vec<&mut ComponentScore> = components.iter_mut().collect();
    by_fraction.sort_by(|one, other| part(other).fract().total_cmp(&part(one).fract()));
    let left = usize::try_from(hundredths.saturating_sub(given)).unwrap_or(0);
    for component in by_fraction.into_iter().take(left) {
        component.contribution = component.contribution.saturating_add(1);
    }
    hundredths
}

/// What the totals were so many days earlier, from what counted since: the rest, grown back.
#[must_use]
pub fn earlier(policy: &Policy, totals: &Totals, since: &[Counted], as_of: Timestamp, days: i64) -> Totals {
    let then = as_of.plus_days(-days);
    let mut before = Totals::new();
    for (component, total) in totals {
        let half_life = policy.half_life_days(*component);
        let mut raw_micros = total.raw_micros;
        let mut decayed = total.decayed * decay(half_life, total.as_of, as_of);
        for counted in since.iter().filter(|counted| counted.component == *component && counted.occurred_at > then) {
            raw_micros = raw_micros.saturating_sub(counted.value_micros);
            decayed -= points(counted.value_micros) * decay(half_life, counted.occurred_at, as_of);
        }
        if raw_micros > 0 {
            let decayed = (decayed / decay(half_life, then, as_of)).max(0.0);
            before.insert(*component, Total { raw_micros, decayed, as_of: then });
        }
    }
    before
}

/// What the partner can do next, what adds most first.
#[must_use]
pub fn next_best(policy: &Policy, types: &PartnerTypes, totals: &Totals, as_of: Timestamp) -> Vec<NextBest> {
    let now = score(policy, types, totals, as_of).hundredths;
    let mut actions: Vec<NextBest> = NextAction::ALL
        .iter()
        .map(|(action, component, value_micros)| {
            let mut with = totals.clone();
            let total = totals.get(component).copied();
            with.insert(*component, fold(policy.half_life_days(*component), total, *value_micros, as_of));
            let gain = score(policy, types, &with, as_of).hundredths.saturating_sub(now);
            NextBest { action: *action, component: *component, gain }
        })
        .filter(|next| next.gain > 0)
        .collect();
    actions.sort_by_key(|next| std::cmp::Reverse(next.gain));
    actions
}

/// What a score in hundredths means, in a word.
#[must_use]
pub const fn band(hundredths: i64) -> EngagementBand {
    match hundredths {
        7500.. => EngagementBand::Champion,
        5000.. => EngagementBand::Engaged,
        2500.. => EngagementBand::Developing,
        1000.. => EngagementBand::AtRisk,
        _ => EngagementBand::Dormant,
    }
}

/// Whether a partner that was approved at `created_at` is new.
#[must_use]
pub fn is_new(policy: &Policy, created_at: Timestamp, now: Timestamp) -> bool {
    now < created_at.plus_days(policy.new_days)
}

/// What is left of one point between two instants; all of it when the second is not later.
fn decay(half_life_days: i32, from: Timestamp, to: Timestamp) -> f64 {
    let days = to.since(from).to_std().map_or(0.0, |span| span.as_secs_f64() / 86_400.0);
    (-days / f64::from(half_life_days)).exp2()
}

/// A whole number of hundredths, which the caller has rounded.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "from 0 to 10000, and whole")]
fn whole(hundredths: f64) -> i64 {
    hundredths as i64
}

#[cfg(test)]
mod tests;
