//! What somebody writes who changes a registration, parsed once.

use async_graphql::{Enum, ID, InputObject};
use entity::value::{Day, DealField, DealRegistrationOutcome as Outcome, DealRole, DealStage, EvidenceId, UserId};

use super::inputs::{DealAccountInput, DealContactInput, EvidenceInput, account, contact, evidence, lines, need};
use crate::{
    deals::registrations::model::{Change, DealChanges, Loss, NewEvidence, Question, Rejection, Submit, Win},
    kernel::code::Code,
    platform::{
        error::{AppError, AppResult},
        graphql::{money::MoneyInput, mutation::MutationInput, parse},
    },
};

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
    /// Changes what a registration says. What is absent stays as it is.
    UpdateDealRegistrationInput as "updateDealRegistration" -> DealChanges {
        /// The end customer.
        account: Option<DealAccountInput>,
        /// The product lines: 1 to 10.
        product_line_ids: Option<Vec<ID>>,
        /// The expected amount.
        amount: Option<MoneyInput>,
        /// When the customer is expected to decide: today or later.
        expected_close_on: Option<Day>,
        /// Whom you speak with at the customer.
        customer_contact: Option<DealContactInput>,
        /// What you do in the deal.
        partner_role: Option<DealRole>,
        /// What the customer needs.
        need: Option<String>,
    }
    |input| Ok(DealChanges {
        account: input.account.map(account).transpose()?,
        product_line_ids: input.product_line_ids.map(lines).transpose()?,
        amount: input.amount.map(|amount| amount.positive("amount")).transpose()?,
        expected_close_on: input.expected_close_on,
        contact: input.customer_contact.as_ref().map(contact).transpose()?,
        partner_role: input.partner_role,
        need: input.need.as_deref().map(need).transpose()?,
    })
}

change_input! {
    /// Hands a draft in, or hands a registration back once what was asked is answered.
    SubmitDealRegistrationInput as "submitDealRegistration" -> Submit {
        /// Whether to queue for the account of a draft when it is not available. Needs sufficient evidence.
        #[graphql(default)]
        join_waitlist: bool,
        /// Your answer to what was asked, in words.
        answer: Option<String>,
    }
    |input| Ok(Submit {
        join_waitlist: input.join_waitlist,
        answer: input.answer.map(|answer| parse::prose(&answer, "answer", 4000)).transpose()?,
    })
}

change_input! {
    /// Withdraws an item of evidence.
    WithdrawDealEvidenceInput as "withdrawDealEvidence" -> EvidenceId {
        /// The item.
        evidence_id: ID,
    }
    |input| parse::id(&input.evidence_id, "evidenceId")
}

change_input! {
    /// Takes a registration, to look at it.
    TakeDealRegistrationInput as "takeDealRegistration" -> () {}
    |_| Ok(())
}

change_input! {
    /// Asks the partner for more.
    RequestDealInformationInput as "requestDealInformation" -> Question {
        /// The parts in question: the partner can change these, and no others, before it answers. Not the account and the
        /// product lines.
        fields: Vec<DealField>,
        /// The question, in words that the partner reads.
        message: String,
    }
    |input| Ok(Question {
        fields: parse::at_most(input.fields, "fields", 20)?.into_iter().collect(),
        message: parse::prose(&input.message, "message", 2000)?,
    })
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
    /// Puts a registration on the waiting list.
    WaitlistDealRegistrationInput as "waitlistDealRegistration" -> () {}
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

/// Why a protection is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum DealRevocationCode {
    /// Nothing was heard of the deal for too long.
    Inactive,
    /// What was said of the deal is not true.
    Fraud,
    /// The partner broke the rules of the program.
    PolicyBreach,
}

impl From<DealRevocationCode> for Outcome {
    fn from(code: DealRevocationCode) -> Self {
        match code {
            DealRevocationCode::Inactive => Self::Inactive,
            DealRevocationCode::Fraud => Self::Fraud,
            DealRevocationCode::PolicyBreach => Self::PolicyBreach,
        }
    }
}

/// Who of the direct team keeps their quota credit for a deal that a partner won.
#[derive(Clone, InputObject)]
pub struct DirectRepInput {
    /// The person.
    user_id: ID,
    /// How much of the deal they are credited with, 0 to 10,000 basis points; what the policy says when absent.
    basis_points: Option<i32>,
}

impl DirectRepInput {
    fn parse(self) -> AppResult<(UserId, Option<i32>)> {
        let user_id = parse::id(&self.user_id, "directRep.userId")?;
        let basis_points = self.basis_points.map(|points| within(points, "directRep.basisPoints", 0, 10_000));
        Ok((user_id, basis_points.transpose()?))
    }
}

fn within(number: i32, field: &str, least: i32, most: i32) -> AppResult<i32> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(AppError::invalid(field, Code::OutOfRange, format!("From {least} to {most}, not {number}.")))
}

change_input! {
    /// Extends a protection.
    ExtendDealProtectionInput as "extendDealProtection" -> () {}
    |_| Ok(())
}

change_input! {
    /// Says how a protected deal goes on.
    ReportDealProgressInput as "reportDealProgress" -> String {
        /// What there is to say.
        note: String,
    }
    |input| parse::prose(&input.note, "note", 2000)
}

change_input! {
    /// Takes a protection away.
    RevokeDealRegistrationInput as "revokeDealRegistration" -> Rejection {
        /// Why, as a code.
        code: DealRevocationCode,
        /// Why, in words that the partner reads.
        rationale: String,
    }
    |input| Ok(Rejection { outcome: input.code.into(), reason: parse::prose(&input.rationale, "rationale", 2000)? })
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
        /// For how many months the contract runs: 1 to 240.
        contract_term_months: Option<i32>,
        /// What it is worth each year, in the currency of the order.
        annual_recurring_value: Option<MoneyInput>,
        /// Who of the direct team keeps their quota credit.
        direct_rep: Option<DirectRepInput>,
    }
    |input| Ok(Win {
        amount: input.amount.map(|amount| amount.positive("amount")).transpose()?,
        closed_on: input.closed_on,
        months: input
            .contract_term_months
            .map(|months| within(months, "contractTermMonths", 1, 240))
            .transpose()?,
        recurring: input.annual_recurring_value.map(|value| value.positive("annualRecurringValue")).transpose()?,
        direct_rep: input.direct_rep.map(DirectRepInput::parse).transpose()?,
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
