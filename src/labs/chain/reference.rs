//! The law with which the samples of a chain are compared: the exact posterior, or the prior without guidance.

use crate::error::Error;
use crate::observe::Observation;
use crate::process::Matrix;
use crate::process::lgssm::{Chain, Conditioned, Conditioning, Posterior, Reached};
use crate::rng::Noise;
use serde::Serialize;

/// Largest number of numbers of a chain for which dense matrices are computed.
pub(super) const DENSE: usize = 400;

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
    /// Dense conditioning, for windows.
    Dense(Box<Conditioned>),
    /// The prior, or no law.
    Plain,
}

/// A law of the chain, with its mean and standard deviations.
pub struct Reference {
    /// The kind of law.
    pub kind: Kind,
    /// E x, `[L·p]`; empty without a law.
    pub mean: Vec<f64>,
    /// √Var of each number, `[L·p]`.
    pub sd: Vec<f64>,
    how: How,
    y: Vec<f64>,
    chain: Chain,
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
        let mut own = Self {
            kind: Kind::Prior,
            mean: vec![0.0; chain.dim()],
            sd: vec![],
            how: How::Plain,
            y: observation.y().to_vec(),
            chain: chain.clone(),
        };
        let p = chain.states();
        if !guides {
            let sigma = chain.stationary();
            own.sd = (0..chain.dim())
                .map(|i| sigma[(i % p, i % p)].sqrt())
                .collect();
            return Ok(own);
        }
        if !observation.operator().is_linear() {
            (own.kind, own.mean) = (Kind::None, vec![]);
            return Ok(own);
        }
        own.kind = Kind::Posterior;
        if width == 1 {
            let posterior = Posterior::new(chain, &chain.seen(observed))?;
            let blocks = posterior.covariances().iter();
            own.sd = blocks
                .flat_map(|c| (0..p).map(|i| c[(i, i)].max(0.0).sqrt()))
                .collect();
            own.how = How::Smoother(Box::new(posterior));
        } else {
            can_be_formed(chain, width, guides)?;
            let conditioned = chain.condition(&dense(observation), &noise(observation))?;
            let c = conditioned.covariance();
            own.sd = (0..chain.dim())
                .map(|i| c[(i, i)].max(0.0).sqrt())
                .collect();
            own.how = How::Dense(Box::new(conditioned));
        }
        own.mean = own.mean_of(&own.y);
        Ok(own)
    }

    /// E[x | y] for other values of the same observations.
    pub fn mean_of(&self, y: &[f64]) -> Vec<f64> {
        match &self.how {
            How::Smoother(posterior) if y.len() == self.y.len() => posterior.mean(y),
            How::Dense(conditioned) if y.len() == self.y.len() => conditioned.mean(y),
            How::Smoother(_) | How::Dense(_) | How::Plain => self.mean.clone(),
        }
    }

    /// As [`Reference::mean_of`], for values from outside.
    ///
    /// # Errors
    /// If their number is wrong, or one is not finite.
    pub fn given(&self, y: &[f64]) -> Result<Vec<f64>, Error> {
        if y.len() != self.y.len() || y.iter().any(|y| !y.is_finite()) {
            return Err(Error::Model {
                reason: format!(
                    "one finite value an observed number is needed; give {}",
                    self.y.len()
                ),
            });
        }
        Ok(self.mean_of(y))
    }

    /// Cov x, if there is a law and it is small enough to be computed.
    pub fn covariance(&self) -> Option<Matrix<f64>> {
        let mut own = self.computing_covariance();
        (0..own.parts()).for_each(|i| own.part(i));
        own.covariance()
    }

    /// As [`Reference::covariance`], in parts.
    pub(super) fn computing_covariance(&self) -> Covariance {
        if self.chain.dim() > DENSE || self.kind == Kind::None {
            return Covariance::Known(None);
        }
        match &self.how {
            How::Dense(conditioned) => Covariance::Known(Some(conditioned.covariance().clone())),
            How::Plain => Covariance::Known(Some(self.chain.joint_covariance())),
            How::Smoother(posterior) => {
                let conditioning = self.chain.conditioning(posterior.seen());
                Covariance::Computing(Box::new(conditioning))
            }
        }
    }

    /// The part that a start at σ/α = s reaches, for a dense law; otherwise `None`.
    pub(super) fn reached(&self, s: f64) -> Option<Reached> {
        match &self.how {
            How::Dense(conditioned) => conditioned.reached(&self.y, s),
            How::Smoother(_) | How::Plain => None,
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
            (How::Dense(conditioned), _) => conditioned.sample(&noise, &self.y, first, n),
            (How::Plain, _) => {
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
    /// Cost of a part, in evaluations of a chain, about.
    pub const PART: usize = 1000;

    pub fn parts(&self) -> usize {
        match self {
            Self::Known(_) => 0,
            Self::Computing(_) => Conditioning::PARTS,
        }
    }

    pub fn part(&mut self, i: usize) {
        if let Self::Computing(own) = self {
            own.part(i);
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
