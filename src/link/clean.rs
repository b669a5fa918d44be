//! Undoes the changes that pasting makes to a value, and finds the readable part of a wrong value.
//!
//! Nothing here is guessed: a character is changed or removed only if no valid value contains it.

use super::kind::Kind;
use crate::decimal;
use crate::word::Choices;

/// Invisible characters: spaces without width, soft hyphens, marks of byte order and of direction.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Characters before a link in a sentence.
const OPENING: &str = "([{<\"'`*|“‘„‚«‹/?!#";
/// Characters after a link in a sentence.
const CLOSING: &str = ")]}>\"'`*|”’“‘»›.,;:!?";

/// Replaces dashes by minus signs and wide commas by commas, and removes invisible characters.
fn plain(text: &str) -> String {
    let map = |c| match c {
        '−' | '‐' | '‑' | '‒' | '–' | '—' | '﹣' | '－' => '-',
        '，' | '、' => ',',
        '；' => ';',
        c => c,
    };
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(map)
        .collect()
}

/// Removes quotes, brackets and the punctuation of a sentence around a text.
fn trimmed(text: &str) -> &str {
    trimmed_to(text, |_| true)
}

/// As [`trimmed`], but keeps punctuation.
fn trimmed_to(text: &str, goes: impl Fn(char) -> bool) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || OPENING.contains(c))
        .trim_end_matches(|c: char| c.is_whitespace() || CLOSING.contains(c) && goes(c))
}

/// A name or word without spaces and without the characters around it.
pub(super) fn bare(text: &str) -> String {
    let text = plain(text);
    trimmed(&text).split_whitespace().collect()
}

/// Whether two texts are equal apart from the characters around them.
pub(super) fn alike(a: &str, b: &str) -> bool {
    a == b || trimmed(&plain(a)) == trimmed(&plain(b))
}

/// The one word of a list that equals a text apart from capitals.
pub(super) fn choice(choices: Choices, given: &str) -> Option<&'static str> {
    let given = bare(given);
    let mut same = choices
        .iter()
        .filter(|c| c.value.eq_ignore_ascii_case(&given));
    match (choices.find(&given), same.next(), same.next()) {
        (Some(exact), ..) => Some(exact.value),
        (None, Some(one), None) => Some(one.value),
        _ => None,
    }
}

/// The text of a value of this kind that a pasted text stands for. The value is not checked.
pub(super) fn value(kind: &Kind, given: &str) -> Option<String> {
    let text = plain(given);
    let text = trimmed(&text);
    match kind {
        Kind::Choice(choices) => choice(*choices, given).map(str::to_owned),
        Kind::Int(..) | Kind::Seed => Some(number(text.strip_prefix('+').unwrap_or(text))),
        Kind::Real(..) => Some(number(text)),
        Kind::Reals(..) | Kind::Increasing(..) => list(text),
        // An end of a row that nothing follows leaves open whether a row is missing.
        Kind::Matrix(..) => trimmed_to(&plain(given), |c| !matches!(c, ',' | ';'))
            .split(';')
            .map(|row| list(row.trim()))
            .collect::<Option<Vec<_>>>()
            .map(|rows| rows.join(";")),
        Kind::Text(_) | Kind::Points(_) => Some(bare(given)),
    }
}

/// Removes space after the sign.
fn number(text: &str) -> String {
    let text = text.trim();
    match text.strip_prefix(['-', '+']) {
        Some(rest) => format!("{}{}", &text[..1], rest.trim_start()),
        None => text.to_owned(),
    }
}

/// Numbers separated by commas, by semicolons or by spaces. If two of these occur, several readings are possible.
fn list(text: &str) -> Option<String> {
    let numbers: Vec<String> = match (text.contains(','), text.contains(';')) {
        (true, true) => return None,
        (true, false) => text.split(',').map(number).collect(),
        (false, true) => text.split(';').map(number).collect(),
        (false, false) => text.split_whitespace().map(str::to_owned).collect(),
    };
    Some(numbers.join(","))
}

/// The readable part of a wrong value: its number, or as many numbers as the key has.
pub(super) fn salvage(kind: &Kind, given: &str) -> Option<String> {
    let text = plain(given);
    let text = trimmed(&text);
    match *kind {
        Kind::Int(..) | Kind::Seed => whole(text),
        Kind::Real(..) => real(text),
        Kind::Reals(least, most, ..) => {
            let mut list = entries(text).map(real).collect::<Option<Vec<_>>>()?;
            // One number for all; of too many, the first.
            if list.len() == 1 {
                list.resize(least.max(1), list[0].clone());
            }
            list.truncate(most);
            Some(list.join(","))
        }
        Kind::Increasing(first, end) => {
            let list = entries(text).map(|e| whole(e)?.parse().ok());
            let mut list = list.collect::<Option<Vec<u64>>>()?;
            list.retain(|i| (first..end).contains(i));
            list.sort_unstable();
            list.dedup();
            let list: Vec<String> = list.iter().map(u64::to_string).collect();
            Some(list.join(","))
        }
        Kind::Matrix(..) => {
            let row = |row| {
                Some(
                    entries(trimmed(row))
                        .map(real)
                        .collect::<Option<Vec<_>>>()?
                        .join(","),
                )
            };
            Some(
                text.split(';')
                    .map(row)
                    .collect::<Option<Vec<_>>>()?
                    .join(";"),
            )
        }
        Kind::Choice(_) | Kind::Text(_) | Kind::Points(_) => None,
    }
}

/// The entries of a list. If there are semicolons, commas may be decimal commas.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    let (semicolons, commas) = (text.contains(';'), text.contains(','));
    text.split(move |c: char| match (semicolons, commas) {
        (true, _) => c == ';',
        (false, true) => c == ',',
        (false, false) => c.is_whitespace(),
    })
    .map(str::trim)
    .filter(|entry| !entry.is_empty())
}

/// The only number in a text; `0,5` is one half.
fn real(text: &str) -> Option<String> {
    match text.split_once(',') {
        Some((a, b)) if !a.is_empty() && is_digits(b) => only(&format!("{a}.{b}")).map(|(n, _)| n),
        _ => only(text).map(|(n, _)| n),
    }
}

/// The only whole number in a text; also `1e3`, `10k`, `10 000` and the whole part of a decimal number.
fn whole(text: &str) -> Option<String> {
    let groups: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || ",'’_".contains(c))
        .collect();
    let grouped = groups.iter().all(|g| is_digits(g)) && groups[1..].iter().all(|g| g.len() == 3);
    if grouped && groups.len() > 1 && groups[0].len() <= 3 {
        return Some(groups.concat());
    }
    let (number, after) = only(text)?;
    if is_digits(&number) && !matches!(after, 'k' | 'K' | 'M') {
        return Some(number);
    }
    let unit = match after {
        'k' | 'K' => 1e3,
        'M' => 1e6,
        _ => 1.0,
    };
    let x = decimal::read(&number)? * unit;
    // Whole numbers below 2⁵³ are exact.
    (0.0..9.0e15).contains(&x).then(|| (x as u64).to_string())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The number of a text with one number in it, and the character after it.
fn only(text: &str) -> Option<(String, char)> {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let start = (0..bytes.len()).find(|&i| digit(i))?;
    let mut end = start;
    let pass = |end: &mut usize| {
        while digit(*end) {
            *end += 1;
        }
    };
    pass(&mut end);
    if bytes.get(end) == Some(&b'.') {
        end += 1;
        pass(&mut end);
    }
    let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
    if matches!(bytes.get(end), Some(b'e' | b'E')) && digit(end + 1 + sign) {
        end += 1 + sign;
        pass(&mut end);
    }
    if (end..bytes.len()).any(digit) {
        return None;
    }
    let point = start > 0 && bytes[start - 1] == b'.';
    let start = start - usize::from(point);
    let negative = start > 0 && bytes[start - 1] == b'-';
    let after = text[end..].chars().next().unwrap_or(' ');
    Some((text[start - usize::from(negative)..end].to_owned(), after))
}
