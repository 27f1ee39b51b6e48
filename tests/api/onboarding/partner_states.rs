//! The machine of partners, walked.

use entity::value::{PartnerId, PartnerState, PartnerType, Role};
use partner_portal::{
    kernel::graph::Edge,
    lifecycle::model::PartnerChange,
    onboarding::partners::states::{EDGES, Move},
};
use sea_orm::Iterable as _;
use serde_json::{Value, json};

use super::{
    review::codes,
    transitions::{Machine, walk},
};
use crate::support::{Person, TestApp};

const PREVIEW: &str =
    "query($id: ID!, $change: PartnerChange!) { previewPartnerChange(partnerId: $id, change: $change) {
    isPossible leadsTo digest consequences { kind count sentence amounts { amount currency } } } }";

/// What would follow.
pub async fn preview(ops: &Person<'_>, partner: &Value, change: &str) -> Value {
    let answer = ops.ask(PREVIEW, json!({ "id": partner, "change": change })).await;
    assert_eq!(answer.errors, Value::Null);
    answer.data["previewPartnerChange"].clone()
}

/// The mutation of a change, and a reason for it.
pub fn mutation_of(change: &str) -> (&'static str, &'static str) {
    match change {
        "SUSPEND" => ("suspendPartner", "PAYMENT_OVERDUE"),
        "REINSTATE" => ("reinstatePartner", "RESOLVED"),
        _ => ("terminatePartner", "MUTUAL_AGREEMENT"),
    }
}

/// Looks and confirms; the codes of the refusal.
pub async fn confirmed(ops: &Person<'_>, partner: &Value, change: &str) -> Vec<String> {
    let seen = preview(ops, partner, change).await;
    let (mutation, reason) = mutation_of(change);
    let input = json!({ "partnerId": partner, "reason": reason, "digest": seen["digest"] });
    codes(ops, mutation, input).await
}

fn word(change: Move) -> &'static str {
    match change {
        Move::Suspend => "SUSPEND",
        Move::Reinstate => "REINSTATE",
        Move::Terminate => "TERMINATE",
        Move::Activate => panic!("nobody activates a partner: it happens when the plan is done"),
    }
}

struct Partners<'a> {
    app: &'a TestApp,
    ops: Person<'a>,
    number: std::cell::Cell<u32>,
}

impl Machine for Partners<'_> {
    type State = PartnerState;
    type Action = Move;
    type Object = Value;

    fn states() -> Vec<PartnerState> {
        PartnerState::iter().collect()
    }

    fn actions() -> Vec<Move> {
        PartnerChange::ALL.iter().map(|change| change.step()).collect()
    }

    fn edges() -> &'static [Edge<PartnerState, Move>] {
        EDGES
    }

    async fn make(&self, state: PartnerState) -> Value {
        self.number.set(self.number.get() + 1);
        let domain = format!("walked-{}.example", self.number.get());
        let begins = if state == PartnerState::Onboarding { state } else { PartnerState::Active };
        let id: PartnerId = self.app.partner_in(&domain, begins, &[PartnerType::Reseller]).await;
        let id = json!(id.to_string());
        let way = match state {
            PartnerState::Onboarding | PartnerState::Active => None,
            PartnerState::Suspended => Some(Move::Suspend),
            PartnerState::Terminated => Some(Move::Terminate),
        };
        if let Some(change) = way {
            assert_eq!(self.act(&id, change).await, [] as [&str; 0]);
        }
        id
    }

    async fn act(&self, id: &Value, change: Move) -> Vec<String> {
        confirmed(&self.ops, id, word(change)).await
    }

    async fn state_of(&self, id: &Value) -> String {
        let answer = self.ops.ask("query($id: ID!) { partner(id: $id) { state } }", json!({ "id": id })).await;
        answer.data["partner"]["state"].as_str().unwrap().to_owned()
    }

    async fn offered(&self, id: &Value) -> Vec<String> {
        let answer = self.ops.ask("query($id: ID!) { partner(id: $id) { allowedActions } }", json!({ "id": id })).await;
        let offered = answer.data["partner"]["allowedActions"].as_array().unwrap().clone();
        for change in ["SUSPEND", "REINSTATE", "TERMINATE"] {
            let possible = preview(&self.ops, id, change).await["isPossible"] == true;
            assert_eq!(possible, offered.contains(&json!(change)), "the preview of {change} says otherwise");
        }
        offered.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    fn name(change: Move) -> String {
        word(change).to_owned()
    }
}

#[tokio::test]
async fn every_change_in_every_state_does_what_the_graph_says() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let machine = Partners { app: &app, ops, number: 0.into() };
    // Nobody reinstates into two states at once, and what the plan does nobody does.
    let arrows: std::collections::BTreeSet<_> = EDGES
        .iter()
        .filter(|edge| edge.action != Move::Activate)
        .map(|edge| (edge.from.to_string(), word(edge.action)))
        .collect();
    assert_eq!(walk(&app, &machine).await, (12, arrows.len()));
}
