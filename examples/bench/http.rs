//! Clients that keep their connection, as plain as can be: their CPU is not counted, but they share the machine.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use crate::connection::Connection;
use crate::requests::{Body, Request};

/// What one request came to under load.
pub struct Load {
    pub elapsed: Duration,
    pub latencies: Vec<Duration>,
    pub bytes: u64,
}

impl Load {
    pub fn count(&self) -> f64 {
        self.latencies.len() as f64
    }

    pub fn rate(&self) -> f64 {
        self.count() / self.elapsed.as_secs_f64()
    }

    /// The latency that a part of the requests stayed below, in milliseconds.
    pub fn percentile(&self, part: f64) -> f64 {
        let place = ((self.latencies.len() - 1) as f64 * part).round() as usize;
        self.latencies[place].as_secs_f64() * 1000.0
    }
}

/// A number that no other request of any run has.
static NEXT: AtomicU64 = AtomicU64::new(0);

pub fn fresh_word() -> String {
    static RUN: std::sync::OnceLock<u128> = std::sync::OnceLock::new();
    let run = RUN.get_or_init(|| std::time::UNIX_EPOCH.elapsed().unwrap().as_millis());
    format!("q{run:x}z{:07x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Sends one variant and refuses everything but a full answer.
pub fn send(connection: &mut Connection, request: &Request, body: &Body) -> u64 {
    let text = if request.is_fresh { body.text.replace("FRESH", &fresh_word()) } else { body.text.clone() };
    let (status, answer) = connection.post(body.token.as_deref(), &text).expect("an answer");
    let middle = answer.len().saturating_sub(300);
    let ends = [&answer[..answer.len().min(300)], &answer[middle..]].concat();
    let ends = String::from_utf8_lossy(&ends);
    let refused = request.is_fresh && !ends.contains("\"userErrors\":[]");
    if status != 200 || ends.contains("\"errors\":") || refused {
        panic!("{} was answered {status}: {}\n{text}", request.name, String::from_utf8_lossy(answer));
    }
    answer.len() as u64
}

/// The first variant's question and answer, for people.
pub fn once(address: &str, request: &Request) -> String {
    let mut connection = Connection::open(address).unwrap();
    let body = &request.variants[0];
    let text = body.text.replace("FRESH", &fresh_word());
    let (status, answer) = connection.post(body.token.as_deref(), &text).unwrap();
    format!("{text}\n{status} {}", String::from_utf8_lossy(answer))
}

/// Every variant twice, so that sessions, statements and plans are known.
pub fn warm_up(address: &str, request: &Request, clients: usize) {
    std::thread::scope(|scope| {
        for client in 0..clients {
            scope.spawn(move || {
                let mut connection = Connection::open(address).unwrap();
                for turn in 0..2 * request.variants.len().div_ceil(clients).max(20) {
                    send(
                        &mut connection,
                        request,
                        &request.variants[(client + turn * clients) % request.variants.len()],
                    );
                }
            });
        }
    });
}

/// So many clients for so long, each with its own connection, the variants in turn.
pub fn load(address: &str, request: &Request, clients: usize, time: Duration) -> Load {
    let over = AtomicBool::new(false);
    let start = Barrier::new(clients + 1);
    let (over, start) = (&over, &start);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn(move || {
                    let mut connection = Connection::open(address).unwrap();
                    let mut latencies = Vec::with_capacity(100_000);
                    let (mut bytes, mut turn) = (0, client);
                    start.wait();
                    while !over.load(Ordering::Relaxed) {
                        let begun = Instant::now();
                        bytes += send(&mut connection, request, &request.variants[turn % request.variants.len()]);
                        latencies.push(begun.elapsed());
                        turn += clients;
                    }
                    (latencies, bytes)
                })
            })
            .collect();
        start.wait();
        let begun = Instant::now();
        std::thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        let (mut latencies, mut bytes) = (Vec::new(), 0);
        for thread in threads {
            let (own, received) = thread.join().expect("a client that was answered");
            latencies.extend(own);
            bytes += received;
        }
        let elapsed = begun.elapsed();
        latencies.sort_unstable();
        Load { elapsed, latencies, bytes }
    })
}
