//! x̂ and the density of x_t when x₀ is a mixture of isotropic normals with one standard deviation, on the line, in the plane
//! or in space. Runs on such laws spend most of their time here.
//!
//! With τ² = α²sd² + σ², g = α·sd²/τ² and d_k² = ‖x_t − αc_k‖²:
//! x̂ = Σ r_k [c_k + g(x_t − αc_k)] = (σ²/τ²)·Σ r_k c_k + g·x_t, r_k ∝ w_k exp(−d_k²/2τ²),
//! p_t = (2πτ²)^{−dim/2} Σ w_k exp(−d_k²/2τ²).
//!
//! A point has the same bits whatever point it shares a pair with: a distant centre counts as 0 whether or not its block is
//! skipped.
//!
//! Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`; `src/law/tests.rs`:
//! `density_and_denoiser_agree_with_quadrature`, `a_softmax_on_the_line_agrees_with_the_sum_over_the_parts`,
//! `a_point_has_the_bits_that_it_has_beside_any_other`.

use crate::level::Level;
use crate::special::lanes::Pair;
use crate::special::pairs::powers;
use crate::special::pairs::quick_exp2;
use crate::special::powers::Powers;
use std::f64::consts::LOG2_E;
use std::f64::consts::TAU;

/// Centres in a block: their exponentials go side by side, and a distant block is skipped as a whole.
const LANES: usize = 4;
/// Exponents this far below the largest do not change a sum in f64, if all weights are equal: e^{−45} of 10³ centres is below
/// 2⁻⁵⁴.
const NEGLIGIBLE: f64 = 45.0;

/// The work of x̂ of so many centres in units ([`crate::denoise::Denoiser::price`]), about: ten in a unit.
pub(super) fn price(centres: usize) -> usize {
    1 + centres / 10
}

/// LANES centres, coordinate by coordinate.
#[derive(Debug, Clone)]
struct Block<const D: usize> {
    /// c_k and α·c_k.
    clean: [[f64; LANES]; D],
    scaled: [[f64; LANES]; D],
    /// w_k; 0 in the padding, which repeats the last centre.
    weight: [f64; LANES],
}

/// A mixture at one level.
#[derive(Debug, Clone)]
pub(super) struct Softmax<const D: usize> {
    blocks: Vec<Block<D>>,
    /// 1/2τ², and how far below the largest an exponent counts.
    steep: f64,
    reach: f64,
    variance: f64,
    /// σ²/τ², and g, the Kalman gain of every normal.
    keep: f64,
    gain: f64,
}

/// Of two points: Σ w_k e^{(d² − d_k²)/2τ²} and the same sum with the factor c_k, where d is the distance to the nearest
/// centre.
struct Sums<const D: usize> {
    nearest: Pair,
    mass: Pair,
    moment: [Pair; D],
}

impl<const D: usize> Softmax<D> {
    /// Σ w_k N(c_k, sd²·I) at a level; `centres` are interleaved. x̂ needs signal and noise, the density needs one of noise
    /// and sd.
    pub fn new(centres: &[f64], weights: &[f64], sd: f64, level: &Level) -> Self {
        let Level { alpha, sigma, .. } = *level;
        let (data, noise) = (sd * sd, sigma * sigma);
        let variance = alpha * alpha * data + noise;
        Self {
            blocks: blocks(centres, weights, alpha),
            steep: 0.5 / variance,
            reach: NEGLIGIBLE + libm::log(ratio(weights)),
            variance,
            keep: noise / variance,
            gain: alpha * data / variance,
        }
    }

    /// x̂ of interleaved points.
    pub fn x_hat_all(&self, x_t: &[f64], out: &mut [f64]) {
        let (keep, gain) = (Pair::both(self.keep), Pair::both(self.gain));
        let mut squares = self.squares();
        let powers = powers();
        // Two points at a time; a last one alone fills both lanes.
        for (x, out) in x_t.chunks(2 * D).zip(out.chunks_mut(2 * D)) {
            let second = x.len() - D;
            let points = std::array::from_fn(|axis| Pair::new([x[axis], x[second + axis]]));
            let sums = self.sums(points, &mut squares, powers);
            let scale = keep / sums.mass;
            for axis in 0..D {
                let x_hat = sums.moment[axis] * scale + gain * points[axis];
                [out[axis], out[second + axis]] = x_hat.lanes();
            }
        }
    }

    /// log p_t.
    pub fn log_density(&self, x: [f64; D]) -> f64 {
        let sums = self.sums(x.map(Pair::both), &mut self.squares(), powers());
        let ([nearest, _], [mass, _]) = (sums.nearest.lanes(), sums.mass.lanes());
        let top = -0.5 * nearest / self.variance;
        top + libm::log(mass) - 0.5 * D as f64 * libm::log(TAU * self.variance)
    }

    /// Scratch space of [`Softmax::sums`].
    fn squares(&self) -> Vec<[Pair; LANES]> {
        vec![[Pair::both(0.0); LANES]; self.blocks.len()]
    }

    #[inline(always)]
    #[allow(
        clippy::needless_range_loop,
        reason = "loops of fixed length, which all unroll"
    )]
    fn sums(&self, x: [Pair; D], squares: &mut [[Pair; LANES]], powers: &Powers) -> Sums<D> {
        let mut nearest = Pair::both(f64::INFINITY);
        for (block, squares) in self.blocks.iter().zip(squares.iter_mut()) {
            for (lane, kept) in squares.iter_mut().enumerate() {
                let gap = x[0] - Pair::both(block.scaled[0][lane]);
                let mut square = gap * gap;
                for axis in 1..D {
                    let gap = x[axis] - Pair::both(block.scaled[axis][lane]);
                    square = square + gap * gap;
                }
                *kept = square;
                nearest = square.least(nearest);
            }
        }
        let limit = nearest + Pair::both(self.reach / self.steep);
        let steep = Pair::both(self.steep * LOG2_E);
        let mut mass = Pair::both(0.0);
        let mut moment = [Pair::both(0.0); D];
        for (block, squares) in self.blocks.iter().zip(squares.iter()) {
            let mut distant = *squares;
            for lane in 0..LANES {
                distant[lane] = limit.below(squares[lane]);
            }
            let [a, b, c, d] = distant;
            if a.and(c).and(b.and(d)).all() {
                continue;
            }
            let mut y = *squares;
            for lane in 0..LANES {
                y[lane] = (nearest - squares[lane]) * steep;
            }
            let mut term = quick_exp2(y, powers);
            for lane in 0..LANES {
                let weighted = Pair::both(block.weight[lane]) * term[lane];
                term[lane] = weighted.without(distant[lane]);
            }
            mass = mass + sum(term);
            for (moment, clean) in moment.iter_mut().zip(&block.clean) {
                let mut share = term;
                for lane in 0..LANES {
                    share[lane] = term[lane] * Pair::both(clean[lane]);
                }
                *moment = *moment + sum(share);
            }
        }
        Sums {
            nearest,
            mass,
            moment,
        }
    }
}

/// The largest of some positive weights as a multiple of the smallest.
pub(super) fn ratio(weights: &[f64]) -> f64 {
    let least = weights.iter().copied().fold(f64::INFINITY, f64::min);
    weights.iter().copied().fold(0.0, f64::max) / least
}

fn blocks<const D: usize>(centres: &[f64], weights: &[f64], alpha: f64) -> Vec<Block<D>> {
    let count = weights.len();
    let starts = (0..count).step_by(LANES);
    let block = |start: usize| {
        let clean: [[f64; LANES]; D] = std::array::from_fn(|axis| {
            std::array::from_fn(|lane| centres[(start + lane).min(count - 1) * D + axis])
        });
        Block {
            scaled: clean.map(|lanes| lanes.map(|c| alpha * c)),
            clean,
            weight: std::array::from_fn(|lane| weights.get(start + lane).copied().unwrap_or(0.0)),
        }
    };
    starts.map(block).collect()
}

/// The sum over the centres of a block, in a fixed order.
#[inline(always)]
fn sum([a, b, c, d]: [Pair; LANES]) -> Pair {
    (a + c) + (b + d)
}
