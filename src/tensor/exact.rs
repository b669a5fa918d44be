//! The exact denoiser of a [`Law`] on tensors.
//!
//! Held by `tests/tensor.rs`: `the_denoiser_on_tensors_is_the_exact_one`.

use crate::law::{Law, Part};
use crate::level::Level;
use burn::tensor::{DType, Device, Tensor, TensorData, activation::softmax};

/// The noise is wide for an interval if σ > half_width·α / this.
const WIDE: f64 = 0.5;
/// Nodes and weights of the 12-point Gauss–Legendre rule on [−1, 1] (positive half; Abramowitz &
/// Stegun 25.4.30).
const NODES: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_4, 0.203_167_426_723_065_9),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_2),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_4),
    (0.981_560_634_246_719_3, 0.047_175_336_386_511_8),
];
/// erfc(y) = t·exp(−y² + Σ cₖtᵏ), t = 1/(1 + y/2), fractional error below 1.2·10⁻⁷
/// (Press et al., Numerical Recipes, §6.2, `erfcc`).
const ERFC: [f64; 10] = [
    -1.265_512_23,
    1.000_023_68,
    0.374_091_96,
    0.096_784_18,
    -0.186_288_06,
    0.278_868_07,
    -1.135_203_98,
    1.488_515_87,
    -0.822_152_23,
    0.170_872_77,
];

/// x̂ = E[x₀ | x_t] for every particle: `x_t` and the result have shape `[n, 1]`.
///
/// # Panics
/// If `x_t` does not have shape `[n, 1]`.
pub fn x_hat(law: &Law, level: &Level, x_t: Tensor<2>) -> Tensor<2> {
    assert_eq!(x_t.dims()[1], 1, "x_hat: the law is one-dimensional");
    let alpha = level.alpha;
    if alpha < 1e-12 {
        return x_t.mul_scalar(0.0).add_scalar(law.mean());
    }
    let parts = law.parts();
    if parts.iter().any(|p| p.half_width == 0.0) {
        return normals(parts, level, x_t);
    }
    let centre = parts.iter().map(|p| p.weight * p.centre).sum::<f64>();
    let (log, means) = intervals(parts, level, x_t, centre);
    if means.dims()[1] == 1 {
        return means;
    }
    (softmax(log, 1) * means).sum_dim(1)
}

/// The posterior under intervals as a mixture: log-weights and means `[n, k]`, where k is the number of parts or of
/// nodes. The log-weights of a particle are exact up to a constant, which is the same in all calls with the same
/// `level`, `x_t`, `centre` and widths.
pub(super) fn intervals(
    parts: &[Part],
    level: &Level,
    x_t: Tensor<2>,
    centre: f64,
) -> (Tensor<2>, Tensor<2>) {
    if is_wide(parts, level) {
        by_quadrature(parts, level, x_t, centre)
    } else {
        by_tails(parts, level, x_t)
    }
}

/// Whether the noise of a level is wide for some interval, so that x̂ is a quadrature.
pub(crate) fn is_wide(parts: &[Part], level: &Level) -> bool {
    let Level { alpha, sigma, .. } = *level;
    let narrowest = parts.iter().map(|p| p.half_width).fold(f64::MAX, f64::min);
    let widest = parts.iter().map(|p| p.half_width).fold(0.0, f64::max);
    alpha * widest < WIDE * sigma || alpha * narrowest < 1e-3 * sigma
}

/// Number of columns of the largest tensor in [`x_hat`]: one per part, or one per node of the quadrature.
pub fn width(law: &Law) -> usize {
    let intervals = law.parts().iter().all(|p| p.half_width > 0.0);
    law.parts().len() * if intervals { 2 * NODES.len() } else { 1 }
}

/// A row `[1, values]` on the device of `like`.
pub(super) fn row(values: Vec<f64>, like: &Tensor<2>) -> Tensor<2> {
    let count = values.len();
    let options: (&Device, DType) = (&like.device(), like.dtype());
    Tensor::from_data(TensorData::new(values, [1, count]), options)
}

fn each(parts: &[Part], like: &Tensor<2>, f: impl Fn(&Part) -> f64) -> Tensor<2> {
    row(parts.iter().map(f).collect(), like)
}

/// Normals: log-weights −½((x−αm)/s)² + log(w/s) with s² = α²sd² + σ², and the Kalman mean of each part.
fn normals(parts: &[Part], level: &Level, x_t: Tensor<2>) -> Tensor<2> {
    let Level { alpha, sigma, .. } = *level;
    let variance = |p: &Part| alpha * alpha * p.sd * p.sd + sigma * sigma;
    let d = x_t.clone() - each(parts, &x_t, |p| alpha * p.centre);
    let gain = each(parts, &x_t, |p| alpha * p.sd * p.sd / variance(p));
    let means = d.clone() * gain + each(parts, &x_t, |p| p.centre);
    if parts.len() == 1 {
        return means;
    }
    let curve = each(parts, &x_t, |p| -0.5 / variance(p));
    let scale = each(parts, &x_t, |p| {
        libm::log(p.weight) - 0.5 * libm::log(variance(p))
    });
    (softmax(d.clone() * d * curve + scale, 1) * means).sum_dim(1)
}

/// Intervals that are narrower than the noise: the mean of x₀ = c + H·y over y ∈ [−1, 1] with the weight
/// exp(k·y − q·y²), k = α(x − αc)H/σ², q = α²H²/2σ², by Gauss–Legendre nodes. There is no cancellation.
///
/// For each node slope, scale and x₀: its log-weight is (x_t − α·centre)·slope + scale. The log-weight of the clean point x₀
/// given x_t is, up to a constant of the particle, (α·x₀·x_t − ½α²x₀²)/σ². x₀ is measured from the centre, so that both
/// terms stay small.
pub(crate) fn quadrature(parts: &[Part], level: &Level, centre: f64) -> Vec<[f64; 3]> {
    let Level { alpha, sigma, .. } = *level;
    let s2 = sigma * sigma;
    let node = |p: &Part, y: f64, w: f64| {
        let x0 = p.centre - centre + p.half_width * y;
        let scale = libm::log(w * p.weight) - 0.5 * alpha * alpha * x0 * x0 / s2;
        [alpha * x0 / s2, scale, x0]
    };
    let of = |p: &Part| -> Vec<[f64; 3]> {
        let half = NODES.iter().map(|&(y, w)| node(p, -y, w));
        half.chain(NODES.iter().map(|&(y, w)| node(p, y, w)))
            .collect()
    };
    parts.iter().flat_map(of).collect()
}

fn by_quadrature(
    parts: &[Part],
    level: &Level,
    x_t: Tensor<2>,
    centre: f64,
) -> (Tensor<2>, Tensor<2>) {
    let nodes = quadrature(parts, level, centre);
    let column = |k: usize| row(nodes.iter().map(|node| node[k]).collect(), &x_t);
    let log = x_t.clone().sub_scalar(level.alpha * centre) * column(0) + column(1);
    let rows = log.dims()[0];
    (log, column(2).add_scalar(centre).repeat_dim(0, rows))
}

/// Intervals by the mean of a truncated normal. In units of σ, the near edge is at distance a (negative inside) and the
/// far edge at distance b.
fn by_tails(parts: &[Part], level: &Level, x_t: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let Level { alpha, sigma, .. } = *level;
    let count = parts.len();
    let d = x_t.clone() - each(parts, &x_t, |p| alpha * p.centre);
    let v = d.clone().abs();
    let near = (v.clone() - each(parts, &x_t, |p| alpha * p.half_width)).div_scalar(sigma);
    let far = (v.clone() + each(parts, &x_t, |p| alpha * p.half_width)).div_scalar(sigma);
    // Both tails in one pass, with |a| and b side by side.
    let z = Tensor::cat(vec![near.clone().abs(), far], 1);
    let ratio = mills(z.clone());
    let density = (z.clone() * z)
        .mul_scalar(-0.5)
        .exp()
        .mul_scalar(crate::special::FRAC_1_SQRT_TAU);
    let split = |t: &Tensor<2>| {
        (
            t.clone().narrow(1, 0, count),
            t.clone().narrow(1, count, count),
        )
    };
    let ((ratio_a, ratio_b), (phi_a, phi_b)) = (split(&ratio), split(&density));
    // Inside: mass 1 − φ(a)M(−a) − φ(b)M(b). Outside, divided by φ(a): M(a) − e^{−2vH/σ²}M(b).
    let mass_in = (phi_a.clone() * ratio_a.clone() + phi_b.clone() * ratio_b.clone())
        .neg()
        .add_scalar(1.0);
    let fade = (v.clone()
        * each(parts, &x_t, |p| {
            -2.0 * alpha * p.half_width / (sigma * sigma)
        }))
    .exp();
    let mass_out = ratio_a - fade.clone() * ratio_b;
    let outside = near.clone().greater_equal_elem(0.0);
    let shift_in = (phi_a - phi_b) / mass_in.clone();
    let shift_out = fade.neg().add_scalar(1.0) / mass_out.clone();
    let shift = shift_in.mask_where(outside.clone(), shift_out);
    let side = d.sign();
    let clean =
        side * (v - shift.mul_scalar(sigma)).div_scalar(alpha) + each(parts, &x_t, |p| p.centre);
    let mass_out =
        mass_out.clamp_min(f32::MIN_POSITIVE).log() - near.clone() * near.mul_scalar(0.5);
    let log_norm = -0.5 * libm::log(std::f64::consts::TAU);
    let log = mass_in
        .clamp_min(f32::MIN_POSITIVE)
        .log()
        .mask_where(outside, mass_out.add_scalar(log_norm));
    let scale = each(parts, &x_t, |p| libm::log(p.weight / p.half_width));
    (log + scale, clean)
}

/// Mills ratio √(π/2)·e^{y²}·erfc(y), y = z/√2 ≥ 0.
fn mills(z: Tensor<2>) -> Tensor<2> {
    let t = z
        .mul_scalar(0.5 * std::f64::consts::FRAC_1_SQRT_2)
        .add_scalar(1.0)
        .recip();
    let mut sum = t.clone().mul_scalar(ERFC[9]);
    for &c in ERFC[1..9].iter().rev() {
        sum = sum.add_scalar(c) * t.clone();
    }
    sum.add_scalar(ERFC[0]).exp() * t.mul_scalar((std::f64::consts::PI / 2.0).sqrt())
}
