//! The machine of applications, walked.

use entity::value::{ApplicationState, Role};
use partner_portal::{
    kernel::graph::Edge,
    onboarding::applications::states::{ApplicationAction, EDGES},
};
use sea_orm::Iterable as _;
use serde_json::{Value, json};

use super::{
    application,
    review::{codes, status},
    transitions::{Machine, walk},
};
use crate::support::{Person, TestApp};

struct Applications<'a> {
    app: &'a TestApp,
    ops: Person<'a>,
    number: std::cell::Cell<u32>,
}

/// An application, for staff by its id and for the applicant by the token of its link.
struct Object {
    id: Value,
    token: Value,
}

impl Machine for Applications<'_> {
    type State = ApplicationState;
    type Action = ApplicationAction;
    type Object = Object;

    fn states() -> Vec<ApplicationState> {
        ApplicationState::iter().collect()
    }

    fn actions() -> Vec<ApplicationAction> {
        ApplicationAction::ALL.to_vec()
    }

    fn edges() -> &'static [Edge<ApplicationState, ApplicationAction>] {
        EDGES
    }

    async fn make(&self, state: ApplicationState) -> Object {
        self.number.set(self.number.get() + 1);
        let input = application(&format!("walked-{}.example", self.number.get()));
        let made = self.app.anonymous().done("submitPartnerApplication", input, "application { id } statusToken").await;
        let object = Object { id: made["application"]["id"].clone(), token: made["statusToken"].clone() };
        let way = match state {
            ApplicationState::Submitted => None,
            ApplicationState::InReview => Some(ApplicationAction::Assign),
            ApplicationState::ActionRequired => Some(ApplicationAction::RequestChanges),
            ApplicationState::Approved => Some(ApplicationAction::Approve),
            ApplicationState::Rejected => Some(ApplicationAction::Reject),
            ApplicationState::Withdrawn => Some(ApplicationAction::Withdraw),
        };
        if let Some(action) = way {
            assert_eq!(self.act(&object, action).await, [] as [&str; 0]);
        }
        object
    }

    async fn act(&self, object: &Object, action: ApplicationAction) -> Vec<String> {
        let Object { id, token } = object;
        let (by_staff, mutation, input) = match action {
            ApplicationAction::Assign => (true, "assignPartnerApplication", json!({ "applicationId": id })),
            ApplicationAction::RequestChanges => (
                true,
                "requestPartnerApplicationChanges",
                json!({ "applicationId": id, "fields": ["WEBSITE"], "message": "Which one is yours?" }),
            ),
            ApplicationAction::Approve => (true, "approvePartnerApplication", json!({ "applicationId": id })),
            ApplicationAction::Reject => {
                (true, "rejectPartnerApplication", json!({ "applicationId": id, "code": "NOT_A_FIT" }))
            }
            ApplicationAction::Resubmit => {
                (false, "resubmitPartnerApplication", json!({ "token": token, "answer": "The one that we gave." }))
            }
            ApplicationAction::Withdraw => (false, "withdrawPartnerApplication", json!({ "token": token })),
        };
        let person = if by_staff { self.ops.clone() } else { self.app.anonymous() };
        codes(&person, mutation, input).await
    }

    async fn state_of(&self, object: &Object) -> String {
        status(self.app, &object.token).await["state"].as_str().unwrap().to_owned()
    }

    async fn offered(&self, object: &Object) -> Vec<String> {
        let document = "query($id: ID!) { node(id: $id) { ... on PartnerApplication { allowedActions } } }";
        let staff = self.ops.ask(document, json!({ "id": object.id })).await.data["node"]["allowedActions"].clone();
        let applicant = status(self.app, &object.token).await["allowedActions"].clone();
        let words = [staff, applicant];
        words.iter().flat_map(|words| words.as_array().unwrap()).map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    fn name(action: ApplicationAction) -> String {
        async_graphql::InputType::to_value(&action).to_string()
    }
}

#[tokio::test]
async fn every_action_in_every_state_does_what_the_graph_says() {
    let app = TestApp::start().await;
    let ops = app.staff(Role::ChannelOps).await;
    let machine = Applications { app: &app, ops, number: 0.into() };
    assert_eq!(walk(&app, &machine).await, (36, EDGES.len()));
}
