//! The table of keys as data, for printing.

use super::key::{Group, Key, LAB, LabKeys, Table, Values, plain};
use super::kind::Kind;
use super::value::Value;
use crate::schedule::Process;

/// One row of the reference table.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Row {
    /// Name in the link.
    pub key: &'static str,
    /// Name on the page.
    pub label: &'static str,
    /// One line of help, without the marks of formulas.
    pub help: String,
    /// `main`, `more` or `display`.
    pub group: &'static str,
    /// `choice`, `int`, `real`, `reals`, `u64`, `text` or `points`.
    pub r#type: &'static str,
    /// The words of a choice.
    pub choices: Vec<&'static str>,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Default, where there is one; where it differs between labs, each with its labs.
    pub default: Option<String>,
    /// What the key needs in order to apply; empty where it always does.
    pub needs: &'static str,
    /// Whether `b.KEY` is allowed.
    pub compare: bool,
}

/// A widest case of a lab.
fn widest(table: &'static Table, lab: &LabKeys, set: fn(&mut Values)) -> Values {
    let mut values = Values::of(table);
    values.set(LAB, Value::Word(lab.name()));
    if lab.noise.is_some() {
        values.set("process", Value::of(Process::Vp));
    }
    set(&mut values);
    values
}

/// The table as data, as `scorefield specs` prints it. Ranges and lists that depend on other keys are those of the
/// widest cases of all labs. A default that differs between the cases of a lab is left out.
pub fn rows(table: &'static Table) -> Vec<Row> {
    table.keys.iter().map(|key| row_of(table, key)).collect()
}

fn row_of(table: &'static Table, key: &Key) -> Row {
    let mut row = Row {
        key: key.name,
        label: key.label,
        help: plain(key.help),
        group: match key.group {
            Group::Main => "main",
            Group::More => "more",
            Group::Display => "display",
        },
        r#type: "",
        choices: vec![],
        min: None,
        max: None,
        default: None,
        needs: key.needs,
        compare: key.is_run_key(),
    };
    let mut defaults: Vec<(String, Vec<&str>)> = vec![];
    let owned = table.labs.iter().any(|lab| table.is_own(key, lab));
    let has = |lab: &&&LabKeys| match owned {
        true => table.is_own(key, lab),
        false => !lab.has(key.name),
    };
    let labs = table.labs.iter().filter(has);
    let cases = labs.flat_map(|lab| lab.widest.iter().map(move |set| (lab, *set)));
    let mut varies = vec![];
    for (lab, set) in cases {
        let values = widest(table, lab, set);
        // A key that needs nothing but another lab.
        if key.needs.is_empty() && !(key.applies)(&values) {
            continue;
        }
        let kind = (key.kind)(&values);
        row.r#type = kind.name();
        if let Kind::Choice(list) = &kind {
            for choice in list.iter() {
                if !row.choices.contains(&choice.value) {
                    row.choices.push(choice.value);
                }
            }
        }
        if let Some((min, max)) = kind.bounds() {
            row.min = Some(row.min.map_or(min, |m| m.min(min)));
            row.max = Some(row.max.map_or(max, |m| m.max(max)));
        }
        if let Some(default) = (key.default)(&values).map(|v| v.to_string()) {
            let known = defaults.iter().find(|d| d.1.contains(&lab.name()));
            if let Some(known) = known {
                if known.0 != default {
                    varies.push(lab.name());
                }
                continue;
            }
            match defaults.iter_mut().find(|d| d.0 == default) {
                Some(known) => known.1.push(lab.name()),
                None => defaults.push((default, vec![lab.name()])),
            }
        }
    }
    for (_, labs) in &mut defaults {
        labs.retain(|lab| !varies.contains(lab));
    }
    defaults.retain(|(_, labs)| !labs.is_empty());
    let words = |(value, labs): &(String, Vec<&str>)| format!("{value} ({})", labs.join(", "));
    row.default = match &defaults[..] {
        [] => None,
        [(only, _)] => Some(only.clone()),
        several => Some(several.iter().map(words).collect::<Vec<_>>().join(", ")),
    };
    row
}
