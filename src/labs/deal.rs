//! Runs of a job, and parts of a task, that do not need each other: each is done here or elsewhere, and what they find is used
//! in their order.

use crate::error::Error;

/// Work in the time until the news of a run have come and the next run is there, in units: two pieces of work and two messages,
/// 50 ms.
const NEWS: f64 = 2e6;
/// Of what nobody has begun, the share that a worker may be given beside a run.
const FEW: f64 = 0.25;

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

    /// The costliest run that nobody has begun, of equal ones the last, which is done elsewhere from now on: see [`Runs::alone`]. The
    /// costliest come first, so that short ones are left for the end, which all reach at about the same time (longest
    /// processing time first; Graham 1969). What is done here is done in order.
    ///
    /// Held by `tests/shares.rs`: `the_costliest_runs_are_given_first`.
    fn give(&mut self) -> Option<usize>;

    /// What is left of a run elsewhere, in units, as far as is known.
    fn left(&self, run: usize) -> f64;

    /// The price of all runs that nobody has begun, in units.
    fn waiting(&self) -> f64;

    /// Whether a worker that has been given these runs, and has not done them, is to be given another. It needs one when it has
    /// none; another one only to have something to do until news of the first has come and gone. Near the end it waits for the
    /// news: a run that it holds, nobody else can do.
    ///
    /// Held by `src/labs/deal.rs`: `a_worker_has_one_long_run_or_some_short_ones`, `all_workers_end_at_about_the_same_time`.
    fn wants(&self, held: &[usize]) -> bool {
        let left: f64 = held.iter().map(|run| self.left(*run)).sum();
        self.can_give() && (held.is_empty() || left < NEWS.min(FEW * self.waiting()))
    }

    /// A run is done here again, from its start.
    fn take_back(&mut self, run: usize);

    /// What a run elsewhere has taken so far, in units of its price: [`Alone::own`], added up.
    fn told(&mut self, run: usize, spent: f64);

    /// What a run elsewhere has found. What comes of a run after it was taken back is used too: it is the same.
    ///
    /// # Errors
    /// If these are not as many numbers as such a run finds. The run is still elsewhere then: it may be taken back.
    /// Held by `tests/shares.rs`: `a_short_result_is_refused_and_the_run_is_done_here`.
    fn receive(&mut self, run: usize, found: Vec<f64>) -> Result<(), Error>;

    /// A run elsewhere without which nothing can be done here.
    fn awaits(&self) -> Option<usize>;

    /// In the job elsewhere: begins or continues this run with about `work` units. A run has to end before the next one begins.
    fn alone(&mut self, run: usize, work: usize) -> Alone;
}

/// What a call of [`Runs::alone`] has done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alone {
    /// What it cost, in units.
    pub work: usize,
    /// Of this what is in the price of the run: not what was done for it where it was given away, and is done again here.
    ///
    /// Held by `tests/filter_race.rs`: `a_run_elsewhere_tells_what_is_in_its_price`.
    pub own: f64,
    /// At the end of the run what it has found.
    pub found: Option<Vec<f64>>,
}

/// A job whose runs are dealt out.
pub(super) trait Dealt {
    /// Where the runs are.
    fn deal(&self) -> &Deal;

    /// See [`Dealt::deal`].
    fn deal_mut(&mut self) -> &mut Deal;

    /// How many numbers a run finds that has found these: a text among them says its own length.
    fn size(&self, run: usize, found: &[f64]) -> usize;

    /// Begins or continues a run for about `work` units, or measures it. Returns what that cost, in units, and at its end what
    /// it has found. Runs are done one after the other.
    fn go_on(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>);

    /// What all runs so far have cost that is not in their prices, in units.
    fn beside(&self) -> f64 {
        0.0
    }

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
        self.deal_mut().give()
    }

    fn left(&self, run: usize) -> f64 {
        self.deal().left(run)
    }

    fn waiting(&self) -> f64 {
        self.deal().waiting()
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

    fn alone(&mut self, run: usize, work: usize) -> Alone {
        let beside = self.beside();
        let mut spent = 0;
        loop {
            let (cost, found) = self.go_on(run, work.saturating_sub(spent).max(1));
            spent += cost;
            if spent >= work || found.is_some() {
                return Alone {
                    work: spent,
                    own: (spent as f64 - (self.beside() - beside)).max(0.0),
                    found,
                };
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

/// The runs of a job: where each is, what it has taken, and its price.
#[derive(Debug, Clone)]
pub(super) struct Deal {
    runs: Vec<(Place, f64)>,
    prices: Vec<f64>,
    /// Runs whose results are used: the first ones.
    used: usize,
}

impl Deal {
    /// Runs of these prices in units, of which none has begun.
    pub fn of(prices: Vec<f64>) -> Self {
        Self {
            runs: vec![(Place::Waiting, 0.0); prices.len()],
            prices,
            used: 0,
        }
    }

    /// The price of a run, which was not known before.
    pub fn set_price(&mut self, run: usize, price: f64) {
        self.prices[run] = price;
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

    /// The runs that nobody has begun.
    fn all_waiting(&self) -> impl Iterator<Item = usize> {
        let all = self.runs.iter().enumerate();
        all.filter_map(|(run, (place, _))| (*place == Place::Waiting).then_some(run))
    }

    /// See [`Runs::give`].
    pub fn give(&mut self) -> Option<usize> {
        // Of equal ones the last.
        let run = self
            .all_waiting()
            .max_by(|p, q| self.prices[*p].total_cmp(&self.prices[*q]))?;
        self.runs[run].0 = Place::Elsewhere;
        Some(run)
    }

    /// The price of the costliest run that nobody has begun.
    pub fn most_waiting(&self) -> Option<f64> {
        self.all_waiting()
            .map(|run| self.prices[run])
            .max_by(f64::total_cmp)
    }

    /// See [`Runs::left`].
    pub fn left(&self, run: usize) -> f64 {
        match self.runs.get(run) {
            Some((Place::Elsewhere, spent)) => (self.prices[run] - spent).max(0.0),
            _ => 0.0,
        }
    }

    /// See [`Runs::waiting`].
    pub fn waiting(&self) -> f64 {
        self.all_waiting().map(|run| self.prices[run]).sum()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs of which nothing is done.
    struct Bare(Deal);

    impl Dealt for Bare {
        fn deal(&self) -> &Deal {
            &self.0
        }

        fn deal_mut(&mut self) -> &mut Deal {
            &mut self.0
        }

        fn size(&self, _: usize, found: &[f64]) -> usize {
            found.len()
        }

        fn go_on(&mut self, _: usize, _: usize) -> (usize, Option<Vec<f64>>) {
            (1, Some(vec![]))
        }
    }

    fn bare(prices: &[f64]) -> Bare {
        Bare(Deal::of(prices.to_vec()))
    }

    #[test]
    fn a_worker_has_one_long_run_or_some_short_ones() {
        let mut long = bare(&[3e6; 9]);
        assert!(long.wants(&[]));
        let run = long.give().unwrap();
        assert_eq!((run, long.waiting()), (8, 24e6));
        assert!(!long.wants(&[run]));
        // Nearly done: the next one has to be on its way.
        long.told(run, 2.5e6);
        assert!(long.wants(&[run]));
        let mut short = bare(&[0.5e6; 16]);
        let mut held = vec![];
        while short.wants(&held) {
            held.push(short.give().unwrap());
        }
        // The fourth makes two millions, and nine times as much is not there to share.
        assert_eq!(held, [15, 14, 13, 12]);
        // At the end one at a time.
        let mut few = bare(&[0.5e6; 3]);
        let run = few.give().unwrap();
        assert!(!few.wants(&[run]));
        few.give();
        few.give();
        assert!(!few.wants(&[]));
    }

    /// The time until all is done by `workers`, of which the first does its runs in order and the others those that are given to
    /// them, in units of the least that is possible.
    fn time(prices: &[f64], workers: usize) -> f64 {
        let mut runs = bare(prices);
        let mut held = vec![vec![]; workers];
        let mut ends = vec![0.0; workers];
        let mut busy = vec![None; workers];
        let mut end: f64 = 0.0;
        loop {
            for i in 0..workers {
                if busy[i].is_some() {
                    continue;
                }
                if i == 0 {
                    busy[0] = runs.0.here();
                } else {
                    while runs.wants(&held[i]) {
                        held[i].extend(runs.give());
                    }
                    busy[i] = held[i].first().copied();
                }
                if let Some(run) = busy[i] {
                    ends[i] = end + prices[run];
                }
            }
            let working = (0..workers).filter(|i| busy[*i].is_some());
            let Some(next) = working.min_by(|p, q| ends[*p].total_cmp(&ends[*q])) else {
                break;
            };
            end = ends[next];
            let run = busy[next].take().unwrap();
            held[next].retain(|own| *own != run);
            runs.0.end(run, vec![]);
        }
        let sum: f64 = prices.iter().sum();
        let most = prices.iter().fold(0.0, |most: f64, price| most.max(*price));
        end / most.max(sum / workers as f64)
    }

    /// The prices are those of the race of `lab=filter&cycles=20&n=50`, where one method takes most of the time, and of a panel of
    /// errors and a sweep, whose runs have so many steps.
    #[test]
    fn all_workers_end_at_about_the_same_time() {
        let race = [
            85192.0, 159109.0, 160489.0, 161750.0, 209404.0, 228335.0, 281689.0, 287143.0,
            316582.0, 900400.0, 900542.0, 1105359.0, 1211689.0, 22130359.0,
        ];
        let steps = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
        let errors: Vec<f64> = steps.iter().map(|n| f64::from(*n) * 1e5).collect();
        for prices in [&race[..], &errors, &errors.repeat(4), &errors.repeat(9)] {
            for workers in [2, 4, 8] {
                let off = time(prices, workers);
                println!("{} runs, {workers} workers: {off:.3}", prices.len());
                assert!(
                    off < 1.04,
                    "{} runs, {workers} workers: {off}",
                    prices.len()
                );
            }
        }
    }
}
