//! Opportunities, replayed in time order: registered and decided when talking began, won or lost when they were closed.

use std::collections::BTreeSet;

use entity::value::{
    AccountId, Currency, Day, DealRegistrationState as State, DealRole, EvidenceKind, ImportOutcome, ImportStep,
    PartnerId, ProductLineId, RegistrationId, SalesMotion, Timestamp,
};

use super::{
    Importer, Progress,
    files::{Export, OPPORTUNITIES, Opportunity, Stage},
    noon_of,
    report::Verdict,
    slug,
    surroundings::Surroundings,
    why, word,
};
use crate::{
    deals::registrations::{
        self,
        model::{AccountChoice, Change, Contact, Loss, NewEvidence, RegisterDeal, Registration, Win},
        rules::{
            conflicts::{ConflictKind, Consequence},
            policy::DealPolicy,
        },
    },
    import::rows::{Fate, Kept},
    kernel::money::Money,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::mutation::again,
        policies,
    },
};

const KIND: &str = "opportunity";
/// When the customer is expected to decide, where the CRM does not say: so many days after talking began.
const USUAL_CYCLE_DAYS: i64 = 90;
/// How many registrations are counted by one statement.
const AT_ONCE: usize = 500;

/// An opportunity on its way into the portal.
struct Work<'a> {
    opportunity: &'a Opportunity,
    partner_id: PartnerId,
    account_id: AccountId,
    line_id: ProductLineId,
    amount: Money,
    registration: Option<RegistrationId>,
    /// How far it has come.
    step: Option<ImportStep>,
    /// The first rule that it met.
    met: Option<(String, String)>,
}

/// One step of one opportunity, at its instant; those of one instant in the order of the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    at: Timestamp,
    row: usize,
    step: ImportStep,
    index: usize,
}

/// Replays what is not done yet, and counts where every opportunity has come.
pub async fn replay(
    importer: &mut Importer,
    export: &Export,
    around: &Surroundings,
    progress: Progress<'_>,
) -> AppResult<()> {
    let (mut works, mut events, mut done) = (Vec::new(), BTreeSet::new(), Vec::new());
    let policy = policies::in_force::<DealPolicy>(&importer.call.reader(), importer.call.now()).await?.policy;
    for opportunity in &export.opportunities {
        let Some(work) = begin(importer, &policy, opportunity, around, &mut done) else { continue };
        let steps = steps(opportunity, importer.started).into_iter().filter(|(step, _)| Some(*step) > work.step);
        let row = opportunity.row;
        events.extend(steps.map(|(step, at)| Event { at, row, step, index: works.len() }));
        works.push(work);
    }
    let total = events.len();
    for (count, event) in events.into_iter().enumerate() {
        progress(count, total);
        let Some(work) = works.get_mut(event.index) else { continue };
        importer.set_clock(event.at);
        take(importer, work, event.step).await?;
    }
    progress(total, total);
    for work in works {
        match (work.registration, work.met) {
            (Some(id), met) => done.push((id, met.map(|(code, _)| code))),
            (None, Some(met)) => {
                judge_refused(importer, &policy, work.opportunity, &met.0);
                importer.reject(OPPORTUNITIES, work.opportunity.row, &work.opportunity.id, met);
            }
            (None, None) => {}
        }
    }
    importer.set_clock(importer.started);
    count(importer, &done).await
}

/// What is still to be done for an opportunity; none when nothing is: it is among `done`, or listed as rejected.
fn begin<'a>(
    importer: &mut Importer,
    policy: &DealPolicy,
    opportunity: &'a Opportunity,
    around: &Surroundings,
    done: &mut Vec<(RegistrationId, Option<String>)>,
) -> Option<Work<'a>> {
    let Opportunity { row, id, .. } = opportunity;
    let mut work = match work(importer, opportunity, around) {
        Ok(work) => work,
        Err((code, sentence)) => {
            importer.report.judge(Verdict::NotJudged, code);
            importer.reject(OPPORTUNITIES, *row, id, (code.to_owned(), sentence));
            return None;
        }
    };
    let Some((same, fate)) = importer.fate(KIND, id, &opportunity.hash) else { return Some(work) };
    let Fate { outcome, step, code, sentence, object_id } = fate;
    let met = code.zip(sentence);
    let registration: Option<RegistrationId> = object_id.and_then(|id| id.parse().ok());
    match (outcome, registration) {
        (ImportOutcome::Refused, _) if same => {
            let met = met.unwrap_or_default();
            judge_refused(importer, policy, opportunity, &met.0);
            importer.reject(OPPORTUNITIES, *row, id, met);
            None
        }
        // Corrected in the CRM since it was refused: the rules are asked again.
        (ImportOutcome::Refused, _) | (ImportOutcome::Imported, None) => Some(work),
        (ImportOutcome::Imported, Some(registration)) if step >= Some(target(opportunity.stage)) => {
            if !same {
                importer.report.warn(
                    "opportunity changed in the CRM since it was imported: change the deal in the portal".to_owned(),
                );
            }
            done.push((registration, met.map(|(code, _)| code)));
            None
        }
        (ImportOutcome::Imported, Some(registration)) => {
            (work.registration, work.step, work.met) = (Some(registration), step, met);
            Some(work)
        }
    }
}

fn work<'a>(
    importer: &Importer,
    opportunity: &'a Opportunity,
    around: &Surroundings,
) -> Result<Work<'a>, (&'static str, String)> {
    let missing = |code, file: &str, name: &str| (code, format!("{name:?} could not be imported: see {file}."));
    let Opportunity { agent, account, product, .. } = opportunity;
    let Some(partner_id) = around.partners.get(agent).copied() else {
        return Err(missing("AGENT_NOT_IMPORTED", super::files::AGENTS, agent));
    };
    let Some(account_id) = around.accounts.get(account).copied() else {
        return Err(missing("ACCOUNT_NOT_IMPORTED", super::files::ACCOUNTS, account));
    };
    let Some((line_id, price)) = around.lines.get(product).copied() else {
        return Err(missing("PRODUCT_NOT_IMPORTED", super::files::PRODUCTS, product));
    };
    let today = importer.started.to_utc().date_naive();
    if [opportunity.engaged_on, opportunity.closed_on].into_iter().flatten().any(|day| day > today) {
        return Err(("DATE_IN_FUTURE", "It was engaged or closed on a day that has not come yet.".to_owned()));
    }
    let units = if opportunity.stage == Stage::Won { opportunity.value.or(price) } else { price };
    let currency: Currency = "USD".parse().map_err(|_| ("CURRENCY_UNKNOWN", "USD is no currency.".to_owned()))?;
    let amount = Money { minor_units: units.unwrap_or(0).saturating_mul(100).max(1), currency };
    Ok(Work { opportunity, partner_id, account_id, line_id, amount, registration: None, step: None, met: None })
}

/// How far an opportunity at a stage is replayed.
const fn target(stage: Stage) -> ImportStep {
    match stage {
        Stage::Prospecting => ImportStep::Registered,
        Stage::Engaging => ImportStep::Decided,
        Stage::Won | Stage::Lost => ImportStep::Closed,
    }
}

/// Its steps and their instants.
fn steps(opportunity: &Opportunity, started: Timestamp) -> Vec<(ImportStep, Timestamp)> {
    let at = |day: Option<chrono::NaiveDate>| day.map_or(started, noon_of).min(started);
    let decided = (ImportStep::Decided, at(opportunity.engaged_on));
    match target(opportunity.stage) {
        ImportStep::Registered => vec![(ImportStep::Registered, started)],
        ImportStep::Decided => vec![decided],
        ImportStep::Closed => vec![decided, (ImportStep::Closed, at(opportunity.closed_on))],
    }
}

/// Takes a step, unless a rule refused the opportunity before, and remembers what became of it after the last one.
async fn take(importer: &mut Importer, work: &mut Work<'_>, step: ImportStep) -> AppResult<()> {
    if work.registration.is_none() && work.met.is_some() {
        return Ok(());
    }
    let taken = match step {
        ImportStep::Registered => register(importer, work, Vec::new()).await,
        ImportStep::Decided => decide(importer, work).await,
        ImportStep::Closed => close(importer, work).await,
    };
    match taken {
        Ok(()) => {}
        Err(AppError::Refused(problems)) => work.met = work.met.take().or_else(|| Some(why(&problems))),
        Err(other) => return Err(other),
    }
    work.step = Some(step);
    let refused = work.registration.is_none();
    if !refused && step != target(work.opportunity.stage) {
        return Ok(());
    }
    let (code, sentence) = work.met.clone().unzip();
    let outcome = if refused { ImportOutcome::Refused } else { ImportOutcome::Imported };
    let object_id = work.registration.map(|id| id.to_string());
    let fate = Fate { outcome, step: work.step, code, sentence, object_id };
    let Opportunity { id, hash, .. } = work.opportunity;
    importer.keep(Kept { kind: KIND, external_id: id.clone(), hash: hash.clone(), fate }).await
}

async fn register(importer: &Importer, work: &mut Work<'_>, evidence: Vec<NewEvidence>) -> AppResult<()> {
    let Opportunity { id, account, product, engaged_on, closed_on, .. } = work.opportunity;
    let now = importer.call.now();
    let usual = engaged_on.map_or(now, noon_of).plus_days(USUAL_CYCLE_DAYS).to_utc().date_naive();
    let command = RegisterDeal {
        partner_id: Some(work.partner_id),
        account: AccountChoice::Id(work.account_id),
        product_line_ids: vec![work.line_id],
        amount: work.amount,
        expected_close_on: Day(closed_on.unwrap_or(usual)),
        // The export names nobody; `.invalid` can never be written to.
        contact: Contact { name: account.clone(), email: format!("contact@{}.invalid", slug(account)) },
        partner_role: DealRole::Resell,
        need: product.clone(),
        evidence,
        sales_motion: SalesMotion::NewBusiness,
        join_waitlist: false,
        draft: false,
    };
    let registered = again(&importer.once(KIND, id, "register"), command, registrations::register).await?;
    work.registration = Some(registered.id);
    Ok(())
}

/// Talking began: the vendor's own CRM vouches for the customer, the decision maker and the first interaction.
async fn decide(importer: &Importer, work: &mut Work<'_>) -> AppResult<()> {
    let id = work.opportunity.id.as_str();
    let evidence = vouched(id, importer.call.now());
    match work.registration {
        None => register(importer, work, evidence).await?,
        Some(registration) => {
            let what = Change { id: registration, expected_version: None, what: evidence };
            again(&importer.once(KIND, id, "evidence"), what, registrations::add_evidence).await?;
        }
    }
    change(work, importer.once(KIND, id, "approve"), (), registrations::approve).await
}

fn vouched(id: &str, at: Timestamp) -> Vec<NewEvidence> {
    let item = |kind, occurred_at: Option<Timestamp>, description: &str| NewEvidence {
        kind,
        occurred_at,
        description: description.to_owned(),
        proof: Some(format!("CRM opportunity {id}")),
    };
    vec![
        item(EvidenceKind::CustomerIdentity, None, "An account of the vendor's CRM."),
        item(EvidenceKind::DecisionMaker, None, "Known to the vendor's CRM."),
        item(EvidenceKind::Interaction, Some(at), "The customer was engaged."),
    ]
}

async fn close(importer: &Importer, work: &Work<'_>) -> AppResult<()> {
    let call = importer.once(KIND, &work.opportunity.id, "close");
    let closed_on = work.opportunity.closed_on.map(Day);
    if work.opportunity.stage == Stage::Won {
        let win = Win { amount: Some(work.amount), closed_on, months: None, recurring: None, direct_rep: None };
        return change(work, call, win, registrations::win).await;
    }
    let loss = Loss { reason: "Lost in the vendor's CRM.".to_owned(), closed_on };
    change(work, call, loss, registrations::lose).await
}

async fn change<T, F, Fut>(work: &Work<'_>, call: Call, what: T, service: F) -> AppResult<()>
where
    T: Clone,
    F: Fn(Call, Change<T>) -> Fut,
    Fut: Future<Output = AppResult<Registration>>,
{
    let Some(id) = work.registration else { return Ok(()) };
    again(&call, Change { id, expected_version: None, what }, service).await.map(|_| ())
}

/// What the rules made of an opportunity that they did not let in: where the policy has a waiting list, whoever is
/// sufficiently qualified would have waited.
fn judge_refused(importer: &mut Importer, policy: &DealPolicy, opportunity: &Opportunity, code: &str) {
    let kind = ConflictKind::ALL.iter().find(|kind| word(kind.code()) == code);
    let qualified = target(opportunity.stage) != ImportStep::Registered;
    let verdict = match kind.map(|kind| policy.conflicts.of(*kind)) {
        Some(Consequence::Waitlist) if qualified => Verdict::Waitlisted,
        Some(Consequence::Escalate) => Verdict::Contested,
        _ => Verdict::Refused,
    };
    importer.report.judge(verdict, code);
}

/// What the rules made of an opportunity that is in the portal, and why.
fn judged(registration: &Registration, met: Option<&str>) -> (Verdict, String) {
    let why = met.map(str::to_owned).unwrap_or_default();
    if registration.protected_from.is_some() {
        return (Verdict::Protected, String::new());
    }
    match registration.state {
        State::Waitlisted => (Verdict::Waitlisted, why),
        State::Contested => (Verdict::Contested, why),
        State::Rejected | State::Withdrawn | State::Revoked => (Verdict::Refused, why),
        _ => (Verdict::Undecided, if why.is_empty() { registration.state.to_string() } else { why }),
    }
}

/// Counts where the rules have put the deals.
async fn count(importer: &mut Importer, done: &[(RegistrationId, Option<String>)]) -> AppResult<()> {
    for some in done.chunks(AT_ONCE) {
        let ids: Vec<_> = some.iter().map(|(id, _)| *id).collect();
        for registration in registrations::find_many(&importer.call, &ids).await? {
            let met = some.iter().find(|(id, _)| *id == registration.id).and_then(|(_, code)| code.as_deref());
            let (verdict, why) = judged(&registration, met);
            importer.report.judge(verdict, &why);
            let count = importer.report.imported.entry(registration.state.to_string()).or_default();
            *count = count.saturating_add(1);
        }
        for code in some.iter().filter_map(|(_, code)| code.clone()) {
            let count = importer.report.stopped.entry(code).or_default();
            *count = count.saturating_add(1);
        }
    }
    Ok(())
}
