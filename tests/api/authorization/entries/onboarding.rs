//! Onboarding: applications, partners, plans.

use serde_json::json;

use super::entries;

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
    mutation completeOnboardingStep: Needed(CompleteOnboardingStep), by PartnerAdmin => |world, side| {
        json!({ "stepId": world.fact(side, "open step"), "text": "Two offices." })
    };
}
