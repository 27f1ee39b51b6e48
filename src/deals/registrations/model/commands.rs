//! What can be asked of registrations: typed, so that it cannot be wrong.

use entity::value::{
    AccountId, Day, DealFields, DealRegistrationOutcome as Outcome, DealRole, PartnerId, ProductLineId, RegistrationId,
    SalesMotion, UserId,
};

use super::{
    super::rules::resolution::{Purpose, Resolved},
    Contact, NewEvidence,
};
use crate::{accounts::accounts::model::Customer, kernel::money::Money};

/// How a registration names its account.
#[derive(Clone, Debug)]
pub enum AccountChoice {
    /// By the id of one that the caller sees.
    Id(AccountId),
    /// By what it is called: found in any spelling, or created.
    Details(Customer),
}

/// A deal about to be registered.
#[derive(Clone, Debug)]
pub struct RegisterDeal {
    /// For whom, when the product itself registers it; a partner's people register for their own company.
    pub partner_id: Option<PartnerId>,
    /// The end customer.
    pub account: AccountChoice,
    /// The product lines, each once, sorted.
    pub product_line_ids: Vec<ProductLineId>,
    /// The expected amount.
    pub amount: Money,
    /// When the customer is expected to decide.
    pub expected_close_on: Day,
    /// Whom the partner speaks with at the customer.
    pub contact: Contact,
    /// What the partner does in the deal.
    pub partner_role: DealRole,
    /// What the customer needs; empty when it is not described.
    pub need: String,
    /// The evidence so far.
    pub evidence: Vec<NewEvidence>,
    /// Whether to queue when the account is not available.
    pub join_waitlist: bool,
    /// Whether it is only begun, and handed in later.
    pub draft: bool,
    /// What the deal sells, compared with what the customer has.
    pub sales_motion: SalesMotion,
}

/// What changes in what a registration says; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct DealChanges {
    /// The end customer.
    pub account: Option<AccountChoice>,
    /// The product lines, each once, sorted.
    pub product_line_ids: Option<Vec<ProductLineId>>,
    /// The expected amount.
    pub amount: Option<Money>,
    /// When the customer is expected to decide.
    pub expected_close_on: Option<Day>,
    /// Whom the partner speaks with at the customer.
    pub contact: Option<Contact>,
    /// What the partner does in the deal.
    pub partner_role: Option<DealRole>,
    /// What the customer needs.
    pub need: Option<String>,
}

/// A registration is handed in, or handed back.
#[derive(Clone, Debug)]
pub struct Submit {
    /// Whether to queue when the account of a draft is not available.
    pub join_waitlist: bool,
    /// The answer to what was asked, in words.
    pub answer: Option<String>,
}

/// Staff ask for more.
#[derive(Clone, Debug)]
pub struct Question {
    /// The parts in question.
    pub fields: DealFields,
    /// The question, in words.
    pub message: String,
}

/// A change of one registration.
#[derive(Clone, Debug)]
pub struct Change<T> {
    /// Which one.
    pub id: RegistrationId,
    /// The version that the caller has seen.
    pub expected_version: Option<i64>,
    /// What changes.
    pub what: T,
}

/// Why ops refuse a registration.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The code.
    pub outcome: Outcome,
    /// In words for the partner.
    pub reason: String,
}

/// The order is there.
#[derive(Clone, Debug)]
pub struct Win {
    /// The amount; as registered when absent.
    pub amount: Option<Money>,
    /// The day of the order; today when absent.
    pub closed_on: Option<Day>,
    /// For how many months the contract runs.
    pub months: Option<i32>,
    /// What it is worth each year.
    pub recurring: Option<Money>,
    /// Who of the direct team keeps quota credit, and how much; what the policy says when that is absent.
    pub direct_rep: Option<(UserId, Option<i32>)>,
}

/// The customer decided otherwise.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Why, in words.
    pub reason: String,
    /// The day of the loss; today when absent.
    pub closed_on: Option<Day>,
}

/// What would be decided about a registration now.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What would be decided.
    pub purpose: Purpose,
    /// Whether its evidence is sufficient.
    pub sufficient: bool,
    /// How it would come out.
    pub resolved: Resolved,
}
