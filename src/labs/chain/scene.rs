//! What is exact and known before a run of chains.

use super::camera::Camera;
use super::reference::DENSE;
use super::{ChainLab, ReferenceKind};
use crate::error::Error;
use crate::labs::Camera as _;
use crate::level::Level;
use crate::process::lgssm::{Blanket, moments};

/// The exact picture of one side. Frame 0 is noise, the last frame the end of the grid.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Level of each frame.
    pub levels: Vec<Level>,
    /// Index of each frame's level in the grid.
    pub level_index: Vec<u32>,
    /// Names of the arrays that a run records, and the numbers of each in a frame.
    pub record: Vec<(&'static str, usize)>,
    /// Chains in every frame.
    pub shown: usize,
    /// [`ChainLab::scale`] of each frame.
    pub scale: Vec<f64>,
    /// Place of each observation on the axis of the one coordinate that it sees (not a number where there is
    /// none), that coordinate, and the noise's deviation there; empty where an observation sees more.
    pub marks: Vec<f64>,
    /// See `marks`.
    pub seen: usize,
    /// See `marks`.
    pub noise: f64,
    /// Evaluations of the score a chain.
    pub score_calls: usize,
    /// Numbers of the state while a run goes on: the chains and what stages keep of them.
    pub state_floats: usize,
}

/// The exact picture of `lab`.
pub fn scene(lab: &ChainLab) -> Scene {
    let levels = lab.setup.frames();
    let camera = Camera::new(lab);
    let (marks, seen, noise) = marks(lab);
    Scene {
        level_index: lab.setup.shown_levels().iter().map(|&i| i as u32).collect(),
        record: camera.record(),
        shown: camera.shown(),
        scale: levels.iter().map(|l| lab.scale(l)).collect(),
        levels,
        marks,
        seen,
        noise,
        score_calls: lab.score_calls(),
        state_floats: lab.state_floats(),
    }
}

/// Half the height of a picture of `lab` that holds everything.
pub fn reach(lab: &ChainLab) -> f64 {
    let (marks, _, noise) = marks(lab);
    let sd = lab.variance().sqrt();
    let highest = |x: &[f64]| {
        x.iter()
            .filter(|x| x.is_finite())
            .fold(0.0f64, |m, x| m.max(x.abs()))
    };
    let exact = lab.reference.mean.iter().zip(&lab.reference.sd);
    let bands: Vec<f64> = exact.map(|(m, s)| m.abs() + 2.5 * s).collect();
    (2.8 * sd)
        .max(1.1 * highest(&lab.truth))
        .max(1.05 * highest(&bands))
        .max(1.05 * (highest(&marks) + 2.0 * noise.min(2.0 * sd)).min(6.0 * sd))
}

fn marks(lab: &ChainLab) -> (Vec<f64>, usize, f64) {
    let o = lab.chain.operator();
    let seen: Vec<usize> = (0..o.ncols()).filter(|&j| o[(0, j)] != 0.0).collect();
    let ([seen], 1, 1) = (&seen[..], o.nrows(), lab.operator.1) else {
        return (vec![], 0, 0.0);
    };
    let c = o[(0, *seen)];
    let place = |y: &f64| match lab.operator.0 {
        // y = u/(1 + |u|), |y| < 1.
        "saturating" if y.abs() < 1.0 => y / (1.0 - y.abs()) / c,
        "saturating" => f64::NAN,
        _ => y / c,
    };
    let y = lab.guided.observation().y();
    let noise = lab.chain.observation_noise()[(0, 0)].max(0.0).sqrt() / c.abs();
    (y.iter().map(place).collect(), *seen, noise)
}

/// The covariance of the reference, by rows; empty where it is not formed. And its size.
pub fn covariance(lab: &ChainLab) -> (usize, Vec<f32>) {
    match lab.reference.covariance() {
        Some(c) if lab.reference.kind != ReferenceKind::None => {
            (c.nrows(), c.transpose().iter().map(|x| *x as f32).collect())
        }
        _ => (0, vec![]),
    }
}

/// The covariance (1/n) of samples `[n × L·p]`, by rows; none where it is too large to be formed.
pub fn sample_covariance(lab: &ChainLab, x: &[f64]) -> Option<Vec<f32>> {
    let dim = lab.chain.dim();
    (dim <= DENSE).then(|| moments(x, dim).1.iter().map(|x| *x as f32).collect())
}

/// The relative error of the score of one blanket.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreErrors {
    /// Half-window.
    pub k: usize,
    /// (σ/α, error), from small to large.
    pub curve: Vec<(f64, f64)>,
}

/// The relative error of blankets' scores over σ/α: the half-windows 1, 2, 4 and the link's own, as far as they
/// fit.
///
/// # Errors
/// If the chain has fewer than three states.
pub fn score_errors(lab: &ChainLab) -> Result<Vec<ScoreErrors>, Error> {
    let most = (lab.chain.length() - 1) / 2;
    let mut all = vec![1, 2, 4];
    all.extend(lab.k.map(|k| k as usize));
    all.sort_unstable();
    all.dedup();
    all.retain(|k| *k <= most);
    if all.is_empty() {
        Blanket::new(&lab.chain, 1)?;
    }
    let curve = |k: usize| {
        let curve = Blanket::new(&lab.chain, k)?.score_errors();
        Ok(ScoreErrors { k, curve })
    };
    all.into_iter().map(curve).collect()
}
