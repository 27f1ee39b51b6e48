//! The comparison of two subjects: identifiers first, then names, then what speaks against it.

use super::{
    folding::domain_looks,
    lists::{LEGAL_FORMS, WORDS},
    model::{Evidence, Finding, Reason, Subject, VERSION, Verdict},
    name::Name,
    similar,
};

/// A subject with its names taken apart: what is done once, however many it is compared with.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The subject.
    pub subject: Subject,
    /// Its names, taken apart, in the same order.
    pub names: Vec<Name>,
}

impl Profile {
    /// Takes the names of a subject apart.
    #[must_use]
    pub fn of(subject: Subject) -> Self {
        let names = subject.names.iter().map(|name| Name::parse(name)).collect();
        Self { subject, names }
    }
}

/// Whether two are the same customer, how sure, and by which evidence. Symmetric: the verdict and the score are the same
/// from both sides. Where a name reads otherwise beside another one than the other one beside it, the more careful
/// reading counts.
#[must_use]
pub fn compare(left: &Profile, right: &Profile, probable_from: u8) -> Finding {
    let (there, mut back) = (one_way(left, right, probable_from), one_way(right, left, probable_from));
    if (there.verdict, there.score) <= (back.verdict, back.score) {
        return there;
    }
    for found in &mut back.evidence {
        std::mem::swap(&mut found.left, &mut found.right);
    }
    back
}

fn one_way(left: &Profile, right: &Profile, probable_from: u8) -> Finding {
    let mut evidence = Vec::new();
    let against = against(left, right);
    if let Some(found) = same_registry_id(left, right) {
        evidence.push(found);
    }
    let related = related(&left.subject, &right.subject);
    if let (Some(found), None) = (same_domain(left, right), &related) {
        evidence.push(found);
    }
    if !evidence.is_empty() {
        // A strong identifier is equal: what speaks against it is kept for whoever asks why, and changes nothing.
        let score = if evidence.iter().any(|found| found.reason == Reason::SameRegistryId) { 100 } else { 98 };
        if let Some((_, found)) = best_name(left, right) {
            evidence.extend(found);
        }
        evidence.extend(against);
        return Finding { verdict: Verdict::Same, score, evidence, version: VERSION };
    }
    if let Some(related) = related {
        return Finding { verdict: Verdict::Distinct, score: 0, evidence: vec![related], version: VERSION };
    }
    let (mut score, found) = best_name(left, right).unwrap_or_default();
    evidence.extend(found);
    if let Some(found) = look_alike_domain(left, right) {
        score = score.max(90);
        evidence.push(found);
    }
    if score == 0 {
        return Finding { verdict: Verdict::Distinct, score, evidence, version: VERSION };
    }
    let weak = against.iter().any(|found| found.reason.is_against())
        || evidence.iter().any(|found| found.reason == Reason::OrdinaryWords);
    let strong_against = against.iter().filter(|found| found.reason != Reason::SharedDomain).count();
    evidence.extend(against);
    if score >= 95 && !weak {
        return Finding { verdict: Verdict::Same, score, evidence, version: VERSION };
    }
    // Each thing against it takes a little; names that are equal stay worth a look whatever it is.
    let equal = score >= 95;
    let lowered = u8::try_from(strong_against).unwrap_or(u8::MAX).saturating_mul(4);
    score = score.min(94).saturating_sub(lowered);
    if equal {
        score = score.max(probable_from);
    }
    let verdict = if score >= probable_from { Verdict::Probable } else { Verdict::Distinct };
    Finding { verdict, score, evidence, version: VERSION }
}

/// The names that fit best: the score, 95 and more when they are equal, and why.
fn best_name(left: &Profile, right: &Profile) -> Option<(u8, Vec<Evidence>)> {
    let mut best: Option<(u8, Vec<Evidence>)> = None;
    for (shown, name) in left.subject.names.iter().zip(&left.names) {
        for (other_shown, other) in right.subject.names.iter().zip(&right.names) {
            let Some((score, reasons)) = names(name, other) else { continue };
            if best.as_ref().is_some_and(|(found, _)| *found >= score) {
                continue;
            }
            let evidence = reasons.into_iter().map(|reason| match reason {
                Reason::OtherLegalForm => Evidence::new(reason, name.legal.join(" "), other.legal.join(" ")),
                Reason::OtherRegistration => {
                    Evidence::new(reason, capitals(name.registered_in.as_ref()), capitals(other.registered_in.as_ref()))
                }
                _ => Evidence::new(reason, shown, other_shown),
            });
            best = Some((score, evidence.collect()));
        }
    }
    best
}

fn capitals(place: Option<&String>) -> String {
    place.map(|place| place.to_uppercase()).unwrap_or_default()
}

/// How two names fit: 95 and more when they are equal with nothing against it.
fn names(a: &Name, b: &Name) -> Option<(u8, Vec<Reason>)> {
    let (mut score, mut reasons) = equal(a, b).or_else(|| similar::similar(a, b))?;
    let mut doubts = Vec::new();
    if other_legal_form(a, b) {
        doubts.push(Reason::OtherLegalForm);
    }
    if a.registered_in.is_some() && b.registered_in.is_some() && a.registered_in != b.registered_in {
        doubts.push(Reason::OtherRegistration);
    }
    if score >= 95 {
        // Each town has its First National Bank.
        if !a.has_own_word() && a.is_local() {
            doubts.push(Reason::OrdinaryWords);
        }
        // A short name is had by several, who tell themselves apart by how they are organised.
        if doubts.is_empty() && (a.joined.chars().count() <= SHORT || !a.has_own_word()) && forms_written_differ(a, b) {
            doubts.push(Reason::OtherLegalForm);
        }
        if !doubts.is_empty() {
            score = 92;
        }
    } else {
        score = score.saturating_sub(u8::try_from(doubts.len()).unwrap_or(u8::MAX).saturating_mul(4));
    }
    reasons.extend(doubts);
    if a.look_alikes || b.look_alikes {
        reasons.push(Reason::LookAlikeName);
    }
    if a.invisible || b.invisible {
        reasons.push(Reason::InvisibleCharacters);
    }
    Some((score, reasons))
}

fn equal(a: &Name, b: &Name) -> Option<(u8, Vec<Reason>)> {
    let texts = |name: &Name| name.words.iter().map(|word| word.text.clone()).collect::<Vec<_>>();
    let (left, right) = (texts(a), texts(b));
    if left == right {
        return Some((97, vec![Reason::SameName]));
    }
    if a.numbers() != b.numbers() {
        return None;
    }
    if a.joined == b.joined {
        let score = if a.joined.chars().count() >= 5 { 96 } else { 88 };
        return Some((score, vec![Reason::SameNameJoined]));
    }
    let sorted = |mut words: Vec<String>| {
        words.sort_unstable();
        words
    };
    if sorted(left) == sorted(right) {
        let score = if a.has_own_word() { 93 } else { 90 };
        return Some((score, vec![Reason::SameWords]));
    }
    None
}

/// Names of so few letters are had by more than one company.
const SHORT: usize = 5;

/// Both say how they are organised, and none says what the other does.
fn forms_written_differ(a: &Name, b: &Name) -> bool {
    let (left, right) = (forms_in_short(a), forms_in_short(b));
    !left.is_empty() && !right.is_empty() && !left.iter().any(|form| right.contains(form))
}

/// The forms, each in the one spelling that stands for all.
fn forms_in_short(name: &Name) -> Vec<&str> {
    name.legal.iter().flat_map(|form| form.split(' ')).map(|form| WORDS.in_short(form)).collect()
}

/// Both say how they are organised, and no country knows both forms as one kind.
fn other_legal_form(a: &Name, b: &Name) -> bool {
    let families = |name: &Name| -> Vec<usize> { name.families.iter().flatten().copied().collect() };
    let (left, right) = (families(a), families(b));
    if left.is_empty() || right.is_empty() || a.legal.iter().any(|form| b.legal.contains(form)) {
        return false;
    }
    let fit = |x: usize, y: usize| {
        let (Some(x), Some(y)) = (LEGAL_FORMS.family(x), LEGAL_FORMS.family(y)) else { return true };
        let anywhere = x.countries.is_empty() || y.countries.is_empty();
        x.kind == y.kind && (anywhere || x.countries.iter().any(|country| y.countries.contains(country)))
    };
    !left.iter().any(|x| right.iter().any(|y| fit(*x, *y)))
}

fn same_registry_id(left: &Profile, right: &Profile) -> Option<Evidence> {
    let equal = left.subject.registry_ids.iter().find(|id| right.subject.registry_ids.contains(id))?;
    Some(Evidence::new(Reason::SameRegistryId, &equal.number, &equal.number))
}

fn same_domain(left: &Profile, right: &Profile) -> Option<Evidence> {
    let proving = |domain: &&super::Domain| domain.proves_nothing().is_none();
    let equal = left.subject.domains.iter().filter(proving).find(|domain| right.subject.domains.contains(domain))?;
    Some(Evidence::new(Reason::SameDomain, equal.as_str(), equal.as_str()))
}

fn look_alike_domain(left: &Profile, right: &Profile) -> Option<Evidence> {
    let proving = |domain: &&super::Domain| domain.proves_nothing().is_none();
    left.subject.domains.iter().filter(proving).find_map(|domain| {
        let skeleton = domain_looks(domain);
        let other = right
            .subject
            .domains
            .iter()
            .filter(proving)
            .find(|other| *other != domain && domain_looks(other) == skeleton)?;
        Some(Evidence::new(Reason::LookAlikeDomain, domain.as_str(), other.as_str()))
    })
}

fn related(left: &Subject, right: &Subject) -> Option<Evidence> {
    let part_of = |part: &Subject, whole: &Subject| part.parent_id.is_some() && part.parent_id == whole.id;
    (part_of(left, right) || part_of(right, left)).then(|| Evidence::new(Reason::Hierarchy, "", ""))
}

/// What speaks against two being the same, whatever their names; and domains that prove nothing.
fn against(left: &Profile, right: &Profile) -> Vec<Evidence> {
    let (left, right) = (&left.subject, &right.subject);
    let mut found = Vec::new();
    if let (Some(one), Some(other)) = (left.country, right.country)
        && one != other
    {
        found.push(Evidence::new(Reason::OtherCountry, one.code(), other.code()));
    }
    let own = |subject: &Subject| {
        subject.domains.iter().filter(|domain| domain.proves_nothing().is_none()).cloned().collect::<Vec<_>>()
    };
    if let (Some(one), Some(other)) = (own(left).first(), own(right).first())
        && !own(left).iter().any(|domain| right.domains.contains(domain))
    {
        found.push(Evidence::new(Reason::OtherDomain, one.as_str(), other.as_str()));
    }
    let shared = left.domains.iter().find(|domain| domain.proves_nothing().is_some() && right.domains.contains(domain));
    if let Some(domain) = shared {
        found.push(Evidence::new(Reason::SharedDomain, domain.as_str(), domain.as_str()));
    }
    for id in &left.registry_ids {
        // A company has one LEI and one DUNS number; one number for value added tax in each country.
        let comparable = |other: &&super::RegistryId| {
            other.registry == id.registry
                && (id.registry != super::Registry::Vat || other.number.get(..2) == id.number.get(..2))
        };
        let mut others = right.registry_ids.iter().filter(comparable).peekable();
        if let Some(first) = others.peek().copied()
            && !others.any(|other| other == id)
        {
            found.push(Evidence::new(Reason::OtherRegistryId, &id.number, &first.number));
            break;
        }
    }
    found
}
