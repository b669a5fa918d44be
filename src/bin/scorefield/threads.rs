//! The shares of a run, each on a thread of its own, the runs of a job, and the parts of the numbers at the end. The bits do not
//! depend on how many there are.

use scorefield::labs::link::{Link, Side, Values};
use scorefield::labs::{self, Runner, Runs};
use scorefield::sample::{Landing, Share, lead};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread::{Builder, Scope, available_parallelism};

/// Units of work between two looks at what else there is to do.
pub const PIECE: usize = 1 << 20;
/// A thread is worth its start from this many units on: 25 ms.
const WORTH: u64 = 1 << 20;
/// Runs of a job that a thread has at once: the next is there when one is done.
const AHEAD: usize = 2;

/// The cores that this process may use.
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A share that is moved on another thread, and what comes from there.
struct Hand {
    part: usize,
    landings: Receiver<Landing>,
}

/// The threads that move shares of a run.
pub struct Crew {
    hands: Vec<Hand>,
    end: usize,
}

impl Crew {
    /// Shares a run out, before anything of it is done: on `most` threads at most, with this one, and as many as its `price`
    /// is worth. It is seen at `levels` beside those of its frames.
    pub fn of<'scope>(
        scope: &'scope Scope<'scope, '_>,
        run: &mut dyn Runner,
        values: &Values,
        (most, price): (usize, u64),
        levels: &[usize],
    ) -> Self {
        let (end, dim) = (run.steps(), run.dim());
        let worth = usize::try_from(price / WORTH).unwrap_or(usize::MAX);
        let mut hands = vec![];
        if let Some(shared) = run.shared() {
            let shares = shared.split(most.min(worth).max(1), levels);
            for (part, share) in shares.iter().enumerate().skip(1) {
                let (out, landings) = sync_channel(lead(share.of, dim));
                let link = Link {
                    a: values.clone(),
                    b: None,
                };
                let (share, levels) = (*share, levels.to_vec());
                let job = move || move_share(&link, &share, &levels, &out);
                // Where no thread starts, the share stays here.
                if Builder::new().spawn_scoped(scope, job).is_ok() {
                    shared.hand_over(part);
                    hands.push(Hand { part, landings });
                }
            }
        }
        Self { hands, end }
    }

    /// Threads, with this one.
    pub fn threads(&self) -> usize {
        1 + self.hands.len()
    }

    /// Hands the run what has come from the others, and waits where it can do nothing without. A share whose thread has
    /// failed is moved here, so that an error is that of the run on one thread.
    pub fn deliver(&mut self, run: &mut dyn Runner) {
        let Some(shared) = run.shared() else {
            return;
        };
        let end = self.end;
        self.hands.retain(|hand| {
            let awaited = shared.awaits() == Some(hand.part);
            let mut first = awaited.then(|| hand.landings.recv());
            while shared.has_room(hand.part) {
                let next = match first.take() {
                    Some(next) => next.map_err(|_| TryRecvError::Disconnected),
                    None => hand.landings.try_recv(),
                };
                match next {
                    Ok(landing) => {
                        let last = landing.level == end;
                        shared.receive(hand.part, landing);
                        if last {
                            return false;
                        }
                    }
                    Err(TryRecvError::Empty) => return true,
                    Err(TryRecvError::Disconnected) => {
                        shared.take_back(hand.part);
                        return false;
                    }
                }
            }
            true
        });
    }
}

/// Moves a share to its end, or until nobody wants it any more or something breaks down.
fn move_share(
    link: &Link,
    share: &Share,
    levels: &[usize],
    out: &SyncSender<Landing>,
) -> Option<()> {
    let experiment = labs::open(link).ok()?;
    let mut portion = experiment.portion(Side::A, share, levels).ok()?;
    while !portion.is_done() {
        let landing = portion.advance(PIECE);
        portion.check().ok()?;
        if let Some(landing) = landing {
            out.send(landing).ok()?;
        }
    }
    Some(())
}

/// What comes from a thread that does runs of a job.
enum News {
    /// What a run has taken so far, in units.
    Spent(usize, f64),
    /// What a run has found.
    Found(usize, Vec<f64>),
}

/// A thread that does runs of a job.
struct Errands {
    runs: Sender<usize>,
    news: Receiver<News>,
    /// The runs that it has.
    held: Vec<usize>,
}

/// The threads that do runs of a job, or parts of a task, beside this one.
pub struct Helpers(Vec<Errands>);

/// What a thread does runs of: each makes its own.
#[derive(Clone)]
pub enum Whole {
    /// The job of this name and link.
    Job(String, Link),
    /// The numbers at the end of a run of one side, of which this is given ([`labs::Experiment::numbers`]).
    Numbers(Values, Vec<f64>),
}

impl Helpers {
    /// Starts as many threads as the price of these runs is worth, with this one `most` at most.
    pub fn of<'scope>(
        scope: &'scope Scope<'scope, '_>,
        all: &mut dyn Runs,
        whole: &Whole,
        (most, price): (usize, f64),
    ) -> Self {
        let worth = (price / WORTH as f64) as usize;
        let mut helpers = vec![];
        for _ in 1..most.min(worth) {
            let (runs, orders) = channel();
            let (out, news) = channel();
            let whole = whole.clone();
            let work = move || do_runs(whole, &orders, &out);
            // Where no thread starts, the runs stay here.
            if Builder::new().spawn_scoped(scope, work).is_ok() {
                let held = vec![];
                helpers.push(Errands { runs, news, held });
            }
        }
        helpers.iter_mut().for_each(|own| own.fill(all));
        Self(helpers)
    }

    /// Threads, with this one.
    pub fn threads(&self) -> usize {
        1 + self.0.len()
    }

    /// Hands over what has come from the others, gives them more, and waits where nothing can be done without. The runs of a
    /// thread that has failed are done here.
    pub fn deliver(&mut self, all: &mut dyn Runs) {
        self.0.retain_mut(|own| own.deliver(all));
    }
}

impl Errands {
    /// Gives it runs that nobody has begun.
    fn fill(&mut self, all: &mut dyn Runs) {
        while self.held.len() < AHEAD
            && let Some(run) = all.give()
        {
            self.held.push(run);
            // A thread that has failed is found when its news are read.
            let _ = self.runs.send(run);
        }
    }

    /// Returns whether more may come.
    fn deliver(&mut self, all: &mut dyn Runs) -> bool {
        let awaited = all.awaits().is_some_and(|run| self.held.contains(&run));
        let mut first = awaited.then(|| self.news.recv());
        loop {
            let next = match first.take() {
                Some(next) => next.map_err(|_| TryRecvError::Disconnected),
                None => self.news.try_recv(),
            };
            match next {
                Ok(News::Spent(run, units)) => all.told(run, units),
                Ok(News::Found(run, found)) => {
                    if all.receive(run, found).is_err() {
                        all.take_back(run);
                    }
                    self.held.retain(|own| *own != run);
                    self.fill(all);
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => {
                    self.held.drain(..).for_each(|run| all.take_back(run));
                    return false;
                }
            }
        }
    }
}

/// Does the runs that it is told, until nobody wants one any more or something breaks down.
fn do_runs(whole: Whole, orders: &Receiver<usize>, out: &Sender<News>) -> Option<()> {
    match whole {
        Whole::Job(name, link) => {
            let mut job = labs::open(&link).ok()?.job(&name).ok()?;
            do_all(job.runs()?, orders, out)
        }
        Whole::Numbers(values, given) => {
            let link = Link { a: values, b: None };
            let mut task = labs::open(&link).ok()?.numbers(Side::A, given).ok()?;
            do_all(task.runs()?, orders, out)
        }
    }
}

fn do_all(runs: &mut dyn Runs, orders: &Receiver<usize>, out: &Sender<News>) -> Option<()> {
    for run in orders {
        let mut spent = 0.0;
        loop {
            let (cost, found) = runs.alone(run, PIECE);
            spent += cost as f64;
            out.send(News::Spent(run, spent)).ok()?;
            if let Some(found) = found {
                out.send(News::Found(run, found)).ok()?;
                break;
            }
        }
    }
    Some(())
}
