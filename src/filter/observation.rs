//! Observations of a state at a cycle: some coordinates, through one function, with independent normal noise.

use crate::error::Error;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::word::words;

/// What an instrument sees of a coordinate u. The closed set of `operator=` values.
///
/// Held by `tests/filter/updates.rs`: `slopes_are_the_derivatives_of_the_operators`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// u.
    Identity,
    /// |u|, with the slope 0 at 0.
    Abs,
    /// u².
    Square,
    /// u³.
    Cubic,
    /// arctan u.
    Arctan,
}

words!(Operator {
    Identity => "identity", "Identity", "$u$";
    Abs => "abs", "Absolute value", "$|u|$: the sign is not seen";
    Square => "square", "Square", "$u²$: the sign is not seen";
    Cubic => "cubic", "Cube", "$u³$: flat at 0, steep far out";
    Arctan => "arctan", "Arctangent", "$arctan u$: saturates, so that far out little is seen";
});

impl Operator {
    /// h(u).
    #[inline]
    pub fn value(self, u: f64) -> f64 {
        match self {
            Operator::Identity => u,
            Operator::Abs => u.abs(),
            Operator::Square => u * u,
            Operator::Cubic => u * u * u,
            Operator::Arctan => libm::atan(u),
        }
    }

    /// h'(u).
    #[inline]
    pub fn slope(self, u: f64) -> f64 {
        match self {
            Operator::Identity => 1.0,
            Operator::Abs => f64::from(i8::from(u > 0.0) - i8::from(u < 0.0)),
            Operator::Square => 2.0 * u,
            Operator::Cubic => 3.0 * u * u,
            Operator::Arctan => 1.0 / (1.0 + u * u),
        }
    }

    /// Whether h is linear.
    pub fn is_linear(self) -> bool {
        match self {
            Operator::Identity => true,
            Operator::Abs | Operator::Square | Operator::Cubic | Operator::Arctan => false,
        }
    }
}

/// An instrument: which coordinates it sees, through which function, and its noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensor {
    operator: Operator,
    indices: Vec<usize>,
    sd: f64,
}

impl Sensor {
    /// An instrument for the coordinates `indices` of a state with `dim` coordinates; `sd` is the standard deviation of
    /// its noise.
    ///
    /// # Errors
    /// If no coordinate is seen, or an index is out of range or not above the previous one; if `sd` is not above 0.
    pub fn new(
        operator: Operator,
        indices: Vec<usize>,
        sd: f64,
        dim: usize,
    ) -> Result<Self, Error> {
        let rising = indices.windows(2).all(|w| w[0] < w[1]);
        if indices.is_empty() || !rising || indices.iter().any(|&i| i >= dim) {
            return Err(Error::Observation {
                reason: format!(
                    "These coordinates of a state of {dim} cannot be observed: {indices:?}."
                ),
                remedy: format!("Give one or more increasing indices from 0 to {}.", dim - 1),
            });
        }
        if !(sd > 0.0 && sd.is_finite()) {
            return Err(Error::Observation {
                reason: format!("noise-y={sd} is invalid."),
                remedy: "Choose a standard deviation above 0.".to_owned(),
            });
        }
        Ok(Self {
            operator,
            indices,
            sd,
        })
    }

    /// h.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The coordinates that are seen, increasing.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// Standard deviation of the noise.
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// Number of values.
    pub fn rows(&self) -> usize {
        self.indices.len()
    }

    /// Writes h of the seen coordinates of one state into `out` `[rows]`.
    pub fn predict(&self, x: &[f64], out: &mut [f64]) {
        for (o, &i) in out.iter_mut().zip(&self.indices) {
            *o = self.operator.value(x[i]);
        }
    }

    /// What it reports of the state `truth` at `cycle`: h + sd·z. The noise of a coordinate does not depend on which
    /// others are seen.
    pub fn observe(&self, truth: &[f64], noise: &Noise, cycle: u32) -> Observation {
        let mut values = vec![0.0; self.rows()];
        self.predict(truth, &mut values);
        for (v, &i) in values.iter_mut().zip(&self.indices) {
            let mut z = [0.0];
            noise.normals(Stream::Observation, cycle, i as u64, &mut z);
            *v += self.sd * z[0];
        }
        Observation {
            sensor: self.clone(),
            values,
        }
    }

    /// An observation with given values.
    ///
    /// # Errors
    /// If there are not as many values as coordinates, or one is not finite.
    pub fn given(&self, values: Vec<f64>) -> Result<Observation, Error> {
        if values.len() != self.rows() || values.iter().any(|v| !v.is_finite()) {
            return Err(Error::Observation {
                reason: format!(
                    "{} values do not fit {} observed coordinates.",
                    values.len(),
                    self.rows()
                ),
                remedy: format!("Give {} finite values.", self.rows()),
            });
        }
        Ok(Observation {
            sensor: self.clone(),
            values,
        })
    }
}

/// Values y = h(x) + N(0, sd²·I) of a state.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    sensor: Sensor,
    values: Vec<f64>,
}

impl Observation {
    /// The instrument.
    pub fn sensor(&self) -> &Sensor {
        &self.sensor
    }

    /// y `[rows]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Number of values.
    pub fn rows(&self) -> usize {
        self.values.len()
    }

    /// R = sd².
    pub fn variance(&self) -> f64 {
        self.sensor.sd * self.sensor.sd
    }

    /// log p(y | x) without its constant: −Σ(y − h(x))²/(2R).
    pub fn log_likelihood(&self, x: &[f64]) -> f64 {
        let h = self.sensor.operator;
        let square = |(&i, y): (&usize, &f64)| {
            let gap = y - h.value(x[i]);
            gap * gap
        };
        let sum: f64 = self
            .sensor
            .indices
            .iter()
            .zip(&self.values)
            .map(square)
            .sum();
        -0.5 * sum / self.variance()
    }
}
