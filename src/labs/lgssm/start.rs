//! Checks whether the largest noise covers a chain.

use super::ChainLab;
use super::Method;
use super::reference::Kind;
use crate::labs::start::{Missing, choose, ratio, starts};
use crate::process::Chain;
use crate::process::lgssm::{Model, Posterior, Reached, reached};
use crate::word::Words;

/// A variance below this part of the stationary variance is rounding.
const ROUNDING: f64 = 1e-9;

/// Units to try.
const UNITS: [f64; 15] = [
    2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5,
];

impl ChainLab {
    /// The error caused by the start of a run of this lab, in words.
    pub(super) fn start_warning(&self) -> Option<String> {
        if let Method::Exact = self.method {
            return None;
        }
        let ratio = ratio(&self.setup)?;
        let missing = self.missing(ratio)?;
        if !missing.counts() {
            return None;
        }
        let deviation = self.variance().sqrt();
        let what = "the states of the chain";
        Some(missing.words((what, deviation), ratio, &self.start_remedy(ratio)))
    }

    /// The part that is missing after a start at σ/α = s; `None` if nothing varies.
    fn missing(&self, s: f64) -> Option<Missing> {
        let numbers = match &self.method {
            Method::Autoregressive(series) => series.longest() * self.chain.states(),
            Method::AllAtOnce | Method::Exact => self.chain.dim(),
        };
        let reached = self.reached(s)?;
        let varies = reached.variance > ROUNDING * numbers as f64 * self.variance();
        varies.then(|| Missing {
            deviation: 1.0 - (reached.kept / reached.variance).max(0.0).sqrt(),
            mean: (reached.shift / reached.variance).sqrt(),
        })
    }

    fn covers(&self, s: f64) -> bool {
        self.missing(s).is_some_and(|missing| !missing.counts())
    }

    /// For the whole chain, or for the first segment. Later segments miss no more, because their contexts are fixed.
    fn reached(&self, s: f64) -> Option<Reached> {
        let chain = match &self.method {
            Method::Autoregressive(series) => self.chain.with_length(series.longest()).ok()?,
            Method::AllAtOnce | Method::Exact => self.chain.clone(),
        };
        match self.reference.kind {
            Kind::Posterior if self.operator.width() == 1 => self.posterior_reached(&chain, s),
            Kind::Posterior => self.reference.reached(s),
            // Without an exact posterior, the chain without observations is used.
            Kind::Prior | Kind::None => reached(&chain, s).ok(),
        }
    }

    fn posterior_reached(&self, chain: &Chain, s: f64) -> Option<Reached> {
        let inside = self.observed.iter().filter(|i| **i < chain.length());
        let inside: Vec<usize> = inside.copied().collect();
        let y = self.guided.observation().y();
        let y = &y[..inside.len() * chain.operator().nrows()];
        let posterior = Posterior::new(chain, &chain.seen(&inside)).ok()?;
        posterior.reached(chain, y, s).ok()
    }

    /// Remedies: exact draws, processes with more noise, or a larger unit. Dividing the states by f has the same
    /// effect as multiplying σ/α by f.
    fn start_remedy(&self, ratio: f64) -> String {
        let mut ways: Vec<String> = vec![];
        if self.reference.kind != Kind::None {
            ways.push("method=exact".to_owned());
        }
        let others = starts(&self.setup).into_iter();
        let better = others.filter(|(_, s)| s.is_finite() && self.covers(*s));
        ways.extend(
            better
                .take(2)
                .map(|(process, _)| format!("process={}", process.word())),
        );
        let parts = match self.model {
            Model::Ar1 => Some("b and d"),
            Model::Custom => Some("Q and R by its square"),
            Model::DampedSpring | Model::Rotation => None,
        };
        let unit = UNITS.into_iter().find(|f| self.covers(f * ratio));
        if let Some((parts, unit)) = parts.zip(unit) {
            ways.push(format!(
                "a unit of the states {unit} times as large (divide {parts}, and y where it is given)"
            ));
        }
        if ways.is_empty() {
            ways.push("observed values nearer those that the chain takes".to_owned());
        }
        choose(ways)
    }
}
