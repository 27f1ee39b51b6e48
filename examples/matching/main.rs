//! How well and how fast accounts are matched: `scripts/bench-matching`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a program for a terminal that measures time"
)]

mod load;
mod names;
mod quality;
mod speed;

use std::process::ExitCode;

use clap::Parser;

/// Measures the matcher of accounts.
#[derive(Parser)]
enum Command {
    /// How well it works, on lists of real names
    Quality(quality::Quality),
    /// How fast it works, in a large index of invented ones
    Speed(speed::Speed),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Quality(arguments) => quality::run(arguments),
        Command::Speed(arguments) => speed::run(arguments),
    }
}
