//! What of two accounts cannot be one account's, as far as accounts alone say it.

use entity::value::{AccountId, AccountReservation, ProductLineId};

use crate::{
    accounts::identity::model::Identity,
    kernel::merging::{Clash, ClashKind, Union},
};

/// Where the account that stays is in its hierarchy.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it is part of, the nearest first.
    pub ancestors: Vec<AccountId>,
    /// How many levels there are below the account that is merged.
    pub below_merged: i64,
    /// How many levels a hierarchy has at most.
    pub levels: i64,
}

fn clash(kind: ClashKind, sentence: String) -> Clash {
    Clash { kind, product_line_id: None, registration_ids: Vec::new(), sentence }
}

/// The hierarchy: what is part of the merged account becomes part of the other one. Where that one is directly part of
/// the merged account it takes its place; further down, an account between the two would be part of itself.
#[must_use]
pub fn hierarchy(union: Union, place: &Place) -> Option<Clash> {
    let Place { ancestors, below_merged, levels } = place;
    let distance = ancestors.iter().position(|id| *id == union.merged_id);
    if distance.is_some_and(|distance| distance > 0) {
        let sentence = format!(
            "{} is part of {} by way of another account. Give it another parent with `updateAccount`, or merge the other way round.",
            union.survivor_id, union.merged_id
        );
        return Some(clash(ClashKind::Hierarchy, sentence));
    }
    let above = ancestors.len() - usize::from(distance.is_some());
    let depth = i64::try_from(above).unwrap_or(i64::MAX).saturating_add(1).saturating_add(*below_merged);
    (depth > *levels).then(|| {
        let sentence =
            format!("The hierarchy would have {depth} levels; it has at most {levels}. Move subsidiaries further up.");
        clash(ClashKind::Hierarchy, sentence)
    })
}

/// Together they may not have more than one account may have; the name that the merged one goes by counts too.
#[must_use]
pub fn too_much(survivor: &Identity, merged: &Identity, one_more_name: bool) -> Option<Clash> {
    let mut names = survivor.names.len().saturating_add(merged.names.len());
    if one_more_name {
        names = names.saturating_add(1);
    }
    let most = crate::accounts::identity::model::MOST_OF_EACH;
    let too_much = names > most
        || survivor.domains.len().saturating_add(merged.domains.len()) > most
        || survivor.registry_ids.len().saturating_add(merged.registry_ids.len()) > most
        || survivor.references.len().saturating_add(merged.references.len()) > most;
    too_much.then(|| {
        let sentence = format!(
            "Together they would have more than {most} names, domains, registry ids or references. Take some away with `updateAccount`."
        );
        clash(ClashKind::TooMuch, sentence)
    })
}

/// A reservation as far as it matters here: of which product line, and for whom.
pub type Reserved = (Option<ProductLineId>, AccountReservation);

/// What is reserved on both, and for others.
#[must_use]
pub fn reserved_differently(survivor: &[Reserved], merged: &[Reserved]) -> Vec<Clash> {
    let differs = |(line, reserved): &Reserved| {
        let other = survivor.iter().find(|(other, _)| other == line)?;
        (other.1 != *reserved).then(|| Clash {
            kind: ClashKind::ReservedDifferently,
            product_line_id: *line,
            registration_ids: Vec::new(),
            sentence: format!(
                "One is reserved for {}, the other for {reserved}. Release one of them with `releaseAccountReservation`.",
                other.1
            ),
        })
    };
    merged.iter().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use AccountReservation::{Direct, PartnerLed};

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn the_hierarchy_stays_one_without_circles() {
        let union = Union { survivor_id: account(1), merged_id: account(2) };
        for (ancestors, below_merged, clashes) in [
            (vec![], 0, false),
            (vec![2], 0, false),
            (vec![3, 2], 0, true),
            (vec![3, 4], 2, false),
            (vec![3, 4], 3, true),
            // Directly part of the merged one: that level goes away.
            (vec![2, 3, 4], 2, false),
        ] {
            let place = Place { ancestors: ancestors.iter().copied().map(account).collect(), below_merged, levels: 5 };
            assert_eq!(hierarchy(union, &place).is_some(), clashes, "{place:?}");
        }
    }

    #[test]
    fn reservations_of_the_same_thing_for_others_clash() {
        let line = Some(ProductLineId(uuid::Uuid::from_u128(1)));
        assert!(reserved_differently(&[(None, Direct)], &[(None, Direct), (line, PartnerLed)]).is_empty());
        assert!(reserved_differently(&[(None, Direct)], &[]).is_empty());
        assert_eq!(reserved_differently(&[(None, Direct)], &[(None, PartnerLed)]).len(), 1);
        assert_eq!(reserved_differently(&[(line, Direct), (None, Direct)], &[(line, PartnerLed)]).len(), 1);
    }

    #[test]
    fn there_is_a_most_of_each() {
        let with = |count: usize| Identity {
            domains: (0..count).map(|n| format!("a{n}.example")).collect(),
            ..Identity::default()
        };
        assert!(too_much(&with(50), &with(50), true).is_none());
        assert!(too_much(&with(50), &with(51), false).is_some());
    }
}
