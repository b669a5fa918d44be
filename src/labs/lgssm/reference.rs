//! The law with which the samples of a chain are compared: the exact posterior, or the prior without guidance.

use crate::error::Error;
use crate::observe::Observation;
use crate::process::Matrix;
use crate::process::lgssm::{Chain, Conditioned, Conditioning, Posterior, Reached};
use crate::rng::Noise;
use serde::Serialize;
use std::cell::{OnceCell, RefCell};

/// Largest number of numbers of a chain for which dense matrices are computed.
pub(super) const DENSE: usize = 400;

/// The work of a number of an exact draw, in units, and products of two numbers in a unit.
const SMOOTHED: usize = 5;
const PRODUCTS: usize = 40;

/// The kind of law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(
    target_arch = "wasm32",
    derive(tsify::Tsify),
    tsify(rename = "ReferenceKind")
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The chain given its observations.
    Posterior,
    /// The chain itself.
    Prior,
    /// No closed form: the operator is not linear.
    None,
}

enum How {
    /// Linear in the length.
    Smoother(Box<Posterior>),
    /// Dense conditioning, for windows: as far as it is computed, until all is known.
    Dense(RefCell<Option<Box<Conditioning>>>),
    /// The prior, or no law.
    Plain,
}

/// A law of the chain, with its mean and standard deviations. The law given windows is computed when it is asked for:
/// at once, or before in parts (`Reference::prepare`).
pub struct Reference {
    /// The kind of law.
    pub kind: Kind,
    known: OnceCell<Known>,
    how: How,
    y: Vec<f64>,
    chain: Chain,
}

/// What is known of a law: E x and √Var of each number, `[L·p]`, empty without a law; and the dense law of windows.
struct Known {
    mean: Vec<f64>,
    sd: Vec<f64>,
    dense: Option<Box<Conditioned>>,
}

/// Checks that the law given windows of `width` states can be computed, before anything large is made.
///
/// # Errors
/// If it needs dense matrices and the chain is too long.
pub(super) fn can_be_formed(chain: &Chain, width: usize, guides: bool) -> Result<(), Error> {
    if !guides || width == 1 || chain.dim() <= DENSE {
        return Ok(());
    }
    Err(Error::Model {
        reason: format!(
            "the exact posterior of windows is dense, and the chain has {} numbers; give a length that makes it {DENSE} at most, or operator=linear",
            chain.dim()
        ),
    })
}

impl Reference {
    /// The posterior of `observation` at the indices `observed`, or the prior if nothing guides.
    ///
    /// # Errors
    /// If the chain is too long for an operator that is no simple one.
    pub fn new(
        chain: &Chain,
        observed: &[usize],
        observation: &Observation,
        width: usize,
        guides: bool,
    ) -> Result<Self, Error> {
        let y = observation.y().to_vec();
        let law = |kind, how, known: Option<Known>| Self {
            kind,
            known: known.map_or_else(OnceCell::new, OnceCell::from),
            how,
            y: y.clone(),
            chain: chain.clone(),
        };
        let known = |mean, sd| {
            let dense = None;
            Some(Known { mean, sd, dense })
        };
        let p = chain.states();
        if !guides {
            let sigma = chain.stationary();
            let sd = (0..chain.dim()).map(|i| sigma[(i % p, i % p)].sqrt());
            let known = known(vec![0.0; chain.dim()], sd.collect());
            return Ok(law(Kind::Prior, How::Plain, known));
        }
        if !observation.operator().is_linear() {
            return Ok(law(Kind::None, How::Plain, known(vec![], vec![])));
        }
        if width == 1 {
            let posterior = Posterior::new(chain, &chain.seen(observed))?;
            let blocks = posterior.covariances().iter();
            let sd = blocks.flat_map(|c| (0..p).map(|i| c[(i, i)].max(0.0).sqrt()));
            let known = known(posterior.mean(&y), sd.collect());
            let how = How::Smoother(Box::new(posterior));
            return Ok(law(Kind::Posterior, how, known));
        }
        can_be_formed(chain, width, guides)?;
        let conditioning = chain.conditioning_on(&dense(observation), &noise(observation))?;
        let how = How::Dense(RefCell::new(Some(Box::new(conditioning))));
        Ok(law(Kind::Posterior, how, None))
    }

    /// E x, `[L·p]`; empty without a law.
    pub fn mean(&self) -> &[f64] {
        &self.known().mean
    }

    /// √Var of each number, `[L·p]`; empty without a law.
    pub fn sd(&self) -> &[f64] {
        &self.known().sd
    }

    fn known(&self) -> &Known {
        while !self.prepare() {}
        // A law that has no parts is known from the beginning.
        self.known.get_or_init(|| Known {
            mean: vec![],
            sd: vec![],
            dense: None,
        })
    }

    /// Number of parts of [`Reference::prepare`] that are left, at most, and their work in units
    /// ([`crate::denoise::Denoiser::price`]), about.
    pub(super) fn parts(&self) -> (usize, usize) {
        match &self.how {
            How::Dense(own) => {
                let own = own.borrow();
                own.as_ref()
                    .map_or((0, 0), |own| (own.parts(), own.price()))
            }
            How::Smoother(_) | How::Plain => (0, 0),
        }
    }

    /// Computes a part of what the law needs. Returns whether all is computed.
    pub(super) fn prepare(&self) -> bool {
        let How::Dense(own) = &self.how else {
            return true;
        };
        let mut own = own.borrow_mut();
        if own.as_mut().is_some_and(|own| !own.part()) {
            return false;
        }
        if let Some(own) = own.take() {
            let dense = Conditioned::of(*own);
            let c = dense.covariance();
            let sd = (0..self.chain.dim()).map(|i| c[(i, i)].max(0.0).sqrt());
            let sd = sd.collect();
            self.known.get_or_init(|| Known {
                sd,
                mean: dense.mean(&self.y),
                dense: Some(Box::new(dense)),
            });
        }
        true
    }

    /// E[x | y] for other values of the same observations.
    pub fn mean_of(&self, y: &[f64]) -> Vec<f64> {
        let known = self.known();
        match (&self.how, &known.dense) {
            (How::Smoother(posterior), _) if y.len() == self.y.len() => posterior.mean(y),
            (_, Some(dense)) if y.len() == self.y.len() => dense.mean(y),
            (How::Smoother(_) | How::Dense(_) | How::Plain, _) => known.mean.clone(),
        }
    }

    /// As [`Reference::mean_of`], for values from outside.
    ///
    /// # Errors
    /// If their number is not that of the observed numbers, or one is not finite.
    pub fn given(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        self.accepts(y)?;
        Ok(self.mean_of(y))
    }

    /// Checks values from outside.
    ///
    /// # Errors
    /// If their number is wrong, or one is not finite.
    pub(super) fn accepts(&self, y: &[f64]) -> Result<(), Error> {
        if y.len() != self.y.len() || y.iter().any(|y| !y.is_finite()) {
            return Err(Error::Model {
                reason: format!(
                    "one finite value an observed number is needed; give {}",
                    self.y.len()
                ),
            });
        }
        Ok(())
    }

    /// Cov x, if there is a law and it is small enough to be computed.
    pub fn covariance(&self) -> Option<Matrix<f64>> {
        let mut own = self.computing_covariance();
        (0..own.parts().0).for_each(|_| own.part());
        own.covariance()
    }

    /// As [`Reference::covariance`], in parts.
    pub(super) fn computing_covariance(&self) -> Covariance {
        if self.chain.dim() > DENSE || self.kind == Kind::None {
            return Covariance::Known(None);
        }
        match &self.how {
            How::Dense(_) => {
                let dense = self.known().dense.as_ref();
                Covariance::Known(dense.map(|dense| dense.covariance().clone()))
            }
            How::Plain => Covariance::Known(Some(self.chain.joint_covariance())),
            How::Smoother(posterior) => {
                let conditioning = self.chain.conditioning(posterior.seen());
                Covariance::Computing(Box::new(conditioning))
            }
        }
    }

    /// The part that a start at σ/α = s reaches, for a dense law; otherwise `None`.
    pub(super) fn reached(&self, s: f64) -> Option<Reached> {
        self.known().dense.as_ref()?.reached(&self.y, s)
    }

    /// Coordinates of a draw.
    pub(super) fn dim(&self) -> usize {
        self.chain.dim()
    }

    /// The work of an exact draw, in units, about.
    pub(super) fn price(&self) -> usize {
        let dim = self.chain.dim();
        match &self.how {
            How::Smoother(_) => SMOOTHED * dim,
            How::Dense(_) => dim + dim * (dim + self.y.len()) / PRODUCTS,
            How::Plain => 2 * dim,
        }
    }

    /// Independent exact draws, `[n × L·p]`; `None` without a law.
    pub fn draws(&self, seed: u64, n: usize) -> Vec<f64> {
        self.draws_from(seed, 0, n)
    }

    /// As [`Reference::draws`], from number `first` on.
    pub fn draws_from(&self, seed: u64, first: u64, n: usize) -> Vec<f64> {
        let noise = Noise::new(seed);
        match (&self.how, self.kind) {
            (_, Kind::None) => vec![],
            (How::Smoother(posterior), _) => posterior.sample(&noise, &self.y, first, n),
            (How::Dense(_) | How::Plain, _) => {
                if let Some(dense) = &self.known().dense {
                    return dense.sample(&noise, &self.y, first, n);
                }
                let mut out = vec![0.0; n * self.chain.dim()];
                self.chain
                    .sample(&noise, crate::rng::Stream::Reference, 0, first, &mut out);
                out
            }
        }
    }
}

/// Cov x of a reference, as far as it is computed.
pub(super) enum Covariance {
    /// It was at hand, or is not to be computed.
    Known(Option<Matrix<f64>>),
    /// It takes parts.
    Computing(Box<Conditioning>),
}

impl Covariance {
    /// Number of parts, and their work in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn parts(&self) -> (usize, usize) {
        match self {
            Self::Known(_) => (0, 0),
            Self::Computing(own) => (own.parts(), own.price()),
        }
    }

    /// Computes the next part.
    pub fn part(&mut self) {
        if let Self::Computing(own) = self {
            own.part();
        }
    }

    /// It, after all parts.
    pub fn covariance(self) -> Option<Matrix<f64>> {
        match self {
            Self::Known(found) => found,
            Self::Computing(own) => Some(own.covariance()),
        }
    }
}

/// A of a linear operator, `rows × dim`.
fn dense(observation: &Observation) -> Matrix<f64> {
    let operator = observation.operator();
    let (rows, dim) = (operator.rows(), operator.dim());
    let mut a = Matrix::zeros(rows, dim);
    let (mut unit, mut column) = (vec![0.0; dim], vec![0.0; rows]);
    for j in 0..dim {
        unit[j] = 1.0;
        operator.predict(&unit, &mut column);
        unit[j] = 0.0;
        for (i, x) in column.iter().enumerate() {
            a[(i, j)] = *x;
        }
    }
    a
}

fn noise(observation: &Observation) -> Matrix<f64> {
    let band = observation.noise();
    Matrix::from_fn(band.size(), band.size(), |i, j| band.get(i, j))
}
