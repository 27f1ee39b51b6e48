//! The words of programs.

use entity::value::{Currency, Day, MdfActivityType, MdfProgramId, MdfProgramState, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// The part of an approved amount that is paid for execution, in basis points, when nothing else is said.
pub const EXECUTION_BP: i64 = 6_000;
/// How many days after an activity's end it may be claimed, when nothing else is said.
pub const CLAIM_WINDOW_DAYS: i64 = 45;
/// How many days after an activity's end its results are measured, when nothing else is said.
pub const MEASUREMENT_WINDOW_DAYS: i64 = 90;

/// What of an activity is reimbursed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityRule {
    /// The kind of activity.
    pub activity_type: MdfActivityType,
    /// The part of the cost that is reimbursed, in basis points.
    pub rate_bp: i64,
    /// At most so much for one activity, in minor units.
    pub cap: i64,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// Its id.
    pub id: MdfProgramId,
    /// Its name.
    pub name: String,
    /// The first day of its period.
    pub starts_on: Day,
    /// The last day of its period.
    pub ends_on: Day,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// The budget in minor units.
    pub budget: i64,
    /// What is eligible.
    pub activities: Vec<ActivityRule>,
    /// The part of an approved amount that is paid for execution, in basis points; the rest is for results.
    pub execution_bp: i64,
    /// How many days after an activity's end it may be claimed.
    pub claim_window_days: i64,
    /// How many days after an activity's end its results are measured.
    pub measurement_window_days: i64,
    /// Who created it.
    pub created_by: Option<UserId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: i64,
}

impl Program {
    /// Where it is in its period on a day.
    #[must_use]
    pub fn state(&self, today: Day) -> MdfProgramState {
        if today < self.starts_on {
            MdfProgramState::Upcoming
        } else if today <= self.ends_on {
            MdfProgramState::Open
        } else {
            MdfProgramState::Ended
        }
    }

    /// What of an activity of a kind is reimbursed; none when it is not eligible.
    #[must_use]
    pub fn rule_for(&self, activity_type: MdfActivityType) -> Option<ActivityRule> {
        self.activities.iter().find(|rule| rule.activity_type == activity_type).copied()
    }
}

/// A program is created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewProgram {
    /// Its name.
    pub name: String,
    /// The first day of its period.
    pub starts_on: Day,
    /// The last day of its period.
    pub ends_on: Day,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// The budget in minor units.
    pub budget: i64,
    /// What is eligible.
    pub activities: Vec<ActivityRule>,
    /// The part of an approved amount that is paid for execution, in basis points.
    pub execution_bp: i64,
    /// How many days after an activity's end it may be claimed.
    pub claim_window_days: i64,
    /// How many days after an activity's end its results are measured.
    pub measurement_window_days: i64,
}
