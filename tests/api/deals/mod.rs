//! Deal registrations: what the tests of each use case stand on.

mod asked;
mod availability;
mod conflict_kinds;
pub mod conflicts;
mod decide;
mod drafts;
mod files;
mod life;
mod lists;
mod machine;
mod plans;
mod policy;
mod privacy;
pub mod queue;
mod race;
mod register;
mod sequences;
mod short;
mod subscriptions;
mod waitlist;
mod waitlisting;
mod work;

use entity::value::Role;
use serde_json::{Value, json};

use crate::{
    onboarding::partner_states::confirmed,
    support::{Person, TestApp},
};

/// The fields that most tests look at.
pub const DEAL: &str = "dealRegistration { id state outcomeCode dealStage qualifiedAt protectedFrom protectedUntil submittedAt dueAt
    nextDeadlineAt allowedActions editableFields version evidenceScore { total sufficient parts { part items points most } } }";

/// The tables that a refusal must leave alone.
pub const TABLES: &[&str] = &[
    "accounts",
    "account_partners",
    "deal_registrations",
    "deal_registration_lines",
    "deal_evidence",
    "protections",
    "decision_receipts",
    "audit_events",
    "notifications",
    "outbound_mails",
];

/// What is left of deals that are refused because the account is not available: an event of each, and nothing else.
pub async fn but_for_traces(app: &TestApp) -> (Vec<(String, i64)>, i64) {
    let traces = app.rows(&["audit_events where action = 'account.check_availability'"]).await[0].1;
    let mut rows: Vec<(String, i64)> = app.rows(TABLES).await;
    for (table, count) in &mut rows {
        if table == "audit_events" {
            *count -= traces;
        }
    }
    (rows, traces)
}

/// Staff and a product line.
pub struct World<'a> {
    pub app: &'a TestApp,
    pub ops: Person<'a>,
    pub line: Value,
}

impl<'a> World<'a> {
    pub async fn of(app: &'a TestApp) -> Self {
        let ops = app.staff(Role::ChannelOps).await;
        let line = product_line(&ops, "GTX-PRO").await;
        Self { app, ops, line }
    }

    /// Some time later: access tokens have expired by then, so ops sign in again.
    pub async fn later(&mut self, span: chrono::TimeDelta) {
        self.app.advance(span);
        self.ops = self.app.sign_in("channel_ops@vendor.example").await;
    }

    /// The seller of a partner, signed in again.
    pub async fn back(&self, name: &str) -> Person<'a> {
        self.app.sign_in(&format!("seller@{name}.example")).await
    }

    /// A seller of a new partner.
    pub async fn seller(&self, name: &str) -> Person<'a> {
        let partner = self.app.partner(&format!("{name}.example")).await;
        self.app.person(&format!("seller@{name}.example"), Some(partner), &[Role::Seller]).await
    }

    /// A deal with sufficient evidence on a customer of that name.
    pub fn deal(&self, customer: &str) -> Value {
        json!({
            "account": { "details": { "name": customer, "country": "DE" } },
            "productLineIds": [self.line],
            "amount": { "minorUnits": "1000000", "currency": "EUR" },
            "expectedCloseOn": "2026-06-30",
            "customerContact": { "name": "Kim Customer", "email": "kim@customer.example" },
            "partnerRole": "RESELL",
            "need": "They outgrew what they have.",
            "evidence": [
                { "kind": "CUSTOMER_IDENTITY", "description": "extract of the registry" },
                { "kind": "DECISION_MAKER", "description": "Kim decides" },
                { "kind": "INTERACTION", "description": "first meeting", "occurredAt": "2026-02-20T10:00:00Z", "proof": "minutes" },
            ],
        })
    }

    /// Registers a deal and returns it.
    pub async fn register(&self, seller: &Person<'_>, input: Value) -> Value {
        seller.done("registerDeal", input, DEAL).await["dealRegistration"].clone()
    }

    /// The partner of a registration.
    pub async fn partner_of(&self, registration: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { partner { id } } }";
        let answer = self.ops.ask(document, json!({ "id": registration })).await;
        answer.data["dealRegistration"]["partner"]["id"].clone()
    }

    /// Suspends, reinstates or terminates the partner of a registration.
    pub async fn change_partner_of(&self, registration: &Value, change: &str) {
        let partner = self.partner_of(registration).await;
        assert_eq!(confirmed(&self.ops, &partner, change).await, [] as [&str; 0]);
    }

    /// Approves a deal and returns it.
    pub async fn approve(&self, deal: &Value) -> Value {
        self.ops.done("approveDealRegistration", json!({ "id": deal["id"] }), DEAL).await["dealRegistration"].clone()
    }
}

/// A customer's name of its own for each number: names that are similar make the matcher doubt.
pub fn words(number: u32) -> String {
    let mut dice = u64::from(number).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut letter = || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from((dice >> 33) % 26).unwrap())
    };
    (0..12).map(|_| letter()).collect()
}

pub async fn product_line(ops: &Person<'_>, code: &str) -> Value {
    let made = ops.done("createProductLine", json!({ "code": code, "name": code }), "productLine { id }").await;
    made["productLine"]["id"].clone()
}

/// The whole answer of a mutation with everything that could tell.
pub async fn whole(person: &Person<'_>, mutation: &str, input: Value) -> Value {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!(
        "mutation($input: {name}!) {{ {mutation}(input: $input) {{ dealRegistration {{ state outcomeCode outcomeReason nextDeadlineAt
            allowedActions receipts {{ decision outcome policyVersion steps {{ rule outcome code sentence }} }} }}
            userErrors {{ code message field receipt {{ decision outcome policyVersion steps {{ rule outcome code sentence }} }} }} }} }}"
    );
    let answer = person.ask(&document, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data[mutation].clone()
}

/// One registration by its id.
pub async fn read(person: &Person<'_>, id: &Value) -> Value {
    let document = "query($id: ID!) { dealRegistration(id: $id) { id state outcomeCode dealStage version allowedActions protectedUntil } }";
    person.ask(document, json!({ "id": id })).await.data["dealRegistration"].clone()
}
