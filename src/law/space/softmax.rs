//! The law of x_t when x₀ is a mixture of isotropic normals with one standard deviation. Runs in the plane spend
//! most of their time here.
//!
//! With τ² = α²sd² + σ², g = α·sd²/τ² and d_k² = ‖x_t − αc_k‖²:
//! x̂ = Σ r_k [c_k + g(x_t − αc_k)] = (1 − gα) Σ r_k c_k + g·x_t, r_k ∝ w_k exp(−d_k²/2τ²),
//! p_t = (2πτ²)^{−dim/2} Σ w_k exp(−d_k²/2τ²).
//!
//! Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`.

use super::cloud::Cloud;
use crate::law::diffused::NO_SIGNAL;
use crate::level::Level;
use crate::special;
use std::f64::consts::TAU;

/// Centres in a block: the compiler vectorises over them, and a distant block is skipped as a whole.
const LANES: usize = 4;
/// Exponents this far below the largest do not change a sum in f64, if the ratio of the weights is at most about e⁵
/// (e^{−45}·e⁵ = e^{−40} < 2⁻⁵²).
const NEGLIGIBLE: f64 = 45.0;

/// LANES centres, coordinate by coordinate.
#[derive(Debug, Clone)]
struct Block<const D: usize> {
    /// c_k and α·c_k.
    clean: [[f64; LANES]; D],
    scaled: [[f64; LANES]; D],
    /// w_k; 0 in the padding, which repeats the last centre.
    weight: [f64; LANES],
}

#[derive(Debug, Clone)]
enum Blocks {
    Plane(Vec<Block<2>>),
    Space(Vec<Block<3>>),
}

/// A cloud at one level.
#[derive(Debug, Clone)]
pub(super) struct DiffusedCloud<'a> {
    cloud: &'a Cloud,
    level: Level,
    /// τ².
    variance: f64,
    /// g, the Kalman gain of every normal.
    gain: f64,
    blocks: Blocks,
}

/// Σ w_k e^{(d² − d_k²)/2τ²} and the same sum with the factor c_k, where d is the distance to the nearest centre.
struct Sums<const D: usize> {
    nearest: f64,
    mass: f64,
    moment: [f64; D],
}

impl<'a> DiffusedCloud<'a> {
    pub(super) fn new(cloud: &'a Cloud, level: &Level) -> Self {
        let Level { alpha, sigma, .. } = *level;
        let data = cloud.sd() * cloud.sd();
        let variance = alpha * alpha * data + sigma * sigma;
        let blocks = match cloud.dim() {
            2 => Blocks::Plane(blocks(cloud, alpha)),
            _ => Blocks::Space(blocks(cloud, alpha)),
        };
        Self {
            cloud,
            level: *level,
            variance,
            gain: alpha * data / variance,
            blocks,
        }
    }

    pub(super) fn dim(&self) -> usize {
        self.cloud.dim()
    }

    pub(super) fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        if self.level.alpha < NO_SIGNAL {
            let mean = self.cloud.mean();
            out.chunks_mut(mean.len())
                .for_each(|o| o.copy_from_slice(&mean));
        } else if self.level.sigma == 0.0 {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = x / self.level.alpha;
            }
        } else {
            match &self.blocks {
                Blocks::Plane(blocks) => self.x_hat_all(blocks, x_t, out),
                Blocks::Space(blocks) => self.x_hat_all(blocks, x_t, out),
            }
        }
    }

    fn x_hat_all<const D: usize>(&self, blocks: &[Block<D>], x_t: &[f64], out: &mut [f64]) {
        let keep = 1.0 - self.gain * self.level.alpha;
        let mut squares = vec![[0.0; LANES]; blocks.len()];
        let (points, _) = x_t.as_chunks::<D>();
        for (x, out) in points.iter().zip(out.chunks_exact_mut(D)) {
            let sums = self.sums(blocks, x, &mut squares);
            for ((o, x), moment) in out.iter_mut().zip(x).zip(sums.moment) {
                *o = keep * (moment / sums.mass) + self.gain * x;
            }
        }
    }

    pub(super) fn log_density(&self, x: &[f64]) -> f64 {
        match &self.blocks {
            Blocks::Plane(blocks) => self.log_density_at(blocks, [x[0], x[1]]),
            Blocks::Space(blocks) => self.log_density_at(blocks, [x[0], x[1], x[2]]),
        }
    }

    fn log_density_at<const D: usize>(&self, blocks: &[Block<D>], x: [f64; D]) -> f64 {
        if self.variance == 0.0 {
            let scaled = self.cloud.centres().chunks_exact(D);
            let mut on = scaled.map(|c| c.iter().zip(&x).all(|(c, x)| self.level.alpha * c == *x));
            return if on.any(|on| on) {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            };
        }
        let mut squares = vec![[0.0; LANES]; blocks.len()];
        let sums = self.sums(blocks, &x, &mut squares);
        let top = -0.5 * sums.nearest / self.variance;
        top + libm::log(sums.mass) - 0.5 * D as f64 * libm::log(TAU * self.variance)
    }

    /// `squares` is scratch space, one entry per block.
    #[inline(always)]
    fn sums<const D: usize>(
        &self,
        blocks: &[Block<D>],
        x: &[f64; D],
        squares: &mut [[f64; LANES]],
    ) -> Sums<D> {
        let mut low = [f64::INFINITY; LANES];
        for (block, squares) in blocks.iter().zip(squares.iter_mut()) {
            for lane in 0..LANES {
                let mut square = 0.0;
                for (x, scaled) in x.iter().zip(&block.scaled) {
                    let gap = x - scaled[lane];
                    square += gap * gap;
                }
                squares[lane] = square;
                low[lane] = if square < low[lane] {
                    square
                } else {
                    low[lane]
                };
            }
        }
        let nearest = least(&low);
        let scale = 0.5 / self.variance;
        let limit = nearest + NEGLIGIBLE / scale;
        let (mut mass, mut moment) = ([0.0; LANES], [[0.0; LANES]; D]);
        for (block, squares) in blocks.iter().zip(squares.iter()) {
            if least(squares) > limit {
                continue;
            }
            for lane in 0..LANES {
                let term = block.weight[lane] * special::exp((nearest - squares[lane]) * scale);
                mass[lane] += term;
                for (moment, clean) in moment.iter_mut().zip(&block.clean) {
                    moment[lane] += term * clean[lane];
                }
            }
        }
        Sums {
            nearest,
            mass: sum(&mass),
            moment: moment.map(|lanes| sum(&lanes)),
        }
    }
}

fn blocks<const D: usize>(cloud: &Cloud, alpha: f64) -> Vec<Block<D>> {
    let count = cloud.weights().len();
    let starts = (0..count).step_by(LANES);
    let block = |start: usize| {
        let clean: [[f64; LANES]; D] = std::array::from_fn(|axis| {
            std::array::from_fn(|lane| cloud.centres()[(start + lane).min(count - 1) * D + axis])
        });
        Block {
            scaled: clean.map(|lanes| lanes.map(|c| alpha * c)),
            clean,
            weight: std::array::from_fn(|lane| {
                cloud.weights().get(start + lane).copied().unwrap_or(0.0)
            }),
        }
    };
    starts.map(block).collect()
}

/// The smallest lane. Halving keeps the values in vector registers.
#[inline(always)]
fn least(x: &[f64; LANES]) -> f64 {
    let min = |a: f64, b: f64| if a < b { a } else { b };
    min(min(x[0], x[2]), min(x[1], x[3]))
}

#[inline(always)]
fn sum(x: &[f64; LANES]) -> f64 {
    (x[0] + x[2]) + (x[1] + x[3])
}
