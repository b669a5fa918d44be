//! The list of methods, their numbers, and the defaults that belong to a model and a method.

use super::enkf::Stochastic;
use super::ensf;
use super::ensf::ScoreFilter;
use super::etkf::SquareRoot;
use super::free::Free;
use super::gauss::Gauss;
use super::grid::Grid;
use super::pf::Particle;
use super::ssls;
use super::ssls::Langevin;
use super::ssls::Prior;
use super::update::Analysis;
use super::var3d::Static;
use super::walk::Filter;
use super::walk::Walk;
use crate::dynamics::Flow;
use crate::dynamics::Initial;
use crate::dynamics::ModelKind;
use crate::error::Error;
use crate::error::within;
use crate::rng::Noise;
use crate::word::Words;
use crate::word::words;

/// The methods. The closed set of `method=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// See [`super::ssls`].
    Ssls,
    /// See [`super::ensf`].
    Ensf,
    /// See [`super::pf`].
    Pf,
    /// See [`super::enkf`].
    Enkf,
    /// See [`super::etkf`].
    Etkf,
    /// See [`super::etkf`].
    Letkf,
    /// See [`super::gauss`].
    Ekf,
    /// See [`super::var3d`].
    Var3d,
    /// See [`super::var3d`].
    Climatology,
    /// See [`super::free`].
    Free,
    /// The Kalman filter or the grid filter, see [`super::gauss`] and [`super::grid`].
    Exact,
    /// A particle filter of [`Method::REFERENCE`] members.
    Reference,
}

words!(Method {
    Ssls => "ssls", "Langevin (SSLS)", "Langevin steps with the score of the forecast members and of the likelihood (Ding et al. 2024)";
    Ensf => "ensf", "Ensemble score filter", "A reverse diffusion whose score comes from the forecast members (Bao et al. 2024)";
    Pf => "pf", "Particle filter", "Weights by the likelihood, then resampling (Gordon et al. 1993)";
    Enkf => "enkf", "EnKF", "Stochastic ensemble Kalman filter: $K$ from the ensemble, perturbed observations (Evensen 1994)";
    Etkf => "etkf", "ETKF", "Ensemble transform Kalman filter: a square root without perturbed observations (Bishop et al. 2001)";
    Letkf => "letkf", "LETKF", "ETKF of each coordinate with the observations near it (Hunt et al. 2007)";
    Ekf => "ekf", "Extended Kalman filter", "One mean and covariance, moved by the tangent of the model";
    Var3d => "var3d", "3D-Var", "One state, with a static covariance of its error";
    Climatology => "climatology", "Climatology", "Mean and covariance of the model over a long time: no observations";
    Free => "free", "Free run", "The forecast without observations";
    Exact => "exact", "Exact", "The Kalman filter of a linear model; the density on a grid for the double well";
    Reference => "reference", "Reference", "A particle filter of 16,384 members for Lorenz-63, which has no exact answer";
});

/// The numbers of the methods, as a link has them. A method uses only its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Number of members.
    pub n: usize,
    /// Factor of the anomalies after an analysis, 1 to 2.
    pub inflation: f64,
    /// c of Gaspari & Cohn's function; 0 for no localisation.
    pub locality: f64,
    /// `pf`: share of N below which the members are resampled, 0 to 1.
    pub resample: f64,
    /// `pf`: width of the jitter of resampled members, 0 for none.
    pub jitter: f64,
    /// `var3d`: β, the factor of the covariance of the climate, .001 to 10.
    pub background: f64,
    /// `ssls`: its numbers.
    pub ssls: ssls::Numbers,
    /// `ensf`: its numbers.
    pub ensf: ensf::Numbers,
}

/// Most numbers in an ensemble: 100,000 members of 40 coordinates, 32 MB.
const NUMBERS: usize = 4_000_000;

impl Settings {
    /// The defaults of a method on a model.
    pub fn of(kind: ModelKind, method: Method) -> Self {
        let (lorenz63, lorenz96) = match kind {
            ModelKind::Lorenz63 => (true, false),
            ModelKind::Lorenz96 { .. } => (false, true),
            ModelKind::DoubleWell { .. }
            | ModelKind::Ar1
            | ModelKind::Spiral
            | ModelKind::Static { .. } => (false, false),
        };
        let inflation = match method {
            Method::Enkf if lorenz63 => 1.01,
            Method::Enkf if lorenz96 => 1.06,
            Method::Etkf if lorenz96 => 1.013,
            Method::Letkf if lorenz96 => 1.04,
            Method::Ssls
            | Method::Ensf
            | Method::Enkf
            | Method::Etkf
            | Method::Letkf
            | Method::Pf
            | Method::Ekf
            | Method::Var3d
            | Method::Climatology
            | Method::Free
            | Method::Exact
            | Method::Reference => 1.0,
        };
        let (resample, jitter) = if lorenz63 { (0.2, 0.9) } else { (1.0, 0.0) };
        let background = match kind {
            ModelKind::Lorenz63 => 0.1,
            ModelKind::Lorenz96 { .. } => 0.02,
            // The steady P_f of Kalman's filter over the stationary variance.
            ModelKind::Ar1 => 0.3,
            ModelKind::Spiral => 0.15,
            ModelKind::DoubleWell { .. } => 0.3,
            ModelKind::Static { .. } => 1.0,
        };
        let settings = Self {
            n: match (lorenz96, method) {
                (_, Method::Reference) => Method::REFERENCE,
                (true, _) => 100,
                (false, _) => 200,
            },
            inflation,
            locality: if method == Method::Letkf { 7.28 } else { 0.0 },
            resample,
            jitter,
            background,
            ssls: ssls::Numbers::of(kind, Prior::of(kind)),
            ensf: ensf::Numbers::of(kind, false),
        };
        if method == Method::Ssls {
            settings.with_prior(kind, Prior::of(kind))
        } else {
            settings
        }
    }

    /// These settings with the defaults of `ssls` for this prior.
    pub fn with_prior(self, kind: ModelKind, prior: Prior) -> Self {
        let (inflation, locality) = match (kind, prior) {
            (ModelKind::Lorenz96 { .. }, Prior::Gauss) => (1.02, 10.0),
            _ => (1.0, 0.0),
        };
        Self {
            inflation,
            locality,
            ssls: ssls::Numbers::of(kind, prior),
            ..self
        }
    }

    /// An error if a number that the method uses is out of its range, or does not fit the model.
    fn check(&self, method: Method, flow: &Flow) -> Result<(), Error> {
        let members = |least: usize| {
            within("n", self.n as f64, least as f64, 100_000.0)?;
            if self.n * flow.dim() > NUMBERS {
                return Err(Error::no_filter(
                    format!(
                        "{} members of {} coordinates are too many.",
                        self.n,
                        flow.dim()
                    ),
                    format!("Choose n of at most {}.", NUMBERS / flow.dim()),
                ));
            }
            Ok(())
        };
        match method {
            Method::Ssls => {
                self.check_places(flow)?;
                self.ssls.check(flow.dim(), self.locality > 0.0)?;
                members(self.ssls.fewest(flow.dim()))
            }
            Method::Ensf => {
                members(2)?;
                within("inflation", self.inflation, 1.0, 2.0)?;
                self.ensf.check()
            }
            Method::Enkf => {
                members(2)?;
                self.check_places(flow)
            }
            Method::Etkf => {
                members(2)?;
                within("inflation", self.inflation, 1.0, 2.0)
            }
            Method::Letkf => {
                members(2)?;
                if self.locality == 0.0 || flow.model().distance(0, 0).is_none() {
                    return Err(Error::no_filter(
                        "letkf works with the observations near a coordinate.".to_owned(),
                        "Choose model=lorenz96 and locality above 0, or method=etkf.".to_owned(),
                    ));
                }
                self.check_places(flow)
            }
            Method::Pf => {
                members(1)?;
                within("resample", self.resample, 0.0, 1.0)?;
                within("jitter", self.jitter, 0.0, 10.0)
            }
            Method::Reference => match flow.kind() {
                ModelKind::Lorenz63 => Ok(()),
                ModelKind::DoubleWell { .. }
                | ModelKind::Lorenz96 { .. }
                | ModelKind::Ar1
                | ModelKind::Spiral
                | ModelKind::Static { .. } => Err(Error::no_filter(
                    "The reference is a large particle filter for model=lorenz63.".to_owned(),
                    "Choose method=exact if the model has an exact answer, or method=pf."
                        .to_owned(),
                )),
            },
            Method::Var3d => within("background", self.background, 0.001, 10.0),
            Method::Ekf => within("inflation", self.inflation, 1.0, 2.0),
            Method::Free => members(1),
            Method::Climatology | Method::Exact => Ok(()),
        }
    }

    /// Of methods with inflation and localisation.
    fn check_places(&self, flow: &Flow) -> Result<(), Error> {
        within("inflation", self.inflation, 1.0, 2.0)?;
        within("locality", self.locality, 0.0, 1000.0)?;
        if self.locality > 0.0 && flow.model().distance(0, 0).is_none() {
            return Err(Error::no_filter(
                "The coordinates of this model are not places, so there is no distance for a localisation.".to_owned(),
                "Choose locality=0, or model=lorenz96.".to_owned(),
            ));
        }
        Ok(())
    }

    fn radius(&self) -> Option<f64> {
        (self.locality > 0.0).then_some(self.locality)
    }
}

impl Method {
    /// Number of members of the reference.
    pub const REFERENCE: usize = 16_384;

    /// The filter: `flow` is the model that it uses, `initial` the law of the first state, `noise` the draws of its seed.
    ///
    /// # Errors
    /// If a number is out of its range, or the method does not fit the model.
    pub fn filter(
        self,
        settings: &Settings,
        flow: Flow,
        initial: &Initial,
        noise: Noise,
    ) -> Result<Box<dyn Filter>, Error> {
        if initial.dim() != flow.dim() {
            return Err(Error::no_filter(
                format!(
                    "The initial law has {} coordinates, but the model has {}.",
                    initial.dim(),
                    flow.dim()
                ),
                format!("Give {} means.", flow.dim()),
            ));
        }
        settings.check(self, &flow)?;
        let (background, inflation) = (settings.background, settings.inflation);
        let n = match self {
            Method::Exact => return exact(flow, initial),
            Method::Ekf => return Ok(Box::new(Gauss::extended(flow, initial, inflation)?)),
            Method::Var3d => {
                return Ok(Box::new(Static::new(
                    flow,
                    initial,
                    Some(background),
                    noise,
                )));
            }
            Method::Climatology => return Ok(Box::new(Static::new(flow, initial, None, noise))),
            Method::Reference => Method::REFERENCE,
            Method::Ssls
            | Method::Ensf
            | Method::Free
            | Method::Pf
            | Method::Enkf
            | Method::Etkf
            | Method::Letkf => settings.n,
        };
        let analysis = self.analysis(settings, &flow)?;
        Ok(Box::new(Walk::new(flow, initial, n, noise, analysis)))
    }

    /// The update of an ensemble method.
    ///
    /// # Errors
    /// As [`Method::filter`], and if the method has no ensemble.
    pub fn analysis(self, settings: &Settings, flow: &Flow) -> Result<Box<dyn Analysis>, Error> {
        settings.check(self, flow)?;
        Ok(match self {
            Method::Ssls => Box::new(Langevin::new(
                settings.ssls,
                flow.dim(),
                settings.inflation,
                settings.radius(),
            )),
            Method::Ensf => Box::new(ScoreFilter::new(settings.ensf, settings.inflation)),
            Method::Free => Box::new(Free),
            Method::Pf => Box::new(Particle::new(settings.resample, settings.jitter)),
            Method::Reference => {
                let standard = Settings::of(flow.kind(), self);
                Box::new(Particle::new(standard.resample, standard.jitter))
            }
            Method::Enkf => Box::new(Stochastic::new(settings.inflation, settings.radius())),
            Method::Etkf => Box::new(SquareRoot::new(settings.inflation, None)),
            Method::Letkf => Box::new(SquareRoot::new(settings.inflation, settings.radius())),
            Method::Exact | Method::Ekf | Method::Var3d | Method::Climatology => {
                return Err(Error::no_filter(
                    format!("method={} has no members.", self.word()),
                    "Choose an ensemble method.".to_owned(),
                ));
            }
        })
    }
}

/// The exact answer of a model that has one.
fn exact(flow: Flow, initial: &Initial) -> Result<Box<dyn Filter>, Error> {
    Ok(match flow.kind() {
        ModelKind::DoubleWell { .. } => Box::new(Grid::new(flow, initial)?),
        ModelKind::Lorenz63 | ModelKind::Lorenz96 { .. } => {
            return Err(Error::no_filter(
                format!("There is no exact answer for model={}.", flow.kind().word()),
                "Choose model=double-well, ar1, spiral or static, or another method.".to_owned(),
            ));
        }
        ModelKind::Ar1 | ModelKind::Spiral | ModelKind::Static { .. } => {
            Box::new(Gauss::kalman(flow, initial)?)
        }
    })
}
