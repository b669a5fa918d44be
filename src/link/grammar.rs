//! Reading and writing links.

use super::Link;
use super::chain::is_chain;
use super::key::plain;
use super::labs::likely_lab;
use super::parse::{parse, quoted};
use super::paste;
use super::spec::{KEYS, Key, Kind, find};
use super::unknown::unknown;
use super::value::{Value, Values};
use super::words::{ChainScore, Lab};
use crate::error::{Fix, LinkError};

/// Largest link that is read, in bytes.
const MAX_LENGTH: usize = 8192;
/// Largest link that is written. Every link that was read can be written within this size, with room left for a
/// comparison and a fingerprint, so that it can be read again.
const MAX_WRITTEN: usize = MAX_LENGTH - 256;

/// Treatment of a number out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// An error (command line).
    Strict,
    /// Moved to the nearest bound, and reported (page).
    Clamp,
}

/// A number that was moved to its bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Clamp {
    /// The key as it stands in the link.
    pub key: String,
    /// The text as given.
    pub given: String,
    /// The value used.
    pub used: String,
    /// One sentence.
    pub message: String,
}

/// A link that was read, and the changes made while reading it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The experiment.
    pub link: Link,
    /// What had to be undone to read the text, a sentence each; empty for a link as it is written.
    pub changes: Vec<String>,
    /// Numbers that were out of range ([`Mode::Clamp`] only).
    pub clamps: Vec<Clamp>,
}

/// One `key=value` of a link, as text.
pub(super) type Pair = (String, String);

/// Everything that is reported about the values of a link.
#[derive(Default)]
pub(super) struct Report {
    pub changes: Vec<String>,
    pub clamps: Vec<Clamp>,
}

/// Writes a link: `v` and `lab` first, keys in the order of the table, without defaults, and always with `seed`.
pub fn encode(link: &Link) -> String {
    let mut out = format!("v=1&lab={}", text(link.a.get("lab")));
    let mut second = String::new();
    if let Some(b) = &link.b {
        let mut inherited = Values::default();
        for key in KEYS.iter().filter(|k| (k.applies)(b)) {
            let from_a = inherit(key, &link.a, &inherited);
            let own = b.get(key.name);
            if key.is_run_key() && own.is_some() && own != from_a.as_ref() {
                second += &format!("&b.{}={}", key.name, text(own));
            }
            if let Some(value) = own.cloned().or(from_a) {
                inherited.set(key.name, value);
            }
        }
        if second.is_empty() {
            // Equal sides: one equal key keeps the comparison open.
            second = format!("&b.sampler={}", text(b.get("sampler")));
        }
    }
    for key in KEYS
        .iter()
        .filter(|k| !matches!(k.name, "lab" | "fp" | "seed"))
    {
        let value = link.a.get(key.name);
        if value.is_some() && value != (key.default)(&link.a).as_ref() {
            out += &format!("&{}={}", key.name, text(value));
        }
    }
    out += &second;
    if let Some(fp) = link.a.text("fp") {
        out += &format!("&fp={fp}");
    }
    out + &format!("&seed={}", text(link.a.get("seed")))
}

/// The link of the law of a configuration: its lab, and the keys of its law that differ from their defaults.
pub fn law(values: &Values) -> String {
    if values.choice("score") == Some(ChainScore::Trained) && is_chain(values) {
        return super::chain::law_of_windows(values);
    }
    let mut out = format!("lab={}", text(values.get("lab")));
    for key in KEYS.iter().take_while(|k| k.name != "process").skip(1) {
        let value = values.get(key.name);
        if value.is_some() && value != (key.default)(values).as_ref() {
            out += &format!("&{}={}", key.name, text(value));
        }
    }
    out
}

fn text(value: Option<&Value>) -> String {
    value.map(Value::to_string).unwrap_or_default()
}

/// Reads a link, with or without the address of the page before it. Changes by chats or papers are undone if one
/// reading is possible (`link::paste` and `link::clean`). See [`super`] for the laws.
///
/// # Errors
/// The first error, with the valid choices and the smallest repair.
pub fn decode(text: &str, mode: Mode) -> Result<Decoded, Box<LinkError>> {
    let (pairs, mut changes) = split(text)?;
    let mut decoded = decode_pairs(&pairs, mode)?;
    changes.append(&mut decoded.changes);
    Ok(Decoded { changes, ..decoded })
}

/// The values of a link without other keys; of the first lab if none is named.
pub(super) fn default_values(lab: Option<Lab>) -> Values {
    let mut values = Values::default();
    for key in KEYS {
        let default = match (key.name, lab) {
            ("lab", Some(lab)) => Some(Value::of(lab)),
            _ => (key.default)(&values),
        };
        if (key.applies)(&values)
            && let Some(value) = default
        {
            values.set(key.name, value);
        }
    }
    values
}

/// Whether a text is the name of a key, on either side.
pub(super) fn is_name(text: &str) -> bool {
    text == "v" || find(text.strip_prefix("b.").unwrap_or(text)).is_some()
}

pub(super) fn error(
    pair: Option<&Pair>,
    message: String,
    choices: Vec<String>,
    fix: Fix,
) -> Box<LinkError> {
    Box::new(LinkError {
        key: pair.map(|p| p.0.clone()),
        value: pair.map(|p| p.1.clone()),
        message,
        choices,
        meant: 0,
        fix,
    })
}

/// The pairs of a text, and the changes made to read them.
pub(super) fn split(text: &str) -> Result<(Vec<Pair>, Vec<String>), Box<LinkError>> {
    if text.len() > MAX_LENGTH {
        let message = format!(
            "The link has {} bytes; at most {MAX_LENGTH} are read.",
            text.len()
        );
        return Err(error(None, message, vec![], Fix::Default));
    }
    Ok(paste::pairs(text))
}

pub(super) fn decode_pairs(pairs: &[Pair], mode: Mode) -> Result<Decoded, Box<LinkError>> {
    check_names(pairs)?;
    let at = |name: &str| pairs.iter().position(|p| p.0 == name);
    if let Some(i) = at("v").filter(|&i| pairs[i].1 != "1") {
        let message = format!(
            "Version {} of the link is not known here.",
            quoted(&pairs[i].1)
        );
        return Err(error(
            Some(&pairs[i]),
            message,
            vec!["1".into()],
            Fix::Set(i, "1".into()),
        ));
    }
    if at("lab").is_none() {
        let message = "The link names no lab.".to_owned();
        let labs = names_of(&Values::default(), "lab");
        let likely = likely_lab(pairs).to_owned();
        return Err(error(None, message, labs, Fix::Add("lab".into(), likely)));
    }
    let mut report = Report::default();
    let a = side(pairs, "", mode, &mut report, |key, values| {
        (key.default)(values)
    })?;
    let b = match pairs.iter().any(|p| p.0.starts_with("b.")) {
        true => Some(side(pairs, "b.", mode, &mut report, |key, values| {
            inherit(key, &a, values)
        })?),
        false => None,
    };
    let link = Link { a, b };
    let length = encode(&link).len();
    if length > MAX_WRITTEN {
        let longest = (0..pairs.len()).max_by_key(|&i| pairs[i].1.len());
        let message = format!(
            "Written out, the link has {length} bytes; at most {MAX_WRITTEN} are allowed. Give fewer numbers, or fewer digits."
        );
        let fix = longest.map_or(Fix::Default, Fix::Drop);
        return Err(error(longest.map(|i| &pairs[i]), message, vec![], fix));
    }
    let Report { changes, clamps } = report;
    Ok(Decoded {
        link,
        changes,
        clamps,
    })
}

/// The value of a key of side b that the link does not set: the value of side a if it is valid, otherwise the
/// default.
fn inherit(key: &Key, a: &Values, b: &Values) -> Option<Value> {
    if !key.is_run_key() {
        return if key.name == "fp" {
            None
        } else {
            a.get(key.name).cloned()
        };
    }
    let from_a = a.get(key.name).filter(|value| {
        let given = value.to_string();
        let mut report = Report::default();
        let checked = parse(key, b, &given, Mode::Strict, "", &mut report);
        checked.as_ref().is_ok_and(|v| v == *value)
    });
    from_a.cloned().or_else(|| (key.default)(b))
}

fn check_names(pairs: &[Pair]) -> Result<(), Box<LinkError>> {
    for (i, pair) in pairs.iter().enumerate() {
        let (key, value) = pair;
        if pairs[..i].iter().any(|p| p.0 == *key) {
            let message = format!("The key {} stands in the link twice.", quoted(key));
            return Err(error(Some(pair), message, vec![], Fix::Drop(i)));
        }
        let name = key.strip_prefix("b.").unwrap_or(key);
        let row = find(name);
        if !is_name(key) {
            return Err(unknown(pairs, i));
        }
        if key.starts_with("b.") && row.is_some_and(|r| !r.is_run_key()) {
            let message = format!(
                "{} cannot differ between the two sides of a comparison.",
                quoted(name)
            );
            let choices = KEYS
                .iter()
                .filter(|k| k.is_run_key())
                .map(|k| format!("b.{}", k.name));
            return Err(error(Some(pair), message, choices.collect(), Fix::Drop(i)));
        }
        if value.is_empty() {
            return Err(error(
                Some(pair),
                format!("The key {} has no value.", quoted(key)),
                vec![],
                Fix::Drop(i),
            ));
        }
    }
    Ok(())
}

fn side(
    pairs: &[Pair],
    prefix: &str,
    mode: Mode,
    report: &mut Report,
    default: impl Fn(&Key, &Values) -> Option<Value>,
) -> Result<Values, Box<LinkError>> {
    let mut values = Values::default();
    for key in KEYS {
        let name = format!("{prefix}{}", key.name);
        let given = pairs.iter().position(|p| p.0 == name);
        let applies = (key.applies)(&values);
        let value = match given {
            Some(i) if !applies => {
                let message = format!(
                    "The key {} does not apply here: it needs {}.",
                    quoted(&name),
                    key.needs
                );
                return Err(error(Some(&pairs[i]), message, vec![], Fix::Drop(i)));
            }
            Some(i) => Some(
                parse(key, &values, &pairs[i].1, mode, prefix, report).map_err(|bad| {
                    let fix = bad.instead.map_or(Fix::Drop(i), |text| Fix::Set(i, text));
                    error(Some(&pairs[i]), bad.message, bad.choices, fix)
                })?,
            ),
            None if applies => default(key, &values),
            None => None,
        };
        if value.is_none() && applies && key.required {
            return Err(lacking(pairs, key, prefix));
        }
        if let Some(value) = value {
            values.set(key.name, value);
        }
    }
    Ok(values)
}

/// The error of a missing key that a link must have. The repair removes the key that needs it.
fn lacking(pairs: &[Pair], key: &Key, prefix: &str) -> Box<LinkError> {
    let own = if key.needs.starts_with("target") {
        "target"
    } else {
        "model"
    };
    let place = |name: &str| pairs.iter().position(|p| p.0 == name);
    let asking = place(&format!("{prefix}{own}")).or_else(|| place(own));
    let message = format!(
        "{} needs the key {}. {}",
        key.needs,
        quoted(&format!("{prefix}{}", key.name)),
        plain(key.help)
    );
    let fix = asking.map_or(Fix::Default, Fix::Drop);
    error(asking.map(|i| &pairs[i]), message, vec![], fix)
}

fn names_of(values: &Values, key: &str) -> Vec<String> {
    match find(key).map(|k| (k.kind)(values)) {
        Some(Kind::Choice(choices)) => choices.iter().map(|c| c.value.to_owned()).collect(),
        _ => vec![],
    }
}
