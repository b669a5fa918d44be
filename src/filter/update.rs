//! What an ensemble method is: forecast members and an observation become analysis members, in pieces.

use super::ensemble::Ensemble;
use super::ensemble::Estimate;
use super::observation::Observation;
use crate::dynamics::Model;
use crate::error::Error;
use crate::rng::Noise;
use std::fmt::Debug;
use std::ops::Range;

/// Why an update failed: what happened and what would help, as sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub reason: String,
    /// What the user can do.
    pub remedy: String,
}

impl Fault {
    /// A fault.
    pub fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// The error of a filter that failed at `cycle`.
    pub fn at(self, cycle: u32) -> Error {
        Error::Filter {
            cycle: Some(cycle),
            reason: self.reason,
            remedy: self.remedy,
        }
    }
}

/// "Choose a, b or c." of those that apply.
pub(super) fn choose(all: &[(bool, &str)]) -> String {
    let own: Vec<&str> = all.iter().filter(|one| one.0).map(|one| one.1).collect();
    match own.split_last() {
        None => String::new(),
        Some((only, [])) => format!("Choose {only}."),
        Some((last, others)) => format!("Choose {} or {last}.", others.join(", ")),
    }
}

/// One update, as an [`Analysis`] sees it.
#[derive(Debug)]
pub struct Update<'a> {
    /// The members: the forecast at the start, the analysis at the end.
    pub ensemble: &'a mut Ensemble,
    /// The members that are moved here. All of them, unless the update is shared out: see [`Division`].
    pub own: Range<usize>,
    /// The observation.
    pub observation: &'a Observation,
    /// The model, for the distance of coordinates.
    pub model: &'a dyn Model,
    /// The draws of the analysis.
    pub noise: Noise,
    /// The cycle, from 1.
    pub cycle: u32,
    /// What is recorded for the picture of one update; `None` in a run that nobody looks at.
    pub trace: Option<&'a mut Trace>,
}

impl Update<'_> {
    /// Numbers of members, of coordinates, and of observed values.
    pub fn sizes(&self) -> (usize, usize, usize) {
        let rows = self.observation.rows();
        (self.ensemble.len(), self.ensemble.dim(), rows)
    }

    /// Whether some members are moved elsewhere.
    pub fn is_divided(&self) -> bool {
        self.own.len() < self.ensemble.len()
    }
}

/// One update in slow motion. What a method does not have is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trace {
    /// Number of members whose paths are recorded: the first ones.
    pub watched: usize,
    /// The forecast members `[n × dim]`.
    pub forecast: Vec<f64>,
    /// Their weights `[n]` from the cycles before; empty if they are equal.
    pub carried: Vec<f64>,
    /// The paths of the watched members from forecast to analysis, `[frames × watched × dim]`.
    pub paths: Vec<f64>,
    /// The gain K `[dim × rows]`: the analysis moves by K·(y − h).
    pub gain: Vec<f64>,
    /// The weights `[n]` before resampling.
    pub weights: Vec<f64>,
    /// The forecast member that each analysis member comes from, `[n]`.
    pub ancestors: Vec<u32>,
    /// Methods that move members by a score record frame 0, the forecast; frames 1 … S, the places before each step; and
    /// the analysis. Here is the noise level of each step, `[S]`: the width of the kernels, or the time t of a diffusion.
    pub levels: Vec<f64>,
    /// The score that acts in each step, in models of one coordinate.
    pub field: Option<Field>,
}

/// A score on the line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Field {
    /// The first place.
    pub first: f64,
    /// The distance of two places.
    pub spacing: f64,
    /// Number of places.
    pub count: usize,
    /// The score at the places in each step, `[S × count]`.
    pub score: Vec<f64>,
}

/// Number of places of a [`Field`].
const PLACES: usize = 81;

impl Trace {
    /// Adds the present place of the watched members to their paths.
    pub fn record(&mut self, ensemble: &Ensemble) {
        let count = (self.watched * ensemble.dim()).min(ensemble.x.len());
        self.paths.extend_from_slice(&ensemble.x[..count]);
    }

    /// Opens the field around the members, if they have one coordinate: from their least to their largest and a third of
    /// this range on both sides.
    pub fn open_field(&mut self, ensemble: &Ensemble) {
        if ensemble.dim() > 1 {
            return;
        }
        let low = ensemble.x.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ensemble.x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = high - low;
        self.field = Some(Field {
            first: low - range / 3.0,
            spacing: range * (5.0 / 3.0) / (PLACES - 1) as f64,
            count: PLACES,
            score: vec![],
        });
    }

    /// The places of the field; none if it is not open.
    pub fn places(&self) -> Vec<f64> {
        let place = |f: &Field| {
            let at = |i: usize| f.first + i as f64 * f.spacing;
            (0..f.count).map(at).collect()
        };
        self.field.as_ref().map_or_else(Vec::new, place)
    }

    /// Adds a frame with the noise level and the score of the step that follows.
    pub fn step(&mut self, ensemble: &Ensemble, level: f64, score: &[f64]) {
        self.record(ensemble);
        self.levels.push(level);
        if let Some(field) = &mut self.field {
            field.score.extend_from_slice(score);
        }
    }
}

/// An update of an ensemble by an observation, in pieces.
///
/// Held by `tests/filter/pieces.rs`: `an_update_in_pieces_gives_the_bits_of_the_whole`.
pub trait Analysis: Debug + Send {
    /// Sets up the update of `update.ensemble`.
    ///
    /// # Errors
    /// If the update cannot be done.
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault>;

    /// Goes on for about `work` units (of about 25 ns), at least one part. Returns whether the update is done.
    ///
    /// # Errors
    /// If the update fails.
    fn advance(&mut self, update: &mut Update, work: f64) -> Result<bool, Fault>;

    /// What helps against members that overflow, of what this method has, as a sentence. `places` tells whether the
    /// coordinates of the model are places, so that a localisation is possible.
    fn remedy(&self, places: bool) -> String;

    /// The price of an update with `rows` values, in units.
    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64;

    /// What of an update can be shared out; `linear` tells whether the operator is.
    fn division(&self, _n: usize, _dim: usize, _rows: usize, _linear: bool) -> Division {
        Division::default()
    }

    /// Whether the update is at an exchange: it goes on once the members that are moved elsewhere are in the ensemble.
    fn is_at_exchange(&self) -> bool {
        false
    }

    /// Mean and variances after the update, if they are not those of the members.
    fn estimate(&self) -> Option<Estimate> {
        None
    }
}

/// What of an update can be shared out. Given the forecast, the members move alone up to an exchange: there each needs the
/// members of all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Division {
    /// The price of moving all members, in units; 0 where they do not move alone.
    pub alone: f64,
    /// Number of exchanges in an update.
    pub exchanges: usize,
}

/// A position in a list of parts, each with a known price.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Parts {
    done: usize,
}

impl Parts {
    /// The next of `count` items, as many as `work` pays for at `price` each and at least one; what is spent is taken off
    /// `work`. `None` when all are done; then it begins again.
    pub fn next(&mut self, count: usize, price: f64, work: &mut f64) -> Option<Range<usize>> {
        if self.done >= count {
            self.done = 0;
            return None;
        }
        let pays = (work.max(0.0) / price.max(1e-3)) as usize;
        let to = count.min(self.done.saturating_add(pays.max(1)));
        let range = self.done..to;
        *work -= range.len() as f64 * price;
        self.done = to;
        Some(range)
    }

    /// As [`Parts::next`], of the items `all`.
    pub fn next_of(
        &mut self,
        all: &Range<usize>,
        price: f64,
        work: &mut f64,
    ) -> Option<Range<usize>> {
        let next = self.next(all.len(), price, work)?;
        Some(all.start + next.start..all.start + next.end)
    }
}
