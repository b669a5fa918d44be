//! The sweep over the number of steps: error and distribution of the samples against N.

use super::axis::{Axis, POINTS};
use super::measuring::{MEASURES, Measuring, price_of_measures};
use super::sweep_answers::{Point, SweepPlan, SweepSeries};
use super::{Camera, Run, Toy1d};
use crate::answer::Answer;
use crate::error::Error;
use crate::labs::deal::{Deal, Dealt, Runs};
use crate::labs::experiment::letter;
use crate::labs::price;
use crate::labs::task::{Job, unprepared};
use crate::link::{Link, Side};
use crate::metrics::{self, Chances};
use crate::sample::Sampler;
use crate::word::Words;

/// The numbers of steps.
const STEPS: [u32; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
/// Largest number of particles: enough for a floor of 0.003, and few enough for hundreds of runs.
const PARTICLES: usize = 10_000;
/// The same with a network, whose call costs a hundred times as much as a closed form.
const PARTICLES_OF_NETWORK: usize = 2000;

/// One line of the sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name, e.g. `a:ddim`.
    pub id: String,
    /// The side whose other values it uses.
    pub side: Side,
    /// The sampler.
    pub sampler: Sampler,
    /// Whether it is the sampler of that side.
    pub main: bool,
    /// Whether it uses the exact score instead of the network of that side, so that only the error of the sampler is
    /// left.
    pub exact: bool,
}

impl Series {
    /// Its name on the page: that of the sampler in the menus.
    pub fn label(&self) -> String {
        let score = if self.exact { ", exact score" } else { "" };
        format!("{}{score}", self.sampler.label())
    }
}

/// The work of a part of the preparation in units, about.
const PREPARATION: usize = 50_000;
/// The samplers that are compared with that of a side: all but those with numbers that have to be chosen for the law.
fn others() -> impl Iterator<Item = Sampler> {
    let chosen = |s: &Sampler| matches!(s, Sampler::Pc { .. } | Sampler::Langevin { .. });
    Sampler::ALL.iter().copied().filter(move |s| !chosen(s))
}

/// A sweep in progress.
pub struct Sweep {
    /// The sides of the link.
    sides: Vec<(Side, Toy1d)>,
    /// The series; those with the samplers of the sides come first.
    pub series: Vec<Series>,
    /// The axis of the samples.
    pub axis: Axis,
    /// Histogram edges.
    pub edges: Vec<f64>,
    /// Points of the exact density.
    pub xs: Vec<f64>,
    /// The exact density of the data at `xs` (side a).
    pub exact: Vec<f32>,
    /// E W₁ of an independent sample of this size.
    pub iid: f64,
    /// The interval that contains W₁ for 95 % of independent samples of this size, when it is known.
    pub chance: Option<[f64; 2]>,
    chances: Chances,
    /// Number of particles of each run.
    pub n: usize,
    /// The series and the number of steps of each run.
    jobs: Vec<(usize, u32)>,
    deal: Deal,
    /// The run that is under way here.
    run: Option<Run>,
    measuring: Option<Measuring>,
    points: Vec<Point>,
    /// The prices of the runs with their measures, in units, as far as they are computed.
    prices: Vec<f64>,
}

impl Sweep {
    /// The sweep of a link: first the sampler of each side, then the other samplers that differ from it.
    ///
    /// # Errors
    /// If the link belongs to a different lab.
    pub fn new(link: &Link) -> Result<Self, Error> {
        let given = [Side::A, Side::B].into_iter();
        let sides = given
            .filter_map(|side| Some((side, link.side(side)?)))
            .map(|(side, values)| Ok((side, Toy1d::new(values)?)))
            .collect::<Result<Vec<_>, Error>>()?;
        let mut series = Vec::new();
        for (side, lab) in &sides {
            let (side, own) = (*side, lab.setup.sampler);
            series.push(Series {
                id: id(side, own),
                side,
                sampler: own,
                main: true,
                exact: false,
            });
            if lab.setup.is_learned() {
                series.push(Series {
                    id: format!("{}:exact", id(side, own)),
                    side,
                    sampler: own,
                    main: false,
                    exact: true,
                });
            }
        }
        for (side, lab) in &sides {
            let own = lab.setup.sampler;
            if own.walks_at_one_level() {
                continue;
            }
            for other in others() {
                if other.word() != own.word() {
                    series.push(Series {
                        id: id(*side, other),
                        side: *side,
                        sampler: other,
                        main: false,
                        exact: false,
                    });
                }
            }
        }
        let most = match sides.iter().any(|(_, lab)| lab.setup.is_learned()) {
            true => PARTICLES_OF_NETWORK,
            false => PARTICLES,
        };
        let (_, first) = &sides[0];
        let n = first.setup.n.min(most);
        let truth = first.truth();
        let spread = 0.35 * (truth.quantile(1.0 - 1e-4) - truth.quantile(1e-4));
        let (lo, hi) = (truth.quantile(1e-4), truth.quantile(1.0 - 1e-4));
        let axis = Axis::linear(lo - spread, hi + spread);
        let xs = axis.points(POINTS);
        let mut jobs = Vec::new();
        for (k, s) in series.iter().enumerate() {
            let fewest = s
                .sampler
                .fewest_steps(of_side(&sides, s.side).setup.process);
            jobs.extend(STEPS.iter().filter(|&&n| n >= fewest).map(|&n| (k, n)));
        }
        Ok(Self {
            edges: axis.edges(),
            exact: xs.iter().map(|&x| truth.density(x) as f32).collect(),
            iid: metrics::expected_w1(&truth, n),
            chance: None,
            chances: Chances::new(&truth, n),
            sides,
            series,
            axis,
            xs,
            n,
            deal: Deal::of(vec![0.0; jobs.len()]),
            jobs,
            run: None,
            measuring: None,
            points: vec![],
            prices: vec![],
        })
    }

    /// The numbers of steps, ascending.
    pub fn steps(&self) -> Vec<u32> {
        let run = |n: &u32| self.jobs.iter().any(|(_, steps)| steps == n);
        STEPS.iter().copied().filter(run).collect()
    }

    /// Number of all runs.
    pub fn total(&self) -> usize {
        self.jobs.len()
    }

    /// Number of finished runs.
    pub fn done(&self) -> usize {
        self.deal.done()
    }

    /// Does a part of what is known before the runs. Returns whether all of it is known.
    pub fn prepare(&mut self) -> bool {
        if self.prices.len() < self.jobs.len() {
            let some = self.prices.len()..self.jobs.len().min(self.prices.len() + STEPS.len());
            let new: Vec<f64> = self.jobs[some]
                .iter()
                .map(|job| self.price_of(*job))
                .collect();
            for price in new {
                self.deal.set_price(self.prices.len(), price);
                self.prices.push(price);
            }
        } else if self.chance.is_none() && self.chances.draw() {
            self.chance = Some(self.chances.quantiles([0.025, 0.975]));
        }
        self.chance.is_some()
    }

    /// The price of a run with its measures, in units.
    fn price_of(&self, (series, steps): (usize, u32)) -> f64 {
        let lab = configuration(&self.sides, &self.series[series], steps, self.n);
        let measures = price_of_measures(self.n, &lab.law);
        price::plain(&lab, &Camera::new(&lab, self.axis)) + measures as f64
    }

    /// See [`Job::advance`].
    pub fn advance(&mut self, work: usize) -> bool {
        let mut left = work.max(1);
        while left > 0 {
            let Some(cost) = self.part(left) else { break };
            left = left.saturating_sub(cost);
        }
        while let Some((run, measures, density)) = self.deal.next_measured() {
            let point = self.point(run, measures, &density);
            self.points.push(point);
        }
        self.deal.is_done()
    }

    /// Prepares, goes on with a run here for about `work` units, or measures it. Returns what that cost, if there is one.
    fn part(&mut self, work: usize) -> Option<usize> {
        if self.chance.is_none() {
            self.prepare();
            return Some(PREPARATION);
        }
        self.go_on_here(work)
    }

    /// The point of a run that has found this.
    fn point(&self, run: usize, [w1, ks]: [f64; MEASURES], density: &[f64]) -> Point {
        let (series, steps) = self.jobs[run];
        let series = &self.series[series];
        let plan = configuration(&self.sides, series, steps, self.n).setup.plan;
        Point {
            series: series.id.clone(),
            steps: plan.steps() as u32,
            nfe: plan.nfe(),
            w1,
            ks,
            hist: density.iter().map(|p| *p as f32).collect(),
        }
    }

    /// The points since the last call.
    pub fn take(&mut self) -> Vec<Point> {
        std::mem::take(&mut self.points)
    }
}

impl Job for Sweep {
    fn prepare(&mut self) -> bool {
        Sweep::prepare(self)
    }

    fn plan(&self) -> Result<Box<dyn Answer>, Error> {
        let chance = self.chance.ok_or_else(unprepared)?;
        let series = |s: &Series| SweepSeries {
            id: s.id.clone(),
            side: letter(s.side),
            sampler: s.sampler.word(),
            label: s.label(),
            main: s.main,
        };
        Ok(Box::new(SweepPlan {
            series: self.series.iter().map(series).collect(),
            steps: self.steps(),
            edges: self.edges.clone().into(),
            axis: self.axis,
            xs: self.xs.clone().into(),
            exact: self.exact.clone().into(),
            iid: self.iid,
            chance,
            n: self.n,
        }))
    }

    fn total(&self) -> usize {
        Sweep::total(self)
    }

    fn done(&self) -> usize {
        Sweep::done(self)
    }

    fn price(&self) -> f64 {
        self.prices.iter().sum()
    }

    fn work(&self) -> f64 {
        self.deal.spent()
    }

    fn advance(&mut self, work: usize) -> bool {
        Sweep::advance(self, work)
    }

    fn take(&mut self) -> Vec<Box<dyn Answer>> {
        let points = Sweep::take(self).into_iter();
        points.map(|p| Box::new(p) as Box<dyn Answer>).collect()
    }

    fn runs(&mut self) -> Option<&mut dyn Runs> {
        Some(self)
    }
}

impl Dealt for Sweep {
    fn deal(&self) -> &Deal {
        &self.deal
    }

    fn deal_mut(&mut self) -> &mut Deal {
        &mut self.deal
    }

    fn size(&self, _: usize, _: &[f64]) -> usize {
        MEASURES + self.edges.len() - 1
    }

    /// A run finds W₁, KS and its histogram.
    fn go_on(&mut self, run: usize, work: usize) -> (usize, Option<Vec<f64>>) {
        let (series, steps) = self.jobs[run];
        let mut begun = 0;
        let run = self.run.get_or_insert_with(|| {
            let lab = configuration(&self.sides, &self.series[series], steps, self.n);
            let run = Run::new(lab, self.axis);
            begun = run.work() as usize;
            run
        });
        if !run.is_done() {
            return (begun + run.spend(work).1, None);
        }
        let measuring = self.measuring.get_or_insert_with(|| Measuring::new(run));
        let cost = measuring.part(run);
        if !measuring.is_done() {
            return (cost, None);
        }
        let found = measuring.found(&self.axis, &self.edges);
        (self.run, self.measuring) = (None, None);
        (cost, Some(found))
    }
}

fn id(side: Side, sampler: Sampler) -> String {
    let side = if side == Side::A { "a" } else { "b" };
    format!("{side}:{}", sampler.word())
}

/// The lab of a side; the first lab if there is no second.
fn of_side(sides: &[(Side, Toy1d)], side: Side) -> &Toy1d {
    let own = sides.iter().find(|(own, _)| *own == side);
    &own.unwrap_or(&sides[0]).1
}

fn configuration(sides: &[(Side, Toy1d)], series: &Series, steps: u32, n: usize) -> Toy1d {
    let mut lab = of_side(sides, series.side).clone();
    lab.setup = lab.setup.walking(series.sampler, steps);
    lab.setup.n = n;
    if series.exact {
        lab.setup.forget_network();
    }
    lab
}
