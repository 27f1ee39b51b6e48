//! A calendar day without a time, stored as `YYYY-MM-DD`: it sorts as text the way it sorts as a day.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
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
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for Day {
    type Err = chrono::ParseError;
    fn from_str(text: &str) -> Result<Self, chrono::ParseError> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self)
    }
}
