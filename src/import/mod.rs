//! Bringing in what other systems know. Each import reads files, replays them through the services that the API uses,
//! and keeps what became of each row, so that a second run changes nothing.

pub mod crm;
mod rows;
