//! The words of activities.

use entity::value::{ActivityId, ActivityKind, EngagementComponent, PartnerId, Timestamp, UserId};

/// One point in millionths, the unit in which values are kept: whole numbers add up the same in any order.
pub const POINT: i64 = 1_000_000;

/// Millionths of a point as points.
#[must_use]
pub fn points(micros: i64) -> f64 {
    let part = |part: i64| i32::try_from(part).map_or(f64::from(i32::MAX), f64::from);
    part(micros / POINT) + part(micros % POINT) / part(POINT)
}

/// One thing that happened at a partner.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Its id.
    pub id: ActivityId,
    /// The partner.
    pub partner_id: PartnerId,
    /// Its place in the partner's stream.
    pub sequence: i64,
    /// What happened.
    pub kind: ActivityKind,
    /// The component that it counts for; none when it counts for none.
    pub component: Option<EngagementComponent>,
    /// What it counts, in millionths of a point.
    pub value_micros: i64,
    /// The global id of the object that it was about.
    pub object_id: Option<String>,
    /// The person.
    pub user_id: Option<UserId>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// An activity about to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What happened.
    pub kind: ActivityKind,
    /// The component that it counts for.
    pub component: Option<EngagementComponent>,
    /// What it counts, in millionths of a point.
    pub value_micros: i64,
    /// The global id of the object that it is about.
    pub object_id: Option<String>,
    /// The person.
    pub user_id: Option<UserId>,
    /// Under which name it counts once in the partner's stream.
    pub dedupe_key: String,
    /// When it happened.
    pub occurred_at: Timestamp,
}

/// What the score needs of an activity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// The partner.
    pub partner_id: PartnerId,
    /// The component that it counts for.
    pub component: EngagementComponent,
    /// What it counts, in millionths of a point.
    pub value_micros: i64,
    /// When it happened.
    pub occurred_at: Timestamp,
}

impl Activity {
    /// What the score needs of it; none when it counts nothing.
    #[must_use]
    pub fn counted(&self) -> Option<Counted> {
        let component = self.component.filter(|_| self.value_micros > 0)?;
        let Self { partner_id, value_micros, occurred_at, .. } = *self;
        Some(Counted { partner_id, component, value_micros, occurred_at })
    }
}
