//! A list of named steps with their dependencies, which run in order, and a count over all steps. Some run beside the
//! others: one compiler or optimiser seldom keeps two cores busy.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::command::command;
use crate::root::root;
use crate::tally::Tally;

/// One step of `check` or `test`.
pub struct Step {
    /// Its name for `--only`.
    pub name: &'static str,
    /// What it does, as a text for the reader.
    pub title: &'static str,
    /// Steps whose failure makes this step pointless. Each comes earlier in the list.
    pub needs: &'static [&'static str],
    /// Whether it runs beside the steps that follow it, after those before it that do so too. What it says is shown when it has ended.
    pub beside: bool,
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
pub fn run(steps: &[Step], which: Which, webgpu: bool) -> Result<Tally> {
    // Tests of this program may put another one into its place.
    let program = std::env::current_exe().context("cannot find this program")?;
    run_with(steps, which, move |name| {
        in_a_process(&program, name, webgpu)
    })
}

/// What a step that ran beside the others came to, and what it said.
struct Ended {
    name: &'static str,
    tally: Tally,
    said: String,
}

/// The same, where `run_beside` runs a step beside the others, by its name.
fn run_with<F>(steps: &[Step], which: Which, run_beside: F) -> Result<Tally>
where
    F: Fn(&str) -> (Tally, String) + Send + 'static,
{
    let mut run_beside = Some(run_beside);
    let chosen = choose(steps, which)?;
    let mut run = Run {
        start: Instant::now(),
        total: Tally::default(),
        bad: Vec::new(),
    };
    // One step alone has nothing to run beside.
    let is_beside = |step: &Step| step.beside && chosen.len() > 1;
    let mut waiting: Vec<&'static str> = Vec::new();
    let mut lane: Option<Receiver<Ended>> = None;
    for (at, step) in chosen.iter().enumerate() {
        let head = format!("[{}/{}]", at + 1, chosen.len());
        if is_beside(step) {
            if let Some(run_beside) = run_beside.take() {
                let rest = chosen[at..].iter().filter(|step| is_beside(step));
                lane = Some(begin(
                    rest.map(|step| (step.name, step.needs)).collect(),
                    run.bad.clone(),
                    run_beside,
                ));
            }
            println!(
                "{head} {}: beside the next steps; target/beside/{}.log has what it says",
                step.title, step.name
            );
            waiting.push(step.name);
            continue;
        }
        let needed = |waiting: &[&str]| step.needs.iter().any(|need| waiting.contains(need));
        if let Some(lane) = &lane {
            run.gather(lane, &mut waiting, needed);
        }
        if let Some(missing) = step.needs.iter().find(|need| run.bad.contains(*need)) {
            println!(
                "{head} {}: not run, because `{missing}` did not pass",
                step.title
            );
            run.bad.push(step.name);
            continue;
        }
        println!(
            "{head} {} … ({} since the start)",
            step.title,
            clock(run.start)
        );
        let began = Instant::now();
        let tally = (step.act)().unwrap_or_else(|error| {
            println!("      {error:#}");
            Tally::FAIL
        });
        run.count(step.name, tally);
        println!("      {} in {}", verdict(tally), clock(began));
    }
    if let Some(lane) = &lane {
        run.gather(lane, &mut waiting, |waiting| !waiting.is_empty());
    }
    if !run.bad.is_empty() {
        println!(
            "Steps that did not pass: {} (one alone: --only STEP)",
            run.bad.join(", ")
        );
    }
    println!("{} steps in {}", chosen.len(), clock(run.start));
    Ok(run.total)
}

/// How far the steps are.
struct Run {
    start: Instant,
    total: Tally,
    /// Steps that did not pass, or did not run.
    bad: Vec<&'static str>,
}

impl Run {
    fn count(&mut self, name: &'static str, tally: Tally) {
        self.total += tally;
        if !tally.is_good() {
            self.bad.push(name);
        }
    }

    /// Takes what has ended beside the others, and waits for more as long as `needed` says so of the steps that are awaited.
    fn gather(
        &mut self,
        lane: &Receiver<Ended>,
        waiting: &mut Vec<&'static str>,
        needed: impl Fn(&[&str]) -> bool,
    ) {
        loop {
            let ended = if needed(waiting) {
                lane.recv().ok()
            } else {
                lane.try_recv().ok()
            };
            let Some(Ended { name, tally, said }) = ended else {
                break;
            };
            println!("[beside] {name}, which has ended beside these steps:");
            print!("{said}");
            waiting.retain(|other| *other != name);
            self.count(name, tally);
        }
        if needed(waiting) {
            // The thread of the steps beside is gone: what it owes has failed.
            for name in std::mem::take(waiting) {
                self.count(name, Tally::FAIL);
            }
        }
    }
}

fn verdict(tally: Tally) -> String {
    if tally.failed > 0 {
        format!("FAILED: {tally}")
    } else if tally == Tally::PASS {
        "ok".to_owned()
    } else {
        format!("ok: {tally}")
    }
}

/// Runs these steps one after the other on a thread of their own. One whose needs did not pass is not run.
fn begin(
    steps: Vec<(&'static str, &'static [&'static str])>,
    mut bad: Vec<&'static str>,
    run_beside: impl Fn(&str) -> (Tally, String) + Send + 'static,
) -> Receiver<Ended> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for (name, needs) in steps {
            let (tally, said) = match needs.iter().find(|need| bad.contains(*need)) {
                Some(missing) => (
                    Tally::default(),
                    format!("      not run, because `{missing}` did not pass\n"),
                ),
                None => run_beside(name),
            };
            if !tally.is_good() {
                bad.push(name);
            }
            if tell.send(Ended { name, tally, said }).is_err() {
                return;
            }
        }
    });
    told
}

/// Runs a step alone in a process of its own, so that what it and its tools say stays together: in target/beside.
fn in_a_process(program: &Path, name: &str, webgpu: bool) -> (Tally, String) {
    let run = || -> Result<(Tally, String)> {
        let folder = root().join("target/beside");
        fs::create_dir_all(&folder).context("cannot create target/beside")?;
        let path = folder.join(format!("{name}.log"));
        let log = File::create(&path).context("cannot write to target/beside")?;
        let status = command(program)
            .args(["test", "--alone", name])
            .args((!webgpu).then_some("--no-webgpu"))
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()
            .with_context(|| format!("cannot start the step {name}"))?;
        let said = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        Ok((Tally::of_last_line(&said, status.success()), said))
    };
    run().unwrap_or_else(|error| (Tally::FAIL, format!("      {error:#}\n")))
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
            beside: false,
            act,
        }
    }

    fn beside(name: &'static str, needs: &'static [&'static str]) -> Step {
        Step {
            beside: true,
            ..step(name, needs, true)
        }
    }

    /// Those whose name begins with `bad` fail.
    fn run_beside(name: &str) -> (Tally, String) {
        let passes = !name.starts_with("bad");
        let tally = if passes { Tally::PASS } else { Tally::FAIL };
        (tally, format!("{name} has run\n"))
    }

    #[test]
    fn what_runs_beside_is_counted_and_waited_for_where_it_is_needed() {
        let steps = [
            step("broken", &[], false),
            beside("a", &[]),
            beside("late", &["broken"]),
            beside("bad", &["a"]),
            beside("after", &["bad"]),
            step("x", &[], true),
            step("y", &["a"], true),
            step("z", &["after"], true),
        ];
        let tally = run_with(&steps, Which::All, run_beside).unwrap_or_default();
        let (passed, failed) = (3, 2);
        assert_eq!(tally, Tally { passed, failed });
        let tally = run_with(&steps, Which::With("y"), run_beside).unwrap_or_default();
        assert_eq!(
            tally,
            Tally {
                passed: 2,
                failed: 0
            }
        );
        let unlike = |_: &str| (Tally::FAIL, String::new());
        let tally = run_with(&steps, Which::Alone("a"), unlike).unwrap_or_default();
        assert_eq!(tally, Tally::PASS, "alone it runs here");
    }

    #[test]
    fn goes_on_after_a_failure_except_where_it_is_needed() {
        let steps = [
            step("a", &[], false),
            step("b", &["a"], true),
            step("c", &["b"], true),
            step("d", &[], true),
        ];
        let tally = run(&steps, Which::All, false).unwrap_or_default();
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
