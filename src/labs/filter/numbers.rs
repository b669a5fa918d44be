//! The numbers of a frame: means over the analysed cycles after burn-in, up to the frame.

use super::twin::Twin;
use crate::labs::record::short;
use crate::labs::record::{Held, Metric, Metrics};

/// The scores of one cycle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Score {
    /// Whether it is an analysed cycle after burn-in.
    pub counts: bool,
    pub rmse: f64,
    pub spread: f64,
    pub crps: f64,
    /// W₁ to the exact law, and what a perfect sample has; NaN without one.
    pub w1: f64,
    pub perfect: f64,
    /// The effective number of members; NaN where they have no weights.
    pub ess: f64,
    /// How many members differ from each other in their first coordinate; 0 where there are none.
    pub different: usize,
}

/// The numbers of a frame; none before it is recorded.
pub(super) fn metrics(twin: &Twin, scores: &[Score], frame: usize) -> Option<Metrics> {
    if frame >= scores.len() {
        return None;
    }
    let own: Vec<(usize, &Score)> = scores
        .iter()
        .enumerate()
        .take(frame + 1)
        .filter(|(_, score)| score.counts)
        .collect();
    let mean = |of: &dyn Fn(usize, &Score) -> f64| {
        let sum: f64 = own.iter().map(|(k, score)| of(*k, score)).sum();
        sum / own.len() as f64
    };
    let course = twin.course.borrow();
    let exact = |of: fn(&super::course::FilterExact) -> &crate::answer::Reals| {
        let all = of(&course.told);
        mean(&|k, _| all.get(k).copied().unwrap_or(f64::NAN))
    };
    let row = |key, label, value: f64, reference: f64, words: String, help| Metric {
        key,
        label,
        value: Some(value).filter(|x| x.is_finite()),
        reference,
        held: match key {
            "w1" => Held::Perfect,
            _ => Held::Exact,
        },
        error: None,
        reference_label: words,
        help,
    };
    let missing = twin.without_exact();
    let missing = missing.unwrap_or_else(|| match own.is_empty() {
        true => "There is no observed cycle after burn-in up to here".to_owned(),
        false => "No exact filter is known here".to_owned(),
    });
    let beside = |x: f64| match x.is_finite() {
        true => format!("Of the exact filter: {}", short(x)),
        false => missing.clone(),
    };
    let known = [exact(|e| &e.rmse), exact(|e| &e.spread), exact(|e| &e.crps)];
    let mut rows = vec![
        row(
            "rmse",
            "RMSE",
            mean(&|_, s| s.rmse),
            known[0],
            beside(known[0]),
            RMSE,
        ),
        row(
            "spread",
            "spread",
            mean(&|_, s| s.spread),
            known[1],
            beside(known[1]),
            SPREAD,
        ),
        row(
            "crps",
            "CRPS",
            mean(&|_, s| s.crps),
            known[2],
            beside(known[2]),
            CRPS,
        ),
    ];
    if twin.has_w1() {
        let perfect = mean(&|_, s| s.perfect);
        let words = match twin.n {
            _ if !perfect.is_finite() => missing.clone(),
            0 => "Of the exact filter: 0".to_owned(),
            n => format!(
                "Expected of {n} draws from the exact law: {}",
                short(perfect)
            ),
        };
        let reference = if twin.n > 0 { perfect } else { 0.0 };
        rows.push(row("w1", "W₁", mean(&|_, s| s.w1), reference, words, W1));
    }
    if twin.weighs() {
        let n = twin.n as f64;
        let different = scores[frame].different;
        rows.push(row(
            "ess",
            "ESS",
            mean(&|_, s| s.ess),
            n,
            format!(
                "Of {n} members, of which {different} {} different after the update of the shown cycle",
                if different == 1 { "is" } else { "are" }
            ),
            ESS,
        ));
    }
    Some(Metrics {
        frame,
        t: None,
        r#final: frame == twin.cycles,
        rows,
        nfe: None,
    })
}

const RMSE: &str = "Distance of the filter's mean from the truth, √ of the mean square over the coordinates; mean over the analysed cycles after burn-in, up to the shown one.";
const SPREAD: &str = "√ of the mean variance of the filter, mean over the same cycles: as large as the RMSE if the filter knows its own error.";
const CRPS: &str = "Continuous ranked probability score: E|X − truth| − ½E|X − X′|, mean over coordinates and the same cycles. Smaller is better.";
const W1: &str =
    "Distance ∫|F − G| between the members and the exact law, mean over the same cycles.";
const ESS: &str = "Effective number of members 1/Σw² before resampling, mean over the same cycles.";
