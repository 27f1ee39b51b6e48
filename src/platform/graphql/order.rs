//! The direction of a list.

use async_graphql::Enum;

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// From small to large, from old to new, from A to Z.
    Asc,
    /// From large to small, from new to old, from Z to A.
    #[default]
    Desc,
}

impl OrderDirection {
    /// Whether the list runs from large to small.
    #[must_use]
    pub fn is_descending(self) -> bool {
        self == Self::Desc
    }
}
