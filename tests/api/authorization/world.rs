//! The world that the walks go through: the vendor's people of every role, two partners that have something of
//! everything, and a suspended one.

mod deals;
mod funds;
mod onboarding;

use std::collections::BTreeMap;

use entity::value::{PartnerId, PartnerState, PartnerType, Role};
use partner_portal::{
    onboarding::{
        territories,
        tiers::rules::policy::{Requirements, TierPolicy},
    },
    platform::{auth::policy::Action, call::Call},
};
use sea_orm::Iterable;
use serde_json::{Value, json};

use crate::{
    people::second_factors::code_of,
    support::{Person, TestApp, app::PASSWORD},
};

/// Where somebody belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Vendor,
    North,
    South,
    Suspended,
}

impl Side {
    pub fn domain(self) -> &'static str {
        match self {
            Self::Vendor => "vendor.example",
            Self::North => "north.example",
            Self::South => "south.example",
            Self::Suspended => "asleep.example",
        }
    }
}

pub struct World<'a> {
    pub app: &'a TestApp,
    tokens: BTreeMap<(Side, Role), String>,
    facts: BTreeMap<(Side, &'static str), Value>,
    number: std::cell::Cell<u32>,
    recovery_codes: std::cell::RefCell<BTreeMap<(Side, Role), Vec<String>>>,
}

/// The roles of one side, each of which one person has.
pub fn roles(side: Side) -> Vec<Role> {
    Role::iter().filter(|role| role.is_staff() == (side == Side::Vendor)).collect()
}

fn address(side: Side, role: Role) -> String {
    // The contact of the application came in by invitation.
    if role == Role::PartnerAdmin && side != Side::Suspended {
        return format!("ana@{}", side.domain());
    }
    format!("{}@{}", role.to_string().to_lowercase(), side.domain())
}

fn money(minor: i64) -> Value {
    json!({ "minorUnits": minor.to_string(), "currency": "EUR" })
}

impl<'a> World<'a> {
    pub async fn create(app: &'a TestApp) -> Self {
        let mut world = Self {
            app,
            tokens: BTreeMap::new(),
            facts: BTreeMap::new(),
            number: 0.into(),
            recovery_codes: BTreeMap::new().into(),
        };
        for role in roles(Side::Vendor) {
            app.create_user(&address(Side::Vendor, role), None, &[role]).await;
            world.sign_in(Side::Vendor, role).await;
        }
        world.prepare().await;
        for side in [Side::North, Side::South] {
            world.come_in(side).await;
        }
        let asleep = app.partner_in(Side::Suspended.domain(), PartnerState::Suspended, &[PartnerType::Reseller]).await;
        world.facts.insert((Side::Suspended, "partner"), json!(asleep.to_string()));
        world.people_of(Side::Suspended, asleep).await;
        for side in [Side::North, Side::South] {
            world.live(side).await;
        }
        world
    }

    /// Somebody, signed in.
    pub fn who(&self, side: Side, role: Role) -> Person<'a> {
        Person { app: self.app, token: Some(self.tokens[&(side, role)].clone()) }
    }

    /// The same somebody in a session of their own, which may be ended.
    pub async fn in_new_session(&self, side: Side, role: Role) -> Person<'a> {
        let code = self.recovery_codes.borrow_mut().get_mut(&(side, role)).and_then(Vec::pop);
        self.app.sign_in_with(&address(side, role), code.as_deref()).await
    }

    /// Sets up a second factor for somebody; they sign in by recovery codes from then on.
    pub async fn enrolled(&self, side: Side, role: Role) {
        let person = self.in_new_session(side, role).await;
        let begun = person.done("beginTotpEnrolment", json!({}), "secret").await;
        let code = code_of(begun["secret"].as_str().unwrap(), self.app.now());
        let made = person.done("confirmTotpEnrolment", json!({ "code": code }), "recoveryCodes").await;
        let codes = made["recoveryCodes"].as_array().unwrap().iter();
        let codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
        self.recovery_codes.borrow_mut().insert((side, role), codes);
    }

    pub fn staff(&self, role: Role) -> Person<'a> {
        self.who(Side::Vendor, role)
    }

    /// The address that somebody signs in with.
    pub fn address(&self, side: Side, role: Role) -> String {
        address(side, role)
    }

    /// What was noted of a side.
    pub fn fact(&self, side: Side, name: &'static str) -> Value {
        self.facts.get(&(side, name)).unwrap_or_else(|| panic!("{side:?} has no {name}")).clone()
    }

    /// A number that was not given out before, to make names differ.
    pub fn number(&self) -> u32 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// A new seller of a partner: their id.
    pub async fn newcomer(&self, side: Side) -> Value {
        let partner_id = self.fact(side, "partner").as_str().unwrap().parse().ok();
        let address = format!("newcomer-{}@{}", self.number(), side.domain());
        json!(self.app.create_user(&address, partner_id, &[Role::Seller]).await.to_string())
    }

    async fn sign_in(&mut self, side: Side, role: Role) {
        let person = self.app.sign_in(&address(side, role)).await;
        self.tokens.insert((side, role), person.token.unwrap());
    }

    fn note(&mut self, side: Side, name: &'static str, value: &Value) {
        assert!(!value.is_null(), "{side:?} has no {name}");
        self.facts.insert((side, name), value.clone());
    }

    /// What there is before partners come.
    async fn prepare(&mut self) {
        // Every level is anybody's: reviews propose the highest one.
        let mut tiers = TierPolicy::default();
        for level in &mut tiers.programs[0].levels {
            level.requirements = Requirements { revenue_minor: 0, certifications: 0, engagement_score: 0 };
        }
        let document = serde_json::to_string(&tiers).unwrap();
        let sql = "insert into policy_documents (kind, version, effective_at, document) values ('tiers', 2, 0, ";
        self.app.execute(&format!("{sql}'{document}')")).await;
        let (admin, ops) = (self.staff(Role::Admin), self.staff(Role::ChannelOps));
        let line = json!({ "code": "PLATFORM", "name": "Platform" });
        let line = admin.done("createProductLine", line, "productLine { id }").await;
        self.note(Side::Vendor, "line", &line["productLine"]["id"]);
        let course = json!({ "code": "FOUNDATION", "title": "Foundations", "isFoundation": true, "passMarkBp": 7000 });
        let course = admin.done("createCourse", course, "course { id }").await;
        self.note(Side::Vendor, "course", &course["course"]["id"]);
        let manager = self.staff(Role::ChannelManager).ask("{ viewer { user { id } } }", Value::Null).await;
        self.note(Side::Vendor, "manager", &manager.data["viewer"]["user"]["id"]);
        for name in ["program", "other program"] {
            let program = json!({
                "name": name, "startsOn": "2026-01-01", "endsOn": "2026-12-31", "budget": money(100_000_000),
                "activityTypes": [{ "activityType": "WEBINAR", "reimbursementRateBp": 5000, "cap": money(2_000_000) }],
            });
            let program = ops.done("createMdfProgram", program, "program { id }").await;
            self.note(Side::Vendor, name, &program["program"]["id"]);
        }
        let reserved = json!({ "name": "Reserved Works", "country": "DE", "reservedFor": "DIRECT" });
        ops.done("createAccount", reserved, "account { id }").await;
    }

    /// A partner comes in: applies, is approved, accepts, completes its plan.
    async fn come_in(&mut self, side: Side) {
        let domain = side.domain();
        let (application, token) = self.applied_at(domain).await;
        self.note(side, "status token", &token);
        let approved = self
            .staff(Role::ChannelOps)
            .done(
                "approvePartnerApplication",
                json!({ "applicationId": application }),
                "partner { id onboardingSteps { id step } } invitationToken",
            )
            .await;
        let accept = json!({ "token": approved["invitationToken"], "password": PASSWORD });
        self.app.anonymous().done("acceptInvitation", accept, "tokens { accessToken }").await;
        self.note(side, "application", &application);
        self.note(side, "partner", &approved["partner"]["id"]);
        let partner_id: PartnerId = approved["partner"]["id"].as_str().unwrap().parse().unwrap();
        self.people_of(side, partner_id).await;
        // Territories come from imports and the operator.
        let call = Call::system(self.app.services.clone(), "test");
        let assigned = call
            .in_transaction(async |txn| {
                let name = format!("Region of {domain}");
                let territory = territories::find_or_create(txn, &call, Action::DecideApplication, &name).await?;
                territories::assign(txn, &call, partner_id, territory.id).await
            })
            .await;
        assigned.unwrap();
        let admin = self.who(side, Role::PartnerAdmin);
        let agreement = admin.ask("{ partnerAgreement { version sha256 } }", Value::Null).await;
        let steps = approved["partner"]["onboardingSteps"].as_array().unwrap().clone();
        for (kind, name) in [("SIGN_AGREEMENT", "signed step"), ("COMPLETE_PROFILE", "profile step")] {
            let step = steps.iter().find(|step| step["step"] == kind).unwrap();
            self.note(side, name, &step["id"]);
            let mut input = json!({ "stepId": step["id"] });
            match kind {
                "SIGN_AGREEMENT" => input["agreement"] = agreement.data["partnerAgreement"].clone(),
                _ => input["text"] = json!(format!("Twenty consultants of {domain}.")),
            }
            admin.done("completeOnboardingStep", input, "").await;
        }
        let plan = self.new_business_plan(side, 2026);
        let plan = admin.done("createBusinessPlan", plan, "businessPlan { id }").await;
        self.note(side, "business plan", &plan["businessPlan"]["id"]);
        let review = json!({ "partnerId": partner_id.to_string(), "asOn": "2025-12-10" });
        let review = self.staff(Role::ChannelOps).done("runTierReview", review, "tierReview { id }").await;
        self.note(side, "tier review", &review["tierReview"]["id"]);
    }

    /// One person of each role.
    async fn people_of(&mut self, side: Side, partner_id: PartnerId) {
        for role in roles(side) {
            let address = address(side, role);
            if role != Role::PartnerAdmin || side == Side::Suspended {
                self.app.create_user(&address, Some(partner_id), &[role]).await;
            }
            self.sign_in(side, role).await;
        }
        let document = "query($id: ID!) { partner(id: $id) { users { id email } } }";
        let found =
            self.staff(Role::Admin).ask(document, json!({ "id": partner_id.to_string() })).await.data["partner"]
                .clone();
        let people = found["users"].as_array().unwrap().clone();
        let of = |role| people.iter().find(|one| one["email"] == address(side, role)).unwrap()["id"].clone();
        self.note(side, "admin", &of(Role::PartnerAdmin));
        self.note(side, "learner", &of(Role::Learner));
    }

    /// Business: deals in many states, funds up to a payment, training.
    async fn live(&mut self, side: Side) {
        let allocation = json!({ "programId": self.fact(Side::Vendor, "program"), "partnerId": self.fact(side, "partner"),
            "potential": money(50_000_000) });
        let ops = self.staff(Role::ChannelOps);
        let allocation = ops.done("allocateMdf", allocation, "allocation { id }").await;
        self.note(side, "allocation", &allocation["allocation"]["id"]);

        let protected = self.protected_deal(side).await;
        self.note(side, "protected deal", &protected);
        let proof = json!({ "evidenceId": self.evidence_of(side, &protected).await, "file": "@file:minutes.txt:What was said." });
        self.who(side, Role::Seller).done("attachEvidenceFile", proof, "").await;
        let won = self.protected_deal(side).await;
        ops.done("markDealWon", json!({ "id": won }), "").await;
        let lost = self.protected_deal(side).await;
        let reason = json!({ "id": lost, "reason": "They bought elsewhere." });
        self.who(side, Role::Seller).done("markDealLost", reason, "").await;
        let rejected = self.deal(side).await;
        let reason = json!({ "id": rejected, "code": "CUSTOMER_NOT_CONFIRMED", "reason": "They know of nothing." });
        ops.done("rejectDealRegistration", reason, "").await;
        self.who(side, Role::Seller).done("withdrawDealRegistration", json!({ "id": self.deal(side).await }), "").await;
        // Both partners want the same customer: the first is protected, the second waits.
        let mut shared = self.new_deal(side, "Shared Works");
        shared["joinWaitlist"] = json!(true);
        let shared = self.who(side, Role::Seller).done("registerDeal", shared, "dealRegistration { id state }").await;
        self.note(side, "shared deal", &shared["dealRegistration"]["id"]);
        if side == Side::North {
            let id = json!({ "id": shared["dealRegistration"]["id"] });
            ops.done("approveDealRegistration", id, "").await;
        } else {
            assert_eq!(shared["dealRegistration"]["state"], "WAITLISTED");
        }

        let contact = self.contact(side).await;
        self.note(side, "contact", &contact);
        let authorisation = self.authorisation(side).await;
        self.note(side, "authorisation", &authorisation);
        let duplicate = self.duplicate(side).await;
        self.note(side, "duplicate", &duplicate);
        let merge = self.merge(side).await;
        self.note(side, "merge", &merge);
        let tranche = self.payable_tranche(side).await;
        let payment = json!({ "trancheId": tranche, "reference": format!("SEPA {side:?}"), "paidOn": "2026-03-02" });
        self.staff(Role::Finance).done("recordMdfPayment", payment, "").await;
        self.request(side).await;
        let row = self.completion(side);
        ops.done("recordTrainingCompletions", json!({ "source": "academy", "rows": [row] }), "").await;
    }

    /// The secret that was mailed to somebody of a side who asked for a new password.
    pub async fn lost_password(&self, side: Side) -> Value {
        let email = format!("lost{}@{}", self.number(), side.domain());
        let partner_id = self.fact(side, "partner").as_str().unwrap().parse().unwrap();
        self.app.create_user(&email, Some(partner_id), &[Role::Seller]).await;
        self.app.anonymous().done("requestPasswordReset", json!({ "email": email }), "requested").await;
        let mails = self.app.mails().await;
        json!(mails.iter().find(|mail| mail.to == email && mail.text.contains("reset-password")).unwrap().token())
    }

    /// An open invitation into a side; its id. Made past the API, so that a partner that starts nothing new has one too.
    pub async fn invited(&self, side: Side) -> Value {
        let partner_id = self.fact(side, "partner").as_str().unwrap().parse().unwrap();
        let email = format!("invited{}@{}", self.number(), side.domain());
        json!(self.app.invite(&email, Some(partner_id), &[Role::Seller]).await.to_string())
    }

    /// A new API client.
    pub async fn api_client(&self, side: Side) -> Value {
        let input = json!({ "name": "CRM", "scopes": ["DEALS_READ"] });
        let admin = self.who(side, Role::PartnerAdmin);
        admin.done("createApiClient", input, "apiClient { id secrets { id } }").await["apiClient"].clone()
    }

    /// One id of each kind that a partner has.
    pub async fn ids_of(&self, side: Side) -> Vec<String> {
        let mut ids: Vec<String> = self
            .facts
            .iter()
            .filter(|((owner, _), _)| *owner == side)
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect();
        for made in [
            self.account(side).await,
            self.deal(side).await,
            self.claim(side).await,
            self.request(side).await,
            self.payable_tranche(side).await,
            self.api_client(side).await["id"].clone(),
            self.api_client(side).await["secrets"][0]["id"].clone(),
            self.invited(side).await,
        ] {
            ids.push(made.as_str().unwrap().to_owned());
        }
        ids.sort();
        ids.dedup_by_key(|id| id[..3].to_owned());
        ids
    }
}
