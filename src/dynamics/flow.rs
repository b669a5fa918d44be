//! A model with its clock: from one cycle to the next.

use super::Model;
use super::ModelKind;
use crate::error::Error;
use crate::error::rounded;
use crate::rng::Noise;
use crate::rng::Stream;

/// Where the noise of a model comes from: truth and members have their own streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    /// The draws of a seed.
    pub noise: Noise,
    /// The stream.
    pub stream: Stream,
}

/// A model that walks from cycle to cycle in equal steps. The noise of member j in substep k of cycle c is a function of
/// (seed, stream, c, k, j): members do not notice how many others there are.
///
/// Held by `tests/filter/dynamics.rs`: `members_walk_the_same_way_in_pieces_and_in_larger_ensembles`.
#[derive(Debug)]
pub struct Flow {
    kind: ModelKind,
    model: Box<dyn Model>,
    dt: f64,
    substeps: u32,
    /// Standard deviation of the noise of a substep.
    noise: f64,
}

/// Most substeps of a cycle.
const SUBSTEPS: f64 = 20_000.0;

impl Flow {
    /// The model `kind` between cycles `interval` apart, in ⌈interval/dt⌉ equal steps. Model noise of variance
    /// `model_noise`² per unit of time is added to the model's own.
    ///
    /// # Errors
    /// If a number of the model is out of range; if the interval or the step is not above 0, the step is too long to be
    /// stable, or there are too many; if the interval is not a whole number for a model that is a map.
    pub fn new(kind: ModelKind, model_noise: f64, interval: f64, dt: f64) -> Result<Self, Error> {
        let wrong = |reason: String, remedy: String| Err(Error::no_filter(reason, remedy));
        let model = kind.model()?;
        if !(model_noise >= 0.0 && model_noise.is_finite()) {
            return wrong(
                format!("model-noise={model_noise} is invalid."),
                "Choose 0 or more.".to_owned(),
            );
        }
        if !(interval > 0.0 && dt > 0.0 && interval.is_finite()) {
            return wrong(
                format!("An interval of {interval} in steps of {dt} is invalid."),
                "Choose both above 0.".to_owned(),
            );
        }
        let longest = kind.longest_step();
        if kind.is_map() {
            if interval != libm::round(interval) {
                return wrong(
                    format!("interval={interval}: a step of this model is one unit of time."),
                    "Choose a whole number.".to_owned(),
                );
            }
        } else if dt > longest * (1.0 + 1e-9) {
            return wrong(
                format!(
                    "Steps of dt={} are too long for this model: they are not stable.",
                    rounded(dt)
                ),
                format!("Choose at most {}.", rounded(longest)),
            );
        }
        let dt = if kind.is_map() { 1.0 } else { dt };
        // A ratio that is whole up to rounding is that number of steps.
        let substeps = libm::ceil(interval / dt - 1e-9).max(1.0);
        if substeps > SUBSTEPS {
            return wrong(
                format!("{substeps} steps between two cycles are too many."),
                format!("Choose an interval of at most {SUBSTEPS} steps."),
            );
        }
        let dt = interval / substeps;
        let own = model.noise(dt);
        Ok(Self {
            kind,
            dt,
            substeps: substeps as u32,
            noise: (own * own + model_noise * model_noise * dt).sqrt(),
            model,
        })
    }

    /// The model of `kind` with its default clock and no other noise than its own.
    ///
    /// # Errors
    /// If a number of the model is out of range.
    pub fn standard(kind: ModelKind) -> Result<Self, Error> {
        let times = kind.times();
        Self::new(kind, 0.0, times.interval, times.dt)
    }

    /// Which model it is.
    pub fn kind(&self) -> ModelKind {
        self.kind
    }

    /// The model.
    pub fn model(&self) -> &dyn Model {
        &*self.model
    }

    /// Number of coordinates of a state.
    pub fn dim(&self) -> usize {
        self.model.dim()
    }

    /// Length of a substep.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Number of substeps from one cycle to the next.
    pub fn substeps(&self) -> u32 {
        self.substeps
    }

    /// Standard deviation of the noise that a substep adds to each coordinate.
    pub fn noise(&self) -> f64 {
        self.noise
    }

    /// Substep `k` (from 0) of `cycle` (from 1), for the members `x` `[n × dim]` from number `first` on.
    pub fn substep(&self, x: &mut [f64], draws: Draws, cycle: u32, k: u32, first: usize) {
        self.model.step(self.dt, x);
        if self.noise > 0.0 {
            // The first state has step 0.
            let step = (cycle - 1) * self.substeps + k + 1;
            let mut z = [0.0; 256];
            for (i, part) in x.chunks_mut(z.len()).enumerate() {
                let from = (first * self.dim() + i * z.len()) as u64;
                let z = &mut z[..part.len()];
                draws.noise.normals(draws.stream, step, from, z);
                part.iter_mut()
                    .zip(z)
                    .for_each(|(x, z)| *x += self.noise * *z);
            }
        }
    }

    /// The price of a substep of one member, in units of about 25 ns.
    pub fn cost(&self) -> f64 {
        let draws = if self.noise > 0.0 {
            self.dim() as f64
        } else {
            0.0
        };
        self.model.cost() + 1.5 * draws
    }
}
