//! Accounts in bulk, by reference.

use async_graphql::{Enum, InputObject, SimpleObject};
use entity::value::{AccountSize, Country};

use super::Account;
use crate::{
    accounts::{
        accounts::{
            model::{Customer, Upsert, UpsertRow, Upserted},
            rules,
        },
        identity::graphql::{
            AccountNameInput, RegistryIdInput, identity, parse_domains, parse_names, parse_registry_ids,
        },
    },
    kernel::code::Code,
    payload,
    platform::{
        error::{AppError, AppResult, Problem},
        graphql::{errors::UserError, mutation::MutationInput, parse},
    },
};

/// How many rows one bulk has at most.
const MOST_ROWS: usize = 100;

/// A customer of another system.
#[derive(Clone, InputObject)]
pub struct UpsertAccountRowInput {
    /// What your system calls the customer, at most 200 characters.
    external_id: String,
    /// The name that it goes by.
    name: String,
    /// Its other names, at most 50: added to those that are known.
    names: Option<Vec<AccountNameInput>>,
    /// The website, or its domain; what is known stays when absent.
    website: Option<String>,
    /// Its other domains, at most 50: added to those that are known.
    domains: Option<Vec<String>>,
    /// By what public registries know it, at most 50: added to those that are known.
    registry_ids: Option<Vec<RegistryIdInput>>,
    /// Where it is.
    country: Country,
    /// Its industry, in words; what is known stays when absent.
    industry: Option<String>,
    /// How many people work there; what is known stays when absent.
    size: Option<AccountSize>,
    /// What your system calls the customer that it is part of, which is known or another row of this bulk; what is
    /// known stays when absent.
    parent_external_id: Option<String>,
}

/// Tells of customers of another system.
#[derive(Clone, InputObject)]
pub struct UpsertAccountsInput {
    /// The system, such as the name of your CRM; at most 100 characters. `(system, externalId)` leads to one account.
    system: String,
    /// Its customers, 1 to 100.
    rows: Vec<UpsertAccountRowInput>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

fn parse_row(row: UpsertAccountRowInput) -> AppResult<UpsertRow> {
    let UpsertAccountRowInput {
        external_id,
        name,
        names,
        website,
        domains,
        registry_ids,
        country,
        industry,
        size,
        parent_external_id,
    } = row;
    Ok(UpsertRow {
        external_id: parse::line(&external_id, "externalId", 200)?,
        customer: Customer {
            name: parse::line(&name, "name", 200)?,
            domain: rules::parse_website(website.as_deref(), "website")?,
            country,
        },
        industry: industry.map(|industry| parse::line(&industry, "industry", 100)).transpose()?,
        size,
        parent: parent_external_id.map(|parent| parse::line(&parent, "parentExternalId", 200)).transpose()?,
        identity: identity(
            parse_names(names.unwrap_or_default(), "names")?,
            parse_domains(domains.unwrap_or_default(), "domains")?,
            parse_registry_ids(registry_ids.unwrap_or_default(), "registryIds")?,
            Vec::new(),
        ),
    })
}

/// A row that cannot be parsed is that row's own problem; any other error is the whole call's.
fn own_problem(parsed: AppResult<UpsertRow>) -> AppResult<Result<UpsertRow, Problem>> {
    match parsed {
        Ok(row) => Ok(Ok(row)),
        Err(AppError::Refused(mut problems)) if !problems.is_empty() => Ok(Err(problems.swap_remove(0))),
        Err(other) => Err(other),
    }
}

impl MutationInput for UpsertAccountsInput {
    type Command = Upsert;
    const OPERATION: &'static str = "upsertAccounts";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Upsert> {
        let rows = parse::at_most(self.rows, "rows", MOST_ROWS)?;
        if rows.is_empty() {
            return Err(AppError::invalid("rows", Code::TooShort, "Send at least one row."));
        }
        let rows = rows.into_iter().map(|row| own_problem(parse_row(row))).collect::<AppResult<_>>()?;
        Ok(Upsert { system: parse::line(&self.system, "system", 100)?, rows })
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UpsertAccountStatus {
    /// The account was created.
    Created,
    /// The account was there, and says what the row says from now on.
    Updated,
    /// The account says already what the row says; nothing was changed.
    Unchanged,
    /// The row was not accepted; `error` says why.
    Refused,
}

/// The answer to one row.
#[derive(SimpleObject)]
pub struct UpsertAccountResult {
    /// The row's place in the input, from 0.
    index: i32,
    /// What became of it.
    status: UpsertAccountStatus,
    /// The account; null when the row was refused.
    account: Option<Account>,
    /// Why the row was not accepted; `field` is the path inside the input.
    error: Option<UserError>,
}

impl UpsertAccountResult {
    fn new(index: usize, answer: Upserted) -> Self {
        use UpsertAccountStatus::{Created, Refused, Unchanged, Updated};
        let (status, account, problem) = match answer {
            Upserted::Created(account) => (Created, Some(account), None),
            Upserted::Updated(account) => (Updated, Some(account), None),
            Upserted::Unchanged(account) => (Unchanged, Some(account), None),
            Upserted::Refused(mut problem) => {
                // A row names its parent by reference, and its own reference by the external id.
                for part in &mut problem.field {
                    match part.as_str() {
                        "parentId" => "parentExternalId".clone_into(part),
                        "references" => "externalId".clone_into(part),
                        _ => {}
                    }
                }
                problem.field.splice(0..0, ["rows".to_owned(), index.to_string()]);
                (Refused, None, Some(problem))
            }
        };
        let error = problem.map(|problem| UserError::for_audience(problem, true));
        Self { index: i32::try_from(index).unwrap_or(i32::MAX), status, account: account.map(Account), error }
    }
}

payload! {
    /// An answer to each row.
    UpsertAccountsPayload from Vec<Upserted> as answers {
        /// One answer a row, in the order of the input. A row that was not accepted does not hold up the others.
        results: Vec<UpsertAccountResult> =
            answers.into_iter().enumerate().map(|(index, answer)| UpsertAccountResult::new(index, answer)).collect()
    }
}
