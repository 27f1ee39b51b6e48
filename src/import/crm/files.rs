//! Reading the files of a CRM export. Nothing is decided here: a row is either read, or says why it cannot be.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use serde::{Deserialize, de::DeserializeOwned};

use crate::import::rows;

/// The customers.
pub const ACCOUNTS: &str = "accounts.csv";
/// The products.
pub const PRODUCTS: &str = "products.csv";
/// The sales agents.
pub const AGENTS: &str = "sales_teams.csv";
/// The opportunities.
pub const OPPORTUNITIES: &str = "sales_pipeline.csv";

/// What is wrong with an export as a whole: it cannot be begun.
#[derive(Debug)]
pub struct Unreadable {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: String,
}

/// A customer.
#[derive(Clone, Debug, Deserialize)]
pub struct AccountRow {
    /// Its name, by which opportunities refer to it.
    pub account: String,
    /// Its industry, as the CRM's people typed it.
    pub sector: String,
    /// Where it sits, as the CRM's people typed it.
    pub office_location: String,
    /// The name of its parent, if it has one.
    pub subsidiary_of: String,
}

/// A product.
#[derive(Clone, Debug, Deserialize)]
pub struct ProductRow {
    /// Its name.
    pub product: String,
    /// The series that it belongs to.
    pub series: String,
    /// Its list price in whole units of the currency; what is no number counts as unknown.
    pub sales_price: String,
}

/// A sales agent.
#[derive(Clone, Debug, Deserialize)]
pub struct AgentRow {
    /// Its name, by which opportunities refer to it.
    pub sales_agent: String,
    /// The regional office that it belongs to.
    pub regional_office: String,
}

/// How far an opportunity came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Nobody has talked to the customer yet.
    Prospecting,
    /// Talking.
    Engaging,
    /// Sold.
    Won,
    /// Not sold.
    Lost,
}

/// An opportunity that could be read.
#[derive(Clone, Debug)]
pub struct Opportunity {
    /// Its number in the file, the first line after the heading being 2, as spreadsheets count.
    pub row: usize,
    /// The CRM's id.
    pub id: String,
    /// The sales agent's name.
    pub agent: String,
    /// The product's name, as typed.
    pub product: String,
    /// The customer's name.
    pub account: String,
    /// How far it came.
    pub stage: Stage,
    /// When talking began; none for prospects.
    pub engaged_on: Option<NaiveDate>,
    /// When it was won or lost.
    pub closed_on: Option<NaiveDate>,
    /// The value at closing, in whole units of the currency.
    pub value: Option<i64>,
    /// The hash of its cells.
    pub hash: Vec<u8>,
}

/// A row that cannot be imported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The file.
    pub file: &'static str,
    /// The row's number in its file.
    pub row: usize,
    /// The CRM's id, as far as it could be read.
    pub id: String,
    /// A code for programs.
    pub code: String,
    /// What is wrong and what to do about it.
    pub sentence: String,
}

/// An export, read.
#[derive(Debug)]
pub struct Export {
    /// The customers, by row.
    pub accounts: Vec<(usize, AccountRow)>,
    /// The products, by row.
    pub products: Vec<(usize, ProductRow)>,
    /// The sales agents, by row.
    pub agents: Vec<(usize, AgentRow)>,
    /// The opportunities that could be read, in the order of the file.
    pub opportunities: Vec<Opportunity>,
    /// Those that could not.
    pub rejects: Vec<Reject>,
}

/// What is wrong with a row: a code and a sentence.
pub type Why = (&'static str, String);

/// Rows by their numbers, each read or not.
type Numbered<T> = Vec<(usize, Result<T, Why>)>;

#[derive(Deserialize)]
struct RawOpportunity {
    opportunity_id: String,
    sales_agent: String,
    product: String,
    account: String,
    deal_stage: String,
    engage_date: String,
    close_date: String,
    close_value: String,
}

impl RawOpportunity {
    fn hash(&self) -> Vec<u8> {
        let Self { opportunity_id, sales_agent, product, account, deal_stage, engage_date, close_date, close_value } =
            self;
        let cells = [opportunity_id, sales_agent, product, account, deal_stage, engage_date, close_date, close_value];
        rows::hash(cells.map(String::as_str))
    }
}

/// Reads the four files of an export folder.
///
/// # Errors
/// When a file is missing, is not CSV, or lacks a column.
pub fn read(folder: &Path) -> Result<Export, Unreadable> {
    let mut rejects = Vec::new();
    let columns = ["account", "sector", "office_location", "subsidiary_of"];
    let accounts: Vec<(usize, AccountRow)> = good(ACCOUNTS, rows(folder, ACCOUNTS, &columns)?, &mut rejects);
    let columns = ["product", "series", "sales_price"];
    let products: Vec<(usize, ProductRow)> = good(PRODUCTS, rows(folder, PRODUCTS, &columns)?, &mut rejects);
    let columns = ["sales_agent", "regional_office"];
    let agents: Vec<(usize, AgentRow)> = good(AGENTS, rows(folder, AGENTS, &columns)?, &mut rejects);
    let columns = [
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ];
    let raw: Numbered<RawOpportunity> = rows(folder, OPPORTUNITIES, &columns)?;
    let products_by_key: BTreeMap<String, String> =
        products.iter().map(|(_, product)| (product_key(&product.product), product.product.clone())).collect();
    let known = Known { accounts: &accounts, agents: &agents, products: &products_by_key };
    let (mut checked, mut seen) = (Vec::new(), BTreeSet::new());
    for (row, raw) in raw {
        let id = raw.as_ref().map(|raw| raw.opportunity_id.clone()).unwrap_or_default();
        match raw.and_then(|raw| known.check(row, raw, &mut seen)) {
            Ok(opportunity) => checked.push(opportunity),
            Err((code, sentence)) => {
                rejects.push(Reject { file: OPPORTUNITIES, row, id, code: code.to_owned(), sentence });
            }
        }
    }
    Ok(Export { accounts, products, agents, opportunities: checked, rejects })
}

/// The rows that could be read; the others are rejected.
fn good<T>(file: &'static str, rows: Numbered<T>, rejects: &mut Vec<Reject>) -> Vec<(usize, T)> {
    let mut good = Vec::new();
    for (row, read) in rows {
        match read {
            Ok(read) => good.push((row, read)),
            Err((code, sentence)) => {
                rejects.push(Reject { file, row, id: String::new(), code: code.to_owned(), sentence });
            }
        }
    }
    good
}

/// The rows of a file by their numbers, the first one after the heading being 2, as spreadsheets count. One that
/// cannot be read does not stop the others.
fn rows<T: DeserializeOwned>(folder: &Path, file: &str, columns: &[&str]) -> Result<Numbered<T>, Unreadable> {
    let path = folder.join(file);
    let unreadable = |cause: String| Unreadable { path: path.clone(), cause };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(&path)
        .map_err(|error| unreadable(error.to_string()))?;
    let headings = reader.headers().map_err(|error| unreadable(error.to_string()))?.clone();
    if let Some(missing) = columns.iter().find(|column| !headings.iter().any(|heading| heading == **column)) {
        return Err(unreadable(format!("the column {missing} is missing")));
    }
    let mut rows = Vec::new();
    for (index, read) in reader.deserialize().enumerate() {
        let read = match read {
            Err(error) if error.is_io_error() => return Err(unreadable(error.to_string())),
            Err(error) => Err(("ROW_MALFORMED", format!("The row cannot be read as CSV: {error}."))),
            Ok(row) => Ok(row),
        };
        rows.push((index.saturating_add(2), read));
    }
    Ok(rows)
}

/// Two spellings of a product's name that differ in spaces, case or punctuation only are the same product.
#[must_use]
pub fn product_key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

struct Known<'a> {
    accounts: &'a [(usize, AccountRow)],
    agents: &'a [(usize, AgentRow)],
    products: &'a BTreeMap<String, String>,
}

impl Known<'_> {
    fn check(&self, row: usize, raw: RawOpportunity, seen: &mut BTreeSet<String>) -> Result<Opportunity, Why> {
        let hash = raw.hash();
        if raw.opportunity_id.is_empty() {
            return Err((
                "ID_MISSING",
                "The opportunity has no id, so a second import could not recognise it.".to_owned(),
            ));
        }
        if !seen.insert(raw.opportunity_id.clone()) {
            return Err(("ID_REPEATED", "Another row above has the same opportunity id.".to_owned()));
        }
        if raw.account.is_empty() {
            return Err((
                "ACCOUNT_MISSING",
                "No account is named: a deal is registered for a customer. Name it in the CRM and import again."
                    .to_owned(),
            ));
        }
        if !self.accounts.iter().any(|(_, account)| account.account == raw.account) {
            return Err(("ACCOUNT_UNKNOWN", format!("No account is called {:?} in accounts.csv.", raw.account)));
        }
        if !self.agents.iter().any(|(_, agent)| agent.sales_agent == raw.sales_agent) {
            return Err((
                "AGENT_UNKNOWN",
                format!("No sales agent is called {:?} in sales_teams.csv.", raw.sales_agent),
            ));
        }
        let Some(product) = self.products.get(&product_key(&raw.product)) else {
            return Err(("PRODUCT_UNKNOWN", format!("No product is called {:?} in products.csv.", raw.product)));
        };
        let stage = stage(&raw.deal_stage)?;
        let (engaged_on, closed_on) = (date(&raw.engage_date, "engage_date")?, date(&raw.close_date, "close_date")?);
        check_dates(stage, engaged_on, closed_on)?;
        let value = value(&raw.close_value)?;
        Ok(Opportunity {
            row,
            id: raw.opportunity_id,
            agent: raw.sales_agent,
            product: product.clone(),
            account: raw.account,
            stage,
            engaged_on,
            closed_on,
            value,
            hash,
        })
    }
}

fn stage(typed: &str) -> Result<Stage, Why> {
    match typed {
        "Prospecting" => Ok(Stage::Prospecting),
        "Engaging" => Ok(Stage::Engaging),
        "Won" => Ok(Stage::Won),
        "Lost" => Ok(Stage::Lost),
        other => Err(("STAGE_UNKNOWN", format!("{other:?} is no stage of an opportunity."))),
    }
}

fn check_dates(stage: Stage, engaged_on: Option<NaiveDate>, closed_on: Option<NaiveDate>) -> Result<(), Why> {
    if stage != Stage::Prospecting && engaged_on.is_none() {
        return Err(("DATE_MISSING", "An opportunity past prospecting needs its engage_date.".to_owned()));
    }
    if matches!(stage, Stage::Won | Stage::Lost) && closed_on.is_none() {
        return Err(("DATE_MISSING", "A closed opportunity needs its close_date.".to_owned()));
    }
    match engaged_on.zip(closed_on) {
        Some((engaged, closed)) if closed < engaged => {
            Err(("DATES_REVERSED", "It was closed before it was engaged.".to_owned()))
        }
        _ => Ok(()),
    }
}

fn date(text: &str, column: &str) -> Result<Option<NaiveDate>, Why> {
    if text.is_empty() {
        return Ok(None);
    }
    NaiveDate::parse_from_str(text, "%m/%d/%Y")
        .map(Some)
        .map_err(|_| ("DATE_MALFORMED", format!("{column} is {text:?}; a date is written month/day/year.")))
}

fn value(text: &str) -> Result<Option<i64>, Why> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse::<i64>()
        .ok()
        .filter(|value| (0..=1_000_000_000).contains(value))
        .map(Some)
        .ok_or_else(|| ("VALUE_MALFORMED", format!("close_value is {text:?}; it is a whole number of at least 0.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_product_meet() {
        assert_eq!(product_key("GTX Pro"), product_key("gtx-PRO"));
        assert_ne!(product_key("GTX Pro"), product_key("GTX Plus Pro"));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert_eq!(date("", "close_date"), Ok(None));
        assert!(date("31/12/2016", "close_date").is_err());
        assert_eq!(value("1054"), Ok(Some(1054)));
        assert!(value("-1").is_err() && value("1.5").is_err());
    }
}
