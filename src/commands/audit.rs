//! `partner-portal audit`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Outcome, block_on, print, problems, sentence};
use crate::{
    kernel::hex,
    platform::{
        audit::verify::{self, Anchors, Head, Tampered},
        config::DatabaseArgs,
    },
};

const EXAMPLES: &str = "Examples:\n  partner-portal audit verify > anchors-2026-11-22.txt\n  partner-portal audit verify \
                        --anchor anchors-2026-11-22.txt";

const VERIFY_HELP: &str = "Prints a line for each chain (its name, how many events, the hash of the last) and a digest \
                           over all of them. Kept where nobody who can write the database can, this output is an \
                           anchor: with --anchor a later run also finds a chain that was written anew from its \
                           beginning. What was tampered with is named on standard error, and the exit code is 1.";

/// What was recorded of every change.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct AuditArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Walks the hash chains of the audit events and finds what was changed past the product
    #[command(after_help = EXAMPLES, long_about = VERIFY_HELP)]
    Verify(VerifyArgs),
}

#[derive(Args)]
struct VerifyArgs {
    /// What an earlier run printed: every chain still has to go through where it ended then
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// The digest that has to come out: nothing was written since
    #[arg(long, value_name = "DIGEST")]
    expect: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Verifies.
pub fn run(args: &AuditArgs) -> Outcome {
    let Action::Verify(args) = &args.action;
    let mut problems = problems();
    let database = args.database.read(&mut problems);
    let anchors = match &args.anchor {
        Some(path) => problems.take("--anchor", read_anchors(path)),
        None => Some(Anchors::new()),
    };
    let (database, anchors) = problems.finish(database.zip(anchors))?;
    block_on(async {
        let db = database.open().await.map_err(sentence)?;
        let mut unheard = Vec::new();
        let mut told = |chain: &str, head: &Head| {
            let line = print(&format!("{chain} {} {}", head.length, hex::encode(&head.hash)));
            unheard.extend(line.err().into_iter().flatten());
        };
        let found = verify::verify(&db, &anchors, &mut told).await.map_err(sentence)?;
        let digest = hex::encode(&found.digest);
        print(&format!(
            "digest {digest} over {} chains of {} events, and {} events from before there were chains",
            found.chains, found.events, found.unchained
        ))?;
        let mut faults: Vec<String> = found.tampered.iter().map(in_words).collect();
        if args.expect.as_ref().is_some_and(|expected| *expected != digest) {
            faults.push("the digest is not the expected one".to_owned());
        }
        faults.append(&mut unheard);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    })
}

fn in_words(tampered: &Tampered) -> String {
    let Tampered { chain, sequence, event, fault } = tampered;
    let event = event.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("audit chain {chain}, event {sequence}{event}: {fault}")
}

/// The lines that `audit verify` printed. Others in the file are passed over.
fn read_anchors(path: &Path) -> Result<Anchors, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let anchors: Anchors = text.lines().filter_map(anchor).collect();
    if anchors.is_empty() {
        return Err(format!("{}: there is no line of `audit verify` in it", path.display()));
    }
    Ok(anchors)
}

fn anchor(line: &str) -> Option<(String, Head)> {
    let mut words = line.split(' ');
    let (chain, length, hash) = (words.next()?, words.next()?, words.next()?);
    let head = Head { length: length.parse().ok()?, hash: hex::decode(hash).filter(|hash| hash.len() == 32)? };
    words.next().is_none().then(|| (chain.to_owned(), head))
}
