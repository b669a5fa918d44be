//! Repairs: the nearest valid link, and all its changes.

use super::config::Link;
use super::grammar::{decode_pairs, split};
use super::key::{LAB, Table};
use super::parse::{assigned, shown};
use super::report::{Clamp, Mode, Pair};
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
        Ok((pairs, changes)) => {
            let changes = changes.into_iter().map(Change::done).collect();
            repaired(table, pairs, changes)
        }
        Err(error) => Repaired {
            link: default_link(table),
            changes: told(vec![Change::of(&[], &error)], &[], vec![]),
        },
    }
}

/// One change on the way to a valid link.
struct Change {
    /// Why, and what is changed where that is final.
    words: String,
    /// The pair that is read from here on. A later change can replace it, and a number can be moved to its bound.
    pair: Option<Pair>,
}

impl Change {
    /// A change that nothing replaces.
    fn done(words: String) -> Self {
        Self { words, pair: None }
    }

    /// The error, and the effect of its repair.
    fn of(pairs: &[Pair], error: &LinkError) -> Self {
        let pair = |i: &usize| pairs.get(*i).cloned().unwrap_or_default();
        let why = &error.message;
        let read = |key: String, value: String| Self {
            words: why.clone(),
            pair: Some((key, value)),
        };
        match &error.fix {
            Fix::Drop(i) => Self::done(match pair(i) {
                (key, value) if value.is_empty() => format!("{why} {} is left out.", shown(&key)),
                (key, value) => format!("{why} {} is left out.", assigned(&key, &value)),
            }),
            Fix::Rename(i, key) => read(key.clone(), pair(i).1),
            Fix::Set(i, value) => read(pair(i).0, value.clone()),
            Fix::Add(key, value) => read(key.clone(), value.clone()),
            Fix::Default => Self::done(format!("{why} The default experiment is used.")),
        }
    }
}

/// The changes in words: of a pair that was read, what is used in the end. `pairs` are those of the valid link.
///
/// Held by `tests/links.rs`: `a_repair_says_the_value_that_is_used`.
fn told(changes: Vec<Change>, pairs: &[Pair], mut clamps: Vec<Clamp>) -> Vec<String> {
    let mut out = Vec::new();
    for Change { words, pair } in changes {
        let Some(pair) = pair else {
            out.push(words);
            continue;
        };
        let (key, value) = &pair;
        let moved = clamps.iter().position(|c| c.key == *key);
        out.push(match moved {
            _ if !pairs.contains(&pair) => {
                format!("{words} It is read as {}.", assigned(key, value))
            }
            Some(at) => format!("{words} {}", clamps.remove(at).message),
            None => format!("{words} {} is used.", assigned(key, value)),
        });
    }
    out.extend(clamps.into_iter().map(|c| c.message));
    out
}

fn repaired(table: &'static Table, mut pairs: Vec<Pair>, mut changes: Vec<Change>) -> Repaired {
    // A repair removes a pair, adds the lab, or renames or sets a pair to what is valid with the pairs
    // before it: a few a pair at most. The bound is a proof against a slip.
    for _ in 0..4 * pairs.len() + 100 {
        match decode_pairs(table, &pairs, Mode::Clamp) {
            Ok(decoded) => {
                changes.extend(decoded.changes.into_iter().map(Change::done));
                return Repaired {
                    link: decoded.link,
                    changes: told(changes, &pairs, decoded.clamps),
                };
            }
            Err(error) => {
                changes.push(Change::of(&pairs, &error));
                apply(table, &mut pairs, error.fix);
            }
        }
    }
    debug_assert!(false, "the repairs of {pairs:?} do not end");
    Repaired {
        link: default_link(table),
        changes: told(changes, &[], vec![]),
    }
}

/// For an error whose choices are values of a closed list, or keys that may have been meant: the nearest valid link
/// with each of them, in the order of the choices. Empty if there are no choices.
pub fn choice_links(table: &'static Table, text: &str, error: &LinkError) -> Vec<Repaired> {
    let (pairs, changes) = split(table, text).unwrap_or_default();
    // The repair may be that of another pair.
    let own = |i: usize| {
        pairs
            .iter()
            .position(|p| Some(&p.0) == error.key.as_ref())
            .unwrap_or(i)
    };
    let (count, with): (usize, &dyn Fn(String) -> Fix) = match &error.fix {
        Fix::Drop(i) | Fix::Rename(i, _) => (error.meant, &|key| Fix::Rename(*i, key)),
        Fix::Set(i, _) => (error.choices.len(), &|value| Fix::Set(own(*i), value)),
        Fix::Add(key, _) => (error.choices.len(), &|value| Fix::Add(key.clone(), value)),
        Fix::Default => (0, &|_| Fix::Default),
    };
    let repaired = |choice: &String| {
        let mut pairs = pairs.clone();
        let mut chosen = error.clone();
        chosen.fix = with(choice.clone());
        let mut changes: Vec<Change> = changes.iter().cloned().map(Change::done).collect();
        changes.push(Change::of(&pairs, &chosen));
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
