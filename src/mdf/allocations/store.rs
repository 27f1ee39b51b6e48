//! SQL of allocations.

use entity::{
    mdf_allocation,
    value::{MdfAllocationId, PartnerId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::model::Allocation;
use crate::{
    kernel::code::Code,
    platform::{
        auth::Scope,
        db::Unique,
        error::{AppError, AppResult},
    },
};

/// A partner gets one allocation of a program.
const ONE_ALLOCATION: Unique = Unique {
    name: "one_allocation_per_program_and_partner",
    columns: "mdf_allocations.program_id, mdf_allocations.partner_id",
};

impl From<mdf_allocation::Model> for Allocation {
    fn from(row: mdf_allocation::Model) -> Self {
        let mdf_allocation::Model {
            id,
            program_id,
            partner_id,
            currency,
            potential,
            lambda_bp,
            factor_bp,
            amount,
            allocated_by,
            allocated_at,
        } = row;
        Self {
            id,
            program_id,
            partner_id,
            currency,
            potential,
            lambda_bp,
            factor_bp,
            amount,
            allocated_by,
            allocated_at,
        }
    }
}

/// Inserts an allocation.
pub async fn insert(db: &impl ConnectionTrait, new: &Allocation) -> AppResult<()> {
    let row = mdf_allocation::ActiveModel {
        id: Set(new.id),
        program_id: Set(new.program_id),
        partner_id: Set(new.partner_id),
        currency: Set(new.currency),
        potential: Set(new.potential),
        lambda_bp: Set(new.lambda_bp),
        factor_bp: Set(new.factor_bp),
        amount: Set(new.amount),
        allocated_by: Set(new.allocated_by),
        allocated_at: Set(new.allocated_at),
    };
    let inserted = mdf_allocation::Entity::insert(row).exec_without_returning(db).await.map_err(AppError::from);
    inserted.map(drop).map_err(|error| {
        error.on_violation(&ONE_ALLOCATION, || {
            AppError::invalid(
                "partnerId",
                Code::MdfAlreadyAllocated,
                "This partner has its allocation of this program already.",
            )
        })
    })
}

/// The allocations of a partner. No scope: the partner was found before.
pub async fn find_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<Allocation>> {
    let rows = mdf_allocation::Entity::find()
        .filter(mdf_allocation::Column::PartnerId.eq(partner_id))
        .order_by_asc(mdf_allocation::Column::ProgramId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Allocation::from).collect())
}

/// The allocations of these ids that exist for the caller.
pub async fn find_many(db: &impl ConnectionTrait, scope: Scope, ids: &[MdfAllocationId]) -> AppResult<Vec<Allocation>> {
    let rows = mdf_allocation::Entity::find()
        .filter(mdf_allocation::Column::Id.is_in(ids.iter().copied()))
        .filter(scope.rows_of(mdf_allocation::Column::PartnerId))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(Allocation::from).collect())
}
