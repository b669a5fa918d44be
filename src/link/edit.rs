//! Edits of a link, as the controls of the page make them.

use super::clean;
use super::config::{Link, Side};
use super::grammar::{self, Decoded, table_of};
use super::key::{Table, Values};
use super::report::{Clamp, Mode, Pair};
use super::write::encode;
use crate::error::LinkError;
use crate::sample::{Churn, Sampler};
use crate::schedule::Process;
use crate::word::Words;

/// A key that was left out because it no longer applies.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Note {
    /// The key.
    pub key: String,
    /// The value it had.
    pub value: String,
    /// One sentence.
    pub message: String,
}

/// A changed link, and the further changes that this needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// The experiment.
    pub link: Link,
    /// What the edited link left out and is not as usual, a sentence each.
    pub changes: Vec<String>,
    /// Numbers that were moved to their bounds.
    pub clamps: Vec<Clamp>,
    /// Keys that were left out.
    pub dropped: Vec<Note>,
}

/// Sets one key of one side. Other keys that no longer apply, or no longer fit, are removed and reported. The
/// fingerprint is removed, because it belonged to a different run.
///
/// # Errors
/// If `value` is invalid for `key`. The link then stays as it was.
pub fn edit(link: &Link, side: Side, key: &str, value: &str) -> Result<Edited, Box<LinkError>> {
    edit_all(link, side, &[(key, value)])
}

/// As [`edit`], for several keys at once: a key and the keys that it needs.
///
/// # Errors
/// If one of the values is invalid for its key.
pub fn edit_all(
    link: &Link,
    side: Side,
    changes: &[(&str, &str)],
) -> Result<Edited, Box<LinkError>> {
    let table = table_of(&link.a)?;
    let mut pairs = grammar::split(table, &encode(link))?.0;
    let mut names = Vec::new();
    for &(key, value) in changes {
        let name = match side {
            Side::A => key.to_owned(),
            Side::B => format!("b.{key}"),
        };
        if table.find(key).is_some_and(|k| k.is_run_key()) {
            pairs.retain(|p| p.0 != "fp");
        }
        match pairs.iter_mut().find(|p| p.0 == name) {
            Some(pair) => pair.1 = value.trim().to_owned(),
            None => pairs.push((name.clone(), value.trim().to_owned())),
        }
        names.push(name);
    }
    settle(table, pairs, &names)
}

/// The text of a value without the changes of pasting, as far as they are known.
pub fn tidied(values: &Values, key: &str, text: &str) -> String {
    values
        .row(key)
        .and_then(|k| clean::value(&(k.kind)(values), text))
        .unwrap_or_else(|| text.to_owned())
}

fn settle(
    table: &'static Table,
    mut pairs: Vec<Pair>,
    edited: &[String],
) -> Result<Edited, Box<LinkError>> {
    let mut dropped = Vec::new();
    loop {
        match grammar::decode_pairs(table, &pairs, Mode::Clamp) {
            Ok(Decoded {
                link,
                changes,
                clamps,
            }) => {
                return Ok(Edited {
                    link,
                    changes,
                    clamps,
                    dropped,
                });
            }
            Err(error) => {
                let place = pairs.iter().position(|p| Some(&p.0) == error.key.as_ref());
                let own = error.key.as_ref().is_some_and(|key| edited.contains(key));
                let Some(place) = place.filter(|_| !own) else {
                    return Err(error);
                };
                let (key, value) = pairs[place].clone();
                dropped.push(Note {
                    key,
                    value,
                    message: error.message,
                });
                pairs.remove(place);
            }
        }
    }
}

/// Opens a comparison with an instructive difference, or closes it.
pub fn compare(link: &Link, on: bool) -> Link {
    let mut out = link.clone();
    out.a.remove("fp");
    if !on {
        out.b = None;
        return out;
    }
    if out.b.is_some() {
        return out;
    }
    out.b = Some(out.a.clone());
    let other = link.a.lab().map_or(vec![], |lab| (lab.other)(&link.a));
    if !other.is_empty()
        && let Ok(edited) = edit_all(&out, Side::B, &other)
    {
        return edited.link;
    }
    if link.a.get("process").is_none() {
        // Nothing is known of the lab that would differ: another draw of the same.
        let next = link.a.int("seed").unwrap_or(0).wrapping_add(1);
        if let Ok(edited) = edit(&out, Side::B, "seed", &next.to_string()) {
            out = edited.link;
        }
        return out;
    }
    let other = if link.a.choice("process") == Some(Process::Edm) {
        (Process::Vp, Sampler::Euler)
    } else {
        (Process::Edm, Sampler::Heun(Churn::NONE))
    };
    for (key, value) in [("process", other.0.word()), ("sampler", other.1.word())] {
        if let Ok(edited) = edit(&out, Side::B, key, value) {
            out = edited.link;
        }
    }
    out
}
