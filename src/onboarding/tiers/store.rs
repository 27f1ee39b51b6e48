//! SQL of reviews.

use entity::{
    partner, tier_review,
    value::{PartnerId, PartnerState, TierReviewId, TierReviewState, Timestamp},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Statement,
    sea_query::{Expr, ExprTrait},
};

use super::model::{Review, ReviewFilter};
use crate::platform::{
    auth::Scope,
    db::{Unique, dialect},
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

/// A partner is reviewed once a month, however many servers do it.
pub const ONE_A_MONTH: Unique =
    Unique { name: "one_review_per_partner_and_month", columns: "tier_reviews.partner_id, tier_reviews.month" };

impl TryFrom<tier_review::Model> for Review {
    type Error = AppError;

    fn try_from(row: tier_review::Model) -> AppResult<Self> {
        let tier_review::Model {
            id,
            partner_id,
            month,
            as_on,
            reviewed_at,
            tier,
            earned_tier,
            proposed_tier,
            state,
            policy_version,
            figures,
            decided_by,
            decided_at,
            reason,
            version,
        } = row;
        Ok(Self {
            id,
            partner_id,
            month,
            as_on,
            reviewed_at,
            tier,
            earned_tier,
            proposed_tier,
            state,
            policy_version,
            figures: serde_json::from_str(&figures)?,
            decided_by,
            decided_at,
            reason,
            version,
        })
    }
}

/// The reviews that exist for the caller: a partner sees those by which its level changed.
fn visible(scope: Scope) -> Select<tier_review::Entity> {
    let select = tier_review::Entity::find().filter(scope.rows_of(tier_review::Column::PartnerId));
    match scope {
        Scope::Everything => select,
        Scope::Partner(_) | Scope::Nothing => select.filter(tier_review::Column::State.eq(TierReviewState::Confirmed)),
    }
}

/// The reviews of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[TierReviewId]) -> AppResult<Vec<Review>> {
    let rows = visible(scope).filter(tier_review::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    rows.into_iter().map(Review::try_from).collect()
}

/// A review that exists for the caller, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, scope: Scope, id: TierReviewId) -> AppResult<Option<Review>> {
    let found = visible(scope).filter(tier_review::Column::Id.eq(id));
    dialect::for_update(db, found).one(db).await?.map(Review::try_from).transpose()
}

/// The reviews of a partner, the latest month first.
pub async fn latest_of_one(db: &impl ConnectionTrait, partner_id: PartnerId, most: u64) -> AppResult<Vec<Review>> {
    let rows = tier_review::Entity::find()
        .filter(tier_review::Column::PartnerId.eq(partner_id))
        .order_by_desc(tier_review::Column::Month)
        .limit(most)
        .all(db)
        .await?;
    rows.into_iter().map(Review::try_from).collect()
}

/// The review of a partner of a month.
pub async fn find_of_month(db: &impl ConnectionTrait, partner_id: PartnerId, month: &str) -> AppResult<Option<Review>> {
    let row = tier_review::Entity::find()
        .filter(tier_review::Column::PartnerId.eq(partner_id))
        .filter(tier_review::Column::Month.eq(month))
        .one(db)
        .await?;
    row.map(Review::try_from).transpose()
}

/// The latest reviews of each of these partners that exist for the caller, in one statement, the latest first.
pub async fn latest_of(
    db: &impl ConnectionTrait,
    scope: Scope,
    partners: &[PartnerId],
    most: i64,
) -> AppResult<Vec<Review>> {
    let shown = if scope.is_everything() { "" } else { "and state = 'CONFIRMED'" };
    let sql = format!(
        "select * from (select r.*, row_number() over (partition by partner_id order by month desc) as place \
         from tier_reviews r where partner_id in ({}) {shown}) ranked where place <= $1 order by month desc, id desc",
        dialect::placeholders(2, partners.len())
    );
    let values = std::iter::once(most.into()).chain(partners.iter().map(|id| (*id).into()));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let rows = tier_review::Entity::find().from_raw_sql(statement).all(db).await?;
    rows.into_iter().map(Review::try_from).collect()
}

/// A page of the reviews that exist for the caller.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: Scope,
    filter: &ReviewFilter,
    page: &Page,
) -> AppResult<Rows<Review>> {
    let mut select = visible(scope);
    if let Some(partner_id) = filter.partner_id {
        select = select.filter(tier_review::Column::PartnerId.eq(partner_id));
    }
    if let Some(month) = &filter.month {
        select = select.filter(tier_review::Column::Month.eq(month.as_str()));
    }
    if !filter.states.is_empty() {
        select = select.filter(tier_review::Column::State.is_in(filter.states.iter().copied()));
    }
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, tier_review::Column::Id).all(db).await?;
    let reviews = rows.into_iter().map(Review::try_from).collect::<AppResult<Vec<_>>>()?;
    Ok(page.finish(reviews, total))
}

/// The active partners that were active before an instant and have no review of a month, in the order of their ids,
/// from behind one of them.
pub async fn due(
    db: &impl ConnectionTrait,
    month: &str,
    active_before: Timestamp,
    after: Option<PartnerId>,
    most: u64,
) -> AppResult<Vec<PartnerId>> {
    let done = tier_review::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(
            Expr::col((tier_review::Entity, tier_review::Column::PartnerId))
                .equals((partner::Entity, partner::Column::Id)),
        )
        .filter(tier_review::Column::Month.eq(month))
        .into_query();
    let mut select = partner::Entity::find()
        .select_only()
        .column(partner::Column::Id)
        .filter(partner::Column::State.eq(PartnerState::Active))
        .filter(partner::Column::ActivatedAt.lt(active_before))
        .filter(Condition::all().not().add(Expr::exists(done)))
        .order_by_asc(partner::Column::Id)
        .limit(most);
    if let Some(after) = after {
        select = select.filter(partner::Column::Id.gt(after));
    }
    Ok(select.into_tuple().all(db).await?)
}

/// Inserts a review.
pub async fn insert(db: &impl ConnectionTrait, review: &Review) -> AppResult<()> {
    let row = tier_review::ActiveModel {
        id: Set(review.id),
        partner_id: Set(review.partner_id),
        month: Set(review.month.clone()),
        as_on: Set(review.as_on),
        reviewed_at: Set(review.reviewed_at),
        tier: Set(review.tier),
        earned_tier: Set(review.earned_tier),
        proposed_tier: Set(review.proposed_tier),
        state: Set(review.state),
        policy_version: Set(review.policy_version),
        figures: Set(serde_json::to_string(&review.figures)?),
        decided_by: Set(review.decided_by),
        decided_at: Set(review.decided_at),
        reason: Set(review.reason.clone()),
        version: Set(review.version),
    };
    let inserted = tier_review::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    // Whoever was first has done it: the next attempt finds that.
    inserted
        .map(drop)
        .map_err(|error| error.on_violation(&ONE_A_MONTH, || AppError::overtaken("the month was reviewed")))
}

/// Records what became of a review's proposal.
pub async fn update(db: &impl ConnectionTrait, before: &Review, after: &Review) -> AppResult<()> {
    let updated = tier_review::Entity::update_many()
        .col_expr(tier_review::Column::State, Expr::value(after.state))
        .col_expr(tier_review::Column::DecidedBy, Expr::value(after.decided_by))
        .col_expr(tier_review::Column::DecidedAt, Expr::value(after.decided_at))
        .col_expr(tier_review::Column::Reason, Expr::value(after.reason.clone()))
        .col_expr(tier_review::Column::Version, Expr::value(after.version))
        .filter(tier_review::Column::Id.eq(before.id))
        .filter(tier_review::Column::Version.eq(before.version))
        .filter(tier_review::Column::State.eq(TierReviewState::Proposed))
        .exec(db)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(AppError::version_conflict(after.version)) }
}
