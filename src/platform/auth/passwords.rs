//! Passwords: argon2id, off the async threads, and never more than a few at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use unicode_normalization::UnicodeNormalization as _;

use super::hashing::Threads;
use crate::platform::{
    error::{AppError, AppResult},
    ids::IdSource,
};

/// The least memory of one hash in KiB, and the least passes over it (OWASP's advice for argon2id with one lane).
pub const LEAST_MEMORY_KIB: u32 = 19_456;
/// See [`LEAST_MEMORY_KIB`].
pub const LEAST_PASSES: u32 = 2;
const LANES: u32 = 1;

/// The longest password, in bytes of its composed form. Nothing is cut off: a longer one is nobody's.
pub const MOST_BYTES: usize = 1024;

/// How many may wait for their turn before further ones are sent away. They hold no memory of a hash yet.
const QUEUE: usize = 256;

/// What a hash costs, and how many are made at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// How many at once.
    pub at_once: usize,
    /// The memory of one, in KiB.
    pub memory_kib: u32,
    /// How many passes over it.
    pub passes: u32,
}

impl Hashing {
    /// So many at once, at the least cost that is advised.
    #[must_use]
    pub const fn at_once(at_once: usize) -> Self {
        Self { at_once, memory_kib: LEAST_MEMORY_KIB, passes: LEAST_PASSES }
    }
}

/// Hashes and checks passwords, so many at once.
#[derive(Clone)]
pub struct Passwords {
    threads: Threads,
    params: Params,
    /// A hash of a password that nobody knows: what an unknown address is checked against, for the same work.
    nobody: Arc<str>,
}

/// Whether a password was the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was not, or there is nothing that it could be right for.
    Wrong,
    /// It was.
    Right {
        /// Whether it was hashed at less cost than passwords are now, so that it should be hashed anew.
        is_outdated: bool,
    },
}

impl Passwords {
    /// With at most `at_once` hashes at a time, at the least cost that is advised.
    ///
    /// # Errors
    /// When hashing does not work at all.
    pub fn new(at_once: usize, ids: &dyn IdSource) -> AppResult<Self> {
        Self::with(Hashing::at_once(at_once), ids)
    }

    /// With other costs: tests sign in often.
    ///
    /// # Errors
    /// When hashing does not work at all, or the costs are out of range.
    pub fn with_params(at_once: usize, ids: &dyn IdSource, memory_kib: u32, passes: u32) -> AppResult<Self> {
        Self::with(Hashing { at_once, memory_kib, passes }, ids)
    }

    /// With these costs.
    ///
    /// # Errors
    /// When hashing does not work at all, or the costs are out of range.
    pub fn with(hashing: Hashing, ids: &dyn IdSource) -> AppResult<Self> {
        let Hashing { at_once, memory_kib, passes } = hashing;
        let params =
            Params::new(memory_kib, passes, LANES, None).map_err(|error| AppError::internal(error.to_string()))?;
        let mut salt = [0u8; 16];
        ids.fill(&mut salt);
        let nobody = hash(&params, &ids.new_secret(), &salt)?;
        let threads = Threads::start(at_once, QUEUE).map_err(|error| AppError::internal(error.to_string()))?;
        Ok(Self { threads, params, nobody: nobody.into() })
    }

    /// The hash of a password, as a PHC string.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already.
    pub async fn hash(&self, password: String, ids: &dyn IdSource) -> AppResult<String> {
        let mut salt = [0u8; 16];
        ids.fill(&mut salt);
        let params = self.params.clone();
        self.threads.run(move || hash(&params, &composed(&password), &salt)).await?
    }

    /// Whether `password` is the one behind `phc`; without one the same work is done, and the answer is no.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already.
    pub async fn verify(&self, password: String, phc: Option<String>) -> AppResult<Verdict> {
        let (params, nobody) = (self.params.clone(), Arc::clone(&self.nobody));
        self.threads.run(move || verdict(&params, &nobody, &password, phc.as_deref())).await
    }
}

/// One form for all spellings of the same characters (NFC, as RFC 8265 prepares passwords): a password that was typed on
/// one device works on another. Not NFKC, which would make different passwords one.
fn composed(password: &str) -> String {
    password.nfc().collect()
}

fn hash(params: &Params, password: &str, salt: &[u8]) -> AppResult<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash = argon2
        .hash_password_with_salt(password.as_bytes(), salt)
        .map_err(|error| AppError::internal(error.to_string()))?;
    Ok(hash.to_string())
}

fn verdict(params: &Params, nobody: &str, password: &str, phc: Option<&str>) -> Verdict {
    // What nobody can have chosen is not looked at, however long it is; the work is the same.
    let fits = password.len() <= MOST_BYTES.saturating_mul(4);
    let password = if fits { composed(password) } else { String::new() };
    // A person without a password (a text that is no hash) is an unknown one.
    let known = phc.and_then(|phc| PasswordHash::new(phc).ok()).filter(|_| fits && password.len() <= MOST_BYTES);
    let matches = |hash: &PasswordHash| Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
    match known {
        Some(hash) if matches(&hash) => Verdict::Right { is_outdated: is_outdated(params, &hash) },
        Some(_) => Verdict::Wrong,
        None => {
            let _unused = PasswordHash::new(nobody).is_ok_and(|hash| matches(&hash));
            Verdict::Wrong
        }
    }
}

/// Whether a hash was made at less cost than hashes are now, or in another way.
fn is_outdated(params: &Params, hash: &PasswordHash) -> bool {
    let same_way =
        hash.algorithm.as_str() == Algorithm::Argon2id.as_str() && hash.version == Some(Version::V0x13.into());
    let Ok(made_with) = Params::try_from(hash) else { return true };
    !same_way
        || made_with.m_cost() < params.m_cost()
        || made_with.t_cost() < params.t_cost()
        || made_with.p_cost() != params.p_cost()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::ids::SeededIds;

    const WORDS: &str = "an unlikely pair of otters";

    fn with(memory_kib: u32, passes: u32) -> Passwords {
        Passwords::with_params(2, &SeededIds::from_seed(1), memory_kib, passes).unwrap()
    }

    #[tokio::test]
    async fn a_hash_says_how_it_was_made_and_is_never_cheaper_than_advised() {
        let ids = SeededIds::from_seed(2);
        let hash = Passwords::new(1, &ids).unwrap().hash(WORDS.into(), &ids).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[tokio::test]
    async fn a_right_password_that_was_hashed_at_less_cost_is_outdated() {
        let ids = SeededIds::from_seed(3);
        let (weak, strong) = (with(64, 1), with(128, 2));
        for (made_by, read_by, is_outdated) in
            [(&weak, &weak, false), (&weak, &strong, true), (&strong, &weak, false), (&strong, &strong, false)]
        {
            let hash = made_by.hash(WORDS.into(), &ids).await.unwrap();
            let right = read_by.verify(WORDS.into(), Some(hash.clone())).await.unwrap();
            assert_eq!(right, Verdict::Right { is_outdated });
            assert_eq!(read_by.verify("otters".into(), Some(hash)).await.unwrap(), Verdict::Wrong);
        }
        let other_way = "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$";
        assert_eq!(weak.verify(WORDS.into(), Some(other_way.into())).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn every_spelling_of_the_same_characters_is_the_same_password_and_nothing_is_cut_off() {
        let ids = SeededIds::from_seed(4);
        let passwords = with(64, 1);
        let hash = passwords.hash("cafe\u{301} au lait".into(), &ids).await.unwrap();
        assert_ne!(passwords.verify("caf\u{e9} au lait".into(), Some(hash)).await.unwrap(), Verdict::Wrong);
        let long = "€".repeat(256);
        let hash = passwords.hash(long.clone(), &ids).await.unwrap();
        assert_ne!(passwords.verify(long.clone(), Some(hash.clone())).await.unwrap(), Verdict::Wrong);
        for other in [format!("{long}x"), "€".repeat(255), "x".repeat(1_000_000)] {
            assert_eq!(passwords.verify(other, Some(hash.clone())).await.unwrap(), Verdict::Wrong);
        }
    }

    #[tokio::test]
    async fn what_is_longer_than_any_password_is_nobodys() {
        let ids = SeededIds::from_seed(5);
        let passwords = with(64, 1);
        for (length, right) in [(MOST_BYTES, true), (MOST_BYTES + 1, false)] {
            let long = "x".repeat(length);
            let hash = passwords.hash(long.clone(), &ids).await.unwrap();
            assert_eq!(passwords.verify(long, Some(hash)).await.unwrap() != Verdict::Wrong, right, "{length}");
        }
    }

    #[tokio::test]
    async fn for_an_unknown_person_the_same_work_is_done() {
        let ids = SeededIds::from_seed(6);
        let passwords = with(4_096, 2);
        let hash = passwords.hash(WORDS.into(), &ids).await.unwrap();
        // The best of a few: others may hold the processor for a moment.
        let best = async |phc: Option<String>| {
            let mut best = std::time::Duration::MAX;
            for _ in 0..5 {
                let watch = crate::platform::telemetry::Stopwatch::start();
                assert_eq!(passwords.verify("something else".into(), phc.clone()).await.unwrap(), Verdict::Wrong);
                best = best.min(watch.elapsed());
            }
            best
        };
        let known = best(Some(hash)).await;
        for nobody in [None, Some(String::new()), Some("!".to_owned())] {
            let unknown = best(nobody.clone()).await;
            assert!(unknown * 4 > known, "{nobody:?}: {unknown:?} instead of {known:?}");
        }
    }

    #[tokio::test]
    async fn an_unknown_person_and_one_without_a_password_are_nobody() {
        let passwords = with(64, 1);
        for phc in [None, Some(String::new()), Some("!".to_owned()), Some("$argon2id$".to_owned())] {
            assert_eq!(passwords.verify(WORDS.into(), phc).await.unwrap(), Verdict::Wrong);
        }
    }
}
