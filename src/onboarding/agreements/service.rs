//! Use cases of agreements.

use std::collections::HashMap;

use entity::value::{AgreementId, AgreementState, PartnerId, PartnerTypes, Timestamp};
use sea_orm::DatabaseTransaction;

use super::{
    model::{
        Accept, Acceptance, Accepted, Agreement, AgreementAction, AgreementFilter, ChangeDraft, Heading, Publish,
        Standing, Wording,
    },
    rules::{self, AcceptanceFacts, DraftFacts},
    store,
};
use crate::{
    kernel::{
        code::Code,
        decision::{Decision, Receipt},
        event::DomainEvent,
    },
    onboarding::{
        partners::{
            self,
            model::{Partner, PartnerFacts},
        },
        plans::{model::Signature, rules::policy::OnboardingPolicy},
    },
    platform::{
        audit,
        auth::{Scope, policy::Action},
        call::Call,
        error::{AppError, AppResult},
        events,
        graphql::page::{Page, Rows},
        policies, receipts,
    },
};

/// The texts of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[AgreementId]) -> AppResult<Vec<Agreement>> {
    if call.may(Action::ReadPartners).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// A page of the texts that exist for the caller.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn list(call: &Call, filter: &AgreementFilter, page: &Page) -> AppResult<Rows<Agreement>> {
    call.may(Action::ReadPartners)?;
    store::list(&call.reader(), call.scope(), filter, page).await
}

/// The text for every partner that is in force.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn for_everybody(call: &Call) -> AppResult<Agreement> {
    call.may(Action::ReadPartners)?;
    let texts = effective(call).await?;
    let found = rules::in_force(&texts, call.now()).into_iter().find(|text| text.partner_type.is_none());
    let none = || AppError::internal("no agreement for every partner is in force");
    let found = store::find_many(&call.reader(), call.scope(), &[found.ok_or_else(none)?.id]).await?.pop();
    found.ok_or_else(none)
}

/// The headings of all texts that have taken effect.
///
/// # Errors
/// Those of the database.
pub async fn effective(call: &Call) -> AppResult<Vec<Heading>> {
    store::effective(&call.reader(), call.now()).await
}

/// What these partners have accepted, as far as they exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn acceptances_of(call: &Call, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<Acceptance>>> {
    store::acceptances_of(&call.reader(), call.scope(), partners).await
}

/// How a partner of these types that came at an instant stands to the texts in force.
pub fn standings(
    call: &Call,
    texts: &[Heading],
    acceptances: &[Acceptance],
    types: &PartnerTypes,
    since: Timestamp,
) -> Vec<Standing> {
    rules::standings(texts, acceptances, types, since, call.now())
}

/// A page of the partners that have yet to accept a text. For the vendor's people; a draft has none.
///
/// # Errors
/// `Forbidden`; those of the database.
pub async fn outstanding(call: &Call, text: &Agreement, page: &Page) -> AppResult<Rows<Partner>> {
    call.may(Action::ManageAgreements)?;
    let Some(heading) = text.heading() else { return Ok(page.finish(Vec::new(), page.counted.then_some(0))) };
    let mut same_kind = store::effective(&call.reader(), call.now()).await?;
    same_kind.retain(|other| other.partner_type == heading.partner_type);
    if !same_kind.contains(&heading) {
        same_kind.push(heading.clone());
    }
    store::outstanding(&call.reader(), call.scope(), &heading, &same_kind, page).await
}

/// Whether the policy in force lets nobody start anything new once an agreement is overdue.
///
/// # Errors
/// Those of the database.
pub async fn overdue_blocks(call: &Call) -> AppResult<bool> {
    Ok(policies::in_force::<OnboardingPolicy>(&call.reader(), call.now()).await?.policy.overdue_agreement_blocks)
}

/// What the caller may do with a text now, as far as that is known without looking at acceptances.
pub fn allowed(call: &Call, text: &Agreement) -> Vec<AgreementAction> {
    let (now, draft) = (call.now(), text.state == AgreementState::Draft);
    let manages = draft && call.may(Action::ManageAgreements).is_ok();
    let accepts = !draft && text.effective_at.is_some_and(|at| at <= now) && call.may(Action::AcceptAgreement).is_ok();
    [(manages, AgreementAction::Change), (manages, AgreementAction::Publish), (accepts, AgreementAction::Accept)]
        .into_iter()
        .filter(|(may, _)| *may)
        .map(|(_, action)| action)
        .collect()
}

/// Begins a text.
///
/// # Errors
/// Those of the database.
pub async fn draft(call: Call, wording: Wording) -> AppResult<Agreement> {
    call.may(Action::ManageAgreements)?;
    call.once(async |txn| {
        let Wording { partner_type, title, text } = wording.clone();
        let text = Agreement {
            id: call.new_id(),
            text_version: store::next_number(txn).await?,
            partner_type,
            title,
            sha256: rules::sha256(&text),
            text,
            state: AgreementState::Draft,
            effective_at: None,
            reacceptance_due_at: None,
            created_by: call.user_id(),
            created_at: call.now(),
            published_by: None,
            published_at: None,
            version: 1,
        };
        store::insert(txn, &text).await?;
        record(txn, &call, None, &text).await?;
        Ok(text)
    })
    .await
}

/// Changes a draft.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE` for what is published.
pub async fn change(call: Call, command: ChangeDraft) -> AppResult<Agreement> {
    call.may(Action::ManageAgreements)?;
    call.once(async |txn| {
        let before = hold(txn, &call, command.id, command.expected_version).await?;
        let facts = DraftFacts {
            action: AgreementAction::Change,
            state: before.state,
            effective_at: None,
            reacceptance_due_at: None,
            now: call.now(),
        };
        granted(rules::decide_draft(&facts))?;
        let after = before.reworded(command.wording.clone(), rules::sha256(&command.wording.text));
        store::update(txn, &before, &after).await?;
        record(txn, &call, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

/// Publishes a draft: from then on it never changes.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `OUT_OF_RANGE`.
pub async fn publish(call: Call, command: Publish) -> AppResult<Agreement> {
    call.may(Action::ManageAgreements)?;
    call.once(async |txn| {
        let before = hold(txn, &call, command.id, command.expected_version).await?;
        let now = call.now();
        let facts = DraftFacts {
            action: AgreementAction::Publish,
            state: before.state,
            effective_at: command.effective_at,
            reacceptance_due_at: command.reacceptance_due_at,
            now,
        };
        let receipt = granted(rules::decide_draft(&facts))?;
        let after = Agreement {
            state: AgreementState::Published,
            effective_at: Some(command.effective_at.unwrap_or(now)),
            reacceptance_due_at: command.reacceptance_due_at,
            published_by: call.user_id(),
            published_at: Some(now),
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        store::update(txn, &before, &after).await?;
        receipts::save(txn, &call, after.id.to_string(), None, &receipt).await?;
        record(txn, &call, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

/// Accepts a text in the caller's partner's name.
///
/// # Errors
/// `NOT_FOUND`, and what the rules refuse: `AGREEMENT_OUTDATED`, `WRONG_STATE`, `PARTNER_NOT_ACTIVE`.
pub async fn accept(call: Call, command: Accept) -> AppResult<Accepted> {
    call.may(Action::AcceptAgreement)?;
    let partner_id = call.partner_id().ok_or(AppError::Forbidden)?;
    call.once(async |txn| {
        let partner = partners::hold(txn, partner_id).await?;
        accepted(txn, &call, partner, command.id, command.sha256.clone()).await
    })
    .await
}

/// Records that a held partner accepts a text, if the rules grant it. With the last text of those in force the step of
/// its plan completes itself.
///
/// # Errors
/// As [`accept`].
pub async fn accepted(
    txn: &DatabaseTransaction,
    call: &Call,
    partner: Partner,
    id: AgreementId,
    read: String,
) -> AppResult<Accepted> {
    let found = store::find_many(txn, call.scope(), &[id]).await?.pop();
    let agreement = found.ok_or_else(|| AppError::not_found("agreementId"))?;
    let now = call.now();
    let texts = store::effective(txn, now).await?;
    let mut acceptances = store::acceptances_of(txn, Scope::Everything, &[partner.id]).await?;
    let mut acceptances = acceptances.remove(&partner.id).unwrap_or_default();
    let in_force = rules::in_force(&texts, now);
    let facts = AcceptanceFacts {
        state: agreement.state,
        partner_state: partner.state,
        in_force: in_force.iter().any(|text| text.id == id && rules::concerns(text, &partner.types)),
        accepted: acceptances.iter().any(|acceptance| acceptance.agreement_id == id),
        sha256: agreement.sha256.clone(),
        read,
    };
    let receipt = granted(rules::decide_acceptance(&facts))?;
    let acceptance = Acceptance {
        id: call.new_id(),
        agreement_id: id,
        partner_id: partner.id,
        sha256: agreement.sha256.clone(),
        accepted_by: call.user_id(),
        accepted_at: now,
    };
    store::accept(txn, &acceptance).await.map_err(|error| {
        error.on_violation(&store::ACCEPTED_ONCE, || {
            AppError::invalid("agreementId", Code::WrongState, "Your company has accepted this text.")
        })
    })?;
    receipts::save(txn, call, id.to_string(), Some(partner.id), &receipt).await?;
    let change = audit::Change {
        action: Action::AcceptAgreement,
        object_id: id.to_string(),
        partner_id: Some(partner.id),
        before: None::<&Acceptance>,
        after: Some(&acceptance),
    };
    audit::record(txn, call, change).await?;
    acceptances.push(acceptance.clone());
    let left = rules::standings(&texts, &acceptances, &partner.types, partner.created_at, now);
    if left.iter().all(|standing| !standing.outstanding) {
        let event = DomainEvent::AgreementsAccepted {
            partner_id: partner.id,
            user_id: call.user_id(),
            text_version: agreement.text_version,
            sha256: agreement.sha256.clone(),
        };
        events::publish(txn, call, event).await?;
    }
    Ok(Accepted { agreement, acceptance, partner: partners::hold(txn, partner.id).await? })
}

/// The texts in force that a held partner has still to accept, with what is signed of each.
///
/// # Errors
/// Those of the database.
pub async fn open_texts(
    txn: &DatabaseTransaction,
    call: &Call,
    partner: &Partner,
) -> AppResult<Vec<(AgreementId, Signature)>> {
    let standings = read_standings(txn, call, partner.id, &partner.types, partner.created_at).await?;
    let open = standings.into_iter().filter(|standing| standing.outstanding);
    Ok(open
        .map(|Standing { heading, .. }| {
            (heading.id, Signature { version: heading.text_version, sha256: heading.sha256 })
        })
        .collect())
}

/// Refuses what a partner would start anew while an agreement waits for its acceptance beyond its date of grace, unless
/// the policy lets it: the one guard before new deals and new requests for funds.
///
/// # Errors
/// `AGREEMENT_OUTSTANDING`; those of the database.
pub async fn expect_none_overdue(txn: &DatabaseTransaction, call: &Call, partner: &PartnerFacts) -> AppResult<()> {
    let now = call.now();
    if !store::some_date_has_passed(txn, now).await? {
        return Ok(());
    }
    let standings = read_standings(txn, call, partner.id, &partner.types, partner.created_at).await?;
    let Some(overdue) = standings.iter().find(|standing| standing.is_overdue(now)) else { return Ok(()) };
    if !policies::in_force::<OnboardingPolicy>(txn, now).await?.policy.overdue_agreement_blocks {
        return Ok(());
    }
    let sentence = format!(
        "Version {} of the agreement waits for your company's acceptance, and its date of grace has passed. An \
         administrator of yours accepts it first: `acceptAgreement`.",
        overdue.heading.text_version
    );
    Err(AppError::refused(Code::AgreementOutstanding, sentence))
}

async fn read_standings(
    txn: &DatabaseTransaction,
    call: &Call,
    partner_id: PartnerId,
    types: &PartnerTypes,
    since: Timestamp,
) -> AppResult<Vec<Standing>> {
    let now = call.now();
    let texts = store::effective(txn, now).await?;
    let acceptances = store::acceptances_of(txn, Scope::Everything, &[partner_id]).await?.remove(&partner_id);
    Ok(rules::standings(&texts, &acceptances.unwrap_or_default(), types, since, now))
}

async fn hold(txn: &DatabaseTransaction, call: &Call, id: AgreementId, expected: Option<i64>) -> AppResult<Agreement> {
    let found = store::find_for_update(txn, call.scope(), id).await?;
    let found = found.ok_or_else(|| AppError::not_found("agreementId"))?;
    if expected.is_some_and(|expected| expected != found.version) {
        return Err(AppError::version_conflict(found.version));
    }
    Ok(found)
}

fn granted(decision: Decision) -> AppResult<Receipt> {
    let (receipt, refused) = decision.finish();
    let Some((code, sentence)) = refused else { return Ok(receipt) };
    let field = receipt.steps.last().map_or("", |step| rules::field_of(&step.rule));
    Err(AppError::decided(field, code, sentence, receipt))
}

/// Texts concern no partner as far as audit goes: drafts are the vendor's.
async fn record(
    txn: &DatabaseTransaction,
    call: &Call,
    before: Option<&Agreement>,
    after: &Agreement,
) -> AppResult<()> {
    let (action, object_id) = (Action::ManageAgreements, after.id.to_string());
    audit::record(txn, call, audit::Change { action, object_id, partner_id: None, before, after: Some(after) }).await
}
