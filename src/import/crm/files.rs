//! Reading the files of a CRM export. Nothing is decided here: a row is either read, or says why it cannot be.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use serde::Deserialize;

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
}

/// A row that cannot be imported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The row's number in its file.
    pub row: usize,
    /// The CRM's id, as far as it could be read.
    pub id: String,
    /// A code for programs.
    pub code: &'static str,
    /// What is wrong and what to do about it.
    pub sentence: String,
}

/// An export, read.
#[derive(Debug)]
pub struct Export {
    /// The customers.
    pub accounts: Vec<AccountRow>,
    /// The products.
    pub products: Vec<ProductRow>,
    /// The sales agents.
    pub agents: Vec<AgentRow>,
    /// The opportunities that could be read, in the order of the file.
    pub opportunities: Vec<Opportunity>,
    /// Those that could not.
    pub rejects: Vec<Reject>,
}

impl Export {
    /// How many rows the file of opportunities has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.opportunities.len().saturating_add(self.rejects.len())
    }
}

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

/// Reads the four files of an export folder.
///
/// # Errors
/// When a file is missing, is not CSV, or lacks a column.
pub fn read(folder: &Path) -> Result<Export, Unreadable> {
    let accounts: Vec<AccountRow> = rows(&folder.join("accounts.csv"))?;
    let products: Vec<ProductRow> = rows(&folder.join("products.csv"))?;
    let agents: Vec<AgentRow> = rows(&folder.join("sales_teams.csv"))?;
    let raw: Vec<RawOpportunity> = rows(&folder.join("sales_pipeline.csv"))?;
    let products_by_key: BTreeMap<String, String> =
        products.iter().map(|product| (product_key(&product.product), product.product.clone())).collect();
    let known = Known { accounts: &accounts, agents: &agents, products: &products_by_key };
    let (mut opportunities, mut rejects, mut seen) = (Vec::new(), Vec::new(), std::collections::BTreeSet::new());
    for (index, raw) in raw.into_iter().enumerate() {
        let row = index.saturating_add(2);
        let repeated = !seen.insert(raw.opportunity_id.clone());
        let id = raw.opportunity_id.clone();
        match known.check(row, raw, repeated) {
            Ok(opportunity) => opportunities.push(opportunity),
            Err((code, sentence)) => rejects.push(Reject { row, id, code, sentence }),
        }
    }
    Ok(Export { accounts, products, agents, opportunities, rejects })
}

fn rows<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Vec<T>, Unreadable> {
    let unreadable = |error: csv::Error| Unreadable { path: path.to_owned(), cause: error.to_string() };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(unreadable)?;
    reader.deserialize().collect::<Result<_, _>>().map_err(unreadable)
}

/// Two spellings of a product's name that differ in spaces, case or punctuation only are the same product.
#[must_use]
pub fn product_key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

struct Known<'a> {
    accounts: &'a [AccountRow],
    agents: &'a [AgentRow],
    products: &'a BTreeMap<String, String>,
}

type Why = (&'static str, String);

impl Known<'_> {
    fn check(&self, row: usize, raw: RawOpportunity, repeated: bool) -> Result<Opportunity, Why> {
        if raw.opportunity_id.is_empty() {
            return Err(("ID_MISSING", "The opportunity has no id, so a second import could not recognise it.".to_owned()));
        }
        if repeated {
            return Err(("ID_REPEATED", "Another row above has the same opportunity id.".to_owned()));
        }
        if raw.account.is_empty() {
            return Err(("ACCOUNT_MISSING", "No account is named: a deal is registered for a customer. Name it in the CRM and import again.".to_owned()));
        }
        if !self.accounts.iter().any(|account| account.account == raw.account) {
            return Err(("ACCOUNT_UNKNOWN", format!("No account is called {:?} in accounts.csv.", raw.account)));
        }
        if !self.agents.iter().any(|agent| agent.sales_agent == raw.sales_agent) {
            return Err(("AGENT_UNKNOWN", format!("No sales agent is called {:?} in sales_teams.csv.", raw.sales_agent)));
        }
        let Some(product) = self.products.get(&product_key(&raw.product)) else {
            return Err(("PRODUCT_UNKNOWN", format!("No product is called {:?} in products.csv.", raw.product)));
        };
        let stage = match raw.deal_stage.as_str() {
            "Prospecting" => Stage::Prospecting,
            "Engaging" => Stage::Engaging,
            "Won" => Stage::Won,
            "Lost" => Stage::Lost,
            other => return Err(("STAGE_UNKNOWN", format!("{other:?} is no stage of an opportunity."))),
        };
        let (engaged_on, closed_on) = (date(&raw.engage_date, "engage_date")?, date(&raw.close_date, "close_date")?);
        let value = value(&raw.close_value)?;
        if stage != Stage::Prospecting && engaged_on.is_none() {
            return Err(("DATE_MISSING", "An opportunity past prospecting needs its engage_date.".to_owned()));
        }
        if matches!(stage, Stage::Won | Stage::Lost) && closed_on.is_none() {
            return Err(("DATE_MISSING", "A closed opportunity needs its close_date.".to_owned()));
        }
        if let (Some(engaged), Some(closed)) = (engaged_on, closed_on)
            && closed < engaged
        {
            return Err(("DATES_REVERSED", "It was closed before it was engaged.".to_owned()));
        }
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
        })
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
