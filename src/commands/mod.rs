//! What the binary does. Each command reads its configuration, says everything that is wrong with it at once, and
//! does one thing.

mod audit;
mod check;
mod create_admin;
mod demo;
mod export_demo;
mod export_schema;
mod healthcheck;
mod import;
mod keys;
mod match_accounts;
mod migrate;
pub mod serve;

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{
    platform::{
        auth::{
            passwords::{Hashing, Passwords},
            remembered::Remembered,
            tokens::Tokens,
        },
        call::Services,
        clock::SystemClock,
        config::{self, Problems},
        db::Db,
        error::AppError,
        files::Files,
        ids::{IdSource, SystemIds},
        news::News,
        openid::SignOn,
        rates::Rates,
    },
    reactions,
};

/// What a command says when it fails: one line a problem.
pub type Outcome = Result<(), Vec<String>>;

/// The partner portal: one GraphQL API for partner onboarding, deal registration, market development funds, training
/// and engagement.
#[derive(Parser)]
#[command(name = "partner-portal", version, about, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Every setting is a flag or an environment variable that begins with PARTNER_PORTAL_; the \
                          flag wins. `partner-portal COMMAND --help` lists them with an example.";

#[derive(Subcommand)]
enum Command {
    /// Serves a believable world to try the API in, with one sign-in per role
    Demo(Box<demo::DemoArgs>),
    /// Serves the API
    Serve(Box<serve::ServeArgs>),
    /// The keys that sign access tokens
    Keys(keys::KeysArgs),
    /// Changes the shape of the database
    Migrate(migrate::MigrateArgs),
    /// Asks a running server whether it is ready; for supervisors of containers
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Writes the demo's schema, operations and answers to a folder, to build a frontend against without a server
    ExportDemo(export_demo::ExportDemoArgs),
    /// Prints the GraphQL schema; needs no database
    #[command(after_help = "Example:\n  partner-portal export-schema > schema.graphql")]
    ExportSchema,
    /// Creates the first administrator, once; later ones are invited through the API
    CreateAdmin(create_admin::CreateAdminArgs),
    /// Checks that everything that always holds holds in the database; changes nothing
    Check(check::CheckArgs),
    /// Brings in what other systems know; a second run changes nothing
    Import(import::ImportArgs),
    /// The matcher of accounts: how well it agrees with people, and its index
    Match(match_accounts::MatchArgs),
    /// Verifies what was recorded of every change
    Audit(audit::AuditArgs),
}

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::ExportDemo(args) => export_demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Keys(args) => keys::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::ExportSchema => export_schema::run(),
        Command::CreateAdmin(args) => create_admin::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Match(args) => match_accounts::run(&args),
        Command::Audit(args) => audit::run(&args),
    };
    let Err(problems) = outcome else { return ExitCode::SUCCESS };
    let mut stderr = io::stderr().lock();
    for problem in problems {
        // Nobody is left to tell when standard error is closed.
        let _told = writeln!(stderr, "partner-portal: {problem}");
    }
    ExitCode::FAILURE
}

/// The problems of a command's configuration so far: the variables that mean nothing.
fn problems() -> Problems {
    fn collect(command: &clap::Command, known: &mut BTreeSet<String>) {
        known.extend(command.get_arguments().filter_map(|arg| Some(arg.get_env()?.to_string_lossy().into_owned())));
        for command in command.get_subcommands() {
            collect(command, known);
        }
    }
    let mut known = BTreeSet::new();
    collect(&Cli::command(), &mut known);
    let mut problems = Problems::default();
    problems.refuse_unknown(&known);
    problems
}

/// What every request shares, with the system's clock and chance.
///
/// # Errors
/// A sentence for each problem.
pub fn services(db: Db, tokens: Tokens) -> Result<Arc<Services>, Vec<String>> {
    services_with(db, tokens, Hashing::at_once(config::processors()), None, Files::in_memory())
}

/// The same, with passwords hashed at another cost, single sign-on, and files that stay.
///
/// # Errors
/// A sentence for each problem.
pub fn services_with(
    db: Db,
    tokens: Tokens,
    hashing: Hashing,
    sign_on: Option<SignOn>,
    files: Files,
) -> Result<Arc<Services>, Vec<String>> {
    let ids: Arc<dyn IdSource> = Arc::new(SystemIds);
    let passwords = Passwords::with(hashing, ids.as_ref()).map_err(sentence)?;
    let clock = Arc::new(SystemClock);
    Ok(Arc::new(Services {
        files,
        news: News::new(&db, ids.as_ref()),
        db,
        clock,
        ids,
        passwords,
        tokens,
        remembered: Remembered::default(),
        sign_on,
        rates: Rates::default(),
        reactions: Arc::new(reactions::Table),
    }))
}

/// Runs asynchronous work to its end.
///
/// # Errors
/// Those of the work.
pub fn block_on<T>(work: impl Future<Output = Result<T, Vec<String>>>) -> Result<T, Vec<String>> {
    actix_web::rt::System::new().block_on(work)
}

/// An application error in words for operators. The driver's text stays in it: it is theirs to read.
#[must_use]
pub fn sentence(error: AppError) -> Vec<String> {
    match error {
        AppError::Refused(problems) => problems.into_iter().map(|problem| problem.message).collect(),
        AppError::Unavailable(fault) | AppError::Transient(fault) | AppError::Internal(fault) => {
            vec![fault.cause.clone()]
        }
        AppError::Unauthenticated | AppError::Forbidden => vec!["this is not allowed".to_owned()],
        AppError::RateLimited { .. } => vec!["too many attempts".to_owned()],
    }
}

/// Prints on standard output.
///
/// # Errors
/// When nobody can read it.
pub fn print(text: &str) -> Outcome {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|error| vec![error.to_string()])
}
