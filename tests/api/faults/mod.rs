//! Faults that lose nothing: processes killed, databases away, disks full, clocks that jump (hazards, §3).

mod backup;
mod clock;
mod database;
mod disk;
mod killed;
pub mod process;
mod proxy;
