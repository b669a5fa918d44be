//! A film that goes through noise: all frames at once, or segment after segment, every sample by itself.

use super::law::mean_field;
use super::setup::Segment;
use super::shown::Shown;
use super::twin::Twin;
use super::way::{Way, moments};
use crate::error::{Error, rounded};
use crate::guide::{Asked, Composed, Evaluation};
use crate::level::Level;
use crate::sample::{Executor, HostState};
use std::rc::Rc;

/// No film of the flow is as far out, in units: a true one stays below 6.
const FAR: f64 = 100.0;

/// Samples on their way.
pub(super) struct Walk {
    twin: Rc<Twin>,
    /// The films as far as they are finished, `[n][frames][y][x]`; unknown frames are NaN.
    films: Vec<f64>,
    segment: usize,
    stage: usize,
    /// The sample that is next in this stage.
    sample: usize,
    /// Of the present segment: one for all samples, or, with given frames, one each.
    composed: Vec<Rc<Composed>>,
    states: Vec<HostState>,
    /// The last x̂ of each sample.
    hats: Vec<Vec<f64>>,
    evaluation: Option<Evaluation>,
    /// Whether the score of windows is answered elsewhere.
    elsewhere: bool,
    calls: u64,
}

impl Walk {
    /// Before the first draw.
    pub fn new(twin: Rc<Twin>) -> Self {
        Self {
            films: vec![f64::NAN; twin.n * twin.numbers()],
            segment: 0,
            stage: 0,
            sample: 0,
            composed: vec![],
            states: vec![],
            hats: vec![],
            evaluation: None,
            elsewhere: false,
            calls: 0,
            twin,
        }
    }

    fn sampling(&self) -> Result<&super::setup::Sampling, Error> {
        self.twin.sampling.as_ref().ok_or(Error::NotYet {
            what: "sampler of this method",
        })
    }

    fn now(&self) -> Option<Segment> {
        let segments = &self.twin.sampling.as_ref()?.segments;
        segments.get(self.segment).copied()
    }

    /// The numbers of these frames of a sample.
    fn place(&self, sample: usize, [from, to]: [usize; 2]) -> std::ops::Range<usize> {
        let (first, p) = (sample * self.twin.numbers(), self.twin.pixels());
        first + from * p..first + to * p
    }

    /// Begins the next sample of the present segment. Returns whether all have begun.
    fn begin(&mut self, segment: &Segment) -> Result<bool, Error> {
        let own = self.states.len();
        if own == self.twin.n {
            return Ok(true);
        }
        let sampling = self.sampling()?;
        let dim = (segment.end - segment.start) * self.twin.pixels();
        if self.composed.is_empty() || segment.new > segment.start {
            let given = &self.films[self.place(own, [segment.start, segment.new])];
            let past = self.twin.past.borrow();
            let made = self.twin.composed(sampling, segment, &past.y, given)?;
            drop(past);
            self.composed.push(Rc::new(made));
        }
        let place = (self.segment as u32, own as u64);
        let sampling = self.sampling()?;
        let mut state = HostState::undrawn(&sampling.plan, [1, dim], self.twin.seed, false, place);
        state.begin(1);
        self.states.push(state);
        // Without signal, x̂ is the mean.
        let mean = mean_field()?;
        self.hats.push(mean.repeat(segment.end - segment.start));
        Ok(false)
    }

    /// The guided prior of the present sample.
    fn prior(&self) -> Option<&Rc<Composed>> {
        self.composed.get(self.sample).or(self.composed.first())
    }

    /// The evaluation of the present sample, and where it is.
    fn evaluated(&self) -> Option<(&Evaluation, &Composed, &Level)> {
        let plan = &self.twin.sampling.as_ref()?.plan;
        let level = plan.stages.get(self.stage)?.level.as_ref()?;
        Some((self.evaluation.as_ref()?, self.prior()?, level))
    }

    /// Does a part of the present stage of the present sample. Returns the step that all samples have reached with it.
    fn part(&mut self, segment: &Segment, work: &mut i64) -> Result<Option<usize>, Error> {
        let twin = self.twin.clone();
        let plan = match &twin.sampling {
            Some(sampling) => &sampling.plan,
            None => return Ok(None),
        };
        let stage = &plan.stages[self.stage];
        let Some(own) = self.prior().cloned() else {
            return Ok(None);
        };
        let state = &mut self.states[self.sample];
        if let Some(level) = &stage.level {
            let evaluation = self.evaluation.get_or_insert_with(|| {
                let mut new = Evaluation::new(own.dim());
                new.ask_elsewhere(self.elsewhere);
                new
            });
            if !evaluation.advance(&own, level, state.newest(), work)? {
                return Ok(None);
            }
            self.hats[self.sample].copy_from_slice(evaluation.x_hat());
            self.calls += 1;
        }
        state.advance_with(plan, &self.hats[self.sample]);
        *work -= own.dim().div_ceil(2) as i64;
        self.evaluation = None;
        self.sample += 1;
        if self.sample < self.twin.n {
            return Ok(None);
        }
        (self.sample, self.stage) = (0, self.stage + 1);
        let reached = stage.lands.map(|level| self.segment * plan.steps() + level);
        if self.stage == plan.stages.len() {
            self.finish(segment)?;
        }
        Ok(reached)
    }

    /// Keeps the new frames of the segment.
    fn finish(&mut self, segment: &Segment) -> Result<(), Error> {
        let all = self.states.iter().flat_map(|state| state.x());
        let most = all.fold(0.0, |most: f64, x| most.max(x.abs()));
        if most > FAR {
            return Err(Error::Guidance {
                reason: format!(
                    "The run has blown up: its film reaches {} times the deviation of the vorticity.",
                    rounded(most)
                ),
                remedy: "Take more steps, or weaker guidance.".to_owned(),
            });
        }
        let from = (segment.new - segment.start) * self.twin.pixels();
        for sample in 0..self.twin.n {
            let to = self.place(sample, [segment.new, segment.end]);
            self.films[to].copy_from_slice(&self.states[sample].x()[from..]);
        }
        (self.segment, self.stage) = (self.segment + 1, 0);
        self.composed.clear();
        self.states.clear();
        self.hats.clear();
        Ok(())
    }

    /// A sample as it stands: finished frames, then `part` of the present segment.
    fn film(&self, sample: usize, part: impl Fn(usize) -> Vec<f64>) -> Vec<f64> {
        let mut out = self.films[self.place(sample, [0, self.twin.frames])].to_vec();
        if let Some(segment) = self.now().filter(|_| !self.states.is_empty()) {
            let from = (segment.new - segment.start) * self.twin.pixels();
            let to = segment.new * self.twin.pixels()..segment.end * self.twin.pixels();
            out[to].copy_from_slice(&part(sample)[from..]);
        }
        out
    }
}

impl Way for Walk {
    fn advance(&mut self, work: &mut i64) -> Result<Option<usize>, Error> {
        while let Some(segment) = self.now() {
            let reached = match self.begin(&segment)? {
                false => {
                    *work -= self.twin.numbers() as i64;
                    let all = self.states.len() == self.twin.n && self.segment == 0;
                    all.then_some(0)
                }
                true => self.part(&segment, work)?,
            };
            if reached.is_some() || *work <= 0 || self.waits() {
                return Ok(reached);
            }
        }
        Ok(None)
    }

    fn is_done(&self) -> bool {
        self.now().is_none()
    }

    fn shown(&self) -> Shown {
        let hat = |sample: usize| self.hats[sample].clone();
        let samples: Vec<Vec<f64>> = (0..self.twin.n).map(|s| self.film(s, hat)).collect();
        let scale = match (&self.twin.sampling, self.states.is_empty()) {
            (Some(own), false) => {
                let landed = own.plan.stages[..self.stage].iter().rev();
                let level = landed.filter_map(|s| s.lands).next().unwrap_or(0);
                let at = own.plan.levels[level];
                1.0 / (at.alpha * at.alpha + at.sigma * at.sigma).sqrt()
            }
            _ => 1.0,
        };
        let scaled = |s: usize| self.states[s].x().iter().map(|x| x * scale).collect();
        let noisy = self.film(0, scaled);
        let (mean, sd) = moments(&samples);
        Shown {
            noisy,
            sample: samples.into_iter().next().unwrap_or_default(),
            mean,
            sd,
        }
    }

    fn state(&self) -> Vec<f64> {
        let noisy = |sample: usize| self.states[sample].x().to_vec();
        (0..self.twin.n).flat_map(|s| self.film(s, noisy)).collect()
    }

    fn samples(&self) -> Vec<f64> {
        self.films.clone()
    }

    fn calls(&self) -> u64 {
        self.calls
    }

    fn ask_elsewhere(&mut self, asks: bool) {
        self.elsewhere = asks;
        if let Some(evaluation) = &mut self.evaluation {
            evaluation.ask_elsewhere(asks);
        }
    }

    fn answer_together(&mut self) {
        self.elsewhere = true;
    }

    fn waits(&self) -> bool {
        self.evaluation.as_ref().is_some_and(Evaluation::waits)
    }

    fn asked(&self) -> Option<Asked> {
        let (evaluation, own, level) = self.evaluated()?;
        evaluation.asked(own, level, self.states[self.sample].newest())
    }

    fn answer(&mut self, values: &[f64]) {
        let Some((_, _, level)) = self.evaluated() else {
            return;
        };
        let (level, own) = (*level, self.prior().cloned());
        if let (Some(evaluation), Some(own)) = (&mut self.evaluation, own) {
            evaluation.answer(&own, &level, values);
        }
    }
}

/// The price of a walk, in units, the part of it that the windows take, and its calls.
pub(super) fn price(twin: &Twin) -> Result<(usize, usize, u64), Error> {
    let Some(own) = &twin.sampling else {
        return Ok((0, 0, 0));
    };
    let y = vec![0.0; twin.rows() * twin.seen.len()];
    let (mut price, mut windows, mut calls) = (0, 0, 0);
    for segment in &own.segments {
        let given = vec![0.0; (segment.new - segment.start) * twin.pixels()];
        let made = twin.composed(own, segment, &y, &given)?;
        let asks = own.plan.nfe();
        let steps = own.plan.stages.len() * made.dim().div_ceil(2);
        price += twin.n * (asks * made.price() + steps + twin.numbers());
        windows += twin.n * asks * made.price_of_windows();
        calls += (twin.n * asks) as u64;
    }
    Ok((price, windows, calls))
}
