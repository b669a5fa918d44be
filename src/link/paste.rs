//! Turns a pasted text into pairs of key and value. The changes that chats, mail and papers make to a link are undone
//! and listed: `&amp;`, percent-encoding, capitals, quotes, the punctuation of a sentence, keys that trackers add.
//! Nothing is undone that could be part of a valid link.

use super::clean::{alike, bare, is_invisible};
use super::key::Table;
use super::labs::{fold, lab_of};
use super::parse::quoted;
use super::report::Pair;

/// Escapes for characters of a link.
const ESCAPES: [(&str, &str); 15] = [
    ("&amp;", "&"),
    ("&AMP;", "&"),
    ("&#38;", "&"),
    ("&#038;", "&"),
    ("&#x26;", "&"),
    ("\\u0026", "&"),
    ("\\u003d", "="),
    ("\\u003D", "="),
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&nbsp;", " "),
    ("\\", ""),
];

/// Keys that trackers append to links.
const TRACKERS: [&str; 18] = [
    "fbclid",
    "gclid",
    "gclsrc",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "mkt_tok",
];

/// Largest number of layers of percent-encoding that are undone.
const LAYERS: usize = 4;

/// The pairs of a text, and a sentence for each change made to read it.
pub(super) fn pairs(table: &'static Table, text: &str) -> (Vec<Pair>, Vec<String>) {
    let mut changes = Vec::new();
    let text = unescaped(text, &mut changes);
    let link = after_address(&text, &mut changes);
    let pairs = tidy(table, segments(link), &mut changes);
    (pairs, changes)
}

/// Removes the escapes of web pages, programs and addresses.
fn unescaped(text: &str, changes: &mut Vec<String>) -> String {
    let mut text = text.trim().to_owned();
    if text.contains(is_invisible) {
        text.retain(|c| !is_invisible(c));
        changes.push("Characters that are not seen are left out.".to_owned());
    }
    for layer in 0..=LAYERS {
        for (escape, plain) in ESCAPES {
            if !text.contains(escape) {
                continue;
            }
            // “&amp;amp;”: each round makes the text shorter.
            while text.contains(escape) {
                text = text.replace(escape, plain);
            }
            changes.push(match plain {
                "" => format!("{} is left out.", quoted(escape)),
                _ => format!("{} is read as {}.", quoted(escape), quoted(plain)),
            });
        }
        // What stands before “#” is the address.
        let (address, link) = text.split_at(text.find('#').map_or(0, |i| i + 1));
        let decoded = match layer < LAYERS && hides_signs(link) {
            true => percent_decode(link),
            false => return text,
        };
        if decoded == link {
            return text;
        }
        let message = "The percent-encoding of the link is undone.".to_owned();
        if !changes.contains(&message) {
            changes.push(message);
        }
        text = format!("{address}{decoded}");
    }
    text
}

/// Whether characters that no value contains (`&`, `=`, `#`, `%`) are percent-encoded.
fn hides_signs(link: &str) -> bool {
    let link = link.to_ascii_lowercase();
    ["%26", "%3d", "%23", "%25"]
        .iter()
        .any(|sign| link.contains(sign))
}

/// `%2C` → `,`. An invalid escape, or one that is not UTF-8, stays as it is and makes its own key fail.
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

/// The link in a text that may begin with the address of the page, or end with another fragment.
fn after_address<'t>(mut text: &'t str, changes: &mut Vec<String>) -> &'t str {
    let names_lab = |text: &str| text.to_ascii_lowercase().contains("lab=");
    let mut fragment = false;
    while let Some((before, after)) = text.split_once('#') {
        text = match names_lab(before) && !names_lab(after) {
            true if after.is_empty() => before,
            true => {
                changes.push(format!("{} is left out.", quoted(&format!("#{after}"))));
                before
            }
            false => {
                fragment = true;
                after
            }
        };
    }
    if let Some((link, shown)) = text.split_once(":~:") {
        changes.push(format!("{} is left out.", quoted(&format!(":~:{shown}"))));
        text = link;
    }
    // An address without “#” holds no link, but for one whose “#” became a “?”.
    let address = |text: &str| text.split('=').next().is_some_and(|t| t.contains("://"));
    if fragment || !address(text) {
        return text;
    }
    match text.split_once('?') {
        Some((_, query)) if names_lab(query) => {
            changes.push("The link is read from behind “?” in place of “#”.".to_owned());
            query
        }
        _ => "",
    }
}

/// Key and value of each part between `&`.
fn segments(link: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for segment in link.split('&') {
        // No value has a “?”: what is behind it was added as to an address without a fragment.
        let parts = match segment.split_once('?') {
            Some((head, tail)) if tail.contains('=') => [head, tail],
            _ => [segment, ""],
        };
        for part in parts.into_iter().filter(|p| !p.trim().is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let plain = |text: &str| percent_decode(text).trim().to_owned();
            pairs.push((plain(key), plain(value)));
        }
    }
    pairs
}

/// The keys in the capitals of the table, without the characters around them, without trackers, and without exact
/// repetitions.
fn tidy(table: &'static Table, pairs: Vec<Pair>, changes: &mut Vec<String>) -> Vec<Pair> {
    let lab = lab_of(table, &pairs);
    let mut kept: Vec<Pair> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let name = name_of(table, &key, lab);
        let value = match name.as_str() {
            "v" => bare(&value),
            _ => value,
        };
        let shown = quoted(&key);
        if is_tracker(&bare(&key)) {
            changes.push(format!(
                "{shown} is left out: it only follows who opens the link."
            ));
        } else if value.is_empty() && bare(&key).is_empty() && !key.is_empty() {
            changes.push(format!("{shown} is left out."));
        } else if table.is_name(&name) && kept.iter().any(|p| p.0 == name && alike(&p.1, &value)) {
            changes.push(format!("{shown} stands there twice alike."));
        } else {
            if name != key {
                changes.push(format!("{shown} is read as {}.", quoted(&name)));
            }
            kept.push((name, value));
        }
    }
    kept
}

/// The key that a text names; the text itself if it names none.
fn name_of(table: &'static Table, key: &str, lab: Option<&str>) -> String {
    if table.is_name(key) {
        return key.to_owned();
    }
    let name = bare(key);
    if table.is_name(&name) {
        return name;
    }
    fold(table, &name, lab).unwrap_or_else(|| key.to_owned())
}

fn is_tracker(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("utm_") || TRACKERS.contains(&key.as_str())
}
