//! Reads the text of one value, or says why it is invalid.

use super::clean;
use super::key::{Key, Values};
use super::kind::Kind;
use super::near::slip_of;
use super::points;
use super::report::{Clamp, Mode, Report};
use super::value::Value;
use crate::decimal;

/// Why a text is invalid for a key, and a valid text.
pub(super) struct Bad {
    pub message: String,
    pub choices: Vec<String>,
    pub instead: Option<String>,
}

/// The value of a text: of the text itself, or of the text after the changes of pasting are undone.
pub(super) fn parse(
    key: &Key,
    values: &Values,
    given: &str,
    mode: Mode,
    prefix: &str,
    report: &mut Report,
) -> Result<Value, Bad> {
    let strict = read(key, values, given, mode, prefix, &mut report.clamps);
    // A number out of range is one.
    let reads = |text: &String| read(key, values, text, Mode::Clamp, prefix, &mut vec![]).is_ok();
    let Err(bad) = strict else { return strict };
    if mode == Mode::Strict && reads(&given.to_owned()) {
        return Err(bad);
    }
    let kind = (key.kind)(values);
    if let Some(text) = clean::value(&kind, given).filter(|text| text != given && reads(text)) {
        let value = read(key, values, &text, mode, prefix, &mut report.clamps)?;
        let name = format!("{prefix}{}", key.name);
        report.changes.push(format!(
            "“{}” is read as {}.",
            assigned(&name, given),
            assigned(&name, &text)
        ));
        return Ok(value);
    }
    let instead = clean::salvage(&kind, given).filter(reads).or(bad.instead);
    Err(Bad { instead, ..bad })
}

fn read(
    key: &Key,
    values: &Values,
    given: &str,
    mode: Mode,
    prefix: &str,
    clamps: &mut Vec<Clamp>,
) -> Result<Value, Bad> {
    if let Some(word) = key.word.filter(|word| *word == given) {
        return Ok(Value::Word(word));
    }
    let name = format!("{prefix}{}", key.name);
    let fallback = (key.default)(values).map(|v| v.to_string());
    let bad = |what: String| {
        let message = format!("{}: {what}", assigned(&name, given));
        Bad {
            message,
            choices: vec![],
            instead: fallback.clone(),
        }
    };
    let mut clamp = |used: String, range: String| -> Result<(), Bad> {
        let message = match (key.refuse)(values, given) {
            Some(refusal) => format!(
                "{} is outside {range}: {}",
                assigned(&name, given),
                refusal.why
            ),
            None => format!("{} is outside {range}.", assigned(&name, given)),
        };
        if mode == Mode::Strict {
            return Err(Bad {
                message: format!("{message} Nearest: {used}."),
                choices: vec![],
                instead: Some(used),
            });
        }
        let message = format!("{message} {used} is used.");
        clamps.push(Clamp {
            key: name.clone(),
            given: given.to_owned(),
            used,
            message,
        });
        Ok(())
    };
    match (key.kind)(values) {
        Kind::Choice(choices) => match choices.find(given) {
            Some(c) => Ok(Value::Word(c.value)),
            None => {
                let refused = (key.refuse)(values, given);
                Err(Bad {
                    message: match &refused {
                        Some(r) => format!("{}: {}", assigned(&name, given), r.why),
                        None => format!("{} is not one of the choices.", assigned(&name, given)),
                    },
                    choices: choices.iter().map(|c| c.value.to_owned()).collect(),
                    // A slip of the pen is mended; another word means another thing.
                    instead: refused
                        .and_then(|r| r.instead)
                        .map(str::to_owned)
                        .or_else(|| {
                            slip_of(&clean::bare(given), choices.iter().map(|c| c.value))
                                .map(str::to_owned)
                                .or_else(|| fallback.clone())
                        }),
                })
            }
        },
        Kind::Seed => match given.parse::<u64>() {
            Ok(seed) if is_digits(given) => Ok(Value::Int(seed)),
            _ => Err(bad(format!(
                "a whole number from 0 to {} is needed.",
                u64::MAX
            ))),
        },
        Kind::Int(min, max) => {
            let digits = given.strip_prefix('-').unwrap_or(given);
            if !is_digits(digits) {
                return Err(bad(format!(
                    "a whole number from {min} to {max} is needed."
                )));
            }
            // More digits than a u64 holds are above every bound.
            let number = if digits == given {
                given.parse::<u64>().unwrap_or(u64::MAX)
            } else {
                0
            };
            let used = number.clamp(min, max);
            if used != number
                || (digits != given && min > 0)
                || (digits != given && digits.bytes().any(|b| b != b'0'))
            {
                clamp(used.to_string(), format!("{min} to {max}"))?;
            }
            Ok(Value::Int(used))
        }
        Kind::Real(min, max) => {
            let x = finite(given)
                .ok_or_else(|| bad(format!("a number from {min} to {max} is needed.")))?;
            let used = x.clamp(min, max);
            if used != x {
                clamp(used.to_string(), format!("{min} to {max}"))?;
            }
            if let Some(refusal) = (key.refuse)(values, &used.to_string()) {
                return Err(Bad {
                    instead: refusal.instead.map(str::to_owned),
                    ..bad(refusal.why.to_owned())
                });
            }
            Ok(Value::Real(used))
        }
        Kind::Reals(least, most, min, max) => {
            let list: Option<Vec<f64>> = given.split(',').map(finite).collect();
            let count = if least == most {
                format!("{least}")
            } else {
                format!("{least} to {most}")
            };
            let list = list
                .filter(|l| (least..=most).contains(&l.len()))
                .ok_or_else(|| {
                    bad(match most {
                        1 => format!("1 number from {min} to {max} is needed."),
                        _ => format!("{count} numbers from {min} to {max}, by comma, are needed."),
                    })
                })?;
            let used: Vec<f64> = list.iter().map(|x| x.clamp(min, max)).collect();
            if used != list {
                clamp(
                    Value::Reals(used.clone()).to_string(),
                    format!("{min} to {max}"),
                )?;
            }
            Ok(Value::Reals(used))
        }
        Kind::Matrix(rows, columns, most) => {
            let read = |row: &str| row.split(',').map(finite).collect::<Option<Vec<f64>>>();
            let found: Option<Vec<Vec<f64>>> = given.split(';').map(read).collect();
            if let Some(m) = &found
                && m.iter().any(|row| row.len() != m[0].len())
            {
                let lengths: Vec<String> = m.iter().map(|row| row.len().to_string()).collect();
                return Err(bad(format!(
                    "the rows have {} numbers, but each row must have as many.",
                    lengths.join(", ")
                )));
            }
            let fits = |m: &Vec<Vec<f64>>| {
                let wide = |row: &Vec<f64>| (columns[0]..=columns[1]).contains(&row.len());
                (rows[0]..=rows[1]).contains(&m.len()) && m.iter().all(wide)
            };
            let found = found.filter(fits).ok_or_else(|| {
                let word = key
                    .word
                    .map_or(String::new(), |w| format!(", or the word {w},"));
                bad(format!(
                    "{} rows by semicolon of {} numbers by comma{word} are needed.",
                    range(rows),
                    range(columns)
                ))
            })?;
            let count = found.len();
            let entries: Vec<f64> = found.into_iter().flatten().collect();
            let used: Vec<f64> = entries.iter().map(|x| x.clamp(-most, most)).collect();
            let value = Value::Matrix(count, used.clone());
            if used != entries {
                clamp(value.to_string(), format!("{} to {most}", -most))?;
            }
            if let Some(refusal) = (key.refuse)(values, &value.to_string()) {
                return Err(Bad {
                    instead: refusal.instead.map(str::to_owned),
                    ..bad(refusal.why.to_owned())
                });
            }
            Ok(value)
        }
        Kind::Increasing(first, end) => {
            let list: Option<Vec<u64>> = given
                .split(',')
                .map(|text| text.parse().ok().filter(|_| is_digits(text)))
                .collect();
            let increasing = |l: &Vec<u64>| {
                l.windows(2).all(|pair| pair[0] < pair[1])
                    && l.iter().all(|x| (first..end).contains(x))
            };
            list.filter(increasing).map(Value::Ints).ok_or_else(|| {
                bad(format!(
                    "increasing whole numbers from {first} to {}, by comma, are needed.",
                    end.saturating_sub(1)
                ))
            })
        }
        Kind::Text(most) => {
            let url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if given.len() > most || !given.bytes().all(url) {
                return Err(bad(format!(
                    "at most {most} letters, digits, - and _ are needed."
                )));
            }
            Ok(Value::Text(given.to_owned()))
        }
        Kind::Points(most) => match points::decode(given) {
            Ok(points) if (2..=2 * most).contains(&points.len()) => {
                Ok(Value::Text(given.to_owned()))
            }
            _ => Err(bad(format!(
                "base64url of 1 to {most} points, four bytes each, is needed."
            ))),
        },
    }
}

/// `2` or `1 to 4`.
fn range([least, most]: [usize; 2]) -> String {
    match least == most {
        true => format!("{least}"),
        false => format!("{least} to {most}"),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A finite decimal number (`inf`, `nan` and the empty text are invalid); −0 becomes 0.
fn finite(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    let x = decimal::read(text).filter(|x| plain && x.is_finite())?;
    Some(x + 0.0)
}

/// A text in quotes, shortened for display.
pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", shown(text))
}

/// A key with its value, as every message names them: shortened for display, and control characters can be seen.
///
/// Held by `tests/links.rs`: `no_message_repeats_a_long_value`.
pub(super) fn assigned(key: &str, value: &str) -> String {
    format!("{}={}", shown(key), shown(&visible(value)))
}

/// A text in which control characters can be seen: “␀” in place of U+0000.
fn visible(text: &str) -> String {
    let seen = |c: char| match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        _ if c.is_control() => '\u{fffd}',
        _ => c,
    };
    text.chars().map(seen).collect()
}

/// A text, shortened for display.
pub(super) fn shown(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(40).chain("…".chars()).collect()
}
