//! Uniform on half of the squares of a board.
//!
//! A square (i, j) is filled if i + j is even: the filled squares are even columns × even rows and odd columns × odd
//! rows. Under noise the density is therefore proportional to E(x)E(y) + O(x)O(y), where E and O are the masses of
//! the even and the odd intervals of one coordinate. x̂ follows from these masses and the means. Deep inside an empty
//! square and far outside both products underflow, so the masses are carried relative to e^{−z²/2}, z the distance to the
//! nearest interval of their parity in units of σ, and only the difference of the exponents is used.
//!
//! With h = ¼α/σ, half a square in units of σ, there are three ways: under wide noise (h small) each interval by a series
//! in which nothing cancels, then all five edges by their tails, and under little noise the two edges next to the point.

use crate::law::diffused::NO_SIGNAL;
use crate::law::truncated::LOG_SQRT_TAU;
use crate::level::Level;
use crate::rng::Noise;
use crate::rng::Stream;
use crate::special::SQRT_TAU;
use crate::special::lanes::Pair;
use crate::special::pairs::mills;
use crate::special::pairs::quick_exp;

/// Half the side of the board.
pub(super) const HALF_SIDE: f64 = 1.0;
/// Squares along a side.
const CELLS: usize = 4;
/// Half the side of a square.
const HALF_CELL: f64 = HALF_SIDE / CELLS as f64;
/// The density on the filled half of the board.
const DENSITY: f64 = 0.5 / (HALF_SIDE * HALF_SIDE);
/// Half a cell in units of σ up to which the series of a cell are used.
const WIDE: f64 = 0.3;
/// Terms of these series. With k from [`WIDE`] the next one is below rounding.
const TERMS: usize = 16;
/// Half a cell in units of σ from which only the two edges next to a point count: what lies behind them is smaller
/// by e^{−2h²}, which is below 2⁻⁵⁵.
const SHARP: f64 = 4.4;

/// Uniform on 8 of the 16 squares of side ½ in [−1, 1]². A square is filled if its column and its row, counted from
/// the lower left corner, are both even or both odd.
///
/// Held by `src/law/space/tests.rs`: `the_checkerboard_is_exact_to_rounding`, `density_and_denoiser_agree_with_quadrature`,
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
    /// Half a cell in units of σ, h.
    half: f64,
    /// e^{−2h²}.
    fall: f64,
    /// Under wide noise, what the series need.
    series: Box<Series>,
}

/// 2h·½∫ e^{ky − h²y²/2} dy over [−1, 1] and its derivative, as series in k².
#[derive(Debug, Clone)]
struct Series {
    /// The largest |k| for which they are exact.
    reach: f64,
    /// How many terms they need.
    terms: usize,
    /// Coefficients of k²ʲ and of k·k²ʲ.
    terms_of: [[f64; 2]; TERMS],
}

/// The stripes seen from a coordinate of two points, divided by φ(0).
#[derive(Clone, Copy)]
struct Seen {
    even: Stripes,
    odd: Stripes,
    /// The masses of the odd stripes are to be multiplied by e^{−fall}, those of the even ones by e^{−fall − gap}.
    fall: Pair,
    gap: Pair,
}

/// The two intervals of one parity.
#[derive(Clone, Copy)]
struct Stripes {
    /// P(x_t − σz ∈ α·stripes).
    mass: Pair,
    /// E[x₀; x₀ in the stripes | x_t] times the same.
    moment: Pair,
}

impl DiffusedCheckerboard {
    pub(super) fn new(level: &Level) -> Self {
        let half = level.alpha * HALF_CELL / level.sigma;
        Self {
            alpha: level.alpha,
            sigma: level.sigma,
            half,
            fall: libm::exp(-2.0 * half * half),
            series: Box::new(Series::new(half.min(WIDE))),
        }
    }

    pub(super) fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        if self.alpha < NO_SIGNAL {
            out.fill(0.0);
        } else if self.sigma == 0.0 {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = x / self.alpha;
            }
        } else if self.half < WIDE {
            self.by_twos(x_t, out, |v| self.wide(v));
        } else if self.half < SHARP {
            self.by_twos(x_t, out, |v| self.five_edges(v));
        } else {
            self.by_twos(x_t, out, |v| self.two_edges(v));
        }
    }

    /// Two points at a time; a last one alone fills both lanes.
    #[inline(always)]
    fn by_twos(&self, x_t: &[f64], out: &mut [f64], seen: impl Fn(Pair) -> Seen) {
        let one = Pair::both(HALF_SIDE);
        for (out, x) in out.chunks_mut(4).zip(x_t.chunks(4)) {
            let second = x.len() - 2;
            let point = [
                Pair::new([x[0], x[second]]),
                Pair::new([x[1], x[second + 1]]),
            ];
            let [x, y] = [folded(point[0], &seen), folded(point[1], &seen)];
            let [even, odd] = weights(&x, &y);
            let inverse = Pair::both(1.0)
                / (x.even.mass * y.even.mass * even + x.odd.mass * y.odd.mass * odd);
            let mean = |one: &Seen, other: &Seen| {
                one.even.moment * (other.even.mass * even) + one.odd.moment * (other.odd.mass * odd)
            };
            // Far away, rounding could put the mean outside.
            let inside = |mean: Pair| (mean * inverse).least(one).most(one.negative());
            let (x, y) = (inside(mean(&x, &y)).lanes(), inside(mean(&y, &x)).lanes());
            [out[second], out[second + 1]] = [x[1], y[1]];
            [out[0], out[1]] = [x[0], y[0]];
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
        let seen = |v: Pair| match self.half {
            h if h < WIDE => self.wide(v),
            h if h < SHARP => self.five_edges(v),
            _ => self.two_edges(v),
        };
        let [x, y] = [x[0], x[1]].map(|x| folded(Pair::both(x), seen));
        let [even, odd] = weights(&x, &y);
        let mass = x.even.mass * y.even.mass * even + x.odd.mass * y.odd.mass * odd;
        let fall = x.fall + y.fall + (x.gap + y.gap).least(Pair::both(0.0));
        unit + libm::log(mass.lanes()[0]) - fall.lanes()[0] - 2.0 * LOG_SQRT_TAU
    }

    /// What is seen from v ≥ 0 under wide noise: in each cell, with its centre at distance m, the mass is
    /// e^{−m²/2}·S(k), k = mh, and the mean is that of y in [−1, 1] with the weight e^{ky − h²y²/2}.
    #[inline(never)]
    fn wide(&self, v: Pair) -> Seen {
        let h = self.half;
        let inverse = 1.0 / self.sigma;
        let last = HALF_SIDE - HALF_CELL;
        let m = (v - Pair::both(self.alpha * last)) * Pair::both(inverse);
        // From cell to cell m grows by 2h.
        let k = |cells: f64| m * Pair::both(h) + Pair::both(2.0 * h * h * cells);
        let [k0, k1, k2, k3] = [k(3.0), k(2.0), k(1.0), k(0.0)];
        let is_series = k0.below(Pair::both(self.series.reach));
        if !is_series.any() {
            return self.five_edges(v);
        }
        let [r] = quick_exp([Pair::both(-2.0) * k3]);
        // e^{−(m_i² − m₃²)/2}.
        let w2 = r * Pair::both(self.fall);
        let w1 = w2 * w2 * Pair::both(self.fall * self.fall);
        let w0 = w1 * w2 * Pair::both(self.fall * self.fall * self.fall * self.fall);
        let zero = Pair::both(0.0);
        let (q0, q1, q2, q3) = (k0 * k0, k1 * k1, k2 * k2, k3 * k3);
        let (mut s0, mut s1, mut s2, mut s3) = (zero, zero, zero, zero);
        let (mut t0, mut t1, mut t2, mut t3) = (zero, zero, zero, zero);
        for [s, t] in self.series.terms_of[..self.series.terms].iter().rev() {
            let (s, t) = (Pair::both(*s), Pair::both(*t));
            (s0, s1, s2, s3) = (s0 * q0 + s, s1 * q1 + s, s2 * q2 + s, s3 * q3 + s);
            (t0, t1, t2, t3) = (t0 * q0 + t, t1 * q1 + t, t2 * q2 + t, t3 * q3 + t);
        }
        let moment = |centre: f64, k: Pair, s: Pair, t: Pair| {
            Pair::both(centre) * s + Pair::both(HALF_CELL) * (k * t)
        };
        let centre = |i: usize| -HALF_SIDE + HALF_CELL * (2 * i + 1) as f64;
        let even = Stripes {
            mass: w0 * s0 + w2 * s2,
            moment: w0 * moment(centre(0), k0, s0, t0) + w2 * moment(centre(2), k2, s2, t2),
        };
        let odd = Stripes {
            mass: w1 * s1 + s3,
            moment: w1 * moment(centre(1), k1, s1, t1) + moment(centre(3), k3, s3, t3),
        };
        let near = Seen {
            even,
            odd,
            fall: Pair::both(0.5) * m * m,
            gap: zero,
        };
        match is_series.all() {
            true => near,
            false => near.where_else(is_series, self.five_edges(v)),
        }
    }

    /// (v − α·edge)/σ of an edge.
    #[inline(always)]
    fn edge(&self, v: Pair, i: usize) -> Pair {
        let place = self.alpha * (-HALF_SIDE + 2.0 * HALF_CELL * i as f64);
        (v - Pair::both(place)) * Pair::both(1.0 / self.sigma)
    }

    /// What is seen from v ≥ 0, by the tails behind the five edges, P(z > zᵢ) = φ(zᵢ)·mills(zᵢ).
    #[inline(never)]
    fn five_edges(&self, v: Pair) -> Seen {
        let (zero, one, half) = (Pair::both(0.0), Pair::both(1.0), Pair::both(0.5));
        let (z3, z4) = (self.edge(v, 3), self.edge(v, 4));
        let [m0, m1, m2] = [self.edge(v, 0), self.edge(v, 1), self.edge(v, 2)];
        let [m0, m1, m2] = [mills(m0), mills(m1), mills(m2)];
        let [m3, m4] = [mills(z3.abs()), mills(z4.abs())];
        // rᵢ = φ(zᵢ)/φ(zᵢ₊₁); from edge to edge z falls by 2h.
        let gap = Pair::both(self.half) * (z3 + z4);
        let f3 = half * z3 * z3;
        let f4 = half * z4 * z4;
        let [r3, p3, p4] = quick_exp([gap.negative(), f3.negative(), f4.negative()]);
        let step = Pair::both(self.fall * self.fall);
        let r2 = r3 * step;
        let r1 = r2 * step;
        let r0 = r1 * step;
        // What lies left of edge 3, divided by φ(z₃).
        let even = (
            r2 * (m2 - r1 * (m1 - r0 * m0)),
            r2 * (one - r1 * (one - r0)),
        );
        let odd = (r2 * (m2 - r1 * m1), r2 * (one - r1));
        let in_even = z3.below(zero);
        let on_board = z4.below(zero);
        let all = Pair::both(SQRT_TAU);
        let even_mass = in_even.choose(all - p3 * (m3 + even.0), m3 - even.0);
        let even_step = one - even.1;
        let even_step = in_even.choose(p3 * even_step, even_step);
        let beside = in_even.choose(p3 * (m3 + odd.0), all - p3 * (m3 - odd.0)) - p4 * m4;
        let odd_mass = on_board.choose(beside, m4 - r3 * (m3 - odd.0));
        let odd_step = on_board.choose(p4 - p3 * (one - odd.1), one - r3 * (one - odd.1));
        Seen {
            even: self.stripes(v, even_mass, even_step),
            odd: self.stripes(v, odd_mass, odd_step),
            fall: f4.without(on_board),
            gap: on_board.choose(f3.without(in_even), gap),
        }
    }

    /// The same under little noise: the two edges next to the point.
    #[inline(never)]
    fn two_edges(&self, v: Pair) -> Seen {
        let (zero, one, half) = (Pair::both(0.0), Pair::both(1.0), Pair::both(0.5));
        let (z2, z3, z4) = (self.edge(v, 2), self.edge(v, 3), self.edge(v, 4));
        let in_even = z3.below(zero);
        let on_board = z4.below(zero);
        let (left, right) = (in_even.choose(z2, z3), in_even.choose(z3, z4));
        let size = right.abs();
        let h = Pair::both(self.half);
        let (fall_left, fall_right) = (half * left * left, half * size * size);
        // φ(far)/φ(near) of the two edges of a cell, whose distances are 2h together.
        let between = h * (left - size).abs();
        let [p, q, r] = quick_exp([
            fall_left.negative(),
            fall_right.negative(),
            between.negative(),
        ]);
        let (m, n) = (mills(left), mills(size));
        let left_is_near = left.below(size);
        let near = left_is_near.choose(fall_left, fall_right);
        let own = self.stripes(v, Pair::both(SQRT_TAU) - (p * m + q * n), q - p);
        // The cells on both sides; those on one side, by their edge.
        let rise = left_is_near.choose(one - r, r - one);
        let both = self.stripes(v, left_is_near.choose(m + r * n, n + r * m), rise);
        let before = self.stripes(v, m, one);
        let behind = self.stripes(v, n, one);
        let odd = Stripes::choose(on_board, own, behind);
        let gap = on_board.choose(fall_left, h * (left + right));
        Seen {
            even: Stripes::choose(in_even, own, before),
            odd: Stripes::choose(in_even, both, odd),
            fall: in_even.choose(near, fall_right.without(on_board)),
            gap: in_even.choose(near.negative(), gap),
        }
    }

    /// Stripes by their mass and by the sum of φ at their edges, plus at left ones and minus at right ones.
    #[inline(always)]
    fn stripes(&self, v: Pair, mass: Pair, step: Pair) -> Stripes {
        let clean = v * Pair::both(1.0 / self.alpha);
        Stripes {
            mass,
            moment: clean * mass - Pair::both(self.sigma / self.alpha) * step,
        }
    }
}

/// By symmetry x may be right of the middle of the board: its mirror image sees the even stripes where x sees the odd ones.
#[inline(always)]
fn folded(x: Pair, seen: impl Fn(Pair) -> Seen) -> Seen {
    let left = x.below(Pair::both(0.0));
    let Seen {
        even,
        odd,
        fall,
        gap,
    } = seen(x.abs());
    let mirror = |at: Stripes| Stripes {
        mass: at.mass,
        moment: at.moment.negative(),
    };
    Seen {
        even: Stripes::choose(left, mirror(odd), even),
        odd: Stripes::choose(left, mirror(even), odd),
        fall: left.choose(fall + gap, fall),
        gap: left.choose(gap.negative(), gap),
    }
}

/// The factors of the products of even masses and of odd masses; the larger is 1.
#[inline(always)]
fn weights(x: &Seen, y: &Seen) -> [Pair; 2] {
    let gap = x.gap + y.gap;
    let one = Pair::both(1.0);
    let [fade] = quick_exp([gap.abs().negative()]);
    let even_is_less = Pair::both(0.0).below(gap);
    [
        even_is_less.choose(fade, one),
        even_is_less.choose(one, fade),
    ]
}

impl Series {
    fn new(h: f64) -> Self {
        let q = 0.5 * h * h;
        // A point 6½ σ outside of the board is seen from the first cell at this k.
        let reach = (h * (6.5 + 7.0 * h)).max(0.5);
        // μ_n = ∫₀¹ yⁿe^{−qy²}dy by (n+1)·μ_n = e^{−q} + 2q·μ_{n+2}, downwards.
        let end = libm::exp(-q);
        let mut moment = 0.0;
        for n in (TERMS..TERMS + 4).rev() {
            moment = (end + 2.0 * q * moment) / (2 * n + 1) as f64;
        }
        let mut terms_of = [[0.0; 2]; TERMS];
        for (j, [s, t]) in terms_of.iter_mut().enumerate().rev() {
            *t = moment;
            moment = (end + 2.0 * q * moment) / (2 * j + 1) as f64;
            *s = moment;
        }
        let (mut scale, mut size, mut terms) = (2.0 * h, 1.0, 0);
        for (j, [s, t]) in terms_of.iter_mut().enumerate() {
            *s *= scale;
            scale /= (2 * j + 1) as f64;
            *t *= scale;
            scale /= (2 * j + 2) as f64;
            if size > f64::EPSILON / 16.0 {
                terms = j + 1;
            }
            size *= reach * reach / ((2 * j + 1) * (2 * j + 2)) as f64;
        }
        Self {
            reach,
            terms,
            terms_of,
        }
    }
}

impl Seen {
    #[inline(always)]
    fn where_else(self, mask: Pair, other: Self) -> Self {
        Self {
            even: Stripes::choose(mask, self.even, other.even),
            odd: Stripes::choose(mask, self.odd, other.odd),
            fall: mask.choose(self.fall, other.fall),
            gap: mask.choose(self.gap, other.gap),
        }
    }
}

impl Stripes {
    #[inline(always)]
    fn choose(mask: Pair, yes: Self, no: Self) -> Self {
        Self {
            mass: mask.choose(yes.mass, no.mass),
            moment: mask.choose(yes.moment, no.moment),
        }
    }
}
