//! Joint business plans in the API.

pub mod mutations;

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{BusinessPlanId, BusinessPlanState, Currency, PartnerId, Timestamp, TypedId};

use super::{
    model::{self, BusinessPlanAction, Revision},
    service,
};
use crate::{
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
    standing::progress::graphql::BusinessPlanProgress,
};

/// How many plans are shown of a partner.
const MOST_OF_PARTNER: i64 = 10;

/// A joint business plan.
pub struct BusinessPlan(pub model::BusinessPlan);

/// What is aimed at in a year.
#[derive(SimpleObject)]
pub struct BusinessPlanTargets {
    /// Qualified pipeline.
    pub pipeline: Money,
    /// Revenue of won deals.
    pub revenue: Money,
    /// Live certifications at the year's end.
    pub certifications: i64,
    /// Activities paid with market development funds.
    pub mdf_activities: i64,
    /// What is agreed beside the figures.
    pub note: Option<String>,
}

/// The targets of a plan as they were at some time, and who agreed to them.
pub struct BusinessPlanRevision(pub Revision, pub Currency);

/// The targets of a plan as they were at some time, and who agreed to them.
#[Object]
impl BusinessPlanRevision {
    /// Its number, from 1.
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// What is aimed at.
    async fn targets(&self) -> BusinessPlanTargets {
        let model::Targets { pipeline_minor, revenue_minor, certifications, mdf_activities, note } = &self.0.targets;
        BusinessPlanTargets {
            pipeline: Money::of(*pipeline_minor, self.1),
            revenue: Money::of(*revenue_minor, self.1),
            certifications: *certifications,
            mdf_activities: *mdf_activities,
            note: note.clone(),
        }
    }

    /// When it was written last.
    async fn written_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Who wrote it last; null when it is somebody whom you may not see.
    async fn written_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.created_by?).await.transpose()
    }

    /// When the partner agreed; null when it has not.
    async fn partner_agreed_at(&self) -> Option<Timestamp> {
        self.0.partner_agreed.as_ref().map(|agreed| agreed.at)
    }

    /// Who agreed for the partner; null when nobody has, and when it is somebody whom you may not see.
    async fn partner_agreed_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.partner_agreed.as_ref()?.by?).await.transpose()
    }

    /// When the vendor agreed; null when it has not.
    async fn vendor_agreed_at(&self) -> Option<Timestamp> {
        self.0.vendor_agreed.as_ref().map(|agreed| agreed.at)
    }

    /// Who agreed for the vendor; null when nobody has, and when it is somebody whom you may not see.
    async fn vendor_agreed_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.vendor_agreed.as_ref()?.by?).await.transpose()
    }
}

/// What the vendor and a partner agree for a year.
#[Object]
impl BusinessPlan {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The partner.
    async fn partner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        self.owner(gql).await
    }

    /// The year of the calendar that it is for, in the vendor's time zone.
    async fn year(&self) -> i32 {
        self.0.year
    }

    /// The currency of its amounts.
    async fn currency(&self) -> Currency {
        self.0.currency
    }

    /// Where it is.
    async fn state(&self) -> BusinessPlanState {
        self.0.state
    }

    /// The latest revision: the one in force, or the one that is being discussed.
    async fn revision(&self) -> BusinessPlanRevision {
        BusinessPlanRevision(self.0.latest.clone(), self.0.currency)
    }

    /// The revision that both sides agreed to last, which is in force; null before they did.
    async fn agreed_revision(&self, gql: &Context<'_>) -> Option<AppResult<BusinessPlanRevision>> {
        let agreed = self.0.agreed_revision?;
        if agreed == self.0.latest.number {
            return Some(Ok(BusinessPlanRevision(self.0.latest.clone(), self.0.currency)));
        }
        let found = |all: Vec<Revision>| all.into_iter().find(|revision| revision.number == agreed);
        let found = self.all(gql).await.map(found).transpose()?;
        Some(found.map(|revision| BusinessPlanRevision(revision, self.0.currency)))
    }

    /// All revisions, the latest first: at most 100.
    async fn revisions(&self, gql: &Context<'_>) -> AppResult<Vec<BusinessPlanRevision>> {
        let all = self.all(gql).await?;
        Ok(all.into_iter().map(|revision| BusinessPlanRevision(revision, self.0.currency)).collect())
    }

    /// When both sides agreed last; null before.
    async fn agreed_at(&self) -> Option<Timestamp> {
        self.0.agreed_at
    }

    /// When it was begun.
    async fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// Who began it; null when it is somebody whom you may not see.
    async fn created_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.created_by?).await.transpose()
    }

    /// When it was closed; null before.
    async fn closed_at(&self) -> Option<Timestamp> {
        self.0.closed_at
    }

    /// What came of it, as it was said when it was closed.
    async fn close_reason(&self) -> Option<&str> {
        self.0.close_reason.as_deref()
    }

    /// How far each target is, computed from what happened. Measured against the revision in force; against the latest
    /// one while none is.
    async fn progress(&self, gql: &Context<'_>) -> AppResult<BusinessPlanProgress> {
        let targets = match self.0.agreed_revision {
            Some(agreed) if agreed != self.0.latest.number => {
                let found = self.all(gql).await?.into_iter().find(|revision| revision.number == agreed);
                found.map(|revision| revision.targets)
            }
            _ => None,
        };
        let targets = targets.unwrap_or_else(|| self.0.latest.targets.clone());
        BusinessPlanProgress::of(gql, &self.0, targets).await
    }

    /// What you may do with it now.
    async fn allowed_actions(&self, gql: &Context<'_>) -> AppResult<Vec<BusinessPlanAction>> {
        let partner = self.owner(gql).await?;
        Ok(service::allowed(gql.call(), &self.0, partner.0.state))
    }

    /// Which of its fields you may change now.
    async fn editable_fields(&self, gql: &Context<'_>) -> AppResult<Vec<&'static str>> {
        let partner = self.owner(gql).await?;
        let allowed = service::allowed(gql.call(), &self.0, partner.0.state);
        Ok(if allowed.contains(&BusinessPlanAction::Change) { vec!["targets"] } else { Vec::new() })
    }

    /// When something is due next: never, both sides take their time.
    async fn next_deadline_at(&self) -> Option<Timestamp> {
        None
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads plans for the caller: by their ids, and the latest of a partner.
pub struct BusinessPlanLoader(Call);

impl Loader<BusinessPlanId> for BusinessPlanLoader {
    type Value = model::BusinessPlan;
    type Error = AppError;

    async fn load(&self, ids: &[BusinessPlanId]) -> AppResult<HashMap<BusinessPlanId, model::BusinessPlan>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|plan| (plan.id, plan)).collect())
    }
}

/// Loads the latest plans of partners.
struct LatestLoader(Call);

impl Loader<PartnerId> for LatestLoader {
    type Value = Vec<model::BusinessPlan>;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<model::BusinessPlan>>> {
        let mut latest: HashMap<PartnerId, Vec<_>> = HashMap::new();
        for plan in service::latest_of(&self.0, partners, MOST_OF_PARTNER).await? {
            latest.entry(plan.partner_id).or_default().push(plan);
        }
        Ok(latest)
    }
}

/// Loads the revisions of plans.
struct RevisionLoader(Call);

impl Loader<BusinessPlanId> for RevisionLoader {
    type Value = Vec<Revision>;
    type Error = AppError;

    async fn load(&self, plans: &[BusinessPlanId]) -> AppResult<HashMap<BusinessPlanId, Vec<Revision>>> {
        let mut all: HashMap<BusinessPlanId, Vec<_>> = HashMap::new();
        for revision in service::revisions_of(&self.0, plans).await? {
            all.entry(revision.plan_id).or_default().push(revision);
        }
        Ok(all)
    }
}

impl BusinessPlan {
    /// The plan of an id, loaded together with its siblings; none when it does not exist for the caller.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: BusinessPlanId) -> AppResult<Option<Self>> {
        Ok(loaders::loader::<BusinessPlanId, _>(gql, BusinessPlanLoader).load_one(id).await?.map(Self))
    }

    /// The latest plans of a partner, loaded together with those of its siblings.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_partner(gql: &Context<'_>, partner_id: PartnerId) -> AppResult<Vec<Self>> {
        let found = loaders::loader(gql, LatestLoader).load_one(partner_id).await?;
        Ok(found.unwrap_or_default().into_iter().map(Self).collect())
    }

    async fn all(&self, gql: &Context<'_>) -> AppResult<Vec<Revision>> {
        Ok(loaders::loader(gql, RevisionLoader).load_one(self.0.id).await?.unwrap_or_default())
    }

    async fn owner(&self, gql: &Context<'_>) -> AppResult<Partner> {
        let found = Partner::load(gql, self.0.partner_id).await?;
        found.ok_or_else(|| AppError::internal(format!("{} is with no partner", self.0.id)))
    }
}

/// Which plans a list shows. What is absent or empty excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct BusinessPlanFilter {
    /// With this partner.
    partner_id: Option<ID>,
    /// For one of these years.
    years: Option<Vec<i32>>,
    /// In one of these states.
    states: Option<Vec<BusinessPlanState>>,
}

impl BusinessPlanFilter {
    fn parse(self) -> AppResult<model::BusinessPlanFilter> {
        Ok(model::BusinessPlanFilter {
            partner_id: self.partner_id.map(|id| parse::id(&id, "filter.partnerId")).transpose()?,
            years: parse::at_most(self.years.unwrap_or_default(), "filter.years", 50)?,
            states: self.states.unwrap_or_default(),
        })
    }
}

/// Queries of joint business plans.
#[derive(Default)]
pub struct BusinessPlanQuery;

#[Object]
impl BusinessPlanQuery {
    /// The joint business plans that you may see, newest first: all of them for staff, their own for partners.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn business_plans(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<BusinessPlanFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<BusinessPlan>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "created", true)?;
        let rows = service::list(gql.call(), &filter.unwrap_or_default().parse()?, &page).await?;
        Ok(rows.connection(&page, |plan| (SortKey::None, plan.id.uuid()), BusinessPlan))
    }
}
