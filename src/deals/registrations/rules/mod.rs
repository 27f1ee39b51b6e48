//! Pure decisions about registrations: what evidence is worth, who is protected, for how long.

pub mod automatic;
pub mod conflicts;
pub mod evidence;
pub mod facts;
pub mod fields;
pub mod life;
pub mod offers;
pub mod policy;
pub mod resolution;

use chrono_tz::Tz;
use entity::value::{Day, DealStage, Timestamp};

use super::model::{NewEvidence, RegisterDeal};
use crate::{
    kernel::{calendar, code::Code},
    platform::error::{AppError, AppResult},
};

/// How many items of evidence a registration has at most.
pub const MOST_EVIDENCE: usize = 100;

/// The dates of a new registration: the customer decides today or later, and evidence lies in the past.
///
/// # Errors
/// `OUT_OF_RANGE`, naming the field.
pub fn check_dates(command: &RegisterDeal, now: Timestamp, zone: Tz) -> AppResult<()> {
    check_close(command.expected_close_on, now, zone)?;
    check_evidence(&command.evidence, now)
}

/// The customer decides today or later.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub fn check_close(day: Day, now: Timestamp, zone: Tz) -> AppResult<()> {
    if day >= calendar::day_of(now, zone) {
        return Ok(());
    }
    Err(AppError::invalid("expectedCloseOn", Code::OutOfRange, "This day is past. When will the customer decide?"))
}

/// Evidence lies in the past.
///
/// # Errors
/// `OUT_OF_RANGE`, naming the field.
pub fn check_evidence(evidence: &[NewEvidence], now: Timestamp) -> AppResult<()> {
    let future = evidence.iter().position(|item| item.occurred_at.is_some_and(|at| at > now));
    match future {
        None => Ok(()),
        Some(index) => Err(AppError::invalid(
            &format!("evidence.{index}.occurredAt"),
            Code::OutOfRange,
            "This has not happened yet. Evidence is about what took place.",
        )),
    }
}

/// The day on which a deal was closed: today when it is not said, never a later one.
///
/// # Errors
/// `OUT_OF_RANGE`.
pub fn closing_day(closed_on: Option<Day>, now: Timestamp, zone: Tz) -> AppResult<Day> {
    let today = calendar::day_of(now, zone);
    match closed_on {
        Some(day) if day > today => {
            Err(AppError::invalid("closedOn", Code::OutOfRange, "This day lies in the future."))
        }
        Some(day) => Ok(day),
        None => Ok(today),
    }
}

/// Whether a sale moves from one stage to another by `advanceDealStage`: forward, and not to its end.
#[must_use]
pub fn is_advance(from: DealStage, to: DealStage) -> bool {
    // The order of the stages is the order of the registry.
    to > from && !matches!(to, DealStage::Won | DealStage::Lost)
}
