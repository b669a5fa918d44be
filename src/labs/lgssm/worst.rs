//! The search for the largest error of a score over σ/α, ratio by ratio.

use super::ChainLab;
use super::Score;
use super::score::Curve;
use crate::net::CLAMP;

/// The largest errors so far: of the score of the lab, and of the best score that it could have.
pub(super) struct WorstError {
    own: Option<Curve>,
    best: Option<Curve>,
    most: Option<(f64, f64)>,
    least: Option<f64>,
}

impl WorstError {
    /// Starts without knowledge of the score of `lab`.
    pub fn of(lab: &ChainLab) -> Self {
        let curve = |score: &Score| {
            let mut curve = score.curve(&lab.chain).ok()??;
            if let Score::Net(..) = lab.score {
                curve.ratios.retain(|s| (CLAMP.0..=CLAMP.1).contains(s));
            }
            Some(curve)
        };
        let own = curve(&lab.score);
        Self {
            best: match &lab.score {
                Score::Net(k, _) if own.is_some() => curve(&Score::Blanket(*k)),
                Score::Full | Score::Blanket(_) | Score::Net(..) => None,
            },
            least: match &lab.score {
                Score::Net(..) => None,
                Score::Full | Score::Blanket(_) => Some(0.0),
            },
            own,
            most: None,
        }
    }

    /// Number of ratios to try.
    pub fn parts(&self) -> usize {
        self.own.as_ref().map_or(0, |own| own.ratios.len())
    }

    /// The work of a ratio in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn price(&self) -> usize {
        let both = [&self.own, &self.best].into_iter().flatten();
        both.map(Curve::price).sum()
    }

    /// Tries a ratio. A curve that fails has no largest error.
    pub fn try_ratio(&mut self, i: usize) {
        let error = |curve: &Option<Curve>| {
            let curve = curve.as_ref()?;
            let ratio = *curve.ratios.get(i)?;
            Some((ratio, curve.at(ratio).ok()?))
        };
        // Of equal errors the last one counts.
        let larger = |(_, most): (f64, f64), new: f64| new.total_cmp(&most).is_ge();
        if let Some(new) = error(&self.own)
            && self.most.is_none_or(|most| larger(most, new.1))
        {
            self.most = Some(new);
        }
        if let Some((_, new)) = error(&self.best)
            && self.least.is_none_or(|most| new.total_cmp(&most).is_ge())
        {
            self.least = Some(new);
        }
    }

    /// The result, when all ratios were tried.
    pub fn found(&self) -> Option<((f64, f64), f64)> {
        self.most.zip(self.least)
    }
}

impl ChainLab {
    /// The largest relative error of the score, as (σ/α, error): of a blanket over [10⁻³, 10³], of a network where
    /// it was trained; none of the full one. And that of the score which it could be at best.
    pub fn score_error(&self) -> Option<((f64, f64), f64)> {
        let search = || {
            let mut search = WorstError::of(self);
            (0..search.parts()).for_each(|i| search.try_ratio(i));
            search.found()
        };
        *self.score_error.get_or_init(search)
    }
}
