//! Days of programs, activities and deadlines: they begin and end at midnight UTC.

use chrono::{Days, NaiveTime};
use entity::value::{Day, Timestamp};

/// The day of an instant.
pub fn day_of(instant: Timestamp) -> Day {
    Day(instant.to_utc().date_naive())
}

/// A day so many days later.
pub fn plus(day: Day, days: i64) -> Day {
    let later = u64::try_from(days).ok().and_then(|days| day.0.checked_add_days(Days::new(days)));
    later.map_or(day, Day)
}

/// The instant at which a day is over.
pub fn end_of(day: Day) -> Timestamp {
    Timestamp::from(plus(day, 1).0.and_time(NaiveTime::MIN).and_utc())
}
