//! SQL of product lines.

use entity::{product_line, value::ProductLineId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::model::{NewProductLine, ProductLine};
use crate::{
    kernel::code::Code,
    platform::{
        call::Call,
        db::Unique,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Each code belongs to one product line.
const ONE_PRODUCT_LINE_PER_CODE: Unique =
    Unique { name: "a_code_belongs_to_one_product_line", columns: "product_lines.code" };

impl From<product_line::Model> for ProductLine {
    fn from(row: product_line::Model) -> Self {
        let product_line::Model { id, code, name, created_at } = row;
        Self { id, code, name, created_at }
    }
}

/// The product lines of these ids.
pub async fn find_many(db: &impl ConnectionTrait, ids: &[ProductLineId]) -> AppResult<Vec<ProductLine>> {
    let found = product_line::Entity::find().filter(product_line::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(db).await?.into_iter().map(ProductLine::from).collect())
}

/// The product line of a code.
pub async fn find_by_code(db: &impl ConnectionTrait, code: &str) -> AppResult<Option<ProductLine>> {
    let found = product_line::Entity::find().filter(product_line::Column::Code.eq(code));
    Ok(found.one(db).await?.map(ProductLine::from))
}

/// A page of the product lines, by code.
pub async fn list(db: &impl ConnectionTrait, page: &Page) -> AppResult<Rows<ProductLine>> {
    let select = product_line::Entity::find();
    let total = if page.counted { Some(select.clone().count(db).await?) } else { None };
    let rows = page.select(select, Some(product_line::Column::Code), product_line::Column::Id).all(db).await?;
    Ok(page.finish(rows.into_iter().map(ProductLine::from).collect(), total))
}

/// Inserts a product line.
pub async fn insert(db: &impl ConnectionTrait, call: &Call, new: NewProductLine) -> AppResult<ProductLine> {
    let row = product_line::ActiveModel {
        id: Set(call.new_id()),
        code: Set(new.code),
        name: Set(new.name),
        created_at: Set(call.now()),
    };
    let inserted = product_line::Entity::insert(row).exec_with_returning(db).await.map_err(AppError::from);
    inserted.map(ProductLine::from).map_err(|error| {
        error.on_violation(&ONE_PRODUCT_LINE_PER_CODE, || {
            AppError::invalid("code", Code::CodeTaken, "A product line with this code exists already.")
        })
    })
}
