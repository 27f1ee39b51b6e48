//! Deal registrations.

use serde_json::json;

use super::entries;

entries! {
    query dealRegistration: Needed(ReadRegistrations), by Seller => |world, side| json!({ "id": world.fact(side, "protected deal") });
    query dealRegistrations: Needed(ReadRegistrations), by Seller => |_, _| json!({});
    query checkAvailability: Needed(CheckAvailability), by Seller => |world, side| {
        json!({ "input": { "name": "Somebody", "country": "DE", "productLineIds": world.new_deal(side, "")["productLineIds"] } })
    };
    mutation registerDeal: Needed(RegisterDeal), by Seller => |world, side| {
        let mut deal = world.new_deal(side, "");
        deal["account"] = json!({ "id": world.free_account(side).await });
        deal
    };
    mutation addDealEvidence: Needed(UpdateRegistration), by Seller => |world, side| {
        json!({ "id": world.deal(side).await, "evidence": [{ "kind": "DEMONSTRATION", "description": "They saw it." }] })
    };
    mutation withdrawDealRegistration: Needed(WithdrawRegistration), by Seller => |world, side| json!({ "id": world.deal(side).await });
    mutation approveDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| json!({ "id": world.deal(side).await });
    mutation rejectDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| {
        json!({ "id": world.deal(side).await, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." })
    };
    mutation advanceDealStage: Needed(WorkDeal), by Seller => |world, side| {
        json!({ "id": world.protected_deal(side).await, "stage": "PROPOSAL" })
    };
    mutation markDealWon: Needed(WinDeal), by ChannelOps => |world, side| json!({ "id": world.protected_deal(side).await });
    mutation markDealLost: Needed(WorkDeal), by Seller => |world, side| {
        json!({ "id": world.protected_deal(side).await, "reason": "They bought elsewhere." })
    };
}
