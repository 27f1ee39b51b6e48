//! The keys by which candidates are found: an index holds them for every account, a question asks for some of them.
//! A key is a number: two texts that share one by chance cost a comparison, never a wrong answer.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher, Hash},
};

use sha2::{Digest as _, Sha256};

use super::{
    compare::Profile,
    folding::{domain_looks, transliterated},
    lists::Class,
    name::Name,
};

/// A key as stored.
pub type Key = i64;

/// The keys that a question asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Each alone is reason enough to compare, however many share it: identifiers, and the name itself.
    pub strong: Vec<Key>,
    /// Reason enough when few share it: words, beginnings, halves.
    pub weak: Vec<Key>,
}

/// What a key is made of. It goes into the number: changing one asks for the index to be made anew.
mod kind {
    pub const REGISTRY: &str = "registry";
    pub const DOMAIN: &str = "domain";
    pub const DOMAIN_LOOKS: &str = "domain-looks";
    pub const NAME: &str = "name";
    pub const CORE: &str = "core";
    pub const LOOKS: &str = "looks";
    pub const WORD: &str = "word";
    pub const PAIR: &str = "pair";
    pub const INITIALS: &str = "initials";
    pub const FIRST_HALF: &str = "first-half";
    pub const SECOND_HALF: &str = "second-half";
}

fn key(kind: &str, text: &str) -> Key {
    let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(text).finalize();
    let first: [u8; 8] = digest.first_chunk::<8>().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}

/// The keys that the index holds for a subject.
#[must_use]
pub fn keys(profile: &Profile) -> Vec<Key> {
    let mut found: BTreeSet<Key> = identifiers(profile).collect();
    for name in &profile.names {
        found.extend(identities(name));
        found.extend(words(name).iter().map(|word| key(kind::WORD, word)));
        found.extend(pair(name));
        found.extend(initials(name).iter().map(|initials| key(kind::INITIALS, initials)));
        found.extend(halves(name, &[0]));
    }
    found.into_iter().collect()
}

/// The keys to ask for when looking for accounts that may be this subject.
#[must_use]
pub fn sought(profile: &Profile) -> Sought {
    let mut strong: BTreeSet<Key> = identifiers(profile).collect();
    let mut weak = BTreeSet::new();
    for name in &profile.names {
        strong.extend(identities(name));
        weak.extend(words(name).iter().map(|word| key(kind::WORD, word)));
        weak.extend(pair(name));
        // Its initials may be the other's word, and its word the other's initials, wholly or as far as they go.
        weak.extend(initials(name).iter().map(|initials| key(kind::WORD, initials)));
        let first = name.words.first().map(|word| word.text.as_str()).unwrap_or_default();
        if first.is_ascii() {
            let longest = if first.len() <= 5 { first.len() } else { first.len().min(8) - 1 };
            let shortest = if first.len() <= 4 { first.len() } else { 3 };
            weak.extend((shortest.max(2)..=longest).filter_map(|n| first.get(..n)).map(|it| key(kind::INITIALS, it)));
        }
        weak.extend(halves(name, &[-1, 0, 1]));
    }
    weak.retain(|key| !strong.contains(key));
    Sought { strong: strong.into_iter().collect(), weak: weak.into_iter().collect() }
}

/// So many accounts are read of a key. A weak key that more accounts have says too little to be followed.
pub const MOST_OF_A_KEY: usize = 50;

/// So many accounts are compared at most.
const MOST_COMPARED: usize = 200;

/// Whom to compare, given the first accounts of each key, one more than [`MOST_OF_A_KEY`] where there are more: those of
/// strong keys first, then those that share the most weak ones.
#[must_use]
pub fn choose<T: Copy + Eq + Hash + Ord, S: BuildHasher>(sought: &Sought, of_keys: &HashMap<Key, Vec<T>, S>) -> Vec<T> {
    // How many keys speak for somebody; a strong one more than all weak ones together.
    let mut shared: HashMap<T, usize> = HashMap::new();
    for key in &sought.strong {
        for one in of_keys.get(key).into_iter().flatten().take(MOST_OF_A_KEY) {
            *shared.entry(*one).or_default() += 1_000;
        }
    }
    for key in &sought.weak {
        for one in of_keys.get(key).filter(|found| found.len() <= MOST_OF_A_KEY).into_iter().flatten() {
            *shared.entry(*one).or_default() += 1;
        }
    }
    let mut found: Vec<(Reverse<usize>, T)> = shared.into_iter().map(|(one, shared)| (Reverse(shared), one)).collect();
    found.sort_unstable();
    found.truncate(MOST_COMPARED);
    found.into_iter().map(|(_, one)| one).collect()
}

fn identifiers(profile: &Profile) -> impl Iterator<Item = Key> {
    let ids =
        profile.subject.registry_ids.iter().map(|id| key(kind::REGISTRY, &format!("{:?} {}", id.registry, id.number)));
    let own = profile.subject.domains.iter().filter(|domain| domain.proves_nothing().is_none());
    let domains =
        own.flat_map(|domain| [key(kind::DOMAIN, domain.as_str()), key(kind::DOMAIN_LOOKS, &domain_looks(domain))]);
    ids.chain(domains)
}

/// The name as it is, its words in any order, what it looks like.
fn identities(name: &Name) -> Vec<Key> {
    let mut core: Vec<&str> = name.core().iter().map(|word| word.stem.as_str()).collect();
    let joined = core.concat();
    core.sort_unstable();
    let mut found = vec![
        key(kind::NAME, &name.joined),
        key(kind::CORE, &core.join(" ")),
        key(kind::CORE, &joined),
        key(kind::LOOKS, &name.skeleton),
    ];
    if !name.joined.is_ascii() {
        found.push(key(kind::NAME, &transliterated(&name.joined)));
    }
    found
}

/// Words of its own, the first word of any kind, and the first two in one.
fn words(name: &Name) -> BTreeSet<String> {
    let core = name.core();
    let own = core.iter().filter(|word| word.class == Class::Own && word.text.chars().count() > 1);
    let mut found: BTreeSet<String> = own.chain(core.first()).map(|word| word.stem.clone()).collect();
    if let [first, second, ..] = core.as_slice() {
        found.insert(format!("{}{}", first.stem, second.stem));
    }
    found
}

/// The first two words, in any order.
fn pair(name: &Name) -> Option<Key> {
    let core = name.core();
    let [first, second, ..] = core.as_slice() else { return None };
    let mut pair = [first.stem.as_str(), second.stem.as_str()];
    pair.sort_unstable();
    Some(key(kind::PAIR, &pair.join(" ")))
}

/// The initials, with the words that only connect and without; and those of the beginning before a word of its own.
fn initials(name: &Name) -> BTreeSet<String> {
    let spelt =
        |words: &mut dyn Iterator<Item = &str>| words.filter_map(|word| word.chars().next()).collect::<String>();
    let all = spelt(&mut name.key.split(' '));
    let saying = spelt(&mut name.words.iter().map(|word| word.text.as_str()));
    let core = spelt(&mut name.core().iter().map(|word| word.text.as_str()));
    [all, saying, core].into_iter().filter(|it| (2..=8).contains(&it.len()) && it.is_ascii()).collect()
}

/// Each half of the core with its length: a letter mistyped leaves one of them as it is.
fn halves(name: &Name, lengths: &[isize]) -> Vec<Key> {
    let core: String = name.core().iter().map(|word| word.stem.as_str()).collect();
    let letters: Vec<char> = core.chars().collect();
    if letters.len() < 6 {
        return Vec::new();
    }
    let mut found = Vec::with_capacity(2 * lengths.len());
    for more in lengths {
        let length = letters.len().saturating_add_signed(*more);
        let first: String = letters.iter().take(length / 2).collect();
        let second: String = letters.iter().rev().take(length - length / 2).collect();
        found.push(key(kind::FIRST_HALF, &format!("{length} {first}")));
        found.push(key(kind::SECOND_HALF, &format!("{length} {second}")));
    }
    found
}
