//! What deals are about: partners with their sellers and territories, product lines, accounts.

use std::collections::HashMap;

use entity::value::{AccountId, Country, ImportOutcome, PartnerId, PartnerState, PartnerType, ProductLineId, Role};

use super::{
    Importer, OPERATION, SOURCE,
    files::{ACCOUNTS, AGENTS, AccountRow, AgentRow, Export, PRODUCTS, ProductRow},
    repairs, slug, why,
};
use crate::{
    accounts::{
        accounts::{
            self,
            model::{Customer, NewAccount},
        },
        identity::model::{Identity, Reference},
        product_lines::{
            self,
            model::{NewProductLine, code},
        },
    },
    import::rows::{self, Fate, Kept},
    kernel::code::Code,
    onboarding::{
        partners::{self, model::NewPartner},
        territories,
    },
    people::users::{self, model::NewUser},
    platform::{
        auth::policy::Action,
        error::{AppError, AppResult},
    },
};

/// Where agents sit: the export does not say. It is the country of nearly all of the accounts.
const AGENTS_COUNTRY: &str = "US";

/// By the names that opportunities use.
#[derive(Default)]
pub struct Surroundings {
    /// Partners by their agent's name.
    pub partners: HashMap<String, PartnerId>,
    /// Accounts by their name.
    pub accounts: HashMap<String, AccountId>,
    /// Product lines by their product's name, with the list price in whole units.
    pub lines: HashMap<String, (ProductLineId, Option<i64>)>,
}

/// Imports them, in the order in which they need each other.
pub async fn import(importer: &mut Importer, export: &Export) -> AppResult<Surroundings> {
    let mut found = Surroundings::default();
    let nobody_knows = importer.call.services.ids.new_secret();
    let mut password_hash = None;
    for (row, agent) in &export.agents {
        if password_hash.is_none() && importer.fate("partner", &agent.sales_agent, &[]).is_none() {
            let ids = importer.call.services.ids.as_ref();
            password_hash = Some(importer.call.services.passwords.hash(nobody_knows.clone(), ids).await?);
        }
        let id = partner(importer, *row, agent, password_hash.clone().unwrap_or_default()).await?;
        found.partners.extend(id.map(|id| (agent.sales_agent.clone(), id)));
    }
    for (row, product) in &export.products {
        let id = line(importer, *row, product).await?;
        let price = product.sales_price.parse::<i64>().ok().filter(|price| *price >= 0);
        found.lines.extend(id.map(|id| (product.product.clone(), (id, price))));
    }
    import_accounts(importer, export, &mut found.accounts).await?;
    let counts =
        [("partners", found.partners.len()), ("product lines", found.lines.len()), ("accounts", found.accounts.len())];
    importer.report.surroundings = counts.into_iter().collect();
    Ok(found)
}

/// What a row became before. A change of its cells since then is not carried over: the portal is where they are kept.
fn known<I: std::str::FromStr>(importer: &mut Importer, kind: &'static str, name: &str, hash: &[u8]) -> Option<I> {
    let (same, fate) = importer.fate(kind, name, hash)?;
    if !same {
        importer.report.warn(format!("{kind} changed in the CRM since it was imported: change it in the portal"));
    }
    fate.object_id?.parse().ok()
}

fn imported(kind: &'static str, external_id: &str, hash: Vec<u8>, object_id: String) -> Kept {
    let fate =
        Fate { outcome: ImportOutcome::Imported, step: None, code: None, sentence: None, object_id: Some(object_id) };
    Kept { kind, external_id: external_id.to_owned(), hash, fate }
}

/// The id of what a row became; a refusal is listed.
fn taken<I>(
    importer: &mut Importer,
    file: &'static str,
    row: usize,
    id: &str,
    done: AppResult<I>,
) -> AppResult<Option<I>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(AppError::Refused(problems)) => {
            importer.reject(file, row, id, why(&problems));
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

fn nameless(importer: &mut Importer, file: &'static str, row: usize) {
    importer.reject(file, row, "", ("NAME_MISSING".to_owned(), "The row has no name.".to_owned()));
}

/// A sales agent becomes a partner with one seller, in the territory of the regional office, in one transaction.
async fn partner(
    importer: &mut Importer,
    row: usize,
    agent: &AgentRow,
    password_hash: String,
) -> AppResult<Option<PartnerId>> {
    let name = agent.sales_agent.as_str();
    let hash = rows::hash([name, &agent.regional_office]);
    let domain = format!("{}.invalid", slug(name));
    if domain == ".invalid" {
        nameless(importer, AGENTS, row);
        return Ok(None);
    }
    if let Some(id) = known(importer, "partner", name, &hash) {
        return Ok(Some(id));
    }
    let call = importer.call.clone();
    let started = importer.started;
    let country: Country = AGENTS_COUNTRY.parse().map_err(|_| AppError::internal("the agents' country"))?;
    let done = call
        .in_transaction(async |txn| {
            let action = Action::DecideApplication;
            let new = NewPartner {
                name: name.to_owned(),
                website: format!("https://{domain}/"),
                domain: domain.clone(),
                country,
                types: std::iter::once(PartnerType::Reseller).collect(),
                regions: std::iter::empty().collect(),
                industries: Vec::new(),
                state: PartnerState::Active,
            };
            let partner = partners::create(txn, &call, action, new).await?;
            let email = format!("seller@{domain}");
            let seller = NewUser {
                partner_id: Some(partner.id),
                email_key: email.clone(),
                email,
                name: name.to_owned(),
                roles: std::iter::once(Role::Seller).collect(),
                password_hash,
            };
            users::create(txn, &call, action, seller).await?;
            if !agent.regional_office.is_empty() {
                let territory = territories::find_or_create(txn, &call, action, &agent.regional_office).await?;
                territories::assign(txn, &call, partner.id, territory.id).await?;
            }
            let kept = imported("partner", name, hash.clone(), partner.id.to_string());
            rows::save(txn, SOURCE, started, &[kept]).await?;
            Ok(partner.id)
        })
        .await;
    if done.is_ok() {
        importer.report.changes = importer.report.changes.saturating_add(1);
    }
    taken(importer, AGENTS, row, name, done)
}

/// A product becomes a product line; one with the same code is used as it is.
async fn line(importer: &mut Importer, row: usize, product: &ProductRow) -> AppResult<Option<ProductLineId>> {
    let name = product.product.as_str();
    let hash = rows::hash([name, &product.series]);
    let Some(code) = code(&slug(name)) else {
        nameless(importer, PRODUCTS, row);
        return Ok(None);
    };
    if let Some(id) = known(importer, "product_line", name, &hash) {
        return Ok(Some(id));
    }
    let call = importer.once("product_line", name, OPERATION);
    let new = NewProductLine { code: code.clone(), name: name.to_owned() };
    let done = match product_lines::create(call, new).await {
        Err(AppError::Refused(problems)) if problems.iter().any(|problem| problem.code == Code::CodeTaken) => {
            let found = product_lines::find_by_code(&importer.call, &code).await?;
            found.ok_or(AppError::Refused(problems))
        }
        done => done,
    };
    let Some(line) = taken(importer, PRODUCTS, row, name, done)? else { return Ok(None) };
    importer.keep(imported("product_line", name, hash, line.id.to_string())).await?;
    Ok(Some(line.id))
}

/// Parents before their subsidiaries; what is left then has a parent that is missing, or is its own ancestor.
async fn import_accounts(
    importer: &mut Importer,
    export: &Export,
    found: &mut HashMap<String, AccountId>,
) -> AppResult<()> {
    let mut waiting: Vec<&(usize, AccountRow)> = export.accounts.iter().collect();
    loop {
        let (ready, later): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|(_, row)| row.subsidiary_of.is_empty() || found.contains_key(&row.subsidiary_of));
        waiting = later;
        let last = ready.is_empty();
        let now = if last { std::mem::take(&mut waiting) } else { ready };
        for (number, row) in now {
            let parent_id = found.get(&row.subsidiary_of).copied();
            if last && parent_id.is_none() {
                importer
                    .report
                    .warn(format!("parent {:?} is no account that could be imported: left out", row.subsidiary_of));
            }
            let id = account(importer, *number, row, parent_id).await?;
            found.extend(id.map(|id| (row.account.clone(), id)));
        }
        if last {
            return Ok(());
        }
    }
}

/// A customer becomes an account; one that is the same customer is used as it is.
async fn account(
    importer: &mut Importer,
    row: usize,
    account: &AccountRow,
    parent_id: Option<AccountId>,
) -> AppResult<Option<AccountId>> {
    let AccountRow { account: name, sector, office_location, subsidiary_of } = account;
    if name.is_empty() {
        nameless(importer, ACCOUNTS, row);
        return Ok(None);
    }
    let sector = repairs::sector(sector);
    if let Some(read) = sector.as_ref().filter(|read| read.repaired) {
        importer.report.warn(format!("sector {:?} read as {:?}", account.sector, read.value));
    }
    let Some(country) = repairs::country(office_location) else {
        let sentence = format!("{office_location:?} is no country's name or code: correct it in the CRM.");
        importer.reject(ACCOUNTS, row, name, ("COUNTRY_UNKNOWN".to_owned(), sentence));
        return Ok(None);
    };
    if country.repaired {
        importer.report.warn(format!("country {office_location:?} read as {}", country.value));
    }
    let hash = rows::hash([name.as_str(), &account.sector, office_location, subsidiary_of]);
    if let Some(id) = known(importer, "account", name, &hash) {
        return Ok(Some(id));
    }
    let customer = Customer { name: name.clone(), domain: None, country: country.value };
    // The export knows no ids: what it calls a customer is how `upsertAccounts` of the same system finds it again.
    let reference = Reference { system: SOURCE.to_owned(), external_id: name.clone() };
    let new = NewAccount {
        industry: sector.map(|read| read.value),
        parent_id,
        identity: Identity { references: vec![reference], ..Identity::default() },
        ..NewAccount::of(customer.clone())
    };
    let done = match accounts::create(importer.once("account", name, OPERATION), new).await {
        Err(AppError::Refused(problems)) if problems.iter().any(|problem| problem.code == Code::AccountExists) => {
            accounts::find_same(&importer.call, &customer).await?.ok_or(AppError::Refused(problems))
        }
        done => done,
    };
    let Some(found) = taken(importer, ACCOUNTS, row, name, done)? else { return Ok(None) };
    importer.keep(imported("account", name, hash, found.id.to_string())).await?;
    Ok(Some(found.id))
}
