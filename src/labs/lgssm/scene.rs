//! The exact part of a picture of chains, known before a run.

use super::answers::{ChainCovariance, ChainScoreErrors, ScoreCurve};
use super::camera::Camera;
use super::reference::Covariance;
use super::reference::{DENSE, Reference};
use super::score::Curve;
use super::start::TRIES;
use super::{ChainLab, ReferenceKind, Score};
use crate::answer::{Indices, Reals, Signed};
use crate::error::Error;
use crate::labs::task::{Stages, Task};
use crate::labs::timeline::{Levels, Timeline};
use crate::observe::OperatorKind;
use crate::process::Matrix;
use crate::word::Words;
use serde::Serialize;
use std::rc::Rc;

/// The exact picture of one side: chains x₀ … x_{L−1} of p numbers each, interleaved by index: [index × p]. A run records
/// `chains` [shown × L·p] (the first ones), `mean` and `sd` [L·p] and `bands` [4 × L·p] (the quantiles 2.5, 25, 75 and
/// 97.5 % over all chains), all of x_t/scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ChainScene {
    /// The lab.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"lgssm\""))]
    pub lab: &'static str,
    /// The frames.
    #[serde(flatten)]
    pub timeline: Timeline,
    /// Their levels.
    #[serde(flatten)]
    pub levels: Levels,
    /// L.
    pub length: usize,
    /// p.
    pub states: usize,
    /// Number of rows of one observation.
    pub rows: usize,
    /// Number of chains.
    pub n: usize,
    /// Number of chains in every frame.
    pub shown: usize,
    /// [`ChainLab::scales`].
    pub scale: Reals,
    /// T, [p × p] by rows.
    pub transition: Reals,
    /// O, [rows × p] by rows.
    pub observation: Reals,
    /// The simulated chain, [L × p].
    pub truth: Reals,
    /// Indices that are observed.
    pub observed: Indices,
    /// The observed values, [observed × rows].
    pub y: Reals,
    /// Kind of the operator.
    #[cfg_attr(
        target_arch = "wasm32",
        tsify(type = "\"linear\" | \"window\" | \"saturating\"")
    )]
    pub operator: &'static str,
    /// States in its window.
    pub width: usize,
    /// Positions of the observed numbers in the picture.
    #[serde(flatten)]
    pub marks: Marks,
    /// The law with which the samples are compared.
    pub reference: ReferenceKind,
    /// Its mean, [L × p]; empty for "none".
    pub mean: Reals,
    /// Its standard deviations.
    pub sd: Reals,
    /// Half the height of a picture that contains everything, for all frames and both sides.
    pub reach: f64,
    /// Half the height to which a picture grows for an observation.
    pub most: f64,
    /// Whether covariances of the whole chain are formed.
    pub formed: bool,
    /// Evaluations of the score per chain.
    pub score_calls: usize,
    /// Numbers in the largest state that a run holds at once.
    pub state_floats: usize,
}

/// Positions of observed numbers. A number that sees one coordinate of one state has a position on its axis, y/c (for
/// the saturating operator its inverse).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Marks {
    /// Positions, `[observed × rows]`; NaN if there is none.
    #[serde(rename = "marks")]
    pub places: Reals,
    /// The coordinate that each row of an observation sees, if it is just one; otherwise −1.
    pub seen: Signed,
    /// Standard deviation of the noise on that axis, per row; 0 if there is none.
    pub noise: Reals,
}

/// The exact picture of `lab`, with half the height `reach`.
pub fn scene(lab: &ChainLab, reach: f64) -> ChainScene {
    let camera = Camera::new(lab);
    let model = &lab.chain;
    let by_rows = |m: &Matrix<f64>| m.transpose().iter().copied().collect();
    ChainScene {
        lab: "lgssm",
        timeline: Timeline::of(lab, &camera),
        levels: Levels::of(lab),
        length: model.length(),
        states: model.states(),
        rows: model.operator().nrows(),
        n: lab.setup.n,
        shown: camera.shown(),
        scale: lab.scales().into(),
        transition: by_rows(model.transition()),
        observation: by_rows(model.operator()),
        truth: lab.truth.clone().into(),
        observed: lab.observed.iter().map(|&i| i as u32).collect(),
        y: lab.guided.observation().y().to_vec().into(),
        operator: lab.operator.word(),
        width: lab.operator.width(),
        marks: marks(lab),
        reference: lab.reference.kind,
        mean: lab.reference.mean().to_vec().into(),
        sd: lab.reference.sd().to_vec().into(),
        reach,
        most: GROWS * lab.variance().sqrt(),
        formed: lab.chain.dim() <= DENSE,
        score_calls: lab.score_calls(),
        state_floats: lab.state_floats(),
    }
}

/// As [`scene`], in pieces, with what the picture of both sides has to contain.
pub(super) fn scene_task(lab: &Rc<ChainLab>, reach: &Rc<Reach>) -> Task {
    let mut stages = Stages::on(());
    for law in reach.laws() {
        let (law, (parts, price)) = (law.clone(), law.parts());
        stages = stages.then(parts, price, move |(), _| {
            law.prepare();
            Ok(())
        });
    }
    let (own, price) = (lab.clone(), lab.try_price());
    let stages = stages.then(TRIES, price, move |(), _| {
        own.look_at_start();
        Ok(())
    });
    let (lab, reach) = (lab.clone(), reach.clone());
    stages.answer(move |()| Ok(scene(&lab, reach.height())))
}
/// Stationary deviations to which a picture grows for an observation.
const GROWS: f64 = 6.3;

/// Half the height of a picture of `lab` that contains everything.
pub fn reach(lab: &ChainLab) -> f64 {
    Reach::of(&[lab]).height()
}

/// What a picture of both sides has to contain: half the height without the exact laws, and these.
pub struct Reach {
    base: f64,
    laws: Vec<Rc<Reference>>,
}

impl Reach {
    pub(super) fn of(sides: &[&ChainLab]) -> Self {
        let bases = sides.iter().map(|lab| base(lab));
        Self {
            base: bases.fold(0.0, f64::max),
            laws: sides.iter().map(|lab| lab.reference.clone()).collect(),
        }
    }

    /// The laws, which have to be known.
    pub(super) fn laws(&self) -> &[Rc<Reference>] {
        &self.laws
    }

    /// Half the height that contains all.
    pub(super) fn height(&self) -> f64 {
        let exact = self.laws.iter().map(|law| {
            let both = law.mean().iter().zip(law.sd());
            1.05 * highest(&mut both.map(|(m, s)| m.abs() + 2.5 * s))
        });
        exact.fold(self.base, f64::max)
    }
}

/// The largest finite number in absolute value.
fn highest(x: &mut dyn Iterator<Item = f64>) -> f64 {
    let finite = x.filter(|x| x.is_finite());
    finite.fold(0.0f64, |most, x| most.max(x.abs()))
}

/// Half the height that contains the truth and the marks.
fn base(lab: &ChainLab) -> f64 {
    let sd = lab.variance().sqrt();
    let marks = marks(lab);
    let noise = marks.noise.iter().cycle();
    let whiskers = marks.places.iter().zip(noise);
    (2.8 * sd)
        .max(1.1 * highest(&mut lab.truth.iter().copied()))
        .max(
            (1.05 * highest(&mut whiskers.map(|(x, s)| x.abs() + 2.0 * s.min(2.0 * sd))))
                .min(GROWS * sd),
        )
}

fn marks(lab: &ChainLab) -> Marks {
    let o = lab.chain.operator();
    let y = lab.guided.observation().y();
    let seen: Vec<Option<usize>> = o
        .row_iter()
        .map(|row| {
            let mut all = (0..row.len()).filter(|&j| row[j] != 0.0);
            all.next()
                .filter(|_| all.next().is_none() && lab.operator.width() == 1)
        })
        .collect();
    let gain = |r: usize| seen[r].map_or(f64::NAN, |j| o[(r, j)]);
    let place = |(i, y): (usize, &f64)| match lab.operator {
        // y = u/(1 + |u|), |y| < 1.
        OperatorKind::Saturating if y.abs() < 1.0 => y / (1.0 - y.abs()) / gain(i % seen.len()),
        OperatorKind::Saturating => f64::NAN,
        OperatorKind::Linear | OperatorKind::Window(_) => y / gain(i % seen.len()),
    };
    let deviation = |r: usize| lab.chain.observation_noise()[(r, r)].max(0.0).sqrt();
    Marks {
        places: y.iter().enumerate().map(place).collect(),
        noise: (0..seen.len())
            .map(|r| seen[r].map_or(0.0, |_| deviation(r) / gain(r).abs()))
            .collect(),
        seen: seen.iter().map(|j| j.map_or(-1, |j| j as i32)).collect(),
    }
}

/// The covariance of the reference by rows (empty if it is not computed), and its size.
pub fn covariance(lab: &ChainLab) -> (usize, Vec<f32>) {
    by_rows(lab.reference.covariance())
}

fn by_rows(covariance: Option<Matrix<f64>>) -> (usize, Vec<f32>) {
    match covariance {
        Some(c) => (c.nrows(), c.transpose().iter().map(|x| *x as f32).collect()),
        None => (0, vec![]),
    }
}

/// As [`covariance`], in pieces.
pub(super) fn covariance_task(lab: &ChainLab) -> Task {
    let reference = lab.reference.clone();
    let (prepared, preparation) = reference.parts();
    let own = match prepared {
        0 => reference.computing_covariance(),
        _ => Covariance::Known(None),
    };
    let (parts, price) = own.parts();
    let prepare = move |own: &mut Covariance, _| {
        if reference.prepare() {
            *own = reference.computing_covariance();
        }
        Ok(())
    };
    let part = |own: &mut Covariance, _| {
        own.part();
        Ok(())
    };
    let stages = Stages::on(own)
        .then(prepared, preparation, prepare)
        .then(parts, price, part);
    stages.answer(|own| {
        let (size, exact) = by_rows(own.covariance());
        Ok(ChainCovariance {
            size,
            exact: exact.into(),
            sample: None,
        })
    })
}

/// The relative error of a score from windows.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreErrors {
    /// Half-window.
    pub k: usize,
    /// Whether the scores of the windows come from a network.
    pub learned: bool,
    /// (σ/α, error), from small to large.
    pub curve: Vec<(f64, f64)>,
}

/// The relative errors of the scores of blankets over σ/α, for the half-windows 1, 2, 4 and that of the link, as far
/// as they fit; and of the network of the link.
///
/// # Errors
/// If the chain has fewer than three states.
pub fn score_errors(lab: &ChainLab) -> Result<Vec<ScoreErrors>, Error> {
    let mut curves = Curves::of(lab)?;
    for i in 0..curves.parts() {
        curves.point(i)?;
    }
    Ok(curves.done)
}

/// As [`score_errors`], in pieces.
///
/// # Errors
/// As there.
pub(super) fn score_errors_task(lab: &ChainLab) -> Result<Task, Error> {
    let curves = Curves::of(lab)?;
    let parts = curves.curves.iter().map(|c| (c.ratios.len(), c.price()));
    let parts: Vec<_> = parts.collect();
    let mut stages = Stages::on(curves);
    for (count, price) in parts {
        stages = stages.then(count, price, Curves::point);
    }
    Ok(stages.answer(|curves| {
        let curves = curves.done.iter().map(ScoreCurve::from).collect();
        Ok(ChainScoreErrors { curves })
    }))
}

/// Curves that are partly computed.
struct Curves {
    curves: Vec<Curve>,
    done: Vec<ScoreErrors>,
}

impl Curves {
    fn of(lab: &ChainLab) -> Result<Self, Error> {
        let most = (lab.chain.length() - 1) / 2;
        let mut all = vec![1, 2, 4];
        all.extend(lab.score.half_window());
        all.sort_unstable();
        all.dedup();
        all.retain(|k| *k <= most);
        if all.is_empty() {
            all.push(1);
        }
        let mut scores: Vec<Score> = all.into_iter().map(Score::Blanket).collect();
        if matches!(lab.score, Score::Net(..)) {
            scores.push(lab.score.clone());
        }
        let mut own = Self {
            curves: vec![],
            done: vec![],
        };
        for score in scores {
            if let (Some(curve), Some(k)) = (score.curve(&lab.chain)?, score.half_window()) {
                own.curves.push(curve);
                own.done.push(ScoreErrors {
                    k,
                    learned: matches!(score, Score::Net(..)),
                    curve: vec![],
                });
            }
        }
        Ok(own)
    }

    fn parts(&self) -> usize {
        self.curves.iter().map(|c| c.ratios.len()).sum()
    }

    /// The next point of the first curve that is incomplete.
    fn point(&mut self, _: usize) -> Result<(), Error> {
        for (curve, done) in self.curves.iter().zip(&mut self.done) {
            if let Some(&ratio) = curve.ratios.get(done.curve.len()) {
                done.curve.push((ratio, curve.at(ratio)?));
                return Ok(());
            }
        }
        Ok(())
    }
}

impl From<&ScoreErrors> for ScoreCurve {
    fn from(own: &ScoreErrors) -> Self {
        let (ratio, error): (Vec<f64>, Vec<f64>) = own.curve.iter().copied().unzip();
        Self {
            k: own.k,
            learned: own.learned,
            most: error.iter().fold(0.0f64, |m, e| m.max(*e)),
            ratio: ratio.into(),
            error: error.into(),
        }
    }
}
