//! The signing keys together. Each signs from an instant that its file's name tells, the same on every replica, and is
//! published as soon as it is there: so a token never arrives before the key that it was signed with.

use std::{fs, path::Path};

use chrono::{NaiveDateTime, TimeDelta};
use entity::value::Timestamp;

use super::{
    keys::{KeyId, PublicKey, SigningKey},
    tokens::{ACCESS_TOKEN_SECONDS, LEEWAY_SECONDS},
};

/// How the name of a key's file tells from when it signs, before `.pem`.
pub const SIGNS_FROM: &str = "%Y%m%dT%H%M%SZ";

/// The file beside the keys from which secrets are derived: it stays when they go.
pub const DERIVING_FILE: &str = "secrets.pem";

/// A key in its place.
#[derive(Clone)]
struct Place {
    key: SigningKey,
    /// From when it signs; none for the first key, which always did.
    from: Option<Timestamp>,
}

/// The keys in the order in which they sign; never empty.
#[derive(Clone)]
pub struct KeyRing {
    first: Place,
    later: Vec<Place>,
}

impl KeyRing {
    /// One key that always signs.
    #[must_use]
    pub const fn of(key: SigningKey) -> Self {
        Self { first: Place { key, from: None }, later: Vec::new() }
    }

    /// The keys of a folder, and the PEM text of what secrets are derived from.
    ///
    /// # Errors
    /// A sentence for what is wrong with the folder or one of its files.
    pub fn read(folder: &Path) -> Result<(Self, String), String> {
        let mut deriving = None;
        let mut places = Vec::new();
        let unreadable = |path: &Path, error: std::io::Error| format!("{} cannot be read: {error}", path.display());
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path.extension().is_none_or(|ending| ending != "pem") {
                continue;
            }
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            if path.file_name().is_some_and(|name| name == DERIVING_FILE) {
                deriving = Some(text);
                continue;
            }
            let key = SigningKey::from_pem(&text).map_err(|problem| format!("{}: {problem}", path.display()))?;
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            let from = NaiveDateTime::parse_from_str(&stem, SIGNS_FROM).ok().map(|at| Timestamp::from(at.and_utc()));
            places.push((Place { key, from }, text));
        }
        places.sort_by_key(|(place, _)| place.from);
        let mut places = places.into_iter();
        let Some((first, first_text)) = places.next() else {
            return Err(format!("{} holds no key: run `partner-portal keys generate`", folder.display()));
        };
        let later: Vec<_> = places.map(|(place, _)| place).collect();
        if later.iter().any(|place| place.from.is_none()) {
            return Err(format!(
                "{}: all keys but the first are named by the instant from which they sign, such as \
                 20270115T080000Z.pem; `partner-portal keys generate` does it",
                folder.display()
            ));
        }
        let deriving = match deriving {
            Some(text) => text,
            None if later.is_empty() => first_text,
            None => {
                return Err(format!(
                    "{} holds several keys and no {DERIVING_FILE}: copy the oldest key to it, so that secrets which \
                     are out stay what they are when that key goes",
                    folder.display()
                ));
            }
        };
        Ok((Self { first, later }, deriving))
    }

    /// The key that signs at an instant: the newest whose time has come, else the oldest.
    #[must_use]
    pub fn signer(&self, now: Timestamp) -> &SigningKey {
        let begun = self.later.iter().rev().find(|place| place.from.is_none_or(|from| from <= now));
        &begun.unwrap_or(&self.first).key
    }

    /// The key of this name, if tokens signed with it can be in force.
    #[must_use]
    pub fn reader(&self, id: KeyId, now: Timestamp) -> Option<&SigningKey> {
        self.in_use(now).find(|key| key.id() == id)
    }

    /// The public halves of the keys that sign, will sign, or have signed what is in force.
    #[must_use]
    pub fn published(&self, now: Timestamp) -> Vec<PublicKey> {
        self.in_use(now).map(SigningKey::public).collect()
    }

    /// The names of all keys.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        std::iter::once(&self.first).chain(&self.later).map(|place| place.key.id()).collect()
    }

    /// All keys but those whose last token has expired since the next key took over.
    fn in_use(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        let outlived = TimeDelta::seconds(ACCESS_TOKEN_SECONDS.saturating_add(LEEWAY_SECONDS.saturating_mul(2)));
        let next = self.later.iter().map(Some).chain(std::iter::once(None));
        std::iter::once(&self.first).chain(&self.later).zip(next).filter_map(move |(place, next)| {
            let ended = next.and_then(|next| next.from).is_some_and(|from| from.plus(outlived) <= now);
            (!ended).then_some(&place.key)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::keys::generate_pem, *};

    fn at(text: &str) -> Timestamp {
        Timestamp::from(NaiveDateTime::parse_from_str(text, SIGNS_FROM).unwrap().and_utc())
    }

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(name), generate_pem().unwrap()).unwrap();
        }
        folder
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_verifies_until_its_last_token_has_expired() {
        let folder = folder(&["key.pem", "20260302T100000Z.pem", "20260302T120000Z.pem", DERIVING_FILE, "notes.txt"]);
        let (ring, _) = KeyRing::read(folder.path()).unwrap();
        let [first, second, third] = ring.ids()[..] else { panic!("three keys") };
        for (now, signs, verify) in [
            ("20260302T095959Z", first, vec![first, second, third]),
            ("20260302T100000Z", second, vec![first, second, third]),
            ("20260302T101009Z", second, vec![first, second, third]),
            ("20260302T101010Z", second, vec![second, third]),
            ("20260302T120000Z", third, vec![second, third]),
            ("20270302T120000Z", third, vec![third]),
        ] {
            assert_eq!(ring.signer(at(now)).id(), signs, "{now}");
            let reading: Vec<_> = ring.ids().into_iter().filter(|id| ring.reader(*id, at(now)).is_some()).collect();
            assert_eq!(reading, verify, "{now}");
            assert_eq!(ring.published(at(now)).len(), verify.len(), "{now}");
        }
    }

    #[test]
    fn the_only_key_that_is_left_signs_at_once() {
        let folder = folder(&["20990101T000000Z.pem"]);
        let (ring, _) = KeyRing::read(folder.path()).unwrap();
        assert_eq!(ring.signer(at("20260302T100000Z")).id(), ring.ids()[0]);
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_said_without_its_secrets() {
        for (names, said) in [
            (vec![], "keys generate"),
            (vec!["a.pem", "b.pem", DERIVING_FILE], "named by the instant"),
            (vec!["a.pem", "20260302T100000Z.pem"], DERIVING_FILE),
        ] {
            let folder = folder(&names);
            let problem = KeyRing::read(folder.path()).err().unwrap();
            assert!(problem.contains(said), "{problem}");
        }
        let folder = folder(&["key.pem"]);
        fs::write(folder.path().join("20260302T100000Z.pem"), "hunter2").unwrap();
        let problem = KeyRing::read(folder.path()).err().unwrap();
        assert!(problem.contains("20260302T100000Z.pem") && !problem.contains("hunter2"), "{problem}");
        assert!(KeyRing::read(Path::new("/nowhere")).is_err());
    }
}
