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
        json!({ "stepId": world.fact(side, "open step"), "text": "Two offices." })
    };
}
