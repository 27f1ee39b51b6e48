//! `partner-portal migrate`.

use clap::{Args, Subcommand};
use migration::{Migrator, MigratorTrait as _};

use super::{Outcome, block_on, print, problems, sentence};
use crate::platform::{
    config::DatabaseArgs,
    db::{grants, migrations, walls},
};

const EXAMPLES: &str = "Examples:\n  partner-portal migrate up --database-url sqlite:portal.sqlite3\n  \
                        partner-portal migrate up --database-url postgres://owner@db/portal --application-role \
                        portal\n  partner-portal migrate status\n  partner-portal migrate down --steps 1";

/// Changes the shape of the database.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct MigrateArgs {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Subcommand)]
enum Direction {
    /// Runs every migration that was not run yet
    Up {
        /// PostgreSQL: the role that the servers sign in as. It is granted what the application needs, on what the
        /// migrations made too, and nothing that would change what is append-only
        #[arg(long, value_name = "NAME", env = "PARTNER_PORTAL_APPLICATION_ROLE")]
        application_role: Option<String>,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Takes the last migrations back: their data is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Lists the migrations and whether they were run; changes nothing
    Status(DatabaseArgs),
}

/// Changes the shape, or lists the migrations.
pub fn run(args: &MigrateArgs) -> Outcome {
    let mut problems = problems();
    let (Direction::Up { database, .. } | Direction::Down { database, .. } | Direction::Status(database)) =
        &args.direction;
    let database = database.read(&mut problems);
    let database = problems.finish(database)?;
    block_on(async {
        let db = database.open_for_migrations().await.map_err(sentence)?;
        if let Direction::Down { .. } = &args.direction {
            walls::tear_down(&db).await.map_err(sentence)?;
        }
        let done = match &args.direction {
            Direction::Up { .. } => Migrator::up(db.pool(), None).await,
            Direction::Down { steps, .. } => Migrator::down(db.pool(), Some(*steps)).await,
            Direction::Status(_) => Ok(()),
        };
        done.map_err(|error| vec![error.to_string()])?;
        if let Direction::Up { application_role: Some(role), .. } = &args.direction {
            grants::grant(&db, role).await.map_err(sentence)?;
        }
        for (name, run) in migrations::list(db.pool()).await.map_err(|error| vec![error.to_string()])? {
            print(&format!("{} {name}", if run { "run    " } else { "pending" }))?;
        }
        Ok(())
    })
}
