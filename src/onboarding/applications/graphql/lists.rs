//! Lists of applications: filters and orders.

use async_graphql::{Enum, ID, InputObject};
use entity::value::{ApplicationState, Country, UserId};

use super::super::model::{ApplicationFilter, ApplicationOrder, Assigned};
use crate::{
    kernel::code::Code,
    onboarding::partners::model::name_key,
    platform::{
        error::{AppError, AppResult},
        graphql::{order::OrderDirection, parse},
    },
};

/// Which applications a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct PartnerApplicationFilter {
    /// In one of these states.
    states: Option<Vec<ApplicationState>>,
    /// With a seat in one of these countries.
    countries: Option<Vec<Country>>,
    /// With this text in the name or the domain, regardless of case.
    text: Option<String>,
    /// Those that wait for the vendor (true), or those that do not (false): the queue.
    waiting: Option<bool>,
    /// Those with which the vendor is late (true), or is not (false).
    overdue: Option<bool>,
    /// Those that this person looks at.
    assigned_to_id: Option<ID>,
    /// Only those that nobody looks at yet (true). Not together with `assignedToId`.
    unassigned: Option<bool>,
}

impl PartnerApplicationFilter {
    /// Turns texts into typed values, once.
    ///
    /// # Errors
    /// Refusals that name the field.
    pub fn parse(self) -> AppResult<ApplicationFilter> {
        let text = self.text.map(|text| parse::line(&text, "filter.text", 200)).transpose()?;
        let assigned = match (self.assigned_to_id, self.unassigned.unwrap_or(false)) {
            (Some(_), true) => {
                return Err(AppError::invalid(
                    "filter.unassigned",
                    Code::Malformed,
                    "Ask for `assignedToId` or for `unassigned`, not for both.",
                ));
            }
            (Some(id), false) => Some(Assigned::To(parse::id::<UserId>(&id, "filter.assignedToId")?)),
            (None, true) => Some(Assigned::ToNobody),
            (None, false) => None,
        };
        Ok(ApplicationFilter {
            states: self.states.unwrap_or_default(),
            countries: parse::at_most(self.countries.unwrap_or_default(), "filter.countries", 250)?,
            text: text.as_deref().map(name_key),
            waiting: self.waiting,
            overdue: self.overdue,
            assigned,
        })
    }
}

/// What a list of applications is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum PartnerApplicationOrderField {
    /// When they were handed in.
    #[default]
    SubmittedAt,
    /// When the vendor has to decide or ask; those that do not wait for it are left out.
    DueAt,
}

/// The order of a list of applications.
#[derive(Clone, Default, InputObject)]
pub struct PartnerApplicationOrder {
    /// What they are sorted by.
    pub field: PartnerApplicationOrderField,
    /// In which direction.
    pub direction: OrderDirection,
}

impl PartnerApplicationOrder {
    /// The name of the order, what it is by, and whether it runs from large to small.
    #[must_use]
    pub fn parse(&self) -> (&'static str, ApplicationOrder, bool) {
        let descending = self.direction.is_descending();
        match self.field {
            PartnerApplicationOrderField::SubmittedAt => ("submitted", ApplicationOrder::Submitted, descending),
            PartnerApplicationOrderField::DueAt => ("due", ApplicationOrder::Due, descending),
        }
    }
}
