//! People: sessions, invitations, users, audit.

use entity::value::Role;
use serde_json::json;

use super::entries;
use crate::authorization::world::Side;
use crate::support::app::PASSWORD;

entries! {
    query node: Nothing, by PartnerAdmin => |world, side| json!({ "id": world.fact(side, "partner") });
    query nodes: Nothing, by PartnerAdmin => |world, side| json!({ "ids": [world.fact(side, "partner")] });
    query viewer: Nothing, by Learner => |_, _| json!({});
    query auditEvents: Needed(ReadAudit), by PartnerAdmin => |world, side| json!({ "filter": { "objectId": world.fact(side, "partner") } });
    query users: Needed(ReadUsers), by PartnerAdmin => |world, side| json!({ "filter": { "partnerId": world.fact(side, "partner") } });
    mutation changeUserRoles: Needed(ChangeUser), by PartnerAdmin => |world, side| {
        json!({ "userId": world.newcomer(side).await, "roles": ["MARKETER"] })
    };
    mutation deactivateUser: Needed(ChangeUser), by PartnerAdmin => |world, side| json!({ "userId": world.newcomer(side).await });
    mutation reactivateUser: Needed(ChangeUser), by PartnerAdmin => |world, side| {
        let id = world.newcomer(side).await;
        world.who(Side::Vendor, Role::Admin).done("deactivateUser", json!({ "userId": id }), "").await;
        json!({ "userId": id })
    };
    mutation renameUser: Needed(ChangeUser), by PartnerAdmin => |world, side| {
        json!({ "userId": world.newcomer(side).await, "name": "Another Name" })
    };
    mutation exportPersonalData: Needed(ExportPerson), by PartnerAdmin => |world, side| json!({ "userId": world.newcomer(side).await });
    mutation erasePerson: Needed(ErasePerson), by PartnerAdmin => |world, side| {
        json!({ "userId": world.newcomer(side).await, "reason": "LEFT" })
    };
    mutation updateOwnProfile: Needed(ManageOwnAccess), by Seller => |world, _| {
        json!({ "name": format!("Seller {}", world.number()) })
    };
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
