//! Names that are not equal and may be one: general words, beginnings, initials, typing errors, look-alikes.

use strsim::osa_distance;

use super::{
    folding::transliterated,
    lists::Class,
    model::Reason,
    name::{Name, Word},
};

type Similar = (u8, Vec<Reason>);

/// How similar two unequal names are, from 1 to 94, and why; none when they are not.
pub fn similar(a: &Name, b: &Name) -> Option<Similar> {
    let found = [
        look_alike(a, b),
        same_numbers(a, b, plural),
        same_numbers(a, b, core),
        same_numbers(a, b, contained),
        same_numbers(a, b, initials),
        same_numbers(a, b, misspelt),
        same_numbers(a, b, other_script),
    ];
    found.into_iter().flatten().max_by_key(|(score, _)| *score)
}

/// A number is a name: Fund II is not Fund III. Paper to invest through is not its manager.
fn same_numbers(a: &Name, b: &Name, rule: fn(&Name, &Name) -> Option<Similar>) -> Option<Similar> {
    if a.numbers() == b.numbers() && a.is_vehicle() == b.is_vehicle() { rule(a, b) } else { None }
}

fn look_alike(a: &Name, b: &Name) -> Option<Similar> {
    let long_enough = a.skeleton.chars().count() >= 4;
    (long_enough && a.skeleton == b.skeleton).then(|| (91, vec![Reason::LookAlikeName]))
}

fn stems(words: &[&Word]) -> Vec<String> {
    words.iter().map(|word| word.stem.clone()).collect()
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words
}

fn plural(a: &Name, b: &Name) -> Option<Similar> {
    let all = |name: &Name| stems(&name.words.iter().collect::<Vec<_>>());
    let (left, right) = (all(a), all(b));
    if left == right {
        return Some((93, vec![Reason::Plural]));
    }
    (left.concat() == right.concat() && left.concat().len() >= 5).then(|| (90, vec![Reason::Plural]))
}

/// How much the words of a core say: 2 with a word of its own, 1 with several ordinary ones, 0 with one.
fn weight(words: &[&Word]) -> u8 {
    if words.iter().any(|word| word.class == Class::Own && word.text.chars().count() > 1) {
        2
    } else {
        u8::from(words.len() > 1)
    }
}

fn core(a: &Name, b: &Name) -> Option<Similar> {
    let (left, right) = (a.core(), b.core());
    let base = match weight(&left) {
        2 => 92,
        1 => 86,
        _ => 72,
    };
    let (one, other) = (stems(&left), stems(&right));
    if one == other || one.concat() == other.concat() {
        return Some((base, vec![Reason::SameCore]));
    }
    (sorted(one) == sorted(other)).then(|| (base.saturating_sub(4), vec![Reason::SameCore, Reason::SameWords]))
}

/// One begins with all of the other, in whatever order, and goes on with what it does or where it is.
fn contained(a: &Name, b: &Name) -> Option<Similar> {
    let (one, other) = (a.core(), b.core());
    begins_with(&other, &one).max(begins_with(&one, &other)).map(|score| (score, vec![Reason::NameContained]))
}

fn begins_with(long: &[&Word], short: &[&Word]) -> Option<u8> {
    let end = beginning(short, long)?;
    let rest = long.get(end..).unwrap_or_default();
    let general = |word: &&&Word| !matches!(word.class, Class::Own | Class::Number);
    let own = rest.len() - rest.iter().filter(general).count();
    let base: u8 = match (weight(short), own) {
        (2, 0) => 86,
        (1, 0) => 78,
        (0, 0) => 68,
        (2, 1) => 66,
        _ => return None,
    };
    let longer = u8::try_from(rest.len().checked_sub(1)?).unwrap_or(u8::MAX).saturating_mul(3);
    Some(base.saturating_sub(longer))
}

/// After how many words of `long` all of `short` has been said; none when it begins differently.
fn beginning(short: &[&Word], long: &[&Word]) -> Option<usize> {
    if short.len() < long.len() {
        let leading = stems(long.get(..short.len())?);
        if sorted(leading) == sorted(stems(short)) {
            return Some(short.len());
        }
    }
    let wanted = stems(short).concat();
    let mut said = String::new();
    for (place, word) in long.iter().enumerate() {
        said.push_str(&word.stem);
        // Two letters apart are often two names: C & F is not CF.
        if said == wanted && said.chars().count() >= 4 {
            return Some(place + 1);
        }
    }
    None
}

fn initials(a: &Name, b: &Name) -> Option<Similar> {
    initials_of(a, b).into_iter().chain(initials_of(b, a)).max().map(|score| (score, vec![Reason::Initials]))
}

/// Whether `short` is made of the initials of `long`, wholly (IBM), with a word in full (BNY Mellon) or with the
/// beginnings of its words.
fn initials_of(short: &Name, long: &Name) -> Option<u8> {
    let first = short.words.first()?;
    if first.class == Class::Number || !first.text.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let letters = first.text.chars().count();
    let with_connectors = long.key.split(' ').collect::<Vec<_>>();
    let without: Vec<&str> = long.words.iter().map(|word| word.text.as_str()).collect();
    let rest: Vec<&str> = short.core().iter().skip(1).map(|word| word.stem.as_str()).collect();
    let spelt = |words: &[&str]| words.iter().filter_map(|word| word.chars().next()).collect::<String>();
    for words in [&with_connectors, &without] {
        let (Some(said), Some(after)) = (words.get(..letters), words.get(letters..)) else { continue };
        if letters < 2 || spelt(said) != first.text {
            continue;
        }
        let after: Vec<_> = after.iter().map(|word| super::lists::singular(word)).collect();
        let remaining = long.core().iter().any(|word| after.contains(&word.stem));
        match (letters, rest.is_empty(), after.iter().map(String::as_str).eq(rest.iter().copied())) {
            (_, false, true) => return Some(84),
            (3.., true, _) if !remaining => return Some(76),
            (2, true, _) if !remaining => return Some(58),
            _ => {}
        }
    }
    let beginnings = short.core().len() == 1 && letters >= 5 && without.len() >= 3;
    (beginnings && made_of_beginnings(&first.text, &without)).then_some(72)
}

/// Whether a word is put together from beginnings of all these words, one after another.
fn made_of_beginnings(word: &str, words: &[&str]) -> bool {
    let Some((next, later)) = words.split_first() else { return word.is_empty() };
    let common = word.bytes().zip(next.bytes()).take_while(|(a, b)| a == b).count();
    (1..=common).any(|length| word.get(length..).is_some_and(|rest| made_of_beginnings(rest, later)))
}

/// A letter or two differ: in one word of its own, or where words were put together.
fn misspelt(a: &Name, b: &Name) -> Option<Similar> {
    let (one, other) = (a.core(), b.core());
    let (left, right) = if one.len() == other.len() {
        let mut differing = one.iter().zip(&other).filter(|(x, y)| x.stem != y.stem);
        let (x, y) = differing.next()?;
        // Ordinary words that differ are different words: East is not a misspelt West.
        if differing.next().is_some() || (x.class != Class::Own && y.class != Class::Own) {
            return None;
        }
        (x.stem.clone(), y.stem.clone())
    } else {
        (stems(&one).concat(), stems(&other).concat())
    };
    let shorter = left.chars().count().min(right.chars().count());
    // The first letter is seldom the wrong one, unless the word is long.
    let same_first = left.chars().next() == right.chars().next();
    let allowed = match shorter {
        0..=5 => return None,
        6..=8 if !same_first => return None,
        6..=8 => 1,
        _ => 2,
    };
    if left.len().abs_diff(right.len()) > 4 * allowed {
        return None;
    }
    let distance = osa_distance(&left, &right);
    let score = match (distance, shorter) {
        (1, 9..) => 88,
        (1, 8) => 82,
        (1, _) => 74,
        (2, 11..) if allowed == 2 => 76,
        (2, _) if allowed == 2 => 68,
        _ => return None,
    };
    Some((score, vec![Reason::Misspelt]))
}

fn other_script(a: &Name, b: &Name) -> Option<Similar> {
    if a.joined.is_ascii() == b.joined.is_ascii() {
        return None;
    }
    let (one, other) = (transliterated(&a.joined), transliterated(&b.joined));
    let long_enough = one.len() >= 5;
    (long_enough && (one == other || osa_distance(&one, &other) <= one.len() / 8))
        .then(|| (80, vec![Reason::OtherScript]))
}
