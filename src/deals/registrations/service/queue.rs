//! The ops queue: what waits for a decision, and what a person has to look at before.

use std::collections::{HashMap, HashSet};

use entity::value::{AccountId, AccountReservation, DealRegistrationState as State, ProductLineId, RegistrationId};

use crate::{
    accounts::{direct_opportunities, duplicates, reservations},
    deals::registrations::{
        model::{Long, Registration, RegistrationDoubt, RegistrationFilter, RegistrationOrder},
        store,
    },
    platform::{
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::page::{Page, Rows},
    },
};

/// A page of the registrations that wait for a decision, whose evidence is sufficient.
///
/// # Errors
/// `Unauthenticated` or `Forbidden`; those of the database.
pub async fn queue(call: &Call, filter: RegistrationFilter, page: &Page, long: Long) -> AppResult<Rows<Registration>> {
    call.may(Action::DecideRegistration)?;
    let filter = RegistrationFilter { states: vec![State::Submitted, State::InReview], ..filter };
    let order = RegistrationOrder::Qualified;
    store::list(&call.reader(), call.scope(), &filter, order, page, call.now(), long).await
}

/// What a person has to look at before these are approved; nothing for those that are clean. A few statements, however
/// many they are. Who serves the customer and where the partner may sell is looked at when they are approved.
///
/// # Errors
/// Those of the database.
pub async fn doubts(
    call: &Call,
    registrations: &[Registration],
) -> AppResult<HashMap<RegistrationId, Vec<RegistrationDoubt>>> {
    let ids: Vec<RegistrationId> = registrations.iter().map(|it| it.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let accounts: Vec<AccountId> =
        registrations.iter().map(|it| it.account_id).collect::<HashSet<_>>().into_iter().collect();
    let db = call.reader();
    let mut lines: HashMap<RegistrationId, Vec<ProductLineId>> = HashMap::new();
    for (id, line) in store::find_lines(&db, &ids).await? {
        lines.entry(id).or_default().push(line);
    }
    let contested: HashSet<_> = store::contested(&db, &ids, call.now()).await?.into_iter().collect();
    let doubted: HashSet<_> = duplicates::doubted(&db, &accounts).await?.into_iter().collect();
    let reserved = reservations::reserved(&db, &accounts).await?;
    let direct: HashSet<(AccountId, ProductLineId)> = direct_opportunities::open_of(call, &accounts)
        .await?
        .into_iter()
        .map(|it| (it.account_id, it.product_line_id))
        .collect();
    let mut found = HashMap::new();
    for it in registrations {
        let own = lines.remove(&it.id).unwrap_or_default();
        let doubts = [
            (RegistrationDoubt::Rival, contested.contains(&it.id)),
            (RegistrationDoubt::AccountReservedForDirect, is_reserved(&reserved, it.account_id, &own)),
            (RegistrationDoubt::DirectOpportunityOpen, own.iter().any(|line| direct.contains(&(it.account_id, *line)))),
            (RegistrationDoubt::ProbableDuplicateAccount, doubted.contains(&it.account_id)),
        ];
        found.insert(it.id, doubts.into_iter().filter(|(_, met)| *met).map(|(doubt, _)| doubt).collect());
    }
    Ok(found)
}

fn is_reserved(
    reserved: &[(AccountId, (Option<ProductLineId>, AccountReservation))],
    account: AccountId,
    lines: &[ProductLineId],
) -> bool {
    let of = |line: Option<ProductLineId>| {
        reserved.iter().find(|(id, (on, _))| *id == account && *on == line).map(|(_, (_, whom))| *whom)
    };
    let whole = of(None);
    // The reservation of a line stands in the place of the one of the whole account.
    lines.iter().any(|line| of(Some(*line)).or(whole) == Some(AccountReservation::Direct))
}
