//! Deal registrations.

use serde_json::json;

use super::entries;

entries! {
    query dealRegistration: Needed(ReadRegistrations), by Seller => |world, side| json!({ "id": world.fact(side, "protected deal") });
    query dealRegistrations: Needed(ReadRegistrations), by Seller => |_, _| json!({});
    query registrationQueue: Needed(DecideRegistration), by ChannelOps => |_, _| json!({});
    query checkAvailability: Needed(CheckAvailability), by Seller => |world, side| {
        json!({ "input": { "name": "Somebody", "country": "DE", "productLineIds": world.new_deal(side, "")["productLineIds"] } })
    };
    query explainDealRegistration: Needed(ReadRegistrations), by ChannelOps => |world, side| {
        json!({ "id": world.begun_deal(side).await })
    };
    query dealPolicy: Needed(ReadAccountDuplicates), by ChannelOps => |_, _| json!({});
    query previewDealPolicy: Needed(ManageProgramPolicies), by ChannelOps => |_, _| {
        json!({ "policy": { "evidence": { "sufficient": 70 } }, "from": "2026-01-01T00:00:00Z", "to": "2026-12-31T00:00:00Z" })
    };
    mutation setDealPolicy: Needed(ManageProgramPolicies), by ChannelOps => |_, _| json!({ "policy": { "reviewBusinessDays": 2 } });
    mutation acceptWaitlistOffer: Needed(UpdateRegistration), by Seller => |world, side| json!({ "id": world.offered_deal(side).await });
    mutation declineWaitlistOffer: Needed(UpdateRegistration), by Seller => |world, side| json!({ "id": world.offered_deal(side).await });
    mutation registerDeal: Needed(RegisterDeal), by Seller => |world, side| {
        let mut deal = world.new_deal(side, "");
        deal["account"] = json!({ "id": world.free_account(side).await });
        deal
    };
    mutation addDealEvidence: Needed(UpdateRegistration), by Seller => |world, side| {
        json!({ "id": world.deal(side).await, "evidence": [{ "kind": "DEMONSTRATION", "description": "They saw it." }] })
    };
    mutation updateDealRegistration: Needed(UpdateRegistration), by Seller => |world, side| {
        json!({ "id": world.draft_deal(side).await, "need": "Something else." })
    };
    mutation submitDealRegistration: Needed(RegisterDeal), by Seller => |world, side| json!({ "id": world.draft_deal(side).await });
    mutation withdrawDealEvidence: Needed(UpdateRegistration), by Seller => |world, side| {
        let id = world.deal(side).await;
        json!({ "evidenceId": world.evidence_of(side, &id).await, "id": id })
    };
    mutation takeDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| json!({ "id": world.deal(side).await });
    mutation requestDealInformation: Needed(DecideRegistration), by ChannelOps => |world, side| {
        json!({ "id": world.deal(side).await, "fields": ["AMOUNT"], "message": "So much?" })
    };
    mutation attachEvidenceFile: Needed(UpdateRegistration), by Seller => |world, side| {
        json!({ "evidenceId": world.evidence(side).await, "file": "@file:minutes.txt:What was said." })
    };
    mutation withdrawDealRegistration: Needed(WithdrawRegistration), by Seller => |world, side| json!({ "id": world.deal(side).await });
    mutation approveDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| json!({ "id": world.deal(side).await });
    mutation approveCleanDealRegistrations: Needed(DecideRegistration), by ChannelOps => |world, side| {
        json!({ "ids": [world.clean_deal(side).await] })
    };
    mutation waitlistDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| {
        json!({ "id": world.late_deal(side).await })
    };
    mutation rejectDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| {
        json!({ "id": world.deal(side).await, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." })
    };
    mutation disputeDealDecision: Needed(DisputeRegistration), by Seller => |world, side| {
        let id = world.deal(side).await;
        world.staff(entity::value::Role::ChannelOps).done("takeDealRegistration", json!({ "id": id }), "").await;
        json!({ "registrationId": id, "statement": "We met them a year ago." })
    };
    mutation submitDealConflictStatement: Needed(DisputeRegistration), by Seller => |world, side| {
        json!({ "registrationId": world.disputed_deal(side).await, "statement": "They know us." })
    };
    mutation acceptDealConflictShare: Needed(DisputeRegistration), by Seller => |world, side| {
        json!({ "registrationId": world.shared_deal(side).await, "basisPoints": 5000 })
    };
    mutation declineDealConflictShare: Needed(DisputeRegistration), by Seller => |world, side| {
        json!({ "registrationId": world.shared_deal(side).await })
    };
    mutation appealDealConflict: Needed(DisputeRegistration), by Seller => |world, side| {
        let id = world.disputed_deal(side).await;
        let upheld = json!({ "id": world.case_of(&id).await, "outcome": "UPHELD", "rationale": "As it was." });
        world.staff(entity::value::Role::ChannelOps).done("decideDealConflict", upheld, "").await;
        json!({ "registrationId": id, "statement": "Look again." })
    };
    query dealConflict: Needed(ReadConflicts), by ChannelOps => |world, side| {
        json!({ "id": world.case_of(&world.disputed_deal(side).await).await })
    };
    query dealConflicts: Needed(ReadConflicts), by ChannelOps => |_, _| json!({});
    mutation openDealConflict: Needed(DecideConflict), by ChannelOps => |world, side| {
        json!({ "registrationIds": world.rival_deals(side).await, "rationale": "Who came first?" })
    };
    mutation assignDealConflict: Needed(DecideConflict), by ChannelOps => |world, side| {
        let me = world.staff(entity::value::Role::ChannelOps).ask("{ viewer { user { id } } }", serde_json::Value::Null).await;
        json!({ "id": world.case_of(&world.disputed_deal(side).await).await, "ownerId": me.data["viewer"]["user"]["id"] })
    };
    mutation decideDealConflict: Needed(DecideConflict), by ChannelOps => |world, side| {
        json!({ "id": world.case_of(&world.disputed_deal(side).await).await, "outcome": "UPHELD", "rationale": "As it was." })
    };
    mutation extendDealProtection: Needed(UpdateRegistration), by Seller => |world, side| {
        let id = world.protected_deal(side).await;
        world.app.advance(chrono::TimeDelta::milliseconds(1));
        let stage = json!({ "id": id, "stage": "PROPOSAL" });
        world.who(side, entity::value::Role::Seller).done("advanceDealStage", stage, "").await;
        json!({ "id": id })
    };
    mutation reportDealProgress: Needed(UpdateRegistration), by Seller => |world, side| {
        json!({ "id": world.protected_deal(side).await, "note": "They meet next week." })
    };
    mutation revokeDealRegistration: Needed(DecideRegistration), by ChannelOps => |world, side| {
        json!({ "id": world.protected_deal(side).await, "code": "FRAUD", "rationale": "There is no customer." })
    };
    mutation advanceDealStage: Needed(WorkDeal), by Seller => |world, side| {
        json!({ "id": world.protected_deal(side).await, "stage": "PROPOSAL" })
    };
    mutation markDealWon: Needed(WinDeal), by ChannelOps => |world, side| json!({ "id": world.protected_deal(side).await });
    mutation markDealLost: Needed(WorkDeal), by Seller => |world, side| {
        json!({ "id": world.protected_deal(side).await, "reason": "They bought elsewhere." })
    };
}
