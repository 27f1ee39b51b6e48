//! Measures what a flood of sign-ins does to everybody else: 50 clients query, without and with 200 clients that sign in
//! at once, again and again. `scripts/bench-sign-ins` builds it and the server, and runs it. Both halves are of one run on
//! one machine: the ratio is what counts.
#![allow(missing_docs, clippy::allow_attributes, clippy::pedantic, clippy::print_stdout, clippy::as_conversions)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

#[path = "common/mod.rs"]
mod common;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use common::{Server, part, sign_in};
use serde_json::{Value, json};
use tokio::sync::Barrier;

/// Measures what a flood of sign-ins does to everybody else.
#[derive(Parser, Clone)]
struct Options {
    /// The product's binary.
    #[arg(long)]
    server: PathBuf,
    /// How long each half takes, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// How many clients query.
    #[arg(long, default_value_t = 50)]
    clients: usize,
    /// How many clients sign in.
    #[arg(long, default_value_t = 200)]
    sign_ins: usize,
    /// How long a querying client waits after each answer, in milliseconds.
    #[arg(long, default_value_t = 100)]
    pause: u64,
    /// How many passwords are hashed at once; as the server does by itself when absent.
    #[arg(long)]
    hashes: Option<usize>,
}

/// Every client asks, waits, and asks again until the time is over: how long each answer took, sorted.
async fn query(options: &Options, client: &reqwest::Client, server: &str, tokens: &[String]) -> Vec<f64> {
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let clients = (0..options.clients).map(|number| {
        let (client, token, pause) = (client.clone(), tokens[number % tokens.len()].clone(), options.pause);
        let server = server.to_owned();
        tokio::spawn(async move {
            let asked = json!({ "query": "{ viewer { user { name email } } partners(first: 20) { nodes { name } } }" });
            let mut took = Vec::new();
            tokio::time::sleep(Duration::from_millis(pause * number as u64 / 50)).await;
            while Instant::now() < end {
                let begun = Instant::now();
                let answer =
                    client.post(format!("http://{server}/graphql")).bearer_auth(&token).json(&asked).send().await;
                let answer = answer.unwrap();
                assert_eq!(answer.status().as_u16(), 200);
                let body: Value = answer.json().await.unwrap();
                assert!(body["errors"].is_null(), "{body}");
                took.push(begun.elapsed().as_secs_f64() * 1000.0);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            took
        })
    });
    let mut took: Vec<f64> = futures::future::join_all(clients).await.into_iter().flat_map(Result::unwrap).collect();
    took.sort_by(f64::total_cmp);
    took
}

fn show(name: &str, took: &[f64]) {
    println!(
        "{name:<24} {:>7} answers, p50 {:>7.2} ms, p99 {:>7.2} ms, longest {:>7.2} ms",
        took.len(),
        part(took, 0.5),
        part(took, 0.99),
        part(took, 1.0)
    );
}

#[tokio::main]
async fn main() {
    println!("$ {}", std::env::args().collect::<Vec<_>>().join(" "));
    let options = Options::parse();
    let more = options.hashes.map(|hashes| vec!["--password-hashes".to_owned(), hashes.to_string()]);
    let people = options.sign_ins.max(options.clients);
    let server = Server::start(&options.server, &[], people, &more.unwrap_or_default()).await;
    let (address, client) = (server.address.clone(), reqwest::Client::new());
    let mut tokens = Vec::new();
    for number in 0..options.clients {
        tokens.push(sign_in(&client, &address, number).await.1.expect("everybody signs in"));
    }
    query(&Options { seconds: 2, ..options.clone() }, &client, &address, &tokens).await;

    let memory = server.memory("VmRSS");
    let without = query(&options, &client, &address, &tokens).await;
    show("without sign-ins", &without);

    let (end, all) = (Instant::now() + Duration::from_secs(options.seconds), Arc::new(Barrier::new(options.sign_ins)));
    let flood = (0..options.sign_ins).map(|number| {
        let (client, address, all) = (client.clone(), address.clone(), Arc::clone(&all));
        tokio::spawn(async move {
            let (mut done, mut sent_away, mut failed) = (0_u32, 0_u32, 0_u32);
            all.wait().await;
            while Instant::now() < end {
                match sign_in(&client, &address, number).await {
                    (200, Some(_)) => done += 1,
                    (429 | 503, _) => {
                        sent_away += 1;
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                    _ => failed += 1,
                }
            }
            (done, sent_away, failed)
        })
    });
    let flood: Vec<_> = flood.collect();
    let with = query(&options, &client, &address, &tokens).await;
    let ended = futures::future::join_all(flood).await.into_iter().map(Result::unwrap);
    let (done, sent_away, failed) = ended.fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    show("with sign-ins", &with);
    println!(
        "sign-ins by {} clients: {done} done, {sent_away} sent away with Retry-After, {failed} failed",
        options.sign_ins
    );
    println!("memory: {memory:.0} MiB before, {:.0} MiB at most", server.memory("VmHWM"));
    let ratio = part(&with, 0.99) / part(&without, 0.99);
    println!("p99 with sign-ins is {ratio:.2} times p99 without");
    assert!(ratio < 3.0, "queries wait too long behind sign-ins");
}
