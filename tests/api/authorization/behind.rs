//! What is reached only through an object that was found for the caller has its scope all the same: asked for past the
//! door, it shows a partner nothing of another.

use entity::value::{PartnerId, PartnerState, Role, SessionId, Timestamp, UserId};
use partner_portal::{
    engagement::{activity, score},
    mdf::ledger,
    platform::{
        auth::{Caller, SignedIn},
        call::Call,
        origin::Origin,
    },
};

use super::world::{Side, World};
use crate::support::TestApp;

fn call_of(app: &TestApp, partner_id: PartnerId) -> Call {
    let signed_in = SignedIn {
        user_id: UserId(app.services.ids.new_uuid()),
        session_id: SessionId(app.services.ids.new_uuid()),
        partner: Some((partner_id, PartnerState::Active)),
        roles: [Role::PartnerAdmin].into_iter().collect(),
    };
    Call::new(app.services.clone(), Caller::User(signed_in), Origin::default())
}

#[tokio::test]
async fn what_is_reached_through_something_else_has_its_scope_all_the_same() {
    let app = super::isolation::unmetered().await;
    let world = World::create(&app).await;
    let id = |side| world.fact(side, "partner").as_str().unwrap().parse::<PartnerId>().unwrap();
    let (north, south) = (id(Side::North), id(Side::South));
    for (caller, sees) in [(north, true), (south, false)] {
        let call = call_of(&app, caller);
        let found = [
            ("the stream", activity::stream_of(&call, north).await.unwrap().len()),
            ("what counted", activity::counted_since(&call, &[north], Timestamp::from_micros(0)).await.unwrap().len()),
            ("the totals", score::totals_of(&call, &[north]).await.unwrap().len()),
            ("the balances", ledger::balances(&call, &[north]).await.unwrap().len()),
        ];
        for (what, found) in found {
            assert_eq!(found > 0, sees, "{what} of a partner, asked for by {caller}: {found}");
        }
    }
}
