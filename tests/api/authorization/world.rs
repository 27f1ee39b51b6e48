//! The world that the walks go through: the vendor's people of every role, two partners that have something of
//! everything, and a suspended one.

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

    /// A new step that staff ask of a partner.
    pub async fn open_step(&self, side: Side) -> Value {
        let input = json!({ "partnerId": self.fact(side, "partner"), "title": format!("Errand {}", self.number()),
            "required": false, "dueAt": "2026-05-01T00:00:00Z", "reason": "It helps." });
        let added = self.staff(Role::ChannelOps).done("addOnboardingStep", input, "step { id }").await;
        added["step"]["id"].clone()
    }

    /// A new step that staff asked of a partner and have waived.
    pub async fn waived_step(&self, side: Side) -> Value {
        let id = self.open_step(side).await;
        let input = json!({ "stepId": id, "reason": "It is no help." });
        self.staff(Role::ChannelOps).done("waiveOnboardingStep", input, "").await;
        id
    }

    /// A new draft of an agreement.
    pub async fn draft(&self) -> Value {
        let text = json!({ "title": "Data protection", "text": format!("Text {}", self.number()) });
        let drafted = self.staff(Role::ChannelOps).done("draftAgreement", text, "agreement { id }").await;
        drafted["agreement"]["id"].clone()
    }

    /// A text that is in force for partners of this world and was accepted by none; what is named when it is accepted.
    pub async fn open_agreement(&self) -> Value {
        let ops = self.staff(Role::ChannelOps);
        let published =
            ops.done("publishAgreement", json!({ "agreementId": self.draft().await }), "agreement { id sha256 }").await;
        json!({ "agreementId": published["agreement"]["id"], "sha256": published["agreement"]["sha256"] })
    }

    /// What somebody writes who begins a joint business plan.
    pub fn new_business_plan(&self, side: Side, year: i32) -> Value {
        json!({ "partnerId": self.fact(side, "partner"), "year": year, "currency": "EUR", "targets": {
            "pipelineMinorUnits": "100", "revenueMinorUnits": "50", "certifications": 2, "mdfActivities": 1 } })
    }

    /// A draft of a joint business plan for a year.
    pub async fn drafted_plan(&self, side: Side, year: i32) -> Value {
        let input = self.new_business_plan(side, year);
        let plan = self.staff(Role::ChannelOps).done("createBusinessPlan", input, "businessPlan { id version }").await;
        plan["businessPlan"].clone()
    }

    /// A joint business plan for a year that waits for both sides.
    pub async fn proposed_plan(&self, side: Side, year: i32) -> Value {
        let input = json!({ "planId": self.drafted_plan(side, year).await["id"] });
        let ops = self.staff(Role::ChannelOps);
        ops.done("proposeBusinessPlan", input, "businessPlan { id version }").await["businessPlan"].clone()
    }

    /// The joint business plan of the year, agreed by both sides.
    pub async fn agreed_plan(&self, side: Side) -> Value {
        let id = self.fact(side, "business plan");
        let ops = self.staff(Role::ChannelOps);
        let asked = json!({ "planId": id });
        let mut plan = ops.done("proposeBusinessPlan", asked, "businessPlan { version }").await["businessPlan"].clone();
        for person in [&ops, &self.who(side, Role::PartnerAdmin)] {
            let agreed = json!({ "planId": id, "expectedVersion": plan["version"] });
            plan = person.done("agreeBusinessPlan", agreed, "businessPlan { version }").await["businessPlan"].clone();
        }
        id
    }

    /// A review of a month that proposes another level.
    pub async fn proposal(&self, side: Side, as_on: &str) -> Value {
        let input = json!({ "partnerId": self.fact(side, "partner"), "asOn": as_on });
        let ops = self.staff(Role::ChannelOps);
        let review = ops.done("runTierReview", input, "tierReview { id state }").await["tierReview"].clone();
        assert_eq!(review["state"], "PROPOSED");
        review["id"].clone()
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

    /// A new application of a company that is not a partner yet.
    pub async fn application(&self) -> Value {
        let domain = format!("applicant-{}.example", self.number());
        self.application_at(&domain).await
    }

    /// What somebody writes who changes the state of a partner that nobody needs any more.
    pub async fn expendable(&self, change: &str, state: PartnerState) -> Value {
        let domain = format!("expendable-{}.example", self.number());
        let partner = self.app.partner_in(&domain, state, &[PartnerType::Reseller]).await.to_string();
        let document = "query($id: ID!, $change: PartnerChange!) {
            previewPartnerChange(partnerId: $id, change: $change) { digest } }";
        let seen = self.staff(Role::ChannelOps).ask(document, json!({ "id": partner, "change": change })).await;
        json!({ "partnerId": partner, "reason": "OTHER", "digest": seen.data["previewPartnerChange"]["digest"] })
    }

    /// What somebody writes who adds a contact to a partner.
    pub fn new_contact(&self, side: Side) -> Value {
        let email = format!("contact{}@{}", self.number(), side.domain());
        json!({ "partnerId": self.fact(side, "partner"), "kind": "SALES", "name": "Bea", "email": email })
    }

    /// A new contact of a partner.
    pub async fn contact(&self, side: Side) -> Value {
        let (admin, input) = (self.who(side, Role::PartnerAdmin), self.new_contact(side));
        admin.done("addPartnerContact", input, "contact { id }").await["contact"]["id"].clone()
    }

    /// What somebody writes who authorises a partner in a new territory.
    pub async fn new_authorisation(&self, side: Side) -> Value {
        let territory = json!({ "name": format!("Area {} of {}", self.number(), side.domain()), "countries": ["DE"] });
        let ops = self.staff(Role::ChannelOps);
        let territory = ops.done("defineTerritory", territory, "territory { id }").await;
        json!({ "partnerId": self.fact(side, "partner"), "productLineIds": [self.fact(Side::Vendor, "line")],
            "territoryIds": [territory["territory"]["id"]] })
    }

    /// A new authorisation of a partner.
    pub async fn authorisation(&self, side: Side) -> Value {
        let (ops, input) = (self.staff(Role::ChannelOps), self.new_authorisation(side).await);
        let made = ops.done("grantPartnerAuthorisation", input, "authorisations { id }").await;
        made["authorisations"][0]["id"].clone()
    }

    pub fn new_application(&self, domain: &str) -> Value {
        json!({
            "legalName": format!("{domain} GmbH"), "website": format!("https://www.{domain}/"), "country": "DE",
            "partnerTypes": ["INFLUENCE"], "regions": ["EUROPE"], "industries": ["Manufacturing"],
            "expectedBusiness": "Ten projects a year.",
            "contact": { "name": "Ana Appel", "email": format!("ana@{domain}") },
        })
    }

    async fn application_at(&self, domain: &str) -> Value {
        self.applied_at(domain).await.0
    }

    /// A new application, and the token of its link.
    async fn applied_at(&self, domain: &str) -> (Value, Value) {
        let input = self.new_application(domain);
        let made = self.app.anonymous().done("submitPartnerApplication", input, "application { id } statusToken").await;
        (made["application"]["id"].clone(), made["statusToken"].clone())
    }

    /// The token of the link of a new application, of which the applicant is asked about something.
    pub async fn asked_application(&self) -> Value {
        let (id, token) = self.applied_at(&format!("asked-{}.example", self.number())).await;
        let question = json!({ "applicationId": id, "fields": ["REGIONS"], "message": "Nowhere else?" });
        self.staff(Role::ChannelOps).done("requestPartnerApplicationChanges", question, "").await;
        token
    }

    /// What somebody writes who registers a deal with sufficient evidence on a customer of that name.
    pub fn new_deal(&self, side: Side, customer: &str) -> Value {
        json!({
            "account": { "details": { "name": customer, "country": "DE" } },
            "productLineIds": [self.fact(Side::Vendor, "line")],
            "amount": money(1_000_000), "expectedCloseOn": "2026-06-30",
            "customerContact": { "name": "Kim Customer", "email": format!("kim@customer-of-{}", side.domain()) },
            "partnerRole": "RESELL", "need": "They outgrew what they have.",
            "evidence": [
                { "kind": "CUSTOMER_IDENTITY", "description": format!("extract of the registry for {}", side.domain()) },
                { "kind": "DECISION_MAKER", "description": "Kim decides" },
                { "kind": "INTERACTION", "description": "first meeting", "occurredAt": "2026-02-20T10:00:00Z", "proof": "minutes" },
            ],
        })
    }

    /// A new customer's name.
    pub fn customer(&self, side: Side) -> String {
        // Names of one letter after another would be similar; numbers in words are not.
        let number = self.number();
        let words = ["Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Heath", "Inlet", "Jetty"];
        let digits = number.to_string();
        let name: Vec<_> = digits.bytes().map(|digit| words[usize::from(digit - b'0')]).collect();
        format!("{side:?} {} Works", name.join(" "))
    }

    /// A new deal in review.
    pub async fn deal(&self, side: Side) -> Value {
        let input = self.new_deal(side, &self.customer(side));
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id state }").await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new deal that nothing stands against: nobody has a name like this customer's.
    pub async fn clean_deal(&self, side: Side) -> Value {
        let syllables = ["ka", "lo", "mi", "ru", "te", "vo", "za", "ne", "pu", "sy"];
        let digits = (u64::from(self.number()) * 7_654_321).to_string();
        let name: String = digits.bytes().map(|digit| syllables[usize::from(digit - b'0')]).collect();
        let mut input = self.new_deal(side, &name);
        input["account"]["details"]["website"] = json!(format!("{name}.example"));
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new draft of a deal.
    pub async fn draft_deal(&self, side: Side) -> Value {
        let mut input = self.new_deal(side, &self.customer(side));
        input["draft"] = json!(true);
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
        made["dealRegistration"]["id"].clone()
    }

    /// An item of evidence of a new deal in review.
    pub async fn evidence(&self, side: Side) -> Value {
        self.evidence_of(side, &self.deal(side).await).await
    }

    /// An item of evidence of a deal.
    pub async fn evidence_of(&self, side: Side, deal: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id } } }";
        let found = self.who(side, Role::Seller).ask(document, json!({ "id": deal })).await;
        found.data["dealRegistration"]["evidence"][0]["id"].clone()
    }

    async fn account_of(&self, side: Side, deal: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { account { id } } }";
        let found = self.who(side, Role::Seller).ask(document, json!({ "id": deal })).await;
        found.data["dealRegistration"]["account"]["id"].clone()
    }

    /// A new account that a partner has registered a deal on.
    pub async fn account(&self, side: Side) -> Value {
        self.account_of(side, &self.deal(side).await).await
    }

    /// A new account that no partner knows.
    pub async fn staffs_account(&self) -> Value {
        let input = json!({ "name": self.customer(Side::Vendor), "country": "DE" });
        let made = self.staff(Role::ChannelOps).done("createAccount", input, "account { id }").await;
        made["account"]["id"].clone()
    }

    /// Two accounts that may be the same customer, one of which a partner knows. Made past the API: the matcher finds them.
    pub async fn duplicate(&self, side: Side) -> Value {
        let (one, other) = (self.account(side).await, self.staffs_account().await);
        crate::accounts::duplicates::propose(self.app, &one, &other, 8_000).await;
        let document = "query($id: ID!) { accountDuplicates(filter: { accountId: $id }) { nodes { id } } }";
        let found = self.staff(Role::ChannelOps).ask(document, json!({ "id": one })).await;
        found.data["accountDuplicates"]["nodes"][0]["id"].clone()
    }

    /// A merge of an account into one that a partner knows.
    pub async fn merge(&self, side: Side) -> Value {
        let (one, other) = (self.account(side).await, self.staffs_account().await);
        let input = json!({ "survivorId": one, "mergedId": other, "reason": "They are one." });
        let made = self.staff(Role::ChannelOps).done("mergeAccounts", input, "accountMerge { id }").await;
        made["accountMerge"]["id"].clone()
    }

    /// A new account that a partner once had a deal on, so that it may try again.
    pub async fn free_account(&self, side: Side) -> Value {
        let deal = self.deal(side).await;
        self.who(side, Role::Seller).done("withdrawDealRegistration", json!({ "id": deal }), "").await;
        self.account_of(side, &deal).await
    }

    /// A new deal that is only begun. Made past the API.
    pub async fn begun_deal(&self, side: Side) -> Value {
        let mut input = self.new_deal(side, &self.customer(side));
        let need = format!("Draft {}", self.number());
        input["need"] = json!(need);
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
        let sql = format!("update deal_registrations set state = 'DRAFT', qualified_at = null where need = '{need}'");
        self.app.execute(&sql).await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new deal that waited, and is offered its place.
    pub async fn offered_deal(&self, side: Side) -> Value {
        let (ops, name) = (self.staff(Role::ChannelOps), self.customer(side));
        let reserved = json!({ "name": name, "country": "DE", "reservedFor": "DIRECT" });
        let account = ops.done("createAccount", reserved, "account { id }").await["account"]["id"].clone();
        let mut deal = self.new_deal(side, &name);
        deal["joinWaitlist"] = json!(true);
        let made = self.who(side, Role::Seller).done("registerDeal", deal, "dealRegistration { id state }").await;
        assert_eq!(made["dealRegistration"]["state"], "WAITLISTED");
        let release = json!({ "accountId": account, "reason": "It is free." });
        ops.done("releaseAccountReservation", release, "").await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new deal whose review its partner disputes.
    pub async fn disputed_deal(&self, side: Side) -> Value {
        let id = self.deal(side).await;
        self.staff(Role::ChannelOps).done("takeDealRegistration", json!({ "id": id }), "").await;
        let input = json!({ "registrationId": id, "statement": "We met them a year ago." });
        self.who(side, Role::Seller).done("disputeDealDecision", input, "").await;
        id
    }

    /// The conflict case of a deal.
    pub async fn case_of(&self, deal: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { conflict { case { id } } } }";
        let found = self.staff(Role::ChannelOps).ask(document, json!({ "id": deal })).await;
        found.data["dealRegistration"]["conflict"]["case"]["id"].clone()
    }

    /// New deals of both partners about the same: the one of this side first.
    pub async fn rival_deals(&self, side: Side) -> [Value; 2] {
        let customer = self.customer(side);
        let other = if side == Side::North { Side::South } else { Side::North };
        let mut deals = Vec::new();
        for one in [side, other] {
            let input = self.new_deal(one, &customer);
            let made = self.who(one, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
            deals.push(made["dealRegistration"]["id"].clone());
        }
        [deals.remove(0), deals.remove(0)]
    }

    /// A new deal of which half is offered.
    pub async fn shared_deal(&self, side: Side) -> Value {
        let [own, other] = self.rival_deals(side).await;
        let ops = self.staff(Role::ChannelOps);
        let opened = json!({ "registrationIds": [own, other], "rationale": "Who came first?" });
        let opened = ops.done("openDealConflict", opened, "dealConflict { id }").await;
        let share = |id: &Value| json!({ "registrationId": id, "basisPoints": 5000 });
        let offered = json!({ "id": opened["dealConflict"]["id"], "outcome": "SHARED", "rationale": "Both did half of it.",
            "shares": [share(&own), share(&other)], "winnerRegistrationId": own });
        ops.done("decideDealConflict", offered, "").await;
        own
    }

    /// A new deal that was approved.
    pub async fn protected_deal(&self, side: Side) -> Value {
        let id = self.deal(side).await;
        self.staff(Role::ChannelOps).done("approveDealRegistration", json!({ "id": id }), "").await;
        id
    }

    /// What somebody writes who asks for funds for a webinar today.
    pub fn new_request(&self) -> Value {
        json!({
            "programId": self.fact(Side::Vendor, "program"), "activityType": "WEBINAR", "title": "Leaving the data centre",
            "audience": "Heads of IT", "startsOn": "2026-03-02", "endsOn": "2026-03-02", "plannedCost": money(80_000),
            "requestedAmount": money(40_000), "qualifiedLeadDefinition": "Asked for a meeting", "targetLeads": 20,
            "targetPipeline": money(12_000_000),
        })
    }

    /// A new request for funds.
    pub async fn request(&self, side: Side) -> Value {
        let made = self.who(side, Role::Marketer).done("requestMdf", self.new_request(), "request { id }").await;
        made["request"]["id"].clone()
    }

    /// A new request for funds that was approved.
    pub async fn approved_request(&self, side: Side) -> Value {
        let id = self.request(side).await;
        self.staff(Role::ChannelOps).done("approveMdfRequest", json!({ "requestId": id }), "").await;
        id
    }

    /// What somebody writes who claims an approved request.
    pub fn new_claim(&self, request: &Value) -> Value {
        json!({
            "requestId": request,
            "lines": [{ "issuer": "Studio Nord", "number": format!("R-{}", self.number()), "issuedOn": "2026-03-02", "amount": money(78_000) }],
            "proofs": [{ "kind": "ATTENDEE_LIST", "description": "84 people took part" }],
            "actualResults": "17 asked for a meeting",
        })
    }

    /// A new claim.
    pub async fn claim(&self, side: Side) -> Value {
        let input = self.new_claim(&self.approved_request(side).await);
        let made = self.who(side, Role::Marketer).done("submitMdfClaim", input, "claim { id }").await;
        made["claim"]["id"].clone()
    }

    /// A tranche that may be paid.
    pub async fn payable_tranche(&self, side: Side) -> Value {
        let claim = self.claim(side).await;
        let ops = self.staff(Role::ChannelOps);
        let approved =
            ops.done("approveMdfClaim", json!({ "claimId": claim }), "claim { tranches { id state } }").await;
        let tranches = approved["claim"]["tranches"].as_array().unwrap();
        tranches.iter().find(|tranche| tranche["state"] == "PAYABLE").unwrap()["id"].clone()
    }

    /// A completed course of the learner.
    pub fn completion(&self, side: Side) -> Value {
        json!({
            "externalId": format!("c-{}", self.number()), "person": { "id": self.fact(side, "learner") },
            "course": { "id": self.fact(Side::Vendor, "course") }, "scoreBp": 8800, "completedAt": "2026-03-01T09:00:00Z",
        })
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

    /// A partner past the API that is onboarding, with an invited administrator; the invitation's secret.
    pub async fn invitation(&self) -> Value {
        let application = self.application().await;
        let ops = self.staff(Role::ChannelOps);
        let input = json!({ "applicationId": application });
        ops.done("approvePartnerApplication", input, "invitationToken").await["invitationToken"].clone()
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
