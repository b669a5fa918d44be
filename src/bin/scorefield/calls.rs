//! The times of the calls that a page makes into the engine, for the largest links. The pieces of work are those that
//! the page's worker would choose.

use super::failure::Failure;
use scorefield::error::Error;
use scorefield::labs::link::{self, Mode};
use scorefield::labs::{self, Args, Engine, Job, Runner, Task};
use scorefield::link::Side;

/// The calls and links; `tests/e2e/bench.js` reads the same list.
const LIST: &str = include_str!("../../../tests/e2e/calls.txt");

/// A turn of the worker, its first piece of work and its least (`www/engine/turns.js`).
const TURN_MS: f64 = 14.0;
const FIRST_WORK: f64 = 10_000.0;
const LEAST_WORK: f64 = 1000.0;
/// A piece is as much larger than the one before, at most.
const MORE: f64 = 2.0;
/// What counts of a slow piece in the next.
const FADE: f64 = 0.9;
/// A run or job that takes longer is timed so far.
const ENOUGH_MS: f64 = 3000.0;
/// Each link is timed so often. The shortest time counts: the longer ones are those of other programs.
const ROUNDS: usize = 2;

/// The longest single call of one kind.
#[derive(Debug)]
pub struct Timed {
    pub call: String,
    /// In milliseconds.
    pub longest: f64,
    /// Calls of this kind.
    pub pieces: usize,
    /// Whether they did all that there was to do.
    pub done: bool,
}

/// Every line of the list: what is called, and the link.
pub fn list() -> Vec<(Vec<&'static str>, String)> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<_> = lines.filter_map(|line| line.split_once(' ')).collect();
    let is_name = |word: &str| word.chars().all(char::is_uppercase);
    let (names, links): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| is_name(line.0));
    let whole = |link: &str| {
        let put = |link: String, (name, text): &(&str, &str)| link.replace(name, text);
        names.iter().fold(link.to_owned(), put)
    };
    let line = |(words, link): (&'static str, &str)| (words.split(',').collect(), whole(link));
    links.into_iter().map(line).collect()
}

/// The times of the calls of one line. `now` is a clock in milliseconds.
pub fn times(words: &[&str], link: &str, now: &dyn Fn() -> f64) -> Result<Vec<Timed>, Failure> {
    let mut best: Vec<Timed> = vec![];
    for _ in 0..ROUNDS {
        let round = once(words, link, now)?;
        match best.is_empty() {
            true => best = round,
            false => {
                for (best, own) in best.iter_mut().zip(round) {
                    best.longest = best.longest.min(own.longest);
                    best.pieces = best.pieces.max(own.pieces);
                }
            }
        }
    }
    Ok(best)
}

/// What a line has made so far.
struct Calls<'a> {
    now: &'a dyn Fn() -> f64,
    all: Vec<Timed>,
}

impl Calls<'_> {
    /// Times one call.
    fn one<T>(&mut self, call: &str, work: impl FnOnce() -> T) -> T {
        let before = (self.now)();
        let out = work();
        self.all.push(Timed {
            call: call.to_owned(),
            longest: (self.now)() - before,
            pieces: 1,
            done: true,
        });
        out
    }

    /// Times pieces, at the work that the worker would choose, until all are done or `enough` milliseconds are over. A
    /// piece says whether all is done, and its work.
    fn pieces(
        &mut self,
        call: &str,
        enough: f64,
        mut piece: impl FnMut(usize) -> Result<(bool, u64), Error>,
    ) -> Result<bool, Error> {
        let (mut work, mut longest, mut all, mut pieces) = (FIRST_WORK, 0.0f64, 0.0, 0);
        let mut unit = 0.0;
        let mut done = false;
        while !done && all < enough {
            let before = (self.now)();
            let (all_done, did) = piece(work as usize)?;
            done = all_done;
            let ms = (self.now)() - before;
            (longest, all, pieces) = (longest.max(ms), all + ms, pieces + 1);
            unit = (ms / did.max(1) as f64).max(FADE * unit);
            work = (TURN_MS / unit).min(MORE * work).max(LEAST_WORK);
        }
        self.all.push(Timed {
            call: format!("{call} advance"),
            longest,
            pieces,
            done,
        });
        Ok(done)
    }

    /// Times the making of a task, its pieces, and what makes the answer.
    fn task(
        &mut self,
        call: &str,
        make: impl FnOnce() -> Result<Task, Error>,
    ) -> Result<(), Error> {
        let mut task = self.one(call, make)?;
        self.pieces(call, f64::INFINITY, |work| {
            let before = task.work();
            Ok((task.advance(work)?, task.work() - before))
        })?;
        task.answer().map(drop)
    }
}

fn once(words: &[&str], text: &str, now: &dyn Fn() -> f64) -> Result<Vec<Timed>, Failure> {
    let link = link::decode(text, Mode::Strict).map_err(Error::from)?.link;
    let mut calls = Calls { now, all: vec![] };
    let own = calls.one("open", || labs::open(&link))?;
    let mut run: Option<Box<dyn Runner>> = None;
    for &word in words {
        let (name, args) = asked(word);
        match (name, &mut run) {
            ("scene", _) => calls.task(name, || own.scene(Side::A))?,
            ("run", run) => {
                let run = run.insert(calls.one(name, || own.run(Side::A, &Engine::Host))?);
                calls.task("price", || run.ask("price", &Args::default()))?;
                let enough = match words.contains(&"metrics") {
                    true => f64::INFINITY,
                    false => ENOUGH_MS,
                };
                calls.pieces(name, enough, |work| {
                    let before = run.work();
                    let done = run.advance(work);
                    run.take();
                    run.check().map(|()| (done, run.work() - before))
                })?;
            }
            ("metrics", Some(run)) => {
                let last = run.frames().saturating_sub(1) as f64;
                let args = Args(vec![("frame".to_owned(), vec![last])]);
                calls.task(name, || run.ask(name, &args))?;
            }
            ("run-covariance", Some(run)) => {
                calls.task(name, || run.ask("covariance", &Args::default()))?;
            }
            ("sweep" | "errors", _) => {
                let mut job: Box<dyn Job> = calls.one(name, || own.job(name))?;
                calls.pieces("prepare", f64::INFINITY, |work| {
                    Ok((job.prepare(), work as u64))
                })?;
                calls.pieces(name, ENOUGH_MS, |work| {
                    let before = job.work();
                    let done = job.advance(work);
                    job.take();
                    Ok((done, (job.work() - before) as u64))
                })?;
            }
            _ => calls.task(name, || own.ask(Side::A, name, &args))?,
        }
    }
    Ok(calls.all)
}

/// A question and its numbers: `follow?frame=0&y=0.3;-0.2`.
fn asked(word: &str) -> (&str, Args) {
    let (name, args) = word.split_once('?').unwrap_or((word, ""));
    let pairs = args.split('&').filter_map(|pair| pair.split_once('='));
    let numbers = |list: &str| list.split(';').filter_map(|x| x.parse().ok()).collect();
    let args = pairs.map(|(name, list)| (name.to_owned(), numbers(list)));
    (name, Args(args.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_of_the_list_is_valid_and_says_what_is_called() {
        let all = list();
        assert!(all.len() > 20);
        for (words, text) in all {
            link::decode(&text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert!(!words.is_empty() && !words.contains(&""), "{text}");
        }
    }
}
