//! Deals are registered, decided, worked and ended.

#![expect(clippy::indexing_slicing, reason = "answers are JSON: what is not there reads as null")]

use serde_json::{Value, json};

use super::{Company, Deal, Dice, Staff, cast::CUSTOMERS, day, pass};
use crate::{demo::teller::Teller, platform::error::AppResult};

/// A deal is registered with its evidence; most are approved the next day, some are refused, late ones wait.
pub async fn register(
    teller: &Teller,
    staff: &Staff,
    company: &Company,
    lines: &[Value],
    dice: &mut Dice,
    late: bool,
) -> AppResult<Option<Deal>> {
    let (Some((name, host, country)), Some(line), Some((_, seller))) =
        (dice.pick(&CUSTOMERS), dice.pick(lines), company.people.get(1))
    else {
        return Ok(None);
    };
    let talked = |days: i64| teller.now().plus_days(-days);
    let thorough = dice.roll(5) > 0;
    let mut evidence = vec![
        json!({ "kind": "CUSTOMER_IDENTITY", "description": "Commercial register and head office checked", "proof": "register extract" }),
        json!({ "kind": "INTERACTION", "occurredAt": talked(9), "description": "First meeting on site", "proof": "calendar entry and minutes" }),
    ];
    if thorough {
        evidence.push(json!({ "kind": "DECISION_MAKER", "description": "Head of operations, confirmed by telephone" }));
        evidence.push(json!({ "kind": "INTERACTION", "occurredAt": talked(3), "description": "Workshop with the IT department", "proof": "attendance list" }));
    }
    let amount = (dice.roll(40) + 4) * 250_000;
    let input = json!({
        "account": { "details": { "name": name, "website": format!("https://{host}"), "country": country } },
        "productLineIds": [line], "amount": { "minorUnits": amount.to_string(), "currency": "EUR" },
        "expectedCloseOn": day(teller.now(), 75), "customerContact": { "name": "Head of operations", "email": format!("operations@{host}") },
        "partnerRole": "RESELL", "need": "Replace three home-grown tools before the lease of the old data centre ends.",
        "evidence": evidence, "joinWaitlist": dice.roll(2) == 0,
    });
    let registered = teller.tried(seller, "registerDeal", input, "dealRegistration { id state }").await?;
    let deal = &registered["dealRegistration"];
    if deal["id"].is_null() || late || deal["state"] == "WAITLISTED" {
        return Ok(None);
    }
    pass(teller, 1);
    let id = deal["id"].clone();
    match dice.roll(8) {
        0 => {
            let input = json!({ "id": id, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "The customer does not know of the project." });
            teller.tried(&staff.ops, "rejectDealRegistration", input, "").await?;
            Ok(None)
        }
        1 => {
            teller.tried(seller, "withdrawDealRegistration", json!({ "id": id }), "").await?;
            Ok(None)
        }
        _ => {
            let approved = teller
                .tried(&staff.ops, "approveDealRegistration", json!({ "id": id }), "dealRegistration { id }")
                .await?;
            let protected = !approved["dealRegistration"].is_null();
            Ok(protected.then(|| Deal { id, owner: company.number, closes_in: 3 + dice.roll(9) }))
        }
    }
}

/// Deals move on, and end: won, lost, or forgotten until their protection runs out.
pub async fn progress(
    teller: &Teller,
    staff: &Staff,
    companies: &[Company],
    deals: &mut Vec<Deal>,
    dice: &mut Dice,
) -> AppResult<()> {
    let mut open = Vec::new();
    for mut deal in std::mem::take(deals) {
        deal.closes_in = deal.closes_in.saturating_sub(1);
        let Some((_, seller)) = companies.get(deal.owner).and_then(|company| company.people.get(1)) else { continue };
        let id = json!({ "id": deal.id });
        match (deal.closes_in, dice.roll(10)) {
            (0, 0..=5) => drop(teller.done(&staff.ops, "markDealWon", id, "").await?),
            (0, 6..=7) => {
                let input = json!({ "id": deal.id, "reason": "The customer postponed the project by a year." });
                teller.tried(seller, "markDealLost", input, "").await?;
            }
            (0, _) => {}
            (2 | 5, _) => {
                let stage = if deal.closes_in == 2 { "NEGOTIATION" } else { "PROPOSAL" };
                teller.tried(seller, "advanceDealStage", json!({ "id": deal.id, "stage": stage }), "").await?;
                open.push(deal);
            }
            _ => open.push(deal),
        }
    }
    *deals = open;
    Ok(())
}
