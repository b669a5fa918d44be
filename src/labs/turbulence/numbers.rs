//! The numbers of a frame of a run, and what is left of the equations in a film.

use super::baseline::is_known;
use super::clock;
use super::shown::Shown;
use super::twin::Twin;
use super::words::Task as Asked;
use crate::answer::Reals;
use crate::dynamics::kolmogorov::{Shells, UNIT};
use crate::labs::record::short;
use crate::labs::record::{Held, Metric, Metrics};
use crate::labs::task::{Stages, Task};
use crate::metrics::{correlation, correlation_time, rms, rmse, spectrum_error};
use serde::Serialize;
use std::rc::Rc;

/// Correlation below which a forecast has lost the truth.
const LOST: f64 = 0.8;

/// The numbers of what a frame shows.
#[derive(Debug, Clone)]
pub(super) struct Score {
    /// Error of the mean of all, and of a single sample.
    pub rmse: f64,
    pub single: f64,
    pub spread: f64,
    /// Of the mean with the truth, by frame of the film.
    pub correlations: Vec<f64>,
}

/// Correlations with the truth by frame; NaN where a frame is not known.
fn correlations(twin: &Twin, film: &[f64], truth: &[f64]) -> Vec<f64> {
    let frames = film.chunks(twin.pixels()).zip(truth.chunks(twin.pixels()));
    frames.map(|(x, truth)| correlation(x, truth)).collect()
}

/// The numbers of a film that are known, and their places.
fn known(film: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let all = film.iter().enumerate().filter(|(_, x)| !x.is_nan());
    all.map(|(k, x)| (*x, k)).unzip()
}

impl Score {
    /// Of films that are shown.
    pub fn of(twin: &Twin, shown: &Shown) -> Self {
        let past = twin.past.borrow();
        let [sample, mean, sd] = [&shown.sample, &shown.mean, &shown.sd].map(|film| known(film));
        let error = |(film, place): (Vec<f64>, Vec<usize>)| {
            let truth: Vec<f64> = place.iter().map(|k| past.truth[*k]).collect();
            rmse(&film, &truth)
        };
        Self {
            correlations: correlations(twin, &shown.mean, &past.truth),
            rmse: error(mean),
            single: error(sample),
            spread: rms(&sd.0),
        }
    }
}

/// What is left of the equations in a film, and its spectrum.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilmPhysics {
    /// Root mean square of the residual at the frames 1 … F − 2, in units per time.
    pub residual: Reals,
    /// Root mean square of the defect from each frame to the next, in units.
    pub defect: Reals,
    /// Enstrophy of the shells 1, 2, …, over the frames of the film, per time².
    pub spectrum: Reals,
}

impl FilmPhysics {
    /// The root mean squares over all frames.
    pub fn rms(&self) -> [f64; 2] {
        [rms(&self.residual), rms(&self.defect)]
    }
}

/// The enstrophies of the shells of a film.
fn spectrum(twin: &Twin, film: &[f64]) -> Reals {
    let solver = twin.physics.solver();
    let frames: Vec<&[f64]> = film
        .chunks(twin.pixels())
        .filter(|frame| !frame.iter().any(|x| x.is_nan()))
        .collect();
    let mut out = vec![0.0; twin.flow.pixels / 2 - 1];
    for frame in &frames {
        let omega: Vec<f64> = frame.iter().map(|x| x * UNIT).collect();
        for (sum, own) in out.iter_mut().zip(solver.spectrum(&omega)) {
            *sum += own / frames.len() as f64;
        }
    }
    out.into()
}

/// A film, and what is left of the equations in it as far as it is computed.
#[derive(Debug, Default)]
struct Looked {
    film: Vec<f64>,
    own: FilmPhysics,
}

/// Work of a part of the truth, in units.
pub(super) const PART: usize = 200_000;

/// Parts in which the truth is simulated.
pub(super) fn parts(twin: &Twin) -> usize {
    twin.price_ahead() / PART + 2
}

/// Adds the stages that look at a film in `S`.
fn looking<S: 'static>(
    stages: Stages<S>,
    twin: &Rc<Twin>,
    of: fn(&mut S) -> &mut Looked,
) -> Stages<S> {
    let p = twin.pixels();
    let defect = 60 * p * twin.physics.solver().parameters().steps();
    let (first, second, third) = (twin.clone(), twin.clone(), twin.clone());
    stages
        .then(1, 4 * twin.numbers(), move |own, _| {
            let own = of(own);
            own.own.spectrum = spectrum(&first, &own.film);
            Ok(())
        })
        .then(twin.frames - 2, 20 * p, move |own, i| {
            let own = of(own);
            let residual = second.physics.residual(&own.film[i * p..(i + 3) * p]);
            own.own.residual.0.push(rms(&residual));
            Ok(())
        })
        .then(twin.frames - 1, defect, move |own, i| {
            let own = of(own);
            let defects = third.physics.defects(&own.film[i * p..(i + 2) * p]);
            own.own.defect.0.push(rms(defects.values()));
            Ok(())
        })
}

/// Adds the stages that look at the truth, which is simulated first.
fn looking_at_truth<S: 'static>(
    stages: Stages<S>,
    twin: &Rc<Twin>,
    of: fn(&mut S) -> &mut Looked,
) -> Stages<S> {
    let (own, end) = (twin.clone(), twin.clone());
    let stages = stages
        .then(parts(twin), PART, move |_, _| {
            own.simulate(&mut { PART as i64 }).map(|_| ())
        })
        .then(1, PART, move |state, _| {
            while !end.simulate(&mut { PART as i64 })? {}
            of(state).film = end.past.borrow().truth.clone();
            Ok(())
        });
    looking(stages, twin, of)
}

/// What is left of the equations in what a run shows; nothing before all of its frames are known.
pub(super) fn physics(twin: &Rc<Twin>, shown: &Shown) -> Task {
    let film = film_of(shown);
    if film.is_empty() || film.iter().any(|x| x.is_nan()) {
        return Task::at_once(|| Ok(None::<FilmPhysics>));
    }
    let state = Looked {
        film,
        own: FilmPhysics::default(),
    };
    looking(Stages::on(state), twin, |own| own).answer(|own| Ok(Some(own.own)))
}

/// The film whose physics is looked at: a sample, because a mean is no flow; the mean where there is no sample.
fn film_of(shown: &Shown) -> Vec<f64> {
    match shown.sample.is_empty() {
        true => shown.mean.clone(),
        false => shown.sample.clone(),
    }
}

/// The truth's own physics, and what its spectrum is among.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TruthPhysics {
    /// Of the truth.
    #[serde(flatten)]
    pub own: FilmPhysics,
    /// Enstrophy of each shell on average over the stationary flow; empty where the flow is another one.
    pub mean: Reals,
    /// Its first decile over windows of five frames, and its last.
    pub low: Reals,
    /// See `low`.
    pub high: Reals,
}

/// The answer to the question `truth`.
pub(super) fn truth(twin: &Rc<Twin>) -> Task {
    let standard = twin.standard;
    let stages = looking_at_truth(Stages::on(Looked::default()), twin, |own| own);
    stages.answer(move |own| {
        let [mean, low, high] = match standard {
            true => {
                let Shells { mean, band } = Shells::committed();
                let [low, high] = band;
                [mean, low, high]
            }
            false => [const { vec![] }; 3],
        };
        Ok(TruthPhysics {
            own: own.own,
            mean: mean.into(),
            low: low.into(),
            high: high.into(),
        })
    })
}

/// What the numbers of a frame need.
#[derive(Default)]
struct Needed {
    run: Looked,
    truth: Looked,
}

/// The numbers of frame `frame` of a run at step `step`; `last` is what its last frame shows, where it is the last.
pub(super) fn metrics(
    twin: &Rc<Twin>,
    (frame, step): (usize, Option<usize>),
    score: Option<Score>,
    last: Option<Rc<Shown>>,
) -> Task {
    let (Some(score), Some(step)) = (score, step) else {
        return Task::at_once(|| Ok(None::<Metrics>));
    };
    let mut stages = Stages::on(Needed::default());
    if is_known(twin) {
        let (own, end) = (twin.clone(), twin.clone());
        let count = super::baseline::price(twin) / PART + 2;
        stages = stages
            .then(count, PART, move |_, _| {
                // What fails is told by the words of the reference.
                own.solve(&mut { PART as i64 }).ok();
                Ok(())
            })
            .then(1, PART, move |_, _| {
                while let Ok(false) = end.solve(&mut { PART as i64 }) {}
                Ok(())
            });
    }
    let film = last.as_ref().map_or(vec![], |shown| film_of(shown));
    let whole = !film.is_empty();
    if whole {
        stages = stages.then(1, twin.numbers(), move |own: &mut Needed, _| {
            own.run.film = film.clone();
            Ok(())
        });
        stages = looking(stages, twin, |own| &mut own.run);
        stages = looking_at_truth(stages, twin, |own| &mut own.truth);
    }
    let (twin, is_last) = (twin.clone(), last.is_some());
    stages.answer(move |own| {
        let mut rows = of_truth(&twin, &score);
        if whole {
            rows.extend(of_equations(&own.run.own, &own.truth.own));
            if twin.standard {
                rows.push(of_spectrum(&own.run.own, &own.truth.own));
            }
        }
        Ok(Some(Metrics {
            frame,
            t: clock::time(&twin, step),
            r#final: is_last,
            rows,
            nfe: clock::calls(&twin, step),
        }))
    })
}

/// A number with what it is held against; NaN where there is nothing.
fn row(
    (key, label): (&'static str, &'static str),
    value: f64,
    (reference, words): (f64, String),
    help: &'static str,
) -> Metric {
    Metric {
        key,
        label,
        value: Some(value).filter(|x| x.is_finite()),
        reference,
        held: Held::Exact,
        error: None,
        reference_label: words,
        help,
    }
}

/// Numbers that hold a film against the truth.
fn of_truth(twin: &Twin, score: &Score) -> Vec<Metric> {
    if twin.task == Asked::Prior {
        return vec![];
    }
    let past = twin.past.borrow();
    let baseline = twin.baseline.borrow();
    let gauss = |of: &dyn Fn(&[f64]) -> f64| match baseline.film() {
        [] => (
            f64::NAN,
            "The Gaussian posterior is not known here".to_owned(),
        ),
        film => {
            let value = of(film);
            (
                value,
                format!("Of the Gaussian posterior mean: {}", short(value)),
            )
        }
    };
    let mean = |own: &[f64]| {
        let (known, _) = known(own);
        known.iter().sum::<f64>() / known.len() as f64
    };
    let error = gauss(&|film| rmse(film, &past.truth));
    let alike = gauss(&|film| mean(&correlations(twin, film, &past.truth)));
    let mut rows = vec![row(("rmse", "RMSE"), score.rmse, error.clone(), RMSE)];
    if twin.n > 1 && twin.sampling.is_some() {
        let single = ("sample_rmse", "RMSE of a sample");
        rows.push(row(single, score.single, error, SAMPLE_RMSE));
    }
    let correlation = ("correlation", "correlation");
    rows.push(row(
        correlation,
        mean(&score.correlations),
        alike,
        CORRELATION,
    ));
    if twin.n > 1 {
        let words = format!("Its error: {}", short(score.rmse));
        rows.push(row(
            ("spread", "spread"),
            score.spread,
            (score.rmse, words),
            SPREAD,
        ));
    }
    if twin.task == Asked::Forecast {
        let from = twin.seen.len() - 1;
        let last = &past.y[from * twin.rows()..];
        let held: Vec<f64> = last.iter().copied().cycle().take(twin.numbers()).collect();
        let still = stays(twin, &correlations(twin, &held, &past.truth));
        let own = stays(twin, &score.correlations);
        let words = format!("Of the last known frame, held: {}", short(still));
        rows.push(row(("time", "high correlation"), own, (still, words), TIME));
    }
    rows
}

/// The time after the last known frame for which frames stay correlated with the truth; all of it, if they do.
fn stays(twin: &Twin, correlations: &[f64]) -> f64 {
    let from = twin.seen.len() - 1;
    if correlations.iter().any(|c| c.is_nan()) {
        return f64::NAN;
    }
    let all = (twin.frames - 1 - from) as f64 * twin.flow.interval;
    correlation_time(&correlations[from..], twin.flow.interval, LOST).unwrap_or(all)
}

/// Numbers that hold a film against the equations.
fn of_equations(own: &FilmPhysics, truth: &FilmPhysics) -> [Metric; 2] {
    let ([residual, defect], known) = (own.rms(), truth.rms());
    let words = |x: f64| format!("Of the truth: {}", short(x));
    [
        row(
            ("residual", "residual"),
            residual,
            (known[0], words(known[0])),
            RESIDUAL,
        ),
        row(
            ("defect", "defect"),
            defect,
            (known[1], words(known[1])),
            DEFECT,
        ),
    ]
}

/// How far a spectrum is from that of the flow.
fn of_spectrum(own: &FilmPhysics, truth: &FilmPhysics) -> Metric {
    let mean = Shells::committed().mean;
    let [value, known] = [own, truth].map(|film| spectrum_error(&film.spectrum, &mean));
    let words = format!("Of the truth: {}", short(known));
    row(("spectrum", "spectrum"), value, (known, words), SPECTRUM)
}

const SPECTRUM: &str = "Root mean square over the wave numbers of log₁₀ of the enstrophy over that of the flow on average: .3 is a factor of 2.";
const RMSE: &str = "√ of the mean square distance of the film (of several, of their mean) from the truth, in units of the deviation of the vorticity.";
const SAMPLE_RMSE: &str = "The same of a single sample: about √2 times that of a perfect mean.";
const CORRELATION: &str =
    "Pearson's correlation of a frame with the truth over its pixels, mean over the frames.";
const SPREAD: &str = "√ of the mean variance of the samples: as large as the RMSE of their mean if they know their own error.";
const TIME: &str = "Time after the last known frame until the correlation with the truth falls below .8; all of it, if it does not.";
const RESIDUAL: &str = "Root mean square of what the equation of the flow leaves of a sample, ∂ₜ by central differences. The truth has one too: a difference is no derivative.";
const DEFECT: &str = "Root mean square distance of each frame of a sample from what the solver makes of the frame before.";
