//! Fourier transforms of a periodic square.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftDirection, FftPlannerScalar};
use std::sync::Arc;

/// The transforms of fields with `size` × `size` numbers, of which only the wave numbers up to `live` are used.
#[derive(Clone)]
pub struct Plane {
    size: usize,
    live: usize,
    forward: Arc<dyn Fft<f64>>,
    inverse: Arc<dyn Fft<f64>>,
}

/// The memory that a transform needs.
pub struct Scratch {
    turned: Vec<Complex<f64>>,
    fft: Vec<Complex<f64>>,
}

impl Plane {
    pub fn new(size: usize, live: usize) -> Self {
        let mut planner = FftPlannerScalar::new();
        Self {
            size,
            live,
            forward: planner.plan_fft(size, FftDirection::Forward),
            inverse: planner.plan_fft(size, FftDirection::Inverse),
        }
    }

    pub fn size(&self) -> usize {
        self.size
    }

    /// Numbers of a field.
    pub fn numbers(&self) -> usize {
        self.size * self.size
    }

    pub fn scratch(&self) -> Scratch {
        let zero = Complex::new(0.0, 0.0);
        let fft = self
            .forward
            .get_inplace_scratch_len()
            .max(self.inverse.get_inplace_scratch_len());
        Scratch {
            turned: vec![zero; self.numbers()],
            fft: vec![zero; fft],
        }
    }

    /// `[y][x]` to `[kₓ][kᵧ]`: z ← Σ z·e^{−ik·x}. Rows of kₓ above `live` hold no result.
    pub fn forward(&self, z: &mut Vec<Complex<f64>>, scratch: &mut Scratch) {
        self.forward.process_with_scratch(z, &mut scratch.fft);
        self.turn(z, scratch);
        self.live_rows(&self.forward, z, scratch);
    }

    /// `[kₓ][kᵧ]` to `[y][x]`: z ← Σ z·e^{ik·x}. Rows of kₓ above `live` have to be 0.
    pub fn inverse(&self, z: &mut Vec<Complex<f64>>, scratch: &mut Scratch) {
        self.live_rows(&self.inverse, z, scratch);
        self.turn(z, scratch);
        self.inverse.process_with_scratch(z, &mut scratch.fft);
    }

    fn live_rows(&self, fft: &Arc<dyn Fft<f64>>, z: &mut [Complex<f64>], scratch: &mut Scratch) {
        let (low, high) = z.split_at_mut((self.size - self.live) * self.size);
        fft.process_with_scratch(&mut low[..(self.live + 1) * self.size], &mut scratch.fft);
        fft.process_with_scratch(high, &mut scratch.fft);
    }

    fn turn(&self, z: &mut Vec<Complex<f64>>, scratch: &mut Scratch) {
        for (i, row) in scratch.turned.chunks_exact_mut(self.size).enumerate() {
            for (to, from) in row.iter_mut().zip(z[i..].iter().step_by(self.size)) {
                *to = *from;
            }
        }
        std::mem::swap(z, &mut scratch.turned);
    }
}
