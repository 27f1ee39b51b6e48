//! Accounts and product lines.

use serde_json::json;

use super::{super::world::Side, entries};

entries! {
    query account: Needed(ReadAccounts), by Seller => |world, side| json!({ "id": world.account(side).await });
    query accounts: Needed(ReadAccounts), by Seller => |_, _| json!({});
    query productLines: Needed(ReadAccounts), by Seller => |_, _| json!({});
    mutation createAccount: Needed(WriteAccounts), by ChannelOps => |world, side| {
        json!({ "name": world.customer(Side::Vendor), "country": "DE", "parentId": world.account(side).await })
    };
    mutation createProductLine: Needed(WriteAccounts), by Admin => |world, _| {
        json!({ "code": format!("LINE-{}", world.number()), "name": "A line" })
    };
}
