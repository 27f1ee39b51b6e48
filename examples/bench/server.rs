//! The product as its own process.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use partner_portal::platform::auth::keys;

use crate::{Options, http, requests::Request};

/// A key for this run only; nobody else ever sees a token of it.
fn signing_key() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| keys::generate_pem().expect("a key"))
}

pub fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A command of the product with the configuration of this run.
pub fn command(binary: &Path, database: &str, address: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .env("PARTNER_PORTAL_DATABASE_URL", database)
        .env("PARTNER_PORTAL_LISTEN", address)
        .env("PARTNER_PORTAL_SIGNING_KEY", signing_key())
        // One person asks for everything here.
        .env("PARTNER_PORTAL_COST_PER_MINUTE", "1000000000000")
        .env("PARTNER_PORTAL_LOG", "off");
    command
}

pub struct Server(Child);

impl Server {
    /// Starts it, and tells how long it took from the start of the process to the first answer from the database.
    pub fn start(options: &Options, address: &str) -> (Self, Duration) {
        let mut command = command(&options.server, &options.database, address);
        command.args(["serve", "--workers", &options.workers.to_string()]).stdout(Stdio::null());
        let begun = Instant::now();
        let mut child = command.spawn().expect("the server starts");
        // Reads the database: an id that nobody has.
        let question = r#"{"query":"{ node(id: \"usr_00000000000000000000000000000000\") { id } }"}"#;
        loop {
            let answered = http::Connection::open(address)
                .is_ok_and(|mut connection| connection.post(None, question).is_ok_and(|(status, _)| status == 200));
            let elapsed = begun.elapsed();
            if answered {
                return (Self(child), elapsed);
            }
            assert!(child.try_wait().unwrap().is_none(), "the server ended at once");
            assert!(elapsed < Duration::from_secs(10), "the server does not answer");
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Seconds of CPU so far, of all its threads.
    pub fn cpu(&self) -> f64 {
        cpu_of(self.pid()).map_or(0.0, |[user, system, _, _]| user + system)
    }

    /// Resident memory in MB after so many queries by one client.
    pub fn memory_after(&self, queries: usize, requests: &[Request], address: &str) -> f64 {
        let mut connection = http::Connection::open(address).unwrap();
        for turn in 0..queries {
            let request = &requests[turn % requests.len()];
            http::send(&mut connection, request, &request.variants[turn % request.variants.len()]);
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _already_gone = self.0.wait();
    }
}

/// Seconds of CPU of a process: user, system, and both of its children that have ended.
pub fn cpu_of(pid: u32) -> Option<[f64; 4]> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok().map(|ticks| ticks / 100.0);
    Some([ticks()?, ticks()?, ticks()?, ticks()?])
}
