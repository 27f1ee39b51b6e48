//! What is told to whom, and in which words.

use entity::value::{
    Currency, DealRegistrationOutcome as Outcome, DealRegistrationState as State, NotificationKind as Kind, PartnerId,
    RegistrationId, Timestamp,
};

use super::model::{Audience, Operations, Slot, Told};
use crate::{deals::registrations::model::Due, kernel::event::RegistrationChange};

/// Who is concerned by a kind.
pub const fn audience(kind: Kind) -> Audience {
    const NEVER: Operations = Operations::Never;
    match kind {
        Kind::DealApproved
        | Kind::DealRejected
        | Kind::DealWaitlisted
        | Kind::DealContested
        | Kind::ConflictDecided
        | Kind::DealRevoked
        | Kind::ProtectionEnded => Audience { partner: true, manager: true, operations: NEVER },
        Kind::DealActionRequired
        | Kind::ProtectionEnding
        | Kind::DealInactive
        | Kind::HoldEnding
        | Kind::PlaceOffered
        | Kind::ShareOffered => Audience { partner: true, manager: false, operations: NEVER },
        Kind::DealAnswered => Audience { partner: false, manager: true, operations: Operations::InPlaceOfManager },
        Kind::ReviewOverdue | Kind::ConflictOverdue | Kind::DealOutgrown => {
            Audience { partner: false, manager: true, operations: Operations::Always }
        }
    }
}

/// What a change of a registration is to people; nothing when they are not to be told. That a protection ended by its
/// term is told when its instant comes, not when somebody writes it down; that it is contested by the clock, too.
pub fn of_change(change: &RegistrationChange) -> Option<Told> {
    let kind = kind_of(change.from, change.to, change.outcome)?;
    Some(Told {
        kind,
        partner_id: change.partner_id,
        object_id: change.registration_id.to_string(),
        mark: format!("version {}", change.version),
        sentence: sentence(kind, change.protected_until, change.reason.as_deref()),
    })
}

/// That a deal has outgrown its automatic approval, to people: told once, and again whenever the amount has doubled.
pub fn of_outgrown(partner_id: PartnerId, registration_id: RegistrationId, currency: Currency, doubled: u32) -> Told {
    let kind = Kind::DealOutgrown;
    let (object_id, mark) = (registration_id.to_string(), format!("{currency} doubled {doubled}"));
    Told { kind, partner_id, object_id, mark, sentence: sentence(kind, None, None) }
}

fn kind_of(from: Option<State>, to: State, outcome: Option<Outcome>) -> Option<Kind> {
    if from == Some(to) || outcome == Some(Outcome::PartnerTerminated) {
        return None;
    }
    match (from, to) {
        (
            Some(State::Contested),
            State::Protected | State::Waitlisted | State::Submitted | State::InReview | State::ActionRequired,
        ) => Some(Kind::ConflictDecided),
        (_, State::Protected) => Some(Kind::DealApproved),
        (_, State::Rejected) => Some(Kind::DealRejected),
        (_, State::ActionRequired) => Some(Kind::DealActionRequired),
        (Some(State::Submitted | State::InReview), State::Waitlisted) => Some(Kind::DealWaitlisted),
        (_, State::Revoked) => Some(Kind::DealRevoked),
        (Some(State::ActionRequired), State::Submitted | State::InReview) => Some(Kind::DealAnswered),
        _ => None,
    }
}

/// What the clock brings, to people.
pub fn of_clock(slot: Slot, due: Due) -> Told {
    let kind = match slot {
        Slot::Ending(..) => Kind::ProtectionEnding,
        Slot::Ended => Kind::ProtectionEnded,
        Slot::Overdue => Kind::ReviewOverdue,
        Slot::Inactive(_) => Kind::DealInactive,
        Slot::Hold => Kind::HoldEnding,
        Slot::Offered => Kind::PlaceOffered,
        Slot::Contested => Kind::DealContested,
        Slot::Shared => Kind::ShareOffered,
        Slot::Undecided => Kind::ConflictOverdue,
    };
    Told {
        kind,
        partner_id: due.partner_id,
        object_id: due.id.to_string(),
        mark: format!("{} {}", slot.name(), due.at.micros()),
        sentence: sentence(kind, Some(due.at), None),
    }
}

/// The words. They say what the registration itself shows to its partner, and nothing else.
fn sentence(kind: Kind, at: Option<Timestamp>, reason: Option<&str>) -> String {
    let at = at.map(|at| at.to_utc().format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
    let because = reason.map(|reason| format!(" {reason}")).unwrap_or_default();
    match kind {
        Kind::DealApproved => format!("The deal registration was approved. The deal is protected until {at}."),
        Kind::DealRejected => format!("The deal registration was not approved.{because}"),
        Kind::DealWaitlisted => {
            "The account is not available at the moment: the deal registration is on the waiting list for it.".to_owned()
        }
        Kind::DealActionRequired => format!("The deal registration waits for its partner.{because}"),
        Kind::DealAnswered => {
            "The partner has answered about a deal registration. It can be reviewed again.".to_owned()
        }
        Kind::DealContested => {
            "The deal registration is looked into more closely. What stood before stands until that is over.".to_owned()
        }
        Kind::ConflictDecided => {
            "The closer look at the deal registration is over: it says what came of it, and until when that can be appealed."
                .to_owned()
        }
        Kind::DealRevoked => format!("The protection of the deal was taken back.{because}"),
        Kind::ProtectionEnding => format!("The protection of the deal ends at {at}."),
        Kind::ProtectionEnded => format!("The protection of the deal ended at {at}."),
        Kind::DealInactive => format!(
            "Nothing was heard of the protected deal since {at}. Report its progress: without, its protection may be taken back."
        ),
        Kind::HoldEnding => format!("The deal registration is held until {at}. Complete its evidence before."),
        Kind::PlaceOffered => {
            format!("The place that the deal registration waits for is offered to it since {at}. Accept or decline it.")
        }
        Kind::ShareOffered => {
            format!("A part of the deal is offered to the registration since {at}, to share it. Accept or decline it.")
        }
        Kind::ConflictOverdue => format!("The conflict about deal registrations should have been decided by {at}."),
        Kind::DealOutgrown => {
            "The deal was approved automatically, and its amount was raised since to one that a person would have decided \
             about. Its protection stands: look at it."
                .to_owned()
        }
        Kind::ReviewOverdue => format!("The deal registration should have been decided by {at}, and waits still."),
    }
}

/// The subject of the mail about a kind.
pub const fn subject(kind: Kind) -> &'static str {
    match kind {
        Kind::DealApproved => "A deal is protected",
        Kind::DealRejected => "A deal registration was not approved",
        Kind::DealWaitlisted => "A deal registration is on the waiting list",
        Kind::DealActionRequired => "A deal registration waits for you",
        Kind::DealAnswered => "A partner has answered about a deal registration",
        Kind::DealContested => "A deal registration is looked into",
        Kind::ConflictDecided => "The closer look at a deal registration is over",
        Kind::DealRevoked => "The protection of a deal was taken back",
        Kind::ProtectionEnding => "The protection of a deal ends soon",
        Kind::ProtectionEnded => "The protection of a deal has ended",
        Kind::DealInactive => "Nothing was heard of a protected deal",
        Kind::HoldEnding => "A deal registration is held for one more day",
        Kind::PlaceOffered => "A place is offered to a deal registration",
        Kind::ShareOffered => "A part of a deal is offered",
        Kind::ReviewOverdue => "A deal registration is overdue",
        Kind::ConflictOverdue => "A conflict about deal registrations is overdue",
        Kind::DealOutgrown => "A deal has outgrown its automatic approval",
    }
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId as _;
    use sea_orm::Iterable as _;
    use uuid::Uuid;

    use super::*;

    fn change(from: Option<State>, to: State, outcome: Option<Outcome>) -> RegistrationChange {
        RegistrationChange {
            partner_id: PartnerId::from_uuid(Uuid::from_u128(1)),
            registration_id: RegistrationId::from_uuid(Uuid::from_u128(2)),
            version: 3,
            from,
            to,
            outcome,
            reason: Some("Not this time.".to_owned()),
            protected_until: Some(Timestamp::from_micros(1_800_000_000_000_000)),
        }
    }

    #[test]
    fn decisions_are_told_and_what_the_partner_did_itself_is_not() {
        for (from, to, kind) in [
            (Some(State::Submitted), State::Protected, Some(Kind::DealApproved)),
            (Some(State::InReview), State::Protected, Some(Kind::DealApproved)),
            (None, State::Protected, Some(Kind::DealApproved)),
            (Some(State::Submitted), State::Rejected, Some(Kind::DealRejected)),
            (Some(State::InReview), State::ActionRequired, Some(Kind::DealActionRequired)),
            (Some(State::ActionRequired), State::InReview, Some(Kind::DealAnswered)),
            (Some(State::InReview), State::Waitlisted, Some(Kind::DealWaitlisted)),
            (None, State::Waitlisted, None),
            (Some(State::InReview), State::Contested, None),
            (Some(State::Contested), State::Protected, Some(Kind::ConflictDecided)),
            (Some(State::Contested), State::Waitlisted, Some(Kind::ConflictDecided)),
            (Some(State::Contested), State::Rejected, Some(Kind::DealRejected)),
            (Some(State::Protected), State::Revoked, Some(Kind::DealRevoked)),
            (None, State::Submitted, None),
            (Some(State::Protected), State::Protected, None),
            (Some(State::Protected), State::Expired, None),
            (Some(State::Protected), State::Converted, None),
            (Some(State::Protected), State::Released, None),
            (Some(State::Submitted), State::Withdrawn, None),
        ] {
            assert_eq!(of_change(&change(from, to, None)).map(|told| told.kind), kind, "{from:?} {to:?}");
        }
        let terminated = change(Some(State::Submitted), State::Rejected, Some(Outcome::PartnerTerminated));
        assert_eq!(of_change(&terminated), None);
    }

    #[test]
    fn each_kind_has_somebody_to_tell_and_words() {
        for kind in Kind::iter() {
            let Audience { partner, manager, operations } = audience(kind);
            assert!(partner || manager || operations == Operations::Always, "{kind}");
            assert!(!subject(kind).is_empty() && !sentence(kind, None, None).is_empty());
        }
    }

    #[test]
    fn what_the_clock_brings_is_marked_by_its_instant() {
        let due = |micros| Due {
            id: RegistrationId::from_uuid(Uuid::from_u128(2)),
            partner_id: PartnerId::from_uuid(Uuid::from_u128(1)),
            at: Timestamp::from_micros(micros),
        };
        let marks = [Slot::Ending(30, 14), Slot::Ending(14, 3), Slot::Ended]
            .map(|slot| [of_clock(slot, due(1)).mark, of_clock(slot, due(2)).mark]);
        let mut all: Vec<_> = marks.concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
        assert_eq!(of_clock(Slot::Ended, due(0)).sentence, "The protection of the deal ended at 1970-01-01 00:00 UTC.");
    }

    #[test]
    fn windows_follow_one_another_without_a_gap() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let ending: Vec<_> = Slot::all(30).iter().take(3).map(|slot| slot.window(now)).collect();
        assert_eq!(ending[0].0, ending[1].1);
        assert_eq!(ending[1].0, ending[2].1);
        assert_eq!(ending[2].0, now);
        assert_eq!(Slot::Ended.window(now).1, now);
        for slot in Slot::all(30) {
            let (from, to) = slot.window(now);
            assert!(from <= slot.beginning(now) && slot.beginning(now) < to);
        }
    }
}
