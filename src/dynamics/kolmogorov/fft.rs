//! A discrete Fourier transform whose bits are the same on every machine.

use super::number::Number;
use rustfft::num_complex::Complex;
use rustfft::{FftDirection, FftPlannerScalar};
use std::sync::Arc;

/// The transform Z_k = Σ_j z_j·e^{∓2πijk/n} along the first axis of an array `[n][width]`, for all columns.
///
/// It is rustfft's scalar algorithm on [`Number`], whose factors e^{2πij/n} are those of libm where n divides
/// [`Number::CIRCLE`].
///
/// Held by `src/dynamics/kolmogorov/fft.rs`: `the_transform_is_its_definition`, `the_inverse_undoes_the_transform`.
#[derive(Clone)]
pub struct Fft {
    size: usize,
    forward: Arc<dyn rustfft::Fft<Number>>,
    inverse: Arc<dyn rustfft::Fft<Number>>,
}

/// i·z.
pub fn turned(z: Complex<f64>) -> Complex<f64> {
    Complex::new(-z.im, z.re)
}

impl Fft {
    pub fn new(size: usize) -> Self {
        let mut planner = FftPlannerScalar::new();
        Self {
            size,
            forward: planner.plan_fft(size, FftDirection::Forward),
            inverse: planner.plan_fft(size, FftDirection::Inverse),
        }
    }

    /// Transforms all columns of `z`.
    pub fn forward(&self, z: &mut [Complex<f64>]) {
        self.run(&*self.forward, z);
    }

    /// As [`Fft::forward`], with the other sign.
    pub fn inverse(&self, z: &mut [Complex<f64>]) {
        self.run(&*self.inverse, z);
    }

    fn run(&self, fft: &dyn rustfft::Fft<Number>, z: &mut [Complex<f64>]) {
        let width = z.len() / self.size;
        let zero = Complex::new(Number(0.0), Number(0.0));
        let mut columns = vec![zero; z.len()];
        for (j, row) in z.chunks_exact(width).enumerate() {
            for (column, w) in columns.chunks_exact_mut(self.size).zip(row) {
                column[j] = Complex::new(Number(w.re), Number(w.im));
            }
        }
        fft.process_with_scratch(&mut columns, &mut vec![zero; fft.get_inplace_scratch_len()]);
        for (j, row) in z.chunks_exact_mut(width).enumerate() {
            for (column, w) in columns.chunks_exact(self.size).zip(row) {
                *w = Complex::new(column[j].re.0, column[j].im.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Noise, Stream};
    use std::f64::consts::TAU;

    fn random(n: usize) -> Vec<Complex<f64>> {
        let mut z = vec![0.0; 2 * n];
        Noise::new(1).normals(Stream::Data, 0, 0, &mut z);
        z.chunks(2).map(|z| Complex::new(z[0], z[1])).collect()
    }

    fn gap(a: &[Complex<f64>], b: &[Complex<f64>]) -> f64 {
        let gaps = a.iter().zip(b).map(|(a, b)| (a - b).norm_sqr().sqrt());
        gaps.fold(0.0, f64::max)
    }

    #[test]
    fn the_transform_is_its_definition() {
        for size in (1..=50).chain([64, 96]) {
            let width = 3;
            let z = random(size * width);
            let exact: Vec<_> = (0..size * width)
                .map(|at| {
                    let (k, column) = (at / width, at % width);
                    let term = |j: usize| {
                        let angle = -TAU * ((j * k) % size) as f64 / size as f64;
                        z[j * width + column] * Complex::new(angle.cos(), angle.sin())
                    };
                    (0..size).map(term).sum()
                })
                .collect();
            let mut own = z.clone();
            Fft::new(size).forward(&mut own);
            assert!(gap(&own, &exact) < 1e-13 * size as f64, "{size}");
        }
    }

    #[test]
    fn the_inverse_undoes_the_transform() {
        for size in [1, 2, 12, 32, 34, 48] {
            let z = random(size * 5);
            let mut own = z.clone();
            let fft = Fft::new(size);
            fft.forward(&mut own);
            fft.inverse(&mut own);
            own.iter_mut().for_each(|w| *w /= size as f64);
            assert!(gap(&own, &z) < 1e-14, "{size}");
        }
    }
}
