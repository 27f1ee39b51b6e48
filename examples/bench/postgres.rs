//! The database: loading it, reading its log, counting its CPU.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Succeed, server::cpu_of};

pub struct Postgres {
    pub address: String,
    binaries: PathBuf,
    log: PathBuf,
    postmaster: u32,
}

impl Postgres {
    pub fn new(address: &str, binaries: &Path, log: &Path) -> Self {
        let mut postgres =
            Self { address: address.to_owned(), binaries: binaries.to_owned(), log: log.to_owned(), postmaster: 0 };
        let folder = postgres.ask("show data_directory");
        let pid = std::fs::read_to_string(Path::new(&folder).join("postmaster.pid")).expect("a server of this machine");
        postgres.postmaster = pid.lines().next().unwrap().parse().unwrap();
        postgres
    }

    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.join(name));
        command.env("PGOPTIONS", "-c jit=off");
        command
    }

    /// Runs SQL and gives its rows, columns separated by `|`.
    pub fn ask(&self, sql: &str) -> String {
        let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.address, "-c", sql];
        self.command("psql").args(arguments).succeed().trim().to_owned()
    }

    /// The first column of each row.
    pub fn list(&self, sql: &str) -> Vec<String> {
        self.ask(sql).lines().map(str::to_owned).collect()
    }

    pub fn load(&self, scale: &str) {
        // A hundred registrations a partner, and so many activities each.
        let (partners, per_partner) = match scale {
            "small" => (100, 200),
            "million" => (10_000, 50),
            "full" => (2_000, 1_000),
            other => panic!("--scale is small, full or million, not {other}"),
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bench/load.sql");
        let begun = std::time::Instant::now();
        self.command("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", &format!("partners={partners}")])
            .args([
                "-v",
                &format!("activities_each={per_partner}"),
                "-v",
                &format!("password_hash={}", password_hash()),
            ])
            .args(["-d", &self.address, "-f"])
            .arg(file)
            .succeed();
        println!("loaded in {:.0} s", begun.elapsed().as_secs_f64());
    }

    /// Seconds of CPU so far, of the server and all its processes, also those that have ended.
    pub fn cpu(&self) -> f64 {
        let own: f64 = cpu_of(self.postmaster).map_or(0.0, |times| times.iter().sum());
        let children = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let parent: u32 = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            if parent == self.postmaster { cpu_of(pid).map(|[user, system, _, _]| user + system) } else { None }
        });
        own + children.sum::<f64>()
    }

    /// Logs every statement from now on, or no more.
    pub fn log_statements(&self, on: bool) {
        self.ask(&format!("alter system set log_statement = '{}'", if on { "all" } else { "none" }));
        self.ask("select pg_reload_conf()");
        // Every process takes the new configuration before its next statement, but not in the same instant.
        std::thread::sleep(std::time::Duration::from_millis(300));
    }

    /// What was logged between two marks, by the product only.
    pub fn logged_between(&self, from: &str, to: &str) -> Vec<(String, Option<String>)> {
        for _ in 0..50 {
            let log = std::fs::read_to_string(&self.log).expect("the log is readable");
            let (Some(begin), Some(end)) = (log.rfind(from), log.rfind(to)) else {
                std::thread::sleep(std::time::Duration::from_millis(50));
                continue;
            };
            let lines = log[begin..end].lines().skip(1).filter_map(|line| {
                let entry: serde_json::Value = serde_json::from_str(line).ok()?;
                let message = entry["message"].as_str().unwrap_or_default();
                let is_statement = message.starts_with("execute ") || message.starts_with("statement:");
                if entry["application_name"] != "partner-portal" || !is_statement {
                    return None;
                }
                let detail = entry["detail"].as_str().map(str::to_owned);
                Some((message.to_owned(), detail))
            });
            return lines.collect();
        }
        panic!("the mark {to} is not in the log {}", self.log.display());
    }
}

/// The hash that everybody's password has: cheap on purpose, signing in is not what is measured.
fn password_hash() -> String {
    use partner_portal::platform::{auth::passwords::Passwords, ids::SystemIds};
    let passwords = Passwords::with_params(1, &SystemIds, 64, 1).unwrap();
    let hash = passwords.hash(crate::requests::PASSWORD.to_owned(), &SystemIds);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(hash).unwrap()
}
