//! The methods to sample a chain: all at once, in segments from left to right, or by exact draws.

use super::observed::noises;
use super::observed::operator;
use super::score::Score;
use crate::denoise::Differentiable;
use crate::error::Error;
use crate::guide::Cause;
use crate::guide::Guidance;
use crate::guide::Guided;
use crate::observe::Band;
use crate::observe::Observation;
use crate::observe::Operator;
use crate::observe::OperatorKind;
use crate::process::Chain;
use std::rc::Rc;

/// A method to sample a chain.
#[derive(Clone)]
pub enum Method {
    /// The whole chain in one run.
    AllAtOnce,
    /// In segments, each given the last states of the previous one.
    Autoregressive(Rc<Series>),
    /// Drawn from the exact law.
    Exact,
}

impl Method {
    /// Number of times that the plan runs from start to end for a result.
    pub fn rounds(&self) -> usize {
        match self {
            Method::AllAtOnce => 1,
            Method::Autoregressive(series) => series.segments.len(),
            Method::Exact => 0,
        }
    }
}

/// The indices of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its first index.
    pub start: usize,
    /// The first new index; those before are its context.
    pub new: usize,
    /// The index after its last one.
    pub end: usize,
}

impl Segment {
    /// Number of states.
    pub fn length(&self) -> usize {
        self.end - self.start
    }

    /// The same without its context.
    fn alone(&self) -> Self {
        Self {
            new: self.start,
            ..*self
        }
    }
}

/// Segments from left to right, and the denoiser of each.
///
/// Each observation guides only the segment in which its index is new. The context of a segment is known exactly, so
/// an observation of a state in it would add no information, and without noise it would repeat a row. The same holds
/// for numbers of the context that its others determine: guidance=exact, whose V would be singular, leaves them out.
pub struct Series {
    chain: Chain,
    segments: Vec<Segment>,
    score: Score,
    guidance: Guidance,
    operator: OperatorKind,
    observed: Vec<usize>,
    y: Vec<f64>,
    /// The numbers of a context that guide a segment.
    kept: Vec<usize>,
}

/// The segments of a chain. The first has `context + horizon` states, each next one begins `horizon` later, and the
/// last is shorter.
fn split(length: usize, context: usize, horizon: usize) -> Vec<Segment> {
    let mut all = vec![Segment {
        start: 0,
        new: 0,
        end: length.min(context + horizon),
    }];
    while all[all.len() - 1].end < length {
        let start = all.len() * horizon;
        all.push(Segment {
            start,
            new: start + context,
            end: length.min(start + context + horizon),
        });
    }
    all
}

impl Series {
    /// The segments of a chain for a score, a rule and a kind of operator with its window, given the values `y` at
    /// the indices `observed`.
    ///
    /// # Errors
    /// If there is a context and no rule guides; if the rule needs noise, which the context does not have; if a
    /// blanket is wider than a segment; if a window begins before its segment.
    pub fn new(
        chain: &Chain,
        (score, guidance, operator): (Score, Guidance, OperatorKind),
        (observed, y): (&[usize], &[f64]),
        [context, horizon]: [usize; 2],
    ) -> Result<Self, Error> {
        if horizon == 0 || context + horizon > chain.length() {
            return Err(refused(
                format!(
                    "A context of {context} and a horizon of {horizon} do not fit a chain of {}.",
                    chain.length()
                ),
                "Choose a horizon of 1 or more, and less of both.".to_owned(),
            ));
        }
        if guidance == Guidance::None && context > 0 {
            return Err(refused(
                format!(
                    "guidance=none uses no context, and method=ar has one of {context}: its segments would not hang together."
                ),
                "Choose guidance=exact, or context=0.".to_owned(),
            ));
        }
        // Of a context with singular covariance, `exact` uses only the numbers that determine the rest.
        let kept = if guidance == Guidance::Exact {
            chain.independent(context)
        } else {
            (0..context * chain.states()).collect()
        };
        let own = Self {
            kept,
            segments: split(chain.length(), context, horizon),
            chain: chain.clone(),
            score,
            guidance,
            operator,
            observed: observed.to_vec(),
            y: y.to_vec(),
        };
        for segment in &own.segments {
            own.fits(segment)?;
        }
        Ok(own)
    }

    /// The same segments with a different score of the same windows.
    pub(super) fn with_score(&self, score: Score) -> Self {
        Self {
            chain: self.chain.clone(),
            segments: self.segments.clone(),
            score,
            observed: self.observed.clone(),
            y: self.y.clone(),
            kept: self.kept.clone(),
            ..*self
        }
    }

    /// The segments from left to right.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Number of states of the longest segment.
    pub fn longest(&self) -> usize {
        self.segments[0].length()
    }

    /// The score.
    #[cfg(feature = "tensor")]
    pub(super) fn score(&self) -> &Score {
        &self.score
    }

    /// The chain.
    pub(super) fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Checks that a segment can be evaluated.
    fn fits(&self, segment: &Segment) -> Result<(), Error> {
        let Segment { start, new, end } = *segment;
        let length = segment.length();
        if let Some(k) = self.score.half_window().filter(|k| 2 * k + 1 > length) {
            let most = (length - 1) / 2;
            let less = if most > 0 {
                format!("Choose k={most} or less, ")
            } else {
                "Choose score=full, ".to_owned()
            };
            return Err(refused(
                format!(
                    "k={k} makes windows of {} states, and the segment of the indices {start} to {} has {length}.",
                    2 * k + 1,
                    end - 1
                ),
                format!("{less}or a context and a horizon that make every segment long enough."),
            ));
        }
        let width = self.operator.width();
        let before = |i: &&usize| width > 1 && start > 0 && **i + 1 < start + width;
        if let Some(i) = self.seen(segment).find(before) {
            return Err(refused(
                format!(
                    "The window that ends at index {i} begins before its segment, whose first index is {start}."
                ),
                format!("Choose operator=linear, or context={} or more.", width - 1),
            ));
        }
        let count = (new - start) * self.chain.states();
        let prior = self.prior(segment)?;
        let fits = |of: &Segment, count| self.guided(of, &prior, &vec![0.0; count]).map(|_| ());
        fits(segment, count).map_err(|error| {
            // The context is the cause only if its segment fits without it.
            let by_context = || new > start && fits(&segment.alone(), 0).is_ok();
            if let Error::Guidance { reason, .. } = &error
                && by_context()
            {
                return refused(
                    format!("With a context, which is known without noise: {reason}"),
                    "Choose gamma above 0, guidance=exact, or context=0.".to_owned(),
                );
            }
            error
        })
    }

    /// The numbers of the context of a segment that guide it: all; for `exact` those that no others determine.
    pub(super) fn kept(&self, segment: &Segment) -> &[usize] {
        match segment.new > segment.start {
            true => &self.kept,
            false => &[],
        }
    }

    /// The observed indices that are new in a segment.
    fn seen(&self, segment: &Segment) -> impl Iterator<Item = &usize> {
        let new = segment.new..segment.end;
        self.observed.iter().filter(move |i| new.contains(*i))
    }

    /// The score of a segment.
    ///
    /// # Errors
    /// If the blanket does not fit.
    pub(super) fn prior(&self, segment: &Segment) -> Result<Rc<dyn Differentiable>, Error> {
        self.score.of(&self.chain.with_length(segment.length())?)
    }

    /// The denoiser of a segment under its observations and its contexts, `[particles × numbers of the context]`, for
    /// exactly these particles.
    ///
    /// # Errors
    /// If the rule does not fit, or the context contains a number that is not finite.
    pub(super) fn guided(
        &self,
        segment: &Segment,
        prior: &Rc<dyn Differentiable>,
        context: &[f64],
    ) -> Result<Guided, Error> {
        let chain = self.chain.with_length(segment.length())?;
        let known = (segment.new - segment.start) * chain.states();
        let at: Vec<usize> = self.seen(segment).map(|i| i - segment.start).collect();
        if at.is_empty() && known == 0 {
            // Nothing is observed: the prior, with an observation that no rule uses.
            let any = Operator::slice(chain.dim(), &[0])?;
            let any = Observation::new(any, &Band::isotropic(1, 1.0), vec![0.0])?;
            return Guided::new(prior.clone(), any, Guidance::None);
        }
        let rows = chain.operator().nrows();
        let earlier = self.observed.iter().filter(|i| **i < segment.new).count();
        let y = &self.y[earlier * rows..(earlier + at.len()) * rows];
        let mut operators = vec![];
        let mut noise = vec![];
        let kept = self.kept(segment);
        if !kept.is_empty() {
            operators.push(Operator::slice(chain.dim(), kept)?);
            noise.push(Band::isotropic(kept.len(), 0.0));
        }
        if !at.is_empty() {
            operators.push(operator(self.operator, &chain, &at)?);
            noise.push(noises(&chain, at.len())?);
        }
        let operator = Operator::stacked(&operators.iter().collect::<Vec<_>>())?;
        let noise = Band::stacked(&noise.iter().collect::<Vec<_>>());
        let observation = if known == 0 {
            Observation::new(operator, &noise, y.to_vec())?
        } else {
            let each = context.chunks_exact(known);
            let values = each
                .flat_map(|c| kept.iter().map(|k| &c[*k]).chain(y).copied())
                .collect();
            Observation::for_each(operator, &noise, values)?
        };
        let guided = Guided::new(prior.clone(), observation, self.guidance)?;
        Ok(guided.because(cause(&self.chain, &self.score, segment.new - segment.start)))
    }
}

/// Why the V of `exact` may be singular under a score, given a context of some states.
pub(super) fn cause(chain: &Chain, score: &Score, context: usize) -> Cause {
    let (mut why, mut remedies) = (vec![], vec![]);
    if let Some(k) = score.half_window() {
        why.push(format!(
            "A score of windows (k={k}) may imply a covariance that is not positive."
        ));
        remedies.push("score=full");
    }
    if context > 0 {
        let states = if context == 1 { "state" } else { "states" };
        why.push(format!(
            "The context of {context} {states} is known without noise."
        ));
        remedies.push(if context > 1 {
            "context=1"
        } else {
            "context=0"
        });
    }
    if chain.observation_noise().iter().all(|r| *r == 0.0) {
        why.push("With d=0 the observations have no noise.".to_owned());
        remedies.push("d above 0");
    }
    if why.is_empty() {
        why.push("The noise R is too small beside the deviation of the states.".to_owned());
        remedies.push("a larger R");
    }
    if score.half_window().is_some() {
        // Without noise, a score of windows may fail for any context.
        remedies.truncate(1);
    }
    Cause {
        why: why.join(" "),
        remedy: format!("Choose {}, or guidance=pigdm.", remedies.join(", ")),
    }
}

fn refused(reason: String, remedy: String) -> Error {
    Error::Guidance { reason, remedy }
}
