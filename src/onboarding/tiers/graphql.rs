//! Tiers in the API.

pub mod mutations;
pub mod policy;

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{Day, PartnerId, PartnerTypes, Tier, TierReviewId, TierReviewState, Timestamp, TypedId};

use self::policy::TierPolicyVersion;
use super::{
    model::{self, Review, ReviewAction},
    rules::policy::{Benefits, TierPolicy},
    service,
};
use crate::{
    kernel::code::Code,
    onboarding::partners::graphql::Partner,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext,
            errors::DecisionReceipt,
            loaders::{self, Once},
            money::{BigInt, Money},
            page::{Listed, PageArgs, SortKey},
            parse, receipts,
        },
        policies::Kept,
    },
};

/// How many reviews are shown of a partner.
const MOST_OF_PARTNER: i64 = 24;

/// What a level gives.
#[derive(SimpleObject)]
pub struct TierBenefits {
    /// The level.
    tier: Tier,
    /// The code of the program that it is a level of.
    program: String,
    /// The version of the policy that says so.
    policy_version: i32,
    /// The discount on deals, in basis points.
    deal_discount_bp: i64,
    /// For how many days a registration is protected.
    protection_days: i64,
    /// The potential of market development funds in a year.
    mdf_potential: Money,
    /// Up to which amount a clean registration may be approved by policy.
    auto_approval_ceiling: Money,
}

impl TierBenefits {
    /// What a level gives a partner of these types by the policy in force, which is read once a request.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(gql: &Context<'_>, types: &PartnerTypes, tier: Tier) -> AppResult<Self> {
        let none = || AppError::internal("no policy of tiers is in force");
        let Kept { version, policy, .. } = in_force(gql).await?;
        let program = policy.program_of(types);
        let benefits = program.benefits_of(tier).copied().ok_or_else(none)?;
        let Benefits { deal_discount_bp, protection_days, mdf_potential_minor, auto_approval_ceiling_minor } = benefits;
        Ok(Self {
            tier,
            program: program.code,
            policy_version: version,
            deal_discount_bp,
            protection_days,
            mdf_potential: Money::of(mdf_potential_minor, program.currency),
            auto_approval_ceiling: Money::of(auto_approval_ceiling_minor, program.currency),
        })
    }
}

impl Once for Kept<TierPolicy> {
    async fn read(call: &Call) -> AppResult<Self> {
        service::policy(call, None).await
    }
}

/// The policy in force, read once a request.
///
/// # Errors
/// Those of the database.
pub async fn in_force(gql: &Context<'_>) -> AppResult<Kept<TierPolicy>> {
    loaders::once(gql).await
}

/// What a partner's level was judged by.
#[derive(SimpleObject)]
pub struct TierFigures {
    /// The instant that the figures are of.
    as_of: Timestamp,
    /// Revenue of the registered deals that were won in the twelve months before.
    revenue: Money,
    /// How many deals that is.
    revenue_deals: BigInt,
    /// How many deals were won in that time in other currencies, which are not added.
    deals_in_other_currencies: BigInt,
    /// Live certifications.
    certifications: BigInt,
    /// The engagement score, from 0 to 100.
    score: f64,
}

impl From<&model::TierFigures> for TierFigures {
    fn from(figures: &model::TierFigures) -> Self {
        let model::TierFigures { as_of, currency, revenue, certifications, engagement } = figures;
        Self {
            as_of: *as_of,
            revenue: Money::of(revenue.value, *currency),
            revenue_deals: BigInt(revenue.rows),
            deals_in_other_currencies: BigInt(revenue.left_out),
            certifications: BigInt(certifications.value),
            score: f64::from(i32::try_from(*engagement).unwrap_or(i32::MAX)) / 100.0,
        }
    }
}

/// A monthly review of a partner's level.
pub struct TierReview(pub Review);

/// A monthly review of a partner's level: the figures, what they are good for, what is proposed, and what people decided.
#[Object]
impl TierReview {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Whose level was reviewed.
    async fn partner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        self.owner(gql).await
    }

    /// The month that it is of: `2026-03`.
    async fn month(&self) -> &str {
        &self.0.month
    }

    /// The day that its figures are of, in the vendor's time zone.
    async fn as_on(&self) -> Day {
        self.0.as_on
    }

    /// When it was made.
    async fn reviewed_at(&self) -> Timestamp {
        self.0.reviewed_at
    }

    /// The level that the partner had.
    async fn tier(&self) -> Tier {
        self.0.tier
    }

    /// The level that the figures were good for.
    async fn earned_tier(&self) -> Tier {
        self.0.earned_tier
    }

    /// The level that is proposed; null when none is.
    async fn proposed_tier(&self) -> Option<Tier> {
        self.0.proposed_tier
    }

    /// What came of it.
    async fn state(&self) -> TierReviewState {
        self.0.state
    }

    /// The version of the policy that it was made under.
    async fn policy_version(&self) -> i32 {
        self.0.policy_version
    }

    /// The figures.
    async fn figures(&self) -> TierFigures {
        (&self.0.figures).into()
    }

    /// Who decided about the proposal; null when nobody has, and when it is somebody whom you may not see.
    async fn decided_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.decided_by?).await.transpose()
    }

    /// When the proposal came to an end; null before, and when there was none.
    async fn decided_at(&self) -> Option<Timestamp> {
        self.0.decided_at
    }

    /// Why it was decided so.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Each requirement of each level with what the partner had, and the decisions of people.
    async fn receipts(&self, gql: &Context<'_>) -> AppResult<Vec<DecisionReceipt>> {
        receipts::of_object(gql, self.0.id.to_string()).await
    }

    /// What you may do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> AppResult<Vec<ReviewAction>> {
        let partner = self.owner(gql).await?;
        Ok(service::allowed(gql.call(), &self.0, &partner.0))
    }

    /// Which of its fields you may change now: none, a proposal is decided as a whole.
    async fn editable_fields(&self) -> Vec<String> {
        Vec::new()
    }

    /// When something is due next: never; the next review takes an undecided proposal's place.
    async fn next_deadline_at(&self) -> Option<Timestamp> {
        None
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads reviews for the caller.
pub struct TierReviewLoader(Call);

impl Loader<TierReviewId> for TierReviewLoader {
    type Value = Review;
    type Error = AppError;

    async fn load(&self, ids: &[TierReviewId]) -> AppResult<HashMap<TierReviewId, Review>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|review| (review.id, review)).collect())
    }
}

/// Loads the latest reviews of partners.
struct LatestLoader(Call);

impl Loader<PartnerId> for LatestLoader {
    type Value = Vec<Review>;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<Review>>> {
        let mut latest: HashMap<PartnerId, Vec<_>> = HashMap::new();
        for review in service::latest_of(&self.0, partners, MOST_OF_PARTNER).await? {
            latest.entry(review.partner_id).or_default().push(review);
        }
        Ok(latest)
    }
}

impl TierReview {
    /// The review of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: TierReviewId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, TierReviewLoader).load_one(id).await?.map(Self))
    }

    /// The latest reviews of a partner, loaded together with those of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(gql: &Context<'_>, partner_id: PartnerId) -> AppResult<Vec<Self>> {
        let found = loaders::loader(gql, LatestLoader).load_one(partner_id).await?;
        Ok(found.unwrap_or_default().into_iter().map(Self).collect())
    }

    async fn owner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        let found = Partner::load(gql, self.0.partner_id).await?;
        found.ok_or_else(|| AppError::internal(format!("{} is of no partner", self.0.id)))
    }
}

/// Which reviews a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct TierReviewFilter {
    /// Of this partner.
    partner_id: Option<ID>,
    /// In one of these states: `PROPOSED` for what waits for a decision.
    states: Option<Vec<TierReviewState>>,
    /// Of this month: `2026-03`.
    month: Option<String>,
}

impl TierReviewFilter {
    fn parse(self) -> AppResult<model::ReviewFilter> {
        let month = |month: String| {
            let is_month = format!("{month}-01").parse::<Day>().is_ok() && month.len() == 7;
            let sentence = "A month is written as 2026-03.";
            is_month.then_some(month).ok_or_else(|| AppError::invalid("filter.month", Code::Malformed, sentence))
        };
        Ok(model::ReviewFilter {
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            states: self.states.unwrap_or_default(),
            month: self.month.map(month).transpose()?,
        })
    }
}

/// Queries of tiers.
#[derive(Default)]
pub struct TierQuery;

#[Object]
impl TierQuery {
    /// The policy of tiers: the programs, their levels, what each asks for and gives. Partners may read what they are
    /// judged by.
    async fn tier_policy(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which version; the one in force when absent.")] version: Option<i32>,
    ) -> AppResult<TierPolicyVersion> {
        Ok(TierPolicyVersion(service::policy(gql.call(), version).await?))
    }

    /// Reviews of tiers, oldest first: for staff all of them, for partners those by which their level changed.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn tier_reviews(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<TierReviewFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<TierReview>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "reviewed", false)?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, &page).await?;
        Ok(rows.connection(&page, |review| (SortKey::None, review.id.uuid()), TierReview))
    }
}
