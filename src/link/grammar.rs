//! Reading links.

use super::clean;
use super::config::Link;
use super::key::{Key, LAB, Refusal, Table, Values, plain};
use super::kind::Kind;
use super::labs::{keys_of, likely_lab};
use super::parse::{assigned, parse, quoted};
use super::paste;
use super::report::{Clamp, Mode, Pair, Report, error};
use super::shared::is_of_walk;
use super::unknown::unknown;
use super::write::{encode, inherit};
use crate::decimal;
use crate::error::{Fix, LinkError};
use std::borrow::Cow;

/// Largest link that is read, in bytes.
const MAX_LENGTH: usize = 8192;
/// Largest link that is written, without its fingerprint. Every link that was read can be written within this size, with
/// room left for a comparison and a fingerprint, so that it can be read again.
const MAX_WRITTEN: usize = MAX_LENGTH - 256;

/// A link that was read, and what was changed and moved on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The experiment.
    pub link: Link,
    /// What had to be undone to read the text, and what it leaves out that is not as usual, a sentence each; empty for a link
    /// as it is written.
    pub changes: Vec<String>,
    /// Numbers that were out of range ([`Mode::Clamp`] only).
    pub clamps: Vec<Clamp>,
}

/// Reads a link, with or without the page's address before it, also as it comes out of a chat or a paper,
/// where one reading is left (`link::paste` and `link::clean`). See [`super`] for the laws.
///
/// # Errors
/// The first thing that is wrong, with the valid choices and the smallest repair.
pub fn decode(table: &'static Table, text: &str, mode: Mode) -> Result<Decoded, Box<LinkError>> {
    let (pairs, mut changes) = split(table, text)?;
    let mut decoded = decode_pairs(table, &pairs, mode)?;
    changes.append(&mut decoded.changes);
    Ok(Decoded { changes, ..decoded })
}

/// The table that values were read with.
pub(super) fn table_of(values: &Values) -> Result<&'static Table, Box<LinkError>> {
    let none = || "These values were not read from a link.".to_owned();
    values
        .table()
        .ok_or_else(|| error(None, none(), vec![], Fix::Default))
}

/// The pairs of a text, and what was changed to read them.
pub(super) fn split(
    table: &'static Table,
    text: &str,
) -> Result<(Vec<Pair>, Vec<String>), Box<LinkError>> {
    if text.len() > MAX_LENGTH {
        let message = format!(
            "The link has {} bytes; at most {MAX_LENGTH} are read.",
            text.len()
        );
        return Err(error(None, message, vec![], Fix::Default));
    }
    Ok(paste::pairs(table, text))
}

pub(super) fn decode_pairs(
    table: &'static Table,
    pairs: &[Pair],
    mode: Mode,
) -> Result<Decoded, Box<LinkError>> {
    check_names(table, pairs)?;
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
    if at(LAB).is_none() {
        let message = "The link names no lab.".to_owned();
        let labs = table.labs().iter().map(|lab| lab.name().to_owned());
        let likely = likely_lab(table, pairs).to_owned();
        let fix = Fix::Add(LAB.into(), likely);
        return Err(error(None, message, labs.collect(), fix));
    }
    let mut report = Report::default();
    let a = side(table, pairs, None, mode, &mut report)?;
    let b = match pairs.iter().any(|p| p.0.starts_with("b.")) {
        true => Some(side(table, pairs, Some(&a), mode, &mut report)?),
        false => None,
    };
    let link = Link { a, b };
    // What is written of a fingerprint has its own room.
    let length = encode(&link).len() - link.a.text("fp").map_or(0, |fp| "&fp=".len() + fp.len());
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

fn check_names(table: &'static Table, pairs: &[Pair]) -> Result<(), Box<LinkError>> {
    for (i, pair) in pairs.iter().enumerate() {
        let (key, value) = pair;
        if pairs[..i].iter().any(|p| p.0 == *key) {
            let message = format!("The key {} stands in the link twice.", quoted(key));
            return Err(error(Some(pair), message, vec![], Fix::Drop(i)));
        }
        let name = key.strip_prefix("b.").unwrap_or(key);
        let row = table.find(name);
        if !table.is_name(key) {
            return Err(unknown(table, pairs, i, |key| {
                applies(table, pairs, i, key)
            }));
        }
        if key.starts_with("b.") && row.is_some_and(|r| !r.is_run_key()) {
            let message = format!(
                "{} cannot differ between the two sides of a comparison.",
                quoted(name)
            );
            let choices = table
                .keys()
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

/// Whether a pair could stand under another key, as far as the other pairs say.
fn applies(table: &'static Table, pairs: &[Pair], i: usize, name: &str) -> bool {
    let mut renamed: Vec<Pair> = Vec::new();
    for (j, (key, value)) in pairs.iter().enumerate() {
        let key = if i == j { name } else { key };
        let new = !renamed.iter().any(|p| p.0 == key);
        if table.is_name(key) && !value.is_empty() && new {
            renamed.push((key.to_owned(), value.clone()));
        }
    }
    decode_pairs(table, &renamed, Mode::Clamp)
        .map_or_else(|e| e.key.as_deref() != Some(name), |_| true)
}

/// One side; the second one has the values of the first where the link does not say.
fn side(
    table: &'static Table,
    pairs: &[Pair],
    first: Option<&Values>,
    mode: Mode,
    report: &mut Report,
) -> Result<Values, Box<LinkError>> {
    let prefix = first.map_or("", |_| "b.");
    let mut values = Values::of(table);
    let mut place = 0;
    while let Some(key) = values.row_at(place) {
        place += 1;
        let name = match prefix {
            "" => Cow::Borrowed(key.name),
            _ => Cow::Owned(format!("{prefix}{}", key.name)),
        };
        let given = pairs.iter().position(|p| p.0 == name);
        let applies = (key.applies)(&values);
        let value = match given {
            Some(i) if !applies => {
                let message = unfit(key, &values, &name, &pairs[i].1);
                return Err(error(Some(&pairs[i]), message, vec![], Fix::Drop(i)));
            }
            Some(i) => Some(
                parse(key, &values, &pairs[i].1, mode, prefix, report).map_err(|bad| {
                    let fix = bad
                        .instead
                        .map_or(Fix::Drop(i), |text| set(pairs, i, prefix, text));
                    let message = cause(&(key.kind)(&values), &name, &pairs[i].1);
                    error(
                        Some(&pairs[i]),
                        message.unwrap_or(bad.message),
                        bad.choices,
                        fix,
                    )
                })?,
            ),
            None if applies => match first {
                Some(a) => inherit(key, a, &values),
                None => (key.default)(&values),
            },
            None => None,
        };
        if value.is_none() && applies && key.required {
            return Err(lacking(pairs, key, prefix));
        }
        if let Some(value) = value {
            let is_own = first.is_none_or(|a| a.get(key.name) != Some(&value));
            if let Some(why) = (key.unusual)(&values).filter(|_| given.is_none() && is_own) {
                report.changes.push(format!(
                    "{} is used: {why}",
                    assigned(&name, &value.to_string())
                ));
            }
            values.set(key.name, value);
        }
    }
    Ok(values)
}

/// The cause of an invalid value where it is its writing: a control character, or a whole number that is not written out.
///
/// Held by `tests/links.rs`: `an_error_names_the_writing_where_that_is_its_cause`.
fn cause(kind: &Kind, name: &str, given: &str) -> Option<String> {
    if let Some(c) = given.chars().find(|c| c.is_control()) {
        let code = u32::from(c);
        return Some(format!(
            "{} has a control character (U+{code:04X}), which no value of a link has.",
            assigned(name, given)
        ));
    }
    let range = match kind {
        Kind::Int(min, max) => format!("{min} to {max}"),
        Kind::Seed => format!("0 to {}", u64::MAX),
        Kind::Choice(_)
        | Kind::Real(..)
        | Kind::Reals(..)
        | Kind::Matrix(..)
        | Kind::Increasing(..)
        | Kind::Text(_)
        | Kind::Points(_) => return None,
    };
    let digits = given.bytes().all(|b| b.is_ascii_digit());
    let begins = given.starts_with(|c: char| c.is_ascii_digit());
    let whole = match decimal::read(given) {
        Some(x) => x.fract() == 0.0,
        None => {
            clean::salvage(kind, given).is_some_and(|text| !given.contains(&format!("{text}.")))
        }
    };
    (!digits && begins && whole).then(|| {
        format!(
            "{}: a whole number from {range} is needed, written out in digits alone.",
            assigned(name, given)
        )
    })
}

/// The repair by another value of pair `i`, or of the key that `text` names: that of this side, or of the first one, which the
/// second inherits. Where the link does not say that key, the pair goes.
fn set(pairs: &[Pair], i: usize, prefix: &str, text: String) -> Fix {
    let Some((key, value)) = text.split_once('=') else {
        return Fix::Set(i, text);
    };
    let own = format!("{prefix}{key}");
    let place = |name: &str| pairs.iter().position(|p| p.0 == name);
    match place(&own).or_else(|| place(key)) {
        Some(other) => Fix::Set(other, value.to_owned()),
        None => Fix::Drop(i),
    }
}

/// Why a key does not apply, with what it needs: another lab where no link of this one can have it.
///
/// Held by `tests/links.rs`: `what_a_key_needs_is_something_that_the_lab_of_the_link_has`.
fn unfit(key: &Key, values: &Values, name: &str, given: &str) -> String {
    let name = quoted(name);
    let word = values.lab().map_or("", |lab| lab.name());
    let table = values.table();
    let has = |lab: &str| table.is_some_and(|t| keys_of(t, Some(lab)).any(|k| k.name == key.name));
    if !has(word) {
        let labs = table.iter().flat_map(|table| table.labs());
        let others = labs.map(|lab| lab.name()).filter(|lab| has(lab));
        let others: Vec<_> = others.map(|lab| format!("lab={lab}")).collect();
        return format!(
            "The key {name} does not apply to lab={word}, only to {}.",
            others.join(" or ")
        );
    }
    let lab = values.lab().filter(|lab| lab.noise.is_some());
    let walk = lab.filter(|lab| is_of_walk(key) && !(lab.walks)(values));
    let refused = (key.refuse)(values, given).filter(|_| key.needs.is_empty());
    let needs = walk.map_or(key.needs, |lab| lab.walk_needs);
    match refused {
        Some(Refusal { why, .. }) => format!("The key {name} does not apply here: {why}"),
        None if needs.is_empty() => format!("The key {name} does not apply to lab={word}."),
        None => format!("The key {name} does not apply here: it needs {needs}."),
    }
}

/// The error of a missing key that a link must have. The repair removes the key that needs it.
fn lacking(pairs: &[Pair], key: &Key, prefix: &str) -> Box<LinkError> {
    // A choice asks for it: `target=drawn`.
    let own = key.needs.split('=').next().unwrap_or_default();
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
