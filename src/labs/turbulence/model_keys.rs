//! The rows of the table that say what flows, what is observed of it, and how it is to be found.

use super::words::{Layout, Pixels, Task, Way};
use crate::labs::laws::{int, is_lab, real};
use crate::link::{Group, Key, Kind, Refusal, Value, Values, row};
use crate::process::film::MOST;
use crate::word::Words;

/// The lab's name.
pub(super) const NAME: &str = "turbulence";
pub(super) const LAB: &str = "lab=turbulence";

/// Most frames of a film.
pub(super) const FRAMES: u64 = 32;
/// Vortices that are placed by hand, at most.
const VORTICES: usize = 40;
/// Of a frame that is known whole, the posterior takes each so many-th pixel along both sides.
pub(super) const THIN: usize = 2;
/// Most numbers of a frame that the update of an ensemble takes.
pub(super) const UPDATED: usize = 150;

pub(super) fn word(variant: impl Words) -> Option<Value> {
    Some(Value::of(variant))
}

pub(super) fn is_own(v: &Values) -> bool {
    is_lab(v, NAME)
}

/// Pixels along a side; 32 where there are none yet.
pub(super) fn pixels(v: &Values) -> usize {
    v.choice("pixels").map_or(32, Pixels::count)
}

/// Number of frames; 3 where there is none yet.
pub(super) fn frames(v: &Values) -> usize {
    v.int("frames").map_or(3, |n| n as usize)
}

pub(super) fn task(v: &Values) -> Option<Task> {
    if is_own(v) { v.choice("task") } else { None }
}

fn layout(v: &Values) -> Option<Layout> {
    if is_own(v) { v.choice("layout") } else { None }
}

pub(super) fn way(v: &Values) -> Option<Way> {
    if is_own(v) { v.choice("method") } else { None }
}

/// The numbers of the flow that laws and networks were made of.
const STANDARD: [(&str, f64); 5] = [
    ("viscosity", 0.01),
    ("drag", 0.1),
    ("forcing", 1.0),
    ("wave", 4.0),
    ("interval", 0.2),
];

/// Why a flow of other numbers has no score.
pub(super) const OTHER_FLOW: &str = "the measured law and the networks know pixels=32, viscosity=0.01, drag=0.1, forcing=1, wave=4, interval=0.2 only; the equations are known for all: method=enkf or free.";

/// Whether the flow is the one that the measured law and the networks know.
pub(super) fn is_standard(v: &Values) -> bool {
    let number = |key: &str| v.real(key).or(v.int(key).map(|n| n as f64));
    let same = |(key, value): &(&str, f64)| number(key).is_none_or(|own| own == *value);
    pixels(v) == 32 && STANDARD.iter().all(same)
}

/// Frames that are seen, in part or whole.
pub(super) fn seen_frames(v: &Values) -> Vec<usize> {
    match task(v) {
        Some(Task::Assimilate) => {
            let every = v.int("every").unwrap_or(1).max(1) as usize;
            (0..frames(v)).step_by(every).collect()
        }
        Some(Task::Forecast) => (0..v.int("given").unwrap_or(1) as usize).collect(),
        Some(Task::Prior) | None => vec![],
    }
}

/// The groups of pixels of a seen frame whose means are observed: mostly of one pixel each. Random ones follow from y-seed.
pub(super) fn groups(v: &Values) -> Vec<Vec<usize>> {
    let n = pixels(v);
    let at = |x: usize, y: usize| y * n + x;
    let spacing = v.int("spacing").unwrap_or(1).max(1) as usize;
    let steps = || (0..n).step_by(spacing);
    match layout(v) {
        None => (0..n * n).map(|k| vec![k]).collect(),
        Some(Layout::Grid) => steps()
            .flat_map(|y| steps().map(move |x| vec![at(x, y)]))
            .collect(),
        Some(Layout::Line) => steps().map(|x| vec![at(x, n / 2)]).collect(),
        Some(Layout::Blocks) => {
            let blocks = n / spacing;
            let block = |b: usize| {
                let (x, y) = (b % blocks * spacing, b / blocks * spacing);
                let rows = (y..y + spacing).flat_map(|y| (x..x + spacing).map(move |x| at(x, y)));
                rows.collect()
            };
            (0..blocks * blocks).map(block).collect()
        }
        Some(Layout::Random) => {
            let count = v.int("count").unwrap_or(1) as usize;
            super::drawn::pixels(v.int("y-seed").unwrap_or(0), n * n, count)
                .into_iter()
                .map(|k| vec![k])
                .collect()
        }
        Some(Layout::Placed) => {
            let list = v.ints("mask").unwrap_or(&[]);
            list.iter().map(|&k| vec![k as usize]).collect()
        }
    }
}

/// Numbers of a seen frame.
fn rows(v: &Values) -> usize {
    let n = pixels(v);
    let spacing = v.int("spacing").unwrap_or(1).max(1) as usize;
    match layout(v) {
        None => n * n,
        Some(Layout::Grid) => n.div_ceil(spacing).pow(2),
        Some(Layout::Line) => n.div_ceil(spacing),
        Some(Layout::Blocks) => (n / spacing).pow(2),
        Some(Layout::Random) => v.int("count").unwrap_or(1) as usize,
        Some(Layout::Placed) => v.ints("mask").map_or(1, <[u64]>::len),
    }
}

/// Whether whole frames are seen, or nearly.
pub(super) fn sees_whole_frames(v: &Values) -> bool {
    2 * rows(v) > pixels(v).pow(2)
}

/// Whether pixels are seen.
fn is_seen(v: &Values) -> bool {
    task(v) == Some(Task::Assimilate)
}

const SEEN: &str = "task=assimilate";

pub(super) const PIXELS: Key = row(
    "pixels",
    "Pixels",
    "Pixels of the square; with 64 × 64 the equations alone are at work.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::choice::<Pixels>())
.default(|_| word(Pixels::Few));

pub(super) const VISCOSITY: Key = row(
    "viscosity",
    "Viscosity ν",
    "Of $∂_tω + u·∇ω = νΔω − αω + f$. The scores know .01 only.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::Real(0.001, 0.1))
.log()
.default(|_| real(0.01));

pub(super) const DRAG: Key = row(
    "drag",
    "Drag α",
    "Of $∂_tω + u·∇ω = νΔω − αω + f$. The scores know .1 only.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::Real(0.0, 1.0))
.default(|_| real(0.1));

pub(super) const FORCING: Key = row(
    "forcing",
    "Force",
    "Amplitude of the shear force along x, $f = −F k cos(ky)$ in the vorticity. The scores know 1 only.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::Real(0.0, 10.0))
.default(|_| real(1.0));

pub(super) const WAVE: Key = row(
    "wave",
    "Waves k of the force",
    "Wave number of the force. The scores know 4 only.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::Int(1, 8))
.default(|_| int(4));

pub(super) const FRAMES_KEY: Key = row("frames", "Frames", "Frames of the film.", Group::Main)
    .when(is_own, LAB)
    .kind(|_| Kind::Int(3, FRAMES))
    .default(|_| int(16));

pub(super) const INTERVAL: Key = row(
    "interval",
    "Time between frames",
    "Time from one frame to the next. The scores know .2 only.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::Real(0.05, 1.0))
.log()
.default(|_| real(0.2));

pub(super) const TRUTH_SEED: Key = row(
    "truth-seed",
    "Truth seed",
    "Which of 16 flows the truth is, and how it is shifted and reflected.",
    Group::Main,
)
.when(is_own, LAB)
.kind(|_| Kind::Seed)
.default(|_| int(0));

pub(super) const VORTICES_KEY: Key = row(
    "vortices",
    "Placed vortices",
    "Places of vortices in [−2, 2]² for the square, turning left and right by turns: the truth begins with them. Base64url of pairs of 16-bit numbers.",
    Group::More,
)
.when(is_own, LAB)
.kind(|_| Kind::Points(VORTICES));

pub(super) const TASK: Key = row("task", "Task", "What is asked.", Group::Main)
    .when(is_own, LAB)
    .kind(|_| Kind::choice::<Task>())
    .default(|_| word(Task::Assimilate));

fn is_forecast(v: &Values) -> bool {
    task(v) == Some(Task::Forecast)
}

pub(super) const GIVEN: Key = row(
    "given",
    "Known frames",
    "The first frames, which are known whole.",
    Group::Main,
)
.when(is_forecast, "task=forecast")
.kind(|v| Kind::Int(1, frames(v) as u64 - 1))
.default(|_| int(2));

pub(super) const GIVEN_NOISE: Key = row(
    "given-noise",
    "Their noise",
    "Standard deviation of the noise of the known frames; 1 is that of the vorticity.",
    Group::Main,
)
.when(is_forecast, "task=forecast")
.kind(|_| Kind::Real(0.01, 1.0))
.log()
.default(|_| real(0.05));

pub(super) const LAYOUT: Key = row(
    "layout",
    "Observations",
    "Which pixels of a frame are seen.",
    Group::Main,
)
.when(is_seen, SEEN)
.kind(|_| Kind::choice::<Layout>())
.default(|_| word(Layout::Grid));

pub(super) const SPACING: Key = row(
    "spacing",
    "Spacing m",
    "Each m-th pixel is seen; for blocks, their size.",
    Group::Main,
)
.when(
    |v| {
        matches!(
            layout(v),
            Some(Layout::Grid | Layout::Blocks | Layout::Line)
        )
    },
    "layout=grid, blocks or line",
)
.kind(|_| Kind::Int(1, 16))
.default(|_| int(4));

pub(super) const COUNT: Key = row(
    "count",
    "Pixels seen",
    "How many pixels of a frame are seen.",
    Group::Main,
)
.when(|v| layout(v) == Some(Layout::Random), "layout=random")
.kind(|v| Kind::Int(1, pixels(v).pow(2) as u64))
.log()
.default(|_| int(64));

pub(super) const MASK: Key = row(
    "mask",
    "Seen pixels",
    "Increasing indices from 0, row by row from below, separated by commas.",
    Group::More,
)
.when(|v| layout(v) == Some(Layout::Placed), "layout=placed")
.kind(|v| Kind::Increasing(0, pixels(v).pow(2) as u64))
.default(|v| Some(Value::Ints(vec![(pixels(v) * (pixels(v) + 1) / 2) as u64])));

pub(super) const EVERY: Key = row(
    "every",
    "Observe every",
    "Frames 0, m, 2m, … are seen.",
    Group::Main,
)
.when(is_seen, SEEN)
.kind(|v| Kind::Int(1, frames(v) as u64))
.default(|_| int(2));

pub(super) const NOISE_Y: Key = row(
    "noise-y",
    "Noise of observations",
    "Standard deviation of the noise of an observation; 1 is that of the vorticity.",
    Group::Main,
)
.when(is_seen, SEEN)
.kind(|_| Kind::Real(0.01, 2.0))
.log()
.default(|_| real(0.1));

pub(super) const Y_SEED: Key = row(
    "y-seed",
    "Seed of observations",
    "Seed of their noise, and of which pixels are seen at random.",
    Group::More,
)
.when(
    |v| is_seen(v) || is_forecast(v),
    "task=assimilate or forecast",
)
.kind(|_| Kind::Seed)
.default(|_| int(0));

/// Why a method does not fit, with one that does.
fn unfit(v: &Values, way: Way) -> Option<Refusal> {
    let asked = task(v);
    let taken = match asked {
        Some(Task::Forecast) => pixels(v).div_ceil(THIN).pow(2),
        Some(Task::Assimilate | Task::Prior) | None => rows(v),
    };
    let numbers = taken * seen_frames(v).len();
    let score = OTHER_FLOW;
    let unseen = "without observations films are drawn: method=aao, ar or free.";
    let (fits, why) = match way {
        Way::AllAtOnce | Way::Autoregressive => (is_standard(v), score),
        Way::Posterior if !is_standard(v) => (false, score),
        Way::Posterior if asked == Some(Task::Prior) => (false, unseen),
        Way::Posterior if layout(v) == Some(Layout::Blocks) => (
            false,
            "its linear solve takes pixels, not means of blocks: layout=grid.",
        ),
        Way::Posterior => (
            numbers <= MOST,
            "its linear solve takes at most 2000 observed numbers, of a known frame 16 × 16: choose a larger spacing or every, or fewer known frames.",
        ),
        Way::Interpolate if asked == Some(Task::Prior) => (false, unseen),
        Way::Interpolate => (
            is_forecast(v) || matches!(layout(v), Some(Layout::Grid | Layout::Blocks)),
            "interpolation is between the pixels of a lattice: layout=grid or blocks.",
        ),
        Way::Enkf if is_forecast(v) => (
            false,
            "a forecast has nothing to correct later: method=free starts its members from the known frames.",
        ),
        Way::Enkf if asked == Some(Task::Prior) => (false, unseen),
        Way::Enkf if layout(v) == Some(Layout::Blocks) => (
            false,
            "its update sees pixels, not means of blocks: layout=grid.",
        ),
        Way::Enkf => (
            rows(v) <= UPDATED,
            "its update takes at most 150 numbers of a frame: choose a larger spacing, or fewer pixels.",
        ),
        Way::Free => return None,
    };
    let instead = Some(usual(v).word());
    (!fits).then_some(Refusal { why, instead })
}

/// The method where a link does not say.
fn usual(v: &Values) -> Way {
    match is_standard(v) {
        true => Way::AllAtOnce,
        false => Way::Free,
    }
}

pub(super) const METHOD: Key = row("method", "Method", "How the film is found.", Group::Main)
    .when(is_own, LAB)
    .kind(|v| Kind::choice_if(|way| unfit(v, way).is_none()))
    .refuse(|v, value| unfit(v, Way::of_word(value)?))
    .default(|v| word(usual(v)))
    .unusual(|v| (!is_standard(v)).then_some(UNGUIDED));

/// What a flow without a score does instead, and what else it can do.
const UNGUIDED: &str = "no score knows this flow, so no sampler finds its film, and members move freely, without the observations. method=enkf uses these; the scores know pixels=32, viscosity=0.01, drag=0.1, forcing=1, wave=4, interval=0.2.";
