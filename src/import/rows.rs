//! What became of each row: kept, so that a second run skips what is done and says the same about what was refused.

use std::collections::HashMap;

use entity::{
    import_row,
    value::{ImportOutcome, ImportStep, Timestamp},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use sha2::{Digest as _, Sha256};

use crate::platform::error::AppResult;

/// How many rows are written by one statement.
const AT_ONCE: usize = 200;

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The kind of row.
    pub kind: &'static str,
    /// Under which id the other system knows it.
    pub external_id: String,
    /// SHA-256 over its cells.
    pub hash: Vec<u8>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a row, apart from which row it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Whether it is in the portal.
    pub outcome: ImportOutcome,
    /// How far it was replayed.
    pub step: Option<ImportStep>,
    /// The code of the rule that refused it, or a later step of it.
    pub code: Option<String>,
    /// The same in words.
    pub sentence: Option<String>,
    /// The global id of what it became.
    pub object_id: Option<String>,
}

/// The rows of a source that were imported before, by kind and external id, with their hashes.
pub type Known = HashMap<(String, String), (Vec<u8>, Fate)>;

/// Everything that is known of a source.
pub async fn find_all(db: &impl ConnectionTrait, source: &str) -> AppResult<Known> {
    let rows = import_row::Entity::find().filter(import_row::Column::Source.eq(source)).all(db).await?;
    let known = |row: import_row::Model| {
        let import_row::Model { kind, external_id, row_hash, outcome, step, code, sentence, object_id, .. } = row;
        ((kind, external_id), (row_hash, Fate { outcome, step, code, sentence, object_id }))
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Keeps what became of rows, in the place of what was known of them before.
pub async fn save(db: &impl ConnectionTrait, source: &str, at: Timestamp, rows: &[Kept]) -> AppResult<()> {
    use import_row::Column;
    for rows in rows.chunks(AT_ONCE) {
        let rows = rows.iter().map(|row| import_row::ActiveModel {
            source: Set(source.to_owned()),
            kind: Set(row.kind.to_owned()),
            external_id: Set(row.external_id.clone()),
            row_hash: Set(row.hash.clone()),
            outcome: Set(row.fate.outcome),
            step: Set(row.fate.step),
            code: Set(row.fate.code.clone()),
            sentence: Set(row.fate.sentence.clone()),
            object_id: Set(row.fate.object_id.clone()),
            imported_at: Set(at),
        });
        let newer = OnConflict::columns([Column::Source, Column::Kind, Column::ExternalId])
            .update_columns([
                Column::RowHash,
                Column::Outcome,
                Column::Step,
                Column::Code,
                Column::Sentence,
                Column::ObjectId,
                Column::ImportedAt,
            ])
            .to_owned();
        import_row::Entity::insert_many(rows).on_conflict(newer).exec_without_returning(db).await?;
    }
    Ok(())
}

/// SHA-256 over the cells of a row; `["ab", "c"]` and `["a", "bc"]` differ.
pub fn hash<'a>(cells: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut hash = Sha256::new();
    for cell in cells {
        hash.update(cell.len().to_be_bytes());
        hash.update(cell);
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_cell_ends_counts() {
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
        assert_eq!(hash(["ab", "c"]), hash(["ab", "c"]));
    }
}
