//! Which registration evidence is of.

use entity::{
    deal_evidence, deal_registration,
    value::{EvidenceId, RegistrationId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::platform::{auth::Scope, error::AppResult};

/// The registration that an item of evidence is of, if it exists for the caller.
pub async fn of_evidence(db: &impl ConnectionTrait, scope: Scope, id: EvidenceId) -> AppResult<Option<RegistrationId>> {
    let item = deal_evidence::Entity::find_by_id(id).select_only().column(deal_evidence::Column::RegistrationId);
    let found = deal_registration::Entity::find()
        .filter(deal_registration::Column::Id.in_subquery(item.into_query()))
        .filter(scope.rows_of(deal_registration::Column::PartnerId))
        .one(db)
        .await?;
    Ok(found.map(|row| row.id))
}
