//! The arithmetic of performance-linked disbursement. All roundings are half to even.

use serde::{Deserialize, Serialize};

use crate::kernel::money::{scale_half_even, split};

/// The weight of leads in a performance tranche, in basis points; the rest is that of pipeline.
const LEADS_WEIGHT_BP: i64 = 4_000;
/// A performance below this part, in basis points, earns nothing.
const LEAST_BP: i64 = 2_500;

/// What becomes of the amount that was committed to a request when its claim is approved. The parts add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tranches {
    /// Payable now, for carrying the activity out.
    pub execution: i64,
    /// Held back until results are measured.
    pub performance: i64,
    /// Returned to the partner's allocation.
    pub released: i64,
}

/// What of a cost is reimbursed at a rate in basis points.
pub fn reimbursable(cost: i64, rate_bp: i64) -> Option<i64> {
    scale_half_even(cost, rate_bp, 10_000)
}

/// Splits an approved amount. The execution part is at most the proven reimbursable cost, and both parts together
/// are too: nobody gets more than they spent. What is left is released.
pub fn tranches(approved: i64, execution_bp: i64, proven: i64) -> Option<Tranches> {
    if approved < 0 || proven < 0 || !(0..=10_000).contains(&execution_bp) {
        return None;
    }
    let parts = split(approved, &[execution_bp, 10_000 - execution_bp]);
    let execution = (*parts.first()?).min(proven);
    let performance = (*parts.get(1)?).min(proven.checked_sub(execution)?);
    let released = approved.checked_sub(execution)?.checked_sub(performance)?;
    Some(Tranches { execution, performance, released })
}

/// What was earned of a performance tranche.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earned {
    /// Leads measured ÷ contracted, at most 10,000 basis points.
    pub leads_bp: i64,
    /// Pipeline measured ÷ contracted, at most 10,000 basis points.
    pub pipeline_bp: i64,
    /// 0.4 of the former and 0.6 of the latter; zero below 2,500 basis points.
    pub factor_bp: i64,
    /// The tranche × the factor.
    pub amount: i64,
}

/// What measured leads and pipeline earn of a performance tranche, against the contracted ones.
pub fn earned(tranche: i64, leads: i64, target_leads: i64, pipeline: i64, target_pipeline: i64) -> Option<Earned> {
    if tranche < 0 || leads < 0 || pipeline < 0 {
        return None;
    }
    let leads_bp = scale_half_even(leads.min(target_leads), 10_000, target_leads)?;
    let pipeline_bp = scale_half_even(pipeline.min(target_pipeline), 10_000, target_pipeline)?;
    let weighted = LEADS_WEIGHT_BP * leads_bp + (10_000 - LEADS_WEIGHT_BP) * pipeline_bp;
    let factor_bp = Some(scale_half_even(weighted, 1, 10_000)?).filter(|factor| *factor >= LEAST_BP).unwrap_or(0);
    Some(Earned { leads_bp, pipeline_bp, factor_bp, amount: scale_half_even(tranche, factor_bp, 10_000)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_approved_amount_is_split_and_never_exceeds_the_proven_cost() {
        for (approved, proven, execution, performance, released) in [
            (100_000, 100_000, 60_000, 40_000, 0),
            (100_000, 250_000, 60_000, 40_000, 0),
            (100_000, 80_000, 60_000, 20_000, 20_000),
            (100_000, 60_000, 60_000, 0, 40_000),
            (100_000, 45_000, 45_000, 0, 55_000),
            (100_000, 0, 0, 0, 100_000),
            // The remainder of a split goes to the largest fraction: 1.8 and 1.2.
            (3, 3, 2, 1, 0),
            (1, 1, 1, 0, 0),
        ] {
            let wanted = Tranches { execution, performance, released };
            assert_eq!(tranches(approved, 6_000, proven), Some(wanted), "{approved} {proven}");
        }
        assert_eq!(tranches(-1, 6_000, 1), None);
        assert_eq!(tranches(1, 6_000, -1), None);
        assert_eq!(tranches(1, 10_001, 1), None);
    }

    #[test]
    fn the_performance_formula_of_the_domain() {
        for (leads, pipeline, factor_bp, amount) in [
            (50, 1_000_000, 10_000, 40_000),
            (500, 9_000_000, 10_000, 40_000),
            (25, 500_000, 5_000, 20_000),
            (50, 0, 4_000, 16_000),
            (0, 1_000_000, 6_000, 24_000),
            // Exactly a quarter is paid, a hair less is not.
            (0, 416_667, 2_500, 10_000),
            (0, 416_500, 0, 0),
            (31, 0, 0, 0),
            (0, 0, 0, 0),
        ] {
            let got = earned(40_000, leads, 50, pipeline, 1_000_000).unwrap();
            assert_eq!((got.factor_bp, got.amount), (factor_bp, amount), "{leads} {pipeline}");
        }
        assert_eq!(earned(40_000, 1, 0, 1, 1), None);
        assert_eq!(earned(40_000, 1, 1, 1, 0), None);
        assert_eq!(earned(40_000, -1, 1, 1, 1), None);
    }

    proptest! {
        #[test]
        fn the_parts_add_to_the_whole(approved in 0i64..=1_000_000_000_000_000, bp in 0i64..=10_000, proven in 0i64..=1_000_000_000_000_000) {
            let Tranches { execution, performance, released } = tranches(approved, bp, proven).unwrap();
            prop_assert!(execution >= 0 && performance >= 0 && released >= 0);
            prop_assert_eq!(execution + performance + released, approved);
            prop_assert!(execution + performance <= proven);
        }

        #[test]
        fn better_results_never_earn_less(
            tranche in 0i64..=1_000_000_000_000, leads in 0i64..=2_000, pipeline in 0i64..=2_000_000_000,
            target_leads in 1i64..=1_000, target_pipeline in 1i64..=1_000_000_000, more in 0i64..=1_000_000,
        ) {
            let got = earned(tranche, leads, target_leads, pipeline, target_pipeline).unwrap();
            prop_assert!((0..=tranche).contains(&got.amount));
            prop_assert!(got.factor_bp == 0 || got.factor_bp >= LEAST_BP);
            let more_leads = earned(tranche, leads + more, target_leads, pipeline, target_pipeline).unwrap();
            prop_assert!(more_leads.amount >= got.amount);
            let more_pipeline = earned(tranche, leads, target_leads, pipeline + more, target_pipeline).unwrap();
            prop_assert!(more_pipeline.amount >= got.amount);
            let full = earned(tranche, target_leads, target_leads, target_pipeline, target_pipeline).unwrap();
            prop_assert_eq!(full.amount, tranche);
        }
    }
}
