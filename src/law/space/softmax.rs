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
use crate::special::lanes::Pair;
use crate::special::pairs::quick_exp;
use std::f64::consts::TAU;

/// Centres in a block: each has a sum of its own, and a distant block is skipped as a whole.
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

/// Of two points: Σ w_k e^{(d² − d_k²)/2τ²} and the same sum with the factor c_k, where d is the distance to the nearest
/// centre.
struct Sums<const D: usize> {
    nearest: Pair,
    mass: Pair,
    moment: [Pair; D],
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
        let keep = Pair::both(1.0 - self.gain * self.level.alpha);
        let gain = Pair::both(self.gain);
        let mut squares = vec![[Pair::both(0.0); LANES]; blocks.len()];
        // Two points at a time; a last one alone fills both lanes.
        for (x, out) in x_t.chunks(2 * D).zip(out.chunks_mut(2 * D)) {
            let second = x.len() - D;
            let points = std::array::from_fn(|axis| Pair::new([x[axis], x[second + axis]]));
            let sums = self.sums(blocks, points, &mut squares);
            for axis in 0..D {
                let x_hat = keep * (sums.moment[axis] / sums.mass) + gain * points[axis];
                [out[axis], out[second + axis]] = x_hat.lanes();
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
        let mut squares = vec![[Pair::both(0.0); LANES]; blocks.len()];
        let sums = self.sums(blocks, x.map(Pair::both), &mut squares);
        let ([nearest, _], [mass, _]) = (sums.nearest.lanes(), sums.mass.lanes());
        let top = -0.5 * nearest / self.variance;
        top + libm::log(mass) - 0.5 * D as f64 * libm::log(TAU * self.variance)
    }

    /// `squares` is scratch space, one entry per block.
    #[inline(always)]
    fn sums<const D: usize>(
        &self,
        blocks: &[Block<D>],
        x: [Pair; D],
        squares: &mut [[Pair; LANES]],
    ) -> Sums<D> {
        let mut nearest = Pair::both(f64::INFINITY);
        for (block, squares) in blocks.iter().zip(squares.iter_mut()) {
            for (lane, kept) in squares.iter_mut().enumerate() {
                let mut square = Pair::both(0.0);
                for (x, scaled) in x.iter().zip(&block.scaled) {
                    let gap = *x - Pair::both(scaled[lane]);
                    square = square + gap * gap;
                }
                *kept = square;
                nearest = square.least(nearest);
            }
        }
        let scale = 0.5 / self.variance;
        let limit = nearest + Pair::both(NEGLIGIBLE / scale);
        let scale = Pair::both(scale);
        let mut mass = [Pair::both(0.0); LANES];
        let mut moment = [[Pair::both(0.0); LANES]; D];
        for (block, squares) in blocks.iter().zip(squares.iter()) {
            let [a, b, c, d] = *squares;
            let distant = limit.below(a.least(c).least(b.least(d)));
            if distant.all() {
                continue;
            }
            let powers = quick_exp(squares.map(|square| (nearest - square) * scale));
            for (lane, power) in powers.into_iter().enumerate() {
                // A block that is distant from one of the two points adds 0 to the sums of this point.
                let term = (Pair::both(block.weight[lane]) * power).without(distant);
                mass[lane] = mass[lane] + term;
                for (moment, clean) in moment.iter_mut().zip(&block.clean) {
                    moment[lane] = moment[lane] + term * Pair::both(clean[lane]);
                }
            }
        }
        Sums {
            nearest,
            mass: sum(mass),
            moment: moment.map(sum),
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

/// The sum over the centres of a block, in a fixed order.
#[inline(always)]
fn sum([a, b, c, d]: [Pair; LANES]) -> Pair {
    (a + c) + (b + d)
}
