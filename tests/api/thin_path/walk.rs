//! The path in the app under test, and what the engagement score shows after every step.

use entity::value::Role;

use super::{steps, walker::Walker};
use crate::support::TestApp;

#[tokio::test]
async fn the_thin_path_is_walked_and_the_score_shows_every_event() {
    let app = TestApp::start().await;
    let clock = app.clock.clone();
    let mut walker = Walker::new(&app.address, move || partner_portal::platform::clock::Clock::now(clock.as_ref()));
    for (who, role) in [("admin", Role::Admin), ("ops", Role::ChannelOps), ("finance", Role::Finance)] {
        let person = app.staff(role).await;
        walker.token(who, &person.token.into());
    }
    for (number, name) in steps::STEPS.iter().enumerate() {
        steps::make(&mut walker, number).await;
        walker.everything_holds().await;
        let shown = walker.shown().await;
        for kind in steps::shown_after(number) {
            assert!(
                shown.iter().any(|found| found == kind),
                "after {name:?} the score does not show {kind}: {shown:?}"
            );
        }
    }
}
