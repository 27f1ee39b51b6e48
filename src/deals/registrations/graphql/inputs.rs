//! What somebody writes who registers a deal, parsed once.

use async_graphql::{ID, InputObject, OneofObject};
use entity::value::{Country, Day, DealRole, EvidenceKind, ProductLineId, SalesMotion, Timestamp};

use crate::{
    accounts::accounts::{model::Customer, rules::parse_website},
    deals::registrations::{
        model::{AccountChoice, Contact, NewEvidence, RegisterDeal},
        rules::MOST_EVIDENCE,
    },
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::{money::MoneyInput, mutation::MutationInput, parse},
    },
};

/// How many product lines a registration has at most.
const MOST_LINES: usize = 10;

/// The account of a deal: one that you see, or what the customer is called.
#[derive(Clone, OneofObject)]
pub enum DealAccountInput {
    /// The id of an account that you see.
    Id(ID),
    /// What the customer is called: its account is found in any spelling, or created.
    Details(AccountDetailsInput),
}

/// What a customer is called.
#[derive(Clone, InputObject)]
pub struct AccountDetailsInput {
    /// The name.
    name: String,
    /// The website, or its domain.
    website: Option<String>,
    /// Where it is.
    country: Country,
}

/// Whom you speak with at the customer.
#[derive(Clone, InputObject)]
pub struct DealContactInput {
    /// The name.
    name: String,
    /// The e-mail address.
    email: String,
}

/// An item of qualification evidence.
#[derive(Clone, InputObject)]
pub struct EvidenceInput {
    /// What it shows.
    kind: EvidenceKind,
    /// When it took place: required for interactions, and never in the future.
    occurred_at: Option<Timestamp>,
    /// In words.
    description: String,
    /// Where the proof is: a reference, a link, a quotation. Required for interactions.
    proof: Option<String>,
}

pub(super) fn evidence(items: Vec<EvidenceInput>) -> AppResult<Vec<NewEvidence>> {
    let items = parse::at_most(items, "evidence", MOST_EVIDENCE)?;
    items.into_iter().enumerate().map(|(index, item)| item.parse(index)).collect()
}

impl EvidenceInput {
    fn parse(self, index: usize) -> AppResult<NewEvidence> {
        let field = |name: &str| format!("evidence.{index}.{name}");
        let required = |name: &str| {
            AppError::invalid(&field(name), Code::Required, "An interaction counts with its date and its proof.")
        };
        let interaction = self.kind == EvidenceKind::Interaction;
        if interaction && self.occurred_at.is_none() {
            return Err(required("occurredAt"));
        }
        if interaction && self.proof.is_none() {
            return Err(required("proof"));
        }
        Ok(NewEvidence {
            kind: self.kind,
            occurred_at: self.occurred_at,
            description: parse::prose(&self.description, &field("description"), 2000)?,
            proof: self.proof.map(|proof| parse::prose(&proof, &field("proof"), 2000)).transpose()?,
        })
    }
}

/// Registers a deal.
#[derive(Clone, InputObject)]
pub struct RegisterDealInput {
    /// The end customer.
    account: DealAccountInput,
    /// The product lines: 1 to 10.
    product_line_ids: Vec<ID>,
    /// The expected amount.
    amount: MoneyInput,
    /// When the customer is expected to decide: today or later.
    expected_close_on: Day,
    /// Whom you speak with at the customer.
    customer_contact: DealContactInput,
    /// What you do in the deal.
    partner_role: DealRole,
    /// What the customer needs.
    need: Option<String>,
    /// The qualification evidence so far.
    #[graphql(default)]
    evidence: Vec<EvidenceInput>,
    /// Whether to queue for the account when it is not available. Needs sufficient evidence.
    #[graphql(default)]
    join_waitlist: bool,
    /// Whether to begin a draft only: it holds no place and tells nothing of the account before `submitDealRegistration`.
    #[graphql(default)]
    draft: bool,
    /// What the deal sells, compared with what the customer has: `NEW_BUSINESS` when absent.
    sales_motion: Option<SalesMotion>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RegisterDealInput {
    type Command = RegisterDeal;
    const OPERATION: &'static str = "registerDeal";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<RegisterDeal> {
        Ok(RegisterDeal {
            partner_id: None,
            account: account(self.account)?,
            product_line_ids: lines(self.product_line_ids)?,
            amount: self.amount.positive("amount")?,
            expected_close_on: self.expected_close_on,
            contact: contact(&self.customer_contact)?,
            partner_role: self.partner_role,
            need: self.need.as_deref().map(need).transpose()?.unwrap_or_default(),
            evidence: evidence(self.evidence)?,
            join_waitlist: self.join_waitlist,
            draft: self.draft,
            sales_motion: self.sales_motion.unwrap_or_default(),
        })
    }
}

pub(super) fn contact(input: &DealContactInput) -> AppResult<Contact> {
    let (email, _) = parse::email(&input.email, "customerContact.email")?;
    Ok(Contact { name: parse::line(&input.name, "customerContact.name", 200)?, email })
}

pub(super) fn need(text: &str) -> AppResult<String> {
    parse::prose(text, "need", 4000)
}

pub(super) fn account(input: DealAccountInput) -> AppResult<AccountChoice> {
    match input {
        DealAccountInput::Id(id) => Ok(AccountChoice::Id(parse::id(&id, "account.id")?)),
        DealAccountInput::Details(details) => Ok(AccountChoice::Details(Customer {
            name: parse::line(&details.name, "account.details.name", 200)?,
            domain: parse_website(details.website.as_deref(), "account.details.website")?,
            country: details.country,
        })),
    }
}

/// Sorted, so that two transactions that touch the same lines meet them in the same order.
pub(super) fn lines(ids: Vec<ID>) -> AppResult<Vec<ProductLineId>> {
    if ids.is_empty() {
        return Err(AppError::invalid("productLineIds", Code::TooShort, "A deal is about at least one product line."));
    }
    let ids = parse::at_most(ids, "productLineIds", MOST_LINES)?;
    let parsed = ids.iter().enumerate().map(|(index, id)| parse::id(id, &format!("productLineIds.{index}")));
    let mut lines = parsed.collect::<AppResult<Vec<ProductLineId>>>()?;
    lines.sort_unstable();
    lines.dedup();
    Ok(lines)
}
