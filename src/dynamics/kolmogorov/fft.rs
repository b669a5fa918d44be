//! A discrete Fourier transform whose bits are the same on every machine.

use num_complex::Complex;
use std::f64::consts::FRAC_PI_2;

/// The transform Z_k = Σ_j z_j·e^{∓2πijk/n} along the first axis of an array `[n][width]`, for all columns together.
///
/// Stockham's form: each stage takes out a factor r of n, so that nothing has to be sorted (C. Van Loan, *Computational
/// frameworks for the fast Fourier transform*, 1992, §1.7). r is 4, 3 and 2 first; any other factor costs r² products. The
/// factors e^{2πij/n} are those of libm.
///
/// Held by `src/dynamics/kolmogorov/fft.rs`: `the_transform_is_its_definition`, `the_inverse_undoes_the_transform`.
#[derive(Debug, Clone)]
pub struct Fft {
    size: usize,
    factors: Vec<usize>,
    /// e^{−2πij/n}.
    roots: Vec<Complex<f64>>,
}

/// e^{−2πij/n}; exact at multiples of a quarter.
fn root(j: usize, n: usize) -> Complex<f64> {
    let (quarter, rest) = (4 * j / n, 4 * j % n);
    let (sin, cos) = libm::sincos(FRAC_PI_2 * rest as f64 / n as f64);
    match quarter % 4 {
        0 => Complex::new(cos, -sin),
        1 => Complex::new(-sin, -cos),
        2 => Complex::new(-cos, sin),
        _ => Complex::new(sin, cos),
    }
}

/// i·z.
pub fn turned(z: Complex<f64>) -> Complex<f64> {
    Complex::new(-z.im, z.re)
}

impl Fft {
    pub fn new(size: usize) -> Self {
        let (mut rest, mut factors) = (size, vec![]);
        for r in [4, 3, 2].into_iter().chain(5..=size) {
            while rest > 1 && rest.is_multiple_of(r) {
                factors.push(r);
                rest /= r;
            }
        }
        Self {
            size,
            factors,
            roots: (0..size).map(|j| root(j, size)).collect(),
        }
    }

    /// Transforms `z`; `other` has the same length, and any content.
    pub fn forward(&self, z: &mut Vec<Complex<f64>>, other: &mut Vec<Complex<f64>>) {
        self.run(z, other, |root| root);
    }

    /// As [`Fft::forward`], with the other sign.
    pub fn inverse(&self, z: &mut Vec<Complex<f64>>, other: &mut Vec<Complex<f64>>) {
        self.run(z, other, |root| root.conj());
    }

    fn run(
        &self,
        z: &mut Vec<Complex<f64>>,
        other: &mut Vec<Complex<f64>>,
        sign: impl Fn(Complex<f64>) -> Complex<f64>,
    ) {
        let root = |j: usize| sign(self.roots[j % self.size]);
        // Blocks of `block` numbers lie together: the columns, times the factors that are done.
        let (mut rest, mut block) = (self.size, z.len() / self.size);
        for &r in &self.factors {
            let parts = rest / r;
            let step = self.size / rest;
            for p in 0..parts {
                let from = |j: usize| &z[(p + j * parts) * block..][..block];
                let into = &mut other[r * p * block..][..r * block];
                // e^{∓2πi·p·k/rest} goes to the output k.
                let factor = |k: usize| root(p * k * step);
                match r {
                    2 => two([from(0), from(1)], factor(1), into),
                    3 => three(
                        [from(0), from(1), from(2)],
                        [1, 2].map(factor),
                        root(self.size / 3),
                        into,
                    ),
                    4 => {
                        let quarter = root(self.size / 4).im;
                        four([0, 1, 2, 3].map(from), [1, 2, 3].map(factor), quarter, into);
                    }
                    _ => {
                        let wave = |jk: usize| root(jk % r * (self.size / r));
                        any(r, &from, &factor, &wave, into);
                    }
                }
            }
            std::mem::swap(z, other);
            rest = parts;
            block *= r;
        }
    }
}

type Slice<'a> = &'a [Complex<f64>];

fn two([a, b]: [Slice; 2], factor: Complex<f64>, into: &mut [Complex<f64>]) {
    let (first, second) = into.split_at_mut(a.len());
    let outputs = first.iter_mut().zip(second);
    for ((a, b), (first, second)) in a.iter().zip(b).zip(outputs) {
        *first = a + b;
        *second = (a - b) * factor;
    }
}

/// `third` is e^{∓2πi/3}.
fn three(
    [a, b, c]: [Slice; 3],
    factors: [Complex<f64>; 2],
    third: Complex<f64>,
    into: &mut [Complex<f64>],
) {
    let (first, rest) = into.split_at_mut(a.len());
    let (second, last) = rest.split_at_mut(a.len());
    let outputs = first.iter_mut().zip(second).zip(last);
    for (((a, b), c), ((first, second), last)) in a.iter().zip(b).zip(c).zip(outputs) {
        let (sum, gap) = (b + c, turned(b - c) * third.im);
        let middle = a + sum * third.re;
        *first = a + sum;
        *second = (middle + gap) * factors[0];
        *last = (middle - gap) * factors[1];
    }
}

/// `quarter` is ∓1, the imaginary part of e^{∓2πi/4}.
fn four(
    [a, b, c, d]: [Slice; 4],
    factors: [Complex<f64>; 3],
    quarter: f64,
    into: &mut [Complex<f64>],
) {
    let (low, high) = into.split_at_mut(2 * a.len());
    let (first, second) = low.split_at_mut(a.len());
    let (third, last) = high.split_at_mut(a.len());
    let inputs = a.iter().zip(b).zip(c.iter().zip(d));
    let outputs = first.iter_mut().zip(second).zip(third.iter_mut().zip(last));
    for (((a, b), (c, d)), ((first, second), (third, last))) in inputs.zip(outputs) {
        let (even, odd) = (a + c, b + d);
        let (half, side) = (a - c, turned(b - d) * quarter);
        *first = even + odd;
        *second = (half + side) * factors[0];
        *third = (even - odd) * factors[1];
        *last = (half - side) * factors[2];
    }
}

fn any<'a>(
    r: usize,
    from: &dyn Fn(usize) -> Slice<'a>,
    factor: &dyn Fn(usize) -> Complex<f64>,
    wave: &dyn Fn(usize) -> Complex<f64>,
    into: &mut [Complex<f64>],
) {
    let block = into.len() / r;
    for (k, out) in into.chunks_exact_mut(block).enumerate() {
        out.fill(Complex::new(0.0, 0.0));
        for j in 0..r {
            let weight = wave(j * k) * factor(k);
            let pairs = out.iter_mut().zip(from(j));
            pairs.for_each(|(out, z)| *out += z * weight);
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
            let (mut own, mut other) = (z.clone(), vec![Complex::new(f64::NAN, 0.0); z.len()]);
            Fft::new(size).forward(&mut own, &mut other);
            assert!(gap(&own, &exact) < 1e-13 * size as f64, "{size}");
        }
    }

    #[test]
    fn the_inverse_undoes_the_transform() {
        for size in [1, 2, 12, 32, 34, 48] {
            let z = random(size * 5);
            let (mut own, mut other) = (z.clone(), z.clone());
            let fft = Fft::new(size);
            fft.forward(&mut own, &mut other);
            fft.inverse(&mut own, &mut other);
            own.iter_mut().for_each(|w| *w /= size as f64);
            assert!(gap(&own, &z) < 1e-14, "{size}");
        }
    }
}
