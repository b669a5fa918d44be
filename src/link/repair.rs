//! Repairs: the nearest valid link, and all its changes.

use super::config::Link;
use super::grammar::{decode_pairs, split};
use super::key::{LAB, Table};
use super::report::{Mode, Pair};
use crate::error::{Fix, LinkError};

/// A valid link, and what was changed to reach it.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaired {
    /// The experiment.
    pub link: Link,
    /// All changes, a sentence each.
    pub changes: Vec<String>,
}

/// The nearest valid link: each error's own repair, applied until none is left.
pub fn nearest(table: &'static Table, text: &str) -> Link {
    repair(table, text).link
}

/// As [`nearest`], with all that it changes.
pub fn repair(table: &'static Table, text: &str) -> Repaired {
    match split(table, text) {
        Ok((pairs, changes)) => repaired(table, pairs, changes),
        Err(error) => Repaired {
            link: default_link(table),
            changes: vec![sentence(&[], &error)],
        },
    }
}

fn repaired(table: &'static Table, mut pairs: Vec<Pair>, mut changes: Vec<String>) -> Repaired {
    // A repair removes a pair, adds the lab, or renames or sets a pair to what is valid with the pairs
    // before it: a few a pair at most. The bound is a proof against a slip.
    for _ in 0..4 * pairs.len() + 100 {
        match decode_pairs(table, &pairs, Mode::Clamp) {
            Ok(decoded) => {
                changes.extend(decoded.changes);
                changes.extend(decoded.clamps.into_iter().map(|c| c.message));
                return Repaired {
                    link: decoded.link,
                    changes,
                };
            }
            Err(error) => {
                changes.push(sentence(&pairs, &error));
                apply(table, &mut pairs, error.fix);
            }
        }
    }
    debug_assert!(false, "the repairs of {pairs:?} do not end");
    Repaired {
        link: default_link(table),
        changes,
    }
}

/// The error, and the effect of its repair.
fn sentence(pairs: &[Pair], error: &LinkError) -> String {
    let pair = |i: &usize| pairs.get(*i).cloned().unwrap_or_default();
    let used = match &error.fix {
        Fix::Drop(i) => match pair(i) {
            (key, value) if value.is_empty() => format!("{key} is left out."),
            (key, value) => format!("{key}={value} is left out."),
        },
        Fix::Rename(i, key) => format!("{key}={} is used.", pair(i).1),
        Fix::Set(i, value) => format!("{}={value} is used.", pair(i).0),
        Fix::Add(key, value) => format!("{key}={value} is used."),
        Fix::Default => "The default experiment is used.".to_owned(),
    };
    format!("{} {used}", error.message)
}

/// For an error whose choices are values of a closed list, or keys that may have been meant: the nearest valid link
/// with each of them, in the order of the choices. Empty if there are no choices.
pub fn choice_links(table: &'static Table, text: &str, error: &LinkError) -> Vec<Repaired> {
    let (pairs, changes) = split(table, text).unwrap_or_default();
    let (count, with): (usize, &dyn Fn(String) -> Fix) = match &error.fix {
        Fix::Drop(i) | Fix::Rename(i, _) => (error.meant, &|key| Fix::Rename(*i, key)),
        Fix::Set(i, _) => (error.choices.len(), &|value| Fix::Set(*i, value)),
        Fix::Add(key, _) => (error.choices.len(), &|value| Fix::Add(key.clone(), value)),
        Fix::Default => (0, &|_| Fix::Default),
    };
    let repaired = |choice: &String| {
        let mut pairs = pairs.clone();
        let mut chosen = error.clone();
        chosen.fix = with(choice.clone());
        let mut changes = changes.clone();
        changes.push(sentence(&pairs, &chosen));
        apply(table, &mut pairs, chosen.fix);
        repaired(table, pairs, changes)
    };
    error.choices.iter().take(count).map(repaired).collect()
}

/// The default experiment.
fn default_link(table: &'static Table) -> Link {
    Link {
        a: table.defaults(None),
        b: None,
    }
}

fn apply(table: &Table, pairs: &mut Vec<Pair>, fix: Fix) {
    match fix {
        Fix::Drop(i) if i < pairs.len() => {
            pairs.remove(i);
        }
        Fix::Rename(i, key) if i < pairs.len() => pairs[i].0 = key,
        Fix::Set(i, value) if i < pairs.len() => pairs[i].1 = value,
        Fix::Add(key, value) => pairs.push((key, value)),
        Fix::Drop(_) | Fix::Rename(..) | Fix::Set(..) | Fix::Default => {
            let first = table.labs().first().map(|lab| lab.name().to_owned());
            *pairs = first.map(|lab| (LAB.to_owned(), lab)).into_iter().collect();
        }
    }
}
