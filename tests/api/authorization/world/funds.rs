//! Funds from the request to the payment, and training.

use entity::value::Role;
use serde_json::{Value, json};

use super::{Side, World, money};

impl World<'_> {
    /// What somebody writes who asks for funds for a webinar today.
    pub fn new_request(&self) -> Value {
        json!({
            "programId": self.fact(Side::Vendor, "program"), "activityType": "WEBINAR", "title": "Leaving the data centre",
            "audience": "Heads of IT", "startsOn": "2026-03-02", "endsOn": "2026-03-02", "plannedCost": money(80_000),
            "requestedAmount": money(40_000), "qualifiedLeadDefinition": "Asked for a meeting", "targetLeads": 20,
            "targetPipeline": money(12_000_000),
        })
    }

    /// A new request for funds.
    pub async fn request(&self, side: Side) -> Value {
        let made = self.who(side, Role::Marketer).done("requestMdf", self.new_request(), "request { id }").await;
        made["request"]["id"].clone()
    }

    /// A new request for funds that was approved.
    pub async fn approved_request(&self, side: Side) -> Value {
        let id = self.request(side).await;
        self.staff(Role::ChannelOps).done("approveMdfRequest", json!({ "requestId": id }), "").await;
        id
    }

    /// What somebody writes who claims an approved request.
    pub fn new_claim(&self, request: &Value) -> Value {
        json!({
            "requestId": request,
            "lines": [{ "issuer": "Studio Nord", "number": format!("R-{}", self.number()), "issuedOn": "2026-03-02", "amount": money(78_000) }],
            "proofs": [{ "kind": "ATTENDEE_LIST", "description": "84 people took part" }],
            "actualResults": "17 asked for a meeting",
        })
    }

    /// A new claim.
    pub async fn claim(&self, side: Side) -> Value {
        let input = self.new_claim(&self.approved_request(side).await);
        let made = self.who(side, Role::Marketer).done("submitMdfClaim", input, "claim { id }").await;
        made["claim"]["id"].clone()
    }

    /// A tranche that may be paid.
    pub async fn payable_tranche(&self, side: Side) -> Value {
        let claim = self.claim(side).await;
        let ops = self.staff(Role::ChannelOps);
        let approved =
            ops.done("approveMdfClaim", json!({ "claimId": claim }), "claim { tranches { id state } }").await;
        let tranches = approved["claim"]["tranches"].as_array().unwrap();
        tranches.iter().find(|tranche| tranche["state"] == "PAYABLE").unwrap()["id"].clone()
    }

    /// A completed course of the learner.
    pub fn completion(&self, side: Side) -> Value {
        json!({
            "externalId": format!("c-{}", self.number()), "person": { "id": self.fact(side, "learner") },
            "course": { "id": self.fact(Side::Vendor, "course") }, "scoreBp": 8800, "completedAt": "2026-03-01T09:00:00Z",
        })
    }
}
