//! What callers see of a registration. A little past 400 lines: the resolvers of one object stand in one `impl`, and which of
//! them a list answers at once stands beside them, so that the two do not come apart.

use std::collections::HashMap;

use async_graphql::{Context, ID, Object, Value, dataloader::Loader, parser::types::Field};
use entity::value::{
    Day, DealRegistrationOutcome, DealRegistrationState, DealRole, DealStage, ProductLineId, RegistrationId,
    SalesMotion, Timestamp,
};

use super::offers::WaitlistOffer;
use super::parts::{
    DealContact, DealDraftCustomer, DealInactivity, DealInformationRequest, DirectRepCredit, EvidenceItem, Policies,
};
use crate::{
    accounts::{
        accounts::{graphql::Account, model::Customer},
        product_lines::graphql::ProductLine,
    },
    deals::{
        conflicts::graphql::DealRegistrationConflict,
        registrations::{
            model::{self, DealRegistrationAction},
            rules::{self, evidence::EvidenceScore},
            service,
        },
    },
    kernel::money::Money,
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
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

    /// The end customer; null while a draft only describes it.
    async fn account(&self, gql: &Context<'_>) -> Option<AppResult<Account>> {
        Account::load(gql, self.0.account()?).await.transpose()
    }

    /// How a draft describes its customer; null once it is handed in, and where the draft names an account.
    async fn draft_customer(&self) -> Option<DealDraftCustomer> {
        let Customer { name, domain, country } = self.0.draft_customer.clone()?;
        Some(DealDraftCustomer { name, domain, country })
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

    /// What the deal sells, compared with what the customer has.
    async fn sales_motion(&self) -> SalesMotion {
        self.0.sales_motion
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

    /// For how many months the contract runs; null when nobody said.
    async fn contract_term_months(&self) -> Option<i32> {
        self.0.terms.months
    }

    /// What the order is worth each year; null when nobody said.
    async fn annual_recurring_value(&self) -> Option<ShownMoney> {
        self.0.terms.recurring.map(ShownMoney::from)
    }

    /// Who of the direct team keeps their quota credit; null when nobody does. Staff only.
    async fn direct_rep_credit(&self, gql: &Context<'_>) -> Option<DirectRepCredit> {
        let credit = self.0.terms.credit?;
        gql.call().scope().is_everything().then_some(DirectRepCredit(credit))
    }

    /// The discount of the partner's level on such deals, in basis points.
    async fn discount_basis_points(&self, gql: &Context<'_>) -> Option<AppResult<i64>> {
        let partner = match Partner::load(gql, self.0.partner_id).await.transpose()? {
            Ok(partner) => partner,
            Err(error) => return Some(Err(error)),
        };
        let policies = loaders::once::<Policies>(gql).await;
        let level = |Policies { tiers, .. }: Policies| {
            tiers.program_of(&partner.0.types).benefits_of(partner.0.tier).map(|benefits| benefits.deal_discount_bp)
        };
        policies.map(level).transpose()
    }

    /// Until when it is held while its evidence is completed: it ends then by itself; null once the evidence is sufficient.
    async fn hold_until(&self) -> Option<Timestamp> {
        self.0.life.hold_until
    }

    /// How often its protection was extended.
    async fn extensions(&self) -> i32 {
        self.0.life.extensions
    }

    /// What was said last about how the deal goes on; null when nothing was.
    async fn progress_note(&self) -> Option<&str> {
        self.0.life.progress_note.as_deref()
    }

    /// Since when nothing was heard of the deal, and what follows; null unless it is protected.
    async fn inactivity(&self, gql: &Context<'_>) -> Option<AppResult<DealInactivity>> {
        let last_update_at = self.0.active_at().filter(|_| self.0.state == DealRegistrationState::Protected)?;
        let policies = loaders::once::<Policies>(gql).await;
        let now = gql.call().now();
        Some(policies.map(|Policies { deals, .. }| {
            let warned_from = last_update_at.plus_days(deals.life.warning_days);
            let revocable_from = last_update_at.plus_days(deals.life.revocable_days);
            let (is_warned, is_revocable) = (warned_from <= now, revocable_from <= now);
            DealInactivity { last_update_at, warned_from, revocable_from, is_warned, is_revocable }
        }))
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

    /// When it was handed in; of what never was, when it was begun.
    async fn submitted_at(&self) -> Timestamp {
        self.0.submitted_at
    }

    /// By when it is to be decided once it is handed in. Goes on from where it stood when you have answered what you were
    /// asked; `nextDeadlineAt` says what counts now.
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
        if gql.call().may(DealRegistrationAction::Update.verb()).is_err() {
            return Vec::new();
        }
        self.0.editable().into_iter().map(rules::fields::input_field).collect()
    }

    /// What the partner was asked last; null when it was not.
    async fn information_request(&self) -> Option<DealInformationRequest> {
        let model::Review { asked, answer, .. } = self.0.review.clone();
        let model::Asked { fields, message, at } = asked?;
        Some(DealInformationRequest { fields: fields.iter().collect(), message, asked_at: at, answer })
    }

    /// The conflict case that it is in, or was in last, as far as it concerns it; null when it never was in one.
    async fn conflict(&self, gql: &Context<'_>) -> Option<AppResult<DealRegistrationConflict>> {
        DealRegistrationConflict::load(gql, self.0.id).await.transpose()
    }

    /// Who looks at it; null when nobody does yet. Staff only.
    async fn reviewer(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        if !gql.call().scope().is_everything() {
            return None;
        }
        User::load(gql, self.0.review.reviewer_id?).await.transpose()
    }

    /// The next instant at which something is due or ends by itself: the decision, the protection, or the offer of the place
    /// that it waits for.
    async fn next_deadline_at(&self, gql: &Context<'_>) -> Option<AppResult<Timestamp>> {
        if self.0.state != DealRegistrationState::Waitlisted {
            return self.0.next_deadline_at().map(Ok);
        }
        let offer = WaitlistOffer::load(gql, self.0.id).await;
        offer.map(|offer| offer.and_then(|offer| offer.open_until())).transpose()
    }

    /// The last offer of its place that it had while it waited; null before the first one has begun.
    async fn waitlist_offer(&self, gql: &Context<'_>) -> Option<AppResult<WaitlistOffer>> {
        WaitlistOffer::load(gql, self.0.id).await.transpose()
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
            // Whoever waits may have an offer: that is looked for.
            "nextDeadlineAt" if it.state == DealRegistrationState::Waitlisted => return None,
            "nextDeadlineAt" => maybe(it.next_deadline_at(), word),
            "version" => it.version.into(),
            _ => return None,
        })
    }
}

impl DealRegistration {
    /// The fields whose columns a list reads only for who selects them.
    pub(super) const LONG: &[&str] = &[
        "customerContact",
        "need",
        "outcomeReason",
        "evidenceScore",
        "draftCustomer",
        "allowedActions",
        "editableFields",
        "informationRequest",
        "reviewer",
        "salesMotion",
        "contractTermMonths",
        "annualRecurringValue",
        "directRepCredit",
        "extensions",
        "progressNote",
        "inactivity",
    ];
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
