//! Use cases of throttling.

use std::net::{IpAddr, Ipv6Addr};

use chrono::TimeDelta;
use entity::value::Timestamp;
use sea_orm::DatabaseTransaction;

use super::{
    model::{Bucket, Guess},
    rules::{self, PLACE_KNOWN_FOR},
    store,
};
use crate::{
    kernel::code::Code,
    platform::{
        call::Call,
        db::Db,
        error::{AppError, AppResult},
    },
};

const ADDRESS: &str = "address";
const TOTAL: &str = "total";
/// What is counted of an account at an address from which it was signed in to before.
const KNOWN_PLACE: &str = "sign_in.known_place";

/// A guess that was let through and counted. Say how it ended.
#[must_use = "a guess that nobody says the end of stays counted as a wrong one"]
#[derive(Clone, Debug)]
pub struct Attempt {
    guess: Guess,
    account: Option<Subject>,
    address: Option<Vec<u8>>,
    place: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
struct Subject {
    kind: &'static str,
    hash: Vec<u8>,
}

/// Counts a guess before it is checked: for the account, whether it exists or not, and for the caller's address.
///
/// # Errors
/// `RateLimited` when one of them has to wait; those of the database.
pub async fn attempt(call: &Call, guess: Guess, account: Option<&str>) -> AppResult<Attempt> {
    let hash = |purpose: &str, parts: &[&[u8]]| {
        call.services.tokens.keyed_hash(&format!("throttle.{purpose}"), &parts.join(&b'\n'))
    };
    let network = call.origin.address.map(network_of);
    let address = network.map(|network| hash(ADDRESS, &[&network]));
    let place = account
        .zip(network)
        .filter(|_| guess == Guess::SignIn)
        .map(|(account, network)| hash(KNOWN_PLACE, &[account.as_bytes(), &network]));
    let account = account.map(|account| hash(guess.word(), &[account.as_bytes()]));
    let let_through = call
        .in_transaction(async |txn| {
            let now = call.now();
            let total = store::find(txn, TOTAL, TOTAL.as_bytes()).await?;
            let under_attack = total.is_some_and(|total| rules::is_attack(total, now));
            // Always the address before the account: two attempts at once never wait for each other in a circle.
            if let Some(address) = &address {
                let limit = rules::of_address(under_attack);
                let bucket = store::hold(txn, ADDRESS, address, now).await?;
                match rules::take(limit, bucket, now) {
                    Ok(next) => {
                        store::write(txn, ADDRESS, address, next, Some(rules::kept_until(limit, next))).await?;
                    }
                    Err(wait) => return Ok(Err(wait)),
                }
            }
            let Some(hash) = account else { return Ok(Ok(None)) };
            // Who guesses from elsewhere uses up the guesses of elsewhere: at their own address the person goes on.
            let known = match &place {
                Some(place) => store::is_kept(txn, KNOWN_PLACE, place, now).await?,
                None => false,
            };
            let subject = match &place {
                Some(place) if known => Subject { kind: KNOWN_PLACE, hash: place.clone() },
                _ => Subject { kind: guess.word(), hash },
            };
            let limit = rules::of_account(guess, under_attack && !known);
            let bucket = store::hold(txn, subject.kind, &subject.hash, now).await?;
            match rules::take(limit, bucket, now) {
                Ok(next) => {
                    let kept_until = (!known).then(|| rules::kept_until(limit, next));
                    store::write(txn, subject.kind, &subject.hash, next, kept_until).await?;
                    Ok(Ok(Some(subject)))
                }
                // Counted for the address all the same: who tries many accounts is seen there.
                Err(wait) => Ok(Err(wait)),
            }
        })
        .await?;
    match let_through {
        Ok(account) => Ok(Attempt { guess, account, address, place }),
        Err(wait) => Err(refusal(guess, wait)),
    }
}

/// Counts an application from the caller's address, apart from guesses: none of them is one.
///
/// # Errors
/// `RateLimited` when many came from there lately; those of the database.
pub async fn count_application(call: &Call) -> AppResult<()> {
    const KIND: &str = "application";
    // What the product does itself, and what comes from no address, has no limit.
    let Some(network) = call.origin.address.map(network_of) else { return Ok(()) };
    let subject = call.services.tokens.keyed_hash(&format!("throttle.{KIND}"), &network);
    let counted = call
        .in_transaction(async |txn| {
            let now = call.now();
            let bucket = store::hold(txn, KIND, &subject, now).await?;
            match rules::take(rules::of_applications(), bucket, now) {
                Ok(next) => {
                    store::write(txn, KIND, &subject, next, Some(next.free_at)).await?;
                    Ok(Ok(()))
                }
                Err(wait) => Ok(Err(wait)),
            }
        })
        .await?;
    counted.map_err(|wait| too_many(KIND, wait))
}

/// Counts a guess, checks it by `work`, and says how it ended: a code, a password or a token that was refused was wrong,
/// and any other refusal came before it was looked at.
///
/// # Errors
/// `RateLimited`; those of `work`.
pub async fn guarded<T>(
    call: &Call,
    guess: Guess,
    account: &str,
    work: impl Future<Output = AppResult<T>>,
) -> AppResult<T> {
    let attempt = attempt(call, guess, Some(account)).await?;
    let outcome = work.await;
    let wrong = |code| matches!(code, Code::InvalidCode | Code::InvalidCredentials | Code::InvalidToken);
    match &outcome {
        Ok(_) => attempt.succeeded(call).await?,
        Err(AppError::Refused(problems)) if problems.iter().any(|problem| wrong(problem.code)) => {
            attempt.failed(call).await?;
        }
        Err(_) => attempt.not_made(call).await?,
    }
    outcome
}

fn refusal(guess: Guess, wait: TimeDelta) -> AppError {
    too_many(guess.word(), wait)
}

fn too_many(what: &str, wait: TimeDelta) -> AppError {
    let seconds = u64::try_from(wait.num_milliseconds()).unwrap_or(0).div_ceil(1000).max(1);
    tracing::warn!(guess = what, seconds, "too many attempts: the next one has to wait");
    AppError::RateLimited { retry_after: seconds }
}

impl Attempt {
    /// It was wrong. It stays counted, and counts in total.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn failed(&self, call: &Call) -> AppResult<()> {
        call.in_transaction(async |txn| {
            let now = call.now();
            let bucket = store::hold(txn, TOTAL, TOTAL.as_bytes(), now).await?;
            let next = rules::count_in_total(bucket, now);
            store::write(txn, TOTAL, TOTAL.as_bytes(), next, Some(next.free_at)).await
        })
        .await
    }

    /// It was right: the account's guesses are forgotten, and this one does not count for the address. The others
    /// from there do: who knows one password does not get more guesses at others.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn succeeded(&self, call: &Call) -> AppResult<()> {
        call.in_transaction(async |txn| {
            self.give_back_to_address(txn, call).await?;
            match &self.account {
                Some(Subject { kind: KNOWN_PLACE, hash }) => {
                    store::write(txn, KNOWN_PLACE, hash, Bucket::empty(call.now()), None).await
                }
                Some(Subject { kind, hash }) => store::delete(txn, kind, hash).await,
                None => Ok(()),
            }
        })
        .await
    }

    /// It was not checked at all: it counts for nobody.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn not_made(&self, call: &Call) -> AppResult<()> {
        call.in_transaction(async |txn| {
            self.give_back_to_address(txn, call).await?;
            let Some(Subject { kind, hash }) = &self.account else { return Ok(()) };
            let bucket = store::hold(txn, kind, hash, call.now()).await?;
            store::write(txn, kind, hash, rules::take_back(bucket, call.now()), None).await
        })
        .await
    }

    async fn give_back_to_address(&self, txn: &DatabaseTransaction, call: &Call) -> AppResult<()> {
        let Some(address) = &self.address else { return Ok(()) };
        let bucket = store::hold(txn, ADDRESS, address, call.now()).await?;
        let next = rules::give_back(bucket);
        store::write(txn, ADDRESS, address, next, Some(next.free_at)).await
    }

    /// Remembers that the person was signed in from this address, in the transaction that lets them in: strangers
    /// elsewhere do not delay them here.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remember_place(&self, txn: &DatabaseTransaction, call: &Call) -> AppResult<()> {
        let Some(place) = self.place.as_ref().filter(|_| self.guess == Guess::SignIn) else { return Ok(()) };
        let now = call.now();
        store::hold(txn, KNOWN_PLACE, place, now).await?;
        store::write(txn, KNOWN_PLACE, place, Bucket::empty(now), Some(now.plus(PLACE_KNOWN_FOR))).await
    }
}

/// Forgets the guesses at an account: its password was reset, or somebody who may has said so.
///
/// # Errors
/// Those of the database.
pub async fn forget(txn: &DatabaseTransaction, call: &Call, guess: Guess, account: &str) -> AppResult<()> {
    let hash = call.services.tokens.keyed_hash(&format!("throttle.{}", guess.word()), account.as_bytes());
    store::delete(txn, guess.word(), &hash).await
}

/// Forgets what says nothing any more, and says how much that was. For the jobs.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> AppResult<u64> {
    store::purge(db.pool(), now).await
}

/// Whom an address stands for: itself, or the /64 that one IPv6 customer has at least.
fn network_of(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_customer_are_one() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.9"), network("203.0.113.9"));
        assert_ne!(network("203.0.113.9"), network("203.0.113.10"));
    }
}
