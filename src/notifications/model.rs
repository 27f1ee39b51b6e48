//! The words of notifications.

use chrono::TimeDelta;
use entity::value::{NotificationId, NotificationKind, PartnerId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::deals::registrations::model::Deadline;

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
}

impl Slot {
    /// All of them, with the days of the policy of deals after which a partner is warned.
    #[must_use]
    pub const fn all(warning_days: i64) -> [Self; 9] {
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
        }
    }

    /// What it tells at an instant: what comes due behind the first instant and not behind the second.
    #[must_use]
    pub fn window(self, now: Timestamp) -> (Timestamp, Timestamp) {
        match self {
            Self::Ending(days, next) => (now.plus_days(next), now.plus_days(days)),
            Self::Ended | Self::Overdue | Self::Offered | Self::Contested => (now.plus_days(-LATE_DAYS), now),
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
}

/// What has passed is told so many days late when no server ran in between, and not at all after them.
pub const LATE_DAYS: i64 = 7;
