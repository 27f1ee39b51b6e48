//! The vendor's calendar: days and business days (Monday to Friday) in its time zone.

use chrono::{Datelike as _, Days, NaiveDate, TimeZone as _, Weekday};
use chrono_tz::Tz;
use entity::value::{Day, Timestamp};

/// The time zone in which calendar rules are reckoned until the vendor sets another one.
pub const VENDOR_TIME_ZONE: Tz = Tz::UTC;

/// The day that an instant belongs to.
#[must_use]
pub fn day_of(instant: Timestamp, zone: Tz) -> Day {
    Day(instant.to_utc().with_timezone(&zone).date_naive())
}

/// The same time of day so many business days later; from a weekend, counted from the Monday after it.
#[must_use]
pub fn business_days_later(instant: Timestamp, days: u32, zone: Tz) -> Timestamp {
    let local = instant.to_utc().with_timezone(&zone);
    let mut day = local.date_naive();
    for _ in 0..days {
        day = next_business_day(day);
    }
    // A time of day that a change of the clocks skips is taken an hour later.
    let at = day.and_time(local.time());
    let found = zone.from_local_datetime(&at).earliest();
    let found = found.or_else(|| zone.from_local_datetime(&(at + chrono::TimeDelta::hours(1))).earliest());
    found.map_or(instant.plus_days(i64::from(days)), |found| Timestamp::from(found.to_utc()))
}

fn next_business_day(day: NaiveDate) -> NaiveDate {
    let mut next = day;
    loop {
        next = next.checked_add_days(Days::new(1)).unwrap_or(next);
        if !matches!(next.weekday(), Weekday::Sat | Weekday::Sun) || next == NaiveDate::MAX {
            return next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc().into()
    }

    #[test]
    fn weekends_do_not_count() {
        for (from, days, zone, wanted) in [
            ("2026-03-02T09:00:00Z", 2, Tz::UTC, "2026-03-04T09:00:00Z"),
            ("2026-03-05T09:00:00Z", 2, Tz::UTC, "2026-03-09T09:00:00Z"),
            ("2026-03-07T09:00:00Z", 1, Tz::UTC, "2026-03-09T09:00:00Z"),
            ("2026-03-06T09:00:00Z", 0, Tz::UTC, "2026-03-06T09:00:00Z"),
            // Friday in Berlin is not over yet in New York, and the clocks change on the Sunday between.
            ("2026-03-27T08:00:00Z", 1, Tz::Europe__Berlin, "2026-03-30T07:00:00Z"),
        ] {
            assert_eq!(business_days_later(instant(from), days, zone), instant(wanted), "{from} + {days}");
        }
    }
}
