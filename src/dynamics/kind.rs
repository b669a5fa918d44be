//! The list of models with their numbers, and the defaults that belong to each.

use super::Initial;
use super::Model;
use super::ar1::Ar1;
use super::double_well::DoubleWell;
use super::gaussian::Static;
use super::lorenz63::Lorenz63;
use super::lorenz96::Lorenz96;
use super::spiral::Spiral;
use crate::error::Error;
use crate::error::within;
use crate::word::words;

/// The models. The closed set of `model=` values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ModelKind {
    /// See [`DoubleWell`].
    DoubleWell {
        /// c, the depth of the wells, .1 to 10.
        wells: f64,
        /// s, the noise per square root of time, .05 to 2.
        noise: f64,
    },
    /// See [`Lorenz63`].
    Lorenz63,
    /// See [`Lorenz96`].
    Lorenz96 {
        /// d, the number of coordinates, 4 to 200.
        states: usize,
        /// F, the forcing, 0 to 20.
        forcing: f64,
    },
    /// See [`Ar1`].
    Ar1,
    /// See [`Spiral`].
    Spiral,
    /// See [`Static`].
    Static {
        /// d, the number of coordinates, 1 to 200.
        states: usize,
    },
}

words!(ModelKind {
    DoubleWell { wells: 1.0, noise: 0.5 } => "double-well", "Double well", "$dX = c(X − X³)dt + s dB$: noise carries X from one well to the other";
    Lorenz63 => "lorenz63", "Lorenz-63", "Three chaotic equations of convection (Lorenz 1963)";
    Lorenz96 { states: 40, forcing: 8.0 } => "lorenz96", "Lorenz-96", "$dx_i = ((x_{i+1} − x_{i−2})x_{i−1} − x_i + F)dt$ on a circle: chaos of any size (Lorenz 1996)";
    Ar1 => "ar1", "AR(1)", "$x ← .9x + b z$, $b² = .19$: linear, with an exact Kalman filter";
    Spiral => "spiral", "Spiral", "$x ← .98·Rot(.3)·x + .1z$ in the plane, linear";
    Static { states: 10 } => "static", "Static Gaussian", "$N(0, I)$ in d coordinates that do not move: a single update";
});

/// The clock of a model: the time between two cycles, and its steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Time between two cycles.
    pub interval: f64,
    /// Length of a step, if nothing else is asked for.
    pub dt: f64,
}

impl ModelKind {
    /// The model.
    ///
    /// # Errors
    /// If a number is out of its range.
    pub fn model(self) -> Result<Box<dyn Model>, Error> {
        Ok(match self {
            ModelKind::DoubleWell { wells, noise } => {
                within("wells", wells, 0.1, 10.0)?;
                within("noise-x", noise, 0.05, 2.0)?;
                Box::new(DoubleWell { wells, noise })
            }
            ModelKind::Lorenz63 => Box::new(Lorenz63),
            ModelKind::Lorenz96 { states, forcing } => {
                within("states", states as f64, 4.0, 200.0)?;
                within("forcing", forcing, 0.0, 20.0)?;
                Box::new(Lorenz96 { states, forcing })
            }
            ModelKind::Ar1 => Box::new(Ar1),
            ModelKind::Spiral => Box::new(Spiral),
            ModelKind::Static { states } => {
                within("states", states as f64, 1.0, 200.0)?;
                Box::new(Static { states })
            }
        })
    }

    /// Number of coordinates of a state.
    pub fn dim(self) -> usize {
        match self {
            ModelKind::DoubleWell { .. } | ModelKind::Ar1 => 1,
            ModelKind::Spiral => 2,
            ModelKind::Lorenz63 => 3,
            ModelKind::Lorenz96 { states, .. } | ModelKind::Static { states } => states,
        }
    }

    /// Whether a step is a map of one unit of time, so that its length cannot be chosen.
    pub fn is_map(self) -> bool {
        match self {
            ModelKind::Ar1 | ModelKind::Spiral | ModelKind::Static { .. } => true,
            ModelKind::DoubleWell { .. } | ModelKind::Lorenz63 | ModelKind::Lorenz96 { .. } => {
                false
            }
        }
    }

    /// The default interval and step. For the double well c·dt is at most .05: with .1, one of 200,000 starts from N(0, 1)
    /// lies beyond √21, where a step overshoots.
    pub fn times(self) -> Times {
        let (interval, dt) = match self {
            ModelKind::DoubleWell { wells, .. } => (2.0, (0.05 / wells).min(0.05)),
            ModelKind::Lorenz63 => (0.25, 0.01),
            ModelKind::Lorenz96 { .. } => (0.05, 0.05),
            ModelKind::Ar1 | ModelKind::Spiral | ModelKind::Static { .. } => (1.0, 1.0),
        };
        Times { interval, dt }
    }

    /// The longest step that is allowed. For the double well it is .1/c: there a step is stable as far as |x| ≤ √21.
    pub fn longest_step(self) -> f64 {
        match self {
            ModelKind::DoubleWell { wells, .. } => 0.1 / wells,
            ModelKind::Lorenz63 => 0.05,
            ModelKind::Lorenz96 { .. } => 0.1,
            ModelKind::Ar1 | ModelKind::Spiral | ModelKind::Static { .. } => 1.0,
        }
    }

    /// The default law of the first state. For the linear models it is the stationary law.
    pub fn initial(self) -> Result<Initial, Error> {
        match self {
            ModelKind::DoubleWell { .. } | ModelKind::Ar1 | ModelKind::Static { .. } => {
                Initial::normal(vec![0.0; self.dim()], 1.0)
            }
            ModelKind::Spiral => Initial::normal(vec![0.0; 2], Spiral::stationary()),
            ModelKind::Lorenz63 => Initial::normal(vec![1.509, -1.531, 25.46], 2f64.sqrt()),
            ModelKind::Lorenz96 { states, .. } => {
                let mut mean = vec![0.0; states];
                if let Some(first) = mean.first_mut() {
                    *first = 1.0;
                }
                Initial::normal(mean, 0.001f64.sqrt())
            }
        }
    }

    /// The default standard deviation of an observation.
    pub fn noise_y(self) -> f64 {
        match self {
            ModelKind::DoubleWell { .. } | ModelKind::Lorenz96 { .. } => 1.0,
            ModelKind::Lorenz63 => 2f64.sqrt(),
            ModelKind::Ar1 | ModelKind::Static { .. } => 0.5,
            ModelKind::Spiral => 0.3,
        }
    }

    /// The coordinates that are observed by default: all, but only the first of the spiral.
    pub fn observed(self) -> Vec<usize> {
        match self {
            ModelKind::Spiral => vec![0],
            ModelKind::DoubleWell { .. }
            | ModelKind::Lorenz63
            | ModelKind::Lorenz96 { .. }
            | ModelKind::Ar1
            | ModelKind::Static { .. } => (0..self.dim()).collect(),
        }
    }
}
