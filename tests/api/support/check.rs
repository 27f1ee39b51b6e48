//! Whether everything that always holds holds: what a fault test ends with.

use std::sync::Arc;

use partner_portal::{
    app,
    platform::{
        auth::{keys, passwords::Passwords, remembered::Remembered, tokens::Tokens},
        call::{Call, Services},
        clock::SystemClock,
        db::Db,
        files::Files,
        ids::SystemIds,
        invariants,
        news::News,
        rates::Rates,
    },
    reactions,
};

use super::TestApp;

/// What is broken in a database: area, sentence, row.
pub async fn broken_in(call: &Call) -> Vec<String> {
    let mut broken = Vec::new();
    for (area, invariant) in app::invariants() {
        let found = invariants::check(call, invariant).await.unwrap();
        broken.extend(found.broken.iter().map(|row| format!("{area}: {}: {row}", invariant.name)));
    }
    broken
}

/// Nothing is broken in a database that no app of the test serves.
pub async fn check_of(db: &Db) {
    let ids = SystemIds;
    let services = Services {
        files: Files::in_memory(),
        news: News::new(db, &ids),
        db: db.clone(),
        clock: Arc::new(SystemClock),
        passwords: Passwords::with_params(1, &ids, 64, 1).unwrap(),
        tokens: Tokens::from_pem(&keys::generate_pem().unwrap(), "check").unwrap(),
        remembered: Remembered::default(),
        rates: Rates::default(),
        sign_on: None,
        reactions: Arc::new(reactions::Table),
        ids: Arc::new(ids),
    };
    assert_eq!(broken_in(&Call::system(Arc::new(services), "check")).await, Vec::<String>::new());
}

impl TestApp {
    /// Nothing is broken.
    pub async fn check(&self) {
        assert_eq!(broken_in(&Call::system(self.services.clone(), "check")).await, Vec::<String>::new());
    }
}
