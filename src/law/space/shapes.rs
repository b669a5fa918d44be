//! The clouds of the plane: each curve is a row of normals. `docs/laws.md` shows the formulas.
//!
//! Neighbouring nodes on a curve are at most one thickness apart. A row of normals with standard deviation h at
//! spacing h has a ripple of 2e^{−2π²} = 5·10⁻⁹. The weight of a node follows from the density of the parameter
//! of the curve.
//!
//! The argument `fine` is the number of nodes per thickness: [`NODES`] in every law, and more in a test that checks
//! whether more nodes would change anything.
//!
//! Held by `src/law/space/tests.rs`: `the_nodes_of_a_curve_cannot_be_seen`.

use super::cloud::Cloud;
use std::f64::consts::PI;
use std::f64::consts::TAU;

/// Nodes per thickness of a curve.
pub(super) const NODES: f64 = 1.0;

/// Standard deviation of the normals at the points of a drawing.
pub const BANDWIDTH: f64 = 0.05;

/// gaussians8: number of normals, radius of the circle, standard deviation of a normal.
const GAUSSIANS: usize = 8;
const GAUSSIANS_RADIUS: f64 = 0.8;
const GAUSSIANS_SD: f64 = 0.08;

/// moons: shift and scale applied to scikit-learn's half circles of radius 1, and thickness.
const MOONS_SHIFT: (f64, f64) = (-0.5, -0.25);
const MOONS_SCALE: f64 = 0.7;
const MOONS_SD: f64 = 0.05;

/// swissroll: range and divisor of the parameter t, and thickness.
const ROLL_T: (f64, f64) = (1.5 * PI, 4.5 * PI);
const ROLL_SCALE: f64 = 1.0 / 12.0;
const ROLL_SD: f64 = 0.04;

/// rings: the radii (each ring has half of the mass), and thickness.
const RINGS_RADII: [f64; 2] = [1.0, 0.5];
const RINGS_SD: f64 = 0.05;

/// pinwheel: number of arms; standard deviation of the radius, whose mean is 1, and where its normal is cut (in
/// standard deviations); bend, scale and thickness.
const WHEEL_ARMS: usize = 5;
const WHEEL_RADIAL_SD: f64 = 0.3;
const WHEEL_CUT: f64 = 3.0;
const WHEEL_RATE: f64 = 0.25;
const WHEEL_SCALE: f64 = 0.65;
const WHEEL_SD: f64 = 0.05;

pub(super) fn gaussians8() -> Cloud {
    let mut curve = Curve::new(GAUSSIANS_SD);
    for k in 0..GAUSSIANS {
        let (sin, cos) = libm::sincos(TAU * k as f64 / GAUSSIANS as f64);
        curve.node(1.0, GAUSSIANS_RADIUS * cos, GAUSSIANS_RADIUS * sin);
    }
    curve.cloud()
}

pub(super) fn moons(fine: f64) -> Cloud {
    let mut curve = Curve::new(MOONS_SD);
    let mut node = |w: f64, x: f64, y: f64| {
        let (x, y) = (x + MOONS_SHIFT.0, y + MOONS_SHIFT.1);
        curve.node(w, MOONS_SCALE * x, MOONS_SCALE * y);
    };
    for inner in [false, true] {
        for (theta, w) in nodes(0.0, PI, MOONS_SD / fine, |_| MOONS_SCALE, |_| 1.0) {
            let (sin, cos) = libm::sincos(theta);
            match inner {
                false => node(w, cos, sin),
                true => node(w, 1.0 - cos, 0.5 - sin),
            }
        }
    }
    curve.cloud()
}

pub(super) fn swissroll(fine: f64) -> Cloud {
    let mut curve = Curve::new(ROLL_SD);
    let speed = |t: f64| ROLL_SCALE * (1.0 + t * t).sqrt();
    for (t, w) in nodes(ROLL_T.0, ROLL_T.1, ROLL_SD / fine, speed, |_| 1.0) {
        let (sin, cos) = libm::sincos(t);
        curve.node(w, ROLL_SCALE * t * cos, ROLL_SCALE * t * sin);
    }
    curve.cloud()
}

pub(super) fn rings(fine: f64) -> Cloud {
    let mut curve = Curve::new(RINGS_SD);
    for radius in RINGS_RADII {
        for (theta, w) in nodes(0.0, TAU, RINGS_SD / fine, |_| radius, |_| 1.0) {
            let (sin, cos) = libm::sincos(theta);
            curve.node(w, radius * cos, radius * sin);
        }
    }
    curve.cloud()
}

pub(super) fn pinwheel(fine: f64) -> Cloud {
    let mut curve = Curve::new(WHEEL_SD);
    let cut = WHEEL_CUT * WHEEL_RADIAL_SD;
    let speed = |r: f64| {
        let across = r * WHEEL_RATE * libm::exp(r);
        WHEEL_SCALE * (1.0 + across * across).sqrt()
    };
    let normal = |r: f64| {
        let z = (r - 1.0) / WHEEL_RADIAL_SD;
        libm::exp(-0.5 * z * z)
    };
    for arm in 0..WHEEL_ARMS {
        let start = TAU * arm as f64 / WHEEL_ARMS as f64;
        for (r, w) in nodes(1.0 - cut, 1.0 + cut, WHEEL_SD / fine, speed, normal) {
            let (sin, cos) = libm::sincos(start + WHEEL_RATE * libm::exp(r));
            curve.node(w, WHEEL_SCALE * r * cos, WHEEL_SCALE * r * sin);
        }
    }
    curve.cloud()
}

/// A curve under construction.
struct Curve {
    centres: Vec<f64>,
    weights: Vec<f64>,
    sd: f64,
}

impl Curve {
    fn new(sd: f64) -> Self {
        Self {
            centres: Vec::new(),
            weights: Vec::new(),
            sd,
        }
    }

    fn node(&mut self, weight: f64, x: f64, y: f64) {
        self.weights.push(weight);
        self.centres.extend([x, y]);
    }

    fn cloud(self) -> Cloud {
        Cloud::new(2, self.centres, self.weights, self.sd)
    }
}

/// Quadrature along a curve with parameter p in [lo, hi]: the midpoints of cells of equal length ≤ `spacing`, and the
/// mass density(p)·dp of each cell. `speed` is the length of the curve per unit of p.
fn nodes(
    lo: f64,
    hi: f64,
    spacing: f64,
    speed: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> f64,
) -> Vec<(f64, f64)> {
    /// Steps of the two integrations.
    const FINE: usize = 4000;
    let dp = (hi - lo) / FINE as f64;
    let middle = |i: usize| lo + (i as f64 + 0.5) * dp;
    let length: f64 = (0..FINE).map(|i| speed(middle(i)) * dp).sum();
    let count = (length / spacing).ceil().max(1.0);
    let cell = length / count;
    let mut out = Vec::new();
    let (mut along, mut wanted) = (0.0, 0.5 * cell);
    for i in 0..FINE {
        let step = speed(middle(i)) * dp;
        while wanted <= along + step && out.len() < count as usize {
            let left = lo + i as f64 * dp;
            let mut p = left + (wanted - along) / step * dp;
            // Newton within the step: a node misplaced by a millionth of a cell would show in the ripple.
            for _ in 0..2 {
                let miss = speed(0.5 * (left + p)) * (p - left) - (wanted - along);
                p -= miss / speed(p);
            }
            out.push((p, density(p) * cell / speed(p)));
            wanted += cell;
        }
        along += step;
    }
    out
}
