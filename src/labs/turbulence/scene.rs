//! What is known before a run: the truth, and what is seen of it.

use super::clock;
use super::law::mean_field;
use super::numbers::{PART, parts};
use super::shown::Camera;
use super::twin::Twin;
use super::words::Way;
use crate::answer::{Floats, Indices, Named, Reals};
use crate::error::Error;
use crate::labs::record::Camera as _;
use crate::labs::task::{Stages, Task};
use crate::labs::timeline::{Clock, Timeline};
use serde::Serialize;
use std::rc::Rc;

/// The truth, what is seen of it, and how a run is recorded. A run records films `[film_frames][y][x]` in units, NaN where
/// nothing is known yet: `noisy`, the first sample over √(α² + σ²); `sample`, its x̂, at the end itself; `mean` and `sd` of all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct TurbulenceScene {
    /// The lab.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "\"turbulence\""))]
    pub lab: &'static str,
    /// The frames of a run.
    #[serde(flatten)]
    pub timeline: Timeline,
    /// Denoiser calls a sample, where it asks one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nfe: Option<usize>,
    /// Time, α and σ of each frame of a run whose frames go through noise together.
    #[serde(flatten)]
    pub way: Option<Noisy>,
    /// What an index of the clock is called.
    pub index_name: &'static str,
    /// Samples, or members.
    pub n: usize,
    /// Pixels along a side.
    pub pixels: usize,
    /// Frames of the film.
    pub film_frames: usize,
    /// Time between two of them.
    pub interval: f64,
    /// The truth, `[film_frames][y][x]`, in units.
    pub truth: Floats,
    /// Velocity of the truth `[film_frames][u, v][y][x]`, in lengths of the side a time.
    pub velocity: Floats,
    /// The mean of all frames, `[y][x]`; empty where the flow is another than the one that was measured.
    pub climate: Floats,
    /// The frames that are seen, and the first pixel of what is seen in them.
    pub seen: Indices,
    /// See `seen`.
    pub places: Indices,
    /// Pixels along a side of what is seen as one.
    pub block: usize,
    /// What is seen, `[seen × places]`.
    pub y: Reals,
    /// Frames that are known whole: the first ones.
    pub given: usize,
    /// For a sampler, the frames at which its segments end.
    pub segments: Indices,
    /// The deviation of the vorticity: a unit, per time.
    pub unit: f64,
}

/// The levels of noise of the frames of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Noisy {
    /// Time of each frame: 1 is noise, 0 is data.
    pub t: Reals,
    /// α of each frame.
    pub alpha: Reals,
    /// σ of each frame.
    pub sigma: Reals,
}

/// The scene, once the truth is simulated.
pub(super) fn scene(twin: &Rc<Twin>) -> Task {
    let (own, end) = (twin.clone(), twin.clone());
    Stages::on(())
        .then(parts(twin), PART, move |(), _| {
            own.simulate(&mut { PART as i64 }).map(|_| ())
        })
        .answer(move |()| {
            while !end.simulate(&mut { PART as i64 })? {}
            known(&end)
        })
}

fn known(twin: &Twin) -> Result<TurbulenceScene, Error> {
    let past = twin.past.borrow();
    let shown = clock::shown(twin);
    let at: Vec<_> = shown
        .iter()
        .filter_map(|step| clock::place(twin, *step))
        .collect();
    let through = twin.way == Way::AllAtOnce;
    let of = |number: fn(&crate::level::Level) -> f64| -> Reals {
        at.iter().map(|(_, level)| number(level)).collect()
    };
    let solver = twin.physics.solver();
    let side = std::f64::consts::TAU;
    let mut velocity = vec![];
    for frame in past.truth.chunks_exact(twin.pixels()) {
        let (u, v) = solver.velocity(frame);
        let scaled = |x: f64| (x * crate::dynamics::kolmogorov::UNIT / side) as f32;
        velocity.extend(u.into_iter().chain(v).map(scaled));
    }
    let climate = match twin.standard {
        true => mean_field()?,
        false => vec![],
    };
    let block = twin.groups.first().map_or(1, Vec::len);
    Ok(TurbulenceScene {
        lab: "turbulence",
        timeline: Timeline {
            clock: match through {
                true => Clock::Noise,
                false => Clock::Index,
            },
            steps: clock::steps(twin),
            frames: shown.len(),
            level_index: shown.iter().map(|&i| i as u32).collect(),
            record: Named(Camera::new(twin).record()),
            warnings: vec![],
        },
        nfe: twin
            .sampling
            .as_ref()
            .map(|own| own.segments.len() * own.plan.nfe()),
        way: through.then(|| Noisy {
            t: of(|level| level.t),
            alpha: of(|level| level.alpha),
            sigma: of(|level| level.sigma),
        }),
        index_name: match twin.way {
            Way::Enkf | Way::Free => "frame",
            Way::AllAtOnce | Way::Autoregressive | Way::Posterior | Way::Interpolate => "step",
        },
        n: twin.n,
        pixels: twin.flow.pixels,
        film_frames: twin.frames,
        interval: twin.flow.interval,
        truth: past.truth.iter().map(|x| *x as f32).collect(),
        velocity: velocity.into(),
        climate: climate.into_iter().map(|x| x as f32).collect(),
        seen: twin.seen.iter().map(|k| *k as u32).collect(),
        places: twin
            .groups
            .iter()
            .filter_map(|g| g.first())
            .map(|k| *k as u32)
            .collect(),
        block: libm::round((block as f64).sqrt()) as usize,
        y: past.y.clone().into(),
        given: match twin.task {
            super::words::Task::Forecast => twin.seen.len(),
            super::words::Task::Assimilate | super::words::Task::Prior => 0,
        },
        segments: twin
            .sampling
            .iter()
            .flat_map(|own| &own.segments)
            .map(|segment| segment.end as u32)
            .collect(),
        unit: crate::dynamics::kolmogorov::UNIT,
    })
}
