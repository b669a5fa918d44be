//! One lesson: what may stand in its file.
//!
//! A title, an introduction, and five to nine stops. A stop is a question, a text that says what to look for, one figure and a conclusion:
//!
//! ````markdown
//! ## Are eight steps enough?
//!
//! Will the sample be too wide or too narrow?
//!
//! > Formulas stand in quoted blocks: $W_1$, or in lines of their own, $$…$$.
//!
//! ```figure
//! link = "v=1&lab=toy1d&steps=8&seed=0"
//! title = "Eight steps"
//!
//! [[number]]
//! key = "w1"
//! value = 0.126
//! tolerance = 5e-4
//! ```
//!
//! Too narrow: the distance is {w1}.
//! ````
//!
//! A number is written once, in the figure. The conclusion names it, `{w1}`, or a ratio of two, `{b.w1/w1}`. A decimal number in the
//! prose itself is refused: what is no result is part of a formula.

use super::entry::{Number, Stated, WrittenNumber, canonical, stated};
use serde::Deserialize;

/// A lesson, checked.
#[derive(Debug)]
pub struct Lesson {
    pub file: String,
    pub title: String,
    pub stops: Vec<Stop>,
}

/// A question with its figure.
#[derive(Debug)]
pub struct Stop {
    /// The line of the question, from 1.
    pub line: usize,
    pub question: String,
    pub link: String,
    pub numbers: Vec<Number>,
}

/// A figure as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    link: String,
    title: String,
    #[serde(rename = "number", default)]
    numbers: Vec<WrittenNumber>,
}

/// A fault, with its line.
type Fault = (usize, String);

/// Reads the lesson in `text`, the contents of `file`. The error names file, line, cause and what is valid.
pub fn read(file: &str, text: &str) -> Result<Lesson, String> {
    parsed(file, text).map_err(|(line, fault)| format!("{file}:{line}: {fault}"))
}

fn fault<T>(line: usize, words: impl Into<String>) -> Result<T, Fault> {
    Err((line, words.into()))
}

fn parsed(file: &str, text: &str) -> Result<Lesson, Fault> {
    let name = file
        .strip_prefix("lessons/")
        .and_then(|n| n.strip_suffix(".md"));
    let named = name
        .and_then(|n| n.split_once('-'))
        .is_some_and(|(place, words)| {
            place.len() == 2
                && place.chars().all(|c| c.is_ascii_digit())
                && !words.is_empty()
                && words
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        });
    if !named {
        return fault(1, "a lesson is called lessons/NN-name.md, NN its place");
    }
    let lines: Vec<&str> = text.lines().collect();
    let Some(title) = lines.first().and_then(|line| line.strip_prefix("# ")) else {
        return fault(1, "a lesson begins with its title: “# Title”");
    };
    let headings = headings(&lines)?;
    let starts: Vec<usize> = headings.iter().map(|(at, _)| *at).collect();
    let first = starts.first().copied().unwrap_or(lines.len());
    if lines[1..first].iter().all(|line| line.trim().is_empty()) {
        return fault(
            1,
            "a lesson needs a paragraph below its title that says what it is about",
        );
    }
    prose(&lines[1..first], 2, &[])?;
    let mut stops = vec![];
    for (i, (at, question)) in headings.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(lines.len());
        stops.push(stop(&lines[*at..end], at + 1, question)?);
    }
    if !(5..=9).contains(&stops.len()) {
        return fault(
            1,
            format!("a lesson has 5 to 9 stops; this one has {}", stops.len()),
        );
    }
    Ok(Lesson {
        file: file.into(),
        title: title.trim().into(),
        stops,
    })
}

/// The questions, with the indices of their lines.
fn headings<'a>(lines: &[&'a str]) -> Result<Vec<(usize, &'a str)>, Fault> {
    let mut out = vec![];
    let mut fenced = false;
    for (i, line) in lines.iter().enumerate().skip(1) {
        fenced ^= line.starts_with("```");
        if fenced || !line.starts_with('#') {
            continue;
        }
        match line.strip_prefix("## ") {
            Some(question) if question.ends_with('?') => out.push((i, question)),
            Some(other) => return fault(i + 1, format!("“{other}” is no question; end it with ?")),
            None => {
                return fault(
                    i + 1,
                    format!("“{line}”: a stop begins with “## Question?”"),
                );
            }
        }
    }
    match fenced {
        true => fault(lines.len(), "a block ``` is not closed"),
        false => Ok(out),
    }
}

/// A stop in the lines from its question on, which is line `line`.
fn stop(lines: &[&str], line: usize, question: &str) -> Result<Stop, Fault> {
    let fences: Vec<usize> = (0..lines.len())
        .filter(|&i| lines[i].starts_with("```"))
        .collect();
    let &[open, close] = fences.as_slice() else {
        let count = fences.len() / 2;
        return fault(
            line,
            format!("“{question}” has {count} figures; give it one, a block ```figure"),
        );
    };
    if lines[open] != "```figure" {
        return fault(
            line + open,
            format!("a block “{}”; a figure is a block ```figure", lines[open]),
        );
    }
    let spoken = |part: &[&str]| {
        part.iter()
            .any(|l| !l.trim().is_empty() && !l.starts_with('>'))
    };
    if !spoken(&lines[1..open]) {
        return fault(
            line,
            format!("“{question}” goes straight to its figure; say first what to look for"),
        );
    }
    let written: Written = toml::from_str(&lines[open + 1..close].join("\n")).map_err(|e| {
        let before = e.span().map_or(0, |span| span.start);
        let inside = lines[open + 1..close].join("\n");
        let rows = inside[..before.min(inside.len())].matches('\n').count();
        (
            line + open + 1 + rows,
            format!("the figure is no TOML: {}", e.message()),
        )
    })?;
    let here = |e: String| (line + open, e);
    canonical(&written.link).map_err(here)?;
    if written.title.trim().is_empty() {
        return fault(line + open, "the figure has no title");
    }
    let numbers = stated(written.numbers).map_err(here)?;
    prose(&lines[1..open], line + 1, &[])?;
    let used = prose(&lines[close + 1..], line + close + 1, &numbers)?;
    if used == 0 {
        let key = &numbers[0].key;
        return fault(
            line + close,
            format!("“{question}” has no conclusion with a number of its figure, as {{{key}}}"),
        );
    }
    Ok(Stop {
        line,
        question: question.into(),
        link: written.link,
        numbers,
    })
}

/// Checks prose, whose first line is `line`, and counts the numbers that it names.
fn prose(lines: &[&str], line: usize, numbers: &[Number]) -> Result<usize, Fault> {
    let mut used = 0;
    let mut displayed = false;
    for (i, text) in lines.iter().enumerate() {
        let at = line + i;
        let parts: Vec<&str> = text.split("$$").collect();
        for (j, part) in parts.iter().enumerate() {
            if j > 0 {
                displayed = !displayed;
            }
            if !displayed {
                used += words(part, at, numbers)?;
            }
        }
        if displayed && text.trim_start_matches(['>', ' ']).is_empty() {
            return fault(
                at,
                "a formula begins with $$ and does not end; close it with $$",
            );
        }
    }
    match displayed {
        true => fault(
            line + lines.len(),
            "a formula begins with $$ and does not end; close it with $$",
        ),
        false => Ok(used),
    }
}

/// Checks a piece of a line outside of displayed formulas.
fn words(text: &str, at: usize, numbers: &[Number]) -> Result<usize, Fault> {
    let pieces: Vec<&str> = text.split('$').collect();
    if pieces.len().is_multiple_of(2) {
        return fault(
            at,
            "a formula begins with $ and does not end; close it with $ in the same line",
        );
    }
    let plain: String = pieces
        .iter()
        .step_by(2)
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let mut used = 0;
    let mut rest = plain.as_str();
    let mut outside = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        outside += before;
        let Some((name, after)) = after.split_once('}') else {
            return fault(at, "a { is not closed; a number is written {key}");
        };
        for key in name.split('/') {
            let stated = |n: &&Number| n.key == key && matches!(n.stated, Stated::Value { .. });
            if numbers.iter().find(stated).is_none() {
                let known: Vec<_> = numbers.iter().map(|n| n.key.as_str()).collect();
                let known = if known.is_empty() {
                    "none here".into()
                } else {
                    known.join(", ")
                };
                return fault(
                    at,
                    format!("{{{name}}} names no value that the figure states; it states {known}"),
                );
            }
        }
        used += 1;
        rest = after;
    }
    outside += rest;
    let digits: Vec<char> = outside.chars().collect();
    let decimal = digits
        .windows(3)
        .find(|w| w[0].is_ascii_digit() && w[1] == '.' && w[2].is_ascii_digit());
    if decimal.is_some() || outside.contains('%') {
        return fault(
            at,
            format!(
                "“{}” has a number of its own; state it in the figure and write {{key}}, or make it a formula",
                text.trim()
            ),
        );
    }
    Ok(used)
}
