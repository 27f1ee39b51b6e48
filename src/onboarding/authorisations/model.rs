//! The words of authorisations.

use entity::value::{PartnerAuthorisationId, PartnerId, ProductLineId, TerritoryId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// So many product lines or territories are granted at once at most.
pub const MOST_AT_ONCE: usize = 50;

/// A partner has so many authorisations at most that were not taken back.
pub const MOST: usize = 500;

/// What a partner may sell where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Authorisation {
    /// Its id.
    pub id: PartnerAuthorisationId,
    /// The partner.
    pub partner_id: PartnerId,
    /// What.
    pub product_line_id: ProductLineId,
    /// Where.
    pub territory_id: TerritoryId,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when; for good when absent.
    pub ends_at: Option<Timestamp>,
    /// Who granted it.
    pub granted_by: Option<UserId>,
    /// When.
    pub granted_at: Timestamp,
    /// Who took it back, or replaced it once it was over.
    pub revoked_by: Option<UserId>,
    /// When.
    pub revoked_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

impl Authorisation {
    /// Whether it holds at an instant.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.starts_at <= now && !self.has_ended(now)
    }

    /// Whether its time is over at an instant.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|ends_at| ends_at <= now)
    }

    /// The same, taken back.
    #[must_use]
    pub fn revoked(&self, by: Option<UserId>, now: Timestamp) -> Self {
        Self { revoked_by: by, revoked_at: Some(now), version: self.version.saturating_add(1), ..self.clone() }
    }
}

/// Whether a partner may sell some product lines to a customer, as far as its authorisations say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Whether it was ever authorised for anything: one that never was is not restricted by territories.
    pub restricted: bool,
    /// The product lines that no authorisation in force covers there.
    pub uncovered: Vec<ProductLineId>,
}

/// Product lines are granted in territories: each of the one in each of the other.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The partner.
    pub partner_id: PartnerId,
    /// What.
    pub product_line_ids: Vec<ProductLineId>,
    /// Where.
    pub territory_ids: Vec<TerritoryId>,
    /// From when on; now when absent.
    pub starts_at: Option<Timestamp>,
    /// Until when; for good when absent.
    pub ends_at: Option<Timestamp>,
}

/// An authorisation is taken back.
#[derive(Clone, Copy, Debug)]
pub struct Revoke {
    /// The authorisation.
    pub id: PartnerAuthorisationId,
    /// The version that the caller read.
    pub expected_version: Option<i64>,
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId as _;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_authorisation_holds_from_its_first_instant_up_to_its_last() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let id = Uuid::from_u128(1);
        let it = Authorisation {
            id: PartnerAuthorisationId::from_uuid(id),
            partner_id: PartnerId::from_uuid(id),
            product_line_id: ProductLineId::from_uuid(id),
            territory_id: TerritoryId::from_uuid(id),
            starts_at: at(10),
            ends_at: Some(at(20)),
            granted_by: None,
            granted_at: at(1),
            revoked_by: None,
            revoked_at: None,
            version: 1,
        };
        let held: Vec<_> = [9, 10, 19, 20].into_iter().map(|seconds| it.is_in_force(at(seconds))).collect();
        assert_eq!(held, [false, true, true, false]);
        assert!(Authorisation { ends_at: None, ..it.clone() }.is_in_force(at(1_000_000)));
        assert!(!it.revoked(None, at(15)).is_in_force(at(15)));
    }
}
