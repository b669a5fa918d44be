//! Points of the plane as text: the key `points`.
//!
//! A point is two little-endian 16-bit numbers k, each the coordinate −2 + 4k/65535; all of them in one
//! base64url text without padding.

use super::spec::MAX_POINTS;
use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Greatest absolute coordinate.
pub const REACH: f64 = 2.0;
const STEPS: f64 = 65_535.0;
/// Lines of a text that are read, at most: more are refused before any is looked at.
const MAX_LINES: usize = 100_000;

fn no(reason: impl Into<String>) -> Error {
    Error::Points {
        reason: reason.into(),
    }
}

/// The text of points `[x₀, y₀, x₁, y₁, …]`; each coordinate moves by 2/65535 at most.
///
/// # Errors
/// For no points, too many, or a coordinate that is not a number in [−2, 2].
pub fn encode(points: &[f64]) -> Result<String, Error> {
    let count = points.len() / 2;
    if count == 0 || !points.len().is_multiple_of(2) {
        return Err(no("there are no points"));
    }
    if count > MAX_POINTS {
        return Err(no(format!("there are {count} points")));
    }
    let mut bytes = Vec::with_capacity(2 * points.len());
    for &x in points {
        if !(-REACH..=REACH).contains(&x) {
            return Err(no(format!("{x} is not in [−2, 2]")));
        }
        let k = libm::round((x + REACH) / (2.0 * REACH) * STEPS) as u16;
        bytes.extend(k.to_le_bytes());
    }
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The points of a text.
///
/// # Errors
/// If it is not base64url, or its length is not that of whole points.
pub fn decode(text: &str) -> Result<Vec<f64>, Error> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| no("the text is cut or not base64url"))?;
    if bytes.is_empty() || !bytes.len().is_multiple_of(4) {
        return Err(no("the text does not hold whole points"));
    }
    let coordinate = |pair: &[u8]| {
        let k = u16::from_le_bytes([pair[0], pair[1]]);
        f64::from(k) / STEPS * (2.0 * REACH) - REACH
    };
    Ok(bytes.chunks_exact(2).map(coordinate).collect())
}

/// Points that were read from a table, and what had to be done to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// `[x₀, y₀, …]`, in [−2, 2].
    pub points: Vec<f64>,
    /// What was changed, in a sentence; empty where nothing was.
    pub note: String,
}

/// Reads a table of two columns, by comma, semicolon, tab or space; a first line of names and lines that
/// begin with `#` are passed over. Points outside [−2, 2] are shifted to mean 0 and scaled to a root mean
/// square of 0.5 a coordinate (smaller where one would still be outside), and the note says so.
///
/// # Errors
/// The first line that is wrong; no points, or more than [`MAX_POINTS`].
pub fn read(text: &str) -> Result<Table, Error> {
    let lines = text.lines().filter(|l| !l.trim().is_empty()).count();
    if lines > MAX_LINES {
        return Err(no(format!("there are {lines} lines")));
    }
    let mut points = Vec::new();
    let mut names_allowed = true;
    for (i, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let commas = line.contains([',', ';', '\t']);
        let cells: Vec<&str> = match commas {
            true => line.split([',', ';', '\t']).map(str::trim).collect(),
            false => line.split_whitespace().collect(),
        };
        let numbers: Vec<Option<f64>> = cells.iter().map(|c| number(c)).collect();
        let first = std::mem::take(&mut names_allowed);
        if first && numbers.iter().all(Option::is_none) && cells.len() == 2 {
            continue;
        }
        if cells.len() != 2 {
            let columns = if cells.len() == 1 {
                "column"
            } else {
                "columns"
            };
            return Err(no(format!(
                "line {} has {} {columns} in place of 2",
                i + 1,
                cells.len()
            )));
        }
        for (cell, number) in cells.iter().zip(numbers) {
            let short: String = cell.chars().take(20).collect();
            points.push(
                number.ok_or_else(|| {
                    no(format!("line {}: “{short}” is not a finite number", i + 1))
                })?,
            );
        }
    }
    let count = points.len() / 2;
    if count == 0 {
        return Err(no("there are no points"));
    }
    if count > MAX_POINTS {
        return Err(no(format!("there are {count} points")));
    }
    Ok(fit(points))
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|x| x.is_finite())
}

fn fit(mut points: Vec<f64>) -> Table {
    if points.iter().all(|x| x.abs() <= REACH) {
        return Table {
            points,
            note: String::new(),
        };
    }
    // Far numbers are brought near first, so that no square overflows.
    let largest = points.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    points.iter_mut().for_each(|x| *x /= largest);
    let n = (points.len() / 2) as f64;
    for axis in 0..2 {
        let mean = points.iter().skip(axis).step_by(2).sum::<f64>() / n;
        points
            .iter_mut()
            .skip(axis)
            .step_by(2)
            .for_each(|x| *x -= mean);
    }
    let square = points.iter().map(|x| x * x).sum::<f64>() / (2.0 * n);
    let far = points.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let scale = if far > 0.0 {
        (0.5 / square.sqrt()).min(REACH / far)
    } else {
        0.0
    };
    points
        .iter_mut()
        .for_each(|x| *x = (*x * scale).clamp(-REACH, REACH));
    Table {
        points,
        note: "The points were outside [−2, 2]: they were shifted to mean 0 and scaled to a deviation of 0.5.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_read_back_to_half_a_step(xy in proptest::collection::vec(-2.0..2.0f64, 1..500)) {
            let xy = [&xy[..], &xy[..]].concat();
            let text = encode(&xy).unwrap();
            let back = decode(&text).unwrap();
            prop_assert_eq!(back.len(), xy.len());
            for (a, b) in xy.iter().zip(&back) {
                prop_assert!((a - b).abs() <= 2.0 / STEPS + 1e-12);
            }
            prop_assert_eq!(encode(&back).unwrap(), text);
        }

        #[test]
        fn no_text_is_a_panic(text in ".{0,300}") {
            let _ = (decode(&text), read(&text));
        }

        #[test]
        fn far_points_fit(x in proptest::collection::vec(-1e300..1e300f64, 2..40)) {
            let text: String = x.iter().map(|x| format!("{x},{}\n", x * 0.5)).collect();
            let table = read(&text).unwrap();
            prop_assert!(encode(&table.points).is_ok());
        }
    }

    #[test]
    fn tables_read_and_each_slip_is_named() {
        let read = |text: &str| read(text).map(|t| t.points);
        assert_eq!(read("x,y\n1,2\n-1, 0.5\n").unwrap(), [1.0, 2.0, -1.0, 0.5]);
        assert_eq!(
            read("# made\n1 2\n\n-1\t0.5").unwrap(),
            [1.0, 2.0, -1.0, 0.5]
        );
        let many = "0,0\n".repeat(1001);
        let huge = "0,0\n".repeat(100_001);
        for (text, part) in [
            ("", "no points"),
            ("x,y\n", "no points"),
            ("1,2\n1,NaN", "line 2: “NaN”"),
            ("1,2\n1,inf", "line 2: “inf”"),
            ("1,2,3", "line 1 has 3 columns"),
            ("1,2\n5", "line 2 has 1 column "),
            ("1,2\na,b", "line 2: “a”"),
            (&many, "1001 points"),
            (&huge, "100001 lines"),
        ] {
            let error = super::read(text).unwrap_err().to_string();
            assert!(error.contains(part), "{part}: {error}");
        }
        assert!(
            encode(&[]).is_err()
                && encode(&[f64::NAN, 0.0]).is_err()
                && encode(&[3.0, 0.0]).is_err()
        );
    }

    #[test]
    fn points_outside_are_brought_to_the_scale_of_the_laws() {
        let table = super::read("100,200\n300,200\n100,600\n300,600").unwrap();
        assert!(!table.note.is_empty());
        let square = table.points.iter().map(|x| x * x).sum::<f64>() / 8.0;
        assert!((square.sqrt() - 0.5).abs() < 1e-12, "{square}");
        assert_eq!(super::read("1,1").unwrap().note, "");
        assert_eq!(super::read("9,9").unwrap().points, [0.0, 0.0]);
    }
}
