//! The spectrum of the stationary flow, and how much it varies.

use super::films::Films;
use super::parameters::Parameters;
use super::solver::Solver;
use crate::error::Error;

/// Frames over which a spectrum is averaged before its variation is measured: a window of the networks.
const WINDOW: usize = 5;
/// Shells of 32 × 32 pixels.
const SHELLS: usize = 15;
/// Mean, lower and upper end; f32 in little-endian order.
const BYTES: &[u8] = include_bytes!("../../../nets/kolmogorov-shells.f32");

/// Z_k of the shells k = 1 … n/2 − 1 ([`Solver::spectrum`]) over windows of five frames of films, per time².
///
/// Held by `tests/kolmogorov/films.rs`: `shells_are_means_and_deciles_over_windows`,
/// `the_committed_shells_are_those_published`.
#[derive(Debug, Clone, PartialEq)]
pub struct Shells {
    /// The mean over all windows.
    pub mean: Vec<f64>,
    /// The first and the last decile over windows.
    pub band: [Vec<f64>; 2],
}

impl Shells {
    /// Those of the default flow, measured on the validation films.
    pub fn committed() -> Self {
        let (numbers, _) = BYTES.as_chunks::<4>();
        let numbers = numbers.iter().map(|x| f64::from(f32::from_le_bytes(*x)));
        let numbers: Vec<f64> = numbers.collect();
        let part = |i: usize| numbers[i * SHELLS..(i + 1) * SHELLS].to_vec();
        Self {
            mean: part(0),
            band: [part(1), part(2)],
        }
    }

    /// Measures films, cut into windows that do not overlap.
    ///
    /// # Errors
    /// Those of [`Solver::new`].
    ///
    /// # Panics
    /// If a film has fewer than five frames.
    pub fn measure(films: &Films) -> Result<Self, Error> {
        assert!(films.frames() >= WINDOW, "a whole window");
        let solver = Solver::new(Parameters {
            pixels: films.pixels(),
            wave: films.wave(),
            ..Parameters::default()
        })?;
        let size = solver.grid().numbers();
        let mut windows = vec![];
        for film in 0..films.count() {
            for window in films.film(film).chunks_exact(WINDOW * size) {
                let wide: Vec<f64> = window.iter().map(|x| f64::from(*x)).collect();
                let mut sum = vec![0.0; films.pixels() / 2 - 1];
                for frame in wide.chunks_exact(size) {
                    let shells = solver.spectrum(frame);
                    sum.iter_mut().zip(shells).for_each(|(sum, z)| *sum += z);
                }
                sum.iter_mut().for_each(|z| *z /= WINDOW as f64);
                windows.push(sum);
            }
        }
        let of = |shell: usize, f: &dyn Fn(&[f64]) -> f64| {
            let mut all: Vec<f64> = windows.iter().map(|z| z[shell]).collect();
            all.sort_by(f64::total_cmp);
            f(&all)
        };
        let all = |f: &dyn Fn(&[f64]) -> f64| (0..windows[0].len()).map(|k| of(k, f)).collect();
        let decile = |share: usize| move |z: &[f64]| z[(z.len() - 1) * share / 10];
        Ok(Self {
            mean: all(&|z| z.iter().sum::<f64>() / z.len() as f64),
            band: [all(&decile(1)), all(&decile(9))],
        })
    }

    /// The bytes of the committed file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.mean.iter().chain(self.band.iter().flatten());
        numbers.flat_map(|x| (*x as f32).to_le_bytes()).collect()
    }
}
