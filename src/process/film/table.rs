//! The covariance of waves in time, measured on films.

use crate::dynamics::kolmogorov::Films;
use crate::dynamics::kolmogorov::Grid;
use std::f64::consts::TAU;

/// Lags in the committed table, and so the most frames of a film.
pub const LAGS: usize = 32;
/// Pixels along a side of its fields, and k_f.
const SHIPPED: (usize, usize) = (32, 4);
/// The mean field's amplitude, then the table; f32 in little-endian order.
const BYTES: &[u8] = include_bytes!("../../../nets/kolmogorov-gaussian.f32");

/// Mean and covariance of a flow's fields, in units.
///
/// m = a·cos(k_f·y), the only wave of the mean field that is not small; and C_k(l) = mean of Re û_k(i)·û*_k(i + l) over frames
/// i, films, and the signs of kₓ and kᵧ, for |kₓ|, |kᵧ| < n/2. The sum is divided by its number of terms, so the matrix
/// C_k(|i − j|) need not be positive: [`super::GaussianFilm`] clips it.
///
/// Held by `tests/kolmogorov/gaussian.rs`: `a_measured_table_is_that_of_the_law_that_made_its_films`,
/// `the_committed_table_has_the_published_errors`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// n.
    pub(super) pixels: usize,
    /// k_f.
    pub(super) wave: usize,
    /// a.
    pub(super) mean: f64,
    pub(super) lags: usize,
    /// `[|kₓ|][|kᵧ|][lag]`.
    pub(super) values: Vec<f32>,
}

impl Table {
    /// The table that ships, measured on the training films of the default flow.
    pub fn committed() -> Self {
        let (pixels, wave) = SHIPPED;
        let (numbers, _) = BYTES.as_chunks::<4>();
        let mut numbers = numbers.iter().map(|x| f32::from_le_bytes(*x));
        let mean = f64::from(numbers.next().unwrap_or_default());
        Self::new((pixels, wave), mean, LAGS, numbers.collect())
    }

    /// A table of its numbers: (n, k_f), a, and C_k(l) `[n/2][n/2][lags]` by |kₓ|, |kᵧ|, l. C at k = 0 is not used.
    ///
    /// # Panics
    /// If there is another number of `values`.
    pub fn new((pixels, wave): (usize, usize), mean: f64, lags: usize, values: Vec<f32>) -> Self {
        let half = pixels / 2;
        assert_eq!(values.len(), half * half * lags, "a number a wave and lag");
        Self {
            pixels,
            wave,
            mean,
            lags,
            values,
        }
    }

    /// Measures a table on films, whose numbers are divided by `unit`.
    ///
    /// # Panics
    /// If a film has fewer than `lags` frames.
    pub fn measure(films: &Films, unit: f64, lags: usize) -> Self {
        assert!(lags <= films.frames(), "a lag within a film");
        let (n, wave) = (films.pixels(), films.wave());
        let grid = Grid::new(n);
        let mean = mean(films, &grid) / unit;
        let mut sums = vec![0.0; n / 2 * (n / 2) * lags];
        let mut terms = sums.clone();
        for film in 0..films.count() {
            let spectra = spectra(
                films.film(film),
                &grid,
                (wave, mean * unit),
                n as f64 / unit,
            );
            for (which, mode) in grid.modes().iter().enumerate() {
                let at = (mode.kx as usize * (n / 2) + mode.ky.unsigned_abs() as usize) * lags;
                for lag in 0..lags {
                    let pairs = spectra.iter().zip(&spectra[lag..]);
                    let products = pairs.map(|(a, b)| {
                        let (a, b) = (a[which], b[which]);
                        a.re * b.re + a.im * b.im
                    });
                    sums[at + lag] += products.sum::<f64>();
                    terms[at + lag] += (spectra.len() - lag) as f64;
                }
            }
        }
        let means = sums.iter().zip(&terms);
        let values = means.map(|(sum, terms)| (sum / terms.max(1.0)) as f32);
        Self::new((n, wave), mean, lags, values.collect())
    }

    /// The bytes of the committed file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = std::iter::once(self.mean as f32).chain(self.values.iter().copied());
        numbers.flat_map(f32::to_le_bytes).collect()
    }

    /// a, the amplitude of the mean field a·cos(k_f·y), in units.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Number of lags.
    pub fn lags(&self) -> usize {
        self.lags
    }

    /// C_k(l) for l = 0, 1, …, in units².
    ///
    /// # Panics
    /// If |kₓ| or |kᵧ| is n/2 or above.
    pub fn covariances(&self, kx: i32, ky: i32) -> &[f32] {
        let (kx, ky) = (kx.unsigned_abs() as usize, ky.unsigned_abs() as usize);
        let half = self.pixels / 2;
        assert!(kx < half && ky < half, "a live mode");
        &self.values[(kx * half + ky) * self.lags..][..self.lags]
    }
}

/// 2⟨ω·cos(k_f·y)⟩ over all films.
fn mean(films: &Films, grid: &Grid) -> f64 {
    let n = films.pixels();
    let wave = films.wave() as f64;
    let cos: Vec<f64> = (0..n)
        .map(|y| libm::cos(wave * TAU * y as f64 / n as f64))
        .collect();
    let of_frame = |frame: &[f32]| -> f64 {
        let rows = frame.chunks_exact(n).zip(&cos);
        rows.map(|(row, cos)| cos * row.iter().map(|x| f64::from(*x)).sum::<f64>())
            .sum()
    };
    let (mut sum, mut frames) = (0.0, 0);
    for film in 0..films.count() {
        for frame in films.film(film).chunks_exact(grid.numbers()) {
            sum += of_frame(frame);
            frames += 1;
        }
    }
    2.0 * sum / (frames * grid.numbers()).max(1) as f64
}

type Spectrum = Vec<crate::dynamics::kolmogorov::Complex<f64>>;

/// The spectra of the frames of a film less its mean field, times `scale`.
fn spectra(film: &[f32], grid: &Grid, (wave, mean): (usize, f64), scale: f64) -> Vec<Spectrum> {
    let forced = grid.find(0, wave as i32);
    let wide: Vec<f64> = film.iter().map(|x| f64::from(*x)).collect();
    let mut out = grid.spectra_of(&wide);
    for spectrum in &mut out {
        if let Some(forced) = forced {
            spectrum[forced] -= 0.5 * mean;
        }
        spectrum.iter_mut().for_each(|w| *w *= scale);
    }
    out
}
