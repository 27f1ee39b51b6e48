//! Notifications: everybody's own.

use entity::value::Role;
use serde_json::{Value, json};

use super::entries;

entries! {
    query notifications: Needed(ManageOwnAccess), by Seller => |_, _| json!({});
    query unreadNotificationCount: Needed(ManageOwnAccess), by Seller => |_, _| json!({});
    query notificationPreferences: Needed(ManageOwnAccess), by Learner => |_, _| json!({});
    mutation markNotificationsRead: Needed(ManageOwnAccess), by Seller => |world, side| {
        let answer = world.who(side, Role::Seller).ask("{ notifications(first: 1) { nodes { id } } }", Value::Null).await;
        json!({ "ids": [answer.data["notifications"]["nodes"][0]["id"]] })
    };
    mutation setNotificationPreferences: Needed(ManageOwnAccess), by Learner => |_, _| {
        json!({ "preferences": [{ "kind": "DEAL_APPROVED", "email": false }] })
    };
}
