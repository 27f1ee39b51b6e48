//! Where the data is.

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Problems, given, number, processors};
use crate::platform::{
    db::{Db, connect},
    error::AppResult,
};

/// Where the data is, as written.
#[derive(Args, Clone, Default)]
pub struct DatabaseArgs {
    /// The database: `sqlite:PATH` (one process only) or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(long, env = "PARTNER_PORTAL_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The most connections to it [default: four for each processor, at least 10]
    #[arg(long, env = "PARTNER_PORTAL_DATABASE_CONNECTIONS", hide_env_values = true)]
    database_connections: Option<String>,
}

/// Where the data is.
#[derive(Clone, Debug)]
pub struct Database {
    url: SecretString,
    connections: u32,
}

impl DatabaseArgs {
    /// The same, on another database.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self { database_url: Some(url.to_owned()), database_connections: None }
    }

    /// Reads it.
    pub fn read(&self, problems: &mut Problems) -> Option<Database> {
        let connections = number(self.database_connections.as_ref(), processors().saturating_mul(4).max(10), 1_000);
        let connections = problems.take("PARTNER_PORTAL_DATABASE_CONNECTIONS", connections);
        let url = match given(self.database_url.as_ref()) {
            None => Err("say where the data is: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME".to_owned()),
            Some(url) if url.starts_with("sqlite:") && url.len() > "sqlite:".len() => Ok(url.into()),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                // The text may hold a password: it is not repeated.
                url::Url::parse(url).map(|_| url.into()).map_err(|_| "the postgres:// address is malformed".to_owned())
            }
            Some(_) => Err("the address begins with sqlite: or postgres://".to_owned()),
        };
        let url = problems.take("PARTNER_PORTAL_DATABASE_URL", url);
        Some(Database { url: url?, connections: u32::try_from(connections?).ok()? })
    }
}

impl Database {
    /// Whether several servers may work on it at once. An embedded one is one process's.
    #[must_use]
    pub fn has_several_servers(&self) -> bool {
        !self.url.expose_secret().starts_with("sqlite:")
    }

    /// Opens it: lazily, it may be away at the moment.
    ///
    /// # Errors
    /// When the address means nothing to the driver.
    pub async fn open(&self) -> AppResult<Db> {
        Ok(connect::open(self.url.expose_secret(), self.connections).await?)
    }

    /// Opens it for an import: see [`connect::open_for_import`].
    ///
    /// # Errors
    /// When the address means nothing to the driver.
    pub async fn open_for_import(&self) -> AppResult<Db> {
        Ok(connect::open_for_import(self.url.expose_secret()).await?)
    }

    /// Opens it for migrations: see [`connect::open_for_migrations`].
    ///
    /// # Errors
    /// When the address means nothing to the driver.
    pub async fn open_for_migrations(&self) -> AppResult<Db> {
        Ok(connect::open_for_migrations(self.url.expose_secret()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_known_databases_are_taken_and_none_is_printed() {
        for (url, taken) in [
            ("sqlite:portal.sqlite3", true),
            ("postgres://portal:hunter2@db/portal", true),
            ("postgresql://db/portal", true),
            ("sqlite:", false),
            ("mysql://portal:hunter2@db/portal", false),
            ("postgres://portal:hunter2@[/portal", false),
            ("", false),
        ] {
            let mut problems = Problems::default();
            let read = DatabaseArgs::at(url).read(&mut problems);
            assert!(!format!("{read:?} {problems:?}").contains("hunter2"), "{url}");
            assert_eq!(problems.finish(read).is_ok(), taken, "{url}");
        }
    }
}
