//! What operators see of the process: its log, and how long things take.

use std::{
    panic,
    time::{Duration, Instant},
};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// In which form the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// One line of text, for people.
    Text,
}

/// Begins to write the log to standard error: standard output belongs to what commands print.
///
/// # Errors
/// A sentence when somebody writes one already.
pub fn init(format: LogFormat, filter: EnvFilter) -> Result<(), String> {
    let registry = tracing_subscriber::registry().with(filter);
    let begun = match format {
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_current_span(false).with_writer(std::io::stderr))
            .try_init(),
        LogFormat::Text => registry.with(fmt::layer().with_ansi(false).with_writer(std::io::stderr)).try_init(),
    };
    begun.map_err(|error| error.to_string())
}

/// Writes where a panic happened into the log, and not its text, which may hold anything.
pub fn log_panics() {
    panic::set_hook(Box::new(|panicked| {
        let place = panicked.location().map(ToString::to_string);
        tracing::error!(location = place.as_deref(), "the program panicked here");
    }));
}

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to measure.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "telemetry measures")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// In seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.elapsed().as_secs_f64()
    }

    /// In milliseconds, rounded to a hundredth.
    #[must_use]
    pub fn milliseconds(&self) -> f64 {
        (self.seconds() * 100_000.0).round() / 100.0
    }
}
