//! x̂ = E[x₀ | x_t] of a law in a kernel. The numbers of a level stand in tables that the host computes in f64
//! ([`super::table`]).
//!
//! Held by `tests/gpu.rs`: `a_fused_run_is_the_run_of_the_host`.

use super::lane::ln_parts;
use super::table::{ALPHA, CURVE, GAIN, NODE, REST};
use cubecl::prelude::*;

/// Below every logarithm of a weight.
const NEVER: f32 = -1e30;
/// Smallest normal number.
const TINY: f32 = 1.1754944e-38;

/// 1/√2π.
const FRAC_1_SQRT_TAU: f32 = 0.398_942_3;

/// The mean of a part of a law given x_t, and the logarithm of its density there, up to a constant.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Posterior {
    pub(super) log: f32,
    pub(super) mean: f32,
}

/// How a sum of e^log goes on in one pass: it is kept relative to the largest logarithm so far.
#[derive(CubeType, Clone, Copy)]
struct Scale {
    /// Factor of the sum so far, and of the next term.
    keep: f32,
    add: f32,
    /// The largest logarithm.
    top: f32,
}

#[cube]
fn scale(log: f32, top: f32) -> Scale {
    let grows = log > top;
    let less = (0.0f32 - (log - top).abs()).exp();
    Scale {
        keep: select(grows, less, 1.0f32),
        add: select(grows, 1.0f32, less),
        top: select(grows, log, top),
    }
}

/// Equal normals N(c_k, sd²·I): x̂ = g·x_t + (1 − gα)·Σ r_k c_k, r = softmax(ln w_k − |x_t − αc_k|²/2v),
/// v = α²sd² + σ², g = α·sd²/v. The row of the level holds α, −1/2v, g and 1 − gα = σ²/v; the law holds c_k and ln w_k.
/// One pass, with the largest logarithm so far.
#[cube]
pub(super) fn cloud(
    x: &Array<f32>,
    x_hat: &mut Array<f32>,
    rows: &[f32],
    row: usize,
    law: &[f32],
    #[comptime] dim: usize,
) {
    let alpha = rows[row + comptime!(ALPHA)];
    let curve = rows[row + comptime!(CURVE)];
    let gain = rows[row + comptime!(GAIN)];
    let rest = rows[row + comptime!(REST)];
    let mut sum = Array::<f32>::new(dim);
    #[unroll]
    for d in 0..dim {
        sum[d] = 0.0f32;
    }
    let mut mass = 0.0f32;
    let mut top = f32::new(comptime!(NEVER));
    let count = law.len() / comptime!(dim + 1);
    for k in 0..count {
        let at = k * comptime!(dim + 1);
        let mut square = 0.0f32;
        #[unroll]
        for d in 0..dim {
            let gap = x[d] - alpha * law[at + d];
            square += gap * gap;
        }
        let log = law[at + dim] + curve * square;
        let scale = scale(log, top);
        top = scale.top;
        mass = mass * scale.keep + scale.add;
        #[unroll]
        for d in 0..dim {
            sum[d] = sum[d] * scale.keep + scale.add * law[at + d];
        }
    }
    #[unroll]
    for d in 0..dim {
        x_hat[d] = gain * x[d] + rest * (sum[d] / mass);
    }
}

/// Where the nodes of a level are, and what they are.
#[derive(CubeType, Clone, Copy)]
pub(super) struct Nodes {
    pub(super) alpha: f32,
    pub(super) sigma: f32,
    pub(super) start: u32,
    pub(super) count: u32,
    /// Whether they are intervals.
    pub(super) tails: bool,
}

/// A law on the line, from the nodes of its level, of [`NODE`] numbers each.
#[cube]
pub(super) fn line(x: f32, nodes: &Nodes, law: &[f32]) -> Posterior {
    let mut sum = 0.0f32;
    let mut mass = 0.0f32;
    let mut top = f32::new(comptime!(NEVER));
    for k in 0..nodes.count {
        let at = (nodes.start + k * comptime!(NODE as u32)) as usize;
        // A node: log = (curve·d + slope)·d + scale, mean = c + gain·d, d = x_t − shift.
        let d = x - law[at];
        let mut log = (law[at + 1] * d + law[at + 2]) * d + law[at + 3];
        let mut mean = law[at + 4] + law[at + 5] * d;
        if nodes.tails {
            let found = interval(x, nodes.alpha, nodes.sigma, law, at);
            log = found.log;
            mean = found.mean;
        }
        let scale = scale(log, top);
        top = scale.top;
        mass = mass * scale.keep + scale.add;
        sum = sum * scale.keep + scale.add * mean;
    }
    Posterior {
        log: top + ln_parts(mass),
        mean: sum / mass,
    }
}

/// An interval by the mean of a truncated normal. In units of σ, the near edge is at distance a (negative inside) and the
/// far edge at distance b. The table holds αc, αH/σ, −2αH/σ², ln(w/H), c.
///
/// Inside, with the mass 1 − φ(a)M(−a) − φ(b)M(b), the mean is (φ(a) − φ(b))/mass away from x_t. Outside, both are divided
/// by φ(a), with the fade f = φ(b)/φ(a): the mean is behind the near edge by (1 − f)/(M(a) − f·M(b)) − a. Far away this is
/// a small difference of large numbers, so it is (qM(a) − f·(1 − aM(b)))/(M(a) − f·M(b)), with q = 1/M(a) − a.
#[cube]
fn interval(x: f32, alpha: f32, sigma: f32, law: &[f32], at: usize) -> Posterior {
    let d = x - law[at];
    let v = d.abs() / sigma;
    let near = v - law[at + 1];
    let far = v + law[at + 1];
    let edge = near.abs();
    let ratio_near = mills(edge);
    let ratio_far = mills(far);
    let phi_near = normal(edge);
    let phi_far = normal(far);
    let inside = 1.0f32 - phi_near * ratio_near - phi_far * ratio_far;
    let fade = (v * sigma * law[at + 2]).exp();
    let outside = ratio_near - fade * ratio_far;
    let is_out = near >= 0.0f32;
    let behind =
        (excess(edge, ratio_near) * ratio_near - fade * (1.0f32 - edge * ratio_far)) / outside;
    let away = (phi_near - phi_far) / inside;
    let size = select(is_out, law[at + 1] - behind, v - away) * (sigma / alpha);
    let mean = select(d < 0.0f32, 0.0f32 - size, size) + law[at + 4];
    // −ln √2π.
    let log_out = ln_parts(max(outside, TINY)) - 0.5f32 * near * near - 0.918_938_5;
    let log_in = ln_parts(max(inside, TINY));
    Posterior {
        log: law[at + 3] + select(is_out, log_out, log_in),
        mean,
    }
}

/// 1/M(a) − a, from M(a) or, far out, by Laplace's continued fraction 1/(a + 2/(a + 3/(a + …))).
#[cube]
fn excess(a: f32, ratio: f32) -> f32 {
    let mut fraction = a;
    #[unroll]
    for k in 0..7u32 {
        fraction = a + comptime!(8.0f32 - k as f32) / fraction;
    }
    select(a > 5.0f32, 1.0f32 / fraction, 1.0f32 / ratio - a)
}

/// φ(z).
#[cube]
fn normal(z: f32) -> f32 {
    (0.0f32 - 0.5f32 * z * z).exp() * FRAC_1_SQRT_TAU
}

/// Mills ratio √(π/2)·e^{y²}·erfc(y), y = z/√2 ≥ 0 (Press et al., Numerical Recipes, §6.2, `erfcc`).
#[cube]
fn mills(z: f32) -> f32 {
    let t = 1.0f32 / (1.0f32 + z * 0.353_553_4);
    let mut sum = 0.170_872_77 * t - 0.822_152_2;
    sum = sum * t + 1.488_515_9;
    sum = sum * t - 1.135_204;
    sum = sum * t + 0.278_868_08;
    sum = sum * t - 0.186_288_06;
    sum = sum * t + 0.096_784_18;
    sum = sum * t + 0.374_091_95;
    sum = sum * t + 1.000_023_7;
    (sum * t - 1.265_512_2).exp() * t * 1.253_314_1
}

/// The checkerboard: the even and the odd intervals of each coordinate, combined in logarithms
/// (`src/law/space/checkerboard.rs`). The table of the odd intervals follows that of the even ones.
#[cube]
pub(super) fn board(x: &Array<f32>, x_hat: &mut Array<f32>, even: &Nodes, law: &[f32]) {
    let odd = Nodes {
        alpha: even.alpha,
        sigma: even.sigma,
        start: even.start + even.count * comptime!(NODE as u32),
        count: even.count,
        tails: even.tails,
    };
    let even_x = line(x[0], even, law);
    let odd_x = line(x[0], &odd, law);
    let even_y = line(x[1], even, law);
    let odd_y = line(x[1], &odd, law);
    // The share of the even squares. It is 0 or 1 if the difference is beyond the range of f32.
    let more = clamp(
        even_x.log + even_y.log - odd_x.log - odd_y.log,
        0.0f32 - 80.0f32,
        80.0f32,
    );
    let share = 1.0f32 / (1.0f32 + (0.0f32 - more).exp());
    x_hat[0] = odd_x.mean + share * (even_x.mean - odd_x.mean);
    x_hat[1] = odd_y.mean + share * (even_y.mean - odd_y.mean);
}
