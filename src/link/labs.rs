//! The keys of each lab.

use super::clean::{bare, choice};
use super::grammar::{Pair, default_values};
use super::spec::{KEYS, Key, Kind};
use super::value::{Value, Values};
use super::words::Lab;
use crate::word::{Choices, Words};
use std::sync::OnceLock;

/// The lab that the pairs name, apart from capitals.
pub(super) fn lab_of(pairs: &[Pair]) -> Option<&'static str> {
    let named = pairs
        .iter()
        .find(|p| bare(&p.0).eq_ignore_ascii_case("lab"));
    named.and_then(|p| choice(Choices::of(|_: Lab| true), &p.1))
}

/// The keys that a link of a lab can have; all keys if the lab is unknown.
pub(super) fn keys_of(lab: Option<&str>) -> impl Iterator<Item = &'static Key> {
    static REACH: OnceLock<Vec<Vec<bool>>> = OnceLock::new();
    let reach = REACH.get_or_init(|| Lab::ALL.iter().map(|l| reach(*l)).collect());
    let own = lab.and_then(Lab::of_word).map(|l| &reach[l.place()]);
    let belongs = move |i: &usize| own.is_none_or(|own| own[*i]);
    (0..KEYS.len()).filter(belongs).map(|i| &KEYS[i])
}

/// The keys that apply for some choices of a lab. No key needs more than two choices besides the lab.
fn reach(lab: Lab) -> Vec<bool> {
    let base = default_values(Some(lab));
    let mut words: Vec<(&'static str, &'static str)> = vec![("lab", lab.word())];
    for key in KEYS.iter().filter(|k| k.is_run_key() && (k.applies)(&base)) {
        if let Kind::Choice(choices) = (key.kind)(&base) {
            words.extend(choices.iter().map(|c| (key.name, c.value)));
        }
    }
    let mut found = vec![false; KEYS.len()];
    for (i, first) in words.iter().enumerate() {
        for second in &words[i..] {
            let mut values: Values = base.clone();
            values.set(first.0, Value::Word(first.1));
            values.set(second.0, Value::Word(second.1));
            for (key, found) in KEYS.iter().zip(&mut found) {
                *found = *found || (key.applies)(&values);
            }
        }
    }
    found
}

/// The one key of a lab that equals a name apart from capitals.
pub(super) fn fold(name: &str, lab: Option<&str>) -> Option<String> {
    let (prefix, own) = match name.split_at_checked(2) {
        Some((prefix, own)) if prefix.eq_ignore_ascii_case("b.") => ("b.", own),
        _ => ("", name),
    };
    if prefix.is_empty() && own == "V" {
        return Some("v".to_owned());
    }
    let mut same = keys_of(lab).filter(|k| k.name.eq_ignore_ascii_case(own));
    match (same.next(), same.next()) {
        (Some(one), None) => Some(format!("{prefix}{}", one.name)),
        _ => None,
    }
}

/// The lab to which most of the keys belong.
pub(super) fn likely_lab(pairs: &[Pair]) -> &'static str {
    let own = |p: &Pair| p.0.strip_prefix("b.").unwrap_or(&p.0).to_owned();
    let count = |lab: &str| {
        let has = |p: &&Pair| keys_of(Some(lab)).any(|k| k.name == own(p));
        pairs.iter().filter(has).count()
    };
    let words = Lab::CHOICES.iter().map(|l| l.value);
    words.rev().max_by_key(|lab| count(lab)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Mode, decode};

    #[test]
    fn each_lab_has_its_own_keys_and_no_others() {
        let has = |lab, key: &str| keys_of(Some(lab)).any(|k| k.name == key);
        for (key, labs) in [
            ("process", "toy1d toy2d torus lgssm"),
            ("churn-min", "toy1d toy2d torus lgssm"),
            ("net-rate", "toy1d toy2d torus lgssm"),
            ("m", "toy1d toy2d torus"),
            ("init", "toy1d"),
            ("weights", "toy1d"),
            ("points", "toy2d"),
            ("major", "torus"),
            ("T", "lgssm"),
            ("k", "lgssm"),
            ("every", "lgssm"),
            ("horizon", "lgssm"),
        ] {
            for lab in Lab::CHOICES.iter().map(|l| l.value) {
                let own = labs.split(' ').any(|l| l == lab);
                assert_eq!(has(lab, key), own, "{key} in {lab}");
            }
        }
        assert_eq!(keys_of(None).count(), KEYS.len());
        // What a link can be read with, its lab has.
        for text in [
            "lab=toy1d&target=mixture&process=ve&sampler=heun&churn=3&score=empirical&m=5",
            "lab=toy2d&target=drawn&points=AAABAP__AIA&sampler=langevin&level=1",
            "lab=torus&score=trained&sampler=pc&tau=0.5",
            "lab=lgssm&operator=window&width=3&score=blanket&k=1&method=ar&guidance=lambda",
        ] {
            let Ok(decoded) = decode(text, Mode::Strict) else {
                panic!("{text}");
            };
            let values = decoded.link.a;
            assert!(
                values
                    .iter()
                    .all(|(key, _)| has(values.word("lab").unwrap(), key)),
                "{text}"
            );
        }
    }
}
