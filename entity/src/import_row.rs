//! What became of a row that was imported from another system.

use sea_orm::entity::prelude::*;

use crate::value::{ImportOutcome, ImportStep, Timestamp};

/// A row of `import_rows`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    pub row_hash: Vec<u8>,
    pub outcome: ImportOutcome,
    pub step: Option<ImportStep>,
    pub code: Option<String>,
    pub sentence: Option<String>,
    pub object_id: Option<String>,
    pub imported_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
