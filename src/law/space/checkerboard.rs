//! Uniform on half of the squares of a board.
//!
//! A square (i, j) is filled if i + j is even: the filled squares are even columns × even rows and odd columns × odd
//! rows. Under noise the density is therefore proportional to E(x)E(y) + O(x)O(y), where E and O are the masses of
//! the even and the odd intervals of one coordinate. x̂ follows from these masses and the means. Everything is
//! computed in logarithms, because deep inside an empty square both products underflow.

use crate::law::diffused::NO_SIGNAL;
use crate::law::truncated::LOG_SQRT_TAU;
use crate::law::truncated::Narrow;
use crate::law::truncated::Truncated;
use crate::law::truncated::is_narrow;
use crate::law::truncated::narrow;
use crate::law::truncated::truncated;
use crate::level::Level;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::special::mills;

/// Half the side of the board.
pub(super) const HALF_SIDE: f64 = 1.0;
/// Squares along a side.
const CELLS: usize = 4;
/// Half the side of a square.
const HALF_CELL: f64 = HALF_SIDE / CELLS as f64;
/// The density on the filled half of the board.
const DENSITY: f64 = 0.5 / (HALF_SIDE * HALF_SIDE);
/// A mass whose logarithm is this far below another does not change a sum in f64.
const NEGLIGIBLE: f64 = 40.0;

/// Uniform on 8 of the 16 squares of side ½ in [−1, 1]². A square is filled if its column and its row, counted from
/// the lower left corner, are both even or both odd.
///
/// Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`,
/// `each_filled_square_of_the_checkerboard_gets_an_eighth_of_the_draws`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checkerboard;

impl Checkerboard {
    /// Whether the square that holds the point is filled.
    pub fn is_filled(&self, x: f64, y: f64) -> bool {
        let cell = |x: f64| ((x + HALF_SIDE) / (2.0 * HALF_CELL)).floor();
        let inside = |x: f64| (-HALF_SIDE..HALF_SIDE).contains(&x);
        inside(x) && inside(y) && (cell(x) + cell(y)) % 2.0 == 0.0
    }

    /// Each coordinate is uniform on [−1, 1].
    pub(super) fn variance(&self) -> f64 {
        HALF_SIDE * HALF_SIDE / 3.0
    }

    /// The square comes from step 0, the point in it from steps 1 and 2.
    pub(super) fn sample(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        for (i, point) in out.chunks_exact_mut(2).enumerate() {
            let index = first + i as u64;
            let square = (8.0 * noise.uniform(stream, 0, index)) as usize;
            let (row, half) = (square / 2, square % 2);
            let corner = [2 * half + row % 2, row];
            for (step, (x, corner)) in point.iter_mut().zip(corner).enumerate() {
                let within = noise.uniform(stream, 1 + step as u32, index);
                *x = -HALF_SIDE + 2.0 * HALF_CELL * (corner as f64 + within);
            }
        }
    }
}

/// The board at one level.
#[derive(Debug, Clone)]
pub(super) struct DiffusedCheckerboard {
    alpha: f64,
    sigma: f64,
}

/// The two intervals of one parity, along one coordinate.
#[derive(Clone, Copy)]
struct Stripes {
    /// log P(x_t − σz ∈ α·stripes).
    log_mass: f64,
    /// E[x₀ | x_t, x₀ in the stripes].
    mean: f64,
}

impl DiffusedCheckerboard {
    pub(super) fn new(level: &Level) -> Self {
        Self {
            alpha: level.alpha,
            sigma: level.sigma,
        }
    }

    pub(super) fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        if self.alpha < NO_SIGNAL {
            out.fill(0.0);
            return;
        }
        if self.sigma == 0.0 {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = x / self.alpha;
            }
            return;
        }
        for (out, x) in out.chunks_exact_mut(2).zip(x_t.chunks_exact(2)) {
            let (x, y) = (self.stripes(x[0]), self.stripes(x[1]));
            let gap = (x[1].log_mass + y[1].log_mass) - (x[0].log_mass + y[0].log_mass);
            // P(odd | x_t), without overflow on either side.
            let fade = libm::exp(-gap.abs());
            let odd = if gap > 0.0 { 1.0 } else { fade } / (1.0 + fade);
            for (o, at) in out.iter_mut().zip([x, y]) {
                *o = (1.0 - odd) * at[0].mean + odd * at[1].mean;
            }
        }
    }

    pub(super) fn log_density(&self, x: &[f64]) -> f64 {
        if self.alpha < NO_SIGNAL {
            let z = |x: f64| -0.5 * (x / self.sigma) * (x / self.sigma);
            return z(x[0]) + z(x[1]) - 2.0 * (LOG_SQRT_TAU + libm::log(self.sigma));
        }
        let unit = libm::log(DENSITY) - 2.0 * libm::log(self.alpha);
        if self.sigma == 0.0 {
            let filled = Checkerboard.is_filled(x[0] / self.alpha, x[1] / self.alpha);
            return if filled { unit } else { f64::NEG_INFINITY };
        }
        let (x, y) = (self.stripes(x[0]), self.stripes(x[1]));
        let even = x[0].log_mass + y[0].log_mass;
        let odd = x[1].log_mass + y[1].log_mass;
        unit + even.max(odd) + libm::log1p(libm::exp(-(even - odd).abs()))
    }

    /// The even and the odd stripes seen from one coordinate of x_t.
    #[inline]
    fn stripes(&self, x: f64) -> [Stripes; 2] {
        let inverse = 1.0 / self.sigma;
        let edge =
            |i: usize| (x - self.alpha * (-HALF_SIDE + 2.0 * HALF_CELL * i as f64)) * inverse;
        let edges: [f64; CELLS + 1] = std::array::from_fn(edge);
        let half = self.alpha * HALF_CELL * inverse;
        let farthest = edges[0].abs().max(edges[CELLS].abs());
        if is_narrow(farthest, half) {
            return self.narrow_stripes(x * inverse, half);
        }
        let mills: [f64; CELLS + 1] = std::array::from_fn(|i| mills(edges[i].abs()));
        let cell = |i: usize| {
            // By symmetry, x may be right of the middle of the cell.
            let (right, left) = (edges[i + 1], edges[i]);
            let from_right = right + left >= 0.0;
            let seen = if from_right {
                truncated(right, left, |_| mills[i + 1], |_| mills[i])
            } else {
                truncated(-left, -right, |_| mills[i], |_| mills[i + 1])
            };
            let Truncated { log_mass, shift } = seen;
            let shift = if from_right { shift } else { -shift };
            let low = -HALF_SIDE + 2.0 * HALF_CELL * i as f64;
            // The mean lies in the cell. Far away, rounding could put it outside.
            let mean = ((x - self.sigma * shift) / self.alpha).clamp(low, low + 2.0 * HALF_CELL);
            Stripes { log_mass, mean }
        };
        // The distance from x to a cell in units of σ. It bounds the mass of the cell, e^{−outside²/2}.
        let outside = |i: usize| edges[i + 1].max(-edges[i]).max(0.0);
        [0, 1].map(|first| {
            let (mut near, mut far) = (first, first + 2);
            if outside(far) < outside(near) {
                (near, far) = (far, near);
            }
            let (near, outside) = (cell(near), outside(far));
            if -0.5 * outside * outside < near.log_mass - NEGLIGIBLE {
                return near;
            }
            near.and(cell(far))
        })
    }

    /// The stripes if all cells are narrow compared with the noise; `x` is in units of σ.
    fn narrow_stripes(&self, x: f64, half: f64) -> [Stripes; 2] {
        let cell = |i: usize| {
            let centre = -HALF_SIDE + HALF_CELL * (2 * i + 1) as f64;
            let Narrow { log_mass, tilt } = narrow(x - self.alpha * centre / self.sigma, half);
            Stripes {
                log_mass,
                mean: centre + HALF_CELL * tilt,
            }
        };
        [cell(0).and(cell(2)), cell(1).and(cell(3))]
    }
}

impl Stripes {
    fn and(self, other: Self) -> Self {
        let gap = other.log_mass - self.log_mass;
        let fade = libm::exp(-gap.abs());
        let share = if gap > 0.0 { 1.0 } else { fade } / (1.0 + fade);
        Self {
            log_mass: self.log_mass.max(other.log_mass) + libm::log1p(fade),
            mean: (1.0 - share) * self.mean + share * other.mean,
        }
    }
}
