//! Onboarding: applications, partners, plans.

use entity::value::PartnerState;
use serde_json::json;

use super::entries;
use crate::authorization::world::Side;

entries! {
    query partner: Needed(ReadPartners), by PartnerAdmin => |world, side| json!({ "id": world.fact(side, "partner") });
    query partners: Needed(ReadPartners), by PartnerAdmin => |_, _| json!({});
    query partnerAgreement: Needed(ReadPartners), by PartnerAdmin => |_, _| json!({});
    query partnerApplications: Needed(ReadApplications), by ChannelOps => |_, _| json!({});
    mutation submitPartnerApplication: Needed(SubmitApplication), by ChannelOps => |world, _| {
        let domain = format!("newcomer-{}.example", world.number());
        world.new_application(&domain)
    };
    mutation approvePartnerApplication: Needed(DecideApplication), by ChannelOps => |world, _| {
        json!({ "applicationId": world.application().await })
    };
    mutation rejectPartnerApplication: Needed(DecideApplication), by ChannelOps => |world, _| {
        json!({ "applicationId": world.application().await, "code": "NOT_A_FIT" })
    };
    query previewPartnerChange: Needed(ChangePartnerState), by ChannelOps => |world, side| {
        json!({ "partnerId": world.fact(side, "partner"), "change": "TERMINATE" })
    };
    mutation suspendPartner: Needed(ChangePartnerState), by ChannelOps => |world, _| {
        world.expendable("SUSPEND", PartnerState::Active).await
    };
    mutation reinstatePartner: Needed(ChangePartnerState), by ChannelOps => |world, _| {
        world.expendable("REINSTATE", PartnerState::Suspended).await
    };
    mutation terminatePartner: Needed(ChangePartnerState), by ChannelOps => |world, _| {
        world.expendable("TERMINATE", PartnerState::Active).await
    };
    query territories: Needed(ReadPartners), by PartnerAdmin => |_, _| json!({});
    mutation updatePartnerProfile: Needed(UpdatePartner), by PartnerAdmin => |world, side| {
        json!({ "partnerId": world.fact(side, "partner"), "description": "Twenty people.", "regions": ["EUROPE"] })
    };
    mutation assignPartnerManager: Needed(AssignManager), by ChannelOps => |world, side| {
        json!({ "partnerId": world.fact(side, "partner"), "managerId": world.fact(Side::Vendor, "manager") })
    };
    mutation addPartnerContact: Needed(UpdatePartner), by PartnerAdmin => |world, side| {
        world.new_contact(side)
    };
    mutation updatePartnerContact: Needed(UpdatePartner), by PartnerAdmin => |world, side| {
        json!({ "contactId": world.contact(side).await, "name": "Cleo" })
    };
    mutation removePartnerContact: Needed(UpdatePartner), by PartnerAdmin => |world, side| {
        json!({ "contactId": world.contact(side).await })
    };
    mutation defineTerritory: Needed(AuthorisePartner), by ChannelOps => |world, _| {
        json!({ "name": format!("Region {}", world.number()), "countries": ["DE"] })
    };
    mutation grantPartnerAuthorisation: Needed(AuthorisePartner), by ChannelOps => |world, side| {
        world.new_authorisation(side).await
    };
    mutation revokePartnerAuthorisation: Needed(AuthorisePartner), by ChannelOps => |world, side| {
        json!({ "authorisationId": world.authorisation(side).await })
    };
    query applicationStatus: Nothing, by PartnerAdmin => |world, side| {
        json!({ "token": world.fact(side, "status token") })
    };
    mutation assignPartnerApplication: Needed(DecideApplication), by ChannelOps => |world, _| {
        json!({ "applicationId": world.application().await })
    };
    mutation requestPartnerApplicationChanges: Needed(DecideApplication), by ChannelOps => |world, _| {
        json!({ "applicationId": world.application().await, "fields": ["WEBSITE"], "message": "Is it this one?" })
    };
    mutation resubmitPartnerApplication: Needed(AnswerApplication), by Seller => |world, _| {
        json!({ "token": world.asked_application().await, "answer": "Everywhere." })
    };
    mutation withdrawPartnerApplication: Needed(AnswerApplication), by Seller => |world, _| {
        json!({ "token": world.asked_application().await })
    };
    mutation completeOnboardingStep: Needed(CompleteOnboardingStep), by PartnerAdmin => |world, side| {
        json!({ "stepId": world.open_step(side).await, "text": "Two offices." })
    };
    query stalledOnboarding: Needed(ManageOnboardingPlans), by ChannelManager => |_, _| json!({});
    query onboardingPolicy: Needed(ManageOnboardingPlans), by ChannelManager => |_, _| json!({});
    mutation waiveOnboardingStep: Needed(ManageOnboardingPlans), by ChannelManager => |world, side| {
        json!({ "stepId": world.open_step(side).await, "reason": "It is no help." })
    };
    mutation unwaiveOnboardingStep: Needed(ManageOnboardingPlans), by ChannelManager => |world, side| {
        json!({ "stepId": world.waived_step(side).await, "reason": "It is a help after all." })
    };
    mutation rescheduleOnboardingStep: Needed(ManageOnboardingPlans), by ChannelManager => |world, side| {
        let id = world.open_step(side).await;
        json!({ "stepId": id, "dueAt": "2026-06-01T00:00:00Z", "reason": "They are on holiday." })
    };
    mutation addOnboardingStep: Needed(ManageOnboardingPlans), by ChannelManager => |world, side| {
        json!({ "partnerId": world.fact(side, "partner"), "title": "Name a technician", "required": false,
            "dueAt": "2026-06-01T00:00:00Z", "reason": "Somebody has to answer." })
    };
    mutation setOnboardingPolicy: Needed(ManageProgramPolicies), by ChannelOps => |_, _| {
        let types = ["INFLUENCE", "RESELLER", "DISTRIBUTOR", "SYSTEM_INTEGRATOR", "MANAGED_SERVICE_PROVIDER",
            "SOFTWARE_VENDOR", "RETENTION"];
        let steps = json!([{ "step": "SIGN_AGREEMENT", "required": true, "dueAfterDays": 5 }]);
        let templates = types.map(|ty| json!({ "partnerType": ty, "steps": steps }));
        json!({ "templates": templates, "stalledAfterDays": 10, "overdueAgreementBlocks": true })
    };
    query agreements: Needed(ReadPartners), by PartnerAdmin => |_, _| json!({});
    mutation draftAgreement: Needed(ManageAgreements), by ChannelOps => |_, _| {
        json!({ "title": "Data protection", "text": "Data are protected." })
    };
    mutation changeAgreementDraft: Needed(ManageAgreements), by ChannelOps => |world, _| {
        json!({ "agreementId": world.draft().await, "title": "Data protection", "text": "Data are well protected." })
    };
    mutation publishAgreement: Needed(ManageAgreements), by ChannelOps => |world, _| {
        json!({ "agreementId": world.draft().await })
    };
    mutation acceptAgreement: Needed(AcceptAgreement), by PartnerAdmin => |world, _| world.open_agreement().await;
    query businessPlans: Needed(ReadBusinessPlans), by Seller => |_, _| json!({});
    mutation createBusinessPlan: Needed(WriteBusinessPlans), by PartnerAdmin => |world, side| {
        world.new_business_plan(side, 2025)
    };
    mutation changeBusinessPlan: Needed(WriteBusinessPlans), by PartnerAdmin => |world, side| {
        json!({ "planId": world.fact(side, "business plan"), "targets": world.new_business_plan(side, 2026)["targets"] })
    };
    mutation proposeBusinessPlan: Needed(WriteBusinessPlans), by PartnerAdmin => |world, side| {
        json!({ "planId": world.drafted_plan(side, 2027).await["id"] })
    };
    mutation agreeBusinessPlan: Needed(WriteBusinessPlans), by PartnerAdmin => |world, side| {
        let plan = world.proposed_plan(side, 2028).await;
        json!({ "planId": plan["id"], "expectedVersion": plan["version"] })
    };
    mutation closeBusinessPlan: Needed(CloseBusinessPlans), by ChannelManager => |world, side| {
        json!({ "planId": world.agreed_plan(side).await, "reason": "The year is over." })
    };
    query tierPolicy: Needed(ReadPartners), by PartnerAdmin => |_, _| json!({});
    query tierReviews: Needed(ReadPartners), by PartnerAdmin => |_, _| json!({});
    mutation setTierPolicy: Needed(ManageProgramPolicies), by ChannelOps => |_, _| {
        let level = |tier: &str| json!({ "tier": tier, "requiredRevenueMinorUnits": 0, "requiredCertifications": 0,
            "requiredEngagementScore": 0, "dealDiscountBp": 500, "protectionDays": 60, "mdfPotentialMinorUnits": 0,
            "autoApprovalCeilingMinorUnits": 0 });
        let levels = ["REGISTERED", "SILVER", "GOLD", "PLATINUM"].map(level);
        let program = json!({ "code": "STANDARD", "name": "Program", "partnerTypes": [], "currency": "EUR", "levels": levels });
        json!({ "programs": [program], "graceReviews": 1 })
    };
    // One month after the other, and a level is confirmed last: after it there is none left to propose.
    mutation runTierReview: Needed(ReviewTiers), by ChannelOps => |world, side| {
        json!({ "partnerId": world.fact(side, "partner"), "asOn": "2026-01-10" })
    };
    mutation dismissTierChange: Needed(ReviewTiers), by ChannelOps => |world, side| {
        json!({ "reviewId": world.proposal(side, "2026-02-10").await, "reason": "It is too early." })
    };
    mutation confirmTierChange: Needed(ReviewTiers), by ChannelOps => |world, side| {
        json!({ "reviewId": world.proposal(side, "2026-03-02").await })
    };
}
