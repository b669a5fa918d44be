//! The race: every method that fits a link, on the same truth, the same observations and the same draws of the forecast.

use super::entrants::{Entrant, RaceUnfit, entrants};
use super::run::Walker;
use super::setup::Setup;
use super::twin::Twin;
use crate::answer::{Answer, of_type};
use crate::error::Error;
use crate::filter::Method;
use crate::labs::deal::{Deal, Dealt, Runs};
use crate::labs::record::Metrics;
use crate::labs::runner::Runner;
use crate::labs::task::{Args, Job, unprepared};
use crate::link::{self, Link};
use serde::Serialize;
use std::rc::Rc;

/// Name of the job.
pub(super) const NAME: &str = "race";

/// The work of compiling one who takes part, in units, about.
const PREPARATION: usize = 20_000;

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
    /// What the filter took, in units, without the truth and the exact filter beside it; of one that ended early the phases
    /// that were done.
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

/// Numbers of a row as a run finds it: four that may be missing, each after whether it is there, then what it took, its steps,
/// the cycle that it reached, whether it failed, and the length of the text that follows.
const NUMBERS: usize = 13;

impl RaceRow {
    /// The row as numbers, without its place.
    fn numbers(&self) -> Vec<f64> {
        let yes = |own: bool| f64::from(u8::from(own));
        let mut all = vec![];
        for own in [self.rmse, self.spread, self.crps, self.w1] {
            all.extend([yes(own.is_some()), own.unwrap_or(0.0)]);
        }
        let length = self.happened.len() as f64;
        let reached = self.reached as f64;
        all.extend([
            self.work,
            self.model_steps,
            reached,
            yes(self.failed),
            length,
        ]);
        all.extend(self.happened.bytes().map(f64::from));
        all
    }

    /// The row of these numbers and this text.
    fn of(entrant: usize, numbers: [f64; NUMBERS], text: &[f64]) -> Self {
        let number = |i: usize| (numbers[2 * i] > 0.0).then_some(numbers[2 * i + 1]);
        let [.., work, model_steps, reached, failed, _] = numbers;
        let text: Vec<u8> = text.iter().map(|byte| *byte as u8).collect();
        Self {
            entrant,
            rmse: number(0),
            spread: number(1),
            crps: number(2),
            w1: number(3),
            work,
            model_steps,
            reached: reached as usize,
            failed: failed > 0.0,
            happened: String::from_utf8_lossy(&text).into_owned(),
        }
    }
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
    /// The runs of all that are ready, in their order.
    deal: Deal,
    /// The run that is under way here, and its number.
    run: Option<(usize, Walker)>,
    /// What the runs have cost that is not in their prices: who takes part compiled, the truth and the exact filter.
    beside: f64,
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
            deal: Deal::of(vec![]),
            run: None,
            beside: 0.0,
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

    /// Compiles the next who takes part. Returns whether all are.
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
            self.deal = Deal::of(self.ready.iter().map(|own| own.price).collect());
        }
        self.waiting.is_empty()
    }

    /// The price of all.
    fn whole(&self) -> f64 {
        self.ahead + self.ready.iter().map(|own| own.price).sum::<f64>()
    }

    /// What is done, in units of [`Job::price`]. Elsewhere truth and exact filter are computed too, which is not told.
    fn spent(&self) -> f64 {
        let ahead = match self.ready.first() {
            Some(first) if self.deal.done() == 0 => self.ahead - first.twin.price_ahead(),
            _ => self.ahead,
        };
        let spent = |(run, own): (usize, &Runnable)| match &self.run {
            _ if self.deal.has(run) => own.price,
            Some((here, walker)) if *here == run => walker.spent_by_filter().min(own.price),
            _ => self.deal.spent_on(run).min(own.price),
        };
        ahead + self.ready.iter().enumerate().map(spent).sum::<f64>()
    }
}

/// The result of a run: of one that is done, or of one that ended with a fault.
fn row(own: &Runnable, run: Option<&Walker>, fault: Option<Error>) -> RaceRow {
    let reached = run.map_or(0, Walker::cycle);
    let found = run.filter(|_| fault.is_none()).and_then(numbers);
    let number = |key: &str| {
        let rows = found.iter().flat_map(|found| &found.rows);
        rows.filter(|row| row.key == key).find_map(|row| row.value)
    };
    RaceRow {
        entrant: 0,
        rmse: number("rmse"),
        spread: number("spread"),
        crps: number("crps"),
        w1: number("w1"),
        work: run.map_or(0.0, Walker::completed_by_filter),
        model_steps: (reached * moved(own)) as f64 * f64::from(own.twin.truth.substeps()),
        reached,
        failed: fault.is_some(),
        happened: match fault {
            Some(fault) => fault.to_string(),
            None => run.and_then(Walker::noticed).unwrap_or_default(),
        },
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
        Race::prepare(self)
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
        self.deal.done()
    }

    fn price(&self) -> f64 {
        self.whole()
    }

    fn work(&self) -> f64 {
        self.spent()
    }

    fn advance(&mut self, work: usize) -> bool {
        let mut left = work.max(1);
        let before = self.deal.done();
        // A row ends the piece: it is shown at once, with its own time.
        while left > 0 && self.deal.done() == before {
            let cost = match self.waiting.is_empty() {
                true => self.go_on_here(left),
                false => {
                    self.prepare();
                    Some(PREPARATION)
                }
            };
            let Some(cost) = cost else { break };
            left = left.saturating_sub(cost);
        }
        while let Some((run, numbers, text)) = self.deal.next_measured() {
            self.rows.push(RaceRow::of(run, numbers, &text));
        }
        self.waiting.is_empty() && self.deal.is_done()
    }

    fn take(&mut self) -> Vec<Box<dyn Answer>> {
        let rows = std::mem::take(&mut self.rows).into_iter();
        rows.map(|row| Box::new(row) as Box<dyn Answer>).collect()
    }

    fn runs(&mut self) -> Option<&mut dyn Runs> {
        Some(self)
    }
}

impl Dealt for Race {
    fn deal(&self) -> &Deal {
        &self.deal
    }

    fn deal_mut(&mut self) -> &mut Deal {
        &mut self.deal
    }

    fn beside(&self) -> f64 {
        self.beside
    }

    fn size(&self, _: usize, found: &[f64]) -> usize {
        NUMBERS + found.get(NUMBERS - 1).map_or(0, |length| *length as usize)
    }

    /// A run finds its row. Elsewhere all are compiled before the first one: who is cheaper is not known before.
    fn go_on(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>) {
        if !self.waiting.is_empty() {
            self.prepare();
            self.beside += PREPARATION as f64;
            return (PREPARATION, None);
        }
        let own = &self.ready[run];
        let mut walker = match self.run.take() {
            Some((_, walker)) => walker,
            None => match Walker::new(own.twin.clone()) {
                Ok(walker) => walker,
                Err(why) => return (1, Some(row(own, None, Some(why)).numbers())),
            },
        };
        let (before, counted) = (walker.work(), walker.spent_by_filter());
        let done = walker.advance(work);
        // Nobody looks at the frames.
        walker.take();
        let cost = (walker.work() - before).max(1) as usize;
        self.beside += cost as f64 - (walker.spent_by_filter() - counted);
        let fault = walker.check().err();
        if done || fault.is_some() {
            return (cost, Some(row(own, Some(&walker), fault).numbers()));
        }
        self.run = Some((run, walker));
        (cost, None)
    }
}
