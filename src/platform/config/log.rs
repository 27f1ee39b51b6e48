//! What the log tells, and in which form.

use clap::Args;
use tracing_subscriber::EnvFilter;

use super::{Problems, given};
use crate::platform::telemetry::{self, LogFormat};

/// The log, as written.
#[derive(Args, Clone, Default)]
pub struct LogArgs {
    /// The form of the log on standard error: `json` or `text` [default: json]
    #[arg(long, env = "PARTNER_PORTAL_LOG_FORMAT", hide_env_values = true)]
    log_format: Option<String>,
    /// What is logged: `error`, `warn`, `info`, `debug`, or one level for each module [default: info]
    #[arg(long, env = "PARTNER_PORTAL_LOG", hide_env_values = true)]
    log: Option<String>,
}

/// The log.
#[derive(Debug)]
pub struct Log {
    format: LogFormat,
    filter: EnvFilter,
}

impl LogArgs {
    /// Reads it.
    pub fn read(&self, problems: &mut Problems) -> Option<Log> {
        let format = match given(self.log_format.as_ref()) {
            None | Some("json") => Ok(LogFormat::Json),
            Some("text") => Ok(LogFormat::Text),
            Some(other) => Err(format!("{other:?} is neither json nor text")),
        };
        let format = problems.take("PARTNER_PORTAL_LOG_FORMAT", format);
        let filter = given(self.log.as_ref()).unwrap_or("info");
        let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string());
        let filter = problems.take("PARTNER_PORTAL_LOG", filter);
        Some(Log { format: format?, filter: filter? })
    }
}

impl Log {
    /// Begins to write it.
    ///
    /// # Errors
    /// A sentence when somebody writes one already.
    pub fn begin(self) -> Result<(), String> {
        telemetry::init(self.format, self.filter)?;
        telemetry::log_panics();
        Ok(())
    }
}
