//! Unknown keys, and the keys that may have been meant.

use super::key::Table;
use super::labs::{keys_of, lab_of};
use super::near::{ranked, slips};
use super::parse::quoted;
use super::report::{Pair, error};
use crate::error::{Fix, LinkError};

/// Largest number of keys that may have been meant.
const MEANT: usize = 4;

/// The error of an unknown key: it lists the keys of the lab, first those that may have been meant.
pub(super) fn unknown(
    table: &'static Table,
    pairs: &[Pair],
    i: usize,
    applies: impl Fn(&str) -> bool,
) -> Box<LinkError> {
    let key = &pairs[i].0;
    let name = key.strip_prefix("b.").unwrap_or(key);
    let prefix = &key[..key.len() - name.len()];
    let full = |name: &str| format!("{prefix}{name}");
    let lab = lab_of(table, pairs);
    let taken = |name: &str| pairs.iter().any(|p| p.0 == full(name));
    let all = || {
        keys_of(table, lab)
            .filter(|k| prefix.is_empty() || k.is_run_key())
            .map(|k| k.name)
    };
    // A slip of a key that stands there already may be one of no other.
    let readable: Vec<&str> = match &slips(name, all())[..] {
        slips if slips.iter().any(|k| taken(k)) => vec![],
        [one] => vec![one],
        // Of several the one that applies.
        several => {
            let here = several.iter().copied();
            here.filter(|k| applies(&full(k))).collect()
        }
    };
    let fix = match readable[..] {
        [one] => Fix::Rename(i, full(one)),
        _ => Fix::Drop(i),
    };
    let length = name.chars().count();
    let begins = |k: &str| length >= 3 && k.starts_with(name);
    let mut meant = ranked(name, all());
    meant.retain(|&(k, d)| begins(k) || d < length && d <= length.div_ceil(3));
    meant.retain(|(k, _)| !taken(k));
    meant.truncate(MEANT);
    let meant: Vec<&str> = meant.iter().map(|(k, _)| *k).collect();
    let mut message = format!("There is no key {}", quoted(key));
    match (meant.first(), lab) {
        (Some(first), _) => message += &format!(". Did you mean {}?", quoted(&full(first))),
        (None, Some(lab)) => message += &format!(" in lab={lab}."),
        (None, None) => message += ".",
    }
    let others = all().filter(|k| !meant.contains(k));
    let choices = meant.iter().copied().chain(others).map(full).collect();
    let mut error = error(Some(&pairs[i]), message, choices, fix);
    error.meant = meant.len();
    error
}
