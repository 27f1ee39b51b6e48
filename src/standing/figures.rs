//! What partners are judged by, gathered from the areas that know it: a fixed number of statements, however many
//! partners.

use std::collections::HashMap;

use entity::value::{Currency, Day, PartnerId, PartnerTypes, Timestamp};
use sea_orm::ConnectionTrait;

use crate::{
    deals::registrations::figures as deals,
    engagement::score,
    kernel::{
        calendar::{VENDOR_TIME_ZONE, day_after, day_of, start_of, twelve_months_to},
        figure::Figure,
    },
    mdf::requests,
    onboarding::tiers::model::TierFigures,
    platform::error::AppResult,
    training::completions,
};

/// What the levels of partners are judged by at an instant; those of one currency together.
pub async fn of_levels(
    db: &impl ConnectionTrait,
    partners: &[(PartnerId, PartnerTypes)],
    currency: Currency,
    as_of: Timestamp,
    now: Timestamp,
) -> AppResult<HashMap<PartnerId, TierFigures>> {
    let ids: Vec<PartnerId> = partners.iter().map(|(id, _)| *id).collect();
    let year = twelve_months_to(day_of(as_of, VENDOR_TIME_ZONE));
    let revenue = deals::won(db, &ids, currency, year).await?;
    let certifications = completions::certified(db, &ids, as_of).await?;
    let scores = score::scores_at(db, partners, as_of, now).await?;
    let figures = |id: &PartnerId| TierFigures {
        as_of,
        currency,
        revenue: revenue.get(id).copied().unwrap_or_default(),
        certifications: certifications.get(id).copied().unwrap_or_default(),
        engagement: scores.get(id).map_or(0, |score| score.hundredths),
    };
    Ok(ids.iter().map(|id| (*id, figures(id))).collect())
}

/// What a plan of a year aims at, as it has come until an instant.
#[derive(Clone, Copy, Debug, Default)]
pub struct YearFigures {
    /// Qualified pipeline, in minor units.
    pub pipeline: Figure,
    /// Revenue of won deals, in minor units.
    pub revenue: Figure,
    /// Live certifications: at the year's end, or now while the year lasts.
    pub certifications: Figure,
    /// Activities paid with market development funds.
    pub mdf_activities: Figure,
}

/// How far partners have come in a year, in a currency.
pub async fn of_year(
    db: &impl ConnectionTrait,
    partners: &[PartnerId],
    (first, last): (Day, Day),
    currency: Currency,
    now: Timestamp,
) -> AppResult<HashMap<PartnerId, YearFigures>> {
    let (begin, end) = (start_of(first, VENDOR_TIME_ZONE), start_of(day_after(last), VENDOR_TIME_ZONE));
    let pipeline = deals::qualified(db, partners, currency, (begin, end)).await?;
    let revenue = deals::won(db, partners, currency, (first, last)).await?;
    let certifications = completions::certified(db, partners, now.min(end)).await?;
    let today = day_of(now, VENDOR_TIME_ZONE);
    let activities = requests::activities(db, partners, (first, last), today).await?;
    let of = |figures: &HashMap<PartnerId, Figure>, id: &PartnerId| figures.get(id).copied().unwrap_or_default();
    let figures = |id: &PartnerId| YearFigures {
        pipeline: of(&pipeline, id),
        revenue: of(&revenue, id),
        certifications: of(&certifications, id),
        mdf_activities: of(&activities, id),
    };
    Ok(partners.iter().map(|id| (*id, figures(id))).collect())
}
