//! Money: an integer number of the currency's minor unit and its ISO 4217 code; never a float (`domain.md §5`).

use entity::value::Currency;
use serde::{Deserialize, Serialize};

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Minor units of the currency: cents for the euro, whole yen.
    pub minor_units: i64,
    /// The currency.
    pub currency: Currency,
}

/// `amount × numerator ÷ denominator`, rounded half to even. `None` when the result does not fit, or the
/// denominator is not positive.
#[must_use]
pub fn scale_half_even(amount: i64, numerator: i64, denominator: i64) -> Option<i64> {
    if denominator <= 0 {
        return None;
    }
    let product = i128::from(amount).checked_mul(i128::from(numerator))?;
    let denominator = i128::from(denominator);
    let quotient = product.div_euclid(denominator);
    let twice = product.rem_euclid(denominator).checked_mul(2)?;
    let up = match twice.cmp(&denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient.rem_euclid(2) == 1,
    };
    i64::try_from(quotient.checked_add(i128::from(up))?).ok()
}

/// Splits `total` in proportion to `weights` without losing a unit: each part is rounded down, and the remainder
/// goes to the largest fractional parts, the earlier of equals first. Empty when the weights do not add to a
/// positive number, one of them is negative, or the total is negative.
#[must_use]
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 || total < 0 || weights.iter().any(|weight| *weight < 0) {
        return Vec::new();
    }
    let mut parts: Vec<(usize, i64, i128)> = weights
        .iter()
        .enumerate()
        .map(|(index, weight)| {
            let product = i128::from(total) * i128::from(*weight);
            (index, i64::try_from(product / sum).unwrap_or(0), product % sum)
        })
        .collect();
    let given: i64 = parts.iter().map(|(_, part, _)| part).sum();
    let left = usize::try_from(total - given).unwrap_or(0);
    parts.sort_by(|one, other| other.2.cmp(&one.2).then(one.0.cmp(&other.0)));
    for (_, part, _) in parts.iter_mut().take(left) {
        *part += 1;
    }
    parts.sort_by_key(|(index, _, _)| *index);
    parts.into_iter().map(|(_, part, _)| part).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (amount, numerator, denominator, wanted) in
            [(5, 1, 2, 2), (7, 1, 2, 4), (-5, 1, 2, -2), (-7, 1, 2, -4), (1, 1, 3, 0), (2, 1, 3, 1), (100, 4, 10, 40)]
        {
            assert_eq!(
                scale_half_even(amount, numerator, denominator),
                Some(wanted),
                "{amount}×{numerator}÷{denominator}"
            );
        }
        assert_eq!(scale_half_even(i64::MAX, 2, 1), None);
        assert_eq!(scale_half_even(1, 1, 0), None);
    }

    proptest! {
        #[test]
        fn parts_always_add_to_the_whole(total in 0..=i64::MAX, weights in prop::collection::vec(0i64..=1_000_000, 1..12)) {
            let parts = split(total, &weights);
            if weights.iter().sum::<i64>() > 0 {
                prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
                prop_assert!(parts.iter().all(|part| *part >= 0));
            } else {
                prop_assert!(parts.is_empty());
            }
        }
    }
}
