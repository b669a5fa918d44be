//! The file of a recipe: `key = value` lines, `#` begins a comment.
//!
//! ```text
//! law = lab=toy1d&target=uniform
//! width = 64
//! depth = 3
//! steps = 4000
//! batch = 512
//! rate = 0.003
//! seed = 0
//! ```

use super::Recipe;
use crate::error::Error;

/// Keys of a recipe and the least and greatest value of each.
const NUMBERS: [(&str, f64, f64); 6] = [
    ("width", 1.0, 512.0),
    ("depth", 1.0, 8.0),
    ("steps", 1.0, 1e6),
    ("batch", 1.0, 65_536.0),
    ("rate", 1e-6, 1.0),
    ("seed", 0.0, 9_007_199_254_740_991.0),
];

/// Reads a recipe: the link of its law, and its numbers. `name` is the file's, for the error.
///
/// # Errors
/// The first line that is wrong, or a key that is missing, with what is allowed.
pub fn parse(name: &str, text: &str) -> Result<(String, Recipe), Error> {
    let no = |reason: String| Error::Network {
        name: name.to_owned(),
        reason,
    };
    let mut law = None;
    let mut values: [Option<f64>; NUMBERS.len()] = [None; NUMBERS.len()];
    for (i, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (key, value) = line
            .split_once('=')
            .map(|(k, v)| (k.trim(), v.trim()))
            .ok_or_else(|| no(format!("line {}: “key = value” is needed", i + 1)))?;
        if key == "law" {
            if law.replace(value.to_owned()).is_some() {
                return Err(no(format!("line {}: law stands twice", i + 1)));
            }
            continue;
        }
        let place = NUMBERS.iter().position(|n| n.0 == key).ok_or_else(|| {
            let known: Vec<&str> = NUMBERS.iter().map(|n| n.0).collect();
            let known = known.join(", ");
            no(format!(
                "line {}: there is no key {key}; valid: law, {known}",
                i + 1
            ))
        })?;
        let (_, least, most) = NUMBERS[place];
        let whole = key == "rate" || value.bytes().all(|b| b.is_ascii_digit());
        let number = value
            .parse::<f64>()
            .ok()
            .filter(|x| whole && (least..=most).contains(x))
            .ok_or_else(|| {
                let kind = if key == "rate" {
                    "number"
                } else {
                    "whole number"
                };
                no(format!(
                    "line {}: {key} is a {kind} from {least} to {most}",
                    i + 1
                ))
            })?;
        if values[place].replace(number).is_some() {
            return Err(no(format!("line {}: {key} stands twice", i + 1)));
        }
    }
    let mut numbers = [0.0; NUMBERS.len()];
    for ((number, value), (key, ..)) in numbers.iter_mut().zip(values).zip(NUMBERS) {
        *number = value.ok_or_else(|| no(format!("has no line “{key} = …”")))?;
    }
    let law = law.ok_or_else(|| no("has no line “law = …”".to_owned()))?;
    let [width, depth, steps, batch, rate, seed] = numbers;
    let recipe = Recipe {
        width: width as usize,
        depth: depth as usize,
        steps: steps as u32,
        batch: batch as usize,
        rate,
        seed: seed as u64,
    };
    Ok((law, recipe))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "# a comment\nlaw = lab=toy1d&target=comb\nwidth = 8\ndepth=2\n\nsteps = 10 # few\nbatch = 16\nrate = 1e-3\nseed = 7\n";

    #[test]
    fn a_recipe_reads_and_each_slip_is_named() {
        let (law, recipe) = parse("x", GOOD).unwrap();
        assert_eq!(law, "lab=toy1d&target=comb");
        let expected = Recipe {
            width: 8,
            depth: 2,
            steps: 10,
            batch: 16,
            rate: 1e-3,
            seed: 7,
        };
        assert_eq!(recipe, expected);
        let cases = [
            (
                GOOD.replace("width = 8", "width = 0"),
                "whole number from 1 to 512",
            ),
            (GOOD.replace("width = 8", "width = 2.5"), "whole number"),
            (GOOD.replace("rate = 1e-3", "rate = NaN"), "number from"),
            (GOOD.replace("seed = 7", ""), "no line “seed"),
            (GOOD.replace("law = ", "lawn = "), "no key lawn"),
            (GOOD.replace("depth=2", "depth"), "key = value"),
            (format!("{GOOD}width = 8"), "twice"),
        ];
        for (text, part) in cases {
            let error = parse("x", &text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in "[a-z0-9 =.#\\n-]{0,200}") {
            let _ = parse("x", &text);
        }
    }
}
