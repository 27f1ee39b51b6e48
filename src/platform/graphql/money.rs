//! Money in the API.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value, parser::types::Field,
};
use entity::value::Currency;

use super::at_once::{AtOnce, text, word};
use crate::{
    kernel::{code::Code, money::Money as Amount},
    platform::{
        call::Call,
        error::{AppError, AppResult},
    },
};

/// An integer of up to 64 bits, as a text of digits, because a JSON number would lose digits in many languages. In
/// inputs a number is accepted too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt(pub i64);

#[Scalar]
/// An integer of up to 64 bits, as a text of digits, because a JSON number would lose digits in many languages. In
/// inputs a number is accepted too.
impl ScalarType for BigInt {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        parsed.map(Self).ok_or_else(|| InputValueError::expected_type(value))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An amount of money: a whole number of the currency's minor unit, never a fraction.
#[derive(Clone, Debug, SimpleObject)]
pub struct Money {
    /// Minor units of the currency: cents for the euro, whole yen.
    pub minor_units: BigInt,
    /// The currency's three letters (ISO 4217).
    pub currency: Currency,
    /// The same amount in whole units, for people: `1234.50`.
    pub amount: String,
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        Self { minor_units: BigInt(amount.minor_units), currency: amount.currency, amount: in_whole_units(amount) }
    }
}

impl Money {
    /// Minor units of a currency.
    #[must_use]
    pub fn of(minor_units: i64, currency: Currency) -> Self {
        Amount { minor_units, currency }.into()
    }
}

impl AtOnce for Amount {
    const TYPE: &'static str = "Money";

    fn field(&self, _: &Call, field: &Field) -> Option<Value> {
        match field.name.node.as_str() {
            "minorUnits" => Some(word(self.minor_units)),
            "currency" => Some(text(self.currency.code())),
            "amount" => Some(text(in_whole_units(*self))),
            _ => None,
        }
    }
}

fn in_whole_units(amount: Amount) -> String {
    let digits = usize::try_from(amount.currency.minor_digits()).unwrap_or(0);
    let sign = if amount.minor_units < 0 { "-" } else { "" };
    let magnitude = format!("{:0>width$}", amount.minor_units.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = magnitude.split_at(magnitude.len().saturating_sub(digits));
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// An amount of money.
#[derive(Clone, Debug, InputObject)]
pub struct MoneyInput {
    /// Minor units of the currency: 123450 for 1,234.50 euros.
    pub minor_units: BigInt,
    /// The currency's three letters (ISO 4217).
    pub currency: Currency,
}

impl MoneyInput {
    /// The most that a single amount may be: ten trillion whole units of a currency with cents.
    pub const MOST: i64 = 1_000_000_000_000_000;

    /// A positive amount.
    ///
    /// # Errors
    /// `OUT_OF_RANGE`, naming the field.
    pub fn positive(&self, field: &str) -> AppResult<Amount> {
        if (1..=Self::MOST).contains(&self.minor_units.0) {
            return Ok(Amount { minor_units: self.minor_units.0, currency: self.currency });
        }
        Err(AppError::invalid(field, Code::OutOfRange, format!("An amount is from 1 to {} minor units.", Self::MOST)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_units_have_the_digits_of_the_currency() {
        for (minor_units, currency, wanted) in [
            (123_450, "EUR", "1234.50"),
            (-5, "USD", "-0.05"),
            (0, "EUR", "0.00"),
            (1234, "JPY", "1234"),
            (1, "BHD", "0.001"),
        ] {
            let currency = currency.parse().unwrap();
            assert_eq!(in_whole_units(Amount { minor_units, currency }), wanted);
        }
    }
}
