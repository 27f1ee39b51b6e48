//! `partner-portal serve`.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::dev::{Server, ServerHandle};
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{Outcome, block_on, problems, sentence, services_with};
use crate::{
    app, letters,
    platform::{
        config::{
            DatabaseArgs, FilesArgs, Http, HttpArgs, LogArgs, MailArgs, PasswordArgs, SignOnArgs, Signing, SigningArgs,
        },
        http::{
            Settings, metrics,
            server::{self, App},
            socket::seats::Seats,
        },
        jobs::{Job, Runner},
    },
};

/// A session that ended on another replica is noticed after so long.
pub const TRUST: Duration = Duration::from_secs(3);

const EXAMPLES: &str = "Example:\n  partner-portal keys generate --folder keys\n  partner-portal migrate up \
                        --database-url sqlite:portal.sqlite3\n  partner-portal serve --database-url \
                        sqlite:portal.sqlite3 --signing-keys keys";

/// Serves the API.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {
    #[command(flatten)]
    http: HttpArgs,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    signing: SigningArgs,
    #[command(flatten)]
    passwords: PasswordArgs,
    #[command(flatten)]
    mail: MailArgs,
    #[command(flatten)]
    sign_on: SignOnArgs,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    log: LogArgs,
}

/// Serves until SIGTERM or SIGINT; what is in flight then is answered.
pub fn run(args: &ServeArgs) -> Outcome {
    let mut problems = problems();
    let log = args.log.read(&mut problems);
    let (http, database) = (args.http.read(&mut problems), args.database.read(&mut problems));
    let signing = args.signing.read(&mut problems);
    let (mail, passwords) = (args.mail.read(&mut problems, None), args.passwords.read(&mut problems));
    let sign_on = args.sign_on.read(&mut problems, signing.as_ref().map_or("", Signing::public_url));
    let files = args.files.read(&mut problems, "files".into());
    let read = log.zip(http).zip(database).zip(signing).zip(mail.zip(passwords)).zip(sign_on.zip(files));
    let (((((log, http), database), signing), (mail, passwords)), (sign_on, files)) = problems.finish(read)?;
    log.begin().map_err(|problem| vec![problem])?;
    if let Some(warning) = args.files.warning(&database) {
        tracing::warn!("{warning}");
    }
    block_on(async {
        let db = database.open().await.map_err(sentence)?;
        let tokens = signing.tokens().map_err(|problem| vec![problem])?;
        let origins = http.cors_origins().to_vec();
        let sign_on = sign_on.open(mail.portal_url(signing.public_url()).to_owned(), origins).map_err(sentence)?;
        let files = files.open().map_err(|problem| vec![problem])?;
        let app = app::compose(services_with(db, tokens.clone(), passwords, sign_on, files)?, TRUST);
        let post = mail.post(signing.public_url(), Arc::new(letters::Table)).map_err(|problem| vec![problem])?;
        let settings = Settings { own_origin: signing.own_origin(), ..http.settings(&app.settings) };
        let reading = actix_web::rt::spawn(signing.keep_reading(tokens));
        let outcome = until_stopped(app.with(settings), &http, app::jobs(post)).await;
        reading.abort();
        outcome
    })
}

/// Serves, and does the jobs beside it, until SIGTERM or SIGINT.
///
/// # Errors
/// When an address cannot be listened on, or the server fails.
pub async fn until_stopped(app: App, http: &Http, jobs: Vec<Job>) -> Outcome {
    let (listener, sockets) = (listen(http.listen)?, app.sockets.clone());
    let services = Arc::clone(&app.services);
    let mut servers = Vec::new();
    if let Some(address) = http.admin_listen {
        let numbers = metrics::install().map_err(|problem| vec![problem])?;
        servers.push(server::serve_admin(app.clone(), numbers, listen(address)?).map_err(io)?);
        tracing::info!(%address, "numbers for operators are served");
    }
    servers.push(server::serve(app, listener, http.workers).map_err(io)?);
    tracing::info!(address = %http.listen, workers = http.workers, "the API is served");
    let jobs = Runner::start(&services, jobs);
    let ended = run_servers(servers, &sockets).await;
    jobs.stop().await;
    tracing::info!("stopped");
    ended
}

async fn run_servers(servers: Vec<Server>, sockets: &Seats) -> Outcome {
    let handles: Vec<ServerHandle> = servers.iter().map(Server::handle).collect();
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()).map_err(io)?, signal(SignalKind::interrupt()).map_err(io)?);
    let mut running = actix_web::rt::spawn(futures::future::try_join_all(servers));
    tokio::select! {
        ended = &mut running => return ended.map_err(|error| vec![error.to_string()])?.map(drop).map_err(io),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: requests in flight are answered, new ones are not taken");
    sockets.close();
    futures::future::join_all(handles.iter().map(|handle| handle.stop(true))).await;
    Ok(())
}

fn listen(address: std::net::SocketAddr) -> Result<TcpListener, Vec<String>> {
    TcpListener::bind(address).map_err(|error| vec![format!("{address} cannot be listened on: {error}")])
}

fn io(error: std::io::Error) -> Vec<String> {
    vec![error.to_string()]
}
