//! The closed lists of the method and its numbers.

use super::ism::monomial_count;
use crate::dynamics::ModelKind;
use crate::error::Error;
use crate::error::within;
use crate::word::Words;
use crate::word::words;

/// Where the score of the prior comes from. The closed set of `prior=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prior {
    /// See [`super::kde`].
    Kde,
    /// See [`super::gauss`].
    Gauss,
    /// See [`super::ism`].
    Ism,
    /// See [`super::dsm`].
    Dsm,
}

words!(Prior {
    Kde => "kde", "Kernel density", "A normal kernel at each member; of narrowing width, so that members find the modes";
    Gauss => "gauss", "Gaussian", "Mean and covariance of the members: exact for linear models";
    Ism => "ism", "Implicit score matching", "A polynomial log-density, by one linear system (Hyvärinen 2005)";
    Dsm => "dsm", "Denoising score matching", "A small network, trained anew at each cycle (Vincent 2011)";
});

impl Prior {
    /// The prior that a model has if nothing else is asked for: kernels do not work in many coordinates.
    pub fn of(kind: ModelKind) -> Self {
        if kind.dim() > 3 {
            Prior::Gauss
        } else {
            Prior::Kde
        }
    }
}

/// Where Langevin steps begin. The closed set of `start=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the forecast members. A score carries no weight from one mode to another, so the modes keep the forecast's.
    Forecast,
    /// At forecast members drawn with the weights p(y | x), by systematic resampling.
    Weighted,
}

words!(Start {
    Forecast => "forecast", "Forecast", "The forecast members: modes keep the forecast's weights";
    Weighted => "weighted", "Weighted", "Members drawn with weights $p(y|x)$: modes get the posterior's weights";
});

/// The Langevin step of length h. The closed set of `langevin=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With noise √(h(2 − h)): exact for a normal law at any h ≤ 1.
    Ou,
    /// The unadjusted Langevin algorithm, with noise √(2h): its variance is 1/(1 − h/2) times too large.
    Ula,
}

words!(Kind {
    Ou => "ou", "Ornstein–Uhlenbeck", "Noise $√(h(2 − h))$: exact for a normal law at any $h ≤ 1$";
    Ula => "ula", "Unadjusted", "Noise $√(2h)$: the variance is $1/(1 − h/2)$ times too large";
});

impl Kind {
    /// The factor of the noise in a step of length `h`.
    pub fn noise(self, h: f64) -> f64 {
        match self {
            Kind::Ou => (h * (2.0 - h)).sqrt(),
            Kind::Ula => (2.0 * h).sqrt(),
        }
    }
}

/// The numbers of the method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// Where the score of the prior comes from.
    pub prior: Prior,
    /// `kde`: the width of the kernels as a multiple of Silverman's, .1 to 2.
    pub bandwidth: f64,
    /// `kde`: the number of levels on which the width falls from 1, 1 to 50 and at most one for each step.
    pub anneal: usize,
    /// S, the number of Langevin steps on all levels together, 1 to 500.
    pub steps: usize,
    /// h, the length of a step, .001 to 1.
    pub step: f64,
    /// Where they begin.
    pub start: Start,
    /// What they are.
    pub langevin: Kind,
}

impl Numbers {
    /// The defaults of a model and a prior.
    pub fn of(kind: ModelKind, prior: Prior) -> Self {
        let lorenz63 = kind == ModelKind::Lorenz63;
        let (anneal, steps, step, start) = match prior {
            Prior::Kde if lorenz63 => (1, 10, 0.25, Start::Weighted),
            Prior::Kde => (10, 50, 0.25, Start::Forecast),
            Prior::Gauss => (1, 20, 0.2, Start::Forecast),
            Prior::Ism => (1, 30, 0.1, Start::Forecast),
            Prior::Dsm => (1, 50, 0.25, Start::Forecast),
        };
        Self {
            prior,
            bandwidth: 0.5,
            anneal,
            steps,
            step,
            start,
            langevin: Kind::Ou,
        }
    }

    /// The fewest members that the prior can be learned from.
    pub fn fewest(&self, dim: usize) -> usize {
        match self.prior {
            Prior::Kde | Prior::Gauss => 2,
            Prior::Ism => monomial_count(dim) + 1,
            Prior::Dsm => 10,
        }
    }

    /// An error if a number is out of its range, or does not fit a state of `dim` coordinates; `local` tells whether a
    /// localisation is asked for.
    ///
    /// # Errors
    /// The number, or the prior, and what would fit.
    pub fn check(&self, dim: usize, local: bool) -> Result<(), Error> {
        within("langevin-steps", self.steps as f64, 1.0, 500.0)?;
        within("langevin-step", self.step, 0.001, 1.0)?;
        let most = match self.prior {
            Prior::Kde | Prior::Gauss => usize::MAX,
            Prior::Ism => 10,
            Prior::Dsm => 3,
        };
        if dim > most {
            return Err(Error::no_filter(
                format!(
                    "prior={} works up to {most} coordinates, and this model has {dim}.",
                    self.prior.word()
                ),
                "Choose prior=gauss.".to_owned(),
            ));
        }
        if local && self.prior != Prior::Gauss {
            return Err(Error::no_filter(
                format!("prior={} has no covariance to localise.", self.prior.word()),
                "Choose locality=0, or prior=gauss.".to_owned(),
            ));
        }
        if self.prior == Prior::Kde {
            within("bandwidth", self.bandwidth, 0.1, 2.0)?;
            within("anneal", self.anneal as f64, 1.0, 50.0)?;
            if self.anneal > self.steps {
                return Err(Error::no_filter(
                    format!(
                        "{} levels do not fit into {} Langevin steps: a level needs a step.",
                        self.anneal, self.steps
                    ),
                    "Choose a smaller anneal, or more langevin-steps.".to_owned(),
                ));
            }
        }
        Ok(())
    }
}
