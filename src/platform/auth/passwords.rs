//! Passwords: argon2id, off the async threads, and never more than a few at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use crate::platform::{
    error::{AppError, AppResult},
    ids::IdSource,
};

/// Memory of one hash in KiB, passes over it, and lanes (OWASP's advice for argon2id).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many may wait for their turn before further ones are sent away.
const QUEUE: usize = 64;

/// Hashes and checks passwords, so many at once.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    params: Params,
    /// A hash of a password that nobody knows: what an unknown address is checked against, for the same work.
    nobody: Arc<str>,
}

impl Passwords {
    /// With at most `at_once` hashes at a time.
    ///
    /// # Errors
    /// When hashing does not work at all.
    pub fn new(at_once: usize, ids: &dyn IdSource) -> AppResult<Self> {
        Self::with_params(at_once, ids, MEMORY_KIB, PASSES)
    }

    /// With other costs: tests sign in often.
    ///
    /// # Errors
    /// When hashing does not work at all, or the costs are out of range.
    pub fn with_params(at_once: usize, ids: &dyn IdSource, memory_kib: u32, passes: u32) -> AppResult<Self> {
        let params =
            Params::new(memory_kib, passes, LANES, None).map_err(|error| AppError::internal(error.to_string()))?;
        let mut salt = [0u8; 16];
        ids.fill(&mut salt);
        let nobody = hash(&params, ids.new_secret().as_bytes(), &salt)?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(at_once)),
            queue: Arc::new(Semaphore::new(at_once.saturating_add(QUEUE))),
            params,
            nobody: nobody.into(),
        })
    }

    /// The hash of a password, as a PHC string.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already.
    pub async fn hash(&self, password: String, ids: &dyn IdSource) -> AppResult<String> {
        let mut salt = [0u8; 16];
        ids.fill(&mut salt);
        let params = self.params.clone();
        self.in_turn(move || hash(&params, password.as_bytes(), &salt)).await?
    }

    /// Whether `password` is the one behind `phc`; without one the same work is done, and the answer is no.
    ///
    /// # Errors
    /// `RateLimited` when too many wait already.
    pub async fn verify(&self, password: String, phc: Option<String>) -> AppResult<bool> {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| self.nobody.as_ref().to_owned());
        let matches = self
            .in_turn(move || {
                let parsed = PasswordHash::new(&phc).map_err(|error| AppError::internal(error.to_string()))?;
                Ok::<_, AppError>(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
            })
            .await??;
        Ok(known && matches)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> AppResult<T> {
        let _place = self.queue.try_acquire().map_err(|_| AppError::RateLimited { retry_after: 1 })?;
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|error| AppError::internal(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let value = work();
            drop(turn);
            value
        });
        done.await.map_err(|error| AppError::internal(error.to_string()))
    }
}

fn hash(params: &Params, password: &[u8], salt: &[u8]) -> AppResult<String> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash = argon2.hash_password_with_salt(password, salt).map_err(|error| AppError::internal(error.to_string()))?;
    Ok(hash.to_string())
}
