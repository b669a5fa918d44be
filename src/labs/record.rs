//! What is recorded of a run, and the numbers of its frames.

use crate::answer::{Floats, Named};
use crate::sample::{Brief, Wanted};
use serde::Serialize;

/// What looks at the particles, frame by frame.
pub trait Camera {
    /// Names of the arrays that it fills, and the numbers of each in a frame.
    fn record(&self) -> Vec<(&'static str, usize)>;

    /// Adds a part of a frame to the arrays; after the last part each is longer by its numbers.
    fn look(&mut self, part: usize, x: &[f64], arrays: &mut [Vec<f32>]);

    /// Parts of a frame.
    fn parts(&self) -> usize {
        1
    }

    /// What it needs of a frame in place of all particles, where these are very many; none where it needs them.
    fn wanted(&self) -> Option<Wanted> {
        None
    }

    /// As [`Camera::look`] for a whole frame, of which it has what it [wants](Camera::wanted).
    fn look_briefly(&mut self, _: &Brief, _: &mut [Vec<f32>]) {}

    /// The work of a part of the frame of these particles in units ([`crate::denoise::Denoiser::price`]), about.
    fn price(&self, x: &[f64]) -> usize;
}

/// New frames.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Frames {
    /// First frame.
    pub from: usize,
    /// Frame after the last.
    pub to: usize,
    /// The arrays of [`Camera::record`], `[(to − from) × numbers]` each.
    pub arrays: Named<Floats>,
}

impl Frames {
    /// The array of a name; empty where there is none.
    pub fn array(&self, name: &str) -> &[f32] {
        let found = self.arrays.0.iter().find(|a| a.0 == name);
        found.map_or(&[], |a| &a.1)
    }
}

/// What a number is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// The exact value: that of infinitely many samples of a perfect run.
    Exact,
    /// What as many independent exact draws have on average.
    Perfect,
    /// What one set of as many exact draws has.
    Draws,
}

/// One number, with what it would be for an independent sample of the same size.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Metric {
    /// Its name in the command line's answer.
    pub key: &'static str,
    /// Name.
    pub label: &'static str,
    /// The value; none where the frame was not kept.
    pub value: Option<f64>,
    /// What to hold it against.
    pub reference: f64,
    /// What that is.
    pub held: Held,
    /// One standard error of an independent sample, for mean and variance.
    pub error: Option<f64>,
    /// Words for the reference.
    pub reference_label: String,
    /// One line.
    pub help: &'static str,
}

/// The numbers at one frame.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Metrics {
    /// The frame.
    pub frame: usize,
    /// Its time; none where the run is not one through noise.
    pub t: Option<f64>,
    /// Whether it is the end, which is held against the law of the data.
    pub r#final: bool,
    /// The numbers.
    pub rows: Vec<Metric>,
    /// Denoiser calls a particle so far; none where no denoiser is asked.
    pub nfe: Option<usize>,
}

/// The frames of a run as they come, whatever engine moves the particles.
#[derive(Debug, Clone)]
pub struct Recorder<C> {
    shown: Vec<usize>,
    camera: C,
    /// Frames recorded, and how many of them were taken.
    done: usize,
    taken: usize,
    /// The next part of a frame that is being recorded.
    looking: Option<usize>,
    arrays: Vec<Vec<f32>>,
}

impl<C: Camera> Recorder<C> {
    pub(super) fn new(shown: Vec<usize>, camera: C) -> Self {
        Self {
            arrays: vec![vec![]; camera.record().len()],
            shown,
            camera,
            done: 0,
            taken: 0,
            looking: None,
        }
    }

    /// Whether the state at this grid level is the next frame.
    pub fn wants(&self, level: usize) -> bool {
        self.shown.get(self.done) == Some(&level)
    }

    /// Begins to record the next frame.
    pub(super) fn start(&mut self) {
        self.looking = Some(0);
    }

    /// Whether a frame is being recorded.
    pub(super) fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// Records the next part of a frame. Returns its work in units.
    pub(super) fn look(&mut self, x: &[f64]) -> usize {
        if let Some(part) = self.looking {
            self.camera.look(part, x, &mut self.arrays);
            self.looking = Some(part + 1).filter(|part| *part < self.camera.parts());
            self.done += usize::from(self.looking.is_none());
        }
        self.camera.price(x)
    }

    /// Records the next frame, of which this is known.
    pub(super) fn look_briefly(&mut self, brief: &Brief) {
        self.camera.look_briefly(brief, &mut self.arrays);
        self.looking = None;
        self.done += 1;
    }

    /// The grid level of a frame; none before it is recorded.
    pub(super) fn level(&self, frame: usize) -> Option<usize> {
        self.shown[..self.done].get(frame).copied()
    }

    /// The grid level of the last frame, recorded or being recorded.
    pub(super) fn reached(&self) -> Option<usize> {
        let frames = self.done + usize::from(self.is_looking());
        self.shown.get(frames.checked_sub(1)?).copied()
    }

    /// Whether a frame is the last of the run.
    pub(super) fn is_last(&self, frame: usize) -> bool {
        frame + 1 == self.shown.len()
    }

    /// What looks at the particles.
    pub(super) fn camera(&self) -> &C {
        &self.camera
    }

    /// The price of all frames of these particles, in units.
    pub(super) fn price(&self, x: &[f64]) -> usize {
        self.shown.len() * self.camera.parts() * self.camera.price(x)
    }

    /// Frames recorded so far.
    pub fn frames(&self) -> usize {
        self.done
    }

    /// The frames since the last call, if any.
    pub fn take(&mut self) -> Option<Frames> {
        let (from, to) = (self.taken, self.done);
        if from == to {
            return None;
        }
        self.taken = to;
        let names = self.camera.record();
        let arrays = names
            .iter()
            .zip(&mut self.arrays)
            .map(|(&(name, count), all)| {
                // Of a frame that is being recorded there may be a part.
                let rest = all.split_off((to - from) * count);
                (name, Floats(std::mem::replace(all, rest)))
            });
        Some(Frames {
            from,
            to,
            arrays: Named(arrays.collect()),
        })
    }
}

/// Three significant digits.
pub(super) fn short(x: f64) -> String {
    if x.abs() < 1e-12 {
        return "0".to_owned();
    }
    if !x.is_finite() {
        return x.to_string();
    }
    let digits = 2 - libm::floor(libm::log10(x.abs())) as i32;
    format!("{x:.*}", digits.clamp(0, 12) as usize)
}
