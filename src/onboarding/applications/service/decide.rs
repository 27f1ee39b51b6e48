//! Deciding about an application: the company becomes a partner, or not.

use entity::value::{ApplicationOutcome, ApplicationState, MailKind, PartnerId, PartnerState, Role, TypedId as _};

use super::{change, decided, hold};
use crate::{
    kernel::event::DomainEvent,
    onboarding::{
        applications::{
            model::{Application, ApplicationAction, Approve, Approved, Company, Ending, Reject},
            rules::{self, ApprovalFacts, StepFacts},
        },
        partners::{self, model::NewPartner},
        plans,
    },
    people::{
        invitations::{self, model::NewInvitation},
        users,
    },
    platform::{auth::policy::Action, call::Call, error::AppResult, events, graphql::parse, mail},
};

/// Approves an application: the partner exists, with its plan, and its contact is invited.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, and what the rules refuse.
pub async fn approve(call: Call, command: Approve) -> AppResult<Approved> {
    const ACTION: Action = Action::DecideApplication;
    call.may(ACTION)?;
    let mut approved = call
        .once(async |txn| {
            let found = hold(txn, command.id, command.expected_version).await?;
            let (_, email_key) = parse::email(&found.company.contact_email, "applicationId")?;
            let facts = ApprovalFacts {
                state: found.state,
                domain_of: partners::domain_is_taken(txn, &found.company.domain).await?,
                contact_is_user: users::find_by_address(txn, &email_key).await?.is_some(),
            };
            decided(txn, &call, &found, "applicationId", rules::decide_approval(&facts)).await?;
            let partner = partners::create(txn, &call, ACTION, partner_of(&found.company)).await?;
            plans::begin(txn, &call, &partner).await?;
            let invitation = invitations::invite(txn, &call, ACTION, contact_of(&found.company, partner.id)).await?;
            let mut after = found.ended(Ending {
                state: ApplicationState::Approved,
                outcome: ApplicationOutcome::Accepted,
                reason: None,
                note: command.note.clone(),
                by: call.user_id(),
                at: call.now(),
            });
            after.partner_id = Some(partner.id);
            after.invitation_id = Some(invitation.id);
            change(txn, &call, ACTION, &found, &after).await?;
            events::publish(txn, &call, DomainEvent::PartnerApproved { partner_id: partner.id }).await?;
            Ok(Approved { application: after, partner, invitation_id: invitation.id, invitation_token: String::new() })
        })
        .await?;
    approved.invitation_token = invitations::secret(&call, approved.invitation_id);
    Ok(approved)
}

/// Rejects an application, and a mail tells the applicant.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn reject(call: Call, command: Reject) -> AppResult<Application> {
    const ACTION: Action = Action::DecideApplication;
    call.may(ACTION)?;
    call.once(async |txn| {
        let found = hold(txn, command.id, command.expected_version).await?;
        let facts = StepFacts { state: found.state };
        let decision = rules::decide_step("application.reject", ApplicationAction::Reject, &facts);
        decided(txn, &call, &found, "applicationId", decision).await?;
        let after = found.ended(Ending {
            state: ApplicationState::Rejected,
            outcome: command.outcome,
            reason: command.reason.clone(),
            note: command.note.clone(),
            by: call.user_id(),
            at: call.now(),
        });
        change(txn, &call, ACTION, &found, &after).await?;
        mail::queue(txn, &call, MailKind::ApplicationRejected, after.id.uuid()).await?;
        Ok(after)
    })
    .await
}

fn partner_of(company: &Company) -> NewPartner {
    NewPartner {
        name: company.legal_name.clone(),
        website: company.website.clone(),
        domain: company.domain.clone(),
        country: company.country,
        types: company.types.clone(),
        regions: company.regions.clone(),
        industries: company.industries.clone(),
        state: PartnerState::Onboarding,
    }
}

fn contact_of(company: &Company, partner_id: PartnerId) -> NewInvitation {
    NewInvitation {
        partner_id: Some(partner_id),
        email: company.contact_email.clone(),
        name: company.contact_name.clone(),
        roles: std::iter::once(Role::PartnerAdmin).collect(),
    }
}
