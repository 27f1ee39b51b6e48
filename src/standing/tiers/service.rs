//! Use cases of levels.

use std::collections::HashMap;

use entity::value::{Currency, Day, PartnerId, PartnerTypes, TypedId as _};
use sea_orm::DatabaseTransaction;

use crate::{
    kernel::{
        calendar::{VENDOR_TIME_ZONE, day_after, day_of, first_of_month, month_of, start_of},
        code::Code,
    },
    onboarding::tiers::{
        self,
        model::{Review, TierFigures},
    },
    platform::{
        auth::policy::Action,
        call::{Call, Services},
        error::{AppError, AppResult},
        graphql::mutation::again,
    },
    standing::figures,
};

/// How many partners the job looks up at once.
const AT_ONCE: u64 = 50;

/// Staff review a partner's level.
#[derive(Clone, Debug)]
pub struct Run {
    /// The partner.
    pub partner_id: PartnerId,
    /// The day that the figures are of; today when absent.
    pub as_on: Option<Day>,
}

/// The figures that these partners' levels are judged by, as far as they exist for the caller: a fixed number of
/// statements for all that share a currency.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn figures_of(
    call: &Call,
    keys: &[(PartnerId, PartnerTypes, Currency)],
) -> AppResult<HashMap<PartnerId, TierFigures>> {
    call.may(Action::ReadEngagement)?;
    let mut together: HashMap<Currency, Vec<(PartnerId, PartnerTypes)>> = HashMap::new();
    for (id, types, currency) in keys.iter().filter(|(id, ..)| call.scope().includes(*id)) {
        together.entry(*currency).or_default().push((*id, types.clone()));
    }
    let mut found = HashMap::new();
    for (currency, partners) in together {
        let db = call.reader();
        let now = call.now();
        // What is kept may have been written after that instant was read; it is not judged as of an earlier one.
        found.extend(figures::of_levels(&db, &partners, currency, now, now).await?);
    }
    Ok(found)
}

/// Reviews a partner's level of the month of a day: once a month, and never before a month that was reviewed. A month
/// that was reviewed already is answered with its review.
///
/// # Errors
/// `NOT_FOUND`, `OUT_OF_RANGE`, `PARTNER_NOT_ACTIVE`.
pub async fn run(call: Call, command: Run) -> AppResult<Review> {
    call.may(Action::ReviewTiers)?;
    let today = day_of(call.now(), VENDOR_TIME_ZONE);
    let as_on = command.as_on.unwrap_or(today);
    if as_on > today {
        let sentence = "Figures are of a day that has come.";
        return Err(AppError::invalid("asOn", Code::OutOfRange, sentence));
    }
    call.once(async |txn| review(txn, &call, command.partner_id, as_on).await).await
}

async fn review(txn: &DatabaseTransaction, call: &Call, partner_id: PartnerId, as_on: Day) -> AppResult<Review> {
    let month = month_of(as_on);
    let (partner, existing) = tiers::review_of(txn, partner_id, &month).await?;
    if let Some(existing) = existing {
        return Ok(existing);
    }
    if partner.state != entity::value::PartnerState::Active {
        let sentence = format!("The partner is {}; levels of active partners are reviewed.", partner.state);
        return Err(AppError::invalid("partnerId", Code::PartnerNotActive, sentence));
    }
    let now = call.now();
    // The whole of the day, as far as it is over.
    let until = now.min(start_of(day_after(as_on), VENDOR_TIME_ZONE));
    let policy = tiers::in_force(txn, until).await?;
    let currency = policy.policy.program_of(&partner.types).currency;
    let of = [(partner.id, partner.types.clone())];
    let mut figures = figures::of_levels(txn, &of, currency, until, now).await?;
    let figures = figures.remove(&partner.id).ok_or_else(|| AppError::internal("figures of nobody"))?;
    tiers::record_review(txn, call, &partner, (month, as_on), &policy, figures).await
}

/// Reviews the levels of all partners that were active when the present month began and have no review of it yet. Every
/// server may do it at once: each partner is reviewed by one of them.
///
/// # Errors
/// Those of the database. A partner that cannot be reviewed does not keep the others from it.
pub async fn run_due(services: &std::sync::Arc<Services>) -> AppResult<u64> {
    let call = Call::system(std::sync::Arc::clone(services), "tier review");
    let today = day_of(call.now(), VENDOR_TIME_ZONE);
    let begin = start_of(first_of_month(today), VENDOR_TIME_ZONE);
    let (month, mut after, mut reviewed) = (month_of(today), None, 0_u64);
    loop {
        let due = tiers::due(call.db().pool(), &month, begin, after, AT_ONCE).await?;
        let Some(last) = due.last().copied() else { return Ok(reviewed) };
        after = Some(last);
        for partner_id in due {
            let work = |call: Call, id: PartnerId| async move {
                call.in_transaction(async |txn| review(txn, &call, id, today).await).await
            };
            match again(&call, partner_id, work).await {
                Ok(_) => reviewed = reviewed.saturating_add(1),
                Err(error) => tracing::error!(partner = %partner_id.uuid(), ?error, "a level was not reviewed"),
            }
        }
    }
}
