//! The machine of registrations, walked: every state with every action.

use entity::value::DealRegistrationState as State;
use partner_portal::{
    deals::registrations::states::{DealRegistrationAction as Action, EDGES},
    kernel::graph::Edge,
};
use sea_orm::Iterable as _;
use serde_json::{Value, json};

use super::{World, words};
use crate::{
    onboarding::transitions::{Machine, walk},
    support::{Person, TestApp},
};

struct Registrations<'a> {
    world: World<'a>,
    seller: Person<'a>,
    rival: Person<'a>,
    number: std::cell::Cell<u32>,
}

impl Registrations<'_> {
    /// A new customer with room for one more deal.
    fn deal(&self) -> Value {
        self.number.set(self.number.get() + 1);
        let mut deal = self.world.deal(&words(self.number.get()));
        // By its amount a registration is found again past the API.
        deal["amount"]["minorUnits"] = json!((1_000_000 + self.number.get()).to_string());
        deal
    }

    async fn registered(&self, deal: Value) -> Value {
        self.world.register(&self.seller, deal).await["id"].clone()
    }

    async fn acted(&self, id: Value, action: Action) -> Value {
        assert_eq!(self.act(&id, action).await, [] as [&str; 0], "{action:?}");
        id
    }
}

impl Machine for Registrations<'_> {
    type State = State;
    type Action = Action;
    type Object = Value;

    fn states() -> Vec<State> {
        State::iter().collect()
    }

    fn actions() -> Vec<Action> {
        Action::ALL.to_vec()
    }

    fn edges() -> &'static [Edge<State, Action>] {
        EDGES
    }

    async fn make(&self, state: State) -> Value {
        let mut deal = self.deal();
        match state {
            State::Draft => {
                deal["draft"] = json!(true);
                self.registered(deal).await
            }
            State::Submitted => self.registered(deal).await,
            State::InReview => self.acted(self.registered(deal).await, Action::Take).await,
            State::ActionRequired => self.acted(self.registered(deal).await, Action::RequestInformation).await,
            State::Waitlisted => {
                let first = self.world.register(&self.rival, deal.clone()).await;
                self.world.approve(&first).await;
                deal["joinWaitlist"] = json!(true);
                let id = self.registered(deal).await;
                // The place is free by now, so that what is decided about the waiting one can be granted.
                self.rival.done("withdrawDealRegistration", json!({ "id": first["id"] }), "").await;
                id
            }
            State::Protected => {
                let id = self.acted(self.registered(deal).await, Action::Approve).await;
                // Something has moved since the grant, so that it can be extended.
                self.world.app.advance(chrono::TimeDelta::milliseconds(1));
                let talk = json!({ "kind": "INTERACTION", "description": "talk", "occurredAt": self.world.app.now(), "proof": "mail" });
                self.seller.done("addDealEvidence", json!({ "id": id, "evidence": [talk] }), "").await;
                id
            }
            State::Rejected => self.acted(self.registered(deal).await, Action::Reject).await,
            State::Withdrawn => self.acted(self.registered(deal).await, Action::Withdraw).await,
            State::Converted => {
                let id = self.acted(self.registered(deal).await, Action::Approve).await;
                self.acted(id, Action::MarkWon).await
            }
            State::Released => {
                let id = self.acted(self.registered(deal).await, Action::Approve).await;
                self.acted(id, Action::MarkLost).await
            }
            State::Expired => {
                let id = self.acted(self.registered(deal).await, Action::Approve).await;
                let now = self.world.app.now().micros();
                for (table, from, until) in [
                    ("deal_registrations", "protected_from", "protected_until"),
                    ("protections", "starts_at", "ends_at"),
                ] {
                    let which = if table == "protections" { "registration_id" } else { "id" };
                    let sql = format!(
                        "update {table} set {from} = {}, {until} = {now} where {which} =
                            (select id from deal_registrations where amount_minor = {})",
                        now - 1_000_000,
                        1_000_000 + self.number.get()
                    );
                    self.world.app.execute(&sql).await;
                }
                id
            }
            State::Revoked => {
                let id = self.acted(self.registered(deal).await, Action::Approve).await;
                self.acted(id, Action::Revoke).await
            }
            State::Contested => {
                let id = self.acted(self.registered(deal).await, Action::Take).await;
                self.acted(id, Action::Dispute).await
            }
        }
    }

    async fn act(&self, id: &Value, action: Action) -> Vec<String> {
        let ops = &self.world.ops;
        let (person, mutation, input) = match action {
            Action::Update => {
                let amount = json!({ "minorUnits": "700000", "currency": "EUR" });
                (&self.seller, "updateDealRegistration", json!({ "id": id, "amount": amount }))
            }
            Action::Submit => (&self.seller, "submitDealRegistration", json!({ "id": id })),
            Action::AddEvidence => (
                &self.seller,
                "addDealEvidence",
                json!({ "id": id, "evidence": [{ "kind": "DEMONSTRATION", "description": "shown" }] }),
            ),
            Action::WithdrawEvidence => {
                let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id } } }";
                let found = self.seller.ask(document, json!({ "id": id })).await;
                let item = &found.data["dealRegistration"]["evidence"][0]["id"];
                (&self.seller, "withdrawDealEvidence", json!({ "id": id, "evidenceId": item }))
            }
            Action::Withdraw => (&self.seller, "withdrawDealRegistration", json!({ "id": id })),
            Action::Take => (ops, "takeDealRegistration", json!({ "id": id })),
            Action::RequestInformation => (
                ops,
                "requestDealInformation",
                json!({ "id": id, "fields": ["AMOUNT", "EVIDENCE"], "message": "Is that all?" }),
            ),
            Action::Dispute => {
                (&self.seller, "disputeDealDecision", json!({ "registrationId": id, "statement": "We came first." }))
            }
            Action::Waitlist => {
                let document = "query($id: ID!) { dealRegistration(id: $id) { state account { id } } }";
                let found = ops.ask(document, json!({ "id": id })).await.data["dealRegistration"].clone();
                // Somebody else has the place by now, so that there is something to wait for.
                if ["SUBMITTED", "IN_REVIEW"].contains(&found["state"].as_str().unwrap_or_default()) {
                    let account = &found["account"]["id"];
                    let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "Ours." });
                    ops.done("reserveAccount", reserve, "").await;
                }
                (ops, "waitlistDealRegistration", json!({ "id": id }))
            }
            Action::Approve => (ops, "approveDealRegistration", json!({ "id": id })),
            Action::Reject => {
                (ops, "rejectDealRegistration", json!({ "id": id, "code": "OTHER", "reason": "Not this one." }))
            }
            Action::Extend => (&self.seller, "extendDealProtection", json!({ "id": id })),
            Action::ReportProgress => (&self.seller, "reportDealProgress", json!({ "id": id, "note": "It goes on." })),
            Action::Revoke => (
                ops,
                "revokeDealRegistration",
                json!({ "id": id, "code": "FRAUD", "rationale": "There is no customer." }),
            ),
            Action::AdvanceStage => (&self.seller, "advanceDealStage", json!({ "id": id, "stage": "PROPOSAL" })),
            Action::MarkWon => (ops, "markDealWon", json!({ "id": id })),
            Action::MarkLost => (&self.seller, "markDealLost", json!({ "id": id, "reason": "No budget." })),
        };
        codes(person, mutation, input).await
    }

    async fn state_of(&self, id: &Value) -> String {
        let found =
            self.seller.ask("query($id: ID!) { dealRegistration(id: $id) { state } }", json!({ "id": id })).await;
        found.data["dealRegistration"]["state"].as_str().unwrap().to_owned()
    }

    async fn offered(&self, id: &Value) -> Vec<String> {
        let document = "query($id: ID!) { dealRegistration(id: $id) { allowedActions } }";
        let mut offered = Vec::new();
        for person in [&self.seller, &self.world.ops] {
            let found = person.ask(document, json!({ "id": id })).await;
            for word in found.data["dealRegistration"]["allowedActions"].as_array().unwrap() {
                offered.push(word.as_str().unwrap().to_owned());
            }
        }
        offered
    }

    fn name(action: Action) -> String {
        async_graphql::InputType::to_value(&action).to_string()
    }
}

/// Makes a mutation; the codes of its refusal, none when it was done.
async fn codes(person: &Person<'_>, mutation: &str, input: Value) -> Vec<String> {
    let name = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let document = format!("mutation($input: {name}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
    let answer = person.ask(&document, json!({ "input": input })).await;
    assert_eq!(answer.errors, Value::Null, "{mutation}");
    let errors = answer.data[mutation]["userErrors"].as_array().unwrap().clone();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_action_in_every_state_does_what_the_graph_says() {
    let app = TestApp::start().await;
    let world = World::of(&app).await;
    let (seller, rival) = (world.seller("north").await, world.seller("south").await);
    let machine = Registrations { world, seller, rival, number: 0.into() };
    let (cells, arrows) = walk(&app, &machine).await;
    let mut arrows_of_graph: Vec<_> =
        EDGES.iter().map(|edge| (edge.from.to_string(), format!("{:?}", edge.action))).collect();
    arrows_of_graph.dedup();
    assert_eq!((cells, arrows), (Registrations::states().len() * Action::ALL.len(), arrows_of_graph.len()));
}
