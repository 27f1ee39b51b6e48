//! `partner-portal export-demo`: the demo's schema, operations and answers as files, to build a frontend against
//! without a server.

use std::{fs, path::PathBuf};

use clap::Args;

use super::{Outcome, block_on, demo::world, print, problems, sentence};
use crate::{
    demo,
    platform::auth::{keys, tokens::Tokens},
    schema,
};

/// Writes the demo to a folder.
#[derive(Args)]
#[command(after_help = "Example:\n  partner-portal export-demo fixtures")]
pub struct ExportDemoArgs {
    /// The folder to write to; made when it is not there
    folder: PathBuf,
}

/// Makes the world in memory's stead: a temporary folder beside the files, gone afterwards.
pub fn run(args: &ExportDemoArgs) -> Outcome {
    problems().finish(Some(()))?;
    let io = |error: std::io::Error| vec![format!("{}: {error}", args.folder.display())];
    fs::create_dir_all(&args.folder).map_err(io)?;
    let making = args.folder.join(".making");
    let pem = keys::generate_pem().map_err(|problem| vec![problem])?;
    let tokens = Tokens::from_pem(&pem, "http://localhost:8080").map_err(|problem| vec![problem])?;
    let written = block_on(async {
        let db = world(&making, tokens.clone()).await?;
        let files = demo::export::files(db.clone(), tokens).await.map_err(sentence)?;
        db.pool().clone().close().await.map_err(|error| vec![error.to_string()])?;
        fs::write(args.folder.join("schema.graphql"), schema::sdl()).map_err(io)?;
        for (name, content) in &files {
            fs::write(args.folder.join(name), content).map_err(io)?;
        }
        Ok(files.len())
    });
    fs::remove_dir_all(&making).map_err(io)?;
    print(&format!("{} files and schema.graphql are in {}", written?, args.folder.display()))
}
