//! What a client may be given, and whether one is let in.

use std::net::IpAddr;

use entity::value::{ClientScope, ClientScopes, PartnerState, Timestamp};

use super::model::{ClientSecret, Live, MOST_REQUESTS_PER_MINUTE};
use crate::{
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// Whether a client of a partner, or of the vendor, can be given a scope: those that grant it nothing of their own are
/// refused rather than kept for show. What each grants is `platform/auth/policy.rs`'s to say.
#[deny(clippy::wildcard_enum_match_arm)]
const fn fits(scope: ClientScope, for_partner: bool) -> bool {
    match scope {
        ClientScope::PartnersRead
        | ClientScope::AccountsRead
        | ClientScope::DealsRead
        | ClientScope::DealsWrite
        | ClientScope::MdfRead
        | ClientScope::TrainingRead
        | ClientScope::MeasurementRead
        | ClientScope::AuditRead => true,
        // Accounts are kept, and training is recorded, by the vendor.
        ClientScope::AccountsWrite | ClientScope::TrainingWrite => !for_partner,
        // Funds are asked for by partners.
        ClientScope::MdfWrite => for_partner,
    }
}

/// Checks the scopes that a client shall have.
///
/// # Errors
/// `REQUIRED` for none; `NOT_ALLOWED` for one that such a client cannot have.
pub fn check_scopes(scopes: &ClientScopes, for_partner: bool) -> AppResult<()> {
    if scopes.is_empty() {
        return Err(AppError::invalid("scopes", Code::Required, "Give the client at least one scope."));
    }
    let Some(scope) = scopes.iter().find(|scope| !fits(*scope, for_partner)) else { return Ok(()) };
    let whom = if for_partner { "a partner" } else { "the vendor" };
    let message = format!("A client of {whom} cannot have the scope {scope}. Leave it out.");
    Err(AppError::invalid("scopes", Code::NotAllowed, message))
}

/// Checks the instant at which a client or a secret shall stop working.
///
/// # Errors
/// `OUT_OF_RANGE` when it has passed.
pub fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> AppResult<()> {
    match expires_at {
        Some(end) if end <= now => {
            Err(AppError::invalid("expiresAt", Code::OutOfRange, "This has passed. Name a later instant, or none."))
        }
        _ => Ok(()),
    }
}

/// Checks how often a client shall be allowed to ask, and that the caller may say so.
///
/// # Errors
/// `NOT_ALLOWED` for a partner's people; `OUT_OF_RANGE`.
pub fn check_rate(requests_per_minute: Option<i64>, by_staff: bool) -> AppResult<()> {
    let Some(rate) = requests_per_minute else { return Ok(()) };
    if !by_staff {
        let message = "The vendor's administrators say how often a client may ask. Leave this out.";
        return Err(AppError::invalid("requestsPerMinute", Code::NotAllowed, message));
    }
    if (1..=MOST_REQUESTS_PER_MINUTE).contains(&rate) {
        return Ok(());
    }
    let message = format!("A client may ask from 1 to {MOST_REQUESTS_PER_MINUTE} times a minute.");
    Err(AppError::invalid("requestsPerMinute", Code::OutOfRange, message))
}

/// Checks that a client can be made for a partner in a state: a suspended partner starts nothing new.
///
/// # Errors
/// `PARTNER_NOT_ACTIVE`.
pub fn check_partner(state: PartnerState) -> AppResult<()> {
    match state {
        PartnerState::Onboarding | PartnerState::Active => Ok(()),
        PartnerState::Suspended | PartnerState::Terminated => Err(AppError::invalid(
            "partnerId",
            Code::PartnerNotActive,
            "The partner is not active at the moment: nothing new is started for it.",
        )),
    }
}

/// The place that a new secret takes, and the expired secret that makes room for it, if one does.
///
/// # Errors
/// `TOO_MANY_SECRETS` when both places hold a secret that works.
pub fn place(kept: &[ClientSecret], now: Timestamp) -> AppResult<(i64, Option<&ClientSecret>)> {
    let holder = |slot: i64| kept.iter().find(|secret| secret.slot == slot);
    let places = [1, 2].map(|slot| (slot, holder(slot)));
    if let Some((slot, _)) = places.iter().find(|(_, holder)| holder.is_none()) {
        return Ok((*slot, None));
    }
    let expired = places
        .into_iter()
        .find(|(_, holder)| holder.is_some_and(|secret| secret.expires_at.is_some_and(|end| end <= now)));
    expired.ok_or_else(|| {
        AppError::refused(
            Code::TooManySecrets,
            "The client has two secrets that work. Revoke the one that is not used any more.",
        )
    })
}

/// Why a client is not let in. Callers are never told which: it is for our log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptOut {
    /// The client's time is over.
    ClientExpired,
    /// The secret's time is over.
    SecretExpired,
    /// It calls from elsewhere.
    Address,
    /// The partner's contract has ended.
    PartnerTerminated,
}

/// Whether a client is let in at an instant, from an address.
///
/// # Errors
/// Why not.
pub fn enter(live: &Live, now: Timestamp, address: Option<IpAddr>) -> Result<(), KeptOut> {
    let over = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
    if over(live.client_expires_at) {
        Err(KeptOut::ClientExpired)
    } else if over(live.secret_expires_at) {
        Err(KeptOut::SecretExpired)
    } else if live.partner.is_some_and(|(_, state)| state == PartnerState::Terminated) {
        Err(KeptOut::PartnerTerminated)
    } else if live.address_ranges.include(address) {
        Ok(())
    } else {
        Err(KeptOut::Address)
    }
}

#[cfg(test)]
mod tests {
    use entity::value::{ApiClientId, ApiClientSecretId};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000);

    fn secret(slot: i64, expires_at: Option<i64>) -> ClientSecret {
        ClientSecret {
            id: ApiClientSecretId(Uuid::from_u128(u128::try_from(slot).unwrap())),
            client_id: ApiClientId(Uuid::nil()),
            slot,
            hint: "abcd".to_owned(),
            created_at: Timestamp::from_micros(0),
            expires_at: expires_at.map(Timestamp::from_micros),
            revoked_at: None,
            last_used_at: None,
        }
    }

    #[test]
    fn a_client_has_two_places_and_an_expired_secret_makes_room() {
        let slot =
            |kept: &[ClientSecret]| place(kept, NOW).map(|(slot, ended)| (slot, ended.map(|ended| ended.slot))).ok();
        assert_eq!(slot(&[]), Some((1, None)));
        assert_eq!(slot(&[secret(1, None)]), Some((2, None)));
        assert_eq!(slot(&[secret(2, None)]), Some((1, None)));
        assert_eq!(slot(&[secret(1, None), secret(2, None)]), None);
        assert_eq!(slot(&[secret(1, Some(1_001)), secret(2, None)]), None);
        assert_eq!(slot(&[secret(1, None), secret(2, Some(1_000))]), Some((2, Some(2))));
    }

    #[test]
    fn scopes_are_given_to_those_who_can_use_them() {
        let check =
            |words: &[ClientScope], for_partner| check_scopes(&words.iter().copied().collect(), for_partner).is_ok();
        assert!(!check(&[], false));
        assert!(check(&[ClientScope::TrainingWrite, ClientScope::AccountsWrite], false));
        assert!(!check(&[ClientScope::MdfWrite], false));
        assert!(check(&[ClientScope::MdfWrite, ClientScope::DealsWrite], true));
        assert!(!check(&[ClientScope::DealsRead, ClientScope::TrainingWrite], true));
        assert!(!check(&[ClientScope::AccountsWrite], true));
    }

    #[test]
    fn how_often_a_client_may_ask_is_the_vendors_to_say() {
        assert!(check_rate(None, false).is_ok());
        assert!(check_rate(Some(60), false).is_err());
        assert!(check_rate(Some(60), true).is_ok());
        assert!(check_rate(Some(0), true).is_err() && check_rate(Some(60_001), true).is_err());
    }

    #[test]
    fn a_client_is_let_in_until_its_instant_and_from_its_addresses() {
        let live = Live {
            secret_id: ApiClientSecretId(Uuid::nil()),
            secret_expires_at: Some(Timestamp::from_micros(1_001)),
            last_used_at: None,
            client_id: ApiClientId(Uuid::nil()),
            partner: Some((entity::value::PartnerId(Uuid::nil()), PartnerState::Suspended)),
            scopes: ClientScopes::default(),
            address_ranges: "10.0.0.0/8".parse().unwrap(),
            requests_per_minute: 600,
            responsible_id: entity::value::UserId(Uuid::nil()),
            client_expires_at: Some(Timestamp::from_micros(1_002)),
        };
        let home = Some("10.1.1.1".parse().unwrap());
        assert_eq!(enter(&live, NOW, home), Ok(()));
        assert_eq!(enter(&live, NOW, Some("11.1.1.1".parse().unwrap())), Err(KeptOut::Address));
        assert_eq!(enter(&live, NOW, None), Err(KeptOut::Address));
        assert_eq!(enter(&live, Timestamp::from_micros(1_001), home), Err(KeptOut::SecretExpired));
        assert_eq!(enter(&live, Timestamp::from_micros(1_002), home), Err(KeptOut::ClientExpired));
        let partner = live.partner.map(|(id, _)| (id, PartnerState::Terminated));
        assert_eq!(enter(&Live { partner, ..live }, NOW, home), Err(KeptOut::PartnerTerminated));
    }
}
