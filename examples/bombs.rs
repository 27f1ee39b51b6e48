//! Measures how long requests take that are small and ask for the world. `scripts/bench-bombs` builds it and the server,
//! and runs it. The requests are those of the tests, which also assert that no database statement is made.
#![allow(missing_docs, clippy::allow_attributes, clippy::pedantic, clippy::print_stdout, clippy::as_conversions)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::disallowed_methods)]

#[path = "common/mod.rs"]
mod common;
#[path = "../tests/api/contract/bombs/every.rs"]
mod every;

use std::{path::PathBuf, time::Instant};

use clap::Parser;
use common::{Server, part};
use serde_json::Value;

/// Measures how long requests take that are small and ask for the world.
#[derive(Parser)]
struct Options {
    /// The product's binary.
    #[arg(long)]
    server: PathBuf,
    /// How often each is sent.
    #[arg(long, default_value_t = 200)]
    times: usize,
}

#[tokio::main]
async fn main() {
    println!("$ {}", std::env::args().collect::<Vec<_>>().join(" "));
    let options = Options::parse();
    let server = Server::start(&options.server, &[], 0, &[]).await;
    let (url, client) = (format!("http://{}/graphql", server.address), reqwest::Client::new());
    let send = async |body: &str| {
        let request = client.post(&url).header("content-type", "application/json").body(body.to_owned());
        let begun = Instant::now();
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        (begun.elapsed().as_secs_f64() * 1000.0, serde_json::from_slice::<Value>(&answer).unwrap())
    };
    send(r#"{"query":"{ __typename }"}"#).await;
    let mut longest = 0.0_f64;
    println!("{:<44} {:>9} {:>10} {:>10}", "bomb", "bytes", "median", "longest");
    for bomb in every::every() {
        let mut took = Vec::new();
        for _ in 0..options.times {
            let (time, answer) = send(&bomb.body).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], bomb.code, "{}: {answer}", bomb.name);
            took.push(time);
        }
        took.sort_by(f64::total_cmp);
        let (median, most) = (part(&took, 0.5), part(&took, 1.0));
        longest = longest.max(most);
        println!("{:<44} {:>9} {median:>7.2} ms {most:>7.2} ms", bomb.name, bomb.body.len());
    }
    println!("the longest of all took {longest:.2} ms; 50 ms are allowed");
    assert!(longest < 50.0, "a bomb takes too long");
}
