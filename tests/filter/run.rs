//! What the tests share: a walk through time, and its means.

use scorefield::dynamics::{Flow, Initial, ModelKind};
use scorefield::error::Error;
use scorefield::filter::{Ensemble, Filter, Method, Observation, Sensor, Settings, Truth, Walk};
use scorefield::rng::Noise;

/// All of a phase.
pub fn finish(filter: &mut dyn Filter) -> Result<(), Error> {
    while !filter.advance(1e5)? {}
    Ok(())
}

/// One update of given members, without a forecast.
pub fn update(
    method: Method,
    settings: &Settings,
    kind: ModelKind,
    members: Vec<f64>,
    y: &Observation,
    seed: u64,
) -> Ensemble {
    let flow = Flow::standard(kind).unwrap();
    let mut settings = settings.clone();
    settings.n = members.len() / flow.dim();
    let analysis = method.analysis(&settings, &flow).unwrap();
    let initial = kind.initial().unwrap();
    let mut walk = Walk::new(flow, &initial, settings.n, Noise::new(seed), analysis);
    walk.set_members(members);
    walk.begin_analysis(y).unwrap();
    finish(&mut walk).unwrap();
    walk.ensemble().unwrap().clone()
}

/// The means of a run over the analysed cycles after burn-in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Means {
    pub rmse: f64,
    pub spread: f64,
}

pub struct Setup {
    pub kind: ModelKind,
    pub sensor: Sensor,
    /// The model of the filter, and that of the truth.
    pub flow: fn(ModelKind) -> Flow,
    pub truth: fn(ModelKind) -> Flow,
    pub initial: Initial,
    pub cycles: u32,
    pub burn_in: u32,
}

impl Setup {
    pub fn of(kind: ModelKind, cycles: u32, burn_in: u32) -> Self {
        Self {
            sensor: Sensor::new(
                scorefield::filter::Operator::Identity,
                kind.observed(),
                kind.noise_y(),
                kind.dim(),
            )
            .unwrap(),
            flow: |kind| Flow::standard(kind).unwrap(),
            truth: |kind| Flow::standard(kind).unwrap(),
            initial: kind.initial().unwrap(),
            kind,
            cycles,
            burn_in,
        }
    }

    /// A walk; `each` sees the filter and the truth after each analysis.
    pub fn walk(
        &self,
        method: Method,
        settings: &Settings,
        seed: u64,
        each: impl FnMut(&dyn Filter, &Truth),
    ) -> Result<Means, Error> {
        self.walk_on(method, settings, [seed, seed + 1000], each)
    }

    /// A walk with the seeds of filter and truth.
    pub fn walk_on(
        &self,
        method: Method,
        settings: &Settings,
        seeds: [u64; 2],
        mut each: impl FnMut(&dyn Filter, &Truth),
    ) -> Result<Means, Error> {
        let [noise, truth] = seeds.map(Noise::new);
        let mut truth = Truth::new((self.truth)(self.kind), &self.initial, truth);
        let mut filter = method.filter(settings, (self.flow)(self.kind), &self.initial, noise)?;
        let mut means = Means::default();
        for cycle in 1..=self.cycles {
            truth.advance()?;
            filter.begin_forecast(cycle);
            finish(&mut *filter)?;
            filter.begin_analysis(&truth.observe(&self.sensor))?;
            finish(&mut *filter)?;
            if cycle > self.burn_in {
                let estimate = filter.estimate();
                let d = truth.state().len() as f64;
                let square: f64 = estimate
                    .mean
                    .iter()
                    .zip(truth.state())
                    .map(|(m, x)| (m - x) * (m - x))
                    .sum();
                means.rmse += (square / d).sqrt();
                means.spread += (estimate.variance.iter().sum::<f64>() / d).sqrt();
                each(&*filter, &truth);
            }
        }
        let count = f64::from(self.cycles - self.burn_in);
        means.rmse /= count;
        means.spread /= count;
        Ok(means)
    }
}
