use super::*;
use proptest::prelude::*;

fn laws() -> Vec<(&'static str, Law)> {
    vec![
        ("uniform", Law::uniform(0.0, 1.0)),
        ("gaussian", Law::gaussian(0.0, 0.5)),
        (
            "mixture",
            Law::mixture(&[-1.0, 0.5, 2.0], &[0.2, 0.05, 0.7], &[1.0, 2.0, 3.0]),
        ),
        ("comb", Law::comb(4, 0.5)),
        ("empirical", Law::empirical(&[0.1, 0.15, 0.7, 0.9])),
        ("many points", Law::empirical(&many_points())),
    ]
}

fn many_points() -> Vec<f64> {
    (0..200).map(|i| f64::from(i * i % 211) / 211.0).collect()
}

fn level(alpha: f64, sigma: f64) -> Level {
    Level {
        t: 0.5,
        alpha,
        sigma,
    }
}

/// ∫ x₀^p N(x; αx₀, σ²) p(x₀) dx₀ by the midpoint rule, over the parts of the clean law.
fn moment(law: &Law, l: &Level, x: f64, power: i32) -> f64 {
    law.parts()
        .iter()
        .map(|p| {
            let term =
                |x0: f64| x0.powi(power) * special::phi((x - l.alpha * x0) / l.sigma) / l.sigma;
            if p.half_width == 0.0 && p.sd == 0.0 {
                return p.weight * term(p.centre);
            }
            let reach = if p.half_width > 0.0 {
                p.half_width
            } else {
                10.0 * p.sd
            };
            let n = 40_000;
            let h = 2.0 * reach / n as f64;
            let sum: f64 = (0..n)
                .map(|i| {
                    let x0 = p.centre - reach + (i as f64 + 0.5) * h;
                    let density = if p.half_width > 0.0 {
                        0.5 / p.half_width
                    } else {
                        special::phi((x0 - p.centre) / p.sd) / p.sd
                    };
                    density * term(x0)
                })
                .sum();
            p.weight * sum * h
        })
        .sum()
}

#[test]
fn each_law_is_its_definition() {
    let density = |law: &Law, x: f64| law.diffuse(&level(1.0, 0.0)).density(x);
    assert_eq!(density(&Law::uniform(-1.0, 3.0), 0.3), 0.25);
    assert_eq!(density(&Law::uniform(-1.0, 3.0), 3.1), 0.0);
    // The teeth are [0, ⅛], [¼, ⅜], [½, ⅝] and [¾, ⅞].
    let comb = Law::comb(4, 0.5);
    let inside = [0.01, 0.12, 0.26, 0.37, 0.6, 0.8];
    let outside = [-0.01, 0.13, 0.24, 0.4, 0.7, 0.9, 1.1];
    assert_eq!(inside.map(|x| density(&comb, x)), [2.0; 6]);
    assert_eq!(outside.map(|x| density(&comb, x)), [0.0; 7]);
    let mixture = Law::mixture(&[-1.0, 0.5], &[0.2, 0.4], &[1.0, 3.0]);
    let normal = |m: f64, s: f64, x: f64| special::phi((x - m) / s) / s;
    let wanted = 0.25 * normal(-1.0, 0.2, 0.1) + 0.75 * normal(0.5, 0.4, 0.1);
    assert!((density(&mixture, 0.1) / wanted - 1.0).abs() < 1e-14);
    let gaussian = density(&Law::gaussian(0.3, 2.0), 1.0);
    assert!((gaussian / normal(0.3, 2.0, 1.0) - 1.0).abs() < 1e-14);
    let points = Law::empirical(&[0.25, 0.5]).diffuse(&level(1.0, 0.0));
    assert_eq!([0.2, 0.3, 0.6].map(|x| points.cdf(x)), [0.0, 0.5, 1.0]);
}

#[test]
fn density_and_denoiser_agree_with_quadrature() {
    for (name, law) in laws() {
        for l in [
            level(1.0, 0.05),
            level(0.8, 0.6),
            level(0.1, 0.99),
            level(1.0, 5.0),
        ] {
            let d = law.diffuse(&l);
            for k in -8..=8 {
                let x = d.mean() + 0.5 * k as f64 * d.variance().sqrt();
                let (p, m) = (moment(&law, &l, x, 0), moment(&law, &l, x, 1));
                if p < 1e-30 {
                    continue;
                }
                assert!(
                    (d.density(x) / p - 1.0).abs() < 1e-5,
                    "{name} {l:?} x={x}: {} {p}",
                    d.density(x)
                );
                assert!(
                    (d.x_hat(x) - m / p).abs() < 2e-6,
                    "{name} {l:?} x={x}: {} {}",
                    d.x_hat(x),
                    m / p
                );
            }
        }
    }
}

#[test]
fn a_softmax_on_the_line_agrees_with_the_sum_over_the_parts() {
    let means = [-1.4, -1.0, -0.6, -0.2, 0.2, 0.6, 1.4];
    for (sd, rare) in [(0.08, 1.0), (0.0, 1.0), (0.3, 2e-6), (0.3, 1e-12)] {
        let weights = [1.0, rare, 1.0, 2.0, 1.0, rare, 3.0];
        let law = Law::mixture(&means, &[sd; 7], &weights);
        for l in [level(1.0, 0.02), level(0.8, 0.6), level(0.01, 1.0)] {
            let d = law.diffuse(&l);
            let variance = l.alpha * l.alpha * sd * sd + l.sigma * l.sigma;
            for i in -40..=40 {
                let x = 0.05 * f64::from(i);
                let log = |p: &Part| {
                    let gap = x - l.alpha * p.centre;
                    libm::log(p.weight) - 0.5 * gap * gap / variance
                };
                let top = law.parts.iter().map(log).fold(f64::MIN, f64::max);
                let (mut mass, mut moment) = (0.0, 0.0);
                for p in &law.parts {
                    let share = libm::exp(log(p) - top);
                    mass += share;
                    moment += share * p.centre;
                }
                let gain = l.alpha * sd * sd / variance;
                let x_hat = l.sigma * l.sigma / variance * moment / mass + gain * x;
                let off = (d.x_hat(x) - x_hat).abs();
                assert!(off < 3e-14, "{sd} {rare} {l:?} x={x}: {off:e}");
                let normal = 0.5 * libm::log(std::f64::consts::TAU * variance);
                let exact = top + libm::log(mass) - normal;
                let off = (d.log_density(x) / exact - 1.0).abs();
                assert!(off < 1e-13, "{sd} {rare} {l:?} x={x}: {off:e}");
            }
        }
    }
}

#[test]
fn a_point_has_the_bits_that_it_has_beside_any_other() {
    let means: Vec<f64> = (0..11).map(|i| 0.3 * f64::from(i)).collect();
    let line = Law::mixture(&means, &[0.05; 11], &[1.0; 11]);
    let plane = space::Space::moons();
    let l = level(0.9, 0.1);
    let places: Vec<f64> = (0..15).map(|i| 0.25 * f64::from(i) - 0.4).collect();
    let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let of = |law: &dyn DenoiseAt, x: &[f64]| {
        let mut out = vec![0.0; x.len()];
        law.x_hat(x, &mut out);
        bits(&out)
    };
    let (line, plane) = (line.diffuse(&l), plane.diffuse(&l));
    for a in &places {
        let (alone, pair) = (of(&line, &[*a]), [0.4 * a, 0.3 - 0.5 * a]);
        let alone_there = of(&plane, &pair);
        for b in &places {
            assert_eq!(of(&line, &[*a, *b])[0], alone[0], "{a} beside {b}");
            assert_eq!(of(&line, &[*b, *a])[1], alone[0], "{a} beside {b}");
            let both = of(&plane, &[pair[0], pair[1], *b, 0.1]);
            assert_eq!(both[..2], alone_there, "{pair:?} beside {b}");
        }
    }
}

#[test]
fn denoiser_is_tweedies_formula_of_the_density() {
    for (name, law) in laws() {
        for l in [level(1.0, 0.1), level(0.6, 0.8)] {
            let d = law.diffuse(&l);
            for k in -30..=30 {
                let (x, h) = (0.1 * k as f64, 1e-5);
                let score = (d.log_density(x + h) - d.log_density(x - h)) / (2.0 * h);
                let x_hat = l.x_hat_from_score(x, score);
                assert!(
                    (d.x_hat(x) - x_hat).abs() < 1e-5,
                    "{name} {l:?} x={x}: {} {x_hat}",
                    d.x_hat(x)
                );
            }
        }
    }
}

/// Far outside an interval the truncated normal concentrates at the edge: x̂ → 1 − σ²/(x−1) for α = 1.
#[test]
fn no_tail_of_the_uniform_law_underflows() {
    let law = Law::uniform(0.0, 1.0);
    for (sigma, x) in [(0.002, 3.0), (0.01, 50.0), (1e-5, 2.0), (1e-3, 1e3)] {
        let got = law.diffuse(&level(1.0, sigma)).x_hat(x);
        let edge = 1.0 - sigma * sigma / (x - 1.0);
        assert!((got - edge).abs() < 1e-9, "σ={sigma} x={x}: {got} {edge}");
        let mirrored = law.diffuse(&level(1.0, sigma)).x_hat(1.0 - x);
        assert!((mirrored - (1.0 - got)).abs() < 1e-15);
    }
}

#[test]
fn denoiser_tends_to_the_prior_mean_as_the_signal_vanishes() {
    for (name, law) in laws() {
        let far = law.diffuse(&level(1.0, 2e3)).x_hat(700.0);
        let near = law.mean() + law.variance() * (700.0 - law.mean()) / (4e6 + law.variance());
        assert!((far - near).abs() < 1e-6, "{name}: {far} {near}");
        assert_eq!(
            law.diffuse(&level(0.0, 1.0)).x_hat(0.3),
            law.mean(),
            "{name}"
        );
    }
}

/// With almost no signal, x̂ is the linear regression m + v·α(x − αm)/σ² (v is the variance of x₀) and x_t is normal.
/// This is tested up to σ/α = 10¹¹, where the closed forms of an interval would lose every digit.
#[test]
fn no_digit_is_lost_as_the_signal_vanishes() {
    for (name, law) in laws() {
        for exponent in 4..=11 {
            let alpha = 10f64.powi(-exponent);
            let d = law.diffuse(&level(alpha, 1.0));
            for k in -8..=8 {
                let x = 0.5 * f64::from(k);
                let linear = law.mean() + law.variance() * alpha * (x - alpha * law.mean());
                let bound = 10.0 * alpha * alpha + 1e-13;
                assert!(
                    (d.x_hat(x) - linear).abs() < bound,
                    "{name} α={alpha} x={x}: {} {linear}",
                    d.x_hat(x)
                );
                let normal = special::cdf((x - d.mean()) / d.variance().sqrt());
                assert!((d.cdf(x) - normal).abs() < bound, "{name} α={alpha} x={x}");
                let area =
                    d.variance().sqrt() * special::cdf_1((x - d.mean()) / d.variance().sqrt());
                assert!(
                    (d.cdf_integral(x) - area).abs() < bound,
                    "{name} α={alpha} x={x}"
                );
            }
        }
    }
}

/// The series for narrow intervals agrees with the closed form where the two meet.
#[test]
fn both_forms_of_a_narrow_interval_agree() {
    let law = Law::uniform(-1.0, 1.0);
    for z in [-6.0, -1.0, 0.2, 3.0] {
        let (below, above) = (
            law.diffuse(&level(0.00199, 1.0)),
            law.diffuse(&level(0.00201, 1.0)),
        );
        // α differs by 1 %, so quantities are compared that vary smoothly with α.
        let scaled = |d: &Diffused, a: f64| d.x_hat(z) / a;
        assert!((scaled(&below, 0.00199) - scaled(&above, 0.00201)).abs() < 1e-5 * z.abs());
        assert!((below.cdf(z) - above.cdf(z)).abs() < 1e-7);
        assert!((below.density(z) / above.density(z) - 1.0).abs() < 1e-6);
        assert!((below.cdf_integral(z) - above.cdf_integral(z)).abs() < 1e-7);
    }
}

/// ∫ (x − E x_t)⁴ p_t(x) dx by the midpoint rule.
#[test]
fn the_fourth_moment_is_the_integral_of_the_density() {
    for (name, law) in laws() {
        for l in [level(1.0, 0.05), level(0.8, 0.6), level(0.3, 2.0)] {
            let d = law.diffuse(&l);
            let (reach, n) = (12.0 * d.variance().sqrt(), 20_000);
            let h = 2.0 * reach / f64::from(n);
            let term = |i: i32| {
                let away = (f64::from(i) + 0.5) * h - reach;
                away.powi(4) * d.density(d.mean() + away)
            };
            let integral = (0..n).map(term).sum::<f64>() * h;
            let miss = (d.fourth() / integral - 1.0).abs();
            assert!(miss < 1e-5, "{name} {l:?}: {} {integral}", d.fourth());
        }
    }
}

#[test]
fn a_point_mass_has_no_density_beside_it() {
    let d = Law::empirical(&[0.25, 0.5]).diffuse(&level(1.0, 0.0));
    assert_eq!((d.density(0.25), d.density(0.3)), (f64::INFINITY, 0.0));
}

#[test]
fn distribution_function_integrates_the_density_and_its_integral_the_distribution() {
    for (name, law) in laws() {
        for l in [level(1.0, 0.05), level(0.5, 0.9), level(1.0, 80.0)] {
            let d = law.diffuse(&l);
            let h = 1e-4 * d.variance().sqrt();
            for k in -20..=20 {
                let x = d.mean() + 0.2 * k as f64 * d.variance().sqrt();
                let p = (d.cdf(x + h) - d.cdf(x - h)) / (2.0 * h);
                let f = (d.cdf_integral(x + h) - d.cdf_integral(x - h)) / (2.0 * h);
                assert!(
                    (p - d.density(x)).abs() < 1e-6 * (1.0 + d.density(x)),
                    "{name} {l:?} x={x}: {p} {}",
                    d.density(x)
                );
                assert!((f - d.cdf(x)).abs() < 1e-6, "{name} {l:?} x={x}");
            }
        }
    }
}

#[test]
fn samples_have_the_moments_of_the_law() {
    let n = 40_000;
    for (name, law) in laws() {
        let mut x = vec![0.0; n];
        law.sample(&Noise::new(3), Stream::Data, 0, &mut x);
        let mean = x.iter().sum::<f64>() / n as f64;
        let var = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
        let d = law.diffuse(&level(1.0, 0.0));
        let se_mean = (law.variance() / n as f64).sqrt();
        let se_var = ((d.fourth() - d.variance() * d.variance()) / n as f64).sqrt();
        assert!(
            (mean - law.mean()).abs() < 5.0 * se_mean,
            "{name}: mean {mean}"
        );
        assert!(
            (var - law.variance()).abs() < 5.0 * se_var,
            "{name}: variance {var}"
        );
    }
}

proptest! {
    #[test]
    fn quantile_inverts_the_distribution_function(which in 0..4usize, p in 0.001..0.999f64, sigma in 0.0..2.0f64) {
        let law = &laws()[which].1;
        let d = law.diffuse(&level(0.7, sigma));
        let x = d.quantile(p);
        prop_assert!((d.cdf(x) - p).abs() < 1e-9);
    }

    #[test]
    fn moments_follow_the_noising(which in 0..5usize, alpha in 0.01..1.0f64, sigma in 0.0..3.0f64) {
        let law = &laws()[which].1;
        let d = law.diffuse(&level(alpha, sigma));
        prop_assert!((d.mean() - alpha * law.mean()).abs() < 1e-12);
        prop_assert!((d.variance() - (alpha * alpha * law.variance() + sigma * sigma)).abs() < 1e-12);
        prop_assert!(d.fourth() + 1e-12 >= d.variance() * d.variance());
    }
}
