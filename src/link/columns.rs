//! Tables of points as visitors have them: a file, or pasted text, with two columns.
//!
//! The text is UTF-8, UTF-16, or one byte per character; lines end as in Windows, Unix or old Macintoshes. Columns
//! are separated by tab, semicolon, comma or space. Numbers have a decimal point or, if the comma does not separate
//! columns, a decimal comma. The first reading of `READINGS` that fits every line is used.

use super::points::{MAX_POINTS, REACH, no};
use crate::decimal;
use crate::error::{Error, rounded};
use crate::rng::{Noise, Stream};

/// Largest file that is read, in bytes.
pub const MAX_BYTES: usize = 20_000_000;

/// Points read from a table, and the changes made to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// `[x₀, y₀, …]`, in [−2, 2], [`MAX_POINTS`] at most.
    pub points: Vec<f64>,
    /// What was passed over or changed, in sentences; empty where nothing was.
    pub note: String,
}

/// Reads a table of two columns. Leading lines of names and lines that begin with `#` are skipped. If there are more
/// than [`MAX_POINTS`] points, this many are drawn at random, always the same ones. If a point lies outside [−2, 2],
/// all points are shifted to mean 0 and scaled to a root mean square of 0.5 per coordinate, or less if a point would
/// still be outside. The note says so.
///
/// # Errors
/// If the bytes are not text, a line is invalid (the error names the first), or there are no points.
pub fn read(bytes: &[u8]) -> Result<Table, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(no(format!(
            "they have {} bytes, and at most {MAX_BYTES} are read",
            bytes.len()
        )));
    }
    let text = text(bytes)?.replace("\r\n", "\n");
    let lines: Vec<(usize, &str)> = text
        .split(['\n', '\r'])
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(i, line)| (i + 1, line))
        .collect();
    let mut found: Option<Slip> = None;
    for reading in READINGS {
        match reading.of(&lines) {
            Ok((points, _)) if points.is_empty() => return Err(no("there are no points")),
            Ok((points, header)) => return Ok(finish(points, header, reading)),
            // The reading that comes furthest is the one that was meant.
            Err(slip) => {
                if found.as_ref().is_none_or(|f| slip.reach > f.reach) {
                    found = Some(slip);
                }
            }
        }
    }
    Err(no(found.map_or_else(String::new, |slip| slip.reason)))
}

/// The characters of a file.
fn text(bytes: &[u8]) -> Result<String, Error> {
    let text = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
            return Err(no("the text is UTF-32; save it as UTF-8"));
        }
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        // Latin letters in UTF-16 without a mark of the order: every other byte is 0.
        _ if zeros(bytes, 1) => utf16(bytes, u16::from_le_bytes)?,
        _ if zeros(bytes, 0) => utf16(bytes, u16::from_be_bytes)?,
        _ => {
            let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                // An older encoding: its letters stand in names at most, its digits are the same.
                Err(_) => bytes.iter().copied().map(char::from).collect(),
            }
        }
    };
    let printable = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    match text.chars().all(printable) {
        true => Ok(text),
        false => Err(no("this is not text")),
    }
}

fn zeros(bytes: &[u8], from: usize) -> bool {
    bytes.len() > 1 && bytes.iter().skip(from).step_by(2).all(|b| *b == 0)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<String, _>>()
        .ok()
        .filter(|_| rest.is_empty())
        .ok_or_else(|| no("the text is UTF-16, but cut or damaged"))
}

/// What separates the columns.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Separator {
    Tab,
    Semicolon,
    Comma,
    Space,
    /// Comma in some lines, space in others.
    CommaOrSpace,
}

/// A way to read lines.
#[derive(Debug, Clone, Copy)]
struct Reading {
    separator: Separator,
    /// The decimal mark.
    mark: char,
}

const fn reading(separator: Separator, mark: char) -> Reading {
    Reading { separator, mark }
}

const READINGS: [Reading; 8] = [
    reading(Separator::Tab, '.'),
    reading(Separator::Tab, ','),
    reading(Separator::Semicolon, '.'),
    reading(Separator::Semicolon, ','),
    reading(Separator::Comma, '.'),
    reading(Separator::Space, '.'),
    reading(Separator::Space, ','),
    reading(Separator::CommaOrSpace, '.'),
];

/// Why a reading fails, and how far it came: numbers read, and cells of the line.
struct Slip {
    reach: (usize, usize),
    reason: String,
}

/// The first and last line of names.
type Header = Option<(usize, usize)>;

impl Reading {
    fn of(self, lines: &[(usize, &str)]) -> Result<(Vec<f64>, Header), Slip> {
        let mut points = Vec::new();
        let mut header: Header = None;
        for &(line, text) in lines {
            let cells = self.cells(text);
            if points.is_empty() && is_header(&cells) {
                header = Some((header.map_or(line, |h| h.0), line));
                continue;
            }
            let slip = |read: usize, reason: String| Slip {
                reach: (read, cells.len()),
                reason: format!("line {line}{reason}"),
            };
            let &[x, y] = &cells[..] else {
                let s = if cells.len() == 1 { "" } else { "s" };
                let reason = format!(" has {} column{s} in place of 2", cells.len());
                return Err(slip(points.len(), reason));
            };
            let before = points.len();
            for cell in [x, y] {
                // A cell with a stronger separator was not meant so.
                let read = match cell.contains([';', '\t']) {
                    true => before,
                    false => points.len(),
                };
                let number = self.number(cell);
                points.push(number.ok_or_else(|| slip(read, self.why_not(cell)))?);
            }
        }
        Ok((points, header))
    }

    /// The cells of a line; what stands in double quotes is one.
    fn cells(self, line: &str) -> Vec<&str> {
        let comma = line.contains(',');
        let separates = |c: char| match self.separator {
            Separator::Tab => c == '\t',
            Separator::Semicolon => c == ';',
            Separator::Comma => c == ',',
            Separator::CommaOrSpace if comma => c == ',',
            Separator::Space | Separator::CommaOrSpace => c.is_whitespace(),
        };
        let mut quoted = false;
        let cells = line.split(|c: char| {
            quoted ^= c == '"';
            !quoted && separates(c)
        });
        let cells = cells.map(|cell| cell.trim().trim_matches('"').trim());
        match separates(' ') {
            true => cells.filter(|cell| !cell.is_empty()).collect(),
            false => cells.collect(),
        }
    }

    /// A finite number; a minus may be the sign of typesetters.
    fn number(self, cell: &str) -> Option<f64> {
        let mut plain = cell.replace('−', "-");
        if self.mark == ',' {
            // At the end of a word the comma separates.
            let ends = self.separator == Separator::Space
                && (cell.starts_with(',') || cell.ends_with(','));
            if ends || cell.contains('.') {
                return None;
            }
            plain = plain.replace(',', ".");
        }
        decimal::read(&plain).filter(|x| x.is_finite())
    }

    fn why_not(self, cell: &str) -> String {
        let short: String = cell.chars().take(20).collect();
        let (own, other) = match self.mark {
            '.' => ("point", "comma"),
            _ => ("comma", "point"),
        };
        let mark = if self.mark == '.' { ',' } else { '.' };
        let mixed = self.separator != Separator::Comma
            && reading(Separator::Tab, mark).number(cell).is_some();
        match mixed {
            true => {
                format!(": “{short}” has a decimal {other}, other numbers have a decimal {own}")
            }
            false => format!(": “{short}” is not a finite number"),
        }
    }
}

/// Whether a line contains names and nothing that could be a number.
fn is_header(cells: &[&str]) -> bool {
    let names = cells.iter().filter(|cell| !cell.is_empty());
    let mut names = names.peekable();
    names.peek().is_some() && names.all(|cell| is_name(cell))
}

fn is_name(cell: &str) -> bool {
    const MISSING: [&str; 8] = [
        "nan", "inf", "infinity", "na", "n/a", "#n/a", "null", "none",
    ];
    let numeric = cell.starts_with(|c: char| c.is_numeric() || "+-−.,".contains(c));
    let missing = MISSING.contains(&&cell.to_ascii_lowercase()[..]);
    !numeric && !missing && cell.contains(char::is_alphabetic)
}

fn finish(mut points: Vec<f64>, header: Header, reading: Reading) -> Table {
    let mut notes = Vec::new();
    match header {
        Some((first, last)) if first == last => {
            notes.push(format!("Line {first} was taken for a header."));
        }
        Some((first, last)) => {
            notes.push(format!("Lines {first} to {last} were taken for headers."));
        }
        None => {}
    }
    if reading.mark == ',' {
        notes.push("Commas were read as decimal marks.".to_owned());
    }
    let count = points.len() / 2;
    if count > MAX_POINTS {
        points = thinned(&points);
        notes.push(format!(
            "Of {count} points {MAX_POINTS} were drawn at random, the same ones each time."
        ));
    }
    notes.extend(fit(&mut points));
    Table {
        points,
        note: notes.join(" "),
    }
}

/// [`MAX_POINTS`] of the points in their order; each subset has the same probability (Knuth, *The Art of Computer
/// Programming* 2, 3.4.2, algorithm S).
fn thinned(points: &[f64]) -> Vec<f64> {
    let noise = Noise::new(0);
    let count = points.len() / 2;
    let mut out = Vec::with_capacity(2 * MAX_POINTS);
    for (i, point) in points.chunks_exact(2).enumerate() {
        let wanted = MAX_POINTS - out.len() / 2;
        if noise.uniform(Stream::Thinning, 0, i as u64) * ((count - i) as f64) < wanted as f64 {
            out.extend(point);
        }
    }
    out
}

/// Brings all points into [−2, 2] if one is outside, and returns a sentence about it.
fn fit(points: &mut [f64]) -> Option<String> {
    let largest = |points: &[f64]| points.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let far = largest(points);
    if far <= REACH {
        return None;
    }
    // In units of the largest number no sum, difference or square overflows; from the first point on, equal
    // points have a mean without rounding.
    let n = (points.len() / 2) as f64;
    let origin = [points[0] / far, points[1] / far];
    for (axis, origin) in origin.into_iter().enumerate() {
        let own = || points.iter().skip(axis).step_by(2);
        let mean = own().map(|x| x / far - origin).sum::<f64>() / n;
        for x in points.iter_mut().skip(axis).step_by(2) {
            *x = *x / far - origin - mean;
        }
    }
    let far = largest(points);
    if far == 0.0 {
        return Some("The points are all the same and outside [−2, 2]: they were put at 0.".into());
    }
    points.iter_mut().for_each(|x| *x /= far);
    let deviation = (points.iter().map(|x| x * x).sum::<f64>() / (2.0 * n)).sqrt();
    let scale = (0.5 / deviation).min(REACH);
    for x in points.iter_mut() {
        *x = (*x * scale).clamp(-REACH, REACH);
    }
    Some(format!(
        "Not all points were in [−2, 2]: all were shifted to mean 0 and scaled to a deviation of {} a coordinate.",
        rounded(deviation * scale)
    ))
}
