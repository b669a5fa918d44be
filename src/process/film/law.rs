//! The Gaussian law of a film of F frames.

use super::table::Table;
use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::denoise::Differentiable;
use crate::denoise::JacobianAt;
use crate::dynamics::kolmogorov::Complex;
use crate::dynamics::kolmogorov::Grid;
use crate::error::Error;
use crate::level::Level;
use crate::rng::Noise;
use crate::rng::Stream;
use nalgebra::DMatrix;
use nalgebra::SymmetricEigen;

/// The normal law of F frames `[frame][y][x]` with the mean and covariance of a [`Table`], exact but for what the table leaves
/// out.
///
/// Over the frames, the measured C_k(|i − j|) = QΛQᵀ is not positive: Λ is clipped at 0, and C_k is the product of what
/// remains. So the law of 5 frames is not exactly the marginal law of 16.
///
/// As a denoiser it is Wiener's filter, x̂ = m + QΛ(Λ + s²)⁻¹Qᵀ(u − m), u = x_t/α, s = σ/α, with the Jacobian
/// ∂x̂/∂x_t = QΛ(Λ + s²)⁻¹Qᵀ/α, which is symmetric.
///
/// Held by `tests/kolmogorov/gaussian.rs`: `the_denoiser_is_the_conditional_mean_of_the_dense_law`,
/// `draws_have_the_covariance_of_the_law`; and by the contracts of denoisers.
#[derive(Clone)]
pub struct GaussianFilm {
    grid: Grid,
    frames: usize,
    /// The place of the force in the modes.
    forced: usize,
    mean: f64,
    /// By |kₓ|, |kᵧ|.
    waves: Vec<Wave>,
}

/// C_k = QΛQᵀ over the frames.
#[derive(Clone)]
struct Wave {
    /// Λ, clipped.
    values: Vec<f64>,
    /// Q `[frame][value]`.
    vectors: Vec<f64>,
}

/// A law as far as it is computed: the eigenvalues of its waves, some at a time.
pub struct Making {
    table: Table,
    law: GaussianFilm,
}

/// Waves of a part.
const TOGETHER: usize = 8;

impl Making {
    /// The law of films of `frames` frames, of which nothing is computed.
    ///
    /// # Errors
    /// As [`GaussianFilm::new`].
    pub fn new(table: Table, frames: usize) -> Result<Self, Error> {
        if !(1..=table.lags).contains(&frames) {
            return Err(Error::Model {
                reason: format!(
                    "the covariance of the flow is known for films of 1 to {} frames, not {frames}; choose a shorter film",
                    table.lags
                ),
            });
        }
        let grid = Grid::new(table.pixels);
        let law = GaussianFilm {
            forced: grid.find(0, table.wave as i32).unwrap_or_default(),
            mean: table.mean,
            grid,
            frames,
            waves: vec![],
        };
        Ok(Self { table, law })
    }

    /// The law that ships; see [`GaussianFilm::committed`].
    ///
    /// # Errors
    /// As [`GaussianFilm::new`].
    pub fn committed(frames: usize) -> Result<Self, Error> {
        Self::new(Table::committed(), frames)
    }

    /// Computes the next part. Returns whether all are computed.
    pub fn part(&mut self) -> bool {
        let lags = self.table.values.chunks_exact(self.table.lags);
        let all = lags.len();
        let next = lags.skip(self.law.waves.len()).take(TOGETHER);
        let waves = next.map(|lags| Wave::new(lags, self.law.frames));
        self.law.waves.extend(waves);
        self.law.waves.len() == all
    }

    /// Number of parts, and the work of one in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn price(&self) -> [usize; 2] {
        let waves = self.table.values.len() / self.table.lags;
        let of_wave = 100 + self.law.frames.pow(3) / 8;
        [waves.div_ceil(TOGETHER), TOGETHER * of_wave]
    }

    /// The law.
    ///
    /// # Errors
    /// If not all parts are computed.
    pub fn law(self) -> Result<GaussianFilm, Error> {
        match self.law.waves.len() == self.table.values.len() / self.table.lags {
            true => Ok(self.law),
            false => Err(Error::NotYet {
                what: "law of films",
            }),
        }
    }
}

impl GaussianFilm {
    /// The law of films of `frames` frames.
    ///
    /// # Errors
    /// If there are no frames, or more than lags in the table.
    pub fn new(table: &Table, frames: usize) -> Result<Self, Error> {
        let mut making = Making::new(table.clone(), frames)?;
        while !making.part() {}
        Ok(making.law)
    }

    /// The law that ships: 32 × 32 pixels of the default flow.
    ///
    /// # Errors
    /// As [`GaussianFilm::new`].
    pub fn committed(frames: usize) -> Result<Self, Error> {
        Self::new(&Table::committed(), frames)
    }

    /// F.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// n.
    pub fn pixels(&self) -> usize {
        self.grid.pixels()
    }

    /// F·n², the numbers of a film.
    pub fn dim(&self) -> usize {
        self.frames * self.grid.numbers()
    }

    /// The mean field m `[y][x]`, the same in each frame.
    pub fn mean_field(&self) -> Vec<f64> {
        let mut spectrum = vec![Complex::new(0.0, 0.0); self.grid.modes().len()];
        spectrum[self.forced] = Complex::new(0.5 * self.mean, 0.0);
        self.grid.field(&spectrum)
    }

    /// For each mode of the grid, its place in `waves`.
    fn which(&self) -> impl Iterator<Item = usize> + '_ {
        let half = self.grid.pixels() / 2;
        let modes = self.grid.modes().iter();
        modes.map(move |mode| mode.kx as usize * half + mode.ky.unsigned_abs() as usize)
    }

    /// Σ over all eigenvalues of all live modes of f(λ), divided by the numbers of a film.
    fn mean_of(&self, f: impl Fn(f64) -> f64) -> f64 {
        let of = |wave: usize| self.waves[wave].values.iter().map(|l| f(*l)).sum::<f64>();
        2.0 * self.which().map(of).sum::<f64>() / self.dim() as f64
    }

    /// v(s) = mean of Λs²/(Λ + s²), the mean square error of x̂ at s = σ/α; over all n² pixels, of which the dead modes have
    /// no error.
    ///
    /// Held by `tests/kolmogorov/gaussian.rs`: `the_committed_table_has_the_published_errors`.
    pub fn error(&self, s: f64) -> f64 {
        self.mean_of(|l| share(l, s * s) * s * s)
    }

    /// √E(x̂ − m)² = √(mean of Λ²/(Λ + s²)), the size of x̂ less its mean at s = σ/α.
    ///
    /// Held by `tests/kolmogorov/gaussian.rs`: `error_and_size_add_up_to_the_variance`.
    pub fn size(&self, s: f64) -> f64 {
        self.mean_of(|l| share(l, s * s) * l).sqrt()
    }

    /// The mean of the variances of all pixels.
    pub fn variance(&self) -> f64 {
        self.mean_of(|l| l)
    }

    /// Matrices Q·diag(f(Λ))·Qᵀ over the frames, by wave.
    pub(super) fn matrices(&self, f: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        self.waves.iter().map(|wave| wave.matrix(&f)).collect()
    }

    /// Cov(x_i, x_j) of the pixels of frames i and j by their distance, `[y_i − y_j][x_i − x_j]` modulo n.
    ///
    /// # Panics
    /// If there is no such frame.
    pub fn covariance(&self, i: usize, j: usize) -> Vec<f64> {
        assert!(i < self.frames && j < self.frames, "a frame of the film");
        let at = |wave: usize| {
            let own = &self.waves[wave];
            let row = |i: usize| &own.vectors[i * self.frames..][..self.frames];
            let terms = row(i).iter().zip(row(j)).zip(&own.values);
            let sum: f64 = terms.map(|((a, b), l)| a * b * l).sum();
            Complex::new(sum / self.grid.numbers() as f64, 0.0)
        };
        let spectrum: Vec<_> = self.which().map(at).collect();
        self.grid.field(&spectrum)
    }

    /// Fills `out` `[n × dim]` with films of the law; they are the particles from number `first` on of (`stream`, `step`).
    ///
    /// Held by `tests/kolmogorov/gaussian.rs`: `draws_have_the_covariance_of_the_law`.
    ///
    /// # Panics
    /// If `out` is no whole number of films.
    pub fn sample(&self, noise: &Noise, stream: Stream, step: u32, first: u64, out: &mut [f64]) {
        let which: Vec<usize> = self.which().collect();
        let count = 2 * self.frames * which.len();
        let mut z = vec![0.0; count];
        let zero = Complex::new(0.0, 0.0);
        // Of a wave and its conjugate: half of the variance in each part, and a field is n times its unitary transform.
        let scale = 0.5_f64.sqrt() / self.grid.pixels() as f64;
        for (film, out) in self.films_mut(out).enumerate() {
            noise.normals(stream, step, (first + film as u64) * count as u64, &mut z);
            let mut spectra = vec![vec![zero; which.len()]; self.frames];
            for ((mode, wave), z) in which
                .iter()
                .enumerate()
                .zip(z.chunks_exact(2 * self.frames))
            {
                let own = &self.waves[*wave];
                for (i, spectrum) in spectra.iter_mut().enumerate() {
                    for (e, z) in z.chunks_exact(2).enumerate() {
                        let factor =
                            scale * own.vectors[i * self.frames + e] * own.values[e].sqrt();
                        spectrum[mode] += Complex::new(z[0], z[1]) * factor;
                    }
                }
            }
            spectra
                .iter_mut()
                .for_each(|s| s[self.forced] += 0.5 * self.mean);
            out.copy_from_slice(&self.grid.film(&spectra));
        }
    }

    fn films_mut<'a>(&self, out: &'a mut [f64]) -> std::slice::ChunksExactMut<'a, f64> {
        assert!(
            out.len().is_multiple_of(self.dim()),
            "a whole number of films"
        );
        out.chunks_exact_mut(self.dim())
    }

    /// out = after·m + M(x − before·m) for each film, where M has a matrix over the frames for each wave.
    pub(super) fn apply(
        &self,
        matrices: &[Vec<f64>],
        [before, after]: [f64; 2],
        x: &[f64],
        out: &mut [f64],
    ) {
        assert_eq!(x.len(), out.len(), "a number a number");
        let zero = Complex::new(0.0, 0.0);
        let which: Vec<usize> = self.which().collect();
        for (x, out) in x.chunks_exact(self.dim()).zip(self.films_mut(out)) {
            let mut own = self.grid.spectra_of(x);
            own.iter_mut()
                .for_each(|s| s[self.forced] -= 0.5 * before * self.mean);
            let mut next = vec![vec![zero; which.len()]; self.frames];
            for (i, next) in next.iter_mut().enumerate() {
                for (j, own) in own.iter().enumerate() {
                    let at = i * self.frames + j;
                    for ((next, own), wave) in next.iter_mut().zip(own).zip(&which) {
                        *next += *own * matrices[*wave][at];
                    }
                }
                next[self.forced] += 0.5 * after * self.mean;
            }
            out.copy_from_slice(&self.grid.film(&next));
        }
    }

    fn prepare(&self, level: &Level) -> At<'_> {
        let (alpha, noise) = (level.alpha, level.sigma * level.sigma);
        At {
            law: self,
            // αΛ/(α²Λ + σ²).
            gains: self.matrices(|l| match l > 0.0 && alpha > 0.0 {
                true => alpha * l / (alpha * alpha * l + noise),
                false => 0.0,
            }),
            alpha,
            clean: level.sigma == 0.0,
        }
    }
}

/// λ/(λ + s²); 0 where there is nothing to know.
fn share(l: f64, s2: f64) -> f64 {
    if l > 0.0 { l / (l + s2) } else { 0.0 }
}

impl Wave {
    fn new(lags: &[f32], frames: usize) -> Self {
        let toeplitz = DMatrix::from_fn(frames, frames, |i, j| f64::from(lags[i.abs_diff(j)]));
        let eigen = SymmetricEigen::new(toeplitz);
        let at = |i: usize| eigen.eigenvectors[(i / frames, i % frames)];
        Self {
            values: eigen.eigenvalues.iter().map(|l| l.max(0.0)).collect(),
            vectors: (0..frames * frames).map(at).collect(),
        }
    }

    /// Q·diag(f(Λ))·Qᵀ.
    fn matrix(&self, f: impl Fn(f64) -> f64) -> Vec<f64> {
        let frames = self.values.len();
        let values: Vec<f64> = self.values.iter().map(|l| f(*l)).collect();
        let row = |i: usize| &self.vectors[i * frames..][..frames];
        let mut out = vec![0.0; frames * frames];
        for i in 0..frames {
            for j in 0..=i {
                let terms = row(i).iter().zip(row(j)).zip(&values);
                let sum = terms.map(|((a, b), l)| a * b * l).sum();
                out[i * frames + j] = sum;
                out[j * frames + i] = sum;
            }
        }
        out
    }
}

struct At<'a> {
    law: &'a GaussianFilm,
    gains: Vec<Vec<f64>>,
    alpha: f64,
    /// Without noise x_t/α is the film, to the last bit.
    clean: bool,
}

impl At<'_> {
    /// (∂x̂/∂x_t)·v plus, for an x_t, what the mean adds.
    fn through(&self, v: &[f64], shifts: [f64; 2], out: &mut [f64]) {
        if self.clean {
            assert_eq!(v.len(), out.len(), "a number a number");
            out.iter_mut()
                .zip(v)
                .for_each(|(out, v)| *out = v / self.alpha);
            return;
        }
        self.law.apply(&self.gains, shifts, v, out);
    }
}

impl DenoiseAt for At<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.through(x_t, [self.alpha, 1.0], out);
    }
}

impl JacobianAt for At<'_> {
    fn jvp(&self, _x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.through(v, [0.0, 0.0], out);
    }

    fn vjp(&self, _x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.through(v, [0.0, 0.0], out);
    }
}

impl Denoiser for GaussianFilm {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.prepare(level))
    }

    fn price(&self) -> usize {
        // A transform of a frame there and back, and the products of its modes with all frames.
        let numbers = self.grid.numbers();
        (self.frames * numbers * (3 + self.frames / 8)).div_ceil(3)
    }
}

impl Differentiable for GaussianFilm {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(self.prepare(level))
    }
}
