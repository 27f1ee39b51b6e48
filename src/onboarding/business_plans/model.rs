//! The words of joint business plans.

use entity::value::{BusinessPlanId, BusinessPlanState, Currency, PartnerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub use super::states::BusinessPlanAction;

/// What is aimed at in a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// Qualified pipeline, in minor units of the plan's currency.
    pub pipeline_minor: i64,
    /// Revenue of won deals, in minor units of the plan's currency.
    pub revenue_minor: i64,
    /// Live certifications at the year's end.
    pub certifications: i64,
    /// Activities paid with market development funds.
    pub mdf_activities: i64,
    /// What is agreed beside the figures.
    pub note: Option<String>,
}

/// Which side of a plan somebody stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Side {
    /// The partner's people.
    Partner,
    /// The vendor's people.
    Vendor,
}

/// That a side agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Who agreed for it.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// The targets of a plan as they were at some time, and who agreed to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Whose it is.
    pub plan_id: BusinessPlanId,
    /// Its number, from 1.
    pub number: i32,
    /// What is aimed at.
    pub targets: Targets,
    /// Who wrote it last.
    pub created_by: Option<UserId>,
    /// When it was written last.
    pub created_at: Timestamp,
    /// That the partner agreed.
    pub partner_agreed: Option<Agreed>,
    /// That the vendor agreed.
    pub vendor_agreed: Option<Agreed>,
}

/// A joint business plan, with its latest revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessPlan {
    /// Its id.
    pub id: BusinessPlanId,
    /// The partner.
    pub partner_id: PartnerId,
    /// The year that it is for.
    pub year: i32,
    /// The currency of its amounts.
    pub currency: Currency,
    /// Where it is.
    pub state: BusinessPlanState,
    /// The latest revision.
    pub latest: Revision,
    /// The number of the revision that both sides agreed to last: it is in force.
    pub agreed_revision: Option<i32>,
    /// When they did.
    pub agreed_at: Option<Timestamp>,
    /// Who began it.
    pub created_by: Option<UserId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Who closed it.
    pub closed_by: Option<UserId>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What came of it.
    pub close_reason: Option<String>,
    /// Grows by one with each change.
    pub version: i64,
}

/// A plan about to be begun.
#[derive(Clone, Debug)]
pub struct NewPlan {
    /// The partner; the caller's own when absent.
    pub partner_id: Option<PartnerId>,
    /// The year that it is for.
    pub year: i32,
    /// The currency of its amounts.
    pub currency: Currency,
    /// What is aimed at.
    pub targets: Targets,
}

/// Somebody does something with a plan.
#[derive(Clone, Debug)]
pub struct Act<T> {
    /// The plan.
    pub id: BusinessPlanId,
    /// The version that was read.
    pub expected_version: Option<i64>,
    /// What belongs to it.
    pub what: T,
}

/// Which plans a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Debug, Default)]
pub struct BusinessPlanFilter {
    /// Of this partner.
    pub partner_id: Option<PartnerId>,
    /// For one of these years.
    pub years: Vec<i32>,
    /// In one of these states.
    pub states: Vec<BusinessPlanState>,
}

impl BusinessPlan {
    fn next(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// The plan with other targets: a draft and a proposal are written anew, of an agreed plan a new revision begins.
    /// Whoever had agreed has to agree again.
    #[must_use]
    pub fn changed(&self, targets: Targets, by: Option<UserId>, now: Timestamp) -> Self {
        let amends = self.state == BusinessPlanState::Agreed;
        let latest = Revision {
            plan_id: self.id,
            number: self.latest.number.saturating_add(i32::from(amends)),
            targets,
            created_by: by,
            created_at: now,
            partner_agreed: None,
            vendor_agreed: None,
        };
        let state = if amends { BusinessPlanState::Proposed } else { self.state };
        Self { state, latest, ..self.next() }
    }

    /// The plan once both sides are asked to agree.
    #[must_use]
    pub fn proposed(&self) -> Self {
        Self { state: BusinessPlanState::Proposed, ..self.next() }
    }

    /// The plan once a side has agreed; with the second one it is agreed.
    #[must_use]
    pub fn agreed(&self, side: Side, by: Option<UserId>, now: Timestamp) -> Self {
        let mut after = self.next();
        let agreed = Some(Agreed { by, at: now });
        match side {
            Side::Partner => after.latest.partner_agreed = agreed,
            Side::Vendor => after.latest.vendor_agreed = agreed,
        }
        if after.latest.partner_agreed.is_some() && after.latest.vendor_agreed.is_some() {
            after.state = BusinessPlanState::Agreed;
            after.agreed_revision = Some(after.latest.number);
            after.agreed_at = Some(now);
        }
        after
    }

    /// The plan once it is over.
    #[must_use]
    pub fn closed(&self, reason: Option<String>, by: Option<UserId>, now: Timestamp) -> Self {
        let state = BusinessPlanState::Closed;
        Self { state, closed_by: by, closed_at: Some(now), close_reason: reason, ..self.next() }
    }

    /// Whether a side has agreed to the latest revision.
    #[must_use]
    pub fn has_agreed(&self, side: Side) -> bool {
        match side {
            Side::Partner => self.latest.partner_agreed.is_some(),
            Side::Vendor => self.latest.vendor_agreed.is_some(),
        }
    }
}
