//! Which events count for what (`domain.md §7`): pure.

use entity::value::{ActivityKind, Currency, EngagementComponent, PartnerId, RegistrationId, Timestamp, UserId};

use super::model::{Entry, POINT};
use crate::kernel::event::{DomainEvent, RegistrationChange};

/// What 10,000 whole units of a protected deal count, in tenths of a point.
const PROTECTED_TENTHS: i64 = 1;
/// What 10,000 whole units of a won deal count, in tenths of a point.
const WON_TENTHS: i64 = 3;
/// What one deal counts at most, protected and won together.
const MOST_PER_DEAL: i64 = 2 * POINT;
/// What the results of one activity count at most: one and a half times what was contracted.
const MOST_PER_ACTIVITY: i64 = POINT * 3 / 2;

/// The partner that an event is about.
pub fn partner_of(event: &DomainEvent) -> PartnerId {
    match event {
        DomainEvent::RegistrationChanged(RegistrationChange { partner_id, .. })
        | DomainEvent::PartnerApproved { partner_id }
        | DomainEvent::SignedIn { partner_id, .. }
        | DomainEvent::ColleagueJoined { partner_id, .. }
        | DomainEvent::OnboardingStepCompleted { partner_id, .. }
        | DomainEvent::AgreementsAccepted { partner_id, .. }
        | DomainEvent::PartnerProfileCompleted { partner_id, .. }
        | DomainEvent::BusinessPlanAgreed { partner_id, .. }
        | DomainEvent::RegistrationQualified { partner_id, .. }
        | DomainEvent::RegistrationProtected { partner_id, .. }
        | DomainEvent::RegistrationOutgrown { partner_id, .. }
        | DomainEvent::DealWon { partner_id, .. }
        | DomainEvent::MdfRequestApproved { partner_id, .. }
        | DomainEvent::MdfClaimApproved { partner_id, .. }
        | DomainEvent::MdfPaid { partner_id, .. }
        | DomainEvent::MdfMeasured { partner_id, .. }
        | DomainEvent::TrainingCompleted { partner_id, .. } => *partner_id,
    }
}

/// How many places of the stream an event takes at most.
pub fn places(event: &DomainEvent) -> i64 {
    match event {
        DomainEvent::RegistrationProtected { .. } => 2,
        // What counts of a registration, and the step of the plan that completes with something, tell of it themselves.
        DomainEvent::RegistrationChanged(_)
        | DomainEvent::RegistrationOutgrown { .. }
        | DomainEvent::AgreementsAccepted { .. }
        | DomainEvent::PartnerProfileCompleted { .. }
        | DomainEvent::BusinessPlanAgreed { .. } => 0,
        _ => 1,
    }
}

/// Under which name the protected amount of a deal counts: what the same deal counts when it is won depends on it.
pub fn protected_amount_key(id: RegistrationId) -> String {
    format!("{}/{}/{id}", ActivityKind::RegistrationProtected, EngagementComponent::PipelineAndWins)
}

/// What is appended for an event that is told at `now`. `given` is what the protected amount of the same deal counted.
pub fn entries(event: &DomainEvent, now: Timestamp, given: i64) -> Vec<Entry> {
    use EngagementComponent::{DealRegistration, MdfPerformance, PipelineAndWins, PortalUse, Responsiveness, Training};
    match event {
        DomainEvent::PartnerApproved { partner_id } => {
            vec![about(ActivityKind::PartnerApproved, partner_id, now)]
        }
        DomainEvent::SignedIn { partner_id: _, user_id } => vec![Entry {
            // The day in UTC; a person is active once a day, however often they sign in.
            dedupe_key: format!("{}/{}/{user_id}", ActivityKind::ActiveUserDay, now.to_utc().date_naive()),
            ..about(ActivityKind::ActiveUserDay, user_id, now).by(*user_id).counting(PortalUse, POINT)
        }],
        DomainEvent::ColleagueJoined { partner_id: _, user_id } => {
            vec![about(ActivityKind::ColleagueJoined, user_id, now).by(*user_id)]
        }
        DomainEvent::OnboardingStepCompleted { partner_id: _, step, on_time } => {
            let entry = about(ActivityKind::OnboardingStepCompleted, step, now);
            vec![Entry { object_id: None, ..entry.counting(Responsiveness, if *on_time { POINT } else { 0 }) }]
        }
        DomainEvent::RegistrationChanged(_)
        | DomainEvent::RegistrationOutgrown { .. }
        | DomainEvent::AgreementsAccepted { .. }
        | DomainEvent::PartnerProfileCompleted { .. }
        | DomainEvent::BusinessPlanAgreed { .. } => Vec::new(),
        DomainEvent::RegistrationQualified { partner_id: _, registration_id } => {
            vec![about(ActivityKind::RegistrationQualified, registration_id, now).counting(DealRegistration, POINT)]
        }
        DomainEvent::RegistrationProtected { partner_id: _, registration_id, amount_minor, currency } => {
            let protected = about(ActivityKind::RegistrationProtected, registration_id, now);
            let value = amount_value(*amount_minor, *currency, PROTECTED_TENTHS).min(MOST_PER_DEAL);
            vec![
                protected.clone().counting(DealRegistration, POINT),
                Entry {
                    dedupe_key: protected_amount_key(*registration_id),
                    ..protected.counting(PipelineAndWins, value)
                },
            ]
        }
        DomainEvent::DealWon { partner_id: _, registration_id, amount_minor, currency } => {
            let value = amount_value(*amount_minor, *currency, WON_TENTHS);
            let value = value.min(MOST_PER_DEAL.saturating_sub(given).max(0));
            vec![about(ActivityKind::DealWon, registration_id, now).counting(PipelineAndWins, value)]
        }
        DomainEvent::MdfRequestApproved { partner_id: _, request_id } => {
            vec![about(ActivityKind::MdfRequestApproved, request_id, now)]
        }
        DomainEvent::MdfClaimApproved { partner_id: _, claim_id } => {
            vec![about(ActivityKind::MdfClaimApproved, claim_id, now)]
        }
        DomainEvent::MdfPaid { partner_id: _, payment_id } => vec![about(ActivityKind::MdfPaid, payment_id, now)],
        DomainEvent::MdfMeasured { partner_id: _, request_id, performance_bp } => {
            let value = performance_bp.saturating_mul(POINT / 10_000).clamp(0, MOST_PER_ACTIVITY);
            vec![about(ActivityKind::MdfMeasured, request_id, now).counting(MdfPerformance, value)]
        }
        DomainEvent::TrainingCompleted { completion_id, user_id, completed_at, .. } => {
            let entry = about(ActivityKind::TrainingCompleted, completion_id, *completed_at);
            vec![entry.by(*user_id).counting(Training, POINT)]
        }
    }
}

fn about(kind: ActivityKind, object: &impl ToString, occurred_at: Timestamp) -> Entry {
    let object = object.to_string();
    Entry {
        kind,
        component: None,
        value_micros: 0,
        dedupe_key: format!("{kind}/{object}"),
        object_id: Some(object),
        user_id: None,
        occurred_at,
    }
}

impl Entry {
    fn by(self, user_id: UserId) -> Self {
        Self { user_id: Some(user_id), ..self }
    }

    fn counting(self, component: EngagementComponent, value_micros: i64) -> Self {
        Self { component: Some(component), value_micros, ..self }
    }
}

/// So many tenths of a point per 10,000 whole units of the currency, rounded down to a millionth.
fn amount_value(amount_minor: i64, currency: Currency, tenths: i64) -> i64 {
    let unit = 10_i128.saturating_pow(currency.minor_digits()).saturating_mul(10_000);
    let value = i128::from(amount_minor.max(0)) * i128::from(tenths * (POINT / 10)) / unit;
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use entity::value::TypedId as _;
    use uuid::Uuid;

    use super::*;

    fn jpy() -> Currency {
        "JPY".parse().unwrap()
    }

    #[test]
    fn amounts_count_by_whole_units_and_a_deal_counts_two_at_most() {
        let (partner_id, registration_id) = (PartnerId(Uuid::nil()), RegistrationId(Uuid::nil()));
        let now = Timestamp::from_micros(0);
        for (amount_minor, currency, protected, won) in [
            (0, Currency::EUR, 0, 0),
            (-5, Currency::EUR, 0, 0),
            (1_000_000, Currency::EUR, 100_000, 300_000),
            (10_000, jpy(), 100_000, 300_000),
            (2_550_000, Currency::EUR, 255_000, 765_000),
            (5_000_000, Currency::EUR, 500_000, 1_500_000),
            (6_000_000, Currency::EUR, 600_000, 1_400_000),
            (20_000_000, Currency::EUR, 2_000_000, 0),
            (i64::MAX, Currency::EUR, 2_000_000, 0),
        ] {
            let event = DomainEvent::RegistrationProtected { partner_id, registration_id, amount_minor, currency };
            let given = entries(&event, now, 0)[1].value_micros;
            let event = DomainEvent::DealWon { partner_id, registration_id, amount_minor, currency };
            let more = entries(&event, now, given)[0].value_micros;
            assert_eq!((given, more), (protected, won), "{amount_minor} {currency}");
        }
    }

    #[test]
    fn an_event_has_one_name_for_each_component_and_a_day_of_a_person_too() {
        let (partner_id, registration_id) = (PartnerId(Uuid::nil()), RegistrationId(Uuid::nil()));
        let now = Timestamp::from_micros(1_772_442_000_000_000);
        let event = DomainEvent::RegistrationProtected {
            partner_id,
            registration_id,
            amount_minor: 1,
            currency: Currency::EUR,
        };
        let two = entries(&event, now, 0);
        assert_ne!(two[0].dedupe_key, two[1].dedupe_key);
        assert_eq!(places(&event), 2);

        let user_id = UserId::from_uuid(Uuid::nil());
        let key = |now| entries(&DomainEvent::SignedIn { partner_id, user_id }, now, 0)[0].dedupe_key.clone();
        assert_eq!(key(now), format!("ACTIVE_USER_DAY/2026-03-02/{user_id}"));
        assert_ne!(key(now), key(now.plus_days(1)));
    }

    #[test]
    fn results_count_between_nothing_and_one_and_a_half() {
        let (partner_id, request_id) = (PartnerId(Uuid::nil()), entity::value::MdfRequestId(Uuid::nil()));
        for (performance_bp, wanted) in [(-1, 0), (0, 0), (10_000, POINT), (15_000, 1_500_000), (i64::MAX, 1_500_000)] {
            let event = DomainEvent::MdfMeasured { partner_id, request_id, performance_bp };
            assert_eq!(entries(&event, Timestamp::from_micros(0), 0)[0].value_micros, wanted);
        }
    }
}
