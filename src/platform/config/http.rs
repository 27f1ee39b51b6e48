//! Where the server listens, and how it behaves towards callers.

use std::net::SocketAddr;

use clap::Args;

use super::{LimitArgs, LimitConfig, Problems, given, list, number, processors, yes_or_no};
use crate::platform::http::{Settings, address::Network};

/// The server, as written.
#[derive(Args, Clone, Default)]
pub struct HttpArgs {
    /// Where the API is served [default: 127.0.0.1:8080]
    #[arg(long, env = "PARTNER_PORTAL_LISTEN", hide_env_values = true)]
    listen: Option<String>,
    /// Where `/metrics` is served, for operators only [default: nowhere]
    #[arg(long, env = "PARTNER_PORTAL_ADMIN_LISTEN", hide_env_values = true)]
    admin_listen: Option<String>,
    /// How many threads answer requests [default: one for each processor]
    #[arg(long, env = "PARTNER_PORTAL_WORKERS", hide_env_values = true)]
    workers: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or ranges, separated by commas [default: none]
    #[arg(long, env = "PARTNER_PORTAL_TRUSTED_PROXIES", hide_env_values = true)]
    trusted_proxies: Option<String>,
    /// Origins whose pages may call the API from a browser, separated by commas [default: none]
    #[arg(long, env = "PARTNER_PORTAL_CORS_ORIGINS", hide_env_values = true)]
    cors_origins: Option<String>,
    /// Whether questions about the schema are answered [default: false]
    #[arg(long, env = "PARTNER_PORTAL_INTROSPECTION", hide_env_values = true, num_args = 0..=1,
          default_missing_value = "true", require_equals = true)]
    introspection: Option<String>,
    /// Whether a browser that opens the endpoint gets a page to try queries on [default: false]
    #[arg(long, env = "PARTNER_PORTAL_GRAPHIQL", hide_env_values = true, num_args = 0..=1,
          default_missing_value = "true", require_equals = true)]
    graphiql: Option<String>,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The server.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where the API is served.
    pub listen: SocketAddr,
    /// Where numbers for operators are served.
    pub admin_listen: Option<SocketAddr>,
    /// How many threads answer requests.
    pub workers: usize,
    trusted_proxies: Vec<Network>,
    cors_origins: Vec<String>,
    introspection: bool,
    graphiql: bool,
    limits: LimitConfig,
}

impl HttpArgs {
    /// Reads it.
    pub fn read(&self, problems: &mut Problems) -> Option<Http> {
        let listen =
            problems.take("PARTNER_PORTAL_LISTEN", socket(given(self.listen.as_ref()).unwrap_or("127.0.0.1:8080")));
        let admin = given(self.admin_listen.as_ref()).map(socket).transpose();
        let admin = problems.take("PARTNER_PORTAL_ADMIN_LISTEN", admin);
        let workers = problems.take("PARTNER_PORTAL_WORKERS", number(self.workers.as_ref(), processors(), 256));
        let proxies = list(self.trusted_proxies.as_ref()).map(str::parse).collect();
        let proxies = problems.take("PARTNER_PORTAL_TRUSTED_PROXIES", proxies);
        let origins = list(self.cors_origins.as_ref()).map(origin).collect();
        let origins = problems.take("PARTNER_PORTAL_CORS_ORIGINS", origins);
        let introspection = problems.take("PARTNER_PORTAL_INTROSPECTION", yes_or_no(self.introspection.as_ref()));
        let graphiql = problems.take("PARTNER_PORTAL_GRAPHIQL", yes_or_no(self.graphiql.as_ref()));
        let limits = self.limits.read(problems);
        Some(Http {
            listen: listen?,
            admin_listen: admin?,
            workers: workers?,
            trusted_proxies: proxies?,
            cors_origins: origins?,
            introspection: introspection?,
            graphiql: graphiql?,
            limits: limits?,
        })
    }
}

impl Http {
    /// The origins whose pages may call the API from a browser.
    #[must_use]
    pub fn cors_origins(&self) -> &[String] {
        &self.cors_origins
    }

    /// The server's behaviour, otherwise as `settings`.
    #[must_use]
    pub fn settings(&self, settings: &Settings) -> Settings {
        Settings {
            introspection: self.introspection,
            graphiql: self.graphiql,
            cors_origins: self.cors_origins.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            ..self.limits.settings(settings)
        }
    }
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is no address with a port, such as 127.0.0.1:8080"))
}

fn origin(text: &str) -> Result<String, String> {
    let parsed = url::Url::parse(text).ok().map(|url| url.origin().ascii_serialization());
    match parsed {
        Some(origin) if origin == text => Ok(origin),
        _ => Err(format!("{text:?} is no origin such as https://portal.example.com")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_reported_at_once() {
        let args = HttpArgs {
            listen: Some("8080".to_owned()),
            workers: Some("0".to_owned()),
            trusted_proxies: Some("10.0.0.0/8,proxy".to_owned()),
            cors_origins: Some("*".to_owned()),
            introspection: Some("maybe".to_owned()),
            ..HttpArgs::default()
        };
        let mut problems = Problems::default();
        let read = args.read(&mut problems);
        assert_eq!(problems.finish(read).unwrap_err().len(), 5);
    }

    #[test]
    fn an_origin_is_nothing_more_and_nothing_less() {
        for (text, taken) in [
            ("https://portal.example.com", true),
            ("http://localhost:3000", true),
            ("https://portal.example.com/", false),
            ("null", false),
            ("*", false),
            ("portal.example.com", false),
        ] {
            assert_eq!(origin(text).is_ok(), taken, "{text}");
        }
    }
}
