//! The reference beside runs of Lorenz-63, which has no exact filter: a particle filter of 16,384 members on the same truth
//! and the same observations, as a job. It does not depend on the method, so it is computed once for all of them.

use super::keys::FILTER;
use super::setup::Setup;
use super::twin::Twin;
use super::way::{At, Way};
use crate::answer::{Answer, Floats, Reals};
use crate::error::Error;
use crate::filter::{Ensemble, Filter, Method, accuracy};
use crate::labs::experiment::letter;
use crate::labs::task::Job;
use crate::link::{Link, Side};
use serde::Serialize;
use std::sync::{Arc, RwLock};

/// Its name among the jobs.
pub(super) const NAME: &str = "reference";
/// Members that are drawn.
const SHOWN: usize = 300;
/// Members that a run is compared with, at most.
const COMPARED: usize = 1024;
/// Numbers of members that are kept for all cycles, at most.
const NUMBERS: usize = 3_000_000;
/// Bins of a density.
const BINS: usize = 60;
/// Shares of the mass below the ends of the bands.
const BANDS: [f64; 4] = [0.025, 0.25, 0.75, 0.975];
/// References that stay at hand.
const MOST: usize = 2;

/// What is known of a reference before it begins.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilterReferencePlan {
    /// Number of its members.
    pub n: usize,
    /// How many of them are drawn.
    pub shown: usize,
    /// Bins of its densities.
    pub bins: usize,
}

/// The reference at one cycle.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilterReference {
    /// The sides that it belongs to.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "(\"a\" | \"b\")[]"))]
    pub sides: Vec<&'static str>,
    /// The cycle.
    pub cycle: usize,
    /// Mean of the forecast, `[states]`.
    pub before: Reals,
    /// Standard deviation of the forecast.
    pub before_sd: Reals,
    /// Mean.
    pub mean: Reals,
    /// Standard deviation.
    pub sd: Reals,
    /// Below these values lie 2.5, 25, 75 and 97.5 % of the mass, `[states × 4]`.
    pub bands: Reals,
    /// The middle of the first bin of a coordinate and the width of a bin, `[states × 2]`.
    pub axis: Reals,
    /// The density of the forecast in bins, `[states × bins]`.
    pub prior: Floats,
    /// The same given the observations up to the cycle.
    pub density: Floats,
    /// Some members of equal weight, `[shown × states]`.
    pub members: Floats,
    /// The distance of the mean from the truth, √ of the mean over the coordinates.
    pub rmse: f64,
    /// √ of the mean variance.
    pub spread: f64,
    /// The CRPS, the mean over the coordinates.
    pub crps: f64,
    /// Why it ends before this cycle; empty where it does not.
    pub fault: String,
}

/// A reference, as far as it is computed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reference {
    points: Vec<FilterReference>,
    /// Members of each cycle that a run is compared with, `[cycles × count × states]`.
    clouds: Vec<f32>,
    /// Members of a cycle there.
    pub count: usize,
}

impl Reference {
    /// The members of a cycle that a run is compared with, `[count × states]`; none behind its end.
    pub fn cloud(&self, cycle: usize, states: usize) -> Option<&[f32]> {
        let size = self.count * states;
        self.clouds.get(cycle * size..(cycle + 1) * size)
    }
}

/// How many of `n` members of each cycle are kept for a comparison.
pub(super) fn compared(setup: &Setup, n: usize) -> usize {
    let room = NUMBERS / (setup.dim() * (setup.cycles + 1));
    n.min(COMPARED).min(room)
}

/// What a reference depends on: everything of the link but how the observations are used.
fn name(setup: &Setup) -> String {
    let keys = FILTER.law.iter().map(|key| key.name);
    setup.said(keys.filter(|key| *key != "burn-in"))
}

static AT_HAND: RwLock<Vec<(String, Arc<Reference>)>> = RwLock::new(Vec::new());

/// The reference of a truth and its observations, once a job has computed it in this process.
pub(super) fn at_hand(setup: &Setup) -> Option<Arc<Reference>> {
    let name = name(setup);
    let all = AT_HAND.read().ok()?;
    let found = all.iter().find(|(known, _)| *known == name)?;
    Some(found.1.clone())
}

fn keep(name: &str, reference: Reference) {
    if let Ok(mut all) = AT_HAND.write() {
        all.retain(|(known, _)| known != name);
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push((name.to_owned(), Arc::new(reference)));
    }
}

/// A reference on its way.
struct Walk {
    sides: Vec<&'static str>,
    name: String,
    twin: Twin,
    way: Way,
    own: Reference,
    /// The forecast of the cycle that is under way, with its mean and deviations.
    forecast: FilterReference,
    members: Option<Ensemble>,
    done: bool,
    /// The price of all cycles, in units; 0 of one that was at hand.
    price: f64,
}

/// The price of looking at a cycle, in units: three times each coordinate is sorted or counted.
fn look_price(dim: usize) -> f64 {
    let n = Method::REFERENCE as f64;
    0.2 * dim as f64 * n * libm::log2(n)
}

impl Walk {
    fn new(sides: Vec<&'static str>, name: String, setup: Setup) -> Result<Self, Error> {
        let way = Way::new(setup.reference()?);
        let count = compared(&setup, Method::REFERENCE);
        let rows = |k| match setup.is_seen(k) {
            true => setup.sensor.rows(),
            false => 0,
        };
        let price = way.price(setup.cycles, rows)
            + setup.price_of_truth(setup.cycles)
            + (setup.cycles + 1) as f64 * look_price(setup.dim());
        Ok(Self {
            price,
            sides,
            name,
            twin: Twin::new(setup),
            way,
            own: Reference {
                count,
                ..Reference::default()
            },
            forecast: FilterReference::default(),
            members: None,
            done: false,
        })
    }

    /// What is done of its price.
    fn work(&self) -> f64 {
        if self.done {
            return self.price;
        }
        let simulated = self.twin.past.borrow().seen.len().saturating_sub(1);
        self.way.spent()
            + self.twin.price_of_truth(simulated)
            + self.own.points.len() as f64 * look_price(self.twin.dim())
    }

    /// Cycles that are done.
    fn cycles(&self) -> usize {
        match self.done {
            true => self.twin.cycles + 1,
            false => self.own.points.len(),
        }
    }

    /// Goes on for about `left` units, up to the end of a cycle at most; what is spent is taken off.
    fn go(&mut self, left: &mut f64) {
        let gone = self.cycle(left);
        let point = match gone {
            Ok(None) => return,
            Ok(Some(point)) => point,
            Err(fault) => FilterReference {
                cycle: self.own.points.len(),
                fault: self.twin.explained(fault).to_string(),
                ..FilterReference::default()
            },
        };
        let ended = !point.fault.is_empty() || point.cycle == self.twin.cycles;
        self.own.points.push(point);
        if ended {
            self.done = true;
            keep(&self.name, self.own.clone());
        }
    }

    /// The next cycle, once it is done.
    fn cycle(&mut self, left: &mut f64) -> Result<Option<FilterReference>, Error> {
        let cycle = self.own.points.len();
        if !self.twin.simulate(cycle, left)? {
            return Ok(None);
        }
        let past = self.twin.past.borrow();
        let d = self.twin.dim();
        let truth = &past.truth[cycle * d..(cycle + 1) * d];
        let (own, forecast, members) = (&mut self.own, &mut self.forecast, &mut self.members);
        let mut found = None;
        let mut see = |at: At, filter: &dyn Filter| match at {
            At::Forecast(_) => {
                let estimate = filter.estimate();
                forecast.before = estimate.mean.clone().into();
                forecast.before_sd = deviations(&estimate.variance).into();
                *members = filter.ensemble().cloned();
            }
            At::Analysis(_) => {
                let both = members.take().zip(filter.ensemble());
                found = both.map(|(before, after)| {
                    let cloud = after.drawn(own.count);
                    own.clouds.extend(cloud.iter().map(|x| *x as f32));
                    FilterReference {
                        cycle,
                        ..looked(forecast, &before, after, filter, truth)
                    }
                });
            }
        };
        if cycle == 0 {
            see(At::Forecast(0), self.way.filter());
            see(At::Analysis(0), self.way.filter());
        } else if !self.way.go(&past, cycle, left, &mut see)? {
            return Ok(None);
        }
        *left -= look_price(d);
        Ok(found)
    }
}

/// √ of variances.
fn deviations(variance: &[f64]) -> Vec<f64> {
    variance.iter().map(|v| v.max(0.0).sqrt()).collect()
}

/// What is told of a cycle.
fn looked(
    forecast: &FilterReference,
    before: &Ensemble,
    after: &Ensemble,
    filter: &dyn Filter,
    truth: &[f64],
) -> FilterReference {
    let estimate = filter.estimate();
    let mut told = FilterReference {
        mean: estimate.mean.clone().into(),
        sd: deviations(&estimate.variance).into(),
        members: after.drawn(SHOWN).iter().map(|x| *x as f32).collect(),
        rmse: accuracy::rmse(&estimate.mean, truth),
        spread: accuracy::spread(estimate),
        crps: accuracy::crps(after, truth),
        ..forecast.clone()
    };
    for i in 0..after.dim() {
        told.bands.0.extend(accuracy::quantiles(after, i, &BANDS));
        let [lo, hi] = [before, after]
            .map(|own| own.range(i))
            .into_iter()
            .fold([f64::INFINITY, f64::NEG_INFINITY], |all, own| {
                [all[0].min(own[0]), all[1].max(own[1])]
            });
        let width = ((hi - lo) / BINS as f64).max(1e-9);
        told.axis.0.extend([lo + 0.5 * width, width]);
        let histogram = |own: &Ensemble| own.histogram(i, lo, width, BINS);
        told.prior
            .0
            .extend(histogram(before).iter().map(|p| *p as f32));
        told.density
            .0
            .extend(histogram(after).iter().map(|p| *p as f32));
    }
    told
}

/// The references of a link, one after the other: sides with the same truth and the same observations share one.
pub(super) struct ReferenceJob {
    all: Vec<Walk>,
    /// How many points of each were taken.
    taken: Vec<usize>,
}

impl ReferenceJob {
    /// The references of the sides that have one.
    ///
    /// # Errors
    /// If no side has one.
    pub fn new(link: &Link) -> Result<Self, Error> {
        let mut all: Vec<Walk> = vec![];
        for side in [Side::A, Side::B] {
            let Some(values) = link.side(side) else {
                continue;
            };
            let setup = Setup::new(values)?;
            if !setup.has_reference() {
                continue;
            }
            let name = name(&setup);
            match all.iter_mut().find(|own| own.name == name) {
                Some(own) => own.sides.push(letter(side)),
                None => {
                    let known = at_hand(&setup);
                    let mut own = Walk::new(vec![letter(side)], name, setup)?;
                    if let Some(known) = known {
                        (own.own, own.done, own.price) = (Reference::clone(&known), true, 0.0);
                    }
                    all.push(own);
                }
            }
        }
        if all.is_empty() {
            return Err(Error::no_filter(
                "Only model=lorenz63 has a reference: the other models have an exact filter, or too many numbers for a particle filter.",
                "Choose model=lorenz63.",
            ));
        }
        Ok(Self {
            taken: vec![0; all.len()],
            all,
        })
    }
}

impl Job for ReferenceJob {
    fn prepare(&mut self) -> bool {
        true
    }

    fn plan(&self) -> Result<Box<dyn Answer>, Error> {
        Ok(Box::new(FilterReferencePlan {
            n: Method::REFERENCE,
            shown: SHOWN,
            bins: BINS,
        }))
    }

    fn total(&self) -> usize {
        self.all.iter().map(|own| own.twin.cycles + 1).sum()
    }

    fn price(&self) -> f64 {
        // Where all are at hand, nothing is left to do.
        self.all.iter().map(|own| own.price).sum::<f64>().max(1.0)
    }

    fn work(&self) -> f64 {
        self.all.iter().map(Walk::work).sum()
    }

    fn done(&self) -> usize {
        self.all.iter().map(Walk::cycles).sum()
    }

    fn advance(&mut self, work: usize) -> bool {
        let mut left = work.max(1) as f64;
        while left > 0.0 {
            let Some(own) = self.all.iter_mut().find(|own| !own.done) else {
                return true;
            };
            own.go(&mut left);
        }
        self.all.iter().all(|own| own.done)
    }

    fn take(&mut self) -> Vec<Box<dyn Answer>> {
        let mut out: Vec<Box<dyn Answer>> = vec![];
        for (own, taken) in self.all.iter().zip(&mut self.taken) {
            for point in &own.own.points[*taken..] {
                out.push(Box::new(FilterReference {
                    sides: own.sides.clone(),
                    ..point.clone()
                }));
            }
            *taken = own.own.points.len();
        }
        out
    }
}
