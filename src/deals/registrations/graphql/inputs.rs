//! Mutations of registrations: the inputs, parsed once, and the payloads.

use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject};
use entity::value::{
    Country, Day, DealRegistrationOutcome as Outcome, DealRole, DealStage, EvidenceKind, ProductLineId, Timestamp,
};

use super::DealRegistration;
use crate::{
    accounts::accounts::{model::Customer, rules::parse_website},
    deals::registrations::{
        model::{AccountChoice, Change, Contact, Loss, NewEvidence, RegisterDeal, Registration, Rejection, Win},
        rules::MOST_EVIDENCE,
        service,
    },
    kernel::code::Code,
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            money::MoneyInput,
            mutation::{MutationInput, mutate},
            parse,
        },
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

fn evidence(items: Vec<EvidenceInput>) -> AppResult<Vec<NewEvidence>> {
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
        let (email, _) = parse::email(&self.customer_contact.email, "customerContact.email")?;
        Ok(RegisterDeal {
            partner_id: None,
            account: account(self.account)?,
            product_line_ids: lines(self.product_line_ids)?,
            amount: self.amount.positive("amount")?,
            expected_close_on: self.expected_close_on,
            contact: Contact { name: parse::line(&self.customer_contact.name, "customerContact.name", 200)?, email },
            partner_role: self.partner_role,
            need: self.need.map(|need| parse::prose(&need, "need", 4000)).transpose()?.unwrap_or_default(),
            evidence: evidence(self.evidence)?,
            join_waitlist: self.join_waitlist,
        })
    }
}

fn account(input: DealAccountInput) -> AppResult<AccountChoice> {
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
fn lines(ids: Vec<ID>) -> AppResult<Vec<ProductLineId>> {
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

/// Why a registration is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DealRejectionCode {
    /// The evidence does not show a qualified deal.
    EvidenceInsufficient,
    /// The account is not available for this deal.
    AccountNotAvailable,
    /// The customer does not confirm it.
    CustomerNotConfirmed,
    /// The partner is not authorised for this country, industry or product line.
    NotAuthorised,
    /// The same deal is registered already.
    Duplicate,
    /// For the reason given in words.
    Other,
}

impl From<DealRejectionCode> for Outcome {
    fn from(code: DealRejectionCode) -> Self {
        match code {
            DealRejectionCode::EvidenceInsufficient => Self::EvidenceInsufficient,
            DealRejectionCode::AccountNotAvailable => Self::AccountNotAvailable,
            DealRejectionCode::CustomerNotConfirmed => Self::CustomerNotConfirmed,
            DealRejectionCode::NotAuthorised => Self::NotAuthorised,
            DealRejectionCode::Duplicate => Self::Duplicate,
            DealRejectionCode::Other => Self::Other,
        }
    }
}

/// Declares the input of a change of one registration: its own fields, and what every such input has.
macro_rules! change_input {
    ($(#[$doc:meta])* $name:ident as $operation:literal -> $what:ty {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty,)*
    } $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, InputObject)]
        pub struct $name {
            /// The registration's id.
            id: ID,
            $($(#[$field_doc])* $field: $ty,)*
            /// The version that you have read; refused when the registration has changed since.
            expected_version: Option<i64>,
            /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
            idempotency_key: Option<String>,
        }

        impl MutationInput for $name {
            type Command = Change<$what>;
            const OPERATION: &'static str = $operation;

            fn idempotency_key(&self) -> Option<&str> {
                self.idempotency_key.as_deref()
            }

            fn parse(self) -> AppResult<Change<$what>> {
                let parse: fn(Self) -> AppResult<$what> = $parse;
                let (id, expected_version) = (parse::id(&self.id, "id")?, self.expected_version);
                Ok(Change { id, expected_version, what: parse(self)? })
            }
        }
    };
}

change_input! {
    /// Adds evidence to a registration.
    AddDealEvidenceInput as "addDealEvidence" -> Vec<NewEvidence> {
        /// The new items.
        evidence: Vec<EvidenceInput>,
    }
    |input| evidence(input.evidence)
}

change_input! {
    /// Takes a registration back, or gives its protection up.
    WithdrawDealRegistrationInput as "withdrawDealRegistration" -> () {}
    |_| Ok(())
}

change_input! {
    /// Grants protection.
    ApproveDealRegistrationInput as "approveDealRegistration" -> () {}
    |_| Ok(())
}

change_input! {
    /// Refuses a registration.
    RejectDealRegistrationInput as "rejectDealRegistration" -> Rejection {
        /// Why, as a code.
        code: DealRejectionCode,
        /// Why, in words that the partner reads.
        reason: String,
    }
    |input| Ok(Rejection { outcome: input.code.into(), reason: parse::prose(&input.reason, "reason", 2000)? })
}

change_input! {
    /// Moves a deal to a later stage.
    AdvanceDealStageInput as "advanceDealStage" -> DealStage {
        /// The later stage.
        stage: DealStage,
    }
    |input| Ok(input.stage)
}

change_input! {
    /// Records the order.
    MarkDealWonInput as "markDealWon" -> Win {
        /// The amount of the order; as registered when absent.
        amount: Option<MoneyInput>,
        /// The day of the order; today when absent.
        closed_on: Option<Day>,
    }
    |input| Ok(Win {
        amount: input.amount.map(|amount| amount.positive("amount")).transpose()?,
        closed_on: input.closed_on,
    })
}

change_input! {
    /// Records the loss.
    MarkDealLostInput as "markDealLost" -> Loss {
        /// Why, in words.
        reason: String,
        /// The day of the loss; today when absent.
        closed_on: Option<Day>,
    }
    |input| Ok(Loss { reason: parse::prose(&input.reason, "reason", 2000)?, closed_on: input.closed_on })
}

payload! {
    /// The registration, as it was taken in.
    RegisterDealPayload from Registration as registration {
        /// The new registration.
        deal_registration: DealRegistration = DealRegistration(registration)
    }
}

payload! {
    /// The registration after a change.
    DealRegistrationPayload from Registration as registration {
        /// The registration after the change.
        deal_registration: DealRegistration = DealRegistration(registration)
    }
}

/// Mutations of deal registrations.
#[derive(Default)]
pub struct DealRegistrationMutation;

#[Object]
impl DealRegistrationMutation {
    /// Registers a deal of your company. The customer's account is found in any spelling, or created; the evidence is
    /// scored; with sufficient evidence the registration has its place in the queue from this instant on. When the
    /// account is not available the answer is the same whatever the reason.
    async fn register_deal(&self, gql: &Context<'_>, input: RegisterDealInput) -> AppResult<RegisterDealPayload> {
        mutate(gql, input, service::register).await
    }

    /// Adds evidence to a registration of your company. The instant at which the evidence becomes sufficient is its
    /// place in the queue.
    async fn add_deal_evidence(
        &self,
        gql: &Context<'_>,
        input: AddDealEvidenceInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::add_evidence).await
    }

    /// Takes back a registration of your company before it is decided, or gives its protection up.
    async fn withdraw_deal_registration(
        &self,
        gql: &Context<'_>,
        input: WithdrawDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::withdraw).await
    }

    /// Grants a registration protection of each of its product lines on the account, for as long as the partner's tier
    /// says. At any moment at most one partner is protected on an account and product line; the receipt says which rule
    /// refused. For staff who decide.
    async fn approve_deal_registration(
        &self,
        gql: &Context<'_>,
        input: ApproveDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::approve).await
    }

    /// Refuses a registration, with a code and a reason that the partner reads. For staff who decide.
    async fn reject_deal_registration(
        &self,
        gql: &Context<'_>,
        input: RejectDealRegistrationInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::reject).await
    }

    /// Moves the sale of a protected registration to a later stage.
    async fn advance_deal_stage(
        &self,
        gql: &Context<'_>,
        input: AdvanceDealStageInput,
    ) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::advance).await
    }

    /// Records the order: the protection ends as converted. For staff, who have seen the order.
    async fn mark_deal_won(&self, gql: &Context<'_>, input: MarkDealWonInput) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::win).await
    }

    /// Records that the customer decided otherwise: the protection ends as released.
    async fn mark_deal_lost(&self, gql: &Context<'_>, input: MarkDealLostInput) -> AppResult<DealRegistrationPayload> {
        mutate(gql, input, service::lose).await
    }
}
