//! `partner-portal demo`: one command from nothing to a world that can be tried out.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use migration::{Migrator, MigratorTrait as _};

use super::{Outcome, block_on, print, problems, sentence, serve, services_with};
use crate::{
    app, demo, letters,
    platform::{
        auth::{keys, passwords::Hashing, tokens::Tokens},
        clock::{Clock as _, SystemClock},
        config::{self, Database, DatabaseArgs, FilesArgs, Http, HttpArgs, LogArgs, MailArgs, Problems},
        db::Db,
        http::Settings,
    },
};

const EXAMPLES: &str =
    "Examples:\n  partner-portal demo\n  partner-portal demo --listen 127.0.0.1:9000 --data /tmp/world";

/// Serves a believable world on an embedded database.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// The folder of its database and key; a second start finds its world there again
    #[arg(long, default_value = "data/demo")]
    data: PathBuf,
    #[command(flatten)]
    http: HttpArgs,
    #[command(flatten)]
    mail: MailArgs,
    #[command(flatten)]
    files: FilesArgs,
    #[command(flatten)]
    log: LogArgs,
}

/// Makes the world unless it is there, and serves it until SIGTERM or SIGINT.
pub fn run(args: &DemoArgs) -> Outcome {
    let mut problems = problems();
    let log = args.log.read(&mut problems);
    let http = args.http.read(&mut problems);
    let mail = args.mail.read(&mut problems, Some(args.data.join("mail")));
    let files = args.files.read(&mut problems, args.data.join("files"));
    let ((log, http), (mail, files)) = problems.finish(log.zip(http).zip(mail.zip(files)))?;
    log.begin().map_err(|problem| vec![problem])?;
    block_on(async {
        let tokens = tokens(&args.data, &http)?;
        let db = world(&args.data, tokens.clone()).await?;
        let files = files.open().map_err(|problem| vec![problem])?;
        let hashing = Hashing::at_once(config::processors());
        let mut app = app::compose(services_with(db, tokens, hashing, None, files)?, serve::TRUST);
        app.demo_people = Arc::new(demo::people());
        let own_origin = Some(format!("http://{}", http.listen));
        let settings = Settings { introspection: true, graphiql: true, own_origin, ..http.settings(&app.settings) };
        greet(&http)?;
        let public_url = format!("http://{}", http.listen);
        let post = mail.post(&public_url, Arc::new(letters::Table)).map_err(|problem| vec![problem])?;
        serve::until_stopped(app.with(settings), &http, app::jobs(post)).await
    })
}

/// Brings a database to the present shape.
async fn migrated(database: &Database) -> Result<(), Vec<String>> {
    let db = database.open_for_migrations().await.map_err(sentence)?;
    Migrator::up(db.pool(), None).await.map_err(|error| vec![error.to_string()])?;
    db.pool().clone().close().await.map_err(|error| vec![error.to_string()])
}

/// The world in a folder, made when it is not there.
///
/// # Errors
/// A sentence for what does not work.
pub async fn world(folder: &Path, tokens: Tokens) -> Result<Db, Vec<String>> {
    fs::create_dir_all(folder).map_err(|error| vec![format!("{} cannot be made: {error}", folder.display())])?;
    let path = folder.join("portal.sqlite3");
    let mut problems = Problems::default();
    let database = DatabaseArgs::at(&format!("sqlite:{}", path.display())).read(&mut problems);
    let database = problems.finish(database)?;
    if path.exists() {
        migrated(&database).await?;
        let db = database.open().await.map_err(sentence)?;
        if demo::is_inhabited(&db).await.map_err(sentence)? {
            return Ok(db);
        }
        db.pool().clone().close().await.map_err(|error| vec![error.to_string()])?;
    }
    print("Making a world: a vendor, six partners, twelve months of business. This takes a moment, once.")?;
    // Made beside its place and moved there when it is whole, so that a world is never half made.
    let unfinished = folder.join("unfinished.sqlite3");
    for leftover in ["unfinished.sqlite3", "unfinished.sqlite3-wal", "unfinished.sqlite3-shm"] {
        // Not there is as good as removed.
        let _gone = fs::remove_file(folder.join(leftover));
    }
    let mut problems = Problems::default();
    let making = DatabaseArgs::at(&format!("sqlite:{}", unfinished.display())).read(&mut problems);
    let making = problems.finish(making)?;
    migrated(&making).await?;
    let db = making.open().await.map_err(sentence)?;
    demo::create(db.clone(), tokens, SystemClock.now()).await.map_err(sentence)?;
    db.pool().clone().close().await.map_err(|error| vec![error.to_string()])?;
    fs::rename(&unfinished, &path).map_err(|error| vec![error.to_string()])?;
    database.open().await.map_err(sentence)
}

/// Signs with the key beside the database, made when it is not there.
fn tokens(folder: &Path, http: &Http) -> Result<Tokens, Vec<String>> {
    fs::create_dir_all(folder).map_err(|error| vec![format!("{} cannot be made: {error}", folder.display())])?;
    let path = folder.join("signing-key.pem");
    if !path.exists() {
        let pem = keys::generate_pem().map_err(|problem| vec![problem])?;
        write_secret(&path, &pem).map_err(|error| vec![format!("{} cannot be written: {error}", path.display())])?;
    }
    let pem = fs::read_to_string(&path).map_err(|error| vec![format!("{} cannot be read: {error}", path.display())])?;
    Tokens::from_pem(&pem, &format!("http://{}", http.listen)).map_err(|problem| vec![problem])
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

fn greet(http: &Http) -> Outcome {
    let address = format!("http://{}", http.listen);
    print(&format!(
        "\nThe partner portal's demo is at {address}\n\nSign in as (password for all: {}):",
        demo::PASSWORD
    ))?;
    for person in demo::people() {
        print(&format!("  {:<36} {}", person.email, person.title))?;
    }
    print(&format!(
        "\nA first query to paste:\n\n  token=$(curl -s {address}/graphql -H 'content-type: application/json' -d '{{\"query\":\"mutation {{ signIn(input: \
         {{ email: \\\"paula@alpenblick-it.example\\\", password: \\\"{}\\\" }}) {{ tokens {{ accessToken }} }} }}\"}}' | sed -E \
         's/.*\"accessToken\":\"([^\"]+)\".*/\\1/')\n  curl -s {address}/graphql -H 'content-type: application/json' -H \"authorization: Bearer $token\" \
         -d '{{\"query\":\"{{ viewer {{ user {{ name }} partner {{ name tier engagementScore {{ score band }} }} }} }}\"}}'\n\n\
         Or open {address} in a browser. Stop with Ctrl+C; the next start finds this world again.\n",
        demo::PASSWORD
    ))
}
