//! A figure that is computed from rows: its value, and how many rows stand behind it.

use serde::{Deserialize, Serialize};

/// A figure with the rows behind it, so that nothing counted is told apart from nothing there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// The sum or the count.
    pub value: i64,
    /// How many rows it is made of.
    pub rows: i64,
    /// How many rows were looked at: with none there is no data, and the value says nothing.
    pub considered: i64,
    /// How many rows would count if they were in the figure's currency.
    pub left_out: i64,
}

impl Figure {
    /// Whether there was anything to look at.
    #[must_use]
    pub const fn has_data(&self) -> bool {
        self.considered > 0
    }
}
