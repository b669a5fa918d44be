//! Runs of a job, and parts of a task, that do not need each other: each is done here or elsewhere, and what they find is used
//! in their order.

use crate::error::Error;

/// The runs of a job, each of which another job of the same name and link can do: what a run finds depends on the link and
/// on its number only. The parts of a task are such runs too ([`super::Task::runs`]).
///
/// Held by `tests/shares.rs`: `runs_of_a_job_that_are_done_elsewhere_give_the_same_points`,
/// `a_run_of_a_job_that_is_taken_back_gives_the_same_points`.
pub trait Runs {
    /// Whether a run is left that nobody has begun.
    ///
    /// Held by `tests/shares.rs`: `a_job_says_whether_a_run_is_left_that_can_be_given_away`.
    fn can_give(&self) -> bool;

    /// A run that nobody has begun, which is done elsewhere from now on: see [`Runs::alone`].
    fn give(&mut self) -> Option<usize>;

    /// A run is done here again, from its start.
    fn take_back(&mut self, run: usize);

    /// What a run elsewhere has taken so far, in units.
    fn told(&mut self, run: usize, spent: f64);

    /// What a run elsewhere has found. What comes of a run after it was taken back is used too: it is the same.
    ///
    /// # Errors
    /// If these are not as many numbers as such a run finds. The run is still elsewhere then: it may be taken back.
    /// Held by `tests/shares.rs`: `a_short_result_is_refused_and_the_run_is_done_here`.
    fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), Error>;

    /// A run elsewhere without which nothing can be done here.
    fn awaits(&self) -> Option<usize>;

    /// In the job elsewhere: begins or continues this run with about `work` units. Returns what that cost, in units, and at its
    /// end what the run has found. A run has to end before the next one begins.
    fn alone(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>);
}

/// A job whose runs are dealt out.
pub(super) trait Dealt {
    /// Which of the runs that nobody has begun is given away: the last, or the first.
    const LAST: bool;

    /// Where the runs are.
    fn deal(&self) -> &Deal;

    /// See [`Dealt::deal`].
    fn deal_mut(&mut self) -> &mut Deal;

    /// How many numbers a run finds that has found these: a text among them says its own length.
    fn size(&self, run: usize, found: &[f64]) -> usize;

    /// Begins or continues a run for about `work` units, or measures it. Returns what that cost, in units, and at its end what
    /// it has found. Runs are done one after the other.
    fn go_on(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>);

    /// Goes on with the run here. Returns what that cost; nothing where all runs are done, or elsewhere.
    fn go_on_here(&mut self, work: usize) -> Option<usize> {
        let run = self.deal_mut().here()?;
        let (cost, found) = self.go_on(run, work);
        self.deal_mut().spend(run, cost);
        if let Some(found) = found {
            self.deal_mut().end(run, found);
        }
        Some(cost)
    }
}

impl<J: Dealt> Runs for J {
    fn can_give(&self) -> bool {
        self.deal().can_give()
    }

    fn give(&mut self) -> Option<usize> {
        self.deal_mut().give(Self::LAST)
    }

    fn take_back(&mut self, run: usize) {
        self.deal_mut().take_back(run);
    }

    fn told(&mut self, run: usize, spent: f64) {
        self.deal_mut().told(run, spent);
    }

    fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), Error> {
        let size = self.size(run, &found);
        self.deal_mut().receive(run, found, size)
    }

    fn awaits(&self) -> Option<usize> {
        self.deal().awaits()
    }

    fn alone(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>) {
        let mut spent = 0;
        loop {
            let (cost, found) = self.go_on(run, work.saturating_sub(spent).max(1));
            spent += cost;
            if spent >= work || found.is_some() {
                return (spent, found);
            }
        }
    }
}

/// Where a run is.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    /// Nobody has begun it.
    Waiting,
    /// It is done by this job.
    Here,
    /// It is done by another job.
    Elsewhere,
    /// It is done: what it has found, which is not used yet.
    Found(Vec<f64>),
    /// What it has found is used.
    Used,
}

/// The runs of a job: where each is, and what it has taken.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    runs: Vec<(Place, f64)>,
    /// Runs whose results are used: the first ones.
    used: usize,
}

impl Deal {
    /// So many runs, of which none has begun.
    pub fn of(runs: usize) -> Self {
        Self {
            runs: vec![(Place::Waiting, 0.0); runs],
            used: 0,
        }
    }

    /// The run that is done here; where there is none, the first that nobody has begun.
    pub fn here(&mut self) -> Option<usize> {
        let find = |place| self.runs.iter().position(|(own, _)| *own == place);
        let run = find(Place::Here).or_else(|| find(Place::Waiting))?;
        self.runs[run].0 = Place::Here;
        Some(run)
    }

    /// Whether a run is left that nobody has begun.
    pub fn can_give(&self) -> bool {
        self.runs.iter().any(|(place, _)| *place == Place::Waiting)
    }

    /// The first run that nobody has begun, or the last one, which is done elsewhere from now on.
    pub fn give(&mut self, last: bool) -> Option<usize> {
        let mut all = self.runs.iter();
        let waits = |(place, _): &(Place, f64)| *place == Place::Waiting;
        let run = match last {
            true => all.rposition(waits),
            false => all.position(waits),
        }?;
        self.runs[run].0 = Place::Elsewhere;
        Some(run)
    }

    /// A run that was done elsewhere waits again.
    pub fn take_back(&mut self, run: usize) {
        if let Some(own) = self.runs.get_mut(run)
            && own.0 == Place::Elsewhere
        {
            *own = (Place::Waiting, 0.0);
        }
    }

    /// What a run elsewhere has taken so far, in units.
    pub fn told(&mut self, run: usize, spent: f64) {
        if let Some(own) = self.runs.get_mut(run)
            && own.0 == Place::Elsewhere
        {
            own.1 = spent;
        }
    }

    /// What a run has found elsewhere, `size` numbers. Where it has begun here meanwhile, the run here goes on: it finds the same.
    ///
    /// # Errors
    /// If these are not `size` numbers.
    pub fn receive(&mut self, run: usize, found: Vec<f64>, size: usize) -> Result<(), Error> {
        if found.len() != size {
            return Err(Error::Engine {
                reason: format!(
                    "Run {run} of a job has found {} numbers elsewhere, and it finds {size}.",
                    found.len()
                ),
                remedy: "Do it here again.".to_owned(),
            });
        }
        if let Some(own) = self.runs.get_mut(run)
            && matches!(own.0, Place::Elsewhere | Place::Waiting)
        {
            own.0 = Place::Found(found);
        }
        Ok(())
    }

    /// A run here has taken more units.
    pub fn spend(&mut self, run: usize, units: usize) {
        self.runs[run].1 += units as f64;
    }

    /// What a run here has found.
    pub fn end(&mut self, run: usize, found: Vec<f64>) {
        self.runs[run].0 = Place::Found(found);
    }

    /// The next run that is done, in the order of the runs, with what it has found, once.
    pub fn next(&mut self) -> Option<(usize, Vec<f64>)> {
        let own = self.runs.get_mut(self.used)?;
        if !matches!(own.0, Place::Found(_)) {
            return None;
        }
        let Place::Found(found) = std::mem::replace(&mut own.0, Place::Used) else {
            return None;
        };
        self.used += 1;
        Some((self.used - 1, found))
    }

    /// As [`Deal::next`], with the measures that stand first in what a run has found, and the rest.
    pub fn next_measured<const N: usize>(&mut self) -> Option<(usize, [f64; N], Vec<f64>)> {
        let (run, mut found) = self.next()?;
        let rest = found.split_off(N.min(found.len()));
        Some((run, found.try_into().ok()?, rest))
    }

    /// The first run elsewhere, where all others are done.
    pub fn awaits(&self) -> Option<usize> {
        let elsewhere = |own: &(Place, f64)| own.0 == Place::Elsewhere;
        self.runs
            .iter()
            .position(elsewhere)
            .filter(|_| self.is_idle())
    }

    /// Whether no run is or waits to be done here.
    pub fn is_idle(&self) -> bool {
        let mut places = self.runs.iter().map(|(place, _)| place);
        !places.any(|place| matches!(place, Place::Here | Place::Waiting))
    }

    /// Runs that are done.
    pub fn done(&self) -> usize {
        (0..self.runs.len()).filter(|run| self.has(*run)).count()
    }

    /// Whether a run is done.
    pub fn has(&self, run: usize) -> bool {
        matches!(self.runs[run].0, Place::Found(_) | Place::Used)
    }

    /// What a run has taken so far, in units.
    pub fn spent_on(&self, run: usize) -> f64 {
        self.runs[run].1
    }

    /// Whether what all have found is used.
    pub fn is_done(&self) -> bool {
        self.used == self.runs.len()
    }

    /// What all have taken so far, in units.
    pub fn spent(&self) -> f64 {
        self.runs.iter().map(|(_, spent)| spent).sum()
    }
}
