//! Claims in the API.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{
    Currency, Day, MdfClaimId, MdfClaimState, MdfProofKind, MdfTrancheKind, MdfTrancheState, Timestamp, TypedId,
};

use super::{model, service};
use crate::{
    mdf::{calendar, requests::graphql::MdfRequest},
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            money::Money,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

pub mod mutations;

/// What can be done with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MdfClaimAction {
    /// Approve it: `approveMdfClaim`.
    Approve,
    /// Record the payment of a payable tranche: `recordMdfPayment`.
    RecordPayment,
}

/// One invoice of a claim.
#[derive(SimpleObject)]
pub struct MdfClaimLine {
    /// Who issued it.
    issuer: String,
    /// Its number.
    number: String,
    /// Its date.
    issued_on: Day,
    /// Its amount.
    amount: Money,
    /// SHA-256 of the file, in hexadecimal digits; null when none was given.
    content_hash: Option<String>,
}

/// A proof that the activity took place.
#[derive(SimpleObject)]
pub struct MdfProof {
    /// What kind of proof.
    kind: MdfProofKind,
    /// What it shows, and where it is found.
    description: String,
}

/// A payment recorded by finance.
pub struct MdfPayment(model::Payment, i64, Currency);

/// A payment recorded by finance.
#[Object]
impl MdfPayment {
    /// The global id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The payment system's reference.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// What was paid.
    async fn amount(&self) -> Money {
        Money::of(self.1, self.2)
    }

    /// The day on which it was paid.
    async fn paid_on(&self) -> Day {
        self.0.paid_on
    }

    /// Who recorded it; null when you may not see them.
    async fn recorded_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.recorded_by?).await.transpose()
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Timestamp {
        self.0.recorded_at
    }
}

/// A part of an approved claim that becomes payable by its own condition.
pub struct MdfTranche(model::Tranche, Currency);

/// A part of an approved claim that becomes payable by its own condition.
#[Object]
impl MdfTranche {
    /// The global id, for `recordMdfPayment`.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Which part it is.
    async fn kind(&self) -> MdfTrancheKind {
        self.0.kind
    }

    /// How much at most.
    async fn amount(&self) -> Money {
        Money::of(self.0.amount, self.1)
    }

    /// Where it is. A performance tranche stays HELD_BACK until its results are measured.
    async fn state(&self) -> MdfTrancheState {
        self.0.state
    }

    /// Since when it may be paid; null while it is held back.
    async fn payable_at(&self) -> Option<Timestamp> {
        self.0.payable_at
    }

    /// When its payment was recorded; null before.
    async fn paid_at(&self) -> Option<Timestamp> {
        self.0.paid_at
    }

    /// Its payment; null before.
    async fn payment(&self) -> Option<MdfPayment> {
        self.0.payment.clone().map(|payment| MdfPayment(payment, self.0.amount, self.1))
    }
}

/// A claim for reimbursement of an approved activity.
pub struct MdfClaim(pub model::Claim);

/// A claim for reimbursement of an approved activity.
#[Object]
impl MdfClaim {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The request that it claims.
    async fn request(&self, gql: &Context<'_>) -> Option<AppResult<MdfRequest>> {
        MdfRequest::load(gql, self.0.request_id).await.transpose()
    }

    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id).await.transpose()
    }

    /// Where it is.
    async fn state(&self) -> MdfClaimState {
        self.0.state
    }

    /// The invoices, in the order in which they were given.
    async fn lines(&self) -> Vec<MdfClaimLine> {
        let line = |line: &model::Line| MdfClaimLine {
            issuer: line.issuer.clone(),
            number: line.number.clone(),
            issued_on: line.issued_on,
            amount: Money::of(line.amount, self.0.currency),
            content_hash: line.content_hash.as_deref().map(mutations::hex),
        };
        self.0.lines.iter().map(line).collect()
    }

    /// The proofs that the activity took place.
    async fn proofs(&self) -> Vec<MdfProof> {
        let proof = |proof: &model::Proof| MdfProof { kind: proof.kind, description: proof.description.clone() };
        self.0.proofs.iter().map(proof).collect()
    }

    /// What the partner says about the results. Never the base of a payment: that is measured.
    async fn actual_results(&self) -> &str {
        &self.0.actual_results
    }

    /// The sum of the invoices.
    async fn claimed_cost(&self) -> Money {
        Money::of(self.0.claimed_cost, self.0.currency)
    }

    /// What of the cost was accepted as proven; null before the claim is approved.
    async fn accepted_cost(&self) -> Option<Money> {
        self.0.accepted_cost.map(|cost| Money::of(cost, self.0.currency))
    }

    /// Its tranches; empty before the claim is approved.
    async fn tranches(&self) -> Vec<MdfTranche> {
        self.0.tranches.iter().map(|tranche| MdfTranche(tranche.clone(), self.0.currency)).collect()
    }

    /// Its payments.
    async fn payments(&self) -> Vec<MdfPayment> {
        let payment = |tranche: &model::Tranche| {
            tranche.payment.clone().map(|payment| MdfPayment(payment, tranche.amount, self.0.currency))
        };
        self.0.tranches.iter().filter_map(payment).collect()
    }

    /// Qualified leads measured from leads linked to the activity; null until they are measured.
    async fn measured_leads(&self) -> Option<i64> {
        None
    }

    /// Pipeline measured from qualified deals linked to the activity; null until it is measured.
    async fn measured_pipeline(&self) -> Option<Money> {
        None
    }

    /// Who claimed; null when you may not see them.
    async fn submitted_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.submitted_by?).await.transpose()
    }

    /// When it was claimed.
    async fn submitted_at(&self) -> Timestamp {
        self.0.submitted_at
    }

    /// Who approved it; null before, and when you may not see them.
    async fn decided_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.decided_by?).await.transpose()
    }

    /// When it was approved; null before.
    async fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// What you can do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> AppResult<Vec<MdfClaimAction>> {
        let Some(request) = MdfRequest::load(gql, self.0.request_id).await? else { return Ok(Vec::new()) };
        let allowed = service::allowed(gql.call(), &self.0, &request.0);
        let actions = [(allowed.approve, MdfClaimAction::Approve), (allowed.pay, MdfClaimAction::RecordPayment)];
        Ok(actions.into_iter().filter_map(|(may, action)| may.then_some(action)).collect())
    }

    /// Which fields can be changed now: none once it is submitted.
    async fn editable_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// When the measurement window of the activity closes; null when nothing is held back, or it has closed.
    async fn next_deadline_at(&self, gql: &Context<'_>) -> Option<AppResult<Timestamp>> {
        if !self.0.tranches.iter().any(|tranche| tranche.state == MdfTrancheState::HeldBack) {
            return None;
        }
        let closes = |request: MdfRequest| {
            Some(calendar::end_of(request.0.measured_by)).filter(|instant| gql.call().now() < *instant)
        };
        MdfRequest::load(gql, self.0.request_id).await.map(|found| found.and_then(closes)).transpose()
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads claims for the caller.
struct ClaimLoader(Call);

impl Loader<MdfClaimId> for ClaimLoader {
    type Value = model::Claim;
    type Error = AppError;

    async fn load(&self, ids: &[MdfClaimId]) -> AppResult<HashMap<MdfClaimId, model::Claim>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|claim| (claim.id, claim)).collect())
    }
}

impl MdfClaim {
    /// The claim of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// `Forbidden`; those of the database.
    pub async fn load(gql: &Context<'_>, id: MdfClaimId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, ClaimLoader).load_one(id).await?.map(Self))
    }
}

/// Which claims a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct MdfClaimFilter {
    /// In one of these states.
    states: Option<Vec<MdfClaimState>>,
    /// Of this program.
    program_id: Option<ID>,
    /// Of this partner.
    partner_id: Option<ID>,
    /// Of this request.
    request_id: Option<ID>,
    /// True: only those with a tranche to pay.
    payable: Option<bool>,
}

impl MdfClaimFilter {
    fn parse(self) -> AppResult<model::ClaimFilter> {
        Ok(model::ClaimFilter {
            states: parse::at_most(self.states.unwrap_or_default(), "filter.states", 20)?,
            program_id: self.program_id.map(|id| parse::id(&id, "filter.programId")).transpose()?,
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            request_id: self.request_id.map(|id| parse::id(&id, "filter.requestId")).transpose()?,
            payable: self.payable.unwrap_or(false),
        })
    }
}

/// Queries of claims.
#[derive(Default)]
pub struct MdfClaimQuery;

#[Object]
impl MdfClaimQuery {
    /// The claim of an id; null when there is none, or none that you may see.
    async fn mdf_claim(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The claim's id.")] id: ID,
    ) -> Option<AppResult<MdfClaim>> {
        MdfClaim::load(gql, id.parse::<MdfClaimId>().ok()?).await.transpose()
    }

    /// The claims that you may see: all of them for staff, those of their own company for partners. Newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn mdf_claims(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MdfClaimFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<MdfClaim>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "created", true)?;
        let rows = service::list(gql.call(), filter.unwrap_or_default().parse()?, &page).await?;
        Ok(rows.connection(&page, |claim| (SortKey::None, claim.id.uuid()), MdfClaim))
    }
}
