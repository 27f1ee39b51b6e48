//! Funds are requested, approved, spent, claimed and paid.

#![expect(clippy::indexing_slicing, reason = "answers are JSON: what is not there reads as null")]

use serde_json::{Value, json};

use super::{Campaign, Company, Staff, day, pass};
use crate::{
    demo::teller::Teller,
    platform::{auth::Caller, error::AppResult},
};

/// Funds are requested and approved; the last request still waits.
pub async fn campaign(
    teller: &Teller,
    staff: &Staff,
    company: &Company,
    program: &Value,
    late: bool,
) -> AppResult<Option<Campaign>> {
    let Some((_, marketer)) = company.people.get(2) else { return Ok(None) };
    let request = json!({
        "programId": program, "activityType": "WEBINAR", "title": "Webinar: leaving the data centre",
        "audience": "Heads of IT of companies with 200 to 2,000 people", "startsOn": day(teller.now(), 7), "endsOn": day(teller.now(), 8),
        "plannedCost": euros(8_000), "requestedAmount": euros(4_000),
        "qualifiedLeadDefinition": "Took part, and asked for a meeting", "targetLeads": 20, "targetPipeline": euros(120_000),
    });
    let requested = teller.done(marketer, "requestMdf", request, "request { id }").await?;
    let request = requested["request"]["id"].clone();
    if late {
        return Ok(None);
    }
    pass(teller, 1);
    teller.done(&staff.ops, "approveMdfRequest", json!({ "requestId": request }), "").await?;
    Ok(Some(Campaign { request, owner: company.number, weeks: 0 }))
}

/// What was approved is held, claimed two weeks later, and paid a week after that.
pub async fn settle(
    teller: &Teller,
    staff: &Staff,
    companies: &[Company],
    campaigns: &mut Vec<Campaign>,
) -> AppResult<()> {
    for campaign in campaigns.iter_mut() {
        campaign.weeks += 1;
        let Some((_, marketer)) = companies.get(campaign.owner).and_then(|company| company.people.get(2)) else {
            continue;
        };
        if campaign.weeks == 3 {
            claim(teller, staff, marketer, &campaign.request).await?;
        }
    }
    campaigns.retain(|campaign| campaign.weeks < 3);
    Ok(())
}

async fn claim(teller: &Teller, staff: &Staff, marketer: &Caller, request: &Value) -> AppResult<()> {
    let number = request.as_str().unwrap_or_default().chars().rev().take(8).collect::<String>();
    let claim = json!({
        "requestId": request,
        "lines": [{ "issuer": "Studio Nord", "number": format!("R-{number}"), "issuedOn": day(teller.now(), -2), "amount": euros(7_800) }],
        "proofs": [{ "kind": "ATTENDEE_LIST", "description": "84 people took part" }],
        "actualResults": "84 took part, 17 asked for a meeting",
    });
    let claimed = teller.done(marketer, "submitMdfClaim", claim, "claim { id }").await?;
    let claim_id = claimed["claim"]["id"].clone();
    let approved = teller
        .done(&staff.ops, "approveMdfClaim", json!({ "claimId": claim_id }), "claim { tranches { id state } }")
        .await?;
    let finance = teller.is_back(&staff.finance).await?;
    for tranche in
        approved["claim"]["tranches"].as_array().into_iter().flatten().filter(|tranche| tranche["state"] == "PAYABLE")
    {
        let input = json!({ "trancheId": tranche["id"], "reference": format!("SEPA-{number}"), "paidOn": day(teller.now(), 0) });
        teller.done(&finance, "recordMdfPayment", input, "").await?;
    }
    Ok(())
}

fn euros(whole: i64) -> Value {
    json!({ "minorUnits": (whole * 100).to_string(), "currency": "EUR" })
}
