//! What hashing a password costs.

use clap::Args;

use super::{Problems, number, processors};
use crate::platform::auth::passwords::{Hashing, LEAST_MEMORY_KIB, LEAST_PASSES};

const AT_ONCE: &str = "PARTNER_PORTAL_PASSWORD_HASHES";
const MEMORY: &str = "PARTNER_PORTAL_PASSWORD_MEMORY_KIB";
const PASSES: &str = "PARTNER_PORTAL_PASSWORD_PASSES";

/// A gibibyte for one hash is more than anybody needs.
const MOST_MEMORY_KIB: usize = 1_048_576;
const MOST_PASSES: usize = 100;

/// What hashing a password costs, as written.
#[derive(Args, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "the fields are the names of flags")]
pub struct PasswordArgs {
    /// How many passwords are hashed at once, at most two for each processor [default: one for each processor]
    #[arg(long, env = "PARTNER_PORTAL_PASSWORD_HASHES", hide_env_values = true)]
    password_hashes: Option<String>,
    /// The memory of one hash in KiB, at least 19456; passwords hashed at less are hashed anew at their next use
    /// [default: 19456]
    #[arg(long, env = "PARTNER_PORTAL_PASSWORD_MEMORY_KIB", hide_env_values = true)]
    password_memory_kib: Option<String>,
    /// The passes over that memory, at least 2 [default: 2]
    #[arg(long, env = "PARTNER_PORTAL_PASSWORD_PASSES", hide_env_values = true)]
    password_passes: Option<String>,
}

impl PasswordArgs {
    /// Reads it.
    pub fn read(&self, problems: &mut Problems) -> Option<Hashing> {
        let most = processors().saturating_mul(2);
        let at_once = problems.take(AT_ONCE, number(self.password_hashes.as_ref(), processors(), most));
        let memory = at_least(self.password_memory_kib.as_ref(), LEAST_MEMORY_KIB, MOST_MEMORY_KIB);
        let memory = problems.take(MEMORY, memory);
        let passes = problems.take(PASSES, at_least(self.password_passes.as_ref(), LEAST_PASSES, MOST_PASSES));
        Some(Hashing { at_once: at_once?, memory_kib: memory?, passes: passes? })
    }
}

fn at_least(text: Option<&String>, least: u32, most: usize) -> Result<u32, String> {
    let number = u32::try_from(number(text, usize::try_from(least).unwrap_or(most), most)?).unwrap_or(0);
    if number < least { Err(format!("{number} is less than is safe: at least {least}")) } else { Ok(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &PasswordArgs) -> Result<Hashing, Vec<String>> {
        let mut problems = Problems::default();
        let read = args.read(&mut problems);
        problems.finish(read)
    }

    #[test]
    fn the_default_is_what_is_advised_and_less_is_refused() {
        assert_eq!(read(&PasswordArgs::default()), Ok(Hashing::at_once(processors())));
        let weak = PasswordArgs {
            password_hashes: Some((processors() * 2 + 1).to_string()),
            password_memory_kib: Some("19455".to_owned()),
            password_passes: Some("1".to_owned()),
        };
        assert_eq!(read(&weak).unwrap_err().len(), 3);
        let strong = PasswordArgs { password_memory_kib: Some("65536".to_owned()), ..PasswordArgs::default() };
        assert_eq!(read(&strong).unwrap().memory_kib, 65_536);
    }
}
