//! The words of availability.

use entity::value::{ProductLineId, RegistrationId};
use serde::Serialize;

use crate::{accounts::matching::rules::Subject, deals::registrations::rules::resolution::Availability};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who is meant.
    pub subject: Subject,
    /// For which product lines.
    pub lines: Vec<ProductLineId>,
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Whether it is available.
    pub availability: Availability,
    /// How often the partner may still ask today.
    pub left_today: u32,
}

/// What is recorded of a question: for staff who look for probing, and for the partner itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The names.
    pub names: Vec<String>,
    /// The domains.
    pub domains: Vec<String>,
    /// The country.
    pub country: Option<String>,
    /// The product lines.
    pub product_line_ids: Vec<String>,
    /// What was answered.
    pub answer: &'static str,
    /// Which question of the day it was.
    pub of_the_day: u32,
}

/// What is recorded of a deal that was refused because its account is not available.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// The draft that was handed in; none of what was registered at once.
    pub registration_id: Option<RegistrationId>,
    /// The account, or the customer's name.
    pub customer: String,
    /// The product lines.
    pub product_line_ids: Vec<String>,
    /// What was answered.
    pub answer: &'static str,
    /// Which question of the day it was; none once the day's questions were used up.
    pub of_the_day: Option<i64>,
}

/// What is recorded of a draft that a partner had explained.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The draft.
    pub registration_id: RegistrationId,
    /// What was answered.
    pub answer: &'static str,
    /// Which question of the day it was.
    pub of_the_day: u32,
}
