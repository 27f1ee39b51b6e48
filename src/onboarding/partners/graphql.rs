//! Partners in the API.

pub mod mutations;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Enum, ID, InputObject, Object, Value, dataloader::Loader, parser::types::Field};
use entity::value::{
    Country, OnboardingStepState, PartnerId, PartnerState, PartnerStateReason, PartnerType, Region, Tier, Timestamp,
    TypedId,
};

use super::{
    model::{self, PartnerAction},
    service,
};
use crate::{
    deals::registrations::graphql::{
        self as registrations, DealRegistrationFilter, DealRegistrationOrder, ListedRegistration,
    },
    engagement::score::graphql::EngagementScore,
    mdf::{
        ledger::graphql::MdfBalance,
        requests::graphql::{MdfRequest, MdfRequestFilter},
    },
    onboarding::{
        agreements::graphql::AgreementStanding,
        authorisations::graphql::PartnerAuthorisation,
        business_plans::graphql::BusinessPlan,
        contacts::graphql::PartnerContact,
        plans::graphql::{OnboardingPlan, OnboardingStep},
        territories::graphql::Territory,
        tiers::graphql::{TierBenefits, TierReview},
    },
    people::users::graphql::User,
    platform::{
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            at_once::{AtHand, AtOnce, maybe, text, word},
            loaders,
            order::OrderDirection,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
    standing::tiers::graphql::NextTier,
    training::completions::graphql::TrainingCompletion,
};

/// A partner company.
pub struct Partner(pub model::Partner);

/// A partner company: it resells, refers, integrates or services the vendor's products.
#[Object]
impl Partner {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The legal name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The website.
    async fn website(&self) -> &str {
        &self.0.website
    }

    /// The website's registrable domain: no two partners have the same.
    async fn domain(&self) -> &str {
        &self.0.domain
    }

    /// Where it has its seat.
    async fn country(&self) -> Country {
        self.0.country
    }

    /// What it does with the vendor's products.
    async fn types(&self) -> Vec<PartnerType> {
        self.0.types.iter().collect()
    }

    /// Where it is in its life with the vendor.
    async fn state(&self) -> PartnerState {
        self.0.state
    }

    /// Its level.
    async fn tier(&self) -> Tier {
        self.0.tier
    }

    /// When it was approved.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When it had done all required onboarding steps; null before.
    async fn activated_at(&self) -> Option<Timestamp> {
        self.0.activated_at
    }

    /// Why it was suspended, reinstated or terminated last; null when it never was.
    async fn state_reason(&self) -> Option<PartnerStateReason> {
        self.0.state_reason
    }

    /// Why, in words for the partner; null when nothing was said.
    async fn state_message(&self) -> Option<&str> {
        self.0.state_message.as_deref()
    }

    /// When it was suspended, reinstated or terminated last; null when it never was.
    async fn state_changed_at(&self) -> Option<Timestamp> {
        self.0.state_changed_at
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// The territory that it works in; null when it was given none.
    async fn territory(&self, gql: &Context<'_>) -> Option<AppResult<Territory>> {
        Territory::load_of_partner(gql, self.0.id).await.transpose()
    }

    /// Its balances of market development funds, in one program or in all of them.
    async fn mdf_balances(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Only in this program.")] program_id: Option<ID>,
    ) -> AppResult<Vec<MdfBalance>> {
        let program_id = program_id.map(|id| parse::id(&id, "programId")).transpose()?;
        MdfBalance::of_partner(gql, self.0.id, program_id).await
    }

    /// Its requests for market development funds, newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn mdf_requests(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<MdfRequestFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AtHand<MdfRequest>>> {
        MdfRequest::of_partner(gql, self.0.id, filter, PageArgs { first, after, last, before }).await
    }

    /// Its onboarding plan, in the order of the steps.
    async fn onboarding_steps(&self, gql: &Context<'_>) -> AppResult<Vec<OnboardingStep>> {
        OnboardingStep::of_partner(gql, self.0.id).await
    }

    /// How far its onboarding plan is; null of a partner that came without one.
    async fn onboarding_plan(&self, gql: &Context<'_>) -> Option<AppResult<OnboardingPlan>> {
        OnboardingPlan::load(gql, self.0.id).await.transpose()
    }

    /// How it stands to the agreements in force for it, what it still has to accept first.
    async fn agreements(&self, gql: &Context<'_>) -> AppResult<Vec<AgreementStanding>> {
        AgreementStanding::of_partner(gql, self.0.id, &self.0.types, self.0.created_at).await
    }

    /// Its joint business plans, the latest year first, at most ten; none for who may not read them.
    async fn business_plans(&self, gql: &Context<'_>) -> AppResult<Vec<BusinessPlan>> {
        BusinessPlan::of_partner(gql, self.0.id).await
    }

    /// What its level gives it, by the policy in force.
    async fn tier_benefits(&self, gql: &Context<'_>) -> AppResult<TierBenefits> {
        TierBenefits::of(gql, &self.0.types, self.0.tier).await
    }

    /// What is missing for the next level, by the policy in force and the figures of this instant; null at the highest.
    async fn next_tier(&self, gql: &Context<'_>) -> Option<AppResult<NextTier>> {
        NextTier::load(gql, &self.0).await.transpose()
    }

    /// The monthly reviews of its level, newest first: for staff all of them, for the partner those by which its level
    /// changed. At most 24.
    async fn tier_reviews(&self, gql: &Context<'_>) -> AppResult<Vec<TierReview>> {
        TierReview::of_partner(gql, self.0.id).await
    }

    /// What you may begin for it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> AppResult<Vec<PartnerAction>> {
        let mut allowed = service::allowed(gql.call(), &self.0);
        let new_business = |action: &PartnerAction| action.is_new_business();
        if allowed.iter().any(new_business) {
            let model::Partner { id, types, created_at, .. } = &self.0;
            if AgreementStanding::blocks(gql, *id, types, *created_at).await? {
                allowed.retain(|action| !new_business(action));
            }
        }
        Ok(allowed)
    }

    /// Which of its fields you may change now.
    async fn editable_fields(&self, gql: &Context<'_>) -> Vec<String> {
        service::editable(gql.call(), &self.0)
    }

    /// Where it works.
    async fn regions(&self) -> Vec<Region> {
        self.0.regions.iter().collect()
    }

    /// The industries that it serves, in its own words.
    async fn industries(&self) -> &[String] {
        &self.0.industries
    }

    /// What it says of itself; null when it says nothing.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// Whom to talk to there, in the order in which they were added; at most 50.
    async fn contacts(&self, gql: &Context<'_>) -> AppResult<Vec<PartnerContact>> {
        PartnerContact::of_partner(gql, self.0.id).await
    }

    /// What it may sell where, in the order in which it was granted, without what was taken back; at most 500.
    async fn authorisations(&self, gql: &Context<'_>) -> AppResult<Vec<PartnerAuthorisation>> {
        PartnerAuthorisation::of_partner(gql, self.0.id).await
    }

    /// The channel manager who looks after it; null when nobody does. Staff only.
    async fn channel_manager(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.manager_id?).await.transpose()
    }

    /// When the next required step of its plan is due; null when none is pending.
    async fn next_deadline_at(&self, gql: &Context<'_>) -> Option<AppResult<Timestamp>> {
        let steps = OnboardingStep::of_partner(gql, self.0.id).await;
        let next = |steps: Vec<OnboardingStep>| {
            let pending = steps.iter().filter(|step| step.0.required && step.0.state == OnboardingStepState::Pending);
            pending.map(|step| step.0.due_at).min()
        };
        steps.map(next).transpose()
    }

    /// Its people, in the order in which they joined.
    async fn users(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from 1 to 100.", default = 100)] first: i32,
    ) -> AppResult<Vec<User>> {
        User::of_partner(gql, self.0.id, parse::size(first, "first", 100)?).await
    }

    /// Its deal registrations that you may see, newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn deal_registrations(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<DealRegistrationFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<DealRegistrationOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<ListedRegistration>> {
        let filter =
            DealRegistrationFilter { partner_id: Some(self.0.id.to_string().into()), ..filter.unwrap_or_default() };
        registrations::listed(gql, Some(filter), order_by, PageArgs { first, after, last, before }).await
    }

    /// The courses that its people completed, passed or not: the latest 50, latest first.
    async fn training_completions(&self, gql: &Context<'_>) -> AppResult<Vec<TrainingCompletion>> {
        TrainingCompletion::latest_of(gql, self.0.id).await
    }

    /// How engaged it is, from 0 to 100, at the instant of your query, and why.
    async fn engagement_score(&self, gql: &Context<'_>) -> AppResult<EngagementScore> {
        EngagementScore::of(gql, self.0.id, self.0.types.clone(), self.0.created_at).await
    }
}

impl AtOnce for Partner {
    const TYPE: &'static str = "Partner";

    fn field(&self, _: &Call, field: &Field) -> Option<Value> {
        let it = &self.0;
        Some(match field.name.node.as_str() {
            "id" => word(it.id),
            "name" => text(&it.name),
            "website" => text(&it.website),
            "domain" => text(&it.domain),
            "country" => text(it.country.code()),
            "types" => Value::List(it.types.iter().map(word).collect()),
            "state" => word(it.state),
            "tier" => word(it.tier),
            "createdAt" => word(it.created_at),
            "activatedAt" => maybe(it.activated_at, word),
            "version" => it.version.into(),
            _ => return None,
        })
    }
}

/// Loads partners for the caller.
pub struct PartnerLoader(Call);

impl Loader<PartnerId> for PartnerLoader {
    type Value = model::Partner;
    type Error = AppError;

    async fn load(&self, ids: &[PartnerId]) -> AppResult<HashMap<PartnerId, model::Partner>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|partner| (partner.id, partner)).collect())
    }
}

impl Partner {
    /// The partner of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: PartnerId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, PartnerLoader).load_one(id).await?.map(Self))
    }

    /// The partners of these ids that exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_many(
        gql: &Context<'_>,
        ids: impl IntoIterator<Item = PartnerId>,
    ) -> AppResult<HashMap<PartnerId, Arc<Self>>> {
        let found = loaders::loader(gql, PartnerLoader).load_many(ids).await?;
        Ok(found.into_iter().map(|(id, partner)| (id, Arc::new(Self(partner)))).collect())
    }
}

/// Which partners a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct PartnerFilter {
    /// In one of these states.
    states: Option<Vec<PartnerState>>,
    /// At one of these levels.
    tiers: Option<Vec<Tier>>,
    /// Of at least one of these types.
    types: Option<Vec<PartnerType>>,
    /// With a seat in one of these countries.
    countries: Option<Vec<Country>>,
    /// With this text in the name or the domain, regardless of case.
    text: Option<String>,
    /// In the portfolio of this channel manager.
    manager_id: Option<ID>,
}

impl PartnerFilter {
    fn parse(self) -> AppResult<model::PartnerFilter> {
        let text = self.text.map(|text| parse::line(&text, "filter.text", 200)).transpose()?;
        Ok(model::PartnerFilter {
            states: self.states.unwrap_or_default(),
            tiers: self.tiers.unwrap_or_default(),
            types: self.types.unwrap_or_default(),
            countries: parse::at_most(self.countries.unwrap_or_default(), "filter.countries", 250)?,
            text: text.as_deref().map(model::name_key),
            manager_id: self.manager_id.map(|id| parse::id(&id, "filter.managerId")).transpose()?,
        })
    }
}

/// What a list of partners is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PartnerOrderField {
    /// When they were approved.
    CreatedAt,
    /// Their name, regardless of case.
    Name,
}

/// The order of a list of partners.
#[derive(Clone, InputObject)]
pub struct PartnerOrder {
    /// What they are sorted by.
    field: PartnerOrderField,
    /// In which direction.
    direction: OrderDirection,
}

impl Default for PartnerOrder {
    fn default() -> Self {
        Self { field: PartnerOrderField::CreatedAt, direction: OrderDirection::Desc }
    }
}

/// Queries of partners.
#[derive(Default)]
pub struct PartnerQuery;

#[Object]
impl PartnerQuery {
    /// The partner of an id; null when there is none, or none that you may see.
    async fn partner(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The partner's id.")] id: ID,
    ) -> Option<AppResult<Partner>> {
        if let Err(refused) = gql.call().may(Action::ReadPartners) {
            return Some(Err(refused));
        }
        Partner::load(gql, id.parse::<PartnerId>().ok()?).await.transpose()
    }

    /// The partners that you may see: all of them for staff, their own for partners. Newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn partners(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<PartnerFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<PartnerOrder>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AtHand<Partner>>> {
        let order = order_by.unwrap_or_default();
        let (name, field) = match order.field {
            PartnerOrderField::CreatedAt => ("created", model::PartnerOrder::Created),
            PartnerOrderField::Name => ("name", model::PartnerOrder::Name),
        };
        let args = PageArgs { first, after, last, before };
        let page = args.parse(gql, name, order.direction.is_descending())?;
        let rows = service::list(gql.call(), filter.unwrap_or_default().parse()?, field, &page).await?;
        let place = |partner: &model::Partner| match field {
            model::PartnerOrder::Created => (SortKey::None, partner.id.uuid()),
            model::PartnerOrder::Name => (SortKey::Text(model::name_key(&partner.name)), partner.id.uuid()),
        };
        Ok(rows.connection(&page, place, |partner| AtHand(Partner(partner))))
    }
}
