//! Market development funds through the API. `Funds` is the world that the tests stand on.

mod claims;
mod ledger;
mod payments;
mod programs;
mod requests;

use std::collections::BTreeMap;

use entity::value::{PartnerId, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// A partner with a marketer, those who decide, a program of 100,000 euros, and an allocation of 800 euros.
pub struct Funds<'a> {
    pub app: &'a TestApp,
    pub partner_id: PartnerId,
    pub marketer: Person<'a>,
    pub ops: Person<'a>,
    pub program_id: String,
}

pub fn euros(minor_units: i64) -> Value {
    json!({ "minorUnits": minor_units.to_string(), "currency": "EUR" })
}

pub fn program() -> Value {
    json!({
        "name": "Growth 2026",
        "startsOn": "2026-01-01",
        "endsOn": "2026-12-31",
        "budget": euros(10_000_000),
        "activityTypes": [
            { "activityType": "WEBINAR", "reimbursementRateBp": 5000, "cap": euros(60_000) },
            { "activityType": "TARGETED_EVENT", "reimbursementRateBp": 10_000, "cap": euros(500_000) },
        ],
    })
}

impl<'a> Funds<'a> {
    pub async fn new(app: &'a TestApp) -> Self {
        let partner_id = app.partner("acme.example").await;
        let marketer = app.person("mia@acme.example", Some(partner_id), &[Role::Marketer]).await;
        let ops = app.staff(Role::ChannelOps).await;
        let created = ops.done("createMdfProgram", program(), "program { id }").await;
        let program_id = created["program"]["id"].as_str().unwrap().to_owned();
        let funds = Self { app, partner_id, marketer, ops, program_id };
        funds.allocate(partner_id, 100_000).await;
        funds
    }

    pub async fn allocate(&self, partner_id: PartnerId, potential: i64) -> Value {
        let input = self.allocation(partner_id, potential);
        self.ops.done("allocateMdf", input, "allocation { id amount { minorUnits } lambdaBp factorBp }").await
    }

    pub fn allocation(&self, partner_id: PartnerId, potential: i64) -> Value {
        json!({ "programId": self.program_id, "partnerId": partner_id.to_string(), "potential": euros(potential) })
    }

    /// A webinar in a month's time, for half of its cost of twice the amount.
    pub fn webinar(&self, amount: i64) -> Value {
        json!({
            "programId": self.program_id,
            "activityType": "WEBINAR",
            "title": "Safer plants",
            "audience": "Plant managers",
            "startsOn": "2026-04-01",
            "endsOn": "2026-04-02",
            "plannedCost": euros(amount * 2),
            "requestedAmount": euros(amount),
            "qualifiedLeadDefinition": "A plant manager with a budget who asks for a visit",
            "targetLeads": 20,
            "targetPipeline": euros(2_000_000),
        })
    }

    /// The id of a new request for a webinar.
    pub async fn request(&self, amount: i64) -> String {
        let made = self.marketer.done("requestMdf", self.webinar(amount), "request { id }").await;
        made["request"]["id"].as_str().unwrap().to_owned()
    }

    /// The id of an approved request for a webinar.
    pub async fn approved(&self, amount: i64) -> String {
        let id = self.request(amount).await;
        self.ops.done("approveMdfRequest", json!({ "requestId": id }), "").await;
        id
    }

    /// The same some days later: tokens have expired, so everybody signs in again.
    pub async fn later(self, days: i64) -> Self {
        self.app.advance(chrono::TimeDelta::days(days));
        let marketer = self.app.sign_in("mia@acme.example").await;
        let ops = self.app.sign_in("channel_ops@vendor.example").await;
        Self { marketer, ops, ..self }
    }

    /// A claim of one invoice.
    pub fn claim(&self, request_id: &str, number: &str, cost: i64) -> Value {
        json!({
            "requestId": request_id,
            "lines": [{ "issuer": "Print & Post GmbH", "number": number, "issuedOn": "2026-04-01", "amount": euros(cost) }],
            "proofs": [{ "kind": "ATTENDEE_LIST", "description": "https://acme.example/attendees.csv" }],
            "actualResults": "34 guests, 12 of them asked for a visit",
        })
    }

    /// The id of a new claim of a request.
    pub async fn claimed(&self, request_id: &str, number: &str, cost: i64) -> String {
        let made = self.marketer.done("submitMdfClaim", self.claim(request_id, number, cost), "claim { id }").await;
        made["claim"]["id"].as_str().unwrap().to_owned()
    }

    /// The id of the execution tranche of a newly approved claim of a newly approved webinar; the clock must stand on
    /// a day before it and is moved to its second day.
    pub async fn payable(self, numbers: &[&str]) -> (Self, Vec<String>) {
        let mut requests = Vec::new();
        for _ in numbers {
            requests.push(self.approved(20_000).await);
        }
        let funds = self.later(31).await;
        let mut tranches = Vec::new();
        for (request_id, number) in requests.iter().zip(numbers) {
            let claim_id = funds.claimed(request_id, number, 40_000).await;
            let approved = funds
                .ops
                .done("approveMdfClaim", json!({ "claimId": claim_id }), "claim { tranches { id kind } }")
                .await;
            assert_eq!(approved["claim"]["tranches"][0]["kind"], "EXECUTION");
            tranches.push(approved["claim"]["tranches"][0]["id"].as_str().unwrap().to_owned());
        }
        (funds, tranches)
    }

    /// The balances of the partner in the program, as numbers: available, committed, payable, held back, paid.
    pub async fn balance(&self) -> [i64; 5] {
        let answer = self
            .marketer
            .ask(
                "query($id: ID!, $program: ID) { partner(id: $id) { mdfBalances(programId: $program) {
                    available { minorUnits } committed { minorUnits } payable { minorUnits }
                    heldBack { minorUnits } paid { minorUnits } allocated { minorUnits } program { id }
                } } }",
                json!({ "id": self.partner_id.to_string(), "program": self.program_id }),
            )
            .await;
        let balance = &answer.data["partner"]["mdfBalances"][0];
        assert_eq!(balance["program"]["id"], self.program_id, "{answer:?}");
        let of = |name: &str| balance[name]["minorUnits"].as_str().unwrap().parse::<i64>().unwrap();
        let parts = ["available", "committed", "payable", "heldBack", "paid"].map(of);
        assert_eq!(parts.iter().sum::<i64>(), of("allocated"));
        parts
    }

    /// What every refusal must leave as it was: all rows and all balances.
    pub async fn picture(&self) -> (Vec<(String, i64)>, Vec<BTreeMap<String, i64>>) {
        self.check_ledger().await;
        let rows = self.app.rows(&TABLES).await;
        (rows, self.stored_balances().await)
    }

    async fn query(&self, sql: &str, columns: &[&str]) -> Vec<BTreeMap<String, i64>> {
        let pool = self.app.services.db.pool();
        let rows = pool.query_all_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap();
        rows.iter()
            .map(|row| columns.iter().map(|name| ((*name).to_owned(), row.try_get("", name).unwrap())).collect())
            .collect()
    }

    async fn stored_balances(&self) -> Vec<BTreeMap<String, i64>> {
        self.query("select * from mdf_balances order by program_id, partner_id", &ACCOUNTS).await
    }

    /// The balances are what the entries add up to, for every partner, and the program's money is all there.
    pub async fn check_ledger(&self) {
        let sums: Vec<String> = ACCOUNTS
            .iter()
            .map(|name| {
                let word = name.to_uppercase();
                format!(
                    "cast(coalesce(sum(case when e.to_account = '{word}' then e.amount when e.from_account = '{word}' \
                     then -e.amount else 0 end), 0) as bigint) as {name}"
                )
            })
            .collect();
        let recomputed = self
            .query(
                &format!(
                    "select {} from mdf_balances b
                     left join mdf_ledger_transactions t on t.program_id = b.program_id and t.partner_id = b.partner_id
                     left join mdf_ledger_entries e on e.transaction_id = t.id
                     group by b.program_id, b.partner_id order by b.program_id, b.partner_id",
                    sums.join(", ")
                ),
                &ACCOUNTS,
            )
            .await;
        let stored = self.stored_balances().await;
        assert_eq!(stored, recomputed, "the stored balances are not what the ledger adds up to");
        let total: i64 = stored.iter().flat_map(BTreeMap::values).sum();
        let program = self
            .query(
                "select cast(sum(unallocated) as bigint) as unallocated,
                    cast((select sum(budget) from mdf_programs) as bigint) as budget from mdf_program_balances",
                &["unallocated", "budget"],
            )
            .await;
        assert_eq!(program[0]["unallocated"] + total, program[0]["budget"], "money appeared or vanished");
    }
}

const ACCOUNTS: [&str; 8] =
    ["allocated", "committed", "payable", "held_back", "paid", "returned", "forfeited", "clawed_back"];

const TABLES: [&str; 11] = [
    "mdf_programs",
    "mdf_allocations",
    "mdf_requests",
    "mdf_claims",
    "mdf_claim_lines",
    "mdf_tranches",
    "mdf_payments",
    "mdf_ledger_transactions",
    "mdf_ledger_entries",
    "audit_events",
    "decision_receipts",
];
