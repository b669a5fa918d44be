//! The lab `lgssm`: linear-Gaussian chains given observations, with the exact posterior behind the sample.

mod camera;
mod numbers;
mod reference;
mod scene;

pub use camera::{Camera, Run};
pub use reference::{Kind as ReferenceKind, Reference};
pub use scene::{Scene, ScoreErrors, covariance, sample_covariance, scene, score_errors};

use super::setup::Setup;
use crate::denoise::Differentiable;
use crate::error::Error;
use crate::guide::{Guidance, Guided};
use crate::level::Level;
use crate::link::Values;
use crate::link::chain as keys;
use crate::observe::{Band, Observation, Operator, States, every};
use crate::process::Chain;
use crate::process::lgssm::Blanket;
use crate::rng::Noise;
use std::rc::Rc;

/// One configuration of this lab, compiled.
pub struct ChainLab {
    /// The model.
    pub chain: Chain,
    /// Half-window of the blanket; none where the score is that of the whole chain.
    pub k: Option<u64>,
    /// What the sampler asks for x̂: the prior under guidance.
    pub guided: Guided,
    /// The simulated chain, `[L·p]`.
    pub truth: Vec<f64>,
    /// The observed indices.
    pub observed: Vec<usize>,
    /// What samples are held against.
    pub reference: Reference,
    /// Kind of the operator, and its window.
    pub operator: (&'static str, usize),
    /// The rest of the configuration.
    pub setup: Setup,
    /// Whether observations are used.
    pub guides: bool,
}

impl ChainLab {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If the model is none (its matrices do not fit, or it is unstable), or the rule does not fit the
    /// observation.
    pub fn new(values: &Values) -> Result<Self, Error> {
        let chain = model(values)?;
        let length = chain.length();
        let observed = match values.ints("observed") {
            Some(list) => list.iter().map(|&i| i as usize).collect(),
            None => every(length, values.int("every") as usize)?,
        };
        let operator = operator(values, &chain, &observed)?;
        let noise = Noise::new(values.int("truth-seed"));
        let truth = chain.simulate(&noise);
        let y = match values.reals("y") {
            [] => simulated(&chain, &operator, &noise, &truth, &observed),
            given => given.to_vec(),
        };
        let r = chain.observation_noise();
        let blocks: Vec<f64> = r.transpose().iter().copied().collect();
        let noise = Band::blocks(observed.len(), r.nrows(), &blocks)?;
        let observation = Observation::new(operator, &noise, y)?;
        let k = (values.word("score") == "blanket").then(|| values.int("k"));
        let prior: Rc<dyn Differentiable> = match k {
            Some(k) => Rc::new(Blanket::new(&chain, k as usize)?),
            None => Rc::new(chain.clone()),
        };
        let guidance = guidance(values);
        let guides = guidance != Guidance::None;
        let width = (values.int("width") as usize).max(1);
        Ok(Self {
            reference: Reference::new(&chain, &observed, &observation, width, guides)?,
            guided: Guided::new(prior, observation, guidance)?,
            operator: (values.word("operator"), width),
            setup: Setup::new(values),
            chain,
            k,
            truth,
            observed,
            guides,
        })
    }

    /// Variance of a coordinate of a state, mean over the coordinates: tr Σ/p.
    pub fn variance(&self) -> f64 {
        let sigma = self.chain.stationary();
        sigma.trace() / sigma.nrows() as f64
    }

    /// Factor c of the picture, which shows x_t/c: c² = α² + σ²/v.
    pub fn scale(&self, level: &Level) -> f64 {
        (level.alpha * level.alpha + level.sigma * level.sigma / self.variance()).sqrt()
    }
}

fn model(v: &Values) -> Result<Chain, Error> {
    let length = v.int("length") as usize;
    match v.word("model") {
        "damped-spring" => Chain::damped_spring(v.real("d"), length),
        "rotation" => Chain::rotation(v.real("d"), length),
        "custom" => Chain::custom(
            &v.matrix("T"),
            &v.matrix("Q"),
            &v.matrix("O"),
            &v.matrix("R"),
            length,
        ),
        _ => Chain::ar1(v.real("a"), v.real("b"), v.real("c"), v.real("d"), length),
    }
}

fn operator(v: &Values, chain: &Chain, observed: &[usize]) -> Result<Operator, Error> {
    let states = States {
        length: chain.length(),
        dim: keys::states(v),
    };
    let matrix: Vec<f64> = chain.operator().transpose().iter().copied().collect();
    match v.word("operator") {
        "window" => Operator::window(states, &matrix, observed, v.int("width") as usize),
        "saturating" => Operator::saturating(states, &matrix, observed),
        _ => Operator::linear(states, &matrix, observed),
    }
}

/// y = A(truth) + noise: the noise at an index is the same for every operator.
fn simulated(
    chain: &Chain,
    operator: &Operator,
    noise: &Noise,
    truth: &[f64],
    observed: &[usize],
) -> Vec<f64> {
    let mut y = vec![0.0; operator.rows()];
    operator.predict(truth, &mut y);
    let still = vec![0.0; truth.len()];
    let errors = chain.observe(noise, &still, observed);
    y.iter_mut().zip(errors).for_each(|(y, e)| *y += e);
    y
}

fn guidance(v: &Values) -> Guidance {
    match v.word("guidance") {
        "dps" => Guidance::Dps {
            zeta: v.real("zeta"),
        },
        "diagonal" => Guidance::Diagonal,
        "finzi" => Guidance::Finzi {
            strength: v.real("strength"),
        },
        "lambda" => Guidance::Lambda {
            lambda: v.real("lambda"),
        },
        "sda" => Guidance::Sda {
            gamma: v.real("gamma"),
        },
        "pigdm" => Guidance::Pigdm,
        "exact" => Guidance::Exact,
        "replace" => Guidance::Replace,
        _ => Guidance::None,
    }
}
