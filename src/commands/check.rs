//! `partner-portal check`.

use clap::Args;

use super::{Outcome, block_on, print, problems, sentence, services};
use crate::{
    app,
    platform::{
        auth::{keys, tokens::Tokens},
        call::Call,
        config::DatabaseArgs,
        invariants,
    },
};

const EXAMPLES: &str = "Example:\n  partner-portal check --database-url sqlite:portal.sqlite3\n\nPrints a line for each \
                        invariant with how many rows it was checked on, and ends with 1 when one is broken, naming the \
                        rows. It changes nothing and may run beside the servers.";

/// Checks what always holds.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Checks every invariant of the database.
pub fn run(args: &CheckArgs) -> Outcome {
    let mut problems = problems();
    let database = args.database.read(&mut problems);
    let database = problems.finish(database)?;
    block_on(async {
        let db = database.open().await.map_err(sentence)?;
        // Nobody signs in here: a key that is forgotten at once will do.
        let key = keys::generate_pem().and_then(|pem| Tokens::from_pem(&pem, "check"));
        let call = Call::system(services(db, key.map_err(|problem| vec![problem])?)?, "check");
        let mut broken = Vec::new();
        for (area, invariant) in app::invariants() {
            let found = invariants::check(&call, invariant).await.map_err(sentence)?;
            let verdict = if found.broken.is_empty() { "holds " } else { "BROKEN" };
            print(&format!("{verdict} {area}: {} ({} checked)", invariant.name, found.checked))?;
            broken.extend(found.broken.iter().map(|row| format!("{area}: {}: {row}", invariant.name)));
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    })
}
