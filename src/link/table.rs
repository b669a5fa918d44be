//! The table of the keys of all labs, put together.

use super::key::{Key, LabKeys, Rows, Table, Values};
use super::kind::Kind;
use super::labs::possible;
use super::shared::{LAB, LAST, RUN, SCORE};
use super::training::TRAINING;
use super::value::Value;

impl Table {
    /// The keys of these labs, the first of which is the default: the lab, the laws of the data, process and sampler, the
    /// score, the training of a network, the start, and the rest. Rows of one name that need the same are one row.
    pub fn new(labs: Vec<&'static LabKeys>) -> Self {
        let mut keys: Vec<&'static Key> = vec![&LAB];
        let of = |slot: fn(&LabKeys) -> &'static [Key]| labs.iter().flat_map(move |lab| slot(lab));
        keys.extend(of(|lab| lab.law));
        keys.extend(&RUN);
        keys.push(&SCORE);
        keys.extend(of(|lab| lab.score));
        keys.extend(&TRAINING);
        keys.extend(of(|lab| lab.start));
        keys.extend(&LAST);
        let (mut seen, mut several): (Vec<&Key>, Vec<_>) = (vec![], vec![]);
        keys.retain(|key| {
            let mut same = seen.iter().filter(|own| own.name == key.name).peekable();
            let named = same.peek().is_some();
            let new = !same.any(|own| own.needs == key.needs);
            if named && new {
                several.push(key.name);
            }
            seen.push(key);
            new
        });
        let mut table = Self {
            several,
            rows: vec![],
            choices: labs.iter().map(|lab| lab.said).collect(),
            labs,
            keys,
        };
        let owned = |key: &Key| table.labs.iter().any(|lab| table.is_own(key, lab));
        let keys: Vec<_> = table.keys.iter().map(|key| (*key, owned(key))).collect();
        let rows = |lab: Option<&LabKeys>| {
            let seen = keys.iter().filter(|(key, _)| table.sees(key, lab));
            let fits =
                |(key, owned): &&(&Key, bool)| lab.is_none_or(|lab| possible(key, *owned, lab));
            Rows {
                possible: seen.clone().filter(fits).map(|(key, _)| *key).collect(),
                seen: seen.map(|(key, _)| *key).collect(),
            }
        };
        let labs = table.labs.iter().map(|lab| Some(*lab));
        table.rows = labs.chain([None]).map(rows).collect();
        table
    }

    /// Whether a text is the name of a key, on whichever side.
    pub(super) fn is_name(&self, text: &str) -> bool {
        text == "v" || self.find(text.strip_prefix("b.").unwrap_or(text)).is_some()
    }

    /// The values that a link without other keys has: of the first lab where none is named.
    pub(super) fn defaults(&'static self, lab: Option<&str>) -> Values {
        let mut values = Values::of(self);
        let mut place = 0;
        while let Some(key) = values.row_at(place) {
            place += 1;
            let named = lab.filter(|_| key.name == LAB.name);
            let default = match named.and_then(|word| self.lab(word)) {
                Some(lab) => Some(Value::Word(lab.name())),
                None => (key.default)(&values),
            };
            if (key.applies)(&values)
                && let Some(value) = default
            {
                values.set(key.name, value);
            }
        }
        values
    }
}

/// The name on the page of the choice that a key has here; `None` where the key does not apply.
pub fn name(values: &Values, key: &str) -> Option<&'static str> {
    let Kind::Choice(choices) = (values.row(key)?.kind)(values) else {
        return None;
    };
    Some(choices.find(values.word(key)?)?.label)
}
