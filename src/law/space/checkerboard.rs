//! Uniform on half of the squares of a board.
//!
//! A square (i, j) is filled if i + j is even: the filled squares are even columns × even rows and odd columns × odd
//! rows. Under noise the density is therefore proportional to E(x)E(y) + O(x)O(y), where E and O are the masses of
//! the even and the odd intervals of one coordinate. x̂ follows from these masses and the means. Everything is
//! computed in logarithms, because deep inside an empty square both products underflow.

use crate::law::diffused::NO_SIGNAL;
use crate::law::truncated::LOG_SQRT_TAU;
use crate::law::truncated::NARROW;
use crate::law::truncated::is_narrow;
use crate::law::truncated::narrow;
use crate::law::truncated::truncated;
use crate::level::Level;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::special::lanes::Pair;
use crate::special::pairs::exp;
use crate::special::pairs::log1p;
use crate::special::pairs::mills;

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

/// The two intervals of one parity, seen from both coordinates of a point.
#[derive(Clone, Copy)]
struct Stripes {
    /// log P(x_t − σz ∈ α·stripes).
    log_mass: Pair,
    /// E[x₀ | x_t, x₀ in the stripes].
    mean: Pair,
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
        // Two points at a time; a last one alone fills both lanes.
        for (out, x) in out.chunks_mut(4).zip(x_t.chunks(4)) {
            let second = x.len() - 2;
            let seen = [
                self.stripes([x[0], x[1]]),
                self.stripes([x[second], x[second + 1]]),
            ];
            let gap = |[even, odd]: &[Stripes; 2]| odd.log_mass() - even.log_mass();
            let gap = Pair::new([gap(&seen[0]), gap(&seen[1])]);
            // P(odd | x_t), without overflow on either side.
            let (zero, one) = (Pair::both(0.0), Pair::both(1.0));
            let fade = exp(gap.abs().negative());
            let odd = zero.below(gap).choose(one, fade) / (one + fade);
            for ((i, odd), [at_even, at_odd]) in [0, second].into_iter().zip(odd.lanes()).zip(seen)
            {
                let (even, odd) = (Pair::both(1.0 - odd), Pair::both(odd));
                [out[i], out[i + 1]] = (even * at_even.mean + odd * at_odd.mean).lanes();
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
        let [even, odd] = self.stripes([x[0], x[1]]).map(|at| at.log_mass());
        unit + even.max(odd) + libm::log1p(libm::exp(-(even - odd).abs()))
    }

    /// The even and the odd stripes seen from both coordinates of a point.
    #[inline(always)]
    fn stripes(&self, point: [f64; 2]) -> [Stripes; 2] {
        let x = Pair::new(point);
        let inverse = Pair::both(1.0 / self.sigma);
        let edge = |i: usize| {
            let place = self.alpha * (-HALF_SIDE + 2.0 * HALF_CELL * i as f64);
            (x - Pair::both(place)) * inverse
        };
        // Without a function over arrays, which the compiler would leave as a call.
        let (mut edges, mut ratios) = ([x; CELLS + 1], [x; CELLS + 1]);
        for i in 0..=CELLS {
            edges[i] = edge(i);
            ratios[i] = mills(edges[i].abs());
        }
        // The distance from x to a cell in units of σ. It bounds the mass of the cell, e^{−outside²/2}.
        let outside = |i: usize| {
            let beyond = edges[i + 1].most(edges[i].negative());
            beyond.most(Pair::both(0.0))
        };
        let low = |i: usize| Pair::both(-HALF_SIDE + 2.0 * HALF_CELL * i as f64);
        let lows = [low(0), low(1), low(2), low(3)];
        let parity = |first: usize| {
            let far_first = outside(first + 2).below(outside(first));
            let near = |all: &[Pair], i: usize| far_first.choose(all[i + 2], all[i]);
            let far = |all: &[Pair], i: usize| far_first.choose(all[i], all[i + 2]);
            let left = [near(&edges, first), near(&ratios, first)];
            let right = [near(&edges, first + 1), near(&ratios, first + 1)];
            let seen = self.cell(x, [left, right], near(&lows, first));
            let bound = outside(first).most(outside(first + 2));
            let fall = Pair::both(-0.5) * bound * bound;
            let alone = fall.below(seen.log_mass - Pair::both(NEGLIGIBLE));
            if alone.all() {
                return seen;
            }
            let left = [far(&edges, first), far(&ratios, first)];
            let right = [far(&edges, first + 1), far(&ratios, first + 1)];
            let other = self.cell(x, [left, right], far(&lows, first));
            Stripes::choose(alone, seen, seen.and(other))
        };
        let wide = [parity(0), parity(1)];
        let half = self.alpha * HALF_CELL * (1.0 / self.sigma);
        match half < NARROW {
            true => self.narrow_stripes(point, half, [edges[0], edges[CELLS]], wide),
            false => wide,
        }
    }

    /// One cell, given its left and its right edge with their Mills ratios, and its lower end in x₀.
    #[inline(always)]
    fn cell(&self, x: Pair, [left, right]: [[Pair; 2]; 2], low: Pair) -> Stripes {
        // By symmetry, x may be right of the middle of the cell.
        let from_left = (right[0] + left[0]).below(Pair::both(0.0));
        let either = |one: Pair, other: Pair| from_left.choose(one, other);
        let edges = [
            either(left[0].negative(), right[0]),
            either(right[0].negative(), left[0]),
        ];
        let mills = [either(left[1], right[1]), either(right[1], left[1])];
        let seen = truncated(edges, mills);
        let shift = either(seen.shift.negative(), seen.shift);
        let mean = (x - Pair::both(self.sigma) * shift) / Pair::both(self.alpha);
        // The mean lies in the cell. Far away, rounding could put it outside.
        let high = low + Pair::both(2.0 * HALF_CELL);
        Stripes {
            log_mass: seen.log_mass(),
            mean: high.least(mean.most(low)),
        }
    }

    /// The stripes if all cells are narrow compared with the noise, where the series are exact; elsewhere `wide`.
    fn narrow_stripes(
        &self,
        point: [f64; 2],
        half: f64,
        ends: [Pair; 2],
        wide: [Stripes; 2],
    ) -> [Stripes; 2] {
        let farthest = ends[0].abs().most(ends[1].abs()).lanes();
        let cell = |i: usize| {
            let centre = -HALF_SIDE + HALF_CELL * (2 * i + 1) as f64;
            let inverse = 1.0 / self.sigma;
            let seen = point.map(|x| narrow(x * inverse - self.alpha * centre / self.sigma, half));
            Stripes {
                log_mass: Pair::new([0, 1].map(|lane: usize| seen[lane].log_mass)),
                mean: Pair::new([0, 1].map(|lane: usize| centre + HALF_CELL * seen[lane].tilt)),
            }
        };
        let mask = |far: f64| match is_narrow(far, half) {
            true => f64::from_bits(u64::MAX),
            false => 0.0,
        };
        let is_narrow = Pair::new(farthest.map(mask));
        let near = [cell(0).and(cell(2)), cell(1).and(cell(3))];
        [0, 1].map(|i: usize| Stripes::choose(is_narrow, near[i], wide[i]))
    }
}

impl Stripes {
    /// The logarithm of the mass of the product of the two coordinates.
    #[inline(always)]
    fn log_mass(&self) -> f64 {
        let [x, y] = self.log_mass.lanes();
        x + y
    }

    #[inline(always)]
    fn choose(mask: Pair, yes: Self, no: Self) -> Self {
        Self {
            log_mass: mask.choose(yes.log_mass, no.log_mass),
            mean: mask.choose(yes.mean, no.mean),
        }
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        let gap = other.log_mass - self.log_mass;
        let fade = exp(gap.abs().negative());
        let one = Pair::both(1.0);
        let share = Pair::both(0.0).below(gap).choose(one, fade) / (one + fade);
        Self {
            log_mass: self.log_mass.most(other.log_mass) + log1p(fade),
            mean: (one - share) * self.mean + share * other.mean,
        }
    }
}
