//! What was lately found out about sessions: it spares a statement a request. A change of a person's rights made here
//! is forgotten at once, one made by another replica within a few seconds.

use std::sync::atomic::{AtomicU64, Ordering};

use entity::value::{PartnerId, SessionId, Timestamp, UserId};
use moka::sync::Cache;

use super::caller::SignedIn;

/// How many sessions are remembered.
const MOST: u64 = 20_000;

/// What is not true any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// A session ended.
    Session(SessionId),
    /// A person's roles, state or sessions changed.
    User(UserId),
    /// A partner's state changed.
    Partner(PartnerId),
}

/// What was lately found out about sessions.
#[derive(Clone)]
pub struct Remembered {
    sessions: Cache<SessionId, (Timestamp, SignedIn)>,
    forgotten: std::sync::Arc<AtomicU64>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { sessions: Cache::new(MOST), forgotten: std::sync::Arc::default() }
    }
}

impl Remembered {
    /// How often something was forgotten so far: to be taken before what is remembered is looked up.
    #[must_use]
    pub fn moment(&self) -> u64 {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// A session, and when it was looked up.
    #[must_use]
    pub fn get(&self, id: SessionId) -> Option<(Timestamp, SignedIn)> {
        self.sessions.get(&id)
    }

    /// Remembers what was looked up since `moment`, unless something changed since: it might be older than the change.
    pub fn keep(&self, moment: u64, at: Timestamp, signed_in: SignedIn) {
        let id = signed_in.session_id;
        if self.moment() != moment {
            return;
        }
        self.sessions.insert(id, (at, signed_in));
        if self.moment() != moment {
            self.sessions.invalidate(&id);
        }
    }

    /// Forgets what is not true any more. To be called when the change is committed: [`super::super::call::Call::forget`].
    pub fn forget(&self, stale: Stale) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        if let Stale::Session(id) = stale {
            return self.sessions.invalidate(&id);
        }
        for (id, (_, signed_in)) in &self.sessions {
            let concerned = match stale {
                Stale::Session(session) => *id == session,
                Stale::User(user) => signed_in.user_id == user,
                Stale::Partner(partner) => signed_in.partner.is_some_and(|(id, _)| id == partner),
            };
            if concerned {
                self.sessions.invalidate(id.as_ref());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::value::{PartnerState, Roles, TypedId as _};
    use uuid::Uuid;

    use super::*;

    fn session(number: u128) -> SignedIn {
        SignedIn {
            user_id: UserId::from_uuid(Uuid::from_u128(number / 10)),
            session_id: SessionId::from_uuid(Uuid::from_u128(number)),
            partner: Some((PartnerId::from_uuid(Uuid::from_u128(number / 100)), PartnerState::Active)),
            roles: Roles::default(),
        }
    }

    #[test]
    fn exactly_what_is_concerned_is_forgotten() {
        let now = Timestamp::from_micros(0);
        let all = [111, 112, 121, 211].map(session);
        for (stale, left) in [
            (Stale::Session(all[0].session_id), vec![112, 121, 211]),
            (Stale::User(all[0].user_id), vec![121, 211]),
            (Stale::Partner(all[0].partner.unwrap().0), vec![211]),
        ] {
            let remembered = Remembered::default();
            for session in &all {
                remembered.keep(remembered.moment(), now, session.clone());
            }
            remembered.forget(stale);
            let known: Vec<_> = all.iter().filter(|one| remembered.get(one.session_id).is_some()).collect();
            assert_eq!(known, left.into_iter().map(session).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_was_looked_up_before_a_change_is_not_remembered_after_it() {
        let remembered = Remembered::default();
        let (moment, one) = (remembered.moment(), session(111));
        remembered.forget(Stale::User(one.user_id));
        remembered.keep(moment, Timestamp::from_micros(0), one.clone());
        assert_eq!(remembered.get(one.session_id), None);
    }
}
