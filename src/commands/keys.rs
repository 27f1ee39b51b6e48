//! `partner-portal keys`: the folder of keys that sign access tokens.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use entity::value::Timestamp;

use super::{Outcome, print};
use crate::platform::{
    auth::{
        key_ring::{DERIVING_FILE, KeyRing, SIGNS_FROM},
        keys,
    },
    clock::{Clock as _, SystemClock},
};

const EXAMPLES: &str = "Examples:\n  partner-portal keys generate --folder keys\n  partner-portal keys generate \
                        --folder keys --signs-in-minutes 1440\n\nEvery replica needs the file before it signs. A key is \
                        used until the next one signs, and may be deleted a quarter of an hour later. secrets.pem \
                        stays: invitations and refresh tokens that are out hang on it.";

/// The folder of keys.
#[derive(Args)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Adds a key that signs from a while later on; the first one signs at once
    #[command(after_help = EXAMPLES)]
    Generate {
        /// The folder, made when it is not there
        #[arg(long, env = "PARTNER_PORTAL_SIGNING_KEYS", hide_env_values = true)]
        folder: PathBuf,
        /// In how many minutes the key begins to sign: long enough for it to reach every replica, and every cache of
        /// the published keys
        #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(10..=527_040))]
        signs_in_minutes: u32,
    },
}

/// Does it.
pub fn run(args: &KeysArgs) -> Outcome {
    let Command::Generate { folder, signs_in_minutes } = &args.command;
    let path = generate(folder, *signs_in_minutes, SystemClock.now()).map_err(|problem| vec![problem])?;
    print(&format!("{} was written", path.display()))
}

fn generate(folder: &Path, signs_in_minutes: u32, now: Timestamp) -> Result<PathBuf, String> {
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    let (is_first, deriving) = match KeyRing::read(folder) {
        Ok((_, deriving)) => (false, deriving),
        // Nothing is written beside what cannot be read.
        Err(problem) if holds_keys(folder)? => return Err(problem),
        Err(_) => (true, keys::generate_pem()?),
    };
    // Before the second key: until there is one, the first is what secrets are derived from.
    if !folder.join(DERIVING_FILE).exists() {
        write_secret(&folder.join(DERIVING_FILE), &deriving)?;
    }
    let wait = if is_first { TimeDelta::zero() } else { TimeDelta::minutes(i64::from(signs_in_minutes)) };
    let path = folder.join(format!("{}.pem", now.plus(wait).to_utc().format(SIGNS_FROM)));
    write_secret(&path, &keys::generate_pem()?)?;
    Ok(path)
}

fn holds_keys(folder: &Path) -> Result<bool, String> {
    let files = fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    Ok(files.flatten().any(|file| file.path().extension().is_some_and(|ending| ending == "pem")))
}

/// Writes a file that only its owner can read, whole or not at all: a server may be reading the folder.
fn write_secret(path: &Path, text: &str) -> Result<(), String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let wrong = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    if path.exists() {
        return Err(format!("{} is there already", path.display()));
    }
    let unfinished = path.with_extension("unfinished");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).map_err(wrong)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(wrong)?;
    fs::rename(&unfinished, path).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_new_key_signs_later_than_the_one_before_and_secrets_stay() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_micros(1_772_442_000_000_000);
        let first = generate(folder.path(), 60, now).unwrap();
        let (ring, deriving) = KeyRing::read(folder.path()).unwrap();
        let signing = ring.signer(now).id();
        assert!(generate(folder.path(), 60, now.plus_days(-365)).is_ok(), "an older one is no harm");
        generate(folder.path(), 60, now).unwrap();
        let (ring, kept) = KeyRing::read(folder.path()).unwrap();
        assert_eq!((ring.ids().len(), kept), (3, deriving));
        assert_eq!(ring.signer(now).id(), signing);
        assert_ne!(ring.signer(now.plus(TimeDelta::minutes(60))).id(), signing);
        assert!(generate(folder.path(), 60, now).is_err(), "nothing is overwritten");
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(first).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "only the owner reads it");

        // A folder with one key from elsewhere: it is what secrets were derived from.
        let folder = tempfile::tempdir().unwrap();
        let own = keys::generate_pem().unwrap();
        fs::write(folder.path().join("key.pem"), &own).unwrap();
        generate(folder.path(), 60, now).unwrap();
        assert_eq!(KeyRing::read(folder.path()).unwrap().1, own);
    }
}
