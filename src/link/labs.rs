//! The keys of each lab.

use super::clean::{bare, choice};
use super::key::{Key, LAB, LabKeys, Table};
use super::report::Pair;
use super::shared::is_of_noise;
use super::shared::is_of_training;
use crate::word::Choices;

/// The lab that pairs name, in whatever capitals.
pub(super) fn lab_of(table: &'static Table, pairs: &[Pair]) -> Option<&'static str> {
    let named = pairs.iter().find(|p| bare(&p.0).eq_ignore_ascii_case(LAB));
    named.and_then(|p| choice(Choices::all(&table.choices), &p.1))
}

/// The keys that some link of a lab can have, its own and those of all labs; all keys where the lab is not known.
pub(super) fn keys_of(
    table: &'static Table,
    lab: Option<&str>,
) -> impl Iterator<Item = &'static Key> {
    let lab = lab.and_then(|word| table.lab(word));
    table.rows_of(lab).possible.iter().copied()
}

/// Whether some link of a lab can have a key that the lab sees, of which some lab is the owner or none.
pub(super) fn possible(key: &Key, owned: bool, lab: &LabKeys) -> bool {
    match owned {
        true => lab.has(key.name),
        false if is_of_training(key) => lab.noise.is_some() && lab.trains,
        false => lab.noise.is_some() || !is_of_noise(key),
    }
}

/// The one key of a lab that a name is in other capitals.
pub(super) fn fold(table: &'static Table, name: &str, lab: Option<&str>) -> Option<String> {
    let (prefix, own) = match name.split_at_checked(2) {
        Some((prefix, own)) if prefix.eq_ignore_ascii_case("b.") => ("b.", own),
        _ => ("", name),
    };
    if prefix.is_empty() && own == "V" {
        return Some("v".to_owned());
    }
    let mut same = keys_of(table, lab).filter(|k| k.name.eq_ignore_ascii_case(own));
    match (same.next(), same.next()) {
        (Some(one), None) => Some(format!("{prefix}{}", one.name)),
        _ => None,
    }
}

/// The lab to which most of the keys belong.
pub(super) fn likely_lab(table: &'static Table, pairs: &[Pair]) -> &'static str {
    let own = |p: &Pair| p.0.strip_prefix("b.").unwrap_or(&p.0).to_owned();
    let count = |lab: &str| {
        let has = |p: &&Pair| keys_of(table, Some(lab)).any(|k| k.name == own(p));
        pairs.iter().filter(has).count()
    };
    let words = table.labs.iter().map(|lab| lab.name());
    words.rev().max_by_key(|lab| count(lab)).unwrap_or_default()
}
