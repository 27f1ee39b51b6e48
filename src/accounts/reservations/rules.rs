//! What the reservations of an account come to for some product lines.

use entity::value::{AccountReservation, ProductLineId};

/// For whom these product lines of an account are reserved: the reservation of a line stands in the place of the one of
/// the whole account, and of several lines the strictest counts.
#[must_use]
pub fn in_force(
    whole: AccountReservation,
    reserved: &[(ProductLineId, AccountReservation)],
    lines: &[ProductLineId],
) -> AccountReservation {
    let of = |line: &ProductLineId| reserved.iter().find(|(id, _)| id == line).map_or(whole, |(_, of)| *of);
    let strictness = |of: &AccountReservation| match of {
        AccountReservation::Open => 0,
        AccountReservation::PartnerLed => 1,
        AccountReservation::Direct => 2,
    };
    lines.iter().map(of).max_by_key(strictness).unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use AccountReservation::{Direct, Open, PartnerLed};

    use super::*;

    #[test]
    fn a_line_stands_for_itself_and_the_strictest_line_counts() {
        let [a, b] = [1, 2].map(|n| ProductLineId(uuid::Uuid::from_u128(n)));
        for (whole, reserved, lines, wanted) in [
            (Open, vec![], vec![a], Open),
            (Direct, vec![], vec![a, b], Direct),
            (Direct, vec![(a, Open)], vec![a], Open),
            (Direct, vec![(a, Open)], vec![a, b], Direct),
            (Open, vec![(a, Direct)], vec![b], Open),
            (Open, vec![(a, Direct)], vec![a, b], Direct),
            (Open, vec![(a, PartnerLed)], vec![a, b], PartnerLed),
            (PartnerLed, vec![(a, Direct)], vec![], PartnerLed),
        ] {
            assert_eq!(in_force(whole, &reserved, &lines), wanted, "{whole} {reserved:?} {lines:?}");
        }
    }
}
