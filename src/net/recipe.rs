//! The file of a recipe: lines `key = value`; `#` begins a comment.
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
//!
//! `noise-mean` and `noise-sd`, the mean and the standard deviation of ln s, may be left out. They are then −1.2 and 1.2.

use super::{LN_S, Recipe};
use crate::decimal;
use crate::error::Error;

/// The keys of a recipe, each with its smallest and largest value.
const NUMBERS: [(&str, f64, f64); 9] = [
    ("width", 1.0, 512.0),
    ("depth", 1.0, 8.0),
    ("steps", 1.0, 1e6),
    ("batch", 1.0, 65_536.0),
    ("rate", 1e-6, 1.0),
    ("seed", 0.0, u64::MAX as f64),
    // These may be left out. The last is for files of weights only.
    ("noise-mean", -5.0, 5.0),
    ("noise-sd", 0.01, 5.0),
    ("stopped", 0.0, 1e6),
];
/// The first `NEEDED` keys are required; the first `KNOWN` keys are allowed in a recipe.
const NEEDED: usize = 6;
const KNOWN: usize = 8;

/// The content of the text in a file of weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The link of the law.
    pub law: String,
    /// The numbers.
    pub recipe: Recipe,
    /// The step at which the training was stopped, if it did not run to its end.
    pub stopped: Option<u32>,
}

/// The text of a recipe. [`parse`] reads `law` and `recipe` from it.
pub fn write(law: &str, recipe: &Recipe) -> String {
    let Recipe {
        width,
        depth,
        steps,
        batch,
        rate,
        seed,
        ln_s: [mean, deviation],
    } = recipe;
    let noise = if [*mean, *deviation] == LN_S {
        String::new()
    } else {
        format!("noise-mean = {mean}\nnoise-sd = {deviation}\n")
    };
    format!(
        "law = {law}\nwidth = {width}\ndepth = {depth}\nsteps = {steps}\nbatch = {batch}\nrate = {rate}\nseed = {seed}\n{noise}"
    )
}

/// The text in the file of a stopped training: the recipe and the step.
pub fn write_stopped(law: &str, recipe: &Recipe, step: u32) -> String {
    format!("{}stopped = {step}\n", write(law, recipe))
}

/// Reads a recipe: the link of its law, and its numbers. `name` is the name of the file, for the error.
///
/// # Errors
/// If a line is invalid or a key is missing. The error names the first such line and the valid values.
pub fn parse(name: &str, text: &str) -> Result<(String, Recipe), Error> {
    let written = read(name, text)?;
    match written.stopped {
        None => Ok((written.law, written.recipe)),
        Some(_) => Err(Error::Recipe {
            name: name.to_owned(),
            reason: "is not a recipe: it has a line “stopped = …”".to_owned(),
        }),
    }
}

/// The lines `key = value` of a text with their numbers from 0, without comments and empty lines.
pub(super) fn lines<'t>(
    name: &str,
    text: &'t str,
) -> impl Iterator<Item = Result<(usize, &'t str, &'t str), Error>> {
    let no = |i: usize| Error::Recipe {
        name: name.to_owned(),
        reason: format!("line {}: “key = value” is needed", i + 1),
    };
    let bare = |line: &'t str| line.split('#').next().unwrap_or_default().trim();
    let all = text.lines().map(bare).enumerate();
    let all = all.filter(|(_, line)| !line.is_empty());
    all.map(move |(i, line)| {
        let (key, value) = line.split_once('=').ok_or_else(|| no(i))?;
        Ok((i, key.trim(), value.trim()))
    })
}

/// The number in a line, for a key with its smallest and largest value.
pub(super) fn number(
    name: &str,
    (i, key, value): (usize, &str, &str),
    (_, least, most): (&str, f64, f64),
) -> Result<f64, Error> {
    let real = matches!(key, "rate" | "noise-mean" | "noise-sd");
    let whole = real || value.bytes().all(|b| b.is_ascii_digit());
    let number = decimal::read(value).filter(|x| whole && (least..=most).contains(x));
    // A seed can have more digits than an f64.
    let exact = key != "seed" || value.parse::<u64>().is_ok();
    number.filter(|_| exact).ok_or_else(|| {
        let kind = if real { "number" } else { "whole number" };
        Error::Recipe {
            name: name.to_owned(),
            reason: format!("line {}: {key} is a {kind} from {least} to {most}", i + 1),
        }
    })
}

/// As [`parse`], for the text in a file of weights.
///
/// # Errors
/// As [`parse`].
pub fn read(name: &str, text: &str) -> Result<Written, Error> {
    let no = |reason: String| Error::Recipe {
        name: name.to_owned(),
        reason,
    };
    let mut law = None;
    let mut values: [Option<f64>; NUMBERS.len()] = [None; NUMBERS.len()];
    let mut seed = 0;
    for line in lines(name, text) {
        let (i, key, value) = line?;
        if key == "law" {
            if law.replace(value.to_owned()).is_some() {
                return Err(no(format!("line {}: law is given twice", i + 1)));
            }
            continue;
        }
        let place = NUMBERS.iter().position(|n| n.0 == key).ok_or_else(|| {
            let known: Vec<&str> = NUMBERS[..KNOWN].iter().map(|n| n.0).collect();
            let known = known.join(", ");
            no(format!(
                "line {}: there is no key {key}; valid: law, {known}",
                i + 1
            ))
        })?;
        let number = number(name, (i, key, value), NUMBERS[place])?;
        // A seed can have more digits than an f64.
        if key == "seed" {
            seed = value.parse().unwrap_or_default();
        }
        if values[place].replace(number).is_some() {
            return Err(no(format!("line {}: {key} is given twice", i + 1)));
        }
    }
    let stopped = values[KNOWN].map(|step| step as u32);
    let ln_s = [0, 1].map(|i| values[NEEDED + i].unwrap_or(LN_S[i]));
    let mut numbers = [0.0; NEEDED];
    for ((number, value), (key, ..)) in numbers.iter_mut().zip(values).zip(NUMBERS) {
        *number = value.ok_or_else(|| no(format!("has no line “{key} = …”")))?;
    }
    let law = law.ok_or_else(|| no("has no line “law = …”".to_owned()))?;
    let [width, depth, steps, batch, rate, _] = numbers;
    let recipe = Recipe {
        width: width as usize,
        depth: depth as usize,
        steps: steps as u32,
        batch: batch as usize,
        rate,
        seed,
        ln_s,
    };
    Ok(Written {
        law,
        recipe,
        stopped,
    })
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
            ln_s: LN_S,
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
            (format!("{GOOD}noise-sd = 0"), "number from 0.01"),
        ];
        for (text, part) in cases {
            let error = parse("x", &text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_written_recipe_reads_back(
            numbers in (1..512usize, 1..8usize, 1..20_000u32, 1..4096usize),
            rate in 1e-5..0.1f64,
            seed: u64,
            other in prop::option::of((-3.0..3.0f64, 0.1..4.0f64)),
        ) {
            let (width, depth, steps, batch) = numbers;
            let ln_s = other.map_or(LN_S, |(mean, deviation)| [mean, deviation]);
            let recipe = Recipe { width, depth, steps, batch, rate, seed, ln_s };
            let law = "lab=toy1d&target=comb&teeth=3";
            prop_assert_eq!(parse("x", &write(law, &recipe)).unwrap(), (law.to_owned(), recipe));
            let stopped = write_stopped(law, &recipe, steps / 2);
            prop_assert_eq!(read("x", &stopped).unwrap().stopped, Some(steps / 2));
            prop_assert!(parse("x", &stopped).is_err());
        }

        #[test]
        fn no_text_is_a_panic(text in "[a-z0-9 =.#\\n-]{0,200}") {
            let _ = parse("x", &text);
        }
    }
}
