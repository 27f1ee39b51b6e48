//! How much callers may ask for, and which operations at all.

use std::{path::Path, sync::Arc};

use clap::Args;

use super::{Problems, given, number, yes_or_no};
use crate::platform::http::{
    Settings,
    budget::{Allowance, Allowances},
    persisted::Listed,
};

const OPERATION: &str = "PARTNER_PORTAL_OPERATION_COST";
const MINUTE: &str = "PARTNER_PORTAL_COST_PER_MINUTE";
const CLIENT_OPERATION: &str = "PARTNER_PORTAL_CLIENT_OPERATION_COST";
const CLIENT_MINUTE: &str = "PARTNER_PORTAL_CLIENT_COST_PER_MINUTE";
const LISTED: &str = "PARTNER_PORTAL_PERSISTED_OPERATIONS";
const ONLY: &str = "PARTNER_PORTAL_PERSISTED_ONLY";

/// The limits, as written.
#[derive(Args, Clone, Default)]
pub struct LimitArgs {
    /// How many values the answer of one operation may have; docs/limits.md says how they are reckoned
    /// [default: 100000]
    #[arg(long, env = "PARTNER_PORTAL_OPERATION_COST", hide_env_values = true)]
    operation_cost: Option<String>,
    /// How many values each person may ask for in a minute; strangers a tenth, by address [default: 10000000]
    #[arg(long, env = "PARTNER_PORTAL_COST_PER_MINUTE", hide_env_values = true)]
    cost_per_minute: Option<String>,
    /// The same as --operation-cost for API clients [default: as for people]
    #[arg(long, env = "PARTNER_PORTAL_CLIENT_OPERATION_COST", hide_env_values = true)]
    client_operation_cost: Option<String>,
    /// The same as --cost-per-minute for each API client [default: as for people]
    #[arg(long, env = "PARTNER_PORTAL_CLIENT_COST_PER_MINUTE", hide_env_values = true)]
    client_cost_per_minute: Option<String>,
    /// Operations that callers may name by their hash: a manifest (of Apollo, Relay or a code generator) or a folder
    /// with manifests and .graphql files [default: none]
    #[arg(long, env = "PARTNER_PORTAL_PERSISTED_OPERATIONS", hide_env_values = true)]
    persisted_operations: Option<String>,
    /// Whether no other operations are executed [default: false]
    #[arg(long, env = "PARTNER_PORTAL_PERSISTED_ONLY", hide_env_values = true, num_args = 0..=1,
          default_missing_value = "true", require_equals = true)]
    persisted_only: Option<String>,
}

/// The limits.
#[derive(Clone, Debug)]
pub struct LimitConfig {
    allowances: Allowances,
    listed: Arc<Listed>,
}

impl LimitArgs {
    /// Reads them, the list of operations too.
    pub fn read(&self, problems: &mut Problems) -> Option<LimitConfig> {
        let usual = Allowances::default();
        let people = allowance(
            problems,
            (OPERATION, self.operation_cost.as_ref()),
            (MINUTE, self.cost_per_minute.as_ref()),
            usual.people,
        )?;
        let clients = allowance(
            problems,
            (CLIENT_OPERATION, self.client_operation_cost.as_ref()),
            (CLIENT_MINUTE, self.client_cost_per_minute.as_ref()),
            people,
        )?;
        let strangers = Allowance { minute: (people.minute / 10).max(people.operation), ..people };
        let only = problems.take(ONLY, yes_or_no(self.persisted_only.as_ref()));
        let listed = given(self.persisted_operations.as_ref()).map(|path| Listed::read(Path::new(path))).transpose();
        let (only, listed) = (only?, problems.take(LISTED, listed)?);
        if only && listed.is_none() {
            problems.add(ONLY, format!("name the operations with {LISTED}"));
            return None;
        }
        let listed = Arc::new(listed.unwrap_or_default().exclusive(only));
        Some(LimitConfig { allowances: Allowances { people, clients, strangers }, listed })
    }
}

fn allowance(
    problems: &mut Problems,
    operation: (&str, Option<&String>),
    minute: (&str, Option<&String>),
    usual: Allowance,
) -> Option<Allowance> {
    let most = usize::MAX;
    let read = |(_, text): (&str, Option<&String>), usual: u64| {
        number(text, usize::try_from(usual).unwrap_or(most), most)
            .map(|number| u64::try_from(number).unwrap_or(u64::MAX))
    };
    let one = problems.take(operation.0, read(operation, usual.operation));
    let all = problems.take(minute.0, read(minute, usual.minute));
    let (one, all) = (one?, all?);
    if one > all {
        problems.add(operation.0, format!("one operation may not cost more than {} gives a whole minute", minute.0));
        return None;
    }
    Some(Allowance { operation: one, minute: all })
}

impl LimitConfig {
    /// The server's behaviour, otherwise as `settings`.
    #[must_use]
    pub fn settings(&self, settings: &Settings) -> Settings {
        Settings { allowances: self.allowances, listed: Arc::clone(&self.listed), ..settings.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_have_what_people_have_unless_they_are_given_more() {
        let args = LimitArgs { client_cost_per_minute: Some("50000000".to_owned()), ..LimitArgs::default() };
        let mut problems = Problems::default();
        let read = args.read(&mut problems);
        let allowances = problems.finish(read).unwrap().allowances;
        assert_eq!(allowances.people, Allowances::default().people);
        assert_eq!(allowances.clients, Allowance { minute: 50_000_000, ..allowances.people });
        assert_eq!(allowances.strangers, Allowances::default().strangers);
    }

    #[test]
    fn limits_that_cannot_be_kept_are_problems() {
        for args in [
            LimitArgs { operation_cost: Some("0".to_owned()), ..LimitArgs::default() },
            LimitArgs { cost_per_minute: Some("99999".to_owned()), ..LimitArgs::default() },
            LimitArgs { client_operation_cost: Some("20000000".to_owned()), ..LimitArgs::default() },
            LimitArgs { persisted_only: Some("true".to_owned()), ..LimitArgs::default() },
            LimitArgs { persisted_operations: Some("/nowhere/at/all.json".to_owned()), ..LimitArgs::default() },
        ] {
            let mut problems = Problems::default();
            let read = args.read(&mut problems);
            assert_eq!(problems.finish(read.map(drop)).unwrap_err().len(), 1);
        }
    }
}
