//! A calendar day without a time, stored as `YYYY-MM-DD`: it sorts as text the way it sorts as a day.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// A day of the calendar, in the time zone that the field's description names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType, Serialize, Deserialize)]
#[sea_orm(value_type = "String")]
#[serde(transparent)]
pub struct Day(pub NaiveDate);

#[async_graphql::Scalar(name = "Date")]
/// A day of the calendar without a time (ISO 8601): `2026-11-21`.
impl async_graphql::ScalarType for Day {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        match &value {
            async_graphql::Value::String(text) => Ok(text.parse::<Self>()?),
            _ => Err(async_graphql::InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> async_graphql::Value {
        async_graphql::Value::String(self.to_string())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As `%Y-%m-%d`, without reading the pattern for every value of a list.
        match self.0.year() {
            year @ 0..=9999 => write!(f, "{year:04}-{:02}-{:02}", self.0.month(), self.0.day()),
            _ => write!(f, "{}", self.0.format("%Y-%m-%d")),
        }
    }
}

impl FromStr for Day {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, chrono::ParseError> {
        match canonical(text) {
            Some(day) => Ok(Self(day)),
            None => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self),
        }
    }
}

/// A day in exactly the form in which we store it, read without a pattern.
fn canonical(text: &str) -> Option<NaiveDate> {
    let [a, b, c, d, b'-', m, n, b'-', x, y] = text.as_bytes() else { return None };
    let number =
        |digits: &[u8]| digits.iter().try_fold(0u32, |sum, digit| Some(sum * 10 + char::from(*digit).to_digit(10)?));
    let year = i32::try_from(number(&[*a, *b, *c, *d])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[*m, *n])?, number(&[*x, *y])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_and_written_as_its_pattern_says() {
        for text in [
            "2026-11-21",
            "0001-01-01",
            "9999-12-31",
            "2024-02-29",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "+12026-01-01",
            "20a6-01-01",
            "",
        ] {
            let patterned = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            assert_eq!(text.parse::<Day>().ok().map(|day| day.0), patterned, "{text}");
            if let Some(day) = patterned {
                assert_eq!(Day(day).to_string(), day.format("%Y-%m-%d").to_string());
            }
        }
    }
}
