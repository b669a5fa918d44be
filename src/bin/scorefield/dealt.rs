//! Threads that do runs of a job, or parts of the numbers at the end of a run. The bits do not depend on how many there are.

use super::failure::Failure;
use super::threads::{PIECE, Threads, WORTH, with_threads};
use scorefield::error::Error;
use scorefield::labs::link::{Link, Side, Values};
use scorefield::labs::{self, Alone, Runs, Task};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// What is done in pieces, and whose runs threads may do.
pub trait Pieces {
    /// Its runs, where they do not need each other.
    fn runs(&mut self) -> Option<&mut dyn Runs>;

    /// Does a piece, of what is not done elsewhere. Returns whether all is done.
    fn advance(&mut self) -> Result<bool, Error>;
}

impl Pieces for Task {
    fn runs(&mut self) -> Option<&mut dyn Runs> {
        Task::runs(self)
    }

    fn advance(&mut self) -> Result<bool, Error> {
        Task::advance(self, PIECE)
    }
}

/// What a thread does runs of: each makes its own.
#[derive(Clone)]
pub enum Whole {
    /// The job of this name and link.
    Job(String, Link),
    /// The numbers at the end of a run of one side, of which this is given ([`labs::Experiment::numbers`]).
    Numbers(Values, Vec<f64>),
}

/// Does all pieces, with threads that do runs of `whole`: `most` at most, with this one, and as many as the price is worth. Returns
/// how many there were.
///
/// # Errors
/// What broke down, here or in a thread.
pub fn finish(all: &mut dyn Pieces, whole: &Whole, worth: (usize, f64)) -> Result<usize, Failure> {
    finish_by(all, worth, |orders, out| do_runs(whole, orders, out))
}

/// As [`finish`], with threads that do `work`.
fn finish_by(
    all: &mut dyn Pieces,
    (most, price): (usize, f64),
    work: impl Fn(&Receiver<usize>, &Sender<News>) -> Option<()> + Sync,
) -> Result<usize, Failure> {
    let worth = (price / WORTH as f64) as usize;
    let work = &work;
    with_threads(move |threads| {
        let mut helpers = vec![];
        for _ in 1..most.min(worth) {
            if let Some(runs) = all.runs() {
                helpers.extend(Helper::start(threads, work, runs));
            }
        }
        let count = 1 + helpers.len();
        while !all.advance()? {
            threads.check()?;
            if let Some(runs) = all.runs() {
                helpers.retain_mut(|own| own.deliver(runs));
            }
        }
        Ok(count)
    })
}

/// What comes from a thread that does runs.
enum News {
    /// What a run has taken so far, in units.
    Spent(usize, f64),
    /// What a run has found.
    Found(usize, Vec<f64>),
}

/// A thread that does runs.
struct Helper {
    orders: Sender<usize>,
    news: Receiver<News>,
    /// The runs that it has.
    held: Vec<usize>,
}

impl Helper {
    /// Starts a thread with its first runs. Where none starts, the runs stay here.
    fn start<'scope>(
        threads: &Threads<'scope, '_>,
        work: &'scope (impl Fn(&Receiver<usize>, &Sender<News>) -> Option<()> + Sync),
        runs: &mut dyn Runs,
    ) -> Option<Self> {
        let (orders, told) = channel();
        let (out, news) = channel();
        let mut own = Self {
            orders,
            news,
            held: vec![],
        };
        if !threads.start(move || work(&told, &out)) {
            return None;
        }
        own.fill(runs);
        Some(own)
    }

    /// Gives it runs that nobody has begun.
    fn fill(&mut self, runs: &mut dyn Runs) {
        while runs.wants(&self.held)
            && let Some(run) = runs.give()
        {
            self.held.push(run);
            // A thread that has ended is found when its news are read.
            let _ = self.orders.send(run);
        }
    }

    /// Hands over what has come from it, gives it more, and waits where nothing can be done without. The runs of one that has
    /// ended are done here. Returns whether more may come.
    fn deliver(&mut self, runs: &mut dyn Runs) -> bool {
        let awaited = runs.awaits().is_some_and(|run| self.held.contains(&run));
        let mut first = awaited.then(|| self.news.recv());
        loop {
            let next = match first.take() {
                Some(next) => next.map_err(|_| TryRecvError::Disconnected),
                None => self.news.try_recv(),
            };
            match next {
                Ok(News::Spent(run, units)) => runs.told(run, units),
                Ok(News::Found(run, found)) => {
                    if runs.receive(run, found).is_err() {
                        runs.take_back(run);
                    }
                    self.held.retain(|own| *own != run);
                    self.fill(runs);
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => {
                    self.held.drain(..).for_each(|run| runs.take_back(run));
                    return false;
                }
            }
        }
    }
}

/// Does the runs that it is told, until nobody wants one any more or something breaks down.
fn do_runs(whole: &Whole, orders: &Receiver<usize>, out: &Sender<News>) -> Option<()> {
    match whole {
        Whole::Job(name, link) => {
            let mut job = labs::open(link).ok()?.job(name).ok()?;
            do_all(job.runs()?, orders, out)
        }
        Whole::Numbers(values, given) => {
            let link = Link {
                a: values.clone(),
                b: None,
            };
            let experiment = labs::open(&link).ok()?;
            let mut task = experiment.numbers(Side::A, given.clone()).ok()?;
            do_all(task.runs()?, orders, out)
        }
    }
}

fn do_all(runs: &mut dyn Runs, orders: &Receiver<usize>, out: &Sender<News>) -> Option<()> {
    for run in orders {
        let mut spent = 0.0;
        loop {
            let Alone { own, found, .. } = runs.alone(run, PIECE);
            spent += own;
            out.send(News::Spent(run, spent)).ok()?;
            if let Some(found) = found {
                out.send(News::Found(run, found)).ok()?;
                break;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use scorefield::labs::Job;
    use scorefield::labs::link::{Mode, decode};

    struct Sweep(Box<dyn Job>);

    impl Pieces for Sweep {
        fn runs(&mut self) -> Option<&mut dyn Runs> {
            self.0.runs()
        }

        fn advance(&mut self) -> Result<bool, Error> {
            Ok(self.0.advance(PIECE))
        }
    }

    fn sweep(link: &Link) -> Sweep {
        let mut job = labs::open(link).unwrap().job("sweep").unwrap();
        while !job.prepare() {}
        Sweep(job)
    }

    fn link() -> Link {
        decode("lab=toy1d&n=200&seed=1", Mode::Strict).unwrap().link
    }

    fn points(mut job: Sweep) -> Vec<String> {
        let all = job.0.take();
        all.iter().map(|point| point.json().to_string()).collect()
    }

    #[test]
    fn a_thread_that_panics_is_the_error_of_the_job() {
        let mut job = sweep(&link());
        let failed = finish_by(&mut job, (3, 1e9), |orders, _| {
            let run = orders.recv().ok()?;
            panic!("run {run} is broken on purpose")
        });
        let message = failed.unwrap_err().message;
        assert!(message.contains("is broken on purpose"), "{message}");
    }

    #[test]
    fn the_runs_of_threads_that_end_early_are_done_here() {
        let mut alone = sweep(&link());
        assert_eq!(finish_by(&mut alone, (1, 1e9), |_, _| None).unwrap(), 1);
        let mut own = sweep(&link());
        assert_eq!(finish_by(&mut own, (3, 1e9), |_, _| None).unwrap(), 3);
        assert_eq!(points(own), points(alone));
    }
}
