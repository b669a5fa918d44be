//! The table of keys as data, for printing.

use super::key::plain;
use super::spec::{Group, KEYS, Key, Kind, find};
use super::value::{Value, Values};
use super::words::{ChainScore, Lab, LawScore};
use crate::law::LineLaw;
use crate::process::lgssm::Model;
use crate::schedule::Process;
use crate::word::Words;

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

/// The widest case of each lab: with every key that a link of it can have, if one case can have them all.
fn widest(lab: Lab) -> Values {
    let mut values = Values::default();
    values.set("lab", Value::of(lab));
    values.set("process", Value::of(Process::Vp));
    match lab {
        Lab::Lgssm => {
            values.set("model", Value::of(Model::DampedSpring));
            values.set("score", Value::of(ChainScore::Blanket));
        }
        Lab::Toy1d | Lab::Toy2d | Lab::Torus => values.set("score", Value::of(LawScore::Net)),
    }
    values.set("length", Value::Int(super::chain::LENGTH));
    if lab == Lab::Toy1d {
        values.set("target", Value::of(LineLaw::Mixture));
        for key in ["means", "sds", "weights"] {
            if let Some(value) = find(key).and_then(|k| (k.default)(&values)) {
                values.set(key, value);
            }
        }
    }
    if lab == Lab::Torus {
        values.set("major", Value::Real(3.0));
    }
    values
}

/// The table as data, as `scorefield specs` prints it. Ranges and lists that depend on other keys are those of the
/// widest case of all labs.
pub fn table() -> Vec<Row> {
    KEYS.iter().map(row_of).collect()
}

fn row_of(key: &Key) -> Row {
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
    for &lab in Lab::ALL {
        let values = widest(lab);
        let needs_lab = key.needs.contains("lab=");
        if needs_lab && !(key.applies)(&values) {
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
            match defaults.iter_mut().find(|d| d.0 == default) {
                Some(known) => known.1.push(lab.word()),
                None => defaults.push((default, vec![lab.word()])),
            }
        }
    }
    let words = |(value, labs): &(String, Vec<&str>)| format!("{value} ({})", labs.join(", "));
    row.default = match &defaults[..] {
        [] => None,
        [(only, _)] => Some(only.clone()),
        several => Some(several.iter().map(words).collect::<Vec<_>>().join(", ")),
    };
    row
}
