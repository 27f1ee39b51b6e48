//! Use cases of applications.

use entity::value::{ApplicationId, ApplicationOutcome, ApplicationState, PartnerId, PartnerState, Role};
use sea_orm::DatabaseTransaction;

use super::{
    model::{
        Application, ApplicationAction, ApplicationFilter, Approve, Approved, Company, Ending, NewApplication, Reject,
    },
    rules::{
        self, ApprovalFacts, RejectionFacts,
        fit::{self, FitFacts},
    },
    store,
};
use crate::{
    kernel::{decision::Decision, event::DomainEvent, website},
    onboarding::{
        partners::{
            self,
            model::{NewPartner, Partner},
        },
        plans,
    },
    people::{
        invitations::{self, model::NewInvitation},
        users,
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::{
            page::{Page, Rows},
            parse,
        },
        receipts,
    },
};

/// How many applications of one company are looked at.
const MOST_OF_DOMAIN: i64 = 20;

/// The applications of these ids that exist for the caller.
pub async fn find_many(call: &Call, ids: &[ApplicationId]) -> AppResult<Vec<Application>> {
    if !may_read(call) {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), ids).await
}

/// A page of applications.
pub async fn list(call: &Call, filter: &ApplicationFilter, page: &Page) -> AppResult<Rows<Application>> {
    call.may(Action::ReadApplications)?;
    store::list(&call.reader(), filter, page).await
}

/// Whether applications exist for the caller: for the vendor's people who may read them.
pub fn may_read(call: &Call) -> bool {
    call.scope().is_everything() && call.may(Action::ReadApplications).is_ok()
}

/// What the caller may do with an application now.
pub fn allowed(call: &Call, application: &Application) -> Vec<ApplicationAction> {
    if call.may(Action::DecideApplication).is_ok() { rules::allowed(application.state) } else { Vec::new() }
}

/// The applications and partners with one of these registrable domains: possible duplicates. Looked up when read,
/// so that it does not matter which came first.
pub async fn find_of_domains(call: &Call, domains: &[String]) -> AppResult<(Vec<Application>, Vec<Partner>)> {
    if !may_read(call) {
        return Ok((Vec::new(), Vec::new()));
    }
    let applications = store::find_of_domains(&call.reader(), domains, MOST_OF_DOMAIN).await?;
    Ok((applications, partners::find_of_domains(call, domains).await?))
}

/// Somebody applies. What others have applied for, or whether the company is a partner, changes nothing in the answer.
///
/// # Errors
/// Those of the database.
pub async fn submit(call: Call, company: Company) -> AppResult<Application> {
    call.may(Action::SubmitApplication)?;
    let of_contact = company.contact_email.rsplit('@').next().and_then(website::registrable);
    let (fit, receipt) = fit::assess(&FitFacts::of(&company, of_contact.as_ref() == Some(&company.domain)));
    call.once(async |txn| {
        let new = NewApplication { company: company.clone(), fit: fit.clone() };
        let application = store::insert(txn, &call, new).await?;
        receipts::save(txn, &call, application.id.to_string(), None, &receipt).await?;
        record(txn, &call, Action::SubmitApplication, None, &application).await?;
        Ok(application)
    })
    .await
}

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
            decided(txn, &call, &found, rules::decide_approval(&facts)).await?;
            let partner = partners::create(txn, &call, ACTION, partner_of(&found.company)).await?;
            plans::begin(txn, &call, &partner).await?;
            let invitation = invitations::invite(txn, &call, ACTION, contact_of(&found.company, partner.id)).await?;
            let mut after = found.ended(Ending {
                state: ApplicationState::Approved,
                outcome: ApplicationOutcome::Accepted,
                note: command.note.clone(),
                by: call.user_id(),
                at: call.now(),
            });
            after.partner_id = Some(partner.id);
            after.invitation_id = Some(invitation.id);
            store::end(txn, &found, &after, Some((partner.id, invitation.id))).await?;
            record(txn, &call, ACTION, Some(&found), &after).await?;
            events::publish(txn, &call, DomainEvent::PartnerApproved { partner_id: partner.id }).await?;
            Ok(Approved { application: after, partner, invitation_id: invitation.id, invitation_token: String::new() })
        })
        .await?;
    approved.invitation_token = invitations::secret(&call, approved.invitation_id);
    Ok(approved)
}

/// Rejects an application.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`.
pub async fn reject(call: Call, command: Reject) -> AppResult<Application> {
    call.may(Action::DecideApplication)?;
    call.once(async |txn| {
        let found = hold(txn, command.id, command.expected_version).await?;
        decided(txn, &call, &found, rules::decide_rejection(&RejectionFacts { state: found.state })).await?;
        let after = found.ended(Ending {
            state: ApplicationState::Rejected,
            outcome: command.outcome,
            note: command.note.clone(),
            by: call.user_id(),
            at: call.now(),
        });
        store::end(txn, &found, &after, None).await?;
        record(txn, &call, Action::DecideApplication, Some(&found), &after).await?;
        Ok(after)
    })
    .await
}

async fn hold(txn: &DatabaseTransaction, id: ApplicationId, expected: Option<i64>) -> AppResult<Application> {
    let unseen = || AppError::not_found("applicationId");
    let found = store::find_for_update(txn, id).await?.ok_or_else(unseen)?;
    if expected.is_some_and(|expected| expected != found.version) {
        return Err(AppError::version_conflict(found.version));
    }
    Ok(found)
}

async fn decided(txn: &DatabaseTransaction, call: &Call, found: &Application, decision: Decision) -> AppResult<()> {
    let (receipt, refused) = decision.finish();
    if let Some((code, sentence)) = refused {
        return Err(AppError::decided("applicationId", code, sentence, receipt));
    }
    receipts::save(txn, call, found.id.to_string(), None, &receipt).await?;
    Ok(())
}

fn partner_of(company: &Company) -> NewPartner {
    NewPartner {
        name: company.legal_name.clone(),
        website: company.website.clone(),
        domain: company.domain.clone(),
        country: company.country,
        types: company.types.clone(),
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

/// Applications concern no partner as far as audit goes: what staff think of one is not for the partner to read.
async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    before: Option<&Application>,
    after: &Application,
) -> AppResult<()> {
    let object_id = after.id.to_string();
    audit::record(txn, call, audit::Change { action, object_id, partner_id: None, before, after: Some(after) }).await
}
