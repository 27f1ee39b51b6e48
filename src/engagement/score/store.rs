//! SQL of the totals.

use std::collections::HashMap;

use entity::{
    engagement_total,
    value::{EngagementComponent, PartnerId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use super::model::{Total, Totals};
use crate::platform::{auth::Scope, error::AppResult};

impl From<engagement_total::Model> for Total {
    fn from(row: engagement_total::Model) -> Self {
        let engagement_total::Model { partner_id: _, component: _, raw_micros, decayed, as_of } = row;
        Self { raw_micros, decayed, as_of }
    }
}

/// What a component of a partner adds up to.
pub async fn find(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    component: EngagementComponent,
) -> AppResult<Option<Total>> {
    let row = engagement_total::Entity::find_by_id((partner_id, component)).one(db).await?;
    Ok(row.map(Total::from))
}

/// Keeps what a component of a partner adds up to.
pub async fn put(
    db: &impl ConnectionTrait,
    partner_id: PartnerId,
    component: EngagementComponent,
    total: Total,
) -> AppResult<()> {
    let Total { raw_micros, decayed, as_of } = total;
    let row = engagement_total::ActiveModel {
        partner_id: Set(partner_id),
        component: Set(component),
        raw_micros: Set(raw_micros),
        decayed: Set(decayed),
        as_of: Set(as_of),
    };
    let keys = [engagement_total::Column::PartnerId, engagement_total::Column::Component];
    let values =
        [engagement_total::Column::RawMicros, engagement_total::Column::Decayed, engagement_total::Column::AsOf];
    let replace = OnConflict::columns(keys).update_columns(values).to_owned();
    engagement_total::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// What the activity of these partners adds up to, as far as they exist for the caller.
pub async fn find_many(
    db: &impl ConnectionTrait,
    scope: Scope,
    partners: &[PartnerId],
) -> AppResult<HashMap<PartnerId, Totals>> {
    let rows = engagement_total::Entity::find()
        .filter(engagement_total::Column::PartnerId.is_in(partners.iter().copied()))
        .filter(scope.rows_of(engagement_total::Column::PartnerId))
        .all(db)
        .await?;
    let mut totals: HashMap<PartnerId, Totals> = HashMap::new();
    for row in rows {
        totals.entry(row.partner_id).or_default().insert(row.component, row.into());
    }
    Ok(totals)
}

/// The next partner with totals, in the order of ids.
pub async fn next_counted(db: &impl ConnectionTrait, after: Option<PartnerId>) -> AppResult<Option<PartnerId>> {
    let mut select = engagement_total::Entity::find().order_by_asc(engagement_total::Column::PartnerId);
    if let Some(after) = after {
        select = select.filter(engagement_total::Column::PartnerId.gt(after));
    }
    Ok(select.one(db).await?.map(|row| row.partner_id))
}
