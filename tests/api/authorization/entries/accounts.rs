//! Accounts and product lines.

use entity::value::Role;
use serde_json::json;

use super::{super::world::Side, entries};

entries! {
    query account: Needed(ReadAccounts), by Seller => |world, side| json!({ "id": world.account(side).await });
    query accounts: Needed(ReadAccounts), by Seller => |_, _| json!({});
    query matchAccounts: Needed(MatchAccounts), by DirectSales => |_, _| {
        json!({ "input": { "names": ["Somebody"], "website": "somebody.example", "country": "DE" } })
    };
    query productLines: Needed(ReadAccounts), by Seller => |_, _| json!({});
    mutation createAccount: Needed(WriteAccounts), by ChannelOps => |world, side| {
        json!({ "name": world.customer(Side::Vendor), "country": "DE", "parentId": world.account(side).await })
    };
    mutation createProductLine: Needed(WriteAccounts), by Admin => |world, _| {
        json!({ "code": format!("LINE-{}", world.number()), "name": "A line" })
    };
    query accountPolicy: Needed(ReadAccountDuplicates), by ChannelOps => |_, _| json!({});
    query accountMatchPolicy: Needed(ReadAccountDuplicates), by ChannelOps => |_, _| json!({});
    query accountDuplicates: Needed(ReadAccountDuplicates), by ChannelOps => |_, _| json!({});
    query accountMerges: Needed(ReadAccountDuplicates), by ChannelOps => |_, _| json!({});
    query previewAccountMerge: Needed(ReadAccountDuplicates), by ChannelOps => |world, side| {
        json!({ "survivorId": world.account(side).await, "mergedId": world.staffs_account().await })
    };
    mutation updateAccount: Needed(WriteAccounts), by ChannelOps => |world, side| {
        json!({ "id": world.account(side).await, "industry": "Shipping" })
    };
    mutation upsertAccounts: Needed(WriteAccounts), by ChannelOps => |world, _| {
        let row = json!({ "externalId": format!("c-{}", world.number()), "name": world.customer(Side::Vendor), "country": "DE" });
        json!({ "system": "crm", "rows": [row] })
    };
    mutation reserveAccount: Needed(WriteAccounts), by ChannelOps => |world, side| {
        json!({ "accountId": world.account(side).await, "reservedFor": "DIRECT", "reason": "A named account." })
    };
    mutation releaseAccountReservation: Needed(WriteAccounts), by ChannelOps => |world, side| {
        let id = world.account(side).await;
        let reserved = json!({ "accountId": id, "reservedFor": "DIRECT", "reason": "A named account." });
        world.staff(Role::ChannelOps).done("reserveAccount", reserved, "").await;
        json!({ "accountId": id, "reason": "It is none any more." })
    };
    mutation recordDirectOpportunity: Needed(WriteAccounts), by ChannelOps => |world, side| {
        json!({ "accountId": world.account(side).await, "productLineIds": [world.fact(Side::Vendor, "line")],
            "reference": format!("opp-{}", world.number()) })
    };
    mutation closeDirectOpportunity: Needed(WriteAccounts), by ChannelOps => |world, side| {
        let (id, reference) = (world.account(side).await, format!("opp-{}", world.number()));
        let opened = json!({ "accountId": id, "productLineIds": [world.fact(Side::Vendor, "line")], "reference": reference });
        world.staff(Role::ChannelOps).done("recordDirectOpportunity", opened, "").await;
        json!({ "accountId": id, "reference": reference, "outcome": "LOST" })
    };
    mutation setAccountIncumbent: Needed(WriteAccounts), by ChannelOps => |world, side| {
        json!({ "accountId": world.account(side).await, "partnerId": world.fact(side, "partner") })
    };
    mutation clearAccountIncumbent: Needed(WriteAccounts), by ChannelOps => |world, side| {
        let serves = json!({ "accountId": world.account(side).await, "partnerId": world.fact(side, "partner") });
        world.staff(Role::ChannelOps).done("setAccountIncumbent", serves.clone(), "").await;
        serves
    };
    mutation dismissAccountDuplicate: Needed(MergeAccounts), by ChannelOps => |world, side| {
        json!({ "id": world.duplicate(side).await, "reason": "They are two." })
    };
    mutation mergeAccounts: Needed(MergeAccounts), by ChannelOps => |world, side| {
        json!({ "survivorId": world.account(side).await, "mergedId": world.staffs_account().await, "reason": "They are one." })
    };
    mutation undoAccountMerge: Needed(MergeAccounts), by ChannelOps => |world, side| {
        json!({ "id": world.merge(side).await, "reason": "They are two after all." })
    };
    mutation setAccountMatchPolicy: Needed(MergeAccounts), by Admin => |_, _| json!({ "probableFrom": 80 });
    mutation setAccountPolicy: Needed(MergeAccounts), by Admin => |_, _| json!({ "mergeUndoDays": 30 });
}
