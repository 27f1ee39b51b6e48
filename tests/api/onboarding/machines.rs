//! The machines of plans, agreements, joint business plans and tiers, walked: every state with every action.

use std::cell::Cell;

use entity::value::{AgreementState, BusinessPlanState, OnboardingStepState, Role, TierReviewState};
use partner_portal::{
    kernel::graph::Edge,
    onboarding::{
        agreements::states::{self as texts, AgreementAction},
        business_plans::states::{self as plans, BusinessPlanAction},
        plans::states::{self as steps, StepAction},
        tiers::states::{self as reviews, ReviewAction},
    },
};
use sea_orm::Iterable as _;
use serde_json::{Value, json};

use super::{
    accept, approved,
    review::codes,
    step, targets,
    transitions::{Machine, walk},
};
use crate::support::{Person, TestApp};

/// Operations, a partner's administrator, and a number that was not given out before.
struct World<'a> {
    app: &'a TestApp,
    ops: Person<'a>,
    admin: Person<'a>,
    number: Cell<i32>,
}

impl<'a> World<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let ops = app.staff(Role::ChannelOps).await;
        let partner = app.partner("walked.example").await;
        let admin = app.person("ana@walked.example", Some(partner), &[Role::PartnerAdmin]).await;
        Self { app, ops, admin, number: 0.into() }
    }

    fn next(&self) -> i32 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// A field of an object as somebody reads it; nothing when it does not exist for them.
    async fn read(&self, person: &Person<'_>, ty: &str, id: &Value, field: &str) -> Value {
        let document = format!("query($id: ID!) {{ node(id: $id) {{ ... on {ty} {{ {field} }} }} }}");
        person.ask(&document, json!({ "id": id })).await.data["node"][field].clone()
    }

    /// The actions that are offered to either.
    async fn offered(&self, ty: &str, id: &Value, people: &[&Person<'_>]) -> Vec<String> {
        let mut offered = Vec::new();
        for person in people {
            let words = self.read(person, ty, id, "allowedActions").await;
            offered.extend(words.as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()));
        }
        offered
    }
}

fn word(action: impl std::fmt::Debug) -> String {
    // Each action is one word.
    let name = format!("{action:?}");
    name.to_uppercase()
}

struct Steps<'a>(World<'a>);

impl Machine for Steps<'_> {
    type State = OnboardingStepState;
    type Action = StepAction;
    type Object = (Value, String);

    fn states() -> Vec<OnboardingStepState> {
        OnboardingStepState::iter().collect()
    }

    fn actions() -> Vec<StepAction> {
        StepAction::ALL.to_vec()
    }

    fn edges() -> &'static [Edge<OnboardingStepState, StepAction>] {
        steps::EDGES
    }

    async fn make(&self, state: OnboardingStepState) -> (Value, String) {
        let domain = format!("step-{}.example", self.0.next());
        let approval = approved(self.0.app, &self.0.ops, &domain).await;
        let admin = accept(self.0.app, &approval).await;
        let object = (step(&approval, "COMPLETE_PROFILE"), admin.token.unwrap());
        let way = match state {
            OnboardingStepState::Pending => None,
            OnboardingStepState::Done => Some(StepAction::Complete),
            OnboardingStepState::Waived => Some(StepAction::Waive),
        };
        if let Some(action) = way {
            assert_eq!(self.act(&object, action).await, [] as [&str; 0]);
        }
        object
    }

    async fn act(&self, (id, token): &(Value, String), action: StepAction) -> Vec<String> {
        let admin = self.0.app.bearer(token);
        let ops = &self.0.ops;
        match action {
            StepAction::Complete => {
                codes(&admin, "completeOnboardingStep", json!({ "stepId": id, "text": "We sell" })).await
            }
            StepAction::Waive => codes(ops, "waiveOnboardingStep", json!({ "stepId": id, "reason": "x" })).await,
            StepAction::Unwaive => codes(ops, "unwaiveOnboardingStep", json!({ "stepId": id, "reason": "x" })).await,
            StepAction::Reschedule => {
                let input = json!({ "stepId": id, "dueAt": "2026-08-01T00:00:00Z", "reason": "x" });
                codes(ops, "rescheduleOnboardingStep", input).await
            }
        }
    }

    async fn state_of(&self, (id, _): &(Value, String)) -> String {
        self.0.read(&self.0.ops, "OnboardingStep", id, "state").await.as_str().unwrap().to_owned()
    }

    async fn offered(&self, (id, _): &(Value, String)) -> Vec<String> {
        self.0.offered("OnboardingStep", id, &[&self.0.ops]).await
    }

    fn name(action: StepAction) -> String {
        word(action)
    }
}

struct Texts<'a>(World<'a>);

impl Machine for Texts<'_> {
    type State = AgreementState;
    type Action = AgreementAction;
    type Object = (Value, Value);

    fn states() -> Vec<AgreementState> {
        AgreementState::iter().collect()
    }

    fn actions() -> Vec<AgreementAction> {
        AgreementAction::ALL.to_vec()
    }

    fn edges() -> &'static [Edge<AgreementState, AgreementAction>] {
        texts::EDGES
    }

    async fn make(&self, state: AgreementState) -> (Value, Value) {
        let text = json!({ "title": "Terms", "text": format!("Text {}", self.0.next()) });
        let made = self.0.ops.done("draftAgreement", text, "agreement { id sha256 }").await["agreement"].clone();
        let object = (made["id"].clone(), made["sha256"].clone());
        if state == AgreementState::Published {
            assert_eq!(self.act(&object, AgreementAction::Publish).await, [] as [&str; 0]);
        }
        object
    }

    async fn act(&self, (id, sha256): &(Value, Value), action: AgreementAction) -> Vec<String> {
        match action {
            AgreementAction::Change => {
                let input = json!({ "agreementId": id, "title": "Terms", "text": format!("Text {}", self.0.next()) });
                codes(&self.0.ops, "changeAgreementDraft", input).await
            }
            AgreementAction::Publish => codes(&self.0.ops, "publishAgreement", json!({ "agreementId": id })).await,
            AgreementAction::Accept => {
                codes(&self.0.admin, "acceptAgreement", json!({ "agreementId": id, "sha256": sha256 })).await
            }
        }
    }

    async fn state_of(&self, (id, _): &(Value, Value)) -> String {
        self.0.read(&self.0.ops, "Agreement", id, "state").await.as_str().unwrap().to_owned()
    }

    async fn offered(&self, (id, _): &(Value, Value)) -> Vec<String> {
        self.0.offered("Agreement", id, &[&self.0.ops, &self.0.admin]).await
    }

    fn name(action: AgreementAction) -> String {
        word(action)
    }
}

struct Plans<'a>(World<'a>);

impl Machine for Plans<'_> {
    type State = BusinessPlanState;
    type Action = BusinessPlanAction;
    type Object = Value;

    fn states() -> Vec<BusinessPlanState> {
        BusinessPlanState::iter().collect()
    }

    fn actions() -> Vec<BusinessPlanAction> {
        BusinessPlanAction::ALL.to_vec()
    }

    fn edges() -> &'static [Edge<BusinessPlanState, BusinessPlanAction>] {
        plans::EDGES
    }

    async fn make(&self, state: BusinessPlanState) -> Value {
        let domain = format!("plan-{}.example", self.0.next());
        let partner = self.0.app.partner(&domain).await;
        let admin = self.0.app.person(&format!("ana@{domain}"), Some(partner), &[Role::PartnerAdmin]).await;
        let input = json!({ "year": 2026, "currency": "EUR", "targets": targets(1) });
        let made = admin.done("createBusinessPlan", input, "businessPlan { id }").await;
        let id = made["businessPlan"]["id"].clone();
        let way: &[_] = match state {
            BusinessPlanState::Draft => &[],
            BusinessPlanState::Proposed => &[BusinessPlanAction::Propose],
            BusinessPlanState::Agreed => &[BusinessPlanAction::Propose, BusinessPlanAction::Agree],
            BusinessPlanState::Closed => {
                &[BusinessPlanAction::Propose, BusinessPlanAction::Agree, BusinessPlanAction::Close]
            }
        };
        for action in way {
            if *action == BusinessPlanAction::Agree {
                admin.done("agreeBusinessPlan", json!({ "planId": id, "expectedVersion": 2 }), "").await;
            }
            assert_eq!(self.act(&id, *action).await, [] as [&str; 0]);
        }
        id
    }

    async fn act(&self, id: &Value, action: BusinessPlanAction) -> Vec<String> {
        let ops = &self.0.ops;
        match action {
            BusinessPlanAction::Change => {
                codes(ops, "changeBusinessPlan", json!({ "planId": id, "targets": targets(2) })).await
            }
            BusinessPlanAction::Propose => codes(ops, "proposeBusinessPlan", json!({ "planId": id })).await,
            BusinessPlanAction::Agree => {
                let version = self.0.read(ops, "BusinessPlan", id, "version").await;
                codes(ops, "agreeBusinessPlan", json!({ "planId": id, "expectedVersion": version })).await
            }
            BusinessPlanAction::Close => codes(ops, "closeBusinessPlan", json!({ "planId": id })).await,
        }
    }

    async fn state_of(&self, id: &Value) -> String {
        self.0.read(&self.0.ops, "BusinessPlan", id, "state").await.as_str().unwrap().to_owned()
    }

    async fn offered(&self, id: &Value) -> Vec<String> {
        self.0.offered("BusinessPlan", id, &[&self.0.ops]).await
    }

    fn name(action: BusinessPlanAction) -> String {
        word(action)
    }
}

struct Reviews<'a>(World<'a>);

impl Machine for Reviews<'_> {
    type State = TierReviewState;
    type Action = ReviewAction;
    type Object = Value;

    fn states() -> Vec<TierReviewState> {
        TierReviewState::iter().collect()
    }

    fn actions() -> Vec<ReviewAction> {
        vec![ReviewAction::Confirm, ReviewAction::Dismiss]
    }

    fn edges() -> &'static [Edge<TierReviewState, ReviewAction>] {
        reviews::EDGES
    }

    async fn make(&self, state: TierReviewState) -> Value {
        let number = self.0.next();
        let partner = self.0.app.partner(&format!("tier-{number}.example")).await.to_string();
        let review = async |as_on: &str| {
            let input = json!({ "partnerId": partner, "asOn": as_on });
            let made = self.0.ops.done("runTierReview", input, "tierReview { id }").await;
            made["tierReview"]["id"].clone()
        };
        if state != TierReviewState::Kept {
            let sql = format!("update partners set tier = 'GOLD' where domain = 'tier-{number}.example'");
            self.0.app.execute(&sql).await;
        }
        let first = review("2026-01-10").await;
        if matches!(state, TierReviewState::Kept | TierReviewState::Grace) {
            return first;
        }
        let second = review("2026-02-10").await;
        match state {
            TierReviewState::Confirmed => assert_eq!(self.act(&second, ReviewAction::Confirm).await, [] as [&str; 0]),
            TierReviewState::Dismissed => assert_eq!(self.act(&second, ReviewAction::Dismiss).await, [] as [&str; 0]),
            TierReviewState::Superseded => drop(review("2026-03-01").await),
            TierReviewState::Kept | TierReviewState::Grace | TierReviewState::Proposed => {}
        }
        second
    }

    async fn act(&self, id: &Value, action: ReviewAction) -> Vec<String> {
        match action {
            ReviewAction::Confirm => codes(&self.0.ops, "confirmTierChange", json!({ "reviewId": id })).await,
            ReviewAction::Dismiss => {
                codes(&self.0.ops, "dismissTierChange", json!({ "reviewId": id, "reason": "x" })).await
            }
        }
    }

    async fn state_of(&self, id: &Value) -> String {
        self.0.read(&self.0.ops, "TierReview", id, "state").await.as_str().unwrap().to_owned()
    }

    async fn offered(&self, id: &Value) -> Vec<String> {
        self.0.offered("TierReview", id, &[&self.0.ops]).await
    }

    fn name(action: ReviewAction) -> String {
        word(action)
    }
}

#[tokio::test]
async fn every_action_on_every_step_of_a_plan_does_what_the_graph_says() {
    let app = TestApp::start().await;
    assert_eq!(walk(&app, &Steps(World::of(&app).await)).await, (12, 4));
}

#[tokio::test]
async fn every_action_on_every_text_does_what_the_graph_says() {
    let app = TestApp::start().await;
    assert_eq!(walk(&app, &Texts(World::of(&app).await)).await, (6, 3));
}

#[tokio::test]
async fn every_action_on_every_business_plan_does_what_the_graph_says() {
    let app = TestApp::start().await;
    assert_eq!(walk(&app, &Plans(World::of(&app).await)).await, (16, 6));
}

#[tokio::test]
async fn every_action_on_every_review_does_what_the_graph_says() {
    let app = TestApp::start().await;
    assert_eq!(walk(&app, &Reviews(World::of(&app).await)).await, (12, 2));
}
