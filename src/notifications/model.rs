//! The words of notifications.

use chrono::TimeDelta;
use entity::value::{NotificationId, NotificationKind, PartnerId, RegistrationId, Timestamp, TypedId as _, UserId};
use serde::{Deserialize, Serialize};

use crate::deals::registrations::model::Deadline;

/// How far the clock's notifications have been told: the instant of a registration, and the registration.
pub type Place = (Timestamp, RegistrationId);

/// Something that a person is told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Who is told.
    pub user_id: UserId,
    /// What it is about.
    pub kind: NotificationKind,
    /// The global id of the object that it is about.
    pub object_id: String,
    /// In words.
    pub sentence: String,
    /// When it was told.
    pub created_at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

/// What is to be told to everybody concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What it is about.
    pub kind: NotificationKind,
    /// The partner whose thing it is.
    pub partner_id: PartnerId,
    /// The global id of the object.
    pub object_id: String,
    /// What tells it from another one of this kind about the same object.
    pub mark: String,
    /// In words.
    pub sentence: String,
}

/// Who is concerned by a kind of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The administrators and sellers of the partner.
    pub partner: bool,
    /// The channel manager who looks after it.
    pub manager: bool,
    /// Whom else of the vendor's staff.
    pub operations: Operations,
}

/// Whether channel operations are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operations {
    /// Never.
    Never,
    /// When nobody looks after the partner.
    InPlaceOfManager,
    /// Always.
    Always,
}

/// Whether somebody wants mails about a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The kind.
    pub kind: NotificationKind,
    /// Whether they want mails.
    pub email: bool,
}

/// Which of one's notifications are marked as read.
#[derive(Clone, Debug)]
pub enum Mark {
    /// These.
    These(Vec<NotificationId>),
    /// All of them.
    All,
}

/// What marking came to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Marked {
    /// How many were marked.
    pub marked: u64,
    /// How many are left unread.
    pub unread: u64,
}

/// Something that the clock brings: it is told of each registration once, when its instant comes near enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// So many days before a protection ends. What lies within the second number is told by the next slot.
    Ending(i64, i64),
    /// A protection has ended.
    Ended,
    /// A decision is overdue.
    Overdue,
    /// Nothing was heard of a protected deal for so many days.
    Inactive(i64),
    /// A hold ends within a day.
    Hold,
    /// A place is offered.
    Offered,
    /// A conflict about it is open that its partner has not begun.
    Contested,
    /// A part of the deal is offered.
    Shared,
    /// A conflict about it is overdue.
    Undecided,
}

impl Slot {
    /// All of them, with the days of the policy of deals after which a partner is warned.
    #[must_use]
    pub const fn all(warning_days: i64) -> [Self; 11] {
        [
            Self::Ending(30, 14),
            Self::Ending(14, 3),
            Self::Ending(3, 0),
            Self::Ended,
            Self::Overdue,
            Self::Inactive(warning_days),
            Self::Hold,
            Self::Offered,
            Self::Contested,
            Self::Shared,
            Self::Undecided,
        ]
    }

    /// Under which name its place is kept.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Ending(days, _) => format!("ENDING_{days}"),
            Self::Ended => "ENDED".to_owned(),
            Self::Overdue => "OVERDUE".to_owned(),
            Self::Inactive(_) => "INACTIVE".to_owned(),
            Self::Hold => "HOLD".to_owned(),
            Self::Offered => "OFFERED".to_owned(),
            Self::Contested => "CONTESTED".to_owned(),
            Self::Shared => "SHARED".to_owned(),
            Self::Undecided => "UNDECIDED".to_owned(),
        }
    }

    /// Which instants of registrations it is about.
    #[must_use]
    pub const fn deadline(self) -> Deadline {
        match self {
            Self::Ending(..) => Deadline::ProtectionEnds,
            Self::Ended => Deadline::ProtectionEnded,
            Self::Overdue => Deadline::Decision,
            Self::Inactive(days) => Deadline::LastUpdate(days),
            Self::Hold => Deadline::HoldEnds,
            Self::Offered => Deadline::OfferBegins,
            Self::Contested => Deadline::ConflictBegins,
            Self::Shared => Deadline::ShareOffered,
            Self::Undecided => Deadline::ConflictDecision,
        }
    }

    /// What it tells at an instant: what comes due behind the first instant and not behind the second.
    #[must_use]
    pub fn window(self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self {
            Self::Ending(days, next) => (now.plus_days(next), now.plus_days(days)),
            Self::Ended | Self::Overdue | Self::Offered | Self::Contested | Self::Shared | Self::Undecided => {
                (now.plus_days(-LATE_DAYS), now)
            }
            Self::Inactive(days) => (now.plus_days(-days).plus_days(-LATE_DAYS), now.plus_days(-days)),
            Self::Hold => (now, now.plus_days(1)),
        }
    }

    /// Where it begins on a server that has told nothing yet: a day back, not with everything that ever was.
    #[must_use]
    pub fn beginning(self, now: Timestamp) -> Timestamp {
        let (from, to) = self.window(now);
        to.plus(TimeDelta::hours(-24)).max(from)
    }

    /// Behind which place a run begins, by the place that is kept. Never in the last minutes of the window, not even
    /// when a wrong clock moved the place that far: what begins there may be committed still.
    #[must_use]
    pub fn resumed(self, now: Timestamp, kept: Place) -> Place {
        let (from, _) = self.window(now);
        let place = self.kept(now, kept);
        place.max((from, place.1))
    }

    /// The place to keep after telling up to another one: not in the last minutes of the window, which are read again.
    #[must_use]
    pub fn kept(self, now: Timestamp, told: Place) -> Place {
        let (_, until) = self.window(now);
        let settled = until.plus(TimeDelta::minutes(-COMMITTED_MINUTES));
        told.min((settled, RegistrationId::from_uuid(uuid::Uuid::nil())))
    }
}

/// So many minutes after its instant, at the latest, something is committed. An instant is taken before the commit, so
/// another thing that begins later can be committed, and told, earlier: what lies closer to the end of a window is
/// therefore read by every run, and told to whoever was not told of it.
pub const COMMITTED_MINUTES: i64 = 10;

/// What has passed is told so many days late when no server ran in between, and not at all after them.
pub const LATE_DAYS: i64 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn at(slot: Slot, minutes_before_the_end: i64) -> Place {
        let (_, until) = slot.window(NOW);
        let id = RegistrationId::from_uuid(uuid::Uuid::from_u128(7));
        (until.plus(TimeDelta::minutes(-minutes_before_the_end)), id)
    }

    #[test]
    fn the_last_minutes_of_a_window_are_read_again() {
        for slot in Slot::all(30) {
            let settled = at(slot, COMMITTED_MINUTES).0;
            assert_eq!(slot.kept(NOW, at(slot, 11)), at(slot, 11), "{slot:?}");
            for minutes in [10, 9, 0] {
                let kept = slot.kept(NOW, at(slot, minutes));
                assert_eq!((kept.0, kept.1.uuid()), (settled, uuid::Uuid::nil()), "{slot:?}");
                assert_eq!(slot.resumed(NOW, kept), kept, "{slot:?}");
            }
        }
    }

    #[test]
    fn a_place_in_the_future_of_a_wrong_clock_is_not_waited_for() {
        for slot in Slot::all(30) {
            let settled = at(slot, COMMITTED_MINUTES).0;
            assert_eq!(slot.resumed(NOW, at(slot, -60 * 24 * 365)).0, settled, "{slot:?}");
        }
    }

    #[test]
    fn a_place_before_the_window_is_its_beginning() {
        for slot in Slot::all(30) {
            let (from, _) = slot.window(NOW);
            assert_eq!(slot.resumed(NOW, at(slot, 60 * 24 * 365)).0, from, "{slot:?}");
        }
    }
}
