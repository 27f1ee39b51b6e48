//! How a secret looks: `ppk_`, 43 characters that hold 256 bits, and 6 characters that hold the checksum of those 43.
//!
//! The beginning tells secret scanners what they have found, and the checksum tells them, offline, that it is one;
//! a mistyped secret is refused without asking the database. `docs/api-clients.md` has the pattern.

use crc::{CRC_32_ISO_HDLC, Crc};

/// How every secret begins.
pub const PREFIX: &str = "ppk_";

/// 62^43 is a little more than 2^256.
const RANDOM: usize = 43;
/// 62^6 is more than 2^32.
const CHECKSUM: usize = 6;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// The secret that holds these bits.
#[must_use]
pub fn format(bits: &[u8]) -> String {
    let random = base62(bits, RANDOM);
    let checksum = checksum(&random);
    format!("{PREFIX}{random}{checksum}")
}

/// Whether a text is a secret of ours, as far as can be told without the database.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(PREFIX) else { return false };
    if rest.len() != RANDOM + CHECKSUM || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    rest.split_at_checked(RANDOM).is_some_and(|(random, given)| checksum(random) == given)
}

/// The last characters, by which people tell their secrets apart.
#[must_use]
pub fn hint(secret: &str) -> String {
    secret.get(secret.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

fn checksum(random: &str) -> String {
    base62(&CRC.checksum(random.as_bytes()).to_be_bytes(), CHECKSUM)
}

/// A number, given by its bytes from the largest to the smallest, in so many digits.
fn base62(number: &[u8], digits: usize) -> String {
    let mut number = number.to_vec();
    let mut text: Vec<char> = (0..digits)
        .map(|_| {
            let rest = number.iter_mut().fold(0u32, |rest, byte| {
                let value = rest * 256 + u32::from(*byte);
                // The rest is below 62, so the quotient is below 256.
                *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
                value % 62
            });
            let letter = usize::try_from(rest).ok().and_then(|rest| LETTERS.get(rest));
            letter.copied().map_or('0', char::from)
        })
        .collect();
    text.reverse();
    text.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_one_form_that_scanners_can_check() {
        let lowest = format(&[0; 32]);
        assert_eq!(lowest.len(), 53);
        assert!(lowest.starts_with("ppk_0000000000000000000000000000000000000000000"));
        for bits in [[0u8; 32], [255; 32], [7; 32]] {
            let secret = format(&bits);
            assert_eq!(secret.len(), 53);
            assert!(is_well_formed(&secret), "{secret}");
            assert!(secret.ends_with(&hint(&secret)));
        }
    }

    #[test]
    fn numbers_are_written_as_elsewhere() {
        assert_eq!(base62(&[0xff, 0xff, 0xff, 0xff], 6), "4gfFC3");
        assert_eq!(base62(&[61], 2), "0z");
        assert_eq!(base62(&[62], 2), "10");
    }

    #[test]
    fn a_mistyped_secret_is_none() {
        let secret = format(&[42; 32]);
        for (index, letter) in secret.char_indices() {
            let other = if letter == 'x' { "y" } else { "x" };
            let mut mistyped = secret.clone();
            mistyped.replace_range(index..=index, other);
            assert!(!is_well_formed(&mistyped), "{mistyped}");
        }
        for other in ["", "ppk_", &secret[..52], &format!("{secret}0"), &secret.replace("ppk_", "ppk-"), "ppk_é"] {
            assert!(!is_well_formed(other), "{other}");
        }
    }

    #[test]
    fn other_bits_make_other_secrets() {
        let mut bits = [0u8; 32];
        let mut seen = std::collections::BTreeSet::new();
        for byte in 0..32 {
            bits[byte] = 1;
            assert!(seen.insert(format(&bits)));
            bits[byte] = 0;
        }
    }
}
