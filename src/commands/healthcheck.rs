//! `partner-portal healthcheck`: what a container's supervisor runs, without a tool of its own in the image.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use clap::Args;

use super::{Outcome, problems};
use crate::platform::config::HttpArgs;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks a running server on this machine whether it is ready.
#[derive(Args)]
#[command(after_help = "Example:\n  partner-portal healthcheck --listen 0.0.0.0:8080")]
pub struct HealthcheckArgs {
    #[command(flatten)]
    http: HttpArgs,
}

/// Succeeds when the server answers that it is ready.
pub fn run(args: &HealthcheckArgs) -> Outcome {
    let mut problems = problems();
    let http = args.http.read(&mut problems);
    let mut address = problems.finish(http)?.listen;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    match ask(address) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => Ok(()),
        Ok(answer) => Err(vec![answer.lines().last().unwrap_or_default().to_owned()]),
        Err(error) => Err(vec![format!("{address} does not answer: {error}")]),
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}
