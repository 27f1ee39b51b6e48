//! How much a partner gets: `potential × ((1 − λ) + λ × factor)`.

use entity::value::{Currency, MdfProgramState, PartnerState};
use serde::Serialize;

use crate::kernel::{
    code::Code,
    decision::Decision,
    money::{Money, scale_half_even},
};

/// What the decision sees.
#[derive(Clone, Copy, Serialize)]
pub struct Inputs {
    /// Where the partner is in its life with the vendor.
    pub partner_state: PartnerState,
    /// Where the program is in its period.
    pub program_state: MdfProgramState,
    /// The program's currency.
    pub currency: Currency,
    /// What the partner would get for full performance.
    pub potential: Money,
    /// How much depends on performance, in basis points.
    pub lambda_bp: i64,
    /// Last period's performance, in basis points.
    pub factor_bp: i64,
    /// What the program has left, in minor units.
    pub unallocated: i64,
}

/// The amount, rounded half to even once; none when the figures are impossible.
pub fn amount(potential: i64, lambda_bp: i64, factor_bp: i64) -> Option<i64> {
    let part = 0..=10_000;
    if potential < 0 || !part.contains(&lambda_bp) || !part.contains(&factor_bp) {
        return None;
    }
    scale_half_even(potential, (10_000 - lambda_bp) * 10_000 + lambda_bp * factor_bp, 100_000_000)
}

/// Whether the amount may be allocated.
pub fn decide_allocation(inputs: &Inputs) -> (Decision, i64) {
    let Inputs { potential, lambda_bp, factor_bp, .. } = *inputs;
    let amount = amount(potential.minor_units, lambda_bp, factor_bp).unwrap_or(0);
    let arithmetic = format!(
        "{} × ((10,000 − {lambda_bp}) + {lambda_bp} × {factor_bp} ÷ 10,000) ÷ 10,000 = {amount} minor units of {}.",
        potential.minor_units, inputs.currency
    );
    let decision = Decision::begin("mdf_allocation.allocate", 1, inputs)
        .step(
            "partner_active",
            matches!(inputs.partner_state, PartnerState::Onboarding | PartnerState::Active),
            Code::PartnerNotActive,
            "The partner is active or onboarding.",
        )
        .step(
            "program_not_over",
            inputs.program_state != MdfProgramState::Ended,
            Code::WrongState,
            "The program's period is not over.",
        )
        .step(
            "currency",
            potential.currency == inputs.currency,
            Code::CurrencyMismatch,
            "The potential is in the program's currency.",
        )
        .step("arithmetic", amount > 0, Code::OutOfRange, arithmetic)
        .staff_step(
            "budget",
            amount <= inputs.unallocated,
            Code::MdfFundsInsufficient,
            format!("The program has {} minor units left to allocate.", inputs.unallocated),
        );
    (decision, amount)
}

/// The field of the input that a rule is about.
pub fn field_of(rule: &str) -> &'static str {
    match rule {
        "partner_active" => "partnerId",
        "program_not_over" => "programId",
        "currency" => "potential.currency",
        _ => "potential",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_formula_of_the_domain() {
        for (potential, lambda, factor, wanted) in [
            (100_000, 4_000, 5_000, Some(80_000)),
            (100_000, 4_000, 10_000, Some(100_000)),
            (100_000, 4_000, 0, Some(60_000)),
            (100_000, 0, 0, Some(100_000)),
            (100_000, 10_000, 0, Some(0)),
            // 0.5 goes to the even neighbour.
            (5, 10_000, 1_000, Some(0)),
            (15, 10_000, 1_000, Some(2)),
            (-1, 4_000, 5_000, None),
            (100, 10_001, 0, None),
            (100, 0, -1, None),
        ] {
            assert_eq!(amount(potential, lambda, factor), wanted, "{potential} {lambda} {factor}");
        }
    }

    proptest! {
        #[test]
        fn an_allocation_lies_between_its_floor_and_its_potential(
            potential in 0i64..=1_000_000_000_000_000, lambda in 0i64..=10_000, factor in 0i64..=10_000, better in 0i64..=10_000,
        ) {
            let got = amount(potential, lambda, factor).unwrap();
            prop_assert!(got <= potential);
            prop_assert!(got >= amount(potential, lambda, 0).unwrap());
            prop_assert!(amount(potential, lambda, factor.max(better)).unwrap() >= got);
        }
    }
}
