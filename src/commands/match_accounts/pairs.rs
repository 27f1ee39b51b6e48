//! Decided pairs as CSV: one row for each, with both sides as they were compared.

use std::{io::Write, path::Path, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::accounts::matching::rules::{Domain, Labelled, Profile, Registry, RegistryId, Subject};

/// What stands between several names, websites or registry ids of one side.
const BETWEEN: char = '|';

/// One row of the file. What is not in the file is empty.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Row {
    left_name: String,
    left_website: String,
    left_country: String,
    left_registry_id: String,
    right_name: String,
    right_website: String,
    right_country: String,
    right_registry_id: String,
    same: String,
}

/// Reads the pairs; every row that cannot be read is told.
pub(super) fn read(path: &Path) -> Result<Vec<Labelled>, Vec<String>> {
    let at = |problem: String| format!("{}: {problem}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(|error| vec![at(error.to_string())])?;
    let (mut pairs, mut problems) = (Vec::new(), Vec::new());
    for (place, row) in reader.deserialize::<Row>().enumerate() {
        match row.map_err(|error| error.to_string()).and_then(|row| row.pair()) {
            Ok(pair) => pairs.push(pair),
            Err(problem) => problems.push(at(format!("row {}: {problem}", place.saturating_add(1)))),
        }
    }
    if problems.is_empty() { Ok(pairs) } else { Err(problems) }
}

/// Writes a decided pair, in the form that [`read`] reads.
pub(super) fn write(to: &mut csv::Writer<impl Write>, left: &Subject, right: &Subject, same: bool) -> csv::Result<()> {
    let country = |side: &Subject| side.country.map(|it| it.to_string()).unwrap_or_default();
    to.serialize(Row {
        left_name: together(&left.names),
        left_website: together(&left.domains),
        left_country: country(left),
        left_registry_id: together(left.registry_ids.iter().map(|id| format!("{}:{}", id.registry, id.number))),
        right_name: together(&right.names),
        right_website: together(&right.domains),
        right_country: country(right),
        right_registry_id: together(right.registry_ids.iter().map(|id| format!("{}:{}", id.registry, id.number))),
        same: if same { "yes" } else { "no" }.to_owned(),
    })
}

fn together<T: ToString>(several: impl IntoIterator<Item = T>) -> String {
    // A name with the separator in it is compared without: it says nothing about a company.
    let several = several.into_iter().map(|one| one.to_string().replace(BETWEEN, " "));
    several.collect::<Vec<_>>().join(&format!(" {BETWEEN} "))
}

fn apart(text: &str) -> impl Iterator<Item = &str> {
    text.split(BETWEEN).map(str::trim).filter(|one| !one.is_empty())
}

impl Row {
    fn pair(&self) -> Result<Labelled, String> {
        let same = match self.same.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "same" => true,
            "no" | "false" | "0" | "distinct" => false,
            other => return Err(format!("{other:?} in `same` is neither yes nor no")),
        };
        Ok(Labelled {
            left: side(&self.left_name, &self.left_website, &self.left_country, &self.left_registry_id)?,
            right: side(&self.right_name, &self.right_website, &self.right_country, &self.right_registry_id)?,
            same,
        })
    }
}

fn side(names: &str, websites: &str, country: &str, registry_ids: &str) -> Result<Profile, String> {
    let names: Vec<String> = apart(names).map(str::to_owned).collect();
    if names.is_empty() {
        return Err("a name is missing".to_owned());
    }
    let domain = |website: &str| Domain::parse(website).ok_or(format!("{website:?} is no website"));
    let country = Some(country.trim()).filter(|code| !code.is_empty());
    Ok(Profile::of(Subject {
        names,
        domains: apart(websites).map(domain).collect::<Result<_, _>>()?,
        registry_ids: apart(registry_ids).map(registry_id).collect::<Result<_, _>>()?,
        country: country.map(|code| code.parse().map_err(|_| format!("{code:?} is no country"))).transpose()?,
        ..Subject::default()
    }))
}

fn registry_id(text: &str) -> Result<RegistryId, String> {
    let wrong = || format!("{text:?} is no registry id, such as LEI:5299009N55YRQC69CN08");
    let (registry, number) = text.split_once(':').ok_or_else(wrong)?;
    let registry = Registry::from_str(&registry.trim().to_ascii_uppercase()).map_err(|_| wrong())?;
    RegistryId::parse(registry, number).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let left = Subject {
            names: vec!["Velmora, GmbH".to_owned(), "ベルモラ".to_owned()],
            domains: Domain::parse("velmora.com").into_iter().collect(),
            registry_ids: RegistryId::parse(Registry::Vat, "DE811907980").into_iter().collect(),
            country: "DE".parse().ok(),
            ..Subject::default()
        };
        let right = Subject { names: vec!["Talvey".to_owned()], ..Subject::default() };
        let mut csv = csv::Writer::from_writer(Vec::new());
        write(&mut csv, &left, &right, false).unwrap();
        let text = csv.into_inner().unwrap();
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let rows: Vec<Row> = reader.deserialize().collect::<Result<_, _>>().unwrap();
        let pair = rows[0].pair().unwrap();
        assert_eq!((pair.left.subject, pair.right.subject, pair.same), (left, right, false));
    }

    #[test]
    fn a_row_that_says_too_little_is_told() {
        let row = |change: fn(&mut Row)| {
            let mut row =
                Row { left_name: "A".to_owned(), right_name: "B".to_owned(), same: "no".to_owned(), ..Row::default() };
            change(&mut row);
            row.pair().err()
        };
        assert_eq!(row(|_| ()), None);
        assert_eq!(row(|row| row.right_name = " | ".to_owned()).as_deref(), Some("a name is missing"));
        assert!(row(|row| row.same = "maybe".to_owned()).is_some());
        assert!(row(|row| row.left_country = "Atlantis".to_owned()).is_some());
        assert!(row(|row| row.left_website = "no website".to_owned()).is_some());
        assert!(row(|row| row.left_registry_id = "VAT".to_owned()).is_some());
        assert!(row(|row| row.left_registry_id = "LEI:5299009N55YRQC69CN09".to_owned()).is_some());
    }
}
