//! The lab `lgssm`: linear-Gaussian chains given observations, with the exact posterior behind the sample.

mod answers;
mod camera;
#[cfg(feature = "tensor")]
mod device_model;
#[cfg(feature = "tensor")]
mod device_segments;
mod draws;
mod edit;
mod experiment;
mod film;
mod keys;
mod legs;
mod memory;
mod method;

mod model_keys;
mod numbers;
mod observed;
#[cfg(feature = "gpu")]
mod on_card;
#[cfg(feature = "tensor")]
mod on_device;
mod reference;
mod scene;
mod score;
mod search;
mod segments;
mod start;
mod state;
mod words;
mod worst;

pub use answers::{ChainCovariance, ChainPosterior, ChainScoreErrors, ScoreCurve};
pub use camera::{Camera, Run};
pub use edit::edit;
pub use experiment::LAB;
pub use film::FILM;
pub use method::{Method, Segment, Series};
pub use reference::{Kind as ReferenceKind, Reference};
pub use scene::{ChainScene, Marks, ScoreErrors, covariance, reach, scene, score_errors};
pub use score::Score;
pub use words::{ChainScore, ChainView, Way};

use self::observed::{noises, operator};
use self::search::Search;
use super::rule::rule;
use super::setup::Setup;
use crate::error::Error;
use crate::guide::{Guidance, Guided};
use crate::level::Level;
use crate::link::Values;
use crate::net::Net;
use crate::observe::{Observation, Operator, OperatorKind, every};
use crate::process::Chain;
use crate::process::lgssm::Model;
use crate::rng::Noise;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// One configuration of this lab, compiled.
pub struct ChainLab {
    /// The model.
    pub chain: Chain,
    /// The score.
    pub score: Score,
    /// The denoiser of the sampler: the prior under guidance.
    pub guided: Guided,
    /// The kind of model.
    pub model: Model,
    /// The simulated chain, `[L·p]`.
    pub truth: Vec<f64>,
    /// The observed indices.
    pub observed: Vec<usize>,
    /// The rule of guidance.
    guidance: Guidance,
    /// The law with which samples are compared.
    pub reference: Rc<Reference>,
    /// The observation operator.
    pub operator: OperatorKind,
    /// The rest of the configuration.
    pub setup: Setup,
    /// The method.
    pub method: Method,
    /// Whether observations are used.
    pub guides: bool,
    /// Whether x̂ is an affine map of x_t: with a linear operator, any rule but DPS, and any score but that of a
    /// network.
    pub affine: bool,
    /// See [`ChainLab::score_error`].
    score_error: OnceCell<Option<((f64, f64), f64)>>,
    /// See [`ChainLab::start_warning`].
    warning: OnceCell<Option<String>>,
    search: RefCell<Search>,
}

#[cfg(test)]
thread_local! {
    /// Labs that this thread has compiled.
    pub(super) static COMPILED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

impl ChainLab {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If the model is invalid (its matrices do not fit, or it is unstable), or the rule does not fit the
    /// observation.
    pub fn new(values: &Values) -> Result<Self, Error> {
        #[cfg(test)]
        COMPILED.set(COMPILED.get() + 1);
        let chain = model(values)?;
        let length = chain.length();
        let observed = match values.ints("observed") {
            Some(list) => list.iter().map(|&i| i as usize).collect(),
            None => every(length, values.need_int("every")? as usize)?,
        };
        let kind = operator_kind(values)?;
        let width = kind.width();
        let guidance = rule(values)?;
        let guides = guidance != Guidance::None;
        reference::can_be_formed(&chain, width, guides)?;
        let operator = operator(kind, &chain, &observed)?;
        let noise = Noise::new(values.need_int("truth-seed")?);
        let truth = chain.simulate(&noise);
        let y = match values.reals("y") {
            None => simulated(&chain, &operator, &noise, &truth, &observed),
            Some(given) => given.to_vec(),
        };
        let observation = Observation::new(operator, &noises(&chain, observed.len())?, y)?;
        let setup = Setup::new(values)?;
        let half_window = || Ok::<_, Error>(values.need_int("k")? as usize);
        let score = match values.need_choice("score")? {
            ChainScore::Full => Score::Full,
            ChainScore::Blanket => Score::Blanket(half_window()?),
            ChainScore::Trained | ChainScore::Net => Score::Net(half_window()?, setup.net.clone()),
        };
        let prior = score.of(&chain)?;
        let affine = !guides
            || observation.operator().is_linear() && !matches!(guidance, Guidance::Dps { .. });
        let method = match values.need_choice("method")? {
            Way::AllAtOnce => Method::AllAtOnce,
            Way::Exact => Method::Exact,
            Way::Autoregressive => Method::Autoregressive(Rc::new(Series::new(
                &chain,
                (score.clone(), guidance, kind),
                (&observed, observation.y()),
                [values.need_int("context")?, values.need_int("horizon")?].map(|x| x as usize),
            )?)),
        };
        let reference = Reference::new(&chain, &observed, &observation, width, guides)?;
        Ok(Self {
            reference: Rc::new(reference),
            method,
            guidance,
            guided: Guided::new(prior, observation, guidance)?
                .because(method::cause(&chain, &score, 0)),
            operator: kind,
            affine: affine && !setup.is_learned(),
            score_error: OnceCell::new(),
            warning: OnceCell::new(),
            search: RefCell::default(),
            setup,
            model: values.need_choice("model")?,
            chain,
            score,
            truth,
            observed,
            guides,
        })
    }

    /// The same with `n` chains and the given network for its windows.
    ///
    /// # Errors
    /// If this score has no windows, or guidance does not fit.
    pub fn with_network(&self, net: Arc<Net>, n: usize) -> Result<Self, Error> {
        let Some(k) = self.score.half_window() else {
            return Err(Error::Unsupported {
                reason: "A network needs a score that is made of windows.".to_owned(),
            });
        };
        let score = Score::Net(k, Some(net.clone()));
        let mut setup = self.setup.clone();
        (setup.n, setup.net) = (n, Some(net));
        let method = match &self.method {
            Method::Autoregressive(series) => {
                Method::Autoregressive(Rc::new(series.with_score(score.clone())))
            }
            whole @ (Method::AllAtOnce | Method::Exact) => whole.clone(),
        };
        let observation = self.guided.observation().clone();
        Ok(Self {
            chain: self.chain.clone(),
            guided: Guided::new(score.of(&self.chain)?, observation, self.guidance)?
                .because(method::cause(&self.chain, &score, 0)),
            score,
            model: self.model,
            guidance: self.guidance,
            truth: self.truth.clone(),
            observed: self.observed.clone(),
            reference: self.reference.clone(),
            operator: self.operator,
            setup,
            method,
            guides: self.guides,
            affine: self.affine,
            score_error: OnceCell::new(),
            warning: OnceCell::new(),
            search: RefCell::default(),
        })
    }

    /// Evaluations of the score per chain.
    pub fn score_calls(&self) -> usize {
        self.method.rounds() * self.setup.plan.nfe()
    }

    /// Numbers in the largest state that a run holds at once, over all chains.
    pub fn state_floats(&self) -> usize {
        let length = match &self.method {
            Method::Autoregressive(series) => series.longest(),
            Method::AllAtOnce | Method::Exact => self.chain.length(),
        };
        self.setup.n * length * self.chain.states()
    }

    /// Variance of a coordinate of a state, averaged over the coordinates: tr Σ/p.
    pub fn variance(&self) -> f64 {
        let sigma = self.chain.stationary();
        sigma.trace() / sigma.nrows() as f64
    }

    /// The factor κ of the picture of each frame, which shows x_t/κ: κ² = α² + σ²/v. It is 1 at the end, because that
    /// frame is compared with the law of the data.
    pub fn scales(&self) -> Vec<f64> {
        let v = self.variance();
        let of = |l: &Level| (l.alpha * l.alpha + l.sigma * l.sigma / v).sqrt();
        let mut all: Vec<f64> = self.setup.frames().iter().map(of).collect();
        if let Some(last) = all.last_mut() {
            *last = 1.0;
        }
        all
    }
}

/// The chain of a link.
///
/// # Errors
/// If its matrices do not fit, or it is unstable.
pub fn model(v: &Values) -> Result<Chain, Error> {
    let length = v.need_int("length")? as usize;
    match v.need_choice("model")? {
        Model::Ar1 => Chain::ar1(
            v.need_real("a")?,
            v.need_real("b")?,
            v.need_real("c")?,
            v.need_real("d")?,
            length,
        ),
        Model::DampedSpring => Chain::damped_spring(v.need_real("d")?, length),
        Model::Rotation => Chain::rotation(v.need_real("d")?, length),
        Model::Custom => Chain::custom(
            &v.need_matrix("T")?,
            &v.need_matrix("Q")?,
            &v.need_matrix("O")?,
            &v.need_matrix("R")?,
            length,
        ),
    }
}

/// The chain of the windows of a link: 2k + 1 states.
///
/// # Errors
/// As [`model`].
pub fn windows(v: &Values) -> Result<Chain, Error> {
    model(v)?.with_length(2 * v.need_int("k")? as usize + 1)
}

/// The observation operator of a link.
fn operator_kind(v: &Values) -> Result<OperatorKind, Error> {
    Ok(match v.need_choice("operator")? {
        OperatorKind::Window(_) => OperatorKind::Window(v.need_int("width")? as usize),
        whole @ (OperatorKind::Linear | OperatorKind::Saturating) => whole,
    })
}

/// y = A(truth) + noise. The noise at an index is the same for every operator.
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
