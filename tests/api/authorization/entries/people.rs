//! People: sessions, invitations, users, audit.

use entity::value::Role;
use serde_json::json;

use super::entries;
use crate::support::app::PASSWORD;

entries! {
    query node: Nothing, by PartnerAdmin => |world, side| json!({ "id": world.fact(side, "partner") });
    query nodes: Nothing, by PartnerAdmin => |world, side| json!({ "ids": [world.fact(side, "partner")] });
    query viewer: Nothing, by Learner => |_, _| json!({});
    query auditEvents: Needed(ReadAudit), by PartnerAdmin => |world, side| json!({ "filter": { "objectId": world.fact(side, "partner") } });
    mutation signIn: Needed(UseSession), by Seller => |world, side| json!({ "email": world.address(side, Role::Seller), "password": PASSWORD });
    mutation refreshSession: Needed(UseSession), by Seller => |world, side| {
        let input = json!({ "email": world.address(side, Role::Seller), "password": PASSWORD });
        let tokens = world.app.anonymous().done("signIn", input, "tokens { refreshToken }").await;
        json!({ "refreshToken": tokens["tokens"]["refreshToken"] })
    };
    mutation signOut: Needed(UseSession), by Seller => |_, _| json!({});
    mutation acceptInvitation: Needed(AcceptInvitation), by PartnerAdmin => |world, _| {
        json!({ "token": world.invitation().await, "password": PASSWORD })
    };
}
