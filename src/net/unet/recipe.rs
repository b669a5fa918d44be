//! The file of a recipe for a network on windows: lines `key = value`; `#` begins a comment.
//!
//! ```text
//! law = lab=turbulence
//! widths = 24 48 48
//! blocks = 1 1 1 1 1
//! steps = 9000
//! batch = 16
//! rate = 0.001
//! seed = 0
//! noise-mean = -0.3
//! noise-sd = 1.4
//! ```
//!
//! `blocks` are those on the way down at 16×16, 8×8 and 4×4 pixels, then those on the way up at 16×16 and 8×8.

use super::Shape;
use crate::error::Error;
use crate::net::recipe::lines;
use crate::net::recipe::number;

/// The only law there are windows of: the flow with the parameters that the lab has by default.
pub const LAW: &str = "lab=turbulence";

/// The keys with one number, each with its smallest and largest value.
const NUMBERS: [(&str, f64, f64); 6] = [
    ("steps", 1.0, 1e6),
    ("batch", 2.0, 1024.0),
    ("rate", 1e-6, 1.0),
    ("seed", 0.0, u64::MAX as f64),
    ("noise-mean", -5.0, 5.0),
    ("noise-sd", 0.01, 5.0),
];
/// Largest width and largest number of blocks at a level.
const MOST: (usize, usize) = (256, 8);

/// How a network on windows is trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FieldRecipe {
    /// The shape.
    pub shape: Shape,
    /// Number of steps of Adam.
    pub steps: u32,
    /// Number of windows per step, even: it is computed in two halves.
    pub batch: usize,
    /// Largest learning rate.
    pub rate: f64,
    /// Seed of weights, windows and noise.
    pub seed: u64,
    /// Mean and standard deviation of ln s.
    pub ln_s: [f64; 2],
}

/// Whether a text is a recipe for a network on windows: it has a line `widths`.
pub fn is_one(text: &str) -> bool {
    lines("", text).flatten().any(|(_, key, _)| key == "widths")
}

/// Reads a recipe. `name` is the name of the file, for the error.
///
/// # Errors
/// If a line is invalid or a key is missing. The error names the first such line and the valid values.
pub fn parse(name: &str, text: &str) -> Result<FieldRecipe, Error> {
    let no = |reason: String| Error::Recipe {
        name: name.to_owned(),
        reason,
    };
    let mut given: Vec<&str> = vec![];
    let (mut widths, mut blocks) = ([0; 3], [0; 5]);
    let mut numbers = [0.0; NUMBERS.len()];
    let mut seed = 0;
    for line in lines(name, text) {
        let (i, key, value) = line?;
        let at = i + 1;
        if given.contains(&key) {
            return Err(no(format!("line {at}: {key} is given twice")));
        }
        given.push(key);
        match key {
            "law" if value == LAW => {}
            "law" => return Err(no(format!("line {at}: law is {LAW}"))),
            "widths" => widths = row(value, MOST.0).ok_or_else(|| no(said(at, key, 3, MOST.0)))?,
            "blocks" => blocks = row(value, MOST.1).ok_or_else(|| no(said(at, key, 5, MOST.1)))?,
            _ => {
                let place = NUMBERS.iter().position(|n| n.0 == key).ok_or_else(|| {
                    let known = KEYS.join(", ");
                    no(format!("line {at}: there is no key {key}; valid: {known}"))
                })?;
                numbers[place] = number(name, (i, key, value), NUMBERS[place])?;
                if key == "seed" {
                    seed = value.parse().unwrap_or_default();
                }
                if key == "batch" && numbers[place] % 2.0 != 0.0 {
                    return Err(no(format!("line {at}: batch is even")));
                }
            }
        }
    }
    if let Some(missing) = KEYS.iter().find(|key| !given.contains(key)) {
        return Err(no(format!("has no line “{missing} = …”")));
    }
    let [steps, batch, rate, _, mean, deviation] = numbers;
    let [a, b, c, d, e] = blocks;
    Ok(FieldRecipe {
        shape: Shape {
            widths,
            down: [a, b, c],
            up: [d, e],
        },
        steps: steps as u32,
        batch: batch as usize,
        rate,
        seed,
        ln_s: [mean, deviation],
    })
}

/// All keys; each is needed.
const KEYS: [&str; 9] = [
    "law",
    "widths",
    "blocks",
    NUMBERS[0].0,
    NUMBERS[1].0,
    NUMBERS[2].0,
    NUMBERS[3].0,
    NUMBERS[4].0,
    NUMBERS[5].0,
];

/// Whole numbers from 1 to `most`, separated by spaces.
fn row<const N: usize>(value: &str, most: usize) -> Option<[usize; N]> {
    let numbers = value.split_whitespace().map(|x| {
        let x = x.parse().ok()?;
        (1..=most).contains(&x).then_some(x)
    });
    let numbers: Vec<usize> = numbers.collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn said(line: usize, key: &str, count: usize, most: usize) -> String {
    format!("line {line}: {key} are {count} whole numbers from 1 to {most}, separated by spaces")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# small\nlaw = lab=turbulence\nwidths = 4 6 8\nblocks = 1 2 1 3 1\nsteps = 10\nbatch = 4\nrate = 1e-3\nseed = 18446744073709551615\nnoise-mean = -0.3\nnoise-sd = 1.4\n";

    #[test]
    fn a_recipe_of_windows_reads_and_each_slip_is_named() {
        let recipe = parse("x", GOOD).unwrap();
        let shape = Shape {
            widths: [4, 6, 8],
            down: [1, 2, 1],
            up: [3, 1],
        };
        let expected = FieldRecipe {
            shape,
            steps: 10,
            batch: 4,
            rate: 1e-3,
            seed: u64::MAX,
            ln_s: [-0.3, 1.4],
        };
        assert_eq!(recipe, expected);
        assert!(is_one(GOOD) && !is_one("law = lab=torus\nwidth = 8\n"));
        for (from, to, part) in [
            (
                "widths = 4 6 8",
                "widths = 4 6",
                "3 whole numbers from 1 to 256",
            ),
            (
                "widths = 4 6 8",
                "widths = 4 6 257",
                "3 whole numbers from 1 to 256",
            ),
            ("1 2 1 3 1", "1 2 1 3 0", "5 whole numbers from 1 to 8"),
            ("lab=turbulence", "lab=torus", "law is lab=turbulence"),
            ("batch = 4", "batch = 5", "batch is even"),
            ("batch = 4", "batch = 4\nbatch = 4", "twice"),
            ("steps = 10", "", "no line “steps"),
            ("steps = 10", "steps", "key = value"),
            (
                "steps",
                "stops",
                "no key stops; valid: law, widths, blocks, steps",
            ),
            ("seed = 1", "seed = -1", "seed is a whole number"),
            ("1.4", "NaN", "noise-sd is a number"),
        ] {
            let error = parse("x", &GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
