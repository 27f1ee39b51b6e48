//! What a posting does to the accounts.

use std::collections::BTreeMap;

use entity::value::MdfAccount;

use super::model::Move;

/// What each account gains or loses; none when an amount is negative or the sums do not fit. They add to zero.
pub fn changes(moves: &[Move]) -> Option<BTreeMap<MdfAccount, i64>> {
    let mut changes: BTreeMap<MdfAccount, i64> = BTreeMap::new();
    for step in moves {
        if step.amount < 0 {
            return None;
        }
        let from = changes.entry(step.from).or_default();
        *from = from.checked_sub(step.amount)?;
        let to = changes.entry(step.to).or_default();
        *to = to.checked_add(step.amount)?;
    }
    changes.retain(|_, change| *change != 0);
    Some(changes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNTS: [MdfAccount; 4] =
        [MdfAccount::Unallocated, MdfAccount::Allocated, MdfAccount::Committed, MdfAccount::Payable];

    proptest! {
        #[test]
        fn every_posting_is_balanced(moves in prop::collection::vec((0usize..4, 0usize..4, 0i64..=1_000_000_000_000), 0..8)) {
            let moves: Vec<Move> = moves
                .into_iter()
                .map(|(from, to, amount)| Move { from: ACCOUNTS[from], to: ACCOUNTS[to], amount })
                .collect();
            let changes = changes(&moves).unwrap();
            prop_assert_eq!(changes.values().sum::<i64>(), 0);
            prop_assert!(changes.values().all(|change| *change != 0));
        }
    }

    #[test]
    fn a_negative_amount_moves_nothing() {
        let step = Move { from: MdfAccount::Paid, to: MdfAccount::Allocated, amount: -1 };
        assert_eq!(changes(&[step]), None);
    }
}
