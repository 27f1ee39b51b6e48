//! What callers see of a registration.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, SimpleObject, Value, dataloader::Loader, parser::types::Field};
use entity::value::{
    Day, DealRegistrationOutcome, DealRegistrationState, DealRole, DealStage, EvidenceKind, ProductLineId,
    RegistrationId, Timestamp,
};

use crate::{
    accounts::{accounts::graphql::Account, product_lines::graphql::ProductLine},
    deals::registrations::{
        model::{self, DealRegistrationAction},
        rules::evidence::EvidenceScore,
        service,
    },
    kernel::money::Money,
    onboarding::partners::graphql::Partner,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::{self, AtOnce, maybe, word},
            errors::DecisionReceipt,
            loaders,
            money::Money as ShownMoney,
            receipts,
        },
    },
};

/// A partner's claim to protection on an account, and the sale that it is about.
pub struct DealRegistration(pub model::Registration);

/// Whom the partner speaks with at the customer.
#[derive(SimpleObject)]
pub struct DealContact {
    /// The name.
    name: String,
    /// The e-mail address.
    email: String,
}

/// An item of qualification evidence.
#[derive(SimpleObject)]
pub struct EvidenceItem {
    /// Its id.
    id: ID,
    /// What it shows.
    kind: EvidenceKind,
    /// When it took place.
    occurred_at: Option<Timestamp>,
    /// In words.
    description: String,
    /// Where the proof is.
    proof: Option<String>,
    /// When it was added.
    added_at: Timestamp,
}

impl From<model::Evidence> for EvidenceItem {
    fn from(evidence: model::Evidence) -> Self {
        let model::Evidence { id, registration_id: _, item, added_at } = evidence;
        let model::NewEvidence { kind, occurred_at, description, proof } = item;
        Self { id: id.to_string().into(), kind, occurred_at, description, proof, added_at }
    }
}

/// A partner's claim to protection on an account, and the sale that it is about.
#[Object]
impl DealRegistration {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Whose it is.
    async fn partner(&self, gql: &Context<'_>) -> Option<AppResult<Partner>> {
        Partner::load(gql, self.0.partner_id).await.transpose()
    }

    /// The end customer.
    async fn account(&self, gql: &Context<'_>) -> Option<AppResult<Account>> {
        Account::load(gql, self.0.account_id).await.transpose()
    }

    /// The product lines, by code.
    async fn product_lines(&self, gql: &Context<'_>) -> AppResult<Vec<ProductLine>> {
        let lines = loaders::loader(gql, LineLoader).load_one(self.0.id).await?.unwrap_or_default();
        ProductLine::load_many(gql, &lines).await
    }

    /// The expected amount.
    async fn amount(&self) -> ShownMoney {
        self.0.amount.into()
    }

    /// When the customer is expected to decide.
    async fn expected_close_on(&self) -> Day {
        self.0.expected_close_on
    }

    /// Whom the partner speaks with at the customer.
    async fn customer_contact(&self) -> DealContact {
        DealContact { name: self.0.contact.name.clone(), email: self.0.contact.email.clone() }
    }

    /// What the partner does in the deal.
    async fn partner_role(&self) -> DealRole {
        self.0.partner_role
    }

    /// What the customer needs; null when it was not described.
    async fn need(&self) -> Option<&str> {
        Some(self.0.need.as_str()).filter(|need| !need.is_empty())
    }

    /// Where the claim to protection is.
    async fn state(&self) -> DealRegistrationState {
        self.0.state
    }

    /// How it ended; null before.
    async fn outcome_code(&self) -> Option<DealRegistrationOutcome> {
        self.0.outcome
    }

    /// Why it ended so, in words; null when there is nothing to say.
    async fn outcome_reason(&self) -> Option<&str> {
        self.0.outcome_reason.as_deref()
    }

    /// Where the sale is.
    async fn deal_stage(&self) -> DealStage {
        self.0.deal_stage
    }

    /// The amount of the order; null before it is won.
    async fn won_amount(&self) -> Option<ShownMoney> {
        self.0.won_amount.map(ShownMoney::from)
    }

    /// The day of the order, or of the loss; null before.
    async fn closed_on(&self) -> Option<Day> {
        self.0.closed_on
    }

    /// The qualification evidence, oldest first.
    async fn evidence(&self, gql: &Context<'_>) -> AppResult<Vec<EvidenceItem>> {
        let found = loaders::loader(gql, EvidenceLoader).load_one(self.0.id).await?.unwrap_or_default();
        Ok(found.into_iter().map(EvidenceItem::from).collect())
    }

    /// What the evidence is worth, with its parts.
    async fn evidence_score(&self) -> &EvidenceScore {
        &self.0.evidence_score
    }

    /// The instant at which the evidence became sufficient: the place in the queue; null before.
    async fn qualified_at(&self) -> Option<Timestamp> {
        self.0.qualified_at
    }

    /// When the protection began; null without one.
    async fn protected_from(&self) -> Option<Timestamp> {
        self.0.protected_from
    }

    /// The instant at which the protection ends by itself; null without one.
    async fn protected_until(&self) -> Option<Timestamp> {
        self.0.protected_until
    }

    /// When it was handed in.
    async fn submitted_at(&self) -> Timestamp {
        self.0.submitted_at
    }

    /// By when it is to be decided.
    async fn due_at(&self) -> Timestamp {
        self.0.due_at
    }

    /// When the claim ended; null before.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.0.ended_at
    }

    /// What you may do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> Vec<DealRegistrationAction> {
        let call = gql.call();
        let may = |action: &DealRegistrationAction| self.0.allows(*action) && call.may(action.verb()).is_ok();
        DealRegistrationAction::ALL.iter().copied().filter(may).collect()
    }

    /// Which of its fields you may change now.
    async fn editable_fields(&self, gql: &Context<'_>) -> Vec<&'static str> {
        let action = DealRegistrationAction::AddEvidence;
        let may = self.0.allows(action) && gql.call().may(action.verb()).is_ok();
        if may { vec!["evidence"] } else { Vec::new() }
    }

    /// The next instant at which something is due or ends by itself: the decision, or the protection.
    async fn next_deadline_at(&self) -> Option<Timestamp> {
        self.0.next_deadline_at()
    }

    /// The decisions about it, newest first, as far as you may read why they came out so.
    async fn receipts(&self, gql: &Context<'_>) -> AppResult<Vec<DecisionReceipt>> {
        receipts::of_object(gql, self.0.id.to_string()).await
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

impl AtOnce for DealRegistration {
    const TYPE: &'static str = "DealRegistration";

    fn field(&self, call: &Call, field: &Field) -> Option<Value> {
        let it = &self.0;
        let money = |amount: &Money| at_once::object(amount, call, &field.selection_set.node);
        Some(match field.name.node.as_str() {
            "id" => word(it.id),
            "amount" => money(&it.amount)?,
            "expectedCloseOn" => word(it.expected_close_on),
            "partnerRole" => word(it.partner_role),
            "state" => word(it.state),
            "outcomeCode" => maybe(it.outcome, word),
            "dealStage" => word(it.deal_stage),
            "wonAmount" => it.won_amount.as_ref().map_or(Some(Value::Null), money)?,
            "closedOn" => maybe(it.closed_on, word),
            "qualifiedAt" => maybe(it.qualified_at, word),
            "protectedFrom" => maybe(it.protected_from, word),
            "protectedUntil" => maybe(it.protected_until, word),
            "submittedAt" => word(it.submitted_at),
            "dueAt" => word(it.due_at),
            "endedAt" => maybe(it.ended_at, word),
            "nextDeadlineAt" => maybe(it.next_deadline_at(), word),
            "version" => it.version.into(),
            _ => return None,
        })
    }
}

impl DealRegistration {
    /// The fields whose columns a list reads only for who selects them.
    pub(super) const LONG: &[&str] = &["customerContact", "need", "outcomeReason", "evidenceScore"];
}

/// Loads registrations for the caller.
pub struct RegistrationLoader(Call);

impl Loader<RegistrationId> for RegistrationLoader {
    type Value = model::Registration;
    type Error = AppError;

    async fn load(&self, ids: &[RegistrationId]) -> AppResult<HashMap<RegistrationId, model::Registration>> {
        let found = service::find_many(&self.0, ids).await?;
        Ok(found.into_iter().map(|registration| (registration.id, registration)).collect())
    }
}

impl DealRegistration {
    /// The registration of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: RegistrationId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, RegistrationLoader).load_one(id).await?.map(Self))
    }
}

struct LineLoader(Call);

impl Loader<RegistrationId> for LineLoader {
    type Value = Vec<ProductLineId>;
    type Error = AppError;

    async fn load(&self, ids: &[RegistrationId]) -> AppResult<HashMap<RegistrationId, Vec<ProductLineId>>> {
        let mut lines: HashMap<_, Vec<_>> = HashMap::new();
        for (id, line) in service::lines_of(&self.0, ids).await? {
            lines.entry(id).or_default().push(line);
        }
        Ok(lines)
    }
}

struct EvidenceLoader(Call);

impl Loader<RegistrationId> for EvidenceLoader {
    type Value = Vec<model::Evidence>;
    type Error = AppError;

    async fn load(&self, ids: &[RegistrationId]) -> AppResult<HashMap<RegistrationId, Vec<model::Evidence>>> {
        let mut evidence: HashMap<_, Vec<_>> = HashMap::new();
        for item in service::evidence_of(&self.0, ids).await? {
            evidence.entry(item.registration_id).or_default().push(item);
        }
        Ok(evidence)
    }
}
