//! A list of named steps with their dependencies, which run in order, and a count over all steps.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::tally::Tally;

/// One step of `check` or `test`.
pub struct Step {
    /// Its name for `--only`.
    pub name: &'static str,
    /// What it does, as a text for the reader.
    pub title: &'static str,
    /// Steps whose failure makes this step pointless. Each comes earlier in the list.
    pub needs: &'static [&'static str],
    /// Runs the step and counts. An error counts as one failure.
    pub act: Box<dyn Fn() -> Result<Tally>>,
}

/// Which steps to run.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// All of them.
    All,
    /// One step, after those it needs.
    With(&'a str),
    /// One step alone, with the results of earlier runs.
    Alone(&'a str),
}

/// Runs the steps. After a failure it continues with the steps that do not depend on the failed one.
///
/// # Errors
/// If there is no step with that name.
pub fn run(steps: &[Step], which: Which) -> Result<Tally> {
    let chosen = choose(steps, which)?;
    let start = Instant::now();
    let mut total = Tally::default();
    let mut bad: Vec<&str> = Vec::new();
    for (at, step) in chosen.iter().enumerate() {
        let head = format!("[{}/{}]", at + 1, chosen.len());
        if let Some(missing) = step.needs.iter().find(|need| bad.contains(*need)) {
            println!(
                "{head} {}: not run, because `{missing}` did not pass",
                step.title
            );
            bad.push(step.name);
            continue;
        }
        println!("{head} {} … ({} since the start)", step.title, clock(start));
        let began = Instant::now();
        let tally = (step.act)().unwrap_or_else(|error| {
            println!("      {error:#}");
            Tally::FAIL
        });
        total += tally;
        if tally.failed > 0 {
            bad.push(step.name);
            println!("      FAILED: {tally} in {}", clock(began));
        } else if tally == Tally::PASS {
            println!("      ok in {}", clock(began));
        } else {
            println!("      ok: {tally} in {}", clock(began));
        }
    }
    if !bad.is_empty() {
        println!(
            "Steps that did not pass: {} (one alone: --only STEP)",
            bad.join(", ")
        );
    }
    println!("{} steps in {}", chosen.len(), clock(start));
    Ok(total)
}

/// The steps to run, in order.
fn choose<'a>(steps: &'a [Step], which: Which) -> Result<Vec<&'a Step>> {
    let name = match which {
        Which::All => return Ok(steps.iter().collect()),
        Which::With(name) | Which::Alone(name) => name,
    };
    if !steps.iter().any(|step| step.name == name) {
        let names: Vec<_> = steps.iter().map(|step| step.name).collect();
        bail!("`{name}` is no step; the steps are {}", names.join(", "));
    }
    let mut wanted = BTreeSet::from([name]);
    if matches!(which, Which::With(_)) {
        // The steps that a step needs come before it, so one pass from the end finds them all.
        for step in steps.iter().rev() {
            if wanted.contains(step.name) {
                wanted.extend(step.needs);
            }
        }
    }
    Ok(steps
        .iter()
        .filter(|step| wanted.contains(step.name))
        .collect())
}

/// Time since `start` in words: `3.2 s`, `4 min 05 s`.
pub fn clock(start: Instant) -> String {
    let seconds = start.elapsed().as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = start.elapsed().as_secs();
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &'static str, needs: &'static [&'static str], passes: bool) -> Step {
        let act = Box::new(move || Ok(if passes { Tally::PASS } else { Tally::FAIL }));
        Step {
            name,
            title: name,
            needs,
            act,
        }
    }

    #[test]
    fn goes_on_after_a_failure_except_where_it_is_needed() {
        let steps = [
            step("a", &[], false),
            step("b", &["a"], true),
            step("c", &["b"], true),
            step("d", &[], true),
        ];
        let tally = run(&steps, Which::All).unwrap_or_default();
        assert_eq!(
            tally,
            Tally {
                passed: 1,
                failed: 1
            }
        );
    }

    #[test]
    fn only_brings_what_it_needs() {
        let steps = [
            step("a", &[], true),
            step("b", &["a"], true),
            step("x", &[], true),
            step("c", &["b"], true),
        ];
        let names = |which| -> Vec<_> {
            choose(&steps, which)
                .unwrap_or_default()
                .iter()
                .map(|step| step.name)
                .collect()
        };
        assert_eq!(names(Which::With("c")), ["a", "b", "c"]);
        assert_eq!(names(Which::Alone("c")), ["c"]);
        assert!(choose(&steps, Which::With("z")).is_err());
    }
}
