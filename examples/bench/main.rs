//! Measures the product on a loaded PostgreSQL; `scripts/bench` builds, starts and calls it. See docs/benchmarks.md.
//!
//! Every figure stands beside that of `pgbench -M prepared` running the same SQL, captured from the server's own
//! log, with as many clients in the same run: machines differ, the ratio stays.
#![allow(missing_docs, clippy::allow_attributes, clippy::pedantic, clippy::print_stdout, clippy::as_conversions)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod capture;
#[path = "../common/connection.rs"]
mod connection;
mod http;
mod postgres;
mod requests;
mod server;
mod table;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Parser;

/// Measures the product on a loaded PostgreSQL.
#[derive(Parser)]
struct Options {
    /// The product's binary, a release build.
    #[arg(long)]
    server: PathBuf,
    /// The database's address.
    #[arg(long)]
    database: String,
    /// The database's log in JSON, one statement a line when statements are logged.
    #[arg(long)]
    log: PathBuf,
    /// The folder of psql and pgbench.
    #[arg(long)]
    binaries: PathBuf,
    /// `full`: the sizes of docs/benchmarks.md; `small`: 10,000 registrations; `million`: 1,000,000 of them.
    #[arg(long, default_value = "full")]
    scale: String,
    /// The database is loaded already.
    #[arg(long)]
    loaded: bool,
    /// How long each request is measured.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Keep-alive clients at once.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Threads that serve.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Only requests whose name contains one of these, with commas between them.
    #[arg(long, value_delimiter = ',', default_value = "")]
    only: Vec<String>,
    /// Print what each request asks, is answered and runs, and do not measure.
    #[arg(long)]
    show: bool,
    /// Leave the server running after this many seconds of load on the selected request: for a profiler.
    #[arg(long)]
    load_only: bool,
}

fn main() {
    let options = Options::parse();
    let database = postgres::Postgres::new(&options.database, &options.binaries, &options.log);
    let address = server::free_address();
    if !options.loaded {
        server::command(&options.server, &options.database, &address).args(["migrate", "up"]).succeed();
        database.load(&options.scale);
        // Accounts are recognised by an index of their own, which the product writes.
        let begun = Instant::now();
        let said = server::command(&options.server, &options.database, &address).args(["match", "index"]).succeed();
        println!("{} in {:.0} s", said.trim(), begun.elapsed().as_secs_f64());
        database.ask("analyze");
    }
    let starts: Vec<_> = (0..5).map(|_| server::Server::start(&options, &address).1).collect();
    let (server, _) = server::Server::start(&options, &address);
    let world = requests::World::read(&database, &address);
    let memory = server.memory_after(1_000, &requests::reads(&world), &address);
    let mut rows = Vec::new();
    for request in requests::all(&world)
        .into_iter()
        .filter(|request| options.only.iter().any(|text| request.name.contains(text.as_str())))
    {
        if options.load_only {
            println!(
                "{} {:?}",
                server.pid(),
                http::load(&address, &request, options.clients, Duration::from_secs(options.seconds)).rate()
            );
            continue;
        }
        http::warm_up(&address, &request, options.clients);
        if options.show {
            let script = capture::Script::of(&database, &address, &request, options.clients);
            println!("── {}\n{}\n{}\n", request.name, http::once(&address, &request), script);
            continue;
        }
        let database_before = database.cpu();
        let server_before = server.cpu();
        let load = http::load(&address, &request, options.clients, Duration::from_secs(options.seconds));
        let server_cpu = server.cpu() - server_before;
        let database_cpu = database.cpu() - database_before;
        let alone = http::load(&address, &request, 1, Duration::from_secs(options.seconds.div_ceil(3)));
        // Captured after the load: what that has written must not stand in the way of what is repeated.
        let script = capture::Script::of(&database, &address, &request, options.clients);
        let plain = script.run(&database, options.clients, options.seconds);
        rows.push(table::Row {
            request: request.name,
            goal: request.goal,
            load,
            alone,
            server_cpu,
            database_cpu,
            plain,
            script,
        });
    }
    if !rows.is_empty() {
        table::print(&options, &database, &rows, &starts, memory);
    }
}

trait Succeed {
    fn succeed(&mut self) -> String;
}

impl Succeed for std::process::Command {
    /// Runs to the end and gives what was printed; stops everything when it fails.
    fn succeed(&mut self) -> String {
        let output = self.stderr(std::process::Stdio::inherit()).output().expect("the command starts");
        assert!(output.status.success(), "{self:?} failed: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    }
}
