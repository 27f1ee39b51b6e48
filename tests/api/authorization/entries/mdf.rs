//! Market development funds.

use serde_json::json;

use super::{super::world::Side, entries};

entries! {
    query mdfPrograms: Needed(ReadMdf), by Marketer => |_, _| json!({});
    query mdfRequest: Needed(ReadMdf), by Marketer => |world, side| json!({ "id": world.request(side).await });
    query mdfRequests: Needed(ReadMdf), by Marketer => |_, _| json!({});
    query mdfClaim: Needed(ReadMdf), by Marketer => |world, side| json!({ "id": world.claim(side).await });
    query mdfClaims: Needed(ReadMdf), by Marketer => |_, _| json!({});
    mutation createMdfProgram: Needed(ManageMdfPrograms), by ChannelOps => |world, _| json!({
        "name": format!("Fund {}", world.number()), "startsOn": "2026-01-01", "endsOn": "2026-12-31",
        "budget": { "minorUnits": "100", "currency": "EUR" },
        "activityTypes": [{ "activityType": "WEBINAR", "reimbursementRateBp": 5000, "cap": { "minorUnits": "100", "currency": "EUR" } }],
    });
    mutation allocateMdf: Needed(ManageMdfPrograms), by ChannelOps => |world, side| json!({
        "programId": world.fact(Side::Vendor, "other program"), "partnerId": world.fact(side, "partner"),
        "potential": { "minorUnits": "10000", "currency": "EUR" },
    });
    mutation requestMdf: Needed(RequestMdf), by Marketer => |world, _| world.new_request();
    mutation approveMdfRequest: Needed(DecideMdf), by ChannelOps => |world, side| json!({ "requestId": world.request(side).await });
    mutation rejectMdfRequest: Needed(DecideMdf), by ChannelOps => |world, side| {
        json!({ "requestId": world.request(side).await, "reason": "Not this quarter." })
    };
    mutation submitMdfClaim: Needed(ClaimMdf), by Marketer => |world, side| world.new_claim(&world.approved_request(side).await);
    mutation approveMdfClaim: Needed(DecideMdf), by ChannelOps => |world, side| json!({ "claimId": world.claim(side).await });
    mutation recordMdfPayment: Needed(PayMdf), by Finance => |world, side| json!({
        "trancheId": world.payable_tranche(side).await, "reference": format!("PAY {}", world.number()), "paidOn": "2026-03-02",
    });
}
