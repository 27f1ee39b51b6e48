//! The report.

use std::time::Duration;

use crate::{Options, Succeed, capture, http, postgres::Postgres};

pub struct Row {
    pub request: &'static str,
    pub goal: Option<f64>,
    pub load: http::Load,
    /// The same with one client, so that nobody waits for anybody.
    pub alone: http::Load,
    pub server_cpu: f64,
    pub database_cpu: f64,
    pub plain: capture::Plain,
    pub script: capture::Script,
}

impl Row {
    /// Requests a CPU second of server and database, divided by pgbench's with the database.
    fn ratio(&self) -> f64 {
        let ours = self.load.count() / (self.server_cpu + self.database_cpu);
        ours / (self.plain.transactions / (self.plain.client_cpu + self.plain.database_cpu))
    }
}

pub fn print(options: &Options, database: &Postgres, rows: &[Row], starts: &[Duration], memory: f64) {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    println!("\ncommand: scripts/bench → bench {}", arguments.join(" "));
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processor.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("machine: {cores} cores ({}), shared by clients, server and database", model.unwrap_or("unknown"));
    println!("PostgreSQL {}", database.ask("show server_version"));
    let version = std::process::Command::new(&options.server).arg("--version").succeed();
    let compiler = std::process::Command::new("rustc").arg("--version").succeed();
    println!(
        "server: {}, {}; {} clients, {} s a request",
        version.trim(),
        compiler.trim(),
        options.clients,
        options.seconds
    );
    println!("rows: {}", database.ask(COUNTS));
    println!("size: {}", database.ask("select pg_size_pretty(pg_database_size(current_database()))"));
    println!();
    println!(
        "| request | bytes | statements | requests/s | p50 ms | p99 ms | p50 alone | p99 alone | server CPU ms | database CPU ms | pgbench/s | pgbench CPU ms | its database ms | of pgbench per CPU second | goal |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        let each = |cpu: f64| cpu * 1000.0 / row.load.count();
        let plain = |cpu: f64| cpu * 1000.0 / row.plain.transactions;
        println!(
            "| {} | {} | {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.3} | {:.3} | {:.0} | {:.3} | {:.3} | **{:.2}** | {} |",
            row.request,
            row.load.bytes / row.load.latencies.len() as u64,
            row.script.statements(),
            row.load.rate(),
            row.load.percentile(0.5),
            row.load.percentile(0.99),
            row.alone.percentile(0.5),
            row.alone.percentile(0.99),
            each(row.server_cpu),
            each(row.database_cpu),
            row.plain.transactions / row.plain.elapsed,
            plain(row.plain.client_cpu),
            plain(row.plain.database_cpu),
            row.ratio(),
            row.goal.map_or("–".to_owned(), |goal| format!(
                "≥ {goal}{}",
                if row.ratio() >= goal { "" } else { " missed" }
            )),
        );
    }
    let mut starts: Vec<_> = starts.iter().map(|start| start.as_secs_f64() * 1000.0).collect();
    starts.sort_by(f64::total_cmp);
    println!();
    println!(
        "cold start to the first answer from the database: {:.0} ms (median of {}: {:.0} to {:.0}; goal < 150)",
        starts[starts.len() / 2],
        starts.len(),
        starts[0],
        starts[starts.len() - 1]
    );
    println!("resident memory after the first 1,000 queries: {memory:.1} MB (goal < 60)");
}

const COUNTS: &str = "select concat_ws(', ',
    (select count(*) || ' partners' from partners), (select count(*) || ' users' from users),
    (select count(*) || ' registrations' from deal_registrations), (select count(*) || ' fund requests' from mdf_requests),
    (select count(*) || ' activities' from activities))";
