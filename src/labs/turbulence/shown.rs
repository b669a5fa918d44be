//! What a frame of a run shows: films in units, as far as they are known.

use super::setup::Setup;
use super::words::Way;
use crate::labs::record;

/// Films that are shown; a number that is not known is NaN.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// The first sample on its way through noise, over √(α² + σ²).
    pub noisy: Vec<f64>,
    /// The first sample: its x̂ on the way, itself at the end; the first member.
    pub sample: Vec<f64>,
    /// The mean of all.
    pub mean: Vec<f64>,
    /// Their standard deviation.
    pub sd: Vec<f64>,
}

/// Names of the films of a frame.
fn names(setup: &Setup) -> Vec<&'static str> {
    let mut all = vec![];
    match setup.way {
        Way::AllAtOnce | Way::Autoregressive => all.extend(["noisy", "sample"]),
        Way::Enkf | Way::Free => all.push("sample"),
        Way::Posterior | Way::Interpolate => {}
    }
    all.push("mean");
    if setup.n > 1 {
        all.push("sd");
    }
    all
}

impl Shown {
    fn film(&self, name: &str) -> &[f64] {
        match name {
            "noisy" => &self.noisy,
            "sample" => &self.sample,
            "mean" => &self.mean,
            _ => &self.sd,
        }
    }

    /// All films one after the other, as the camera sees them; a film that is not there is unknown.
    pub fn flat(&self, setup: &Setup) -> Vec<f64> {
        let mut out = vec![];
        for name in names(setup) {
            let film = self.film(name);
            out.extend_from_slice(film);
            let missing = setup.numbers().saturating_sub(film.len());
            out.extend(std::iter::repeat_n(f64::NAN, missing));
        }
        out
    }
}

/// Records the films of a frame.
#[derive(Debug, Clone)]
pub(super) struct Camera {
    names: Vec<&'static str>,
    numbers: usize,
}

impl Camera {
    pub fn new(setup: &Setup) -> Self {
        Self {
            names: names(setup),
            numbers: setup.numbers(),
        }
    }
}

impl record::Camera for Camera {
    fn record(&self) -> Vec<(&'static str, usize)> {
        let of = |name: &&'static str| (*name, self.numbers);
        self.names.iter().map(of).collect()
    }

    fn price(&self, x: &[f64]) -> usize {
        x.len() / 8
    }

    fn look(&mut self, _: usize, x: &[f64], arrays: &mut [Vec<f32>]) {
        for (film, array) in x.chunks(self.numbers).zip(arrays) {
            array.extend(film.iter().map(|x| *x as f32));
        }
    }
}
