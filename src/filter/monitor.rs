//! Whether a filter still follows the truth: what can be seen without knowing the truth.

use super::ensemble::Ensemble;
use super::method::Method;
use super::observation::Observation;
use super::walk::Filter;
use crate::dynamics::ModelKind;

/// What is wrong with a filter that still gives finite numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The cycle at which it was noticed.
    pub cycle: u32,
    /// What happened, as a sentence.
    pub reason: String,
    /// What usually helps, as a sentence.
    pub remedy: &'static str,
}

/// Looks at each cycle of a filter with observations.
///
/// Lost: in half of the last 20 cycles, and in 5 at least, the mean of (y − h̄)²/(R + Var h) over the values is above 4; of a
/// calibrated filter it is 1 on average. Collapsed: in as many cycles one particle has more than half of the
/// weight (1/Σw² < 2), or at once if it has all of the weight, or if all members are equal.
///
/// Held by `tests/filter/monitor.rs`: `a_lost_filter_is_noticed_and_a_good_one_is_not`,
/// `a_collapse_is_noticed`.
#[derive(Debug, Clone)]
pub struct Monitor {
    method: Method,
    kind: ModelKind,
    /// Of the last cycles, the last in the lowest bit: whether the innovation was too large, and the weights too uneven.
    far: u32,
    uneven: u32,
    seen: u32,
    notice: Option<Notice>,
}

const WINDOW: u32 = 20;
const LEAST: u32 = 5;
/// Mean squared scaled innovations above this are too large.
const FAR: f64 = 4.0;
/// One particle has all of the weight, up to rounding.
const ALONE: f64 = 1.0 + 1e-9;
/// Effective numbers of members below this are too small.
const FEW: f64 = 2.0;

/// Whether several members are copies of one.
fn are_equal(ensemble: &Ensemble) -> bool {
    let first = ensemble.member(0);
    ensemble.len() > 1 && (1..ensemble.len()).all(|j| ensemble.member(j) == first)
}

impl Monitor {
    /// Before the first cycle of a method on a model.
    pub fn new(method: Method, kind: ModelKind) -> Self {
        Self {
            method,
            kind,
            far: 0,
            uneven: 0,
            seen: 0,
            notice: None,
        }
    }

    /// The first thing that went wrong.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// Looks at the forecast of a cycle, before the analysis of `observation`.
    pub fn forecast(&mut self, filter: &dyn Filter, observation: &Observation) {
        let sensor = observation.sensor();
        let p = sensor.rows();
        let (mut mean, mut square) = (vec![0.0; p], vec![0.0; p]);
        match filter.ensemble() {
            Some(ensemble) => {
                let n = ensemble.len() as f64;
                let mut z = vec![0.0; p];
                for j in 0..ensemble.len() {
                    let w = ensemble.weights.as_ref().map_or(1.0 / n, |w| w[j]);
                    sensor.predict(ensemble.member(j), &mut z);
                    for k in 0..p {
                        mean[k] += w * z[k];
                        square[k] += w * z[k] * z[k];
                    }
                }
                (0..p).for_each(|k| square[k] = (square[k] - mean[k] * mean[k]).max(0.0));
            }
            None => {
                let estimate = filter.estimate();
                sensor.predict(&estimate.mean, &mut mean);
                for (k, &i) in sensor.indices().iter().enumerate() {
                    let slope = sensor.operator().slope(estimate.mean[i]);
                    square[k] = slope * slope * estimate.variance[i];
                }
            }
        }
        let r = observation.variance();
        let term = |k: usize| {
            let gap = observation.values()[k] - mean[k];
            gap * gap / (r + square[k])
        };
        let size = (0..p).map(term).sum::<f64>() / p as f64;
        self.far = self.far << 1 | u32::from(size > FAR);
    }

    /// Looks at the analysis of `cycle`.
    pub fn analysis(&mut self, filter: &dyn Filter, cycle: u32) {
        let estimate = filter.estimate();
        let few = estimate.ess.is_some_and(|ess| ess < FEW);
        self.uneven = self.uneven << 1 | u32::from(few);
        self.seen = (self.seen + 1).min(WINDOW);
        if self.notice.is_some() {
            return;
        }
        let often = |bits: u32| {
            let count = (bits & ((1 << WINDOW) - 1)).count_ones();
            count >= LEAST && 2 * count >= self.seen
        };
        let single = estimate.ess.is_some_and(|ess| ess < ALONE);
        // After resampling one particle with all of the weight leaves copies, too.
        let equal = !single && filter.ensemble().is_some_and(are_equal);
        let reason = if single {
            "The weights collapsed: one particle has all of the weight."
        } else if equal {
            "The ensemble collapsed: all members are equal, so no observation can move them."
        } else if often(self.uneven) {
            "The weights collapsed: in most cycles one particle has more than half of the weight."
        } else if often(self.far) {
            "The filter has lost the truth: most observations are farther from its forecast than forecast and noise explain."
        } else {
            return;
        };
        self.notice = Some(Notice {
            cycle,
            reason: reason.to_owned(),
            remedy: self.remedy(equal),
        });
    }

    fn remedy(&self, equal: bool) -> &'static str {
        let still = matches!(self.kind, ModelKind::Static { .. });
        let places = matches!(self.kind, ModelKind::Lorenz96 { .. });
        match self.method {
            Method::Reference => {
                "Choose noisier observations: the reference has its own number of particles."
            }
            Method::Pf if equal && still => "Choose a jitter above 0, or more members.",
            Method::Pf if equal => "Choose a jitter above 0, more members, or model-noise above 0.",
            Method::Pf => {
                "Choose more members, more jitter, or noisier observations; in many coordinates no number of particles is enough."
            }
            Method::Ssls => "Choose start=weighted, more members, or more inflation.",
            Method::Ensf => {
                "Choose more members or inflation, or another method: with pairing=own it moves only what is observed."
            }
            Method::Enkf | Method::Letkf if places => {
                "Choose more inflation, more members, or a smaller locality."
            }
            Method::Etkf if places => {
                "Choose more inflation or more members, or letkf with a locality."
            }
            Method::Enkf | Method::Letkf | Method::Etkf => "Choose more inflation or more members.",
            Method::Ekf if still => "Choose noisier observations, or a method with members.",
            Method::Ekf => "Choose a shorter interval, or a method with members.",
            Method::Var3d => "Choose a larger background.",
            Method::Climatology | Method::Free => "This method does not use the observations.",
            Method::Exact => {
                "The model of the filter is not that of the truth: compare the keys truth.… with those of the model."
            }
        }
    }
}
