//! Unknown keys, and the keys that may have been meant.

use super::grammar::{Mode, Pair, decode_pairs, error, is_name};
use super::labs::{keys_of, lab_of};
use super::near::{ranked, slips};
use super::parse::quoted;
use crate::error::{Fix, LinkError};

/// Largest number of keys that may have been meant.
const MEANT: usize = 4;

/// The error of an unknown key: it lists the keys of the lab, first those that may have been meant.
pub(super) fn unknown(pairs: &[Pair], i: usize) -> Box<LinkError> {
    let key = &pairs[i].0;
    let name = key.strip_prefix("b.").unwrap_or(key);
    let prefix = &key[..key.len() - name.len()];
    let full = |name: &str| format!("{prefix}{name}");
    let lab = lab_of(pairs);
    let taken = |name: &str| pairs.iter().any(|p| p.0 == full(name));
    let all = || {
        keys_of(lab)
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
            here.filter(|k| applies(pairs, i, &full(k))).collect()
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

/// Whether a pair could be valid under a different key, as far as the other pairs show.
fn applies(pairs: &[Pair], i: usize, name: &str) -> bool {
    let mut renamed: Vec<Pair> = Vec::new();
    for (j, (key, value)) in pairs.iter().enumerate() {
        let key = if i == j { name } else { key };
        if is_name(key) && !value.is_empty() && !renamed.iter().any(|p| p.0 == key) {
            renamed.push((key.to_owned(), value.clone()));
        }
    }
    decode_pairs(&renamed, Mode::Clamp).map_or_else(|e| e.key.as_deref() != Some(name), |_| true)
}
