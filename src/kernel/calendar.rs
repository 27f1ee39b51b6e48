//! The vendor's calendar: days and business days (Monday to Friday) in its time zone.

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Weekday};
use chrono_tz::Tz;
use entity::value::{Day, Timestamp};

/// The time zone in which calendar rules are reckoned until the vendor sets another one.
pub const VENDOR_TIME_ZONE: Tz = Tz::UTC;

/// The day that an instant belongs to.
#[must_use]
pub fn day_of(instant: Timestamp, zone: Tz) -> Day {
    Day(instant.to_utc().with_timezone(&zone).date_naive())
}

/// The instant at which a day begins.
#[must_use]
pub fn start_of(day: Day, zone: Tz) -> Timestamp {
    // A midnight that a change of the clocks skips is taken an hour later.
    let midnight = day.0.and_time(chrono::NaiveTime::MIN);
    let found = zone.from_local_datetime(&midnight).earliest();
    let found = found.or_else(|| zone.from_local_datetime(&(midnight + chrono::TimeDelta::hours(1))).earliest());
    found.map_or(Timestamp::from(midnight.and_utc()), |found| Timestamp::from(found.to_utc()))
}

/// The day after; the last one of the calendar has none, and stays.
#[must_use]
pub fn day_after(day: Day) -> Day {
    day.0.succ_opt().map_or(day, Day)
}

/// The month that a day belongs to: `2026-03`.
#[must_use]
pub fn month_of(day: Day) -> String {
    format!("{:04}-{:02}", day.0.year(), day.0.month())
}

/// The first day of the month that a day belongs to.
#[must_use]
pub fn first_of_month(day: Day) -> Day {
    day.0.with_day(1).map_or(day, Day)
}

/// The days of the twelve months that end with a day: the first and the last.
#[must_use]
pub fn twelve_months_to(day: Day) -> (Day, Day) {
    let first = day.0.checked_sub_months(chrono::Months::new(12)).and_then(|day| day.succ_opt());
    (first.map_or(day, Day), day)
}

/// The first and the last day of a year.
#[must_use]
pub fn days_of_year(year: i32) -> Option<(Day, Day)> {
    Some((Day(NaiveDate::from_ymd_opt(year, 1, 1)?), Day(NaiveDate::from_ymd_opt(year, 12, 31)?)))
}

/// The same time of day so many business days later; from a weekend, counted from the Monday after it.
#[must_use]
pub fn business_days_later(instant: Timestamp, days: u32, zone: Tz) -> Timestamp {
    let local = instant.to_utc().with_timezone(&zone);
    let mut day = local.date_naive();
    for _ in 0..days {
        day = next_business_day(day);
    }
    instant_of(day.and_time(local.time()), zone).unwrap_or_else(|| instant.plus_days(i64::from(days)))
}

/// How much business time lies between two instants: of the days from Monday to Friday, by the vendor's clock. Zero
/// when the second is not the later one.
#[must_use]
pub fn business_time_between(from: Timestamp, to: Timestamp, zone: Tz) -> TimeDelta {
    let (mut at, end) = (local(from, zone), local(to, zone));
    let mut passed = TimeDelta::zero();
    while at < end {
        let midnight = next_midnight(at);
        if is_business_day(at.date()) {
            passed += midnight.min(end) - at;
        }
        at = midnight;
    }
    passed
}

/// The instant at which so much business time has passed since another one.
#[must_use]
pub fn business_time_later(from: Timestamp, time: TimeDelta, zone: Tz) -> Timestamp {
    let (mut at, mut left) = (local(from, zone), time);
    while left > TimeDelta::zero() && at < NaiveDateTime::MAX - TimeDelta::days(2) {
        let midnight = next_midnight(at);
        if is_business_day(at.date()) {
            let step = left.min(midnight - at);
            left -= step;
            at += step;
        } else {
            at = midnight;
        }
    }
    instant_of(at, zone).unwrap_or_else(|| from.plus(time))
}

fn local(instant: Timestamp, zone: Tz) -> NaiveDateTime {
    instant.to_utc().with_timezone(&zone).naive_local()
}

/// The instant of a local time; one that a change of the clocks skips is taken an hour later.
fn instant_of(at: NaiveDateTime, zone: Tz) -> Option<Timestamp> {
    let found = zone.from_local_datetime(&at).earliest();
    let found = found.or_else(|| zone.from_local_datetime(&(at + TimeDelta::hours(1))).earliest());
    found.map(|found| Timestamp::from(found.to_utc()))
}

fn next_midnight(at: NaiveDateTime) -> NaiveDateTime {
    at.date().succ_opt().map_or(NaiveDateTime::MAX, |day| day.and_time(NaiveTime::MIN))
}

fn is_business_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn next_business_day(day: NaiveDate) -> NaiveDate {
    let mut next = day;
    loop {
        next = next.checked_add_days(Days::new(1)).unwrap_or(next);
        if is_business_day(next) || next == NaiveDate::MAX {
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
    fn twelve_months_begin_on_the_day_after_the_same_day_a_year_before() {
        for (to, from) in [("2026-03-02", "2025-03-03"), ("2026-02-28", "2025-03-01"), ("2024-02-29", "2023-03-01")] {
            let day = |text: &str| text.parse::<Day>().unwrap();
            assert_eq!(twelve_months_to(day(to)), (day(from), day(to)), "{to}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_of_its_zone() {
        for (day, zone, wanted) in [
            ("2026-03-02", Tz::UTC, "2026-03-02T00:00:00Z"),
            ("2026-03-02", Tz::Europe__Berlin, "2026-03-01T23:00:00Z"),
            // The clocks of Havana skip midnight.
            ("2026-03-08", Tz::America__Havana, "2026-03-08T05:00:00Z"),
        ] {
            let begin = start_of(day.parse().unwrap(), zone);
            assert_eq!(begin, instant(wanted), "{day} in {zone}");
            assert_eq!(day_of(begin, zone).to_string(), day);
        }
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

    #[test]
    fn a_clock_that_paused_goes_on_with_the_business_time_that_was_left() {
        for (from, to, zone, hours) in [
            ("2026-03-03T09:00:00Z", "2026-03-05T09:00:00Z", Tz::UTC, 48),
            // Friday noon to Monday noon: the weekend between is none.
            ("2026-03-06T12:00:00Z", "2026-03-09T12:00:00Z", Tz::UTC, 24),
            ("2026-03-07T08:00:00Z", "2026-03-08T20:00:00Z", Tz::UTC, 0),
            ("2026-03-05T09:00:00Z", "2026-03-03T09:00:00Z", Tz::UTC, 0),
            // Saturday morning in Berlin is still Friday in New York.
            ("2026-03-06T23:30:00Z", "2026-03-09T00:00:00Z", Tz::Europe__Berlin, 1),
            ("2026-03-06T23:00:00Z", "2026-03-07T05:00:00Z", Tz::America__New_York, 6),
        ] {
            let between = business_time_between(instant(from), instant(to), zone);
            assert_eq!(between.num_hours(), hours, "{from} to {to}");
        }
        for (from, hours, wanted) in [
            ("2026-03-06T09:00:00Z", 48, "2026-03-10T09:00:00Z"),
            ("2026-03-07T09:00:00Z", 24, "2026-03-10T00:00:00Z"),
            ("2026-03-06T09:00:00Z", 0, "2026-03-06T09:00:00Z"),
        ] {
            let later = business_time_later(instant(from), TimeDelta::hours(hours), Tz::UTC);
            assert_eq!(later, instant(wanted), "{from} + {hours} h");
        }
    }

    proptest::proptest! {
        #[test]
        fn business_time_is_what_it_was_added_as(start in 1_700_000_000_i64..1_900_000_000, hours in 0_i64..500) {
            let from = Timestamp::from_micros(start * 1_000_000);
            let later = business_time_later(from, TimeDelta::hours(hours), Tz::UTC);
            proptest::prop_assert_eq!(business_time_between(from, later, Tz::UTC), TimeDelta::hours(hours));
        }
    }
}
