//! Reading and writing links.

use super::key::plain;
use super::parse::{closest, parse, quoted};
use super::spec::{KEYS, Key, Kind, find};
use super::value::{Value, Values};
use super::{DEFAULT, Link};
use crate::error::{Fix, LinkError};

/// Longest link that is read, in bytes.
const MAX_LENGTH: usize = 8192;
/// Longest link that is written: what reads is written within it, with room left for a comparison and a
/// fingerprint, so that it reads again.
const MAX_WRITTEN: usize = MAX_LENGTH - 256;

/// How a number out of range is met.
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

/// A link that was read, and what was moved on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The experiment.
    pub link: Link,
    /// Numbers that were out of range ([`Mode::Clamp`] only).
    pub clamps: Vec<Clamp>,
}

/// One `key=value` of a link, as text.
pub(super) type Pair = (String, String);

/// Writes a link: `v` and `lab` first, keys in the order of the table, defaults left out, `seed` always.
pub fn encode(link: &Link) -> String {
    let mut out = format!("v=1&lab={}", link.a.word("lab"));
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
            second = format!("&b.sampler={}", b.word("sampler"));
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
    out + &format!("&seed={}", link.a.int("seed"))
}

/// The link of the law of a configuration: its lab and the keys of its law that are not the default's.
pub fn law(values: &Values) -> String {
    let mut out = format!("lab={}", values.word("lab"));
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

/// Reads a link, with or without the page's address before it. See [`super`] for the laws.
///
/// # Errors
/// The first thing that is wrong, with the valid choices and the smallest repair.
pub fn decode(text: &str, mode: Mode) -> Result<Decoded, Box<LinkError>> {
    decode_pairs(&split(text)?, mode)
}

/// The nearest valid link: each error's own repair, applied until none is left.
pub fn nearest(text: &str) -> Link {
    repaired(split(text).unwrap_or_default())
}

fn repaired(mut pairs: Vec<Pair>) -> Link {
    // A repair removes a pair, adds the lab, or renames or sets a pair to what is valid with the pairs
    // before it: a few a pair at most. The bound is a proof against a slip.
    for _ in 0..4 * pairs.len() + 100 {
        match decode_pairs(&pairs, Mode::Clamp) {
            Ok(decoded) => return decoded.link,
            Err(error) => apply(&mut pairs, error.fix),
        }
    }
    debug_assert!(false, "the repairs of {pairs:?} do not end");
    default_link()
}

/// For an error whose choices are values of a closed list: the nearest valid link with each of them.
/// Empty where the choices are not values.
pub fn choice_links(text: &str, error: &LinkError) -> Vec<Link> {
    let pairs = split(text).unwrap_or_default();
    let with = |choice: &String| {
        let mut pairs = pairs.clone();
        match &error.fix {
            Fix::Set(i, _) => apply(&mut pairs, Fix::Set(*i, choice.clone())),
            Fix::Add(key, _) => apply(&mut pairs, Fix::Add(key.clone(), choice.clone())),
            _ => return None,
        }
        Some(repaired(pairs))
    };
    error.choices.iter().filter_map(with).collect()
}

/// The experiment of [`DEFAULT`].
pub(super) fn default_link() -> Link {
    let mut a = Values::default();
    for key in KEYS {
        if (key.applies)(&a)
            && let Some(value) = (key.default)(&a)
        {
            a.set(key.name, value);
        }
    }
    Link { a, b: None }
}

pub(super) fn apply(pairs: &mut Vec<Pair>, fix: Fix) {
    match fix {
        Fix::Drop(i) if i < pairs.len() => {
            pairs.remove(i);
        }
        Fix::Rename(i, key) if i < pairs.len() => pairs[i].0 = key,
        Fix::Set(i, value) if i < pairs.len() => pairs[i].1 = value,
        Fix::Add(key, value) => pairs.push((key, value)),
        _ => *pairs = split(DEFAULT).unwrap_or_default(),
    }
}

fn error(pair: Option<&Pair>, message: String, choices: Vec<String>, fix: Fix) -> Box<LinkError> {
    Box::new(LinkError {
        key: pair.map(|p| p.0.clone()),
        value: pair.map(|p| p.1.clone()),
        message,
        choices,
        fix,
    })
}

/// Splits the text after the address into pairs; percent-encoding in values is undone.
pub(super) fn split(text: &str) -> Result<Vec<Pair>, Box<LinkError>> {
    if text.len() > MAX_LENGTH {
        let message = format!(
            "The link has {} bytes; at most {MAX_LENGTH} are read.",
            text.len()
        );
        return Err(error(None, message, vec![], Fix::Default));
    }
    let text = text.trim();
    let hash = match text.split_once('#') {
        Some((_, hash)) => hash,
        None if text.contains("://") => "",
        None => text,
    };
    let mut pairs = Vec::new();
    for segment in hash.split('&').filter(|s| !s.is_empty()) {
        // `&amp;` is what an `&` becomes when a link is copied from the source of a page.
        let segment = segment.strip_prefix("amp;").unwrap_or(segment);
        let (key, value) = segment.split_once('=').unwrap_or((segment, ""));
        let plain = |text: &str| percent_decode(text).trim().to_owned();
        pairs.push((plain(key), plain(value)));
    }
    Ok(pairs)
}

/// `%2C` → `,`. What is not a valid escape, or not UTF-8, stays as it is and fails by its own key.
fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let hex = |b: Option<&u8>| b.and_then(|&b| char::from(b).to_digit(16));
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while i < bytes.len() {
        match (bytes[i], hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 3;
            }
            (byte, ..) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
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
        let first = labs.first().cloned().unwrap_or_default();
        return Err(error(None, message, labs, Fix::Add("lab".into(), first)));
    }
    let mut clamps = Vec::new();
    let a = side(pairs, "", mode, &mut clamps, |key, values| {
        (key.default)(values)
    })?;
    let b = match pairs.iter().any(|p| p.0.starts_with("b.")) {
        true => Some(side(pairs, "b.", mode, &mut clamps, |key, values| {
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
    Ok(Decoded { link, clamps })
}

/// What a key of side b is when the link does not say: side a's value where it is valid, else the default.
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
        let mut clamps = Vec::new();
        let checked = parse(key, b, &given, Mode::Strict, "", &mut clamps);
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
        if row.is_none() && key != "v" {
            let prefix = &key[..key.len() - name.len()];
            let full = |k: &str| format!("{prefix}{k}");
            let known = || KEYS.iter().filter(|k| prefix.is_empty() || k.is_run_key());
            let taken = |k: &str| pairs.iter().any(|p| p.0 == k);
            let close = closest(name, known().map(|k| k.name))
                .map(|(k, d)| (full(k), d))
                .filter(|(k, d)| *d <= 2 && !taken(k));
            let fix = close.map_or(Fix::Drop(i), |(k, _)| Fix::Rename(i, k));
            let choices = known().map(|k| full(k.name)).collect();
            return Err(error(
                Some(pair),
                format!("There is no key {}.", quoted(key)),
                choices,
                fix,
            ));
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
    clamps: &mut Vec<Clamp>,
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
                parse(key, &values, &pairs[i].1, mode, prefix, clamps).map_err(|bad| {
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

/// The error of a key that a link must have: what asks for it goes.
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
