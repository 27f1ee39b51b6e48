//! Named cases, and laws.

use proptest::prelude::*;

use super::*;

fn subject(name: &str, website: &str, country: &str) -> Profile {
    Profile::of(Subject {
        names: vec![name.to_owned()],
        domains: Domain::parse(website).into_iter().collect(),
        country: country.parse().ok(),
        ..Subject::default()
    })
}

fn named(name: &str) -> Profile {
    subject(name, "", "")
}

fn compared(left: &Profile, right: &Profile) -> Finding {
    compare(left, right, Thresholds::default().probable_from)
}

use Verdict::{Distinct, Probable, Same};

/// What the case is, one spelling, another, and what they are.
const NAMES: &[(&str, &str, &str, Verdict)] = &[
    // Case, width, compatibility forms.
    ("upper case", "Velmora Dynamics", "VELMORA DYNAMICS", Same),
    ("full width", "Velmora Dynamics", "Ｖｅｌｍｏｒａ　Ｄｙｎａｍｉｃｓ", Same),
    ("mathematical letters", "Velmora", "𝐕𝐞𝐥𝐦𝐨𝐫𝐚", Same),
    ("a ligature", "Officina Brelli", "Oﬃcina Brelli", Same),
    ("a capital with a dot", "Istanbul Tekstil", "İstanbul Tekstil", Same),
    ("sharp s", "Strauß Werke", "STRAUSS WERKE", Same),
    // Accents and letters of their own.
    ("accents", "Société Générale d'Éclairage", "Societe Generale d'Eclairage", Same),
    ("composed and not", "Brüggen", "Bru\u{308}ggen", Same),
    ("a stroke", "Ørsten Marine", "Orsten Marine", Same),
    ("Polish", "Łódźpol", "Lodzpol", Same),
    ("Icelandic", "Þórsson", "Thorsson", Same),
    ("umlauts spelt out", "Grünwaldt Maschinen", "Gruenwaldt Maschinen", Probable),
    // What cannot be seen.
    ("a zero width space", "Velmora Dynamics", "Vel\u{200B}mora Dynamics", Same),
    ("a soft hyphen", "Velmora", "Vel\u{AD}mora", Same),
    ("a word joiner", "Velmora", "V\u{2060}elmora", Same),
    ("a mark of direction", "Velmora", "\u{202E}Velmora", Same),
    ("a Hangul filler", "Velmora", "Velmora\u{3164}", Same),
    ("a variation selector", "Velmora", "Velmora\u{FE0F}", Same),
    ("spaces of other widths", "Velmora Dynamics", "Velmora\u{2003}\u{A0}Dynamics", Same),
    ("a Braille blank", "Velmora Dynamics", "Velmora\u{2800}Dynamics", Same),
    ("a tag character", "Velmora", "Velmora\u{E0041}", Same),
    // Look-alike letters.
    ("a Cyrillic letter among Latin ones", "Velmora", "Velm\u{43E}ra", Same),
    ("a Greek letter among Latin ones", "Velmora", "Velm\u{3BF}ra", Same),
    ("several Cyrillic letters", "Apacheton", "\u{410}p\u{430}ch\u{435}ton", Same),
    ("all letters Cyrillic", "Coxape", "\u{421}\u{43E}\u{445}\u{430}\u{440}\u{435}", Probable),
    ("a digit for a letter", "Velmora", "Ve1mora", Probable),
    ("zero for o", "Velmora", "Velm0ra", Probable),
    ("rn for m", "Velmora", "Velrnora", Probable),
    ("l for a capital I", "Intellora", "lntellora", Probable),
    // Another script.
    ("Cyrillic", "Северсталон", "Severstalon", Probable),
    // Punctuation and spaces.
    ("an apostrophe", "O'Kelvan Motors", "O’Kelvan Motors", Same),
    ("an apostrophe that is missing", "Talvey's", "Talveys", Same),
    ("a hyphen", "Rell-Tavish", "Rell Tavish", Same),
    ("a dash", "Rell–Tavish", "Rell-Tavish", Same),
    ("an ampersand", "Korven & Dale", "Korven and Dale", Same),
    ("an ampersand that is missing", "Korven & Dale", "Korven Dale", Same),
    ("a plus", "Korven + Dale", "Korven & Dale", Same),
    ("one word or two", "Gold Fenix", "GoldFenix", Same),
    ("initials with dots", "J.M. Talvey", "J M TALVEY", Same),
    ("initials apart", "T. K. Orvan", "TK Orvan", Same),
    ("a country with dots", "U.S. Velmora", "US Velmora", Same),
    // Order.
    ("the first name behind", "Talvey (Orin)", "Orin Talvey", Probable),
    ("initials behind", "TALVEY J M INC", "J.M. Talvey", Probable),
    ("the article behind", "Talvey Company (The)", "The Talvey Company", Same),
    ("the article behind a comma", "Talvey Company, The", "TALVEY CO", Same),
    // Legal forms.
    ("Inc. or not", "Velmora Dynamics, Inc.", "Velmora Dynamics", Same),
    ("a form in full", "Velmora Incorporated", "VELMORA INC", Same),
    ("GmbH & Co. KG", "Hartel GmbH & Co. KG", "Hartel", Same),
    ("a form in full, German", "Hartel Gesellschaft mit beschränkter Haftung", "Hartel GmbH", Same),
    ("S.p.A.", "Brelli S.p.A.", "BRELLI SPA", Same),
    ("S.A. de C.V.", "Grupo Tolmex, S.A.B. de C.V.", "Grupo Tolmex", Same),
    ("A/S", "Norvang A/S", "Norvang AS", Same),
    ("sp. z o.o.", "Zelpol Sp. z o.o.", "Zelpol", Same),
    ("s.r.o.", "Kovarna spol. s r.o.", "Kovarna s.r.o.", Same),
    ("PT before and Tbk behind", "PT Nusalima (Persero) Tbk", "Nusalima", Same),
    ("OOO before", "ООО Ромашкин", "Ромашкин", Same),
    ("kabushiki kaisha before", "株式会社サクラギ", "サクラギ", Same),
    ("kabushiki kaisha as one sign", "㈱サクラギ", "サクラギ株式会社", Same),
    ("a Chinese form", "泰隆有限公司", "泰隆", Same),
    ("Sdn Bhd", "Melati Sdn. Bhd.", "MELATI SDN BHD", Same),
    ("Pty Ltd", "Wirrabee Pty Ltd", "Wirrabee Proprietary Limited", Same),
    ("forms of different countries", "Velmora GmbH", "Velmora Inc.", Probable),
    ("a partnership and a company", "Velmora LP", "Velmora Corp", Probable),
    // What registries append.
    ("a state behind a slash", "VELMORA CORP /DE/", "Velmora Corp", Same),
    ("a state behind a backslash", "VELMORA BANCORP \\DE\\", "Velmora Bancorp", Same),
    ("NEW behind a slash", "VELMORA CO /NEW", "Velmora", Same),
    ("a state right behind the form", "VELMORA INC/TX", "Velmora Inc", Same),
    ("a class of shares", "Velmora Inc. (Class C)", "Velmora Inc.", Same),
    ("two states", "FIRST TALVEY BANCORP /NC/", "FIRST TALVEY BANCORP /PR/", Probable),
    // Abbreviations, general words, plural.
    ("an abbreviation", "Velmora Intl", "Velmora International", Same),
    ("plural", "Velmora Material", "Velmora Materials", Probable),
    ("Group", "Velmora Group", "Velmora", Probable),
    ("Holdings", "Velmora Holdings plc", "Velmora", Probable),
    ("what it does", "Velmora", "Velmora Communications Inc", Probable),
    ("where it is", "Velmora Deutschland GmbH", "Velmora GmbH", Probable),
    // Initials and typing errors.
    ("initials", "International Brelli Works", "IBW", Probable),
    ("initials and a word", "BNT Talvey", "Bank of New Toralen Talvey Corp", Probable),
    ("a letter too few", "Velmora Dynamics", "Velmra Dynamics", Probable),
    ("two letters exchanged", "Velmora Dynamics", "Velmroa Dynamics", Probable),
    // Different companies.
    ("another word", "Velmora Foods", "Velmora Tools", Distinct),
    ("another name of the same kind", "Velmora Bank", "Talvey Bank", Distinct),
    ("another number", "Velmora Fund II", "Velmora Fund III", Distinct),
    ("a fund is not its manager", "Velmora", "Velmora Income Fund", Distinct),
    ("an ordinary word in common", "First Talvey", "First Brelli", Distinct),
    ("east and west", "East Harbor Foods", "West Harbor Foods", Distinct),
    ("each town has one", "Farmers & Merchants Bank", "Farmers & Merchants Bank", Probable),
    ("a short name in another form", "Zorr Corp", "Zorr Inc", Probable),
];

#[test]
fn names_are_the_same_probable_or_distinct() {
    let mut wrong = Vec::new();
    for (case, left, right, wanted) in NAMES {
        let found = compared(&named(left), &named(right));
        if found.verdict != *wanted {
            wrong.push(format!(
                "{case}: {left:?} and {right:?} are {:?} ({}): {:?}",
                found.verdict, found.score, found.evidence
            ));
        }
    }
    assert!(NAMES.len() >= 60, "{}", NAMES.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the case is, what is typed, and the registrable domain.
const WEBSITES: &[(&str, &str, Option<&str>)] = &[
    ("a domain", "velmora.com", Some("velmora.com")),
    ("case", "VELMORA.Com", Some("velmora.com")),
    ("a scheme", "https://velmora.com", Some("velmora.com")),
    ("no scheme, two slashes", "//velmora.com/x", Some("velmora.com")),
    ("www", "http://www.velmora.com/", Some("velmora.com")),
    ("a subdomain", "https://shop.eu.velmora.com", Some("velmora.com")),
    ("a port", "velmora.com:8443", Some("velmora.com")),
    ("a path, a query, a fragment", "velmora.com/a/b?c=d#e", Some("velmora.com")),
    ("a trailing dot", "www.velmora.com.", Some("velmora.com")),
    ("a trailing dot and a port", "velmora.com.:443/", Some("velmora.com")),
    ("spaces around", "  velmora.com  ", Some("velmora.com")),
    ("a user", "https://ana@velmora.com/", Some("velmora.com")),
    ("an address that looks like another", "https://velmora.com@talvey.com/", Some("talvey.com")),
    ("a backslash", "https://velmora.com\\x", Some("velmora.com")),
    ("two labels of a country", "www.velmora.co.uk", Some("velmora.co.uk")),
    ("a private suffix", "velmora.github.io", Some("velmora.github.io")),
    ("IDNA", "bücher.de", Some("xn--bcher-kva.de")),
    ("punycode", "xn--bcher-kva.de", Some("xn--bcher-kva.de")),
    ("punycode in capitals", "XN--BCHER-KVA.DE", Some("xn--bcher-kva.de")),
    ("full width", "ｖｅｌｍｏｒａ．ｃｏｍ", Some("velmora.com")),
    ("an ideographic dot", "velmora。com", Some("velmora.com")),
    ("an invisible character", "vel\u{200B}mora.com", Some("velmora.com")),
    ("a soft hyphen", "vel\u{AD}mora.com", Some("velmora.com")),
    ("sharp s", "straße.de", Some("xn--strae-oqa.de")),
    ("an ending of its own script", "食狮.公司.cn", Some("xn--85x722f.xn--55qx5d.cn")),
    ("a domain of manuals", "www.velmora.example", Some("velmora.example")),
    ("an address of numbers", "http://192.168.0.1/", None),
    ("an address of the next generation", "https://[::1]/", None),
    ("no dot", "localhost", None),
    ("a public suffix", "co.uk", None),
    ("an ending that does not exist", "velmora.nosuchending", None),
    ("another scheme", "ftp://velmora.com", None),
    ("mail", "mailto:ana@velmora.com", None),
    ("words", "not a website", None),
    ("nothing", "", None),
];

#[test]
fn a_website_has_one_registrable_domain() {
    for (case, typed, wanted) in WEBSITES {
        assert_eq!(Domain::parse(typed).as_ref().map(Domain::as_str), *wanted, "{case}: {typed:?}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn identifiers_decide_before_names_and_what_speaks_against_is_kept() {
    let reasons = |left: &Profile, right: &Profile| {
        let found = compared(left, right);
        (found.verdict, found.evidence.iter().map(|evidence| evidence.reason).collect::<Vec<_>>())
    };
    for (case, left, right, wanted, reason) in [
        (
            "one domain",
            subject("Velmora", "velmora.com", "DE"),
            subject("Talvey", "www.velmora.com", "FR"),
            Same,
            Reason::SameDomain,
        ),
        (
            "free mail",
            subject("Velmora", "gmail.com", "DE"),
            subject("Talvey", "gmail.com", "DE"),
            Distinct,
            Reason::SharedDomain,
        ),
        (
            "a shared host",
            subject("Velmora", "facebook.com", "DE"),
            subject("Velmora", "facebook.com", "DE"),
            Same,
            Reason::SharedDomain,
        ),
        (
            "a parked host",
            subject("Velmora", "sedoparking.com", ""),
            subject("Talvey", "sedoparking.com", ""),
            Distinct,
            Reason::SharedDomain,
        ),
        ("another country", subject("Velmora", "", "DE"), subject("VELMORA", "", "FR"), Probable, Reason::OtherCountry),
        (
            "another domain",
            subject("Velmora", "velmora.com", ""),
            subject("Velmora", "velmora-tools.com", ""),
            Probable,
            Reason::OtherDomain,
        ),
        (
            "a domain on one side",
            subject("Velmora", "velmora.com", "DE"),
            subject("Velmora", "", "DE"),
            Same,
            Reason::SameName,
        ),
        (
            "a look-alike domain",
            subject("Velmora", "velmora.com", ""),
            subject("Talvey", "ve1mora.com", ""),
            Probable,
            Reason::LookAlikeDomain,
        ),
        (
            "a Cyrillic look-alike domain",
            subject("Velmora", "velmora.com", ""),
            subject("Talvey", "velm\u{43E}ra.com", ""),
            Probable,
            Reason::LookAlikeDomain,
        ),
        ("an invisible character", named("Velmora"), named("Vel\u{200B}mora"), Same, Reason::InvisibleCharacters),
        ("a look-alike letter", named("Velmora"), named("Velm\u{43E}ra"), Same, Reason::LookAlikeName),
    ] {
        let (verdict, found) = reasons(&left, &right);
        // A shared host proves nothing: whoever compares needs to be told so, also where nothing else is found.
        assert_eq!(verdict, wanted, "{case}: {found:?}");
        assert!(verdict == Distinct || found.contains(&reason), "{case}: {found:?}");
    }
}

fn numbered(name: &str, registry: Registry, number: &str) -> Profile {
    let mut profile = named(name);
    profile.subject.registry_ids.push(RegistryId::parse(registry, number).unwrap());
    profile
}

#[test]
fn numbers_of_registries_decide() {
    let lei = "5493 00BI-7V0Q.9K3Z 1N57";
    for (registry, typed, wanted) in [
        (Registry::Duns, "15-048-3782", Some("150483782")),
        (Registry::Duns, "150483782", Some("150483782")),
        (Registry::Duns, "1504837", None),
        (Registry::Vat, "de 811.907.980", Some("DE811907980")),
        (Registry::Vat, "GR 123456789", Some("EL123456789")),
        (Registry::Vat, "CHE-123.456.788 MWST", Some("CH123456788")),
        (Registry::Vat, "NO 987 654 321 MVA", Some("NO987654321")),
        (Registry::Vat, "123456789", None),
        (Registry::Vat, "ZZ123456", None),
        (Registry::Lei, "HWUPKR0MPOU8FGXBT394", Some("HWUPKR0MPOU8FGXBT394")),
        (Registry::Lei, "hwupkr0mpou8fgxbt394", Some("HWUPKR0MPOU8FGXBT394")),
        (Registry::Lei, "HWUPKR0MPOU8FGXBT395", None),
        (Registry::Lei, lei, None),
    ] {
        let found = RegistryId::parse(registry, typed).map(|id| id.number);
        assert_eq!(found.as_deref(), wanted, "{registry:?} {typed:?}");
    }
    let one = numbered("Velmora", Registry::Duns, "150483782");
    assert_eq!(compared(&one, &numbered("Talvey", Registry::Duns, "15-048-3782")).verdict, Same);
    let other = compared(&one, &numbered("Velmora", Registry::Duns, "150483783"));
    assert_eq!(other.verdict, Probable);
    assert!(other.evidence.iter().any(|it| it.reason == Reason::OtherRegistryId), "{other:?}");
    assert_eq!(
        compared(&one, &numbered("Velmora", Registry::Vat, "DE811907980")).verdict,
        Same,
        "different registries"
    );
}

#[test]
fn a_part_is_not_its_whole_and_any_of_several_names_counts() {
    let mut whole = subject("Velmora", "velmora.com", "DE");
    whole.subject.id = Some("acc_1".to_owned());
    let mut part = subject("Velmora", "velmora.com", "DE");
    part.subject.parent_id = Some("acc_1".to_owned());
    let found = compared(&whole, &part);
    assert_eq!((found.verdict, found.evidence.first().map(|it| it.reason)), (Distinct, Some(Reason::Hierarchy)));
    let several =
        Profile::of(Subject { names: vec!["Talvey".to_owned(), "サクラギ".to_owned()], ..Subject::default() });
    assert_eq!(compared(&several, &named("株式会社サクラギ")).verdict, Same);
}

#[test]
fn only_candidates_nearly_as_good_as_the_best_are_shown() {
    let known = ["Velmora", "Velmora Communications", "Talvey", "Velmora GmbH"].map(named);
    let shown = rank(&named("VELMORA"), known.into_iter().enumerate(), &Thresholds::default());
    assert_eq!(shown.iter().map(|it| it.candidate).collect::<Vec<_>>(), [0, 3]);
    let known = ["Velmora Communications", "Talvey"].map(named);
    let shown = rank(&named("VELMORA"), known.into_iter().enumerate(), &Thresholds::default());
    assert_eq!(shown.iter().map(|it| it.candidate).collect::<Vec<_>>(), [0]);
}

/// Whether asking for the one finds the other in an index.
fn finds(question: &Profile, known: &Profile) -> bool {
    let (sought, held) = (sought(question), keys(known));
    sought.strong.iter().chain(&sought.weak).any(|key| held.contains(key))
}

#[test]
fn whatever_is_the_same_or_probable_is_found_by_its_keys_from_both_sides() {
    let mut missed = Vec::new();
    for (case, left, right, wanted) in NAMES {
        let (left, right) = (named(left), named(right));
        if *wanted != Distinct && !(finds(&left, &right) && finds(&right, &left)) {
            missed.push(case);
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(name in "\\PC{0,24}") {
        let key = Name::parse(&name).key;
        prop_assert_eq!(&Name::parse(&key).key, &key);
    }

    #[test]
    fn a_comparison_is_the_same_from_both_sides(left in "[a-cA-C&. ]{0,12}( inc| gmbh| group| bank)?", right in "[a-cA-C&. ]{0,12}( inc| ag| group| bank)?") {
        let (left, right) = (named(&left), named(&right));
        let (there, back) = (compared(&left, &right), compared(&right, &left));
        prop_assert_eq!((there.verdict, there.score), (back.verdict, back.score));
    }

    #[test]
    fn a_visible_name_is_never_distinct_from_itself(name in "\\PC{1,24}") {
        prop_assume!(name.chars().any(char::is_alphanumeric));
        let name = named(&name);
        prop_assert!(compared(&name, &name).verdict != Distinct);
        prop_assert!(finds(&name, &name));
    }

    #[test]
    fn case_and_legal_forms_and_padding_do_not_matter(name in "[a-z]{6,10}( [a-z]{4,10}){0,2}") {
        let one = named(&name);
        for spelling in [format!("  {} ", name.to_uppercase()), format!("{name} GmbH"), format!("The {name}, Inc."), format!("{name} & Co. KG")] {
            let found = compared(&one, &named(&spelling));
            // A random name may be one of ordinary words only, which others have too.
            prop_assert!(found.verdict == Same || found.evidence.iter().any(|it| it.reason == Reason::OrdinaryWords), "{spelling:?} {found:?}");
        }
    }

    #[test]
    fn a_domain_is_its_own_domain(website in "(https?://)?(www\\.)?[a-z0-9-]{1,12}\\.(com|co\\.uk|de|example)(:[0-9]{1,4})?(/[a-z]{0,5})?") {
        if let Some(domain) = Domain::parse(&website) {
            prop_assert_eq!(Domain::parse(domain.as_str()), Some(domain));
        }
    }

    #[test]
    fn nothing_that_is_typed_makes_it_fail(text in "\\PC{0,60}", website in "\\PC{0,60}") {
        let profile = subject(&text, &website, "DE");
        let found = compared(&profile, &named("Velmora"));
        prop_assert!(found.score <= 100);
        let _keys = (keys(&profile), sought(&profile));
    }
}
