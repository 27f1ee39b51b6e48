//! What comes before business: applications, steps, agreements, plans and reviews.

use entity::value::{PartnerState, PartnerType, Role};
use serde_json::{Value, json};

use super::{Side, World};

impl World<'_> {
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

    pub(super) async fn application_at(&self, domain: &str) -> Value {
        self.applied_at(domain).await.0
    }

    /// A new application, and the token of its link.
    pub(super) async fn applied_at(&self, domain: &str) -> (Value, Value) {
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

    /// A partner past the API that is onboarding, with an invited administrator; the invitation's secret.
    pub async fn invitation(&self) -> Value {
        let application = self.application().await;
        let ops = self.staff(Role::ChannelOps);
        let input = json!({ "applicationId": application });
        ops.done("approvePartnerApplication", input, "invitationToken").await["invitationToken"].clone()
    }
}
