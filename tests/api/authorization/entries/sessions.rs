//! What ends sessions. It comes last of all: the walk needs the sessions of the world until then.

use entity::value::{PartnerId, Role};
use serde_json::{Value, json};

use super::entries;
use crate::{
    authorization::world::{Side, World},
    support::app::PASSWORD,
};

/// A session of the partner's administrator, to be ended.
async fn session(world: &World<'_>, side: Side) -> Value {
    let person = world.in_new_session(side, Role::PartnerAdmin).await;
    let answer = person.ask("{ viewer { sessions(first: 1) { nodes { id } } } }", Value::Null).await;
    answer.data["viewer"]["sessions"]["nodes"][0]["id"].clone()
}

/// Somebody of a partner who is signed in.
async fn somebody(world: &World<'_>, side: Side) -> Value {
    let address = format!("somebody{}@{}", world.number(), side.domain());
    let partner: PartnerId = world.fact(side, "partner").as_str().unwrap().parse().unwrap();
    let person = world.app.person(&address, Some(partner), &[Role::Seller]).await;
    person.ask("{ viewer { user { id } } }", Value::Null).await.data["viewer"]["user"]["id"].clone()
}

entries! {
    mutation endSession: Needed(ManageOwnAccess), by PartnerAdmin => |world, side| json!({ "sessionId": session(world, side).await });
    mutation endUserSessions: Needed(ChangeUser), by PartnerAdmin => |world, side| json!({ "userId": somebody(world, side).await });
    mutation signOutEverywhere: Needed(ManageOwnAccess), by Learner => |_, _| json!({ "keepCurrent": true });
    mutation changePassword: Needed(ManageOwnAccess), by Executive => |_, _| {
        json!({ "currentPassword": PASSWORD, "newPassword": "seven lamps beside a quiet canal" })
    };
}
