//! One's own access. These come late: who has a second factor afterwards is asked for nothing else.

use entity::value::Role;
use serde_json::json;

use super::entries;
use crate::{authorization::world::Side, people::second_factors::code_of, support::app::PASSWORD};

entries! {
    query secondFactors: Needed(ManageOwnAccess), by Learner => |_, _| json!({});
    query securityPolicy: Needed(ManageSecurityPolicy), by Admin => |_, _| json!({});
    mutation setSecurityPolicy: Needed(ManageSecurityPolicy), by Admin => |_, _| json!({ "secondFactorRoles": [] });
    mutation requestEmailChange: Needed(ManageOwnAccess), by Executive => |world, _| {
        json!({ "email": format!("another{}@vendor.example", world.number()) })
    };
    mutation resetSecondFactor: Needed(ChangeUser), by PartnerAdmin => |world, side| {
        json!({ "userId": world.with_second_factor(side).await })
    };
    mutation stepUp: Needed(ManageOwnAccess), by Executive => |_, _| json!({ "password": PASSWORD });
    mutation beginTotpEnrolment: Needed(ManageOwnAccess), by Executive => |_, _| json!({});
    mutation confirmTotpEnrolment: Needed(ManageOwnAccess), by DirectSales => |world, _| {
        let person = world.in_new_session(Side::Vendor, Role::DirectSales).await;
        let begun = person.done("beginTotpEnrolment", json!({}), "secret").await;
        json!({ "code": code_of(begun["secret"].as_str().unwrap(), world.app.now()) })
    };
    mutation regenerateRecoveryCodes: Needed(ManageOwnAccess), by ChannelManager => |world, _| {
        world.enrolled(Side::Vendor, Role::ChannelManager).await;
        json!({})
    };
    mutation removeSecondFactor: Needed(ManageOwnAccess), by Finance => |world, _| {
        world.enrolled(Side::Vendor, Role::Finance).await;
        json!({})
    };
}
