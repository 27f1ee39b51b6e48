//! The vendor's CRM tells of its customers; one of them was there twice.

#![expect(clippy::indexing_slicing, reason = "answers are JSON: what is not there reads as null")]

use serde_json::{Value, json};

use super::{Staff, cast::CUSTOMERS};
use crate::{demo::teller::Teller, platform::error::AppResult};

/// The customers that the CRM knows, by its own ids: half of those that partners will come with, and a subsidiary.
pub async fn tell(teller: &Teller, staff: &Staff) -> AppResult<()> {
    let mut rows: Vec<Value> = CUSTOMERS
        .iter()
        .enumerate()
        .step_by(2)
        .map(|(number, (name, host, country))| {
            json!({ "externalId": format!("ACC-{:03}", number + 1), "name": name, "website": format!("https://www.{host}"),
                "country": country, "size": "LARGE", "domains": [format!("mail.{}", host.replace(".example", "-mail.example"))] })
        })
        .collect();
    rows.push(json!({ "externalId": "ACC-101", "name": "Hansen Maschinenbau Service GmbH", "country": "DE",
        "website": "https://hansen-service.example", "parentExternalId": "ACC-001", "industry": "Manufacturing" }));
    let told = json!({ "system": "crm", "rows": rows });
    teller.done(&staff.ops, "upsertAccounts", told, "results { status }").await.map(drop)
}

/// Somebody entered a customer under its short form; operations find it, and merge the two.
pub async fn tidy(teller: &Teller, staff: &Staff) -> AppResult<()> {
    let known = "{ accounts(filter: { reference: { system: \"crm\", externalId: \"ACC-005\" } }) { nodes { id } } }";
    let known = teller.ask(&staff.ops, known, json!({})).await?["accounts"]["nodes"][0]["id"].clone();
    let twin = json!({ "name": "Tulip Logistics Benelux", "country": "BE", "website": "https://tulip-benelux.example",
        "references": [{ "system": "erp", "externalId": "70815" }] });
    let twin = teller.done(&staff.ops, "createAccount", twin, "account { id }").await?["account"]["id"].clone();
    let merge =
        json!({ "survivorId": known, "mergedId": twin, "reason": "One contract, one buyer: their Belgian office." });
    teller.done(&staff.ops, "mergeAccounts", merge, "").await.map(drop)
}
