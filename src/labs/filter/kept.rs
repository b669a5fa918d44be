//! Updates that are kept whole, so that one can be looked at in slow motion.

use super::setup::Setup;
use crate::answer::{Floats, Indices, Reals};
use crate::filter::{Field, Filter};
use serde::Serialize;

/// Members whose paths are kept.
pub(super) const WATCHED: usize = 24;
/// Numbers of all updates that are kept, at most.
const NUMBERS: usize = 3_000_000;
/// Places of a path, about.
const PLACES: usize = 60;
/// Steps whose score is kept.
const FIELDS: usize = 8;

/// One update. What a method does not have is empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilterUpdate {
    /// Its cycle.
    pub cycle: usize,
    /// One update in so many is kept.
    pub stride: usize,
    /// The members of the forecast, `[n × states]`.
    pub forecast: Floats,
    /// The members after it.
    pub analysis: Floats,
    /// The weights of the forecast from the cycles before, `[n]`; empty where they are equal.
    pub carried: Floats,
    /// The weights of the forecast with the observation, `[n]`.
    pub weights: Floats,
    /// Whether the members after the update keep these weights: they were not drawn again.
    pub keeps: bool,
    /// The member of the forecast that each member comes from, `[n]`.
    pub ancestors: Indices,
    /// The paths of the first members, `[places × watched × states]`.
    pub paths: Floats,
    /// Members with a path.
    pub watched: usize,
    /// The score that acts in some steps, in models of one number, `[steps × places]`, at equally spaced places.
    pub field: Floats,
    /// The first place and the distance of two; empty where there is no field.
    pub field_axis: Reals,
    /// The place of a path at which the score of each of these steps acts, `[steps]`.
    pub field_steps: Indices,
    /// The gain, `[states × observed coordinates]`.
    pub gain: Floats,
}

/// The updates that are kept.
#[derive(Debug, Clone)]
pub(super) struct Keep {
    stride: usize,
    all: Vec<FilterUpdate>,
}

impl Keep {
    pub fn new(setup: &Setup) -> Self {
        let one = 2 * setup.n * (setup.dim() + 1) + WATCHED * setup.dim() * PLACES;
        Self {
            stride: (one * setup.cycles).div_ceil(NUMBERS).max(1),
            all: vec![],
        }
    }

    /// Members that are watched in the update of a cycle; 0 where it is not kept.
    pub fn watched(&self, cycle: usize) -> usize {
        match cycle.is_multiple_of(self.stride) {
            true => WATCHED,
            false => 0,
        }
    }

    /// Keeps the update that the filter has just done.
    pub fn note(&mut self, cycle: usize, filter: &dyn Filter) {
        let (Some(trace), Some(members)) = (filter.trace(), filter.ensemble()) else {
            return;
        };
        if self.watched(cycle) == 0 {
            return;
        }
        let floats = |x: &[f64]| x.iter().map(|x| *x as f32).collect();
        self.all.push(FilterUpdate {
            cycle,
            stride: self.stride,
            forecast: floats(&trace.forecast),
            analysis: floats(&members.x),
            carried: floats(&trace.carried),
            weights: floats(&trace.weights),
            keeps: members.weights.is_some(),
            ancestors: trace.ancestors.iter().copied().collect(),
            paths: floats(&trace.paths),
            watched: trace.watched,
            gain: floats(&trace.gain),
            ..trace
                .field
                .as_ref()
                .map_or_else(FilterUpdate::default, fields)
        });
    }

    /// The last update up to a cycle that is kept, or the first.
    pub fn update(&self, cycle: usize) -> Option<FilterUpdate> {
        let before = self.all.iter().rev().find(|own| own.cycle <= cycle);
        before.or(self.all.first()).cloned()
    }
}

/// Some steps of a score on the line, from the first to the last.
fn fields(field: &Field) -> FilterUpdate {
    let steps = field.score.len() / field.count.max(1);
    let kept = steps.min(FIELDS);
    let step = |i: usize| i * (steps - 1) / (kept - 1).max(1);
    let row = |s: usize| &field.score[s * field.count..(s + 1) * field.count];
    let rows = (0..kept).flat_map(|i| row(step(i)));
    FilterUpdate {
        field: rows.map(|x| *x as f32).collect(),
        field_axis: match kept {
            0 => Reals::default(),
            _ => vec![field.first, field.spacing].into(),
        },
        // Before the first step stands the forecast.
        field_steps: (0..kept).map(|i| step(i) as u32 + 1).collect(),
        ..FilterUpdate::default()
    }
}
