//! The score in the API.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, SimpleObject, dataloader::Loader};
use entity::value::{EngagementBand, EngagementComponent, PartnerId, PartnerTypes, Timestamp};

use super::{
    model::{ComponentScore, NextAction, Policy, Score, Totals},
    rules, service,
};
use crate::{
    engagement::activity::{
        self,
        graphql::{Activity, MOST_OF_COMPONENT, MOST_OF_PARTNER},
        model::{Counted, points},
    },
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{GqlContext as _, loaders, parse},
    },
};

/// The score of a partner at the instant of the query.
#[derive(Clone)]
pub struct EngagementScore(Arc<Scored>);

struct Scored {
    partner_id: PartnerId,
    types: PartnerTypes,
    is_new: bool,
    totals: Totals,
    score: Score,
}

impl EngagementScore {
    /// The score of a partner. The partner's own facts come from whoever has them at hand, so that the score costs one
    /// statement for all partners of a list.
    ///
    /// # Errors
    /// Who you are; those of the database.
    pub async fn of(
        gql: &Context<'_>,
        partner_id: PartnerId,
        types: PartnerTypes,
        created_at: Timestamp,
    ) -> AppResult<Self> {
        let totals = loaders::loader(gql, TotalsLoader).load_one(partner_id).await?.unwrap_or_default();
        // Read after the totals: nothing in them is later.
        let as_of = gql.call().now();
        let score = rules::score(&Policy::SHIPPED, &types, &totals, as_of);
        let is_new = rules::is_new(&Policy::SHIPPED, created_at, as_of);
        Ok(Self(Arc::new(Scored { partner_id, types, is_new, totals, score })))
    }
}

impl Scored {
    async fn earlier(&self, gql: &Context<'_>) -> AppResult<Score> {
        let since = loaders::loader(gql, RecentLoader).load_one(self.partner_id).await?.unwrap_or_default();
        let days = rules::CHANGE_DAYS;
        let totals = rules::earlier(&Policy::SHIPPED, &self.totals, &since, self.score.as_of, days);
        Ok(rules::score(&Policy::SHIPPED, &self.types, &totals, self.score.as_of.plus_days(-days)))
    }
}

/// How engaged a partner is, from 0 to 100, and why.
#[Object]
impl EngagementScore {
    /// The score, from 0 to 100, to hundredths: the sum of the components' contributions.
    async fn score(&self) -> f64 {
        hundredths(self.0.score.hundredths)
    }

    /// What the score means, in a word.
    async fn band(&self) -> EngagementBand {
        self.0.score.band
    }

    /// Whether the partner was approved less than 60 days ago: a low score says little yet.
    async fn is_new(&self) -> bool {
        self.0.is_new
    }

    /// The instant that the score is of: that of your query. Everything recorded before is in it.
    async fn as_of(&self) -> Timestamp {
        self.0.score.as_of
    }

    /// The version of the policy that the score was made under.
    async fn policy_version(&self) -> i32 {
        self.0.score.policy_version
    }

    /// The points gained (or lost, when negative) against 30 days before.
    #[graphql(name = "change30d")]
    async fn change_30d(&self, gql: &Context<'_>) -> AppResult<f64> {
        let earlier = self.0.earlier(gql).await?;
        Ok(hundredths(self.0.score.hundredths.saturating_sub(earlier.hundredths)))
    }

    /// The components, in the order of the policy. Their contributions add up to the score exactly.
    async fn components(&self) -> Vec<EngagementComponentScore> {
        let components = self.0.score.components.iter().enumerate();
        components
            .map(|(index, own)| EngagementComponentScore { scored: Arc::clone(&self.0), index, own: *own })
            .collect()
    }

    /// The latest activities of all kinds, also of those that count nothing; latest first.
    async fn recent_activities(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from 1 to 50.", default = 10)] first: i32,
    ) -> AppResult<Vec<Activity>> {
        Activity::latest_of(gql, self.0.partner_id, parse::size(first, "first", MOST_OF_PARTNER.into())?).await
    }

    /// What the partner can do next and what each would add to the score now; what adds most first.
    async fn next_best_actions(&self) -> Vec<NextBestAction> {
        let Scored { types, totals, score, .. } = &*self.0;
        let actions = rules::next_best(&Policy::SHIPPED, types, totals, score.as_of);
        let shown = |next: super::model::NextBest| NextBestAction {
            action: next.action,
            component: next.component,
            gain: hundredths(next.gain),
        };
        actions.into_iter().map(shown).collect()
    }
}

/// A component of a score.
pub struct EngagementComponentScore {
    scored: Arc<Scored>,
    index: usize,
    own: ComponentScore,
}

/// One component of a score, and how it comes about.
#[Object]
impl EngagementComponentScore {
    /// The component.
    async fn component(&self) -> EngagementComponent {
        self.own.policy.component
    }

    /// The points of all its activities, without decay.
    async fn raw(&self) -> f64 {
        points(self.own.raw_micros)
    }

    /// The points of all its activities, each halved with every half-life that has passed since.
    async fn decayed(&self) -> f64 {
        self.own.decayed
    }

    /// From 0 for nothing through 50 at the target towards 100: `100 · (1 − 2^(−decayed ÷ target))`.
    async fn sub_score(&self) -> f64 {
        self.own.sub_score
    }

    /// Its share of the score for this partner's types; the shares of all components add to 1.
    async fn weight(&self) -> f64 {
        self.own.weight
    }

    /// The points that it contributes to the score, to hundredths.
    async fn contribution(&self) -> f64 {
        hundredths(self.own.contribution)
    }

    /// How many decayed points make a sub-score of 50.
    async fn target(&self) -> i32 {
        self.own.policy.target
    }

    /// After how many days an activity counts half.
    async fn half_life_days(&self) -> i32 {
        self.own.policy.half_life_days
    }

    /// The points of contribution gained (or lost, when negative) against 30 days before.
    #[graphql(name = "change30d")]
    async fn change_30d(&self, gql: &Context<'_>) -> AppResult<f64> {
        let earlier = self.scored.earlier(gql).await?;
        let before = earlier.components.get(self.index).map_or(0, |before| before.contribution);
        Ok(hundredths(self.own.contribution.saturating_sub(before)))
    }

    /// Its latest activities, latest first.
    async fn events(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "How many, from 1 to 20.", default = 10)] first: i32,
    ) -> AppResult<Vec<Activity>> {
        let most = parse::size(first, "first", MOST_OF_COMPONENT.into())?;
        Activity::latest_of_component(gql, self.scored.partner_id, self.own.policy.component, most).await
    }
}

/// Something that the partner can do next.
#[derive(SimpleObject)]
pub struct NextBestAction {
    /// What to do.
    action: NextAction,
    /// The component of the score that it counts for.
    component: EngagementComponent,
    /// The points that it would add to the score now.
    gain: f64,
}

fn hundredths(count: i64) -> f64 {
    i32::try_from(count).map_or(0.0, f64::from) / 100.0
}

/// Loads what the activity of partners adds up to.
pub struct TotalsLoader(Call);

impl Loader<PartnerId> for TotalsLoader {
    type Value = Totals;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Totals>> {
        service::totals_of(&self.0, partners).await
    }
}

/// Loads what counted for partners lately: somewhat more than a change is measured over, the rule takes what it needs.
pub struct RecentLoader(Call);

impl Loader<PartnerId> for RecentLoader {
    type Value = Vec<Counted>;
    type Error = AppError;

    async fn load(&self, partners: &[PartnerId]) -> AppResult<HashMap<PartnerId, Vec<Counted>>> {
        let since = self.0.now().plus_days(-(rules::CHANGE_DAYS + 1));
        let mut grouped: HashMap<PartnerId, Vec<Counted>> = HashMap::new();
        for counted in activity::counted_since(&self.0, partners, since).await? {
            grouped.entry(counted.partner_id).or_default().push(counted);
        }
        Ok(grouped)
    }
}
