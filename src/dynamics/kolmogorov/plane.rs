//! Fourier transforms of a periodic square.

use super::fft::Fft;
use rustfft::num_complex::Complex;

/// The transforms of fields with `size` × `size` numbers, of which only the wave numbers up to `live` are used.
///
/// A spectrum is `[kₓ][kᵧ]`, kₓ modulo `size`, kᵧ modulo 2·`live` + 1: what is never used is not computed.
#[derive(Clone)]
pub struct Plane {
    size: usize,
    width: usize,
    fft: Fft,
}

/// The memory that a transform needs; its content does not matter.
pub struct Scratch {
    turned: Vec<Complex<f64>>,
}

impl Plane {
    pub fn new(size: usize, live: usize) -> Self {
        Self {
            size,
            width: 2 * live + 1,
            fft: Fft::new(size),
        }
    }

    pub fn size(&self) -> usize {
        self.size
    }

    /// Numbers of a field.
    pub fn numbers(&self) -> usize {
        self.size * self.size
    }

    /// The place of a live wave in a spectrum.
    pub fn place(&self, kx: i32, ky: i32) -> usize {
        let at = |k: i32, count: usize| k.rem_euclid(count as i32) as usize;
        at(kx, self.size) * self.width + at(ky, self.width)
    }

    /// A spectrum of zeros.
    pub fn zeros(&self) -> Vec<Complex<f64>> {
        vec![Complex::new(0.0, 0.0); self.size * self.width]
    }

    pub fn scratch(&self) -> Scratch {
        Scratch { turned: vec![] }
    }

    /// `[y][x]` to `[kₓ][kᵧ]`: z ← Σ z·e^{−ik·x}.
    pub fn forward(&self, z: &mut Vec<Complex<f64>>, scratch: &mut Scratch) {
        let Scratch { turned } = scratch;
        self.fft.forward(z);
        sized(turned, self.size * self.width);
        let high = self.size - self.width / 2;
        for (x, column) in turned.chunks_exact_mut(self.width).enumerate() {
            for (at, to) in column.iter_mut().enumerate() {
                let ky = if at <= self.width / 2 {
                    at
                } else {
                    high + at - self.width / 2 - 1
                };
                *to = z[ky * self.size + x];
            }
        }
        self.fft.forward(turned);
        std::mem::swap(z, turned);
    }

    /// `[kₓ][kᵧ]` to `[y][x]`: z ← Σ z·e^{ik·x}.
    pub fn inverse(&self, z: &mut Vec<Complex<f64>>, scratch: &mut Scratch) {
        let Scratch { turned } = scratch;
        self.fft.inverse(z);
        sized(turned, self.numbers());
        let dead = self.width / 2 + 1..self.size - self.width / 2;
        for (ky, row) in turned.chunks_exact_mut(self.size).enumerate() {
            if dead.contains(&ky) {
                row.fill(Complex::new(0.0, 0.0));
                continue;
            }
            let at = if ky < dead.start {
                ky
            } else {
                ky + self.width - self.size
            };
            for (x, to) in row.iter_mut().enumerate() {
                *to = z[x * self.width + at];
            }
        }
        self.fft.inverse(turned);
        std::mem::swap(z, turned);
    }
}

/// Gives a buffer a length; its content does not matter.
fn sized(buffer: &mut Vec<Complex<f64>>, length: usize) {
    buffer.resize(length, Complex::new(0.0, 0.0));
}
