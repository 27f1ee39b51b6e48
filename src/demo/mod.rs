//! A believable world to try the product in: a vendor with staff of every role, six partners of different types, and
//! twelve months in which they did business. It is made through the API, with the clock moved by hand, so everything
//! in it obeys the rules.

pub mod export;
mod story;
mod teller;

use std::sync::Arc;

use entity::{
    user,
    value::{Role, Timestamp},
};
use sea_orm::EntityTrait;

use crate::{
    platform::{
        auth::{passwords::Passwords, remembered::Remembered, tokens::Tokens},
        call::Services,
        clock::HandMovedClock,
        db::Db,
        error::AppResult,
        files::Files,
        http::pages::DemoPerson,
        ids::{IdSource, SeededIds},
        news::News,
        rates::Rates,
    },
    reactions,
};

/// The password of everybody in the demo. It is printed at every start, and worth nothing elsewhere.
pub const PASSWORD: &str = "two otters share a kayak";

/// How many days the world has been going on when the demo starts.
const DAYS: i64 = 365;

/// One sign-in per role: who, address, role.
const PEOPLE: &[(&str, &str, Role)] = &[
    ("Ada, administrator", "ada@vendor.example", Role::Admin),
    ("Omar, channel operations", "omar@vendor.example", Role::ChannelOps),
    ("Mina, channel manager", "mina@vendor.example", Role::ChannelManager),
    ("Finn, finance", "finn@vendor.example", Role::Finance),
    ("Dana, direct sales", "dana@vendor.example", Role::DirectSales),
    ("Ezra, executive", "ezra@vendor.example", Role::Executive),
    ("Paula, partner administrator", "paula@alpenblick-it.example", Role::PartnerAdmin),
    ("Sven, seller", "sven@alpenblick-it.example", Role::Seller),
    ("Marta, marketer", "marta@alpenblick-it.example", Role::Marketer),
    ("Luis, learner", "luis@alpenblick-it.example", Role::Learner),
];

/// Whom the demo offers to sign in as.
#[must_use]
pub fn people() -> Vec<DemoPerson> {
    PEOPLE
        .iter()
        .map(|(title, email, _)| DemoPerson {
            title: (*title).to_owned(),
            email: (*email).to_owned(),
            password: PASSWORD.to_owned(),
        })
        .collect()
}

/// Whether somebody lives in this database already.
///
/// # Errors
/// Those of the database.
pub async fn is_inhabited(db: &Db) -> AppResult<bool> {
    Ok(user::Entity::find().one(db.pool()).await?.is_some())
}

/// Makes the world, so that it ends at `now`.
///
/// # Errors
/// Those of the database, and a fault where the story does not go as told.
pub async fn create(db: Db, tokens: Tokens, now: Timestamp) -> AppResult<()> {
    let clock = Arc::new(HandMovedClock::at(now.plus_days(-DAYS)));
    let ids: Arc<dyn IdSource> = Arc::new(SeededIds::from_seed(u64::try_from(now.micros()).unwrap_or(1)));
    let services = Arc::new(Services {
        files: Files::in_memory(),
        news: News::new(&db, ids.as_ref()),
        db,
        clock: clock.clone(),
        passwords: Passwords::new(2, ids.as_ref())?,
        ids,
        tokens,
        remembered: Remembered::default(),
        sign_on: None,
        rates: Rates::default(),
        reactions: Arc::new(reactions::Table),
    });
    let teller = teller::Teller::new(services, clock);
    teller.lets_everybody_in_by_password().await?;
    story::tell(teller, now).await
}
