//! Use cases of progress.

use std::collections::HashMap;

use entity::value::{Currency, PartnerId};

use crate::{
    kernel::calendar::days_of_year,
    platform::{auth::policy::Action, call::Call, error::AppResult},
    standing::figures::{self, YearFigures},
};

/// Which figures: of a partner, for a year, in a currency.
pub type Key = (PartnerId, i32, Currency);

/// How far these partners have come in these years, as far as they exist for the caller: a fixed number of statements for
/// all that share year and currency.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn of_years(call: &Call, keys: &[Key]) -> AppResult<HashMap<Key, YearFigures>> {
    call.may(Action::ReadBusinessPlans)?;
    let mut together: HashMap<(i32, Currency), Vec<PartnerId>> = HashMap::new();
    for (partner_id, year, currency) in keys.iter().filter(|(id, ..)| call.scope().includes(*id)) {
        together.entry((*year, *currency)).or_default().push(*partner_id);
    }
    let mut found = HashMap::new();
    for ((year, currency), partners) in together {
        let Some(days) = days_of_year(year) else { continue };
        let figures = figures::of_year(&call.reader(), &partners, days, currency, call.now()).await?;
        found.extend(figures.into_iter().map(|(id, figures)| ((id, year, currency), figures)));
    }
    Ok(found)
}
