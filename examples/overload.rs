//! Measures what is answered when four times as much is asked as can be answered. `scripts/bench-overload` builds it and
//! the server, and runs it. Capacity and overload are of one run on one machine: the ratio is what counts.
#![allow(missing_docs, clippy::allow_attributes, clippy::pedantic, clippy::print_stdout, clippy::as_conversions)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

mod common;
#[path = "common/connection.rs"]
mod connection;

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use common::{Server, part, sign_in};
use connection::Connection;

const ASKED: &str =
    r#"{"query":"{ viewer { user { name } } users(first: 100) { nodes { id name email roles createdAt } } }"}"#;

/// Measures what is answered when more is asked than can be answered.
#[derive(Parser)]
struct Options {
    /// The product's binary.
    #[arg(long)]
    server: PathBuf,
    /// How long each half takes, in seconds.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// How many times its capacity the product is asked.
    #[arg(long, default_value_t = 4.0)]
    times: f64,
    /// How many clients ask, each of them over a connection of its own and one request after the other.
    #[arg(long, default_value_t = 1_000)]
    clients: u32,
}

/// What one half came to.
#[derive(Default)]
struct Half {
    accepted: Vec<f64>,
    refused: Vec<f64>,
    other: u64,
    elapsed: f64,
}

impl Half {
    fn asked(&self) -> f64 {
        (self.accepted.len() + self.refused.len()) as f64 / self.elapsed
    }

    fn answered(&self) -> f64 {
        self.accepted.len() as f64 / self.elapsed
    }

    fn show(&self, name: &str) {
        println!(
            "{name:<10} asked {:>7.0}/s, answered {:>7.0}/s, p50 {:>7.2} ms, p99 {:>7.2} ms; sent away {:>7}, p99 {:>7.2} ms; neither {}",
            self.asked(),
            self.answered(),
            part(&self.accepted, 0.5),
            part(&self.accepted, 0.99),
            self.refused.len(),
            if self.refused.is_empty() { 0.0 } else { part(&self.refused, 0.99) },
            self.other,
        );
    }
}

/// Every client asks at its own pace, or as soon as it was answered when there is none.
fn ask(address: &str, token: &str, clients: u32, pace: Option<Duration>, time: Duration) -> Half {
    let begun = Instant::now() + Duration::from_millis(500);
    let one = |number: u32| {
        let mut half = Half::default();
        let mut connection = Connection::open(address).unwrap();
        let mut due = begun + pace.unwrap_or_default() * number / clients;
        while due < begun + time && Instant::now() < begun + time {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let sent = Instant::now();
            let status = connection.post(Some(token), ASKED).map(|(status, _)| status);
            let took = sent.elapsed().as_secs_f64() * 1000.0;
            match status {
                Ok(200) => half.accepted.push(took),
                Ok(503) => half.refused.push(took),
                _ => half.other += 1,
            }
            due = pace.map_or_else(Instant::now, |pace| due + pace);
        }
        half
    };
    let mut all = Half::default();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|number| {
                thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, move || one(number)).unwrap()
            })
            .collect();
        for client in clients {
            let half = client.join().unwrap();
            all.accepted.extend(half.accepted);
            all.refused.extend(half.refused);
            all.other += half.other;
        }
    });
    all.elapsed = begun.elapsed().as_secs_f64();
    all.accepted.sort_by(f64::total_cmp);
    all.refused.sort_by(f64::total_cmp);
    all
}

/// Asks ten times a second whether the process lives: how long each answer took, sorted.
fn probe(address: &str, time: Duration) -> Vec<f64> {
    let begun = Instant::now();
    let mut took = Vec::new();
    while begun.elapsed() < time {
        let asked = Instant::now();
        let mut connection = Connection::open(address).unwrap();
        let (status, _) = connection.ask("GET /healthz", None, "").expect("the process lives");
        assert_eq!(status, 200, "the process lives");
        took.push(asked.elapsed().as_secs_f64() * 1000.0);
        thread::sleep(Duration::from_millis(100));
    }
    took.sort_by(f64::total_cmp);
    took
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("$ {}", std::env::args().collect::<Vec<_>>().join(" "));
    let options = Options::parse();
    let server = Server::start(&options.server, &["taskset", "-c", "0"], 200, &[]).await;
    let token = sign_in(&reqwest::Client::new(), &server.address, 0).await.1.expect("somebody signs in");
    let (address, time) = (server.address.as_str(), Duration::from_secs(options.seconds));
    ask(address, &token, 32, None, Duration::from_secs(2));

    let capacity = ask(address, &token, 32, None, time);
    capacity.show("capacity");
    let pace = Duration::from_secs_f64(f64::from(options.clients) / (capacity.answered() * options.times));
    let (overload, alive) = thread::scope(|scope| {
        let alive = scope.spawn(|| probe(address, time));
        (ask(address, &token, options.clients, Some(pace), time), alive.join().unwrap())
    });
    overload.show("overload");
    let after = ask(address, &token, 32, None, Duration::from_secs(2));
    after.show("afterwards");
    println!(
        "alive      {} probes, p99 {:.2} ms, longest {:.2} ms",
        alive.len(),
        part(&alive, 0.99),
        part(&alive, 1.0)
    );

    let (offered, kept) = (overload.asked() / capacity.answered(), overload.answered() / capacity.answered());
    println!("asked {offered:.2} times the capacity, {:.0} % of capacity was answered", kept * 100.0);
    assert!(kept >= 0.7, "too little is answered under overload");
    assert!(part(&overload.accepted, 0.99) <= 2_000.0, "what is accepted takes too long");
    assert_eq!(overload.other, 0, "every request is answered one way or the other");
}
