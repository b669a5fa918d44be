//! One entry of the gallery: what may stand in its file, and what it says about its run.
//!
//! An entry is a TOML file:
//!
//! ```toml
//! lab = "toy1d"
//! name = "Too few steps"
//! link = "v=1&lab=toy1d&steps=8&seed=0"
//! why = "DDPM’s sampler with 8 steps in place of 100."
//! tags = ["steps"]
//!
//! [[number]]
//! key = "w1"
//! value = 0.126373
//! tolerance = 5e-7
//! ```
//!
//! A number states one thing of the answer of `scorefield run`: `value` with `tolerance`; a bound, `at-least`,
//! `at-most` or both; or `less-than` another number of the answer. Keys are the answer's names: `nfe`, those in
//! `metrics`, `training.loss`; with `b.` in front, those of the second configuration.
//!
//! The host engine gives the same bits on every machine, so a tolerance is half a unit of the last digit that the
//! entry prints. More than a hundredth of the value is refused: such a number is a bound.

use scorefield::labs::link::{self, Mode, spec};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What an entry is about. Facts of its link, as a comparison or its view, need no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tag {
    /// What a number of steps costs.
    Steps,
    /// Noising processes.
    Process,
    /// Noise on the way: reverse SDE, Langevin, corrections.
    Stochastic,
    /// The probability flow.
    Flow,
    /// The law of the data.
    Law,
    /// A learned score.
    Network,
    /// The score of data points.
    Memorising,
    /// Rules of guidance.
    Guidance,
    /// The posterior given observations.
    Posterior,
    /// The score of a Markov blanket.
    Blanket,
    /// One segment after the other.
    Segments,
    /// Calls, products, memory.
    Cost,
    /// Something that goes wrong, to be looked at.
    Failure,
}

impl Tag {
    pub const ALL: [Self; 13] = {
        use Tag::*;
        [
            Steps, Process, Stochastic, Flow, Law, Network, Memorising, Guidance, Posterior,
            Blanket, Segments, Cost, Failure,
        ]
    };
}

/// An entry, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub lab: String,
    pub name: String,
    pub link: String,
    /// One sentence or two.
    pub why: String,
    pub tags: Vec<Tag>,
    pub numbers: Vec<Number>,
}

/// A number of the answer, and what is stated of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    pub key: String,
    pub stated: Stated,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Stated {
    Value {
        value: f64,
        tolerance: f64,
    },
    /// One of the two may be infinite.
    Bounds {
        at_least: f64,
        at_most: f64,
    },
    LessThan(String),
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    lab: String,
    name: String,
    link: String,
    why: String,
    tags: Vec<Tag>,
    #[serde(rename = "number")]
    numbers: Vec<WrittenNumber>,
}

/// A number as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenNumber {
    key: String,
    value: Option<f64>,
    tolerance: Option<f64>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    less_than: Option<String>,
}

const FORMS: &str =
    "give value and tolerance, or a bound (at-least, at-most or both), or less-than";

/// Reads the entry in `text`, the contents of the file `path`.
///
/// The error names the file, the cause and what is valid.
pub fn read(path: &Path, text: &str) -> Result<Entry, String> {
    let file = path.display();
    let written: Written = toml::from_str(text).map_err(|e| format!("{file}: {e}"))?;
    let name = file_name(path, &written.name);
    let entry = checked(written).map_err(|e| format!("{file}: {e}"))?;
    name.map_err(|e| format!("{file}: {e}"))?;
    Ok(entry)
}

/// Names of the labs, in the order of the table of keys.
pub fn labs() -> Vec<&'static str> {
    let table = spec::table();
    let lab = table.iter().find(|row| row.key == "lab").unwrap();
    lab.choices.clone()
}

fn checked(written: Written) -> Result<Entry, String> {
    let Written {
        lab,
        name,
        link,
        why,
        tags,
        numbers,
    } = written;
    if !labs().contains(&lab.as_str()) {
        let valid = labs().join(", ");
        return Err(format!("there is no lab “{lab}”; the labs are {valid}."));
    }
    for (field, text) in [("name", &name), ("why", &why)] {
        if text.is_empty() || text.trim() != text || text.contains(char::is_control) {
            return Err(format!(
                "{field} is {text:?}; give one line of text without spaces at its ends."
            ));
        }
    }
    if !why.ends_with(['.', '?', '!']) {
        return Err(format!("why is no sentence: “{why}”; end it with . ? or !"));
    }
    let own = canonical(&link)?;
    if own != lab {
        return Err(format!(
            "the link “{link}” is of the lab {own}, the entry of {lab}; make them the same."
        ));
    }
    if tags.is_empty() {
        return Err("tags is empty; give one at least.".into());
    }
    if let Some(tag) = repeated(&tags) {
        return Err(format!("tags has {tag:?} twice; give each once."));
    }
    let numbers = stated(numbers)?;
    Ok(Entry {
        lab,
        name,
        link,
        why,
        tags,
        numbers,
    })
}

/// The numbers of an entry: one at least, and none twice.
pub fn stated(written: Vec<WrittenNumber>) -> Result<Vec<Number>, String> {
    if written.is_empty() {
        return Err("number is empty; state one number of the answer at least.".into());
    }
    let numbers: Result<Vec<_>, String> = written.into_iter().map(number).collect();
    let numbers = numbers?;
    let kinds: Vec<_> = numbers
        .iter()
        .map(|n| (&n.key, std::mem::discriminant(&n.stated)))
        .collect();
    match repeated(&kinds) {
        Some((key, _)) => Err(format!(
            "{key} is stated twice in the same way; keep one of the two."
        )),
        None => Ok(numbers),
    }
}

/// The first that was there before.
fn repeated<T: PartialEq>(list: &[T]) -> Option<&T> {
    let before = |(i, t): &(usize, &T)| list[..*i].contains(t);
    list.iter().enumerate().find(before).map(|(_, t)| t)
}

/// The lab of a link that reads and is as short as it can be.
pub fn canonical(text: &str) -> Result<String, String> {
    let decoded = link::decode(text, Mode::Strict)
        .map_err(|e| format!("the link “{text}” is invalid: {e}"))?;
    let shortest = link::encode(&decoded.link);
    if shortest != text {
        return Err(format!(
            "the link “{text}” is not canonical; write “{shortest}”."
        ));
    }
    Ok(decoded.link.a.word("lab").unwrap_or_default().to_owned())
}

fn number(written: WrittenNumber) -> Result<Number, String> {
    let WrittenNumber {
        key,
        value,
        tolerance,
        at_least,
        at_most,
        less_than,
    } = written;
    for (field, x) in [
        ("value", value),
        ("tolerance", tolerance),
        ("at-least", at_least),
        ("at-most", at_most),
    ] {
        if let Some(x) = x.filter(|x| !x.is_finite()) {
            return Err(format!("{key}: {field} is {x}; give a finite number."));
        }
    }
    let stated = match (value, tolerance, at_least, at_most, less_than) {
        (Some(value), Some(tolerance), None, None, None) => {
            if tolerance < 0.0 || tolerance > 0.01 * value.abs() {
                return Err(format!(
                    "{key}: tolerance is {tolerance} of {value}; give 0 to a hundredth of the value, or a bound (at-least, at-most)."
                ));
            }
            Stated::Value { value, tolerance }
        }
        (None, None, Some(least), Some(most), None) if least > most => {
            return Err(format!(
                "{key}: at-least {least} is above at-most {most}; exchange them."
            ));
        }
        (None, None, None, None, None) => {
            return Err(format!("{key}: nothing is stated; {FORMS}."));
        }
        (None, None, at_least, at_most, None) => Stated::Bounds {
            at_least: at_least.unwrap_or(f64::NEG_INFINITY),
            at_most: at_most.unwrap_or(f64::INFINITY),
        },
        (None, None, None, None, Some(other)) if other == key => {
            return Err(format!("{key}: less-than names itself; name another key."));
        }
        (None, None, None, None, Some(other)) => Stated::LessThan(other),
        (Some(_), None, None, None, None) => {
            return Err(format!("{key}: value without tolerance; give both."));
        }
        (None, Some(_), None, None, None) => {
            return Err(format!("{key}: tolerance without value; give both."));
        }
        _ => {
            return Err(format!("{key}: these fields do not go together; {FORMS}."));
        }
    };
    Ok(Number { key, stated })
}

/// That a file is called by its place in the list and its name: `010-too-few-steps.toml`.
fn file_name(path: &Path, name: &str) -> Result<(), String> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let words = name
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    let place = file.get(..3).unwrap_or_default();
    let numbered = place.len() == 3 && place.chars().all(|c| c.is_ascii_digit());
    if numbered && file[3..] == format!("-{words}.toml") {
        return Ok(());
    }
    Err(format!(
        "the file of “{name}” is to be called NNN-{words}.toml, NNN its place in the list of the lab."
    ))
}

/// The numbers of an answer of `scorefield run`, by the keys that an entry may have.
pub fn numbers_of(answer: &serde_json::Value) -> BTreeMap<String, f64> {
    let mut out = BTreeMap::new();
    for (prefix, side) in [("", answer), ("b.", &answer["b"])] {
        let mut add = |key: &str, value: &serde_json::Value| {
            if let Some(x) = value.as_f64() {
                out.insert(format!("{prefix}{key}"), x);
            }
        };
        add("nfe", &side["nfe"]);
        add("training.loss", &side["training"]["loss"]);
        for (key, value) in side["metrics"].as_object().into_iter().flatten() {
            add(key, value);
        }
    }
    out
}

/// What is stated that the answer contradicts, a sentence each.
pub fn contradictions(numbers: &[Number], answer: &BTreeMap<String, f64>) -> Vec<String> {
    let find = |key: &String| {
        answer.get(key).copied().ok_or_else(|| {
            let valid: Vec<_> = answer.keys().map(String::as_str).collect();
            format!(
                "the answer has no number “{key}”; it has {}.",
                valid.join(", ")
            )
        })
    };
    let one = |number: &Number| -> Result<(), String> {
        let key = &number.key;
        let x = find(key)?;
        let (holds, says) = match &number.stated {
            Stated::Value { value, tolerance } => (
                (x - value).abs() <= *tolerance,
                format!("{value} with tolerance {tolerance}"),
            ),
            Stated::Bounds { at_least, at_most } => (
                (*at_least..=*at_most).contains(&x),
                format!("{at_least} to {at_most}"),
            ),
            Stated::LessThan(other) => {
                let most = find(other)?;
                (x < most, format!("less than {other}, which is {most}"))
            }
        };
        match holds {
            true => Ok(()),
            false => Err(format!("{key} is {x}; the entry states {says}.")),
        }
    };
    numbers.iter().filter_map(|n| one(n).err()).collect()
}
