//! Mutations of claims.

use async_graphql::{Context, ID, InputObject, Object};
use entity::value::{Currency, Day, MdfProofKind};

use super::{
    super::{
        model::{Approve, Claim, Decided, Line, Pay, Proof, Submit},
        service,
    },
    MdfClaim,
};
use crate::{
    kernel::code::Code,
    payload,
    platform::{
        error::{AppError, AppResult},
        graphql::{
            errors::DecisionReceipt,
            money::MoneyInput,
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// One invoice of a claim.
#[derive(Clone, InputObject)]
pub struct MdfClaimLineInput {
    /// Who issued it.
    issuer: String,
    /// Its number.
    number: String,
    /// Its date.
    issued_on: Day,
    /// Its amount, in the program's currency.
    amount: MoneyInput,
    /// SHA-256 of the file, as 64 hexadecimal digits.
    content_hash: Option<String>,
}

/// A proof that the activity took place.
#[derive(Clone, InputObject)]
pub struct MdfProofInput {
    /// What kind of proof.
    kind: MdfProofKind,
    /// What it shows, and where it is found.
    description: String,
}

/// Claims an approved request.
#[derive(Clone, InputObject)]
pub struct SubmitMdfClaimInput {
    /// The request.
    request_id: ID,
    /// The invoices, from 1 to 100. Each invoice is claimed once in the whole system.
    lines: Vec<MdfClaimLineInput>,
    /// The proofs that the activity took place, from 1 to 50.
    proofs: Vec<MdfProofInput>,
    /// The results as you see them. What is paid for results is measured, not taken from here.
    actual_results: String,
    /// The version of the request that you know: refused when it changed since. Not checked when absent.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

/// Bytes as hexadecimal digits in lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or('?');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str, field: &str) -> AppResult<Vec<u8>> {
    let malformed = || AppError::invalid(field, Code::Malformed, "A SHA-256 is 64 hexadecimal digits.");
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(malformed());
    }
    (0..64)
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(malformed))
        .collect()
}

fn line(index: usize, line: MdfClaimLineInput) -> AppResult<(Line, Currency)> {
    let field = |name: &str| format!("lines.{index}.{name}");
    let amount = line.amount.positive(&field("amount"))?;
    let hash = line.content_hash.map(|hash| unhex(&hash, &field("contentHash"))).transpose()?;
    let line = Line {
        issuer: parse::line(&line.issuer, &field("issuer"), 200)?,
        number: parse::line(&line.number, &field("number"), 100)?,
        issued_on: line.issued_on,
        amount: amount.minor_units,
        content_hash: hash,
    };
    Ok((line, amount.currency))
}

fn proof(index: usize, proof: MdfProofInput) -> AppResult<Proof> {
    let field = format!("proofs.{index}.description");
    Ok(Proof { kind: proof.kind, description: parse::prose(&proof.description, &field, 2_000)? })
}

impl MutationInput for SubmitMdfClaimInput {
    type Command = Submit;
    const OPERATION: &'static str = "submitMdfClaim";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Submit> {
        let lines = parse::at_most(self.lines, "lines", 100)?;
        let proofs = parse::at_most(self.proofs, "proofs", 50)?;
        Ok(Submit {
            request_id: parse::id(&self.request_id, "requestId")?,
            lines: lines.into_iter().enumerate().map(|(index, input)| line(index, input)).collect::<AppResult<_>>()?,
            proofs: proofs
                .into_iter()
                .enumerate()
                .map(|(index, input)| proof(index, input))
                .collect::<AppResult<_>>()?,
            actual_results: parse::prose(&self.actual_results, "actualResults", 10_000)?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The claim that was made.
    SubmitMdfClaimPayload from Claim as claim {
        /// The claim.
        claim: MdfClaim = MdfClaim(claim)
    }
}

/// Approves a claim.
#[derive(Clone, InputObject)]
pub struct ApproveMdfClaimInput {
    /// The claim.
    claim_id: ID,
    /// What of the claimed cost is proven; all of it when absent.
    accepted_cost: Option<MoneyInput>,
    /// The version of the claim that you decide about: refused when it changed since. Not checked when absent.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for ApproveMdfClaimInput {
    type Command = Approve;
    const OPERATION: &'static str = "approveMdfClaim";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Approve> {
        Ok(Approve {
            id: parse::id(&self.claim_id, "claimId")?,
            accepted_cost: self.accepted_cost.map(|cost| cost.positive("acceptedCost")).transpose()?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The claim that was approved.
    ApproveMdfClaimPayload from Decided as decided {
        /// The claim.
        claim: MdfClaim = MdfClaim(decided.claim.clone()),
        /// The arithmetic behind its tranches.
        receipt: DecisionReceipt = DecisionReceipt::for_audience(decided.receipt, true)
    }
}

/// Records a payment.
#[derive(Clone, InputObject)]
pub struct RecordMdfPaymentInput {
    /// The tranche that was paid, in full.
    tranche_id: ID,
    /// The payment system's reference. Each reference pays once.
    reference: String,
    /// The day on which it was paid (UTC), not before it became payable and not in the future.
    paid_on: Day,
    /// The version of the claim that you know: refused when it changed since. Not checked when absent.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for RecordMdfPaymentInput {
    type Command = Pay;
    const OPERATION: &'static str = "recordMdfPayment";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Pay> {
        Ok(Pay {
            tranche_id: parse::id(&self.tranche_id, "trancheId")?,
            reference: parse::line(&self.reference, "reference", 200)?,
            paid_on: self.paid_on,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The claim with the payment.
    RecordMdfPaymentPayload from Decided as decided {
        /// The claim.
        claim: MdfClaim = MdfClaim(decided.claim)
    }
}

/// Mutations of claims.
#[derive(Default)]
pub struct MdfClaimMutation;

#[Object]
impl MdfClaimMutation {
    /// Claims an approved request, from the activity's first day until the deadline. For marketers and
    /// administrators of the partner.
    async fn submit_mdf_claim(
        &self,
        gql: &Context<'_>,
        input: SubmitMdfClaimInput,
    ) -> AppResult<SubmitMdfClaimPayload> {
        mutate(gql, input, service::submit).await
    }

    /// Approves a claim: the execution tranche becomes payable, the performance tranche is held back until results
    /// are measured. For channel operations; never by who asked for the money.
    async fn approve_mdf_claim(
        &self,
        gql: &Context<'_>,
        input: ApproveMdfClaimInput,
    ) -> AppResult<ApproveMdfClaimPayload> {
        mutate(gql, input, service::approve).await
    }

    /// Records that a payable tranche was paid. For finance; never by who asked for the money or approved it.
    async fn record_mdf_payment(
        &self,
        gql: &Context<'_>,
        input: RecordMdfPaymentInput,
    ) -> AppResult<RecordMdfPaymentPayload> {
        mutate(gql, input, service::pay).await
    }
}
