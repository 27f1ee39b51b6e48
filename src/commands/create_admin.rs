//! `partner-portal create-admin`.

use std::io::{self, BufRead as _, IsTerminal as _};

use clap::Args;

use super::{Outcome, block_on, print, problems, sentence, services};
use crate::{
    people::{sessions::password, users},
    platform::{
        auth::{keys, tokens::Tokens},
        call::Call,
        config::{self, DatabaseArgs},
        graphql::parse,
    },
};

const EXAMPLES: &str = "The password is taken from the variable PARTNER_PORTAL_ADMIN_PASSWORD, else asked for on the \
                        terminal, else read from standard input.\n\nExample:\n  partner-portal create-admin --email \
                        ana@example.com --name 'Ana Lima'";

/// Creates the first administrator.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct CreateAdminArgs {
    /// The address to sign in with
    #[arg(long)]
    email: String,
    /// The person's name
    #[arg(long)]
    name: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Creates them, unless there is an administrator already.
pub fn run(args: &CreateAdminArgs) -> Outcome {
    let mut problems = problems();
    let database = args.database.read(&mut problems);
    let database = problems.finish(database)?;
    let (email, email_key) = parse::email(&args.email, "email").map_err(sentence)?;
    let name = parse::line(&args.name, "name", 100).map_err(sentence)?;
    let chosen = ask().map_err(|error| vec![format!("the password cannot be read: {error}")])?;
    let chosen = password::choose(chosen, "password", &[&email, &name]).map_err(sentence)?;
    block_on(async {
        let db = database.open().await.map_err(sentence)?;
        // Nobody signs in here: a key that is forgotten at once will do.
        let key = keys::generate_pem().and_then(|pem| Tokens::from_pem(&pem, "create-admin"));
        let services = services(db, key.map_err(|problem| vec![problem])?)?;
        let hashed = services.passwords.hash(chosen, services.ids.as_ref()).await.map_err(sentence)?;
        let call = Call::system(services, "create-admin");
        let admin = users::FirstAdmin { email, email_key, name, password_hash: hashed };
        let user = users::create_first_admin(&call, admin).await.map_err(sentence)?;
        print(&format!("{} may sign in as an administrator ({})", user.email, user.id))
    })
}

fn ask() -> io::Result<String> {
    if let Some(password) = config::variable(config::ADMIN_PASSWORD) {
        return Ok(password);
    }
    if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password (at least 12 characters): ")?;
        let second = rpassword::prompt_password("Again: ")?;
        return if first == second { Ok(first) } else { Err(io::Error::other("the two differ")) };
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
