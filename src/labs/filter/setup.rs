//! One configuration, compiled: a truth that is simulated, what is observed of it, and the filter that does not know it.

use super::method_keys::is_known;
use super::model_keys::{coordinates, model, observed_cycles};
use super::score_keys::settings;
use crate::dynamics::{Component, Flow, Initial, ModelKind};
use crate::error::Error;
use crate::filter::{Division, Ensemble, Filter, Method, Sensor, Settings};
use crate::link::Values;
use crate::rng::Noise;
use std::rc::Rc;

/// One configuration, compiled.
pub(super) struct Setup {
    pub model: ModelKind,
    /// The flow of the truth.
    pub truth: Rc<Flow>,
    pub initial: Initial,
    pub sensor: Sensor,
    pub cycles: usize,
    pub interval: f64,
    pub burn_in: usize,
    pub method: Method,
    /// The numbers of the method.
    pub settings: Settings,
    /// Number of members; 0 where the method has none.
    pub n: usize,
    /// Whether there is an exact filter.
    pub known: bool,
    /// Why it cannot be set up, where the model has one.
    pub unset: Option<Error>,
    /// The price of its forecast and of its analysis, in units; 0 where there is none.
    exact: [f64; 2],
    /// The price of an analysis of the method, in units, and what of it can be shared out.
    pub analysis: f64,
    pub division: Division,
    pub seed: u64,
    pub truth_seed: u64,
    /// Which cycles are observed, `[cycles + 1]`.
    seen: Vec<bool>,
    /// The observed values of the link.
    given: Option<Vec<f64>>,
    /// The values that the link was compiled from.
    values: Values,
}

impl Setup {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If the parts do not fit: the step is too long, a cycle or a coordinate cannot be observed, the method does not fit
    /// the model.
    pub fn new(values: &Values) -> Result<Self, Error> {
        let kind = need(model(values, false))?;
        let cycles = values.need_int("cycles")? as usize;
        let mut seen = vec![false; cycles + 1];
        for k in observed_cycles(values) {
            seen[k as usize] = true;
        }
        let sensor = Sensor::new(
            values.need_choice("operator")?,
            coordinates(values),
            values.need_real("noise-y")?,
            kind.dim(),
        )?;
        let truth = flow(values, true)?;
        let mut setup = Self {
            model: kind,
            initial: initial(values, kind)?,
            interval: truth.dt() * f64::from(truth.substeps()),
            truth: Rc::new(truth),
            sensor,
            cycles,
            burn_in: values.need_int("burn-in")? as usize,
            method: values.need_choice("method")?,
            settings: need(settings(values))?,
            known: is_known(values),
            unset: None,
            exact: [0.0; 2],
            analysis: 0.0,
            division: Division::default(),
            n: 0,
            seed: values.need_int("seed")?,
            truth_seed: values.need_int("truth-seed")?,
            seen,
            given: values.reals("y").map(<[f64]>::to_vec),
            values: values.clone(),
        };
        // Whether the filter can be made is known before the run.
        let mut filter = setup.filter()?;
        setup.n = filter.ensemble().map_or(0, Ensemble::len);
        let (rows, linear) = (setup.sensor.rows(), setup.sensor.operator().is_linear());
        setup.analysis = filter.cost(rows).analysis;
        if let Some(own) = filter.divisible() {
            setup.division = own.division(rows, linear);
        }
        if setup.known {
            match setup.made(Method::Exact) {
                Ok(filter) => {
                    let own = filter.cost(setup.sensor.rows());
                    setup.exact = [own.forecast, own.analysis];
                }
                Err(why) => (setup.known, setup.unset) = (false, Some(why)),
            }
        }
        Ok(setup)
    }

    /// Numbers of a state.
    pub fn dim(&self) -> usize {
        self.model.dim()
    }

    /// Whether W₁ to an exact law is known.
    pub fn has_w1(&self) -> bool {
        self.known && self.dim() == 1
    }

    /// Whether the members have weights.
    pub fn weighs(&self) -> bool {
        matches!(self.method, Method::Pf | Method::Reference)
    }

    /// Whether members may keep weights from one cycle to the next.
    pub fn keeps_weights(&self) -> bool {
        let drawn = self.method == Method::Pf && self.settings.resample >= 1.0;
        self.weighs() && !drawn
    }

    /// What a run says before it starts if no observed cycle comes after burn-in.
    pub fn uncounted(&self) -> Option<String> {
        let counts = self.observed().any(|k| k > self.burn_in);
        (!counts).then(|| {
            format!(
                "No observed cycle comes after the burn-in of {}: there are no means. Choose a smaller burn-in, or observe later cycles.",
                self.burn_in
            )
        })
    }

    /// The keys that give the truth other numbers than the filter has.
    fn model_error(&self) -> Vec<String> {
        let of_truth = [
            ("truth.wells", "wells"),
            ("truth.noise-x", "noise-x"),
            ("truth.forcing", "forcing"),
        ];
        let other = of_truth.iter().filter_map(|(own, key)| {
            let value = self.values.real(own)?;
            (self.values.real(key) != Some(value)).then(|| format!("{own}={value}"))
        });
        other.collect()
    }

    /// A failure of the filter, with the causes that stand in the link and that the filter does not know.
    pub fn explained(&self, fault: Error) -> Error {
        let Error::Filter {
            cycle,
            reason,
            mut remedy,
        } = fault
        else {
            return fault;
        };
        let other = self.model_error();
        if !other.is_empty() {
            remedy = format!(
                "The truth has other numbers than the filter: {}. Give both the same. {remedy}",
                other.join(", ")
            );
        }
        if self.given.is_some() {
            remedy +=
                " The observed values stand in the key y: give values that the model can reach.";
        }
        Error::Filter {
            cycle,
            reason,
            remedy,
        }
    }

    /// Whether a cycle is observed.
    pub fn is_seen(&self, cycle: usize) -> bool {
        self.seen[cycle]
    }

    /// The observed cycles.
    pub fn observed(&self) -> impl Iterator<Item = usize> {
        (0..=self.cycles).filter(|&k| self.seen[k])
    }

    /// The values of a cycle that the link says.
    pub fn given(&self, cycle: usize) -> Option<&[f64]> {
        let rows = self.sensor.rows();
        let before = self.seen[..cycle].iter().filter(|seen| **seen).count();
        let all = self.given.as_ref()?;
        all.get(before * rows..(before + 1) * rows)
    }

    /// The price of the truth over so many cycles, in units.
    pub fn price_of_truth(&self, cycles: usize) -> f64 {
        cycles as f64 * f64::from(self.truth.substeps()) * self.truth.cost()
    }

    /// The price of the exact filter from a cycle on, in units; 0 where there is none.
    pub fn price_of_exact(&self, from: usize) -> f64 {
        let [forecast, analysis] = self.exact;
        let cycle = |k| forecast + if self.is_seen(k) { analysis } else { 0.0 };
        (from + 1..=self.cycles).map(cycle).sum()
    }

    /// The exact filter, where there is one.
    ///
    /// # Errors
    /// As [`Setup::filter`].
    pub fn exact(&self) -> Result<Option<Box<dyn Filter>>, Error> {
        match self.known {
            true => self.made(Method::Exact).map(Some),
            false => Ok(None),
        }
    }

    /// The method of the link, at its start.
    ///
    /// # Errors
    /// If it does not fit the model.
    pub fn filter(&self) -> Result<Box<dyn Filter>, Error> {
        self.made(self.method)
    }

    fn made(&self, method: Method) -> Result<Box<dyn Filter>, Error> {
        self.with_draws(method, self.seed)
    }

    fn with_draws(&self, method: Method, seed: u64) -> Result<Box<dyn Filter>, Error> {
        let flow = flow(&self.values, false)?;
        method.filter(&self.settings, flow, &self.initial, Noise::new(seed))
    }

    /// Whether a large particle filter stands beside the run as its reference: there is no exact filter, and a state has
    /// few numbers.
    pub fn has_reference(&self) -> bool {
        self.model == ModelKind::Lorenz63
    }

    /// That reference at its start. Its draws follow from the seed of the truth, so that it is the same beside every
    /// method, and differ from those of a run with that seed.
    ///
    /// # Errors
    /// As [`Setup::filter`].
    pub fn reference(&self) -> Result<Box<dyn Filter>, Error> {
        self.with_draws(Method::Reference, !self.truth_seed)
    }

    /// The values of keys as text.
    pub fn said(&self, keys: impl Iterator<Item = &'static str>) -> String {
        let one = |key: &str| Some(format!("{key}={}", self.values.get(key)?));
        keys.filter_map(one).collect::<Vec<_>>().join("&")
    }
}

/// The model with its clock, of the filter or of the truth.
fn flow(v: &Values, truth: bool) -> Result<Flow, Error> {
    let kind = need(model(v, truth))?;
    let times = kind.times();
    let number = |key: &str, other: f64| v.real(key).unwrap_or(other);
    Flow::new(
        kind,
        number("model-noise", 0.0),
        number("interval", times.interval),
        number("dt", times.dt),
    )
}

/// The law of the first state.
fn initial(v: &Values, kind: ModelKind) -> Result<Initial, Error> {
    let Some(rows) = v.matrix("initial") else {
        return kind.initial();
    };
    let weights = rows.get(2).cloned();
    let component = |j: usize| Component {
        weight: weights.as_ref().map_or(1.0, |w| w[j]),
        mean: vec![rows[0][j]],
        sd: rows[1][j],
    };
    Initial::mixture((0..rows[0].len()).map(component).collect())
}

/// The values have a model: they were read from a link.
fn need<T>(found: Option<T>) -> Result<T, Error> {
    found.ok_or_else(|| Error::no_filter("These values have no model.", "Open a link of this lab."))
}
