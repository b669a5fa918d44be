//! The sweep over the number of steps: error and distribution of the samples against N.

use super::axis::{Axis, POINTS};
use super::{Run, Toy1d};
use crate::answer::{Answer, Floats, Reals};
use crate::labs::experiment::letter;
use crate::labs::setup::{Setup, is_learned, sampler};
use crate::labs::task::Job;
use crate::link::{Link, Side, Values, fewest_steps, spec};
use crate::metrics;
use crate::sample::{Churn, Sampler};
use serde::Serialize;

/// The numbers of steps.
const STEPS: [u32; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];
/// Particles at most: enough for a floor of 0.003, few enough for hundreds of runs.
const PARTICLES: usize = 10_000;
/// The same where a network runs: a call costs a hundred times that of a closed form.
const PARTICLES_OF_NETWORK: usize = 2000;

/// One line of the sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name, e.g. `a:ddim`.
    pub id: String,
    /// The side whose other values it has.
    pub side: Side,
    /// The sampler.
    pub sampler: &'static str,
    /// Whether it is that side's own sampler.
    pub main: bool,
    /// Whether it has the exact score in place of that side's network: what is left is the sampler's error.
    pub exact: bool,
}

impl Series {
    /// Its name on the page: the sampler's in the menus.
    pub fn label(&self) -> String {
        let score = if self.exact { ", exact score" } else { "" };
        let name = spec::name_of(&Values::default(), "sampler", self.sampler);
        format!("{name}{score}")
    }
}

/// One run of the sweep.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(rename = "SweepPoint")
)]
pub struct Point {
    /// [`Series::id`].
    pub series: String,
    /// N.
    pub steps: u32,
    /// Denoiser calls a particle.
    pub nfe: usize,
    /// W₁ to the law of the data.
    pub w1: f64,
    /// KS to the law of the data.
    pub ks: f64,
    /// Density of the bins.
    pub hist: Floats,
}

/// What a sweep will run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SweepPlan {
    /// The series, own samplers first.
    pub series: Vec<SweepSeries>,
    /// The numbers of steps, ascending.
    pub steps: Vec<u32>,
    /// Histogram edges.
    pub edges: Reals,
    /// The axis of the samples.
    pub axis: Axis,
    /// Points of the exact density.
    pub xs: Reals,
    /// The exact density of the data there (side a).
    pub exact: Floats,
    /// E W₁ of an independent sample of this size.
    pub iid: f64,
    /// Where 95 % of independent samples of this size have their W₁.
    pub chance: [f64; 2],
    /// Particles of each run.
    pub n: usize,
}

/// One line of the sweep, as the page names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SweepSeries {
    /// [`Series::id`].
    pub id: String,
    /// The side.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"a\" | \"b\""))]
    pub side: &'static str,
    /// The sampler.
    pub sampler: &'static str,
    /// Its name in the menus.
    pub label: String,
    /// Whether it is that side's own sampler.
    pub main: bool,
}

/// A sweep in progress.
pub struct Sweep {
    link: Link,
    /// The series, own samplers first.
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
    /// Where 95 % of independent samples of this size have their W₁.
    pub chance: [f64; 2],
    /// Particles of each run.
    pub n: usize,
    jobs: Vec<(usize, u32)>,
    next: usize,
    run: Option<Run>,
    points: Vec<Point>,
}

impl Sweep {
    /// The sweep of a link: each side's own sampler first, then the other samplers that differ from it.
    pub fn new(link: &Link) -> Self {
        let mut series = Vec::new();
        for side in [Side::A, Side::B] {
            let Some(values) = link.side(side) else {
                continue;
            };
            let own = values.word("sampler");
            series.push(Series {
                id: id(side, own),
                side,
                sampler: own,
                main: true,
                exact: false,
            });
            if is_learned(values) {
                series.push(Series {
                    id: format!("{}:exact", id(side, own)),
                    side,
                    sampler: own,
                    main: false,
                    exact: true,
                });
            }
        }
        for side in [Side::A, Side::B] {
            let Some(values) = link.side(side).filter(|v| v.word("sampler") != "langevin") else {
                continue;
            };
            for other in ["ancestral", "ddim", "euler", "heun", "dpmpp2m", "em"] {
                if other != values.word("sampler") {
                    series.push(Series {
                        id: id(side, other),
                        side,
                        sampler: other,
                        main: false,
                        exact: false,
                    });
                }
            }
        }
        let mut sides = [Some(&link.a), link.b.as_ref()].into_iter().flatten();
        let most = match sides.any(is_learned) {
            true => PARTICLES_OF_NETWORK,
            false => PARTICLES,
        };
        let n = link.a.int("n").min(most as u64) as usize;
        let lab = Toy1d::new(&link.a);
        let truth = lab.truth();
        let spread = 0.35 * (truth.quantile(1.0 - 1e-4) - truth.quantile(1e-4));
        let (lo, hi) = (truth.quantile(1e-4), truth.quantile(1.0 - 1e-4));
        let axis = Axis::linear(lo - spread, hi + spread);
        let xs = axis.points(POINTS);
        let mut jobs = Vec::new();
        for (k, s) in series.iter().enumerate() {
            let fewest = link.side(s.side).map_or(1, |v| fewest_steps(v, s.sampler)) as u32;
            jobs.extend(STEPS.iter().filter(|&&n| n >= fewest).map(|&n| (k, n)));
        }
        Self {
            edges: axis.edges(),
            exact: xs.iter().map(|&x| truth.density(x) as f32).collect(),
            iid: metrics::expected_w1(&truth, n),
            chance: metrics::w1_quantiles(&truth, n, [0.025, 0.975]),
            link: link.clone(),
            series,
            axis,
            xs,
            n,
            jobs,
            next: 0,
            run: None,
            points: vec![],
        }
    }

    /// The numbers of steps, ascending.
    pub fn steps(&self) -> Vec<u32> {
        let run = |n: &u32| self.jobs.iter().any(|(_, steps)| steps == n);
        STEPS.iter().copied().filter(run).collect()
    }

    /// Runs in all.
    pub fn total(&self) -> usize {
        self.jobs.len()
    }

    /// Runs done.
    pub fn done(&self) -> usize {
        self.next
    }

    /// Does about `work` denoiser evaluations. Returns whether the sweep is done.
    pub fn advance(&mut self, work: usize) -> bool {
        let mut left = work;
        while let Some(&(series, steps)) = self.jobs.get(self.next) {
            let run = self.run.get_or_insert_with(|| {
                let lab = configuration(&self.link, &self.series[series], steps, self.n);
                Run::new(lab, self.axis)
            });
            let before = run.evaluations();
            let done = run.advance(left.max(1));
            left = left.saturating_sub((run.evaluations() - before) as usize);
            if done {
                self.points.push(point(
                    run,
                    &self.series[series].id,
                    steps,
                    &self.axis,
                    &self.edges,
                ));
                self.run = None;
                self.next += 1;
            }
            if left == 0 {
                break;
            }
        }
        self.next == self.jobs.len()
    }

    /// The points since the last call.
    pub fn take(&mut self) -> Vec<Point> {
        std::mem::take(&mut self.points)
    }
}

impl Job for Sweep {
    fn plan(&self) -> Box<dyn Answer> {
        let series = |s: &Series| SweepSeries {
            id: s.id.clone(),
            side: letter(s.side),
            sampler: s.sampler,
            label: s.label(),
            main: s.main,
        };
        Box::new(SweepPlan {
            series: self.series.iter().map(series).collect(),
            steps: self.steps(),
            edges: self.edges.clone().into(),
            axis: self.axis,
            xs: self.xs.clone().into(),
            exact: self.exact.clone().into(),
            iid: self.iid,
            chance: self.chance,
            n: self.n,
        })
    }

    fn total(&self) -> usize {
        Sweep::total(self)
    }

    fn done(&self) -> usize {
        Sweep::done(self)
    }

    fn advance(&mut self, work: usize) -> bool {
        Sweep::advance(self, work)
    }

    fn take(&mut self) -> Vec<Box<dyn Answer>> {
        let points = Sweep::take(self).into_iter();
        points.map(|p| Box::new(p) as Box<dyn Answer>).collect()
    }
}

fn id(side: Side, sampler: &str) -> String {
    format!("{}:{sampler}", if side == Side::A { "a" } else { "b" })
}

fn configuration(link: &Link, series: &Series, steps: u32, n: usize) -> Toy1d {
    let none = Values::default();
    let values = link.side(series.side).unwrap_or(&none);
    let chosen = match series.sampler {
        "ancestral" => Sampler::Ancestral,
        "ddim" => Sampler::Ddim,
        "euler" => Sampler::Euler,
        "heun" if !series.main && !series.exact => Sampler::Heun(Churn {
            amount: 0.0,
            min: 0.0,
            max: 0.0,
            noise: 1.0,
        }),
        "dpmpp2m" => Sampler::Dpmpp2m,
        "em" => Sampler::Em,
        _ => sampler(values),
    };
    let mut lab = Toy1d::with(values, Setup::with(values, steps, chosen));
    lab.setup.n = n;
    if series.exact {
        lab.setup.forget_network();
    }
    lab
}

fn point(run: &Run, series: &str, steps: u32, axis: &Axis, edges: &[f64]) -> Point {
    let truth = run.lab.truth();
    let mut x = run.x().to_vec();
    x.sort_unstable_by(f64::total_cmp);
    let finite = x.iter().all(|x| x.is_finite());
    let or_infinite = |d: f64| if finite { d } else { f64::INFINITY };
    Point {
        series: series.to_owned(),
        steps,
        nfe: run.lab.setup.plan.nfe(),
        w1: or_infinite(metrics::w1(&x, &truth)),
        ks: or_infinite(metrics::ks(&x, &truth)),
        hist: axis.histogram(edges, &x).into(),
    }
}
