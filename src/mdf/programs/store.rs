//! SQL of programs.

use entity::{mdf_program, value::MdfProgramId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::model::{NewProgram, Program};
use crate::platform::{
    call::Call,
    db::dialect,
    error::{AppError, AppResult},
    graphql::page::{Page, Rows},
};

impl TryFrom<mdf_program::Model> for Program {
    type Error = AppError;

    fn try_from(row: mdf_program::Model) -> AppResult<Self> {
        let mdf_program::Model {
            id,
            name,
            starts_on,
            ends_on,
            currency,
            budget,
            activities,
            execution_bp,
            claim_window_days,
            measurement_window_days,
            created_by,
            created_at,
            version,
        } = row;
        Ok(Self {
            id,
            name,
            starts_on,
            ends_on,
            currency,
            budget,
            activities: serde_json::from_str(&activities)?,
            execution_bp,
            claim_window_days,
            measurement_window_days,
            created_by,
            created_at,
            version,
        })
    }
}

/// Inserts a program.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: NewProgram) -> AppResult<Program> {
    let row = mdf_program::ActiveModel {
        id: Set(call.new_id()),
        name: Set(new.name),
        starts_on: Set(new.starts_on),
        ends_on: Set(new.ends_on),
        currency: Set(new.currency),
        budget: Set(new.budget),
        activities: Set(serde_json::to_string(&new.activities)?),
        execution_bp: Set(new.execution_bp),
        claim_window_days: Set(new.claim_window_days),
        measurement_window_days: Set(new.measurement_window_days),
        created_by: Set(call.user_id()),
        created_at: Set(call.now()),
        version: Set(1),
    };
    mdf_program::Entity::insert(row).exec_with_returning(db).await?.try_into()
}

/// A program, held until the transaction ends.
pub async fn find_for_update(db: &impl ConnectionTrait, id: MdfProgramId) -> AppResult<Option<Program>> {
    let found = mdf_program::Entity::find_by_id(id);
    dialect::for_update(db, found).one(db).await?.map(Program::try_from).transpose()
}

/// The programs of these ids.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[MdfProgramId]) -> AppResult<Vec<Program>> {
    let rows = mdf_program::Entity::find().filter(mdf_program::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    rows.into_iter().map(Program::try_from).collect()
}

/// A page of the programs.
pub async fn list(db: &impl ConnectionTrait, page: &Page) -> AppResult<Rows<Program>> {
    let select = mdf_program::Entity::find();
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, None, mdf_program::Column::Id).all(db).await?;
    let programs = rows.into_iter().map(Program::try_from).collect::<AppResult<Vec<_>>>()?;
    Ok(page.finish(programs, total))
}
