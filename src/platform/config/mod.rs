//! Configuration: flags, else environment variables that begin with `PARTNER_PORTAL_`. One struct a concern, as
//! written and as read. All problems are reported together, and secrets are never printed.

mod database;
mod files;
mod http;
mod limits;
mod log;
mod mail;
mod passwords;
mod sign_on;
mod signing;

use std::{collections::BTreeSet, env};

pub use database::{Database, DatabaseArgs};
pub use files::{FilesArgs, FilesConfig};
pub use http::{Http, HttpArgs};
pub use limits::{LimitArgs, LimitConfig};
pub use log::{Log, LogArgs};
pub use mail::{Mail, MailArgs};
pub use passwords::PasswordArgs;
pub use sign_on::{SignOnArgs, SignOnConfig};
pub use signing::{Signing, SigningArgs, read_again};

/// What every variable of ours begins with.
pub const PREFIX: &str = "PARTNER_PORTAL_";

/// Variables without a flag, because a flag's value can be read by everybody on the machine.
pub const WITHOUT_FLAG: &[&str] =
    &[signing::KEY, mail::PASSWORD, files::SECRET_KEY, sign_on::CLIENT_SECRET, ADMIN_PASSWORD];

/// The password of the first administrator, for `create-admin` without a terminal.
pub const ADMIN_PASSWORD: &str = "PARTNER_PORTAL_ADMIN_PASSWORD";

/// Everything that is wrong with the configuration.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Notes a problem with a setting.
    pub fn add(&mut self, setting: &str, problem: impl AsRef<str>) {
        self.0.push(format!("{setting}: {}", problem.as_ref()));
    }

    /// The value, or a noted problem.
    pub fn take<T>(&mut self, setting: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|problem| self.add(setting, problem)).ok()
    }

    /// Notes every variable with our prefix that is none of `known`: a misspelt setting is no setting.
    pub fn refuse_unknown(&mut self, known: &BTreeSet<String>) {
        self.refuse_unknown_of(known, env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()));
    }

    fn refuse_unknown_of(&mut self, known: &BTreeSet<String>, names: impl Iterator<Item = String>) {
        let unknown: BTreeSet<String> = names
            .filter(|name| name.starts_with(PREFIX) && !known.contains(name) && !WITHOUT_FLAG.contains(&name.as_str()))
            .collect();
        for name in unknown {
            self.add(&name, "there is no such setting; `partner-portal serve --help` lists them");
        }
    }

    /// The value, if nothing is wrong.
    ///
    /// # Errors
    /// Every problem that was noted.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<String>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }
}

/// A variable without a flag.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    env::vars_os().find(|(key, _)| key == name).and_then(|(_, value)| value.into_string().ok())
}

/// What was written, if anything was: an empty variable is as good as none.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn number(text: Option<&String>, default: usize, most: usize) -> Result<usize, String> {
    let Some(text) = given(text) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("{text:?} is no number from 1 to {most}"))
}

fn yes_or_no(text: Option<&String>) -> Result<bool, String> {
    match given(text) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(format!("{other:?} is neither true nor false")),
    }
}

fn list(text: Option<&String>) -> impl Iterator<Item = &str> {
    given(text).unwrap_or("").split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// How many processors there are.
#[must_use]
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_named_and_others_are_left_alone() {
        let known = BTreeSet::from(["PARTNER_PORTAL_LISTEN".to_owned()]);
        let mut problems = Problems::default();
        let names = ["PARTNER_PORTAL_LISTEN", "PARTNER_PORTAL_LISTNE", "PATH", "PARTNER_PORTAL_SIGNING_KEY"];
        problems.refuse_unknown_of(&known, names.iter().map(|name| (*name).to_owned()));
        let found = problems.finish(Some(())).unwrap_err();
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("PARTNER_PORTAL_LISTNE: "));
    }

    #[test]
    fn numbers_and_answers_are_read() {
        assert_eq!(number(None, 3, 9), Ok(3));
        assert_eq!(number(Some(&" ".to_owned()), 3, 9), Ok(3));
        assert!(["0", "10", "-1", "x"].iter().all(|text| number(Some(&(*text).to_owned()), 3, 9).is_err()));
        assert!(yes_or_no(Some(&"yes".to_owned())).is_err());
    }
}
