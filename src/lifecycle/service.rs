//! Use cases of a partner's life: gather → decide → record.

use entity::value::{DealRegistrationState, MailKind, PartnerId, PartnerState, Role, Timestamp, TypedId as _};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    model::{Changed, Confirm, Look, PartnerChange, Preview},
    rules::{self, Facts, Holdings, Worth},
};
use crate::{
    deals::registrations::{self, model::Registration},
    kernel::money::Money,
    mdf::{
        allocations, ledger,
        requests::{self, model::Request},
    },
    onboarding::{
        partners::{self, model::Partner},
        plans,
    },
    people::{
        api_clients::{self, model::ApiClient},
        invitations::{self, model::Invitation},
        second_factors,
        sessions::{self, model::EndReason},
        users::{self, model::User},
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        mail, receipts,
    },
};

const ACTION: Action = Action::ChangePartnerState;

/// What a partner has, object by object.
struct Has {
    people: Vec<User>,
    clients: Vec<ApiClient>,
    invitations: Vec<Invitation>,
    registrations: Vec<Registration>,
    requests: Vec<Request>,
    holdings: Holdings,
}

/// What would follow from a change of a partner now; nothing is changed.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn preview(call: &Call, look: Look) -> AppResult<Option<Preview>> {
    call.may(ACTION)?;
    let Some(partner) = partners::find(call, look.id).await? else { return Ok(None) };
    let has = gather(call.db().pool(), call, partner.id, false).await?;
    Ok(Some(of(partner, look.change, &has.holdings)))
}

fn of(partner: Partner, change: PartnerChange, holdings: &Holdings) -> Preview {
    let to = rules::leads_to(&partner, change);
    let consequences = to.map(|_| rules::consequences(change, holdings)).unwrap_or_default();
    let digest = rules::digest(&partner, change, &consequences);
    Preview { partner, change, to, consequences, digest }
}

/// Makes a change that was looked at before, with all that follows from it, or nothing of it.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `OUT_OF_RANGE`; `PREVIEW_OUTDATED` when something else would follow
/// than what was shown.
pub async fn confirm(call: Call, command: Confirm) -> AppResult<Changed> {
    call.may(ACTION)?;
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        // In the order in which those take them who decide about deals and funds: nobody waits in a circle.
        registrations::open_of_partner(txn, command.id, true).await?;
        requests::open_of_partner(txn, command.id, true).await?;
        let found = partners::hold_in(txn, call.scope(), command.id).await?;
        let before = found.ok_or_else(|| AppError::not_found("partnerId"))?;
        if command.expected_version.is_some_and(|expected| expected != before.version) {
            return Err(AppError::version_conflict(before.version));
        }
        let has = gather(txn, &call, before.id, true).await?;
        let Preview { to, consequences, digest, .. } = of(before.clone(), command.change, &has.holdings);
        let facts = Facts {
            state: before.state,
            change: command.change,
            reason: command.reason,
            shown: command.digest.clone(),
            present: digest,
            consequences: consequences.clone(),
        };
        let (receipt, refused) = rules::decide(&facts).finish();
        if let Some((code, sentence)) = refused {
            let rule = receipt.steps.last().map_or("", |step| step.rule.as_str());
            let field = match rule {
                "reason" => "reason",
                "as_shown" => "digest",
                _ => "partnerId",
            };
            return Err(AppError::decided(field, code, sentence, receipt));
        }
        let to = to.ok_or_else(|| AppError::internal("a change without a state"))?;
        receipts::save(txn, &call, before.id.to_string(), Some(before.id), &receipt).await?;
        let partner = change_state(txn, &call, &command, &before, to).await?;
        if command.change == PartnerChange::Terminate {
            end(txn, &call, &partner, &has).await?;
        }
        if matches!(command.change, PartnerChange::Suspend | PartnerChange::Reinstate) {
            registrations::replan_of(txn, &call, partner.id).await?;
        }
        tell(txn, &call, command.change, &has.people).await?;
        Ok(Changed { partner, consequences })
    })
    .await
}

async fn change_state(
    txn: &DatabaseTransaction,
    call: &Call,
    command: &Confirm,
    before: &Partner,
    to: PartnerState,
) -> AppResult<Partner> {
    let after = before.in_state(to, command.reason, command.message.clone(), call.now());
    partners::change(txn, call, ACTION, before, &after).await?;
    // Steps of its plan may have completed themselves while it was suspended.
    if command.change == PartnerChange::Reinstate { plans::catch_up(txn, call, ACTION, after).await } else { Ok(after) }
}

/// Ends what a terminated partner has.
async fn end(txn: &DatabaseTransaction, call: &Call, partner: &Partner, has: &Has) -> AppResult<()> {
    registrations::end_of_terminated(txn, call, ACTION, &has.registrations, call.now()).await?;
    requests::end_of_terminated(txn, call, ACTION, &has.requests).await?;
    allocations::return_of_terminated(txn, call, ACTION, partner.id, None).await?;
    invitations::take_back_all(txn, call, ACTION, &has.invitations).await?;
    api_clients::revoke_all(txn, call, ACTION, &has.clients).await?;
    sessions::end_all_of_partner(txn, call, ACTION, partner.id, EndReason::PartnerTerminated).await?;
    Ok(())
}

/// A mail tells each administrator of the partner.
async fn tell(txn: &DatabaseTransaction, call: &Call, change: PartnerChange, people: &[User]) -> AppResult<()> {
    let kind = match change {
        PartnerChange::Suspend => MailKind::PartnerSuspended,
        PartnerChange::Reinstate => MailKind::PartnerReinstated,
        PartnerChange::Terminate => MailKind::PartnerTerminated,
    };
    for person in people.iter().filter(|person| person.roles.has(Role::PartnerAdmin)) {
        mail::queue(txn, call, kind, person.id.uuid()).await?;
    }
    Ok(())
}

/// What a partner has. With `held`, deals and requests stay as they are until the transaction ends.
async fn gather(db: &impl ConnectionTrait, call: &Call, id: PartnerId, held: bool) -> AppResult<Has> {
    let now = call.now();
    let people = users::active_of_partner(db, id).await?;
    let clients = api_clients::unrevoked_of_partner(db, id).await?;
    let invitations = invitations::open_of_partner(db, call, id).await?;
    let registrations = registrations::open_of_partner(db, id, held).await?;
    let requests = requests::open_of_partner(db, id, held).await?;
    let free = allocations::uncommitted_of_partner(db, id).await?;
    let sessions = sessions::count_of_partner(db, id, now).await?;
    let (protected, undecided) = deals(&registrations, now);
    let (committed, undecided_requests) = funds(&requests);
    let holdings = Holdings {
        people: people.iter().map(|person| person.id.to_string()).collect(),
        sessions,
        clients: clients.iter().map(|client| client.id.to_string()).collect(),
        invitations: invitations.iter().map(|invitation| invitation.id.to_string()).collect(),
        protected,
        undecided,
        requests: undecided_requests,
        claimed: claimed(db, id, &committed).await?,
        committed: committed.into_iter().map(|(_, worth)| worth).collect(),
        free: free
            .into_iter()
            .map(|(allocation, minor_units)| {
                let amount = Money { minor_units, currency: allocation.currency };
                Worth { id: allocation.id.to_string(), amount }
            })
            .collect(),
    };
    Ok(Has { people, clients, invitations, registrations, requests, holdings })
}

/// What is protected at an instant, and what is not decided.
fn deals(open: &[Registration], now: Timestamp) -> (Vec<Worth>, Vec<Worth>) {
    let worth = |registration: Registration| Worth { id: registration.id.to_string(), amount: registration.amount };
    let present = open.iter().map(|registration| registration.clone().as_of(now));
    let (expired_or_protected, undecided): (Vec<_>, Vec<_>) = present.partition(|registration| {
        matches!(registration.state, DealRegistrationState::Protected | DealRegistrationState::Expired)
    });
    let protected =
        expired_or_protected.into_iter().filter(|registration| registration.state == DealRegistrationState::Protected);
    (protected.map(worth).collect(), undecided.into_iter().map(worth).collect())
}

/// What is committed and not claimed, with its program, and what is not decided.
fn funds(open: &[Request]) -> (Vec<(String, Worth)>, Vec<Worth>) {
    let mut committed = Vec::new();
    let mut undecided = Vec::new();
    for request in open {
        let worth = |minor_units| Worth {
            id: request.id.to_string(),
            amount: Money { minor_units, currency: request.currency },
        };
        match request.committed() {
            Some(amount) => committed.push((request.program_id.to_string(), worth(amount))),
            None => undecided.push(worth(request.requested_amount)),
        }
    }
    (committed, undecided)
}

/// What is claimed and neither paid nor returned, program by program.
async fn claimed(db: &impl ConnectionTrait, id: PartnerId, committed: &[(String, Worth)]) -> AppResult<Vec<Worth>> {
    let balances = ledger::balances_of(db, id).await?;
    let left = balances.into_iter().filter_map(|balance| {
        let program = balance.program_id.to_string();
        let unclaimed: i64 =
            committed.iter().filter(|(of, _)| *of == program).map(|(_, worth)| worth.amount.minor_units).sum();
        let minor_units = (balance.committed - unclaimed).max(0) + balance.payable + balance.held_back;
        let worth = Worth { id: program, amount: Money { minor_units, currency: balance.currency } };
        (minor_units > 0).then_some(worth)
    });
    Ok(left.collect())
}
