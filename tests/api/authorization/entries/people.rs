//! People: sessions, invitations, users, audit.

use entity::{
    sign_on_attempt, user,
    value::{Role, SignOnAttemptId, TypedId as _},
};
use partner_portal::platform::auth::tokens::hash_of;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::entries;
use crate::authorization::world::Side;
use crate::support::{TestApp, app::PASSWORD};

/// The code of somebody of staff who is back from the provider of identities.
async fn signed_on(app: &TestApp) -> String {
    let services = &app.services;
    let id = SignOnAttemptId(services.ids.new_uuid());
    let code = services.tokens.secret_for("sign_on_code", id.uuid(), 0);
    let staff = user::Entity::find().filter(user::Column::PartnerId.is_null()).one(services.db.pool()).await.unwrap();
    let row = sign_on_attempt::ActiveModel {
        id: Set(id),
        state_hash: Set(hash_of(&code)),
        code_hash: Set(hash_of(&code)),
        return_to: Set("/".to_owned()),
        created_at: Set(app.now()),
        returned_at: Set(Some(app.now())),
        user_id: Set(staff.map(|staff| staff.id)),
        several_factors: Set(Some(false)),
        completed_at: Set(None),
        authenticated_at: Set(None),
    };
    sign_on_attempt::Entity::insert(row).exec_without_returning(services.db.pool()).await.unwrap();
    code
}

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
    query apiClients: Needed(ReadClients), by PartnerAdmin => |world, side| json!({ "filter": { "partnerId": world.fact(side, "partner") } });
    query currentClient: Nothing, by Learner => |_, _| json!({});
    mutation createApiClient: Needed(ManageClients), by PartnerAdmin => |world, side| {
        json!({ "name": "CRM", "scopes": ["DEALS_READ"], "partnerId": world.fact(side, "partner") })
    };
    mutation addApiClientSecret: Needed(ManageClients), by PartnerAdmin => |world, side| json!({ "id": world.api_client(side).await["id"] });
    mutation updateApiClient: Needed(ManageClients), by PartnerAdmin => |world, side| {
        json!({ "id": world.api_client(side).await["id"], "name": "Our CRM" })
    };
    mutation revokeApiClient: Needed(RevokeClients), by PartnerAdmin => |world, side| json!({ "id": world.api_client(side).await["id"] });
    mutation revokeApiClientSecret: Needed(RevokeClients), by PartnerAdmin => |world, side| {
        json!({ "secretId": world.api_client(side).await["secrets"][0]["id"] })
    };
    mutation signIn: Needed(UseSession), by Seller => |world, side| json!({ "email": world.address(side, Role::Seller), "password": PASSWORD });
    query signInMethods: Nothing, by Learner => |_, _| json!({});
    mutation completeSignOn: Needed(UseSession), by Learner => |world, _| json!({ "code": signed_on(world.app).await });
    mutation refreshSession: Needed(UseSession), by Seller => |world, side| {
        let input = json!({ "email": world.address(side, Role::Seller), "password": PASSWORD });
        let tokens = world.app.anonymous().done("signIn", input, "tokens { refreshToken }").await;
        json!({ "refreshToken": tokens["tokens"]["refreshToken"] })
    };
    mutation signOut: Needed(UseSession), by Seller => |_, _| json!({});
    mutation requestPasswordReset: Needed(ResetPassword), by Seller => |world, side| {
        json!({ "email": world.address(side, Role::Seller) })
    };
    mutation resetPassword: Needed(ResetPassword), by Seller => |world, side| {
        json!({ "token": world.lost_password(side).await, "password": "seven walnuts cross a bridge" })
    };
    mutation confirmEmailChange: Needed(ConfirmAddress), by Seller => |world, side| {
        json!({ "token": world.another_address(side).await })
    };
    query invitations: Needed(ReadUsers), by PartnerAdmin => |_, _| json!({});
    mutation inviteUser: Needed(InviteUser), by PartnerAdmin => |world, side| {
        json!({ "email": format!("new{}@{}", world.number(), side.domain()), "name": "Nora", "roles": ["SELLER"] })
    };
    mutation revokeInvitation: Needed(InviteUser), by PartnerAdmin => |world, side| {
        json!({ "invitationId": world.invited(side).await })
    };
    mutation resendInvitation: Needed(InviteUser), by PartnerAdmin => |world, side| {
        json!({ "invitationId": world.invited(side).await })
    };
    mutation acceptInvitation: Needed(AcceptInvitation), by PartnerAdmin => |world, _| {
        json!({ "token": world.invitation().await, "password": PASSWORD })
    };
}
