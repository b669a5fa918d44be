//! The race: every method that fits a link, on the same truth, the same observations and the same draws of the forecast.

use super::entrants::{Entrant, RaceUnfit, entrants};
use super::run::Walker;
use super::setup::Setup;
use super::twin::Twin;
use crate::answer::{Answer, of_type};
use crate::error::Error;
use crate::filter::Method;
use crate::labs::record::Metrics;
use crate::labs::runner::Runner;
use crate::labs::task::{Args, Job, unprepared};
use crate::link::{self, Link};
use serde::Serialize;
use std::rc::Rc;

/// Name of the job.
pub(super) const NAME: &str = "race";

/// Who takes part, in the order in which they run: the cheapest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RacePlan {
    /// The configurations.
    pub entrants: Vec<RaceEntrant>,
    /// The methods that do not fit.
    pub unfit: Vec<RaceUnfit>,
    /// Whether W₁ to the exact law is known.
    pub w1: bool,
    /// Cycles of each run.
    pub cycles: usize,
    /// The price of all runs, with the truth and the exact filter beside them, in units.
    pub price: f64,
}

/// One who takes part.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RaceEntrant {
    /// The method in words.
    pub label: String,
    /// The link of its run.
    pub link: String,
    /// The sides of the link whose configuration this is: "", "a", "b" or "ab".
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"\" | \"a\" | \"b\" | \"ab\""))]
    pub own: String,
    /// Whether it is the exact answer.
    pub exact: bool,
    /// Number of members; 0 where the method has none.
    pub n: usize,
    /// The price of its run, in units.
    pub price: f64,
    /// What is not as the link says, in words.
    pub changed: String,
}

/// The result of one run. The numbers are those of `scorefield run` for its link.
///
/// Held by `tests/filter_race.rs`: `a_row_has_the_bits_of_the_run_of_its_link`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct RaceRow {
    /// Its place in [`RacePlan::entrants`].
    pub entrant: usize,
    /// Distance of the mean from the truth, after burn-in; `None` where there is none.
    pub rmse: Option<f64>,
    /// The filter's own error bar.
    pub spread: Option<f64>,
    /// Continuous ranked probability score.
    pub crps: Option<f64>,
    /// Distance to the exact law.
    pub w1: Option<f64>,
    /// What the filter took, in units, without the truth and the exact filter beside it.
    pub work: f64,
    /// States that were moved by a step of the model; of the exact answer none.
    pub model_steps: f64,
    /// The last cycle that it reached.
    pub reached: usize,
    /// Whether it ended there.
    pub failed: bool,
    /// What happened on the way, in words.
    pub happened: String,
}

/// One who takes part, compiled.
struct Runnable {
    entrant: Entrant,
    twin: Rc<Twin>,
    price: f64,
}

/// A race in progress.
pub(super) struct Race {
    /// Those that are not compiled yet, in reverse.
    waiting: Vec<Entrant>,
    ready: Vec<Runnable>,
    unfit: Vec<RaceUnfit>,
    /// The price of the truth and of the exact filter.
    ahead: f64,
    next: usize,
    run: Option<Walker>,
    /// What is done of the runs before this one, in units.
    spent: f64,
    rows: Vec<RaceRow>,
}

impl Race {
    /// The race of a link.
    ///
    /// # Errors
    /// If the values were not read from a link.
    pub fn new(link: &Link) -> Result<Self, Error> {
        let (mut waiting, unfit) = entrants(link)?;
        waiting.reverse();
        Ok(Self {
            waiting,
            ready: vec![],
            unfit,
            ahead: 0.0,
            next: 0,
            run: None,
            spent: 0.0,
            rows: vec![],
        })
    }

    /// Compiles one who takes part, beside the first one.
    fn compile(&self, entrant: &Entrant) -> Result<(Rc<Twin>, f64), Error> {
        let setup = Setup::new(entrant.values())?;
        let twin = Rc::new(match self.ready.first() {
            Some(first) => first.twin.beside(setup),
            None => Twin::new(setup),
        });
        let price = Walker::new(twin.clone())?.price_of_filter();
        Ok((twin, price))
    }

    /// Goes on with the run that is next. Returns what that took, in units.
    fn part(&mut self, work: usize) -> f64 {
        let before = self.spent();
        let own = &self.ready[self.next];
        let mut run = match self.run.take() {
            Some(run) => run,
            None => match Walker::new(own.twin.clone()) {
                Ok(run) => run,
                Err(why) => return self.end(None, Some(why)),
            },
        };
        let done = run.advance(work);
        // Nobody looks at the frames.
        run.take();
        let fault = run.check().err();
        if done || fault.is_some() {
            self.end(Some(run), fault);
        } else {
            self.run = Some(run);
        }
        self.spent() - before
    }

    /// Notes the result of a run. Returns its price.
    fn end(&mut self, run: Option<Walker>, fault: Option<Error>) -> f64 {
        let own = &self.ready[self.next];
        let reached = run.as_ref().map_or(0, Walker::cycle);
        let found = match (&run, &fault) {
            (Some(run), None) => numbers(run),
            _ => None,
        };
        let number = |key: &str| {
            let rows = found.iter().flat_map(|found| &found.rows);
            rows.filter(|row| row.key == key).find_map(|row| row.value)
        };
        self.rows.push(RaceRow {
            entrant: self.next,
            rmse: number("rmse"),
            spread: number("spread"),
            crps: number("crps"),
            w1: number("w1"),
            work: run.as_ref().map_or(0.0, Walker::spent_by_filter),
            model_steps: (reached * moved(own)) as f64 * f64::from(own.twin.truth.substeps()),
            reached,
            failed: fault.is_some(),
            happened: match fault {
                Some(fault) => fault.to_string(),
                None => run.and_then(|run| run.noticed()).unwrap_or_default(),
            },
        });
        self.spent += own.price;
        self.next += 1;
        self.run = None;
        own.price
    }

    /// The price of all.
    fn whole(&self) -> f64 {
        self.ahead + self.ready.iter().map(|own| own.price).sum::<f64>()
    }

    /// What is done, in units of [`Job::price`].
    fn spent(&self) -> f64 {
        let ahead = match (self.ready.first(), self.next) {
            (Some(first), 0) => self.ahead - first.twin.price_ahead(),
            _ => self.ahead,
        };
        ahead + self.spent + self.run.as_ref().map_or(0.0, Walker::spent_by_filter)
    }
}

/// The states that a step of the model moves.
fn moved(own: &Runnable) -> usize {
    match own.entrant.method() {
        Some(Method::Exact | Method::Climatology) | None => 0,
        Some(Method::Ekf | Method::Var3d) => 1,
        Some(
            Method::Ssls
            | Method::Ensf
            | Method::Pf
            | Method::Enkf
            | Method::Etkf
            | Method::Letkf
            | Method::Free
            | Method::Reference,
        ) => own.twin.n,
    }
}

/// The numbers at the end of a run.
fn numbers(run: &Walker) -> Option<Metrics> {
    let last = Args(vec![("frame".to_owned(), vec![run.steps() as f64])]);
    let answer = run.ask("metrics", &last).ok()?.finish().ok()?;
    of_type::<Option<Metrics>>(answer).flatten()
}

impl Job for Race {
    fn prepare(&mut self) -> bool {
        if let Some(entrant) = self.waiting.pop() {
            match self.compile(&entrant) {
                Ok((twin, price)) => {
                    if self.ready.is_empty() {
                        self.ahead = twin.price_ahead();
                    }
                    self.ready.push(Runnable {
                        entrant,
                        twin,
                        price,
                    });
                }
                Err(why) => self.unfit.push(RaceUnfit {
                    label: entrant.label,
                    reason: why.to_string(),
                }),
            }
            // The truth and the exact filter are computed by the first one.
            self.ready.sort_by(|p, q| p.price.total_cmp(&q.price));
        }
        self.waiting.is_empty()
    }

    fn plan(&self) -> Result<Box<dyn Answer>, Error> {
        if !self.waiting.is_empty() {
            return Err(unprepared());
        }
        let entrant = |own: &Runnable| RaceEntrant {
            label: own.entrant.label.clone(),
            link: link::encode(&own.entrant.link),
            own: own.entrant.own.clone(),
            exact: own.entrant.method() == Some(Method::Exact),
            n: own.twin.n,
            price: own.price,
            changed: own.entrant.changed.clone(),
        };
        let first = self.ready.first();
        Ok(Box::new(RacePlan {
            entrants: self.ready.iter().map(entrant).collect(),
            unfit: self.unfit.clone(),
            w1: first.is_some_and(|own| own.twin.has_w1()),
            cycles: first.map_or(0, |own| own.twin.cycles),
            price: self.whole(),
        }))
    }

    fn total(&self) -> usize {
        self.ready.len()
    }

    fn done(&self) -> usize {
        self.next
    }

    fn price(&self) -> f64 {
        self.whole()
    }

    fn work(&self) -> f64 {
        self.spent()
    }

    fn advance(&mut self, work: usize) -> bool {
        let mut left = work.max(1) as f64;
        let before = self.next;
        // A row ends the piece: it is shown at once, with its own time.
        while left > 0.0 && self.next == before && self.next < self.ready.len() {
            left -= self.part(left as usize).max(1.0);
        }
        self.next == self.ready.len()
    }

    fn take(&mut self) -> Vec<Box<dyn Answer>> {
        let rows = std::mem::take(&mut self.rows).into_iter();
        rows.map(|row| Box::new(row) as Box<dyn Answer>).collect()
    }
}
