use super::*;
use crate::special;
use proptest::prelude::*;
use std::f64::consts::PI;
use std::f64::consts::TAU;

const DRAWN: [f64; 6] = [0.1, 0.2, -0.5, 0.3, 0.7, -0.6];
const TORUS: Torus = Torus {
    major: 0.8,
    minor: 0.3,
};

fn level(alpha: f64, sigma: f64) -> Level {
    Level {
        t: 0.5,
        alpha,
        sigma,
    }
}

fn laws() -> Vec<(&'static str, Space)> {
    vec![
        ("gaussian", Space::gaussian(0.5)),
        ("gaussians8", Space::gaussians8()),
        ("moons", Space::moons()),
        ("checkerboard", Space::checkerboard()),
        ("swissroll", Space::swissroll()),
        ("rings", Space::rings()),
        ("pinwheel", Space::pinwheel()),
        ("drawn", Space::drawn(&DRAWN)),
        ("empirical", Space::empirical(2, &DRAWN)),
        (
            "empirical in space",
            Space::empirical(3, &draws(&Space::Torus(TORUS), 7)),
        ),
        ("torus", Space::Torus(TORUS)),
    ]
}

fn draws(law: &Space, count: usize) -> Vec<f64> {
    let mut x = vec![0.0; count * law.dim()];
    law.sample(&Noise::new(5), Stream::Data, 0, &mut x);
    x
}

fn x_hat(d: &DiffusedSpace, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    d.x_hat(x, &mut out);
    out
}

/// The law as a sum that uses none of the formulas under test: weighted points, each with a normal of standard
/// deviation `sd` around it.
struct Plain {
    points: Vec<(f64, Vec<f64>)>,
    sd: f64,
}

impl Plain {
    fn of(law: &Space) -> Self {
        match law {
            Space::Cloud(cloud) => Self {
                points: (cloud.centres().chunks(cloud.dim()).zip(cloud.weights()))
                    .map(|(c, w)| (*w, c.to_vec()))
                    .collect(),
                sd: cloud.sd(),
            },
            Space::Checkerboard(board) => {
                // Gauss–Legendre with four points per cell; a square of the board is a whole number of cells.
                const NODES: [(f64, f64); 4] = [
                    (-0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
                    (-0.339_981_043_584_856_26, 0.652_145_154_862_546_2),
                    (0.339_981_043_584_856_26, 0.652_145_154_862_546_2),
                    (0.861_136_311_594_052_6, 0.347_854_845_137_453_85),
                ];
                let half = 1.0 / 80.0;
                let cells = (0..80).map(|i| -1.0 + half * f64::from(2 * i + 1));
                let sides: Vec<(f64, f64)> = cells
                    .flat_map(|c| NODES.map(|(x, w)| (c + half * x, 0.5 * half * w)))
                    .collect();
                let all = sides.iter().flat_map(|x| sides.iter().map(|y| (*x, *y)));
                let filled = all.filter(|(x, y)| board.is_filled(x.0, y.0));
                Self {
                    points: filled
                        .map(|(x, y)| (2.0 * x.1 * y.1, vec![x.0, y.0]))
                        .collect(),
                    sd: 0.0,
                }
            }
            Space::Torus(Torus { major, minor }) => {
                let (m, n) = (120, 300);
                let grid = (0..m).flat_map(|i| (0..n).map(move |j| (i, j)));
                let point = |(i, j): (usize, usize)| {
                    let theta = TAU * i as f64 / m as f64;
                    let phi = TAU * j as f64 / n as f64;
                    let rho = major + minor * theta.cos();
                    let weight = theta_density(*major, *minor, theta) * TAU / (m * n) as f64;
                    let x = vec![rho * phi.cos(), rho * phi.sin(), minor * theta.sin()];
                    (weight, x)
                };
                Self {
                    points: grid.map(point).collect(),
                    sd: 0.0,
                }
            }
        }
    }

    /// log p_t(x) and x̂ by one sum over the points.
    fn at(&self, l: &Level, x: &[f64]) -> (f64, Vec<f64>) {
        let data = self.sd * self.sd;
        let variance = l.alpha * l.alpha * data + l.sigma * l.sigma;
        let exponent = |c: &[f64]| {
            let square = c.iter().zip(x).map(|(c, x)| (x - l.alpha * c).powi(2));
            -0.5 * square.sum::<f64>() / variance
        };
        let logs: Vec<f64> = self
            .points
            .iter()
            .map(|(w, c)| w.ln() + exponent(c))
            .collect();
        let top = logs.iter().copied().fold(f64::MIN, f64::max);
        let (mut mass, mut moment) = (0.0, vec![0.0; x.len()]);
        for (log, (_, c)) in logs.iter().zip(&self.points) {
            let term = (log - top).exp();
            mass += term;
            for ((m, c), x) in moment.iter_mut().zip(c).zip(x) {
                *m += term * (c + l.alpha * data / variance * (x - l.alpha * c));
            }
        }
        let log = top + mass.ln() - 0.5 * x.len() as f64 * (TAU * variance).ln();
        (log, moment.iter().map(|m| m / mass).collect())
    }
}

#[test]
fn density_and_denoiser_agree_with_quadrature() {
    for (name, law) in laws() {
        let (plain, dim) = (Plain::of(&law), law.dim());
        for l in [
            level(1.0, 0.08),
            level(0.8, 0.6),
            level(0.1, 0.99),
            level(1.0, 80.0),
        ] {
            let d = law.diffuse(&l);
            let mut x_t = draws(&law, 6);
            let mut z = vec![0.0; x_t.len()];
            Noise::new(2).normals(Stream::Start, 0, 0, &mut z);
            // Typical points, the origin, and one in the tail.
            (x_t.iter_mut().zip(&z)).for_each(|(x, z)| *x = l.alpha * *x + l.sigma * z);
            x_t.extend(vec![0.0; dim]);
            x_t.extend(vec![1.2 + 2.0 * l.sigma; dim]);
            for x in x_t.chunks(dim) {
                let (log, mean) = plain.at(&l, x);
                let got = d.log_density(x);
                assert!((got - log).abs() < 1e-6, "{name} {l:?} {x:?}: {got} {log}");
                for (got, mean) in x_hat(&d, x).iter().zip(mean) {
                    let close = (got - mean).abs() < 1e-7;
                    assert!(close, "{name} {l:?} {x:?}: {got} {mean}");
                }
            }
        }
    }
}

/// Everywhere, also where one factor is negligible, and far from equal weights.
#[test]
fn the_density_on_a_grid_is_the_density_at_its_points() {
    let far = Cloud::new(2, vec![-1.0, 0.5, 2.0, -30.0], vec![1.0, 1e-6], 0.05);
    let points = Space::empirical(2, &[0.1, 0.2, -0.7, 0.4, 0.1, 0.2]);
    let clouds = laws()
        .into_iter()
        .filter(|(_, law)| matches!(law, Space::Cloud(_)));
    let more = [("far", Space::Cloud(far)), ("points", points)];
    let xs = [-31.0, -1.3, -1.0, 0.0, 0.1, 0.7, 2.0, 40.0];
    let mut seen = 0;
    for (name, law) in clouds
        .map(|(name, law)| (name.to_owned(), law))
        .chain(more.map(|(name, law)| (name.to_owned(), law)))
    {
        for l in [
            level(1.0, 0.01),
            level(0.8, 0.6),
            level(0.0, 1.0),
            level(1.0, 80.0),
        ] {
            let Some(mut raster) = law.raster(&l, &xs) else {
                assert_ne!(law.dim(), 2, "{name}");
                continue;
            };
            raster.extend(law.normals());
            let d = law.diffuse(&l);
            for y in xs {
                let mut row = [f64::NAN; 8];
                raster.row(y, &mut row);
                for (x, got) in xs.iter().zip(row) {
                    let log = d.log_density(&[*x, y]);
                    let p = libm::exp(log);
                    // The exponent has its own rounding: of 10⁴, 10⁻¹².
                    assert!(
                        (got - p).abs() <= 1e-11 * p + 1e-140,
                        "{name} {l:?} {x} {y}: {got} {p}"
                    );
                    seen += usize::from(p > 1e-30);
                }
            }
        }
    }
    assert!(seen > 500, "{seen}");
    let bare = Space::empirical(2, &[0.1, 0.2]);
    assert!(bare.raster(&level(1.0, 0.0), &xs).is_none());
    assert!(
        Space::checkerboard()
            .raster(&level(1.0, 0.5), &xs)
            .is_none()
    );
}

#[test]
fn the_parts_of_a_grid_have_the_bits_of_the_whole() {
    let (law, l, xs) = (Space::moons(), level(0.8, 0.3), [-1.5, -0.2, 0.0, 0.7]);
    let mut whole = law.raster(&l, &xs).unwrap();
    whole.extend(law.normals());
    for count in [1, 3, 1000] {
        let mut raster = law.raster(&l, &xs).unwrap();
        for _ in 0..law.normals().div_ceil(count) {
            raster.extend(count);
        }
        for y in xs {
            let (mut one, mut other) = ([f64::NAN; 4], [f64::NAN; 4]);
            raster.row(y, &mut one);
            whole.row(y, &mut other);
            assert_eq!(
                one.map(f64::to_bits),
                other.map(f64::to_bits),
                "{count} {y}"
            );
        }
    }
}

/// x̂ = (x_t + σ²∇log p)/α, the gradient by central differences of fourth order.
#[test]
fn denoiser_is_tweedies_formula_of_the_density() {
    for (name, law) in laws() {
        let dim = law.dim();
        for s in [1e-4, 1e-3, 0.01, 0.05, 0.2, 0.7, 2.0, 10.0, 80.0] {
            for alpha in [1.0, 0.3] {
                let l = level(alpha, alpha * s);
                let d = law.diffuse(&l);
                let mut points = draws(&law, 12);
                let mut z = vec![0.0; points.len()];
                Noise::new(9).normals(Stream::Start, 0, 0, &mut z);
                (points.iter_mut().zip(&z)).for_each(|(x, z)| *x = alpha * *x + l.sigma * z);
                // Tails: some deviations, and much further than any sampler goes.
                points.extend((0..2 * dim).map(|i| 1.5 + 3.0 * s + 0.1 * i as f64));
                points.extend((0..dim).map(|i| 10.0 - 17.0 * i as f64));
                for x in points.chunks(dim) {
                    let got = x_hat(&d, x);
                    for axis in 0..dim {
                        let h = 1e-3 * l.sigma;
                        let at = |step: f64| {
                            let mut x = x.to_vec();
                            x[axis] += step * h;
                            d.log_density(&x)
                        };
                        let score =
                            (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
                        let wanted = l.x_hat_from_score(x[axis], score);
                        // Rounding of log p, through the difference.
                        let noise = 4e-16 * at(0.0).abs() / h * l.sigma * s;
                        let close = (got[axis] - wanted).abs() < 2e-6 * (1.0 + s) + noise;
                        assert!(close, "{name} {l:?} {x:?}: {got:?} {axis} {wanted}");
                    }
                }
            }
        }
    }
}

#[test]
fn samples_have_the_mean_and_variance_of_the_law() {
    let n = 40_000;
    for (name, law) in laws() {
        let (x, dim, mean) = (draws(&law, n), law.dim(), law.mean());
        let mut squares = Vec::new();
        let mut sums = vec![0.0; dim];
        for x in x.chunks(dim) {
            let square: f64 = x.iter().zip(&mean).map(|(x, m)| (x - m).powi(2)).sum();
            squares.push(square / dim as f64);
            sums.iter_mut().zip(x).for_each(|(s, x)| *s += x);
        }
        // A coordinate's variance is at most that of all.
        let se = (dim as f64 * law.variance() / n as f64).sqrt();
        for (sum, mean) in sums.iter().zip(&mean) {
            assert!((sum / n as f64 - mean).abs() < 5.0 * se, "{name}");
        }
        let variance = squares.iter().sum::<f64>() / n as f64;
        let spread = squares.iter().map(|s| (s - variance).powi(2)).sum::<f64>() / n as f64;
        let miss = (variance - law.variance()).abs();
        assert!(
            miss < 5.0 * (spread / n as f64).sqrt() + 1e-12,
            "{name}: {variance}"
        );
        let inside = x.iter().filter(|x| x.abs() <= law.reach()).count();
        assert!(inside as f64 > 0.997 * x.len() as f64, "{name}");
    }
}

/// E[(x₀ − x̂)·g(x_t)] = 0 for every g, which defines x̂ as the conditional mean.
#[test]
fn the_error_of_the_denoiser_is_orthogonal_to_every_function_of_its_input() {
    let n = 20_000;
    for (name, law) in laws() {
        let dim = law.dim();
        for l in [level(1.0, 0.1), level(0.7, 0.7), level(1.0, 3.0)] {
            let x_0 = draws(&law, n);
            let mut x_t = vec![0.0; n * dim];
            Noise::new(6).normals(Stream::Forward, 0, 0, &mut x_t);
            (x_t.iter_mut().zip(&x_0)).for_each(|(x, x_0)| *x = l.alpha * x_0 + l.sigma * *x);
            let denoised = x_hat(&law.diffuse(&l), &x_t);
            let scale = (l.alpha * l.alpha * law.variance() + l.sigma * l.sigma).sqrt();
            let tests: [fn(&[f64]) -> f64; 4] = [
                |_| 1.0,
                |u| u[0],
                |u| u[1] * u[1],
                |u| (3.0 * u[0] + 2.0 * u[1]).sin(),
            ];
            for (which, g) in tests.iter().enumerate() {
                for axis in 0..dim {
                    let term = |i: usize| {
                        let u: Vec<f64> = x_t[i * dim..(i + 1) * dim]
                            .iter()
                            .map(|x| x / scale)
                            .collect();
                        (x_0[i * dim + axis] - denoised[i * dim + axis]) * g(&u)
                    };
                    let sum: f64 = (0..n).map(term).sum();
                    let square: f64 = (0..n).map(|i| term(i).powi(2)).sum();
                    assert!(
                        sum.abs() < 5.0 * square.sqrt(),
                        "{name} {l:?} g{which} axis {axis}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_draw_does_not_depend_on_the_batch_split() {
    for (name, law) in laws() {
        let (dim, noise) = (law.dim(), Noise::new(8));
        let mut whole = vec![0.0; 101 * dim];
        law.sample(&noise, Stream::Data, 37, &mut whole);
        for split in [1, 2, 33, 100] {
            let mut parts = vec![0.0; 101 * dim];
            let (a, b) = parts.split_at_mut(split * dim);
            law.sample(&noise, Stream::Data, 37, a);
            law.sample(&noise, Stream::Data, 37 + split as u64, b);
            assert_eq!(whole, parts, "{name} split at {split}");
        }
    }
}

#[test]
fn each_filled_square_of_the_checkerboard_gets_an_eighth_of_the_draws() {
    let n = 80_000;
    let x = draws(&Space::checkerboard(), n);
    let mut counts = [[0u32; 4]; 4];
    let mut within = 0.0;
    for p in x.chunks(2) {
        assert!(Checkerboard.is_filled(p[0], p[1]));
        let cell = |x: f64| (2.0 * (x + 1.0)) as usize;
        counts[cell(p[1])][cell(p[0])] += 1;
        within += (2.0 * (p[0] + 1.0)).fract() - 0.5;
    }
    let se = (n as f64 / 8.0 * 7.0 / 8.0).sqrt();
    for (i, row) in counts.iter().enumerate() {
        for (j, &count) in row.iter().enumerate() {
            let wanted = if (i + j) % 2 == 0 {
                n as f64 / 8.0
            } else {
                0.0
            };
            assert!(
                (f64::from(count) - wanted).abs() < 5.0 * se,
                "{i} {j}: {count}"
            );
        }
    }
    assert!(counts[0][0] > 0, "the lower left square is filled");
    assert!(within.abs() < 5.0 * (n as f64 / 12.0).sqrt());
}

#[test]
fn draws_of_the_torus_are_uniform_by_area() {
    let (n, bins) = (100_000, 24);
    let law = Space::Torus(TORUS);
    let (mut thetas, mut phis) = (vec![0.0; bins], vec![0.0; bins]);
    for x in draws(&law, n).chunks(3) {
        assert!(TORUS.surface_distance(x) < 1e-15);
        let (theta, phi) = TORUS.angles(x);
        let bin = |angle: f64| ((angle + PI) / TAU * bins as f64) as usize % bins;
        thetas[bin(theta)] += 1.0;
        phis[bin(phi)] += 1.0;
    }
    for i in 0..bins {
        let (a, width) = (TAU * i as f64 / bins as f64 - PI, TAU / bins as f64);
        // The density is a cosine: Simpson's rule is good to 10⁻⁶ of a bin.
        let density = |t| theta_density(TORUS.major, TORUS.minor, t);
        let p = width / 6.0 * (density(a) + 4.0 * density(a + 0.5 * width) + density(a + width));
        let close = |count: f64, p: f64| {
            let wanted = n as f64 * p;
            (count - wanted).abs() < 5.0 * (wanted * (1.0 - p)).sqrt()
        };
        assert!(close(thetas[i], p), "θ bin {i}: {}", thetas[i]);
        assert!(close(phis[i], 1.0 / bins as f64), "φ bin {i}: {}", phis[i]);
    }
}

/// With four times as many nodes the density changes by no more than the ripple, away from the ends of a curve and up
/// to a constant factor (the weight of the ends depends on the quadrature).
#[test]
fn the_nodes_of_a_curve_cannot_be_seen() {
    let laws = [
        ("moons", shapes::moons as fn(f64) -> Cloud, 2, 0.25),
        ("swissroll", shapes::swissroll, 1, 0.1),
        ("rings", shapes::rings, 1, 0.0),
        ("pinwheel", shapes::pinwheel, 5, 0.25),
    ];
    for (name, law, branches, ends) in laws {
        let (coarse, fine) = (Space::Cloud(law(shapes::NODES)), law(4.0));
        let (sd, branch) = (fine.sd(), fine.weights().len() / branches);
        let points = fine.centres().to_vec();
        let (fine, clean) = (Space::Cloud(fine), level(1.0, 0.0));
        let (coarse, fine) = (coarse.diffuse(&clean), fine.diffuse(&clean));
        let skip = (ends * branch as f64) as usize;
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for branch in points.chunks(2 * branch) {
            for c in branch[2 * skip..branch.len() - 2 * skip].chunks(2) {
                for off in [-1.5 * sd, 0.0, 0.7 * sd] {
                    let x = [c[0] + off, c[1] - 0.3 * off];
                    let gap = coarse.log_density(&x) - fine.log_density(&x);
                    (low, high) = (low.min(gap), high.max(gap));
                }
            }
        }
        // Outside a bend of radius ϱ, at ϱ + δ, the ripple is 2e^{−2π²ϱ/(ϱ+δ)}: 10⁻⁷ at the inner ring. Along an arm
        // the slope of the mass adds about the same.
        assert!(high - low < 5e-7, "{name}: from {low:e} to {high:e}");
    }
}

#[test]
fn without_noise_the_law_is_itself_and_without_signal_it_is_noise() {
    for (name, law) in laws() {
        let dim = law.dim();
        let x = draws(&law, 1);
        let clean = law.diffuse(&level(0.5, 0.0));
        let twice: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
        assert_eq!(x_hat(&clean, &x), twice, "{name}");
        let far = law.diffuse(&level(1.0, 0.0)).log_density(&vec![9.0; dim]);
        assert!(far < -300.0, "{name}");
        let noise = law.diffuse(&level(0.0, 2.0));
        assert_eq!(x_hat(&noise, &x), law.mean(), "{name}");
        let square: f64 = x.iter().map(|x| x * x).sum();
        let wanted = -square / 8.0 - 0.5 * dim as f64 * (8.0 * PI).ln();
        assert!((noise.log_density(&x) - wanted).abs() < 1e-12, "{name}");
    }
    let at = |law: Space, x: &[f64]| law.diffuse(&level(1.0, 0.0)).log_density(x);
    assert_eq!(at(Space::checkerboard(), &[-0.9, -0.9]), 0.5f64.ln());
    assert_eq!(at(Space::checkerboard(), &[-0.9, -0.4]), f64::NEG_INFINITY);
    assert_eq!(at(Space::empirical(2, &DRAWN), &[0.1, 0.2]), f64::INFINITY);
    assert_eq!(
        at(Space::empirical(2, &DRAWN), &[0.1, 0.3]),
        f64::NEG_INFINITY
    );
    assert_eq!(at(Space::torus(0.8, 0.3), &[1.1, 0.0, 0.0]), f64::INFINITY);
    let gaussian = at(Space::gaussian(0.5), &[0.3, 0.4]);
    assert!((gaussian - (2.0 * special::phi(1.0) * 2.0 * special::phi(0.0)).ln()).abs() < 1e-14);
}

/// With almost no signal, x̂ is the linear regression on x_t: the mean of x₀ plus Cov x₀·α/σ² times x_t.
#[test]
fn no_digit_is_lost_as_the_signal_vanishes() {
    for (name, law) in laws() {
        let (dim, mean) = (law.dim(), law.mean());
        for exponent in 4..=11 {
            let alpha = 10f64.powi(-exponent);
            let d = law.diffuse(&level(alpha, 1.0));
            let x: Vec<f64> = (0..dim).map(|i| 1.5 - i as f64).collect();
            let got = x_hat(&d, &x);
            // Only a bound of the covariance is used; the deviation from the mean is O(α).
            let slope = dim as f64 * law.variance() * 3.0;
            for (got, mean) in got.iter().zip(&mean) {
                assert!(
                    (got - mean).abs() < 2.0 * slope * alpha + 1e-13,
                    "{name} α={alpha}"
                );
            }
            let square: f64 = x.iter().map(|x| x * x).sum();
            let wanted = -0.5 * square - 0.5 * dim as f64 * TAU.ln();
            assert!(
                (d.log_density(&x) - wanted).abs() < 10.0 * alpha,
                "{name} α={alpha}"
            );
        }
    }
}

/// On the axis of the torus x̂ has no radial part, and on the core circle no θ is preferred.
#[test]
fn the_torus_is_regular_on_its_axis_and_on_its_core() {
    for s in [1e-4, 0.01, 0.3, 5.0] {
        let law = Space::Torus(TORUS);
        let d = law.diffuse(&level(1.0, s));
        for h in [-0.5, 0.0, 0.2] {
            let got = x_hat(&d, &[0.0, 0.0, h]);
            assert_eq!((got[0], got[1]), (0.0, 0.0), "σ={s} h={h}");
            let near = x_hat(&d, &[1e-13, 0.0, h]);
            assert!((near[2] - got[2]).abs() < 1e-6, "σ={s} h={h}");
            assert!(got.iter().chain(&near).all(|x| x.is_finite()));
        }
        let core = x_hat(&d, &[0.0, TORUS.major, 0.0]);
        assert!(core[2].abs() < 1e-15 && core[0].abs() < 1e-15 && core[1].is_finite());
    }
}

/// A run that fails can hand over a point that is not finite. x̂ of it ends, and on the torus it is no point either.
#[test]
fn x_hat_of_a_point_that_is_not_finite_ends() {
    for (name, law) in laws() {
        for s in [1e-3, 0.2, 3.0] {
            let d = law.diffuse(&level(0.7, s));
            for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let mut points = vec![0.1; 3 * law.dim()];
                points[law.dim()] = x;
                let got = x_hat(&d, &points);
                let own = &got[law.dim()..2 * law.dim()];
                assert!(name != "torus" || own.iter().any(|x| x.is_nan()), "{x} {s}");
                let beside = x_hat(&d, &vec![0.1; law.dim()]);
                assert_eq!(got[..law.dim()], beside, "{name}: its neighbour, {x} {s}");
            }
        }
    }
}

/// x̂ of the checkerboard by Gauss–Legendre quadrature of each cell, in panels that are as short as the integrand asks.
/// All terms are positive, so nothing cancels.
fn board_by_quadrature(l: &Level, x: [f64; 2]) -> [f64; 2] {
    const NODES: [(f64, f64); 10] = [
        (-0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
        (-0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (-0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (-0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (-0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
        (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let s = l.ratio();
    // Of a parity: the mass and the moment, divided by the density of its nearest point, and that point.
    let parity = |u: f64, first: usize| {
        let cells = [first, first + 2].map(|i| (0.5 * i as f64 - 1.0, 0.5 * i as f64 - 0.5));
        let near = cells.map(|(lo, hi)| u.clamp(lo, hi));
        let away = near.map(|p| (u - p).abs());
        let nearest = if away[1] < away[0] { near[1] } else { near[0] };
        let (mut mass, mut moment) = (0.0, 0.0);
        for ((lo, hi), near) in cells.into_iter().zip(near) {
            for (end, way) in [(lo, -1.0), (hi, 1.0)] {
                // How far the density falls, at `off` from the near point. No digit of a short way is lost.
                let gap = near - nearest;
                let sum = (near - u) + (nearest - u);
                let fall = |off: f64| (gap + off) * (sum + off) / (2.0 * s * s);
                let (mut from, whole) = (0.0, (end - near).abs());
                while from < whole && fall(way * from) < 50.0 {
                    let distance = (near + way * from - u).abs() / s;
                    let to = whole.min(from + 0.5 * s / (1.0 + distance));
                    let half = 0.5 * (to - from);
                    for (node, weight) in NODES {
                        let off = way * (from + half * (1.0 + node));
                        let term = weight * half * (-fall(off)).exp();
                        mass += term;
                        moment += term * (near + off);
                    }
                    from = to;
                }
            }
        }
        (mass, moment, nearest)
    };
    let seen = x.map(|x| [parity(x / l.alpha, 0), parity(x / l.alpha, 1)]);
    // log of the density of the nearest even point over that of the nearest odd one.
    let gap = |axis: usize| {
        let [even, odd] = seen[axis].map(|at| at.2);
        (odd - even) * (odd + even - 2.0 * x[axis] / l.alpha) / (2.0 * s * s)
    };
    let gap = gap(0) + gap(1);
    let weights = [gap.min(0.0).exp(), (-gap).min(0.0).exp()];
    let product = |p: usize| weights[p] * seen[0][p].0 * seen[1][p].0;
    let moment = |axis: usize, p: usize| weights[p] * seen[axis][p].1 * seen[1 - axis][p].0;
    [0, 1].map(|axis| (moment(axis, 0) + moment(axis, 1)) / (product(0) + product(1)))
}

/// Levels by the ratio σ/α, around all seams of the formulas, and points: typical ones, edges, corners and tails.
#[test]
fn the_checkerboard_is_exact_to_rounding() {
    let board = Space::checkerboard();
    // The seams are at h = 0.3 and 4.4, h = ¼α/σ.
    let seams = [0.25 / 0.3, 0.25 / 4.4].map(|s| [s * (1.0 - 1e-9), s * (1.0 + 1e-9)]);
    let ratios = [
        1e-3, 0.01, 0.03, 0.05, 0.07, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 5.0, 20.0, 80.0, 1e3,
    ];
    for s in [&ratios[..], &seams.concat()].concat() {
        for alpha in [1.0, 0.3] {
            let l = level(alpha, alpha * s);
            let mut points = draws(&board, 150);
            let mut z = vec![0.0; points.len()];
            Noise::new(4).normals(Stream::Start, 0, 0, &mut z);
            (points.iter_mut().zip(&z)).for_each(|(x, z)| *x += s * z);
            let places = [-1.0, -0.75, -0.5, -0.1, 0.0, 0.25, 0.5, 0.9, 1.0];
            let far = [
                -1.0 - 9.0 * s,
                -1.0 - 4.0 * s,
                1.0 + 0.1 * s,
                1.0 + 6.4 * s,
                1.0 + 20.0 * s,
                -1.0 - 300.0 * s,
            ];
            let places = [&places[..], &far].concat();
            points.extend(
                places
                    .iter()
                    .flat_map(|x| places.iter().flat_map(|y| [*x, *y])),
            );
            points.iter_mut().for_each(|x| *x *= alpha);
            let got = x_hat(&board.diffuse(&l), &points);
            for (x, got) in points.chunks(2).zip(got.chunks(2)) {
                let wanted = board_by_quadrature(&l, [x[0], x[1]]);
                for axis in 0..2 {
                    let most = 3e-15 * (1.0 + (x[axis] / alpha).abs());
                    let close = (got[axis] - wanted[axis]).abs() < most;
                    assert!(close, "{l:?} {x:?}: {got:?} {wanted:?}");
                }
            }
        }
    }
}

/// x̂ of the torus by the trapezoidal rule over both angles.
fn torus_by_quadrature(Torus { major, minor }: Torus, l: &Level, x: &[f64]) -> [f64; 3] {
    let (m, n) = (180, 360);
    let u = [x[0] / l.alpha, x[1] / l.alpha, x[2] / l.alpha];
    let precision = 1.0 / (l.ratio() * l.ratio());
    // u·p − |p|²/2 and the point p.
    let angle = |i: usize, of: usize| libm::sincos(TAU * i as f64 / of as f64);
    let turns: Vec<(f64, f64)> = (0..n).map(|j| angle(j, n)).collect();
    let (mut mass, mut sum) = (0.0, [0.0; 3]);
    let bound = |rho: f64, z: f64| {
        let along = libm::hypot(u[0], u[1]) * rho + u[2] * z;
        precision * (along - 0.5 * (rho * rho + z * z))
    };
    let circle = |i: usize| {
        let (sin, cos) = angle(i, m);
        (major + minor * cos, minor * sin)
    };
    let top = (0..m).fold(f64::MIN, |top, i| {
        let (rho, z) = circle(i);
        top.max(bound(rho, z))
    });
    for i in 0..m {
        let (rho, z) = circle(i);
        // Circle by circle, so that few numbers of one size are added.
        let (mut part, mut parts) = (0.0, [0.0; 3]);
        for (s, c) in &turns {
            let p = [rho * c, rho * s, z];
            let dot = p[0] * u[0] + p[1] * u[1] + p[2] * u[2];
            let term = rho * (precision * (dot - 0.5 * (rho * rho + z * z)) - top).exp();
            part += term;
            (parts.iter_mut().zip(p)).for_each(|(sum, p)| *sum += term * p);
        }
        mass += part;
        (sum.iter_mut().zip(parts)).for_each(|(sum, part)| *sum += part);
    }
    sum.map(|sum| sum / mass)
}

/// On both sides of the s up to which all points share the nodes, and of the edge of the ball of these points.
#[test]
fn the_torus_is_exact_to_rounding() {
    let torus = |major, minor| Torus { major, minor };
    let ratios = [
        0.1, 0.2, 0.3, 0.33, 0.34, 0.35, 0.36, 0.5, 0.7, 1.0, 1.5, 2.5, 5.0, 10.0, 80.0, 1e3,
    ];
    let all = ratios.map(|s| (TORUS, s)).into_iter();
    let others = [0.2, 0.45, 0.6, 1.0, 2.0, 40.0].into_iter();
    let others = others.flat_map(|s| [(torus(1.0, 0.99), s), (torus(2.0, 0.1), 2.0 * s)]);
    for (torus, s) in all.chain([(TORUS, 0.05)]).chain(others) {
        let (law, alpha) = (Space::Torus(torus), 0.7);
        let l = level(alpha, alpha * s);
        let mut points = draws(&law, 12);
        let mut z = vec![0.0; points.len()];
        Noise::new(4).normals(Stream::Start, 0, 0, &mut z);
        (points.iter_mut().zip(&z)).for_each(|(x, z)| *x += s * z);
        let far = torus.major + torus.minor + 5.5 * s;
        points.extend([0.0, 0.0, 0.0, torus.major, 0.0, 0.0]);
        points.extend([
            0.0,
            0.0,
            0.999 * far,
            far,
            0.0,
            1e-3,
            0.0,
            -0.999 * far,
            0.0,
        ]);
        points.extend([
            0.8,
            0.0,
            0.9 * far,
            1e-9,
            0.0,
            -0.3,
            -0.4 * far,
            0.4 * far,
            0.5,
        ]);
        points.iter_mut().for_each(|x| *x *= alpha);
        let got = x_hat(&law.diffuse(&l), &points);
        for (x, got) in points.chunks(3).zip(got.chunks(3)) {
            let wanted = torus_by_quadrature(torus, &l, x);
            for axis in 0..3 {
                let close = (got[axis] - wanted[axis]).abs() < 6e-15 * torus.major;
                assert!(close, "{torus:?} {l:?} {x:?}: {got:?} {wanted:?}");
            }
        }
    }
}

/// Two or four points go side by side. Here each has every other kind of point beside it.
#[test]
fn a_point_has_the_same_bits_beside_any_other() {
    for (name, law) in laws() {
        let dim = law.dim();
        for s in [1e-3, 0.02, 0.08, 0.3, 0.7, 1.0, 4.0, 30.0, 1e3] {
            let d = law.diffuse(&level(0.9, 0.9 * s));
            let mut points = draws(&law, 6);
            for away in [
                0.0,
                0.2,
                1.0,
                1.1 + 5.0 * s,
                1.1 + 7.0 * s,
                400.0 * (1.0 + s),
            ] {
                points.extend((0..dim).map(|i| [0.9, -0.7, 0.01][i] * away));
            }
            let alone: Vec<f64> = points.chunks(dim).flat_map(|x| x_hat(&d, x)).collect();
            let count = points.len() / dim;
            for turn in 0..count {
                // Steps of 1, 5 and 7 bring other neighbours; the last turns leave an odd number of points.
                let order: Vec<usize> = (0..count - turn % 4)
                    .map(|i| (turn + i * [1, 5, 7][turn % 3]) % count)
                    .collect();
                let side: Vec<f64> = order
                    .iter()
                    .flat_map(|i| points[dim * i..dim * (i + 1)].to_vec())
                    .collect();
                let wanted = order.iter().flat_map(|i| &alone[dim * i..dim * (i + 1)]);
                for (got, wanted) in x_hat(&d, &side).iter().zip(wanted) {
                    assert_eq!(got.to_bits(), wanted.to_bits(), "{name} s={s} {order:?}");
                }
            }
        }
    }
}

proptest! {
    /// x̂ lies in the box of the law; only for normals it may reach as far as x_t/α.
    #[test]
    fn x_hat_is_finite_and_in_the_box_of_the_law(
        which in 0..11usize,
        x in prop::array::uniform3(-1e3..1e3f64),
        log_sigma in -4.0..2.0f64,
        log_alpha in -11.0..0.0f64,
        whole in any::<bool>(),
    ) {
        let (name, law) = laws().swap_remove(which);
        let alpha = if whole { 1.0 } else { 10f64.powf(log_alpha) };
        let d = law.diffuse(&level(alpha, 10f64.powf(log_sigma)));
        let x = &x[..law.dim()];
        prop_assert!(d.log_density(x).is_finite(), "{name}");
        let spread = matches!(&law, Space::Cloud(c) if c.sd() > 0.0);
        for (x, got) in x.iter().zip(x_hat(&d, x)) {
            let reach = if spread { law.reach().max((x / alpha).abs()) } else { law.reach() };
            prop_assert!(got.abs() <= reach * (1.0 + 1e-12), "{name} {got} {reach}");
        }
    }
}
