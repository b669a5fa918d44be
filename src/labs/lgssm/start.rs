//! Checks whether the largest noise covers a chain.

use super::ChainLab;
use super::Method;
use super::reference::Kind;
use super::search::Search;
use crate::labs::start::{self, Missing, choose, ratio};
use crate::process::Chain;
use crate::process::lgssm::{Model, Posterior, Reached, reached};
use crate::schedule::Process;
use crate::word::Words;
use std::cell::OnceCell;

/// A variance below this part of the stationary variance is rounding.
const ROUNDING: f64 = 1e-9;

/// The work of an index of a chain at a level of noise in units, and products of two numbers in a unit.
const INDEX: usize = 200;
const PRODUCTS: usize = 128;

/// Units to try.
const UNITS: [f64; 15] = [
    2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5,
];

/// What is missing after a start at a level of noise; `None` if it was not tried.
type Known<'a> = &'a mut dyn FnMut(f64) -> Option<Option<Missing>>;

/// Levels of noise that are tried, at most: that of the run, those of the processes, and the units.
pub(super) const TRIES: usize = 1 + Process::ALL.len() + UNITS.len();

impl ChainLab {
    /// The error caused by the start of a run of this lab, in words.
    pub(super) fn start_warning(&self) -> Option<String> {
        while !self.look_at_start() {}
        self.warning.get().cloned().flatten()
    }

    /// Tries another level of noise. Returns whether the warning is known.
    pub(super) fn look_at_start(&self) -> bool {
        if self.warning.get().is_some() {
            return true;
        }
        let mut search = self.search.borrow_mut();
        let Search { tried, starts } = &mut *search;
        let mut fresh = None;
        let found = self.looked_for(starts, &mut |s| {
            let known = tried.iter().find(|tried| tried.0 == s);
            if known.is_none() {
                fresh = Some(s);
            }
            known.map(|tried| tried.1)
        });
        if let Some(s) = fresh {
            tried.push((s, self.missing(s)));
            return false;
        }
        self.warning.get_or_init(|| found.flatten());
        true
    }

    /// The work of a try in units ([`crate::denoise::Denoiser::price`]), about.
    pub(super) fn try_price(&self) -> usize {
        let dim = self.chain.dim();
        match self.operator.width() {
            1 => INDEX * self.chain.length(),
            _ => dim * dim * dim / PRODUCTS,
        }
    }

    /// The warning, if there is one, from what is missing at levels of noise; `None` if `missing` does not know a level.
    fn looked_for(
        &self,
        starts: &OnceCell<Vec<(Process, f64)>>,
        missing: Known<'_>,
    ) -> Option<Option<String>> {
        if let Method::Exact = self.method {
            return Some(None);
        }
        let Some(ratio) = ratio(&self.setup) else {
            return Some(None);
        };
        let Some(own) = missing(ratio)?.filter(Missing::counts) else {
            return Some(None);
        };
        let deviation = self.variance().sqrt();
        let what = "the states of the chain";
        let starts = starts.get_or_init(|| start::starts(&self.setup));
        let remedy = self.start_remedy(ratio, starts, missing)?;
        Some(Some(own.words((what, deviation), ratio, &remedy)))
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
    fn start_remedy(
        &self,
        ratio: f64,
        starts: &[(Process, f64)],
        missing: Known<'_>,
    ) -> Option<String> {
        let mut ways: Vec<String> = vec![];
        if self.reference.kind != Kind::None {
            ways.push("method=exact".to_owned());
        }
        let mut covers = |s: f64| Some(missing(s)?.is_some_and(|missing| !missing.counts()));
        let mut better = 0;
        for &(process, s) in starts {
            if better < 2 && s.is_finite() && covers(s)? {
                ways.push(format!("process={}", process.word()));
                better += 1;
            }
        }
        let parts = match self.model {
            Model::Ar1 => Some("b and d"),
            Model::Custom => Some("Q and R by its square"),
            Model::DampedSpring | Model::Rotation => None,
        };
        let mut unit = None;
        for f in UNITS {
            if unit.is_none() && covers(f * ratio)? {
                unit = Some(f);
            }
        }
        if let Some((parts, unit)) = parts.zip(unit) {
            ways.push(format!(
                "a unit of the states {unit} times as large (divide {parts}, and y where it is given)"
            ));
        }
        if ways.is_empty() {
            ways.push("observed values nearer those that the chain takes".to_owned());
        }
        Some(choose(ways))
    }
}
