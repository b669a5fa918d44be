//! Blankets, corrections and output laws in many dimensions, by closed recursion: the published numbers.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::denoise::DenoiseAt;
use scorefield::denoise::Denoiser;
use scorefield::denoise::Differentiable;
use scorefield::denoise::JacobianAt;
use scorefield::law::Law;
use scorefield::level::Level;
use scorefield::process::Chain;
use scorefield::process::Matrix;
use scorefield::process::lgssm::Blanket;
use scorefield::process::lgssm::Windows;
use scorefield::rng::Noise;
use scorefield::rng::Stream;
use scorefield::sample::Affine;
use scorefield::sample::Churn;
use scorefield::sample::Gaussian;
use scorefield::sample::HostRun;
use scorefield::sample::Plan;
use scorefield::sample::Sampler;
use scorefield::schedule::Grid;
use scorefield::schedule::Process;
use std::rc::Rc;

fn ar1(length: usize) -> Chain {
    Chain::ar1(0.9, 0.19f64.sqrt(), 1.0, 0.5, length).unwrap()
}

fn law_of(plan: &Plan, denoiser: &dyn Denoiser, dim: usize) -> Gaussian {
    plan.moments(dim, |level| Affine::of(denoiser, level, dim))
}

fn pc(corrections: u32) -> Sampler {
    Sampler::Pc {
        corrections,
        tau: 0.25,
    }
}

fn samplers() -> [Sampler; 9] {
    let heun = |amount| {
        Sampler::Heun(Churn {
            amount,
            min: 0.0,
            max: 80.0,
            noise: 1.003,
        })
    };
    [
        Sampler::Ancestral,
        Sampler::Ddim,
        Sampler::Euler,
        heun(0.0),
        heun(20.0),
        Sampler::Dpmpp2m,
        Sampler::Em,
        pc(2),
        Sampler::Langevin {
            level: 0.1,
            step: 0.1,
        },
    ]
}

/// The matrix −C⁻¹ of the score of a denoiser at α = 1, by probing: (K − I)/s².
fn score_matrix(denoiser: &dyn Denoiser, s: f64, dim: usize) -> Matrix<f64> {
    let level = Level {
        t: 0.5,
        alpha: 1.0,
        sigma: s,
    };
    let gain = Affine::of(denoiser, &level, dim).gain;
    (gain - Matrix::identity(dim, dim)) / (s * s)
}

/// The relative error of the score at one σ/α, by its definition.
fn dense_error(chain: &Chain, blanket: &Blanket, s: f64) -> f64 {
    let dim = chain.dim();
    let (b, f) = (score_matrix(blanket, s, dim), score_matrix(chain, s, dim));
    let c = chain.joint_covariance() + Matrix::identity(dim, dim) * (s * s);
    let gap = &b - &f;
    ((&gap * &c * gap.transpose()).trace() / (&f * &c * f.transpose()).trace()).sqrt()
}

/// L = 33, a = 0.9, unit variance.
#[test]
fn score_errors_are_the_published_ones() {
    for (k, expected) in [(1, 0.310), (2, 0.183), (4, 0.0871)] {
        let error = Blanket::new(&ar1(33), k).unwrap().score_error();
        println!("k = {k}: {error:.5} (expected {expected})");
        assert!((error / expected - 1.0).abs() < 0.01, "k = {k}: {error}");
    }
}

#[test]
fn the_linear_time_score_error_is_its_definition() {
    let chains = [
        ar1(21),
        Chain::damped_spring(0.5, 15).unwrap(),
        Chain::rotation(0.5, 15).unwrap(),
    ];
    for chain in chains {
        for k in [0, 1, 3] {
            let blanket = Blanket::new(&chain, k).unwrap();
            for s in [0.03, 0.3, 1.0, 3.0, 30.0] {
                let (own, dense) = (blanket.score_error_at(s), dense_error(&chain, &blanket, s));
                assert!(
                    (own - dense).abs() < 1e-6,
                    "k = {k}, s = {s}: {own} {dense}"
                );
            }
        }
    }
}

/// A blanket is the exact denoiser of a window after unfolding and folding, with both products of its Jacobian. The
/// same holds for its error, and a wrong denoiser of the window adds its own error in squares.
#[test]
fn windows_with_their_exact_denoiser_are_the_blanket() {
    for (chain, k) in [
        (ar1(11), 2),
        (ar1(5), 2),
        (Chain::rotation(0.5, 300).unwrap(), 1),
    ] {
        let blanket = Blanket::new(&chain, k).unwrap();
        let exact = Rc::new(chain.with_length(2 * k + 1).unwrap());
        let windows = Windows::new(&chain, k, exact).unwrap();
        let n = 3 * chain.dim();
        let mut z = vec![0.0; 2 * n];
        Noise::new(1).normals(Stream::Forward, 0, 0, &mut z);
        let (x, v) = z.split_at(n);
        for (alpha, sigma) in [(1.0, 0.02), (0.6, 0.8), (0.01, 1.0)] {
            let level = Level {
                t: 0.5,
                alpha,
                sigma,
            };
            let both = [&windows as &dyn Differentiable, &blanket].map(|d| {
                let at = d.differentiable_at(&level);
                let mut out = vec![vec![0.0; n]; 3];
                at.x_hat(x, &mut out[0]);
                at.jvp(x, v, &mut out[1]);
                at.vjp(x, v, &mut out[2]);
                out.concat()
            });
            for (a, b) in both[0].iter().zip(&both[1]) {
                assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{a} {b}");
            }
        }
        for s in [0.1, 1.0, 10.0] {
            let (a, b) = (
                windows.score_errors(&[s]).unwrap()[0],
                blanket.score_error_at(s),
            );
            assert!((a - b).abs() < 1e-7, "{s}: {a} {b}");
        }
    }
}

/// Half of the exact x̂: E‖½x̂‖²/s⁴ = ¼ tr[KCKᵀ]/s⁴ with K = Σ(Σ + s²I)⁻¹ of the window, an expectation in closed
/// form. 1,024 windows estimate it to a few per cent.
#[test]
fn a_wrong_denoiser_of_the_windows_adds_its_error_in_squares() {
    let (chain, k) = (ar1(33), 2);
    let blanket = Blanket::new(&chain, k).unwrap();
    let windows = Windows::new(&chain, k, Rc::new(Half(chain.with_length(5).unwrap()))).unwrap();
    for s in [0.3, 1.0, 3.0] {
        let level = Level {
            t: 0.5,
            alpha: 1.0,
            sigma: s,
        };
        let c = chain.joint_covariance() + Matrix::identity(33, 33) * (s * s);
        let gain = Affine::of(&blanket, &level, 33).gain;
        let own = 0.25 * (&gain * &c * gain.transpose()).trace() / (s * s * s * s);
        let full = c.try_inverse().unwrap().trace();
        let expected = (blanket.score_error_at(s).powi(2) + own / full).sqrt();
        let found = windows.score_errors(&[s]).unwrap()[0];
        assert!(
            (found / expected - 1.0).abs() < 0.1,
            "{s}: {found} {expected}"
        );
    }
}

/// Half of the x̂ of a chain.
struct Half(Chain);

struct HalfAt<'a>(Box<dyn JacobianAt + 'a>);

fn halve(out: &mut [f64]) {
    out.iter_mut().for_each(|x| *x *= 0.5);
}

impl Denoiser for Half {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(HalfAt(self.0.differentiable_at(level)))
    }
}

impl Differentiable for Half {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(HalfAt(self.0.differentiable_at(level)))
    }
}

impl DenoiseAt for HalfAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.0.x_hat(x_t, out);
        halve(out);
    }
}

impl JacobianAt for HalfAt<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.0.jvp(x_t, v, out);
        halve(out);
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.0.vjp(x_t, v, out);
        halve(out);
    }
}

/// At σ → 0 the precision matrix of an autoregression is tridiagonal, so k = 1 is exact and k = 0 is not. The
/// rotation has p = 2 coordinates and the same order.
#[test]
fn one_neighbour_is_enough_without_noise() {
    for chain in [ar1(33), Chain::rotation(0.5, 33).unwrap()] {
        let error = |k, s| Blanket::new(&chain, k).unwrap().score_error_at(s);
        let ratio = error(1, 2e-3) / error(1, 1e-3);
        assert!((ratio - 4.0).abs() < 0.1, "of second order in σ: {ratio}");
        assert!(error(1, 1e-3) < 1e-4);
        assert!(error(0, 1e-3) > 0.2);
    }
}

#[test]
fn wider_blankets_are_better() {
    let errors: Vec<f64> = (0..17)
        .map(|k| Blanket::new(&ar1(33), k).unwrap().score_error())
        .collect();
    assert!(errors.windows(2).all(|e| e[1] < e[0]), "{errors:?}");
    assert!(errors[16] < 1e-7);
    let curve = Blanket::new(&ar1(33), 2).unwrap().score_errors();
    assert_eq!(curve.len(), 256);
    assert!((curve[0].0 / 1e-3 - 1.0).abs() < 1e-12 && (curve[255].0 / 1e3 - 1.0).abs() < 1e-12);
}

/// VP, 256 DDIM steps with C corrections, by the closed recursion with δ = τ/E ε² of the current law.
#[test]
fn corrections_repair_a_blanket_as_published() {
    let chain = ar1(33);
    let truth = chain.joint_covariance();
    // Lag 1 is here the mean of the correlations of neighbours. The lab's metric divides the mean covariance by the
    // mean variance, which differs by at most 1 %.
    let run = |k, c| {
        let plan = pc(c).plan(Process::Vp, Grid::Default, 256);
        let blanket = Blanket::new(&chain, k).unwrap();
        let law = law_of(&plan, &blanket, 33).covariance;
        let of = |i: usize| law[(i, i + 1)] / (law[(i, i)] * law[(i + 1, i + 1)]).sqrt();
        let lag1 = (0..32).map(of).sum::<f64>() / 32.0;
        let error = (&law - &truth).norm() / truth.norm();
        println!("k = {k}, C = {c}: lag 1 {lag1:.4}, covariance error {error:.4}");
        (lag1, error)
    };
    for (c, lag1, error) in [(0, 0.774, 0.750), (1, 0.813, 0.640), (16, 0.859, 0.342)] {
        let (own_lag1, own_error) = run(1, c);
        assert!((own_lag1 / lag1 - 1.0).abs() < 0.01, "C = {c}: {own_lag1}");
        assert!(
            (own_error / error - 1.0).abs() < 0.01,
            "C = {c}: {own_error}"
        );
    }
    assert!((run(4, 0).1 - 0.404).abs() < 5.1e-4);
    assert!((run(4, 16).1 - 0.012).abs() < 0.0005);
}

/// In one dimension the recursion is [`Plan::moments_on_gaussian`].
#[test]
fn one_dimension_is_a_special_case() {
    let law = Law::gaussian(0.3, 0.5);
    for process in Process::all(12) {
        for sampler in samplers() {
            let churns = matches!(sampler, Sampler::Heun(c) if c.amount > 0.0);
            if churns && !process.explodes() {
                continue;
            }
            let plan = sampler.plan(process, Grid::Default, 12);
            let (one, many) = (plan.moments_on_gaussian(0.3, 0.5), law_of(&plan, &law, 1));
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * (1.0 + b.abs());
            assert!(
                near(many.mean[0], one.mean) && near(many.covariance[(0, 0)], one.variance),
                "{process:?} {sampler:?}: {many:?} {one:?}"
            );
        }
    }
}

/// Particles of whole chains in the host loop have the law that the recursion gives, for the exact denoiser and for a
/// blanket: below eight coordinates with every sampler, from eight on with all but the scaled corrections.
#[test]
fn runs_of_chains_have_their_closed_output_law() {
    let n = 20_000;
    let small = Chain::damped_spring(0.5, 3).unwrap();
    let large = ar1(9);
    for (process, chain) in [
        (Process::Vp, &small),
        (Process::Edm, &small),
        (Process::Edm, &large),
    ] {
        let d = chain.dim();
        let blanket = Blanket::new(chain, 1).unwrap();
        let both: [&dyn Denoiser; 2] = [chain, &blanket];
        for (which, denoiser) in both.into_iter().enumerate() {
            for sampler in samplers() {
                let churns = matches!(sampler, Sampler::Heun(c) if c.amount > 0.0);
                let scaled = matches!(sampler, Sampler::Pc { .. }) && d >= 8;
                if (churns && !process.explodes()) || scaled {
                    continue;
                }
                let plan = sampler.plan(process, Grid::Default, 8);
                let law = law_of(&plan, denoiser, d);
                let x = HostRun::in_space(&plan, denoiser, n, d, 5).finish();
                let mut got = Matrix::<f64>::zeros(d, d);
                for x in x.chunks_exact(d) {
                    for i in 0..d {
                        for j in 0..d {
                            got[(i, j)] += x[i] * x[j] / n as f64;
                        }
                    }
                }
                let c = &law.covariance;
                for i in 0..d {
                    for j in 0..d {
                        let v = c[(i, i)] * c[(j, j)] + c[(i, j)] * c[(i, j)];
                        let gap = (got[(i, j)] - c[(i, j)]).abs();
                        assert!(
                            gap < 5.0 * (v / n as f64).sqrt(),
                            "{process:?} {sampler:?} {which} ({i}, {j}): {} {}",
                            got[(i, j)],
                            c[(i, j)]
                        );
                    }
                }
            }
        }
    }
}

/// A Gaussian law of many independent coordinates, each N(0, v).
struct Wide(f64);

impl Denoiser for Wide {
    fn at(&self, level: &Level) -> Box<dyn scorefield::denoise::DenoiseAt + '_> {
        let total = level.alpha * level.alpha * self.0 + level.sigma * level.sigma;
        Box::new(Times(level.alpha * self.0 / total))
    }
}

struct Times(f64);

impl scorefield::denoise::DenoiseAt for Times {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        for (out, x) in out.iter_mut().zip(x_t) {
            *out = self.0 * x;
        }
    }
}

/// The variance after 40 corrections per level, divided by the variance of the noisy law at the last level.
fn settled(measure: impl Fn(&Plan, &Wide) -> f64) -> f64 {
    let plan = pc(40).plan(Process::Vp, Grid::Default, 10);
    let (law, end) = (Wide(0.04), plan.levels[10]);
    measure(&plan, &law) / (end.alpha * end.alpha * law.0 + end.sigma * end.sigma)
}

/// In many dimensions, δ = τ/mean ε² of each particle converges to var·(1 + τ/2), and so does the recursion with E ε²
/// of the current law. With δ fixed at τ/E ε² of the true law, the limit is var/(1 − τ/2).
#[test]
fn corrections_settle_at_their_closed_variances() {
    let tau = 0.25;
    let by_particles = settled(|plan, law| {
        let x = HostRun::in_space(plan, law, 50, 4000, 3).finish();
        x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64
    });
    let by_recursion = settled(|plan, law| law_of(plan, law, 8).covariance[(0, 0)]);
    // Fixed: δ = τ·C/σ² for ε = σx/C on N(0, C).
    let fixed = settled(|plan, law| {
        let mut plan = plan.clone();
        for stage in plan.stages.iter_mut().filter(|s| s.scaled.is_some()) {
            let end = stage.level.unwrap();
            let total = end.alpha * end.alpha * law.0 + end.sigma * end.sigma;
            let delta = tau * total / (end.sigma * end.sigma);
            let [keep, pull, noise] = scorefield::sample::Stage::correction(&end, delta);
            (stage.keep, stage.pulls, stage.noise) = (keep, [pull, 0.0], noise);
            stage.scaled = None;
        }
        law_of(&plan, law, 8).covariance[(0, 0)]
    });
    println!("particles {by_particles:.5}, recursion {by_recursion:.6}, fixed {fixed:.6}");
    assert!((by_recursion - (1.0 + tau / 2.0)).abs() < 1e-9);
    assert!((fixed - 1.0 / (1.0 - tau / 2.0)).abs() < 1e-9);
    // The standard error of 200,000 squares is 0.3 %; the two closed forms are 1.6 % apart.
    assert!((by_particles / (1.0 + tau / 2.0) - 1.0).abs() < 0.01);
}

/// Below eight coordinates δ = τ; from eight on, the noise of the particle sets it.
#[test]
fn corrections_are_scaled_from_eight_coordinates_on() {
    let plan = pc(3).plan(Process::Vp, Grid::Default, 4);
    let mut bare = plan.clone();
    bare.stages.iter_mut().for_each(|s| s.scaled = None);
    let law = Wide(0.04);
    let run = |plan: &Plan, dim| HostRun::in_space(plan, &law, 3, dim, 1).finish();
    assert_eq!(run(&plan, 7), run(&bare, 7));
    assert_ne!(run(&plan, 8), run(&bare, 8));
    assert_eq!(law_of(&plan, &law, 7), law_of(&bare, &law, 7));
    assert_ne!(law_of(&plan, &law, 8), law_of(&bare, &law, 8));
}

/// With the exact denoiser and many steps, the samples have the law of the chain.
#[test]
fn exact_scores_of_whole_chains_recover_their_law() {
    for chain in [ar1(12), Chain::rotation(0.5, 8).unwrap()] {
        let d = chain.dim();
        for (process, sampler, bound) in [
            (Process::Edm, Sampler::Dpmpp2m, 1e-3),
            (Process::Vp, Sampler::Dpmpp2m, 5e-3),
            (Process::Vp, Sampler::Ddim, 0.05),
        ] {
            let plan = sampler.plan(process, Grid::LogSnr, 200);
            let end = plan.levels[200];
            let truth = chain.joint_covariance() * end.alpha.powi(2)
                + Matrix::identity(d, d) * end.sigma.powi(2);
            let law = law_of(&plan, &chain, d);
            let error = (law.covariance - &truth).norm() / truth.norm();
            println!("{process:?} {sampler:?}: {error:.2e}");
            assert!(error < bound, "{process:?} {sampler:?}: {error}");
        }
    }
}

/// Prior N(0, 1), y = 1.5, noise with standard deviation 0.5, SDA's rule, in eight independent copies, so that a
/// correction is scaled by E ε² of the current law. The maps have an offset, and the mean contributes to E ε².
#[test]
fn guided_runs_have_the_published_law() {
    let law = |sampler: Sampler, steps, gamma: f64| {
        let plan = sampler.plan(Process::Vp, Grid::UniformT, steps);
        let law = plan.moments(8, |level| {
            let Level { alpha, sigma, .. } = *level;
            let prior = alpha / (alpha * alpha + sigma * sigma);
            let pull = sigma * sigma / alpha * prior;
            let pull = pull / (0.25 + gamma * (sigma / alpha).powi(2));
            let gain = prior * (1.0 - pull);
            Affine {
                gain: Matrix::identity(8, 8) * gain,
                offset: Matrix::from_element(8, 1, pull * 1.5)
                    .column(0)
                    .into_owned(),
            }
        });
        (law.mean[3], law.covariance[(3, 3)])
    };
    let (mean, variance) = law(pc(1), 256, 0.01);
    println!("corrected: {mean:.5} {variance:.5}");
    assert!((mean - 1.2053).abs() < 6e-5 && (variance - 0.2239).abs() < 6e-5);
    // The limit of the ODE, up to the effect of a grid that ends at t = 10⁻³.
    for (gamma, mean, variance) in [(0.01, 1.7191, 0.02711), (0.1, 1.3998, 0.07470)] {
        let (own_mean, own_variance) = law(Sampler::Dpmpp2m, 2000, gamma);
        println!("ode: {own_mean:.5} {own_variance:.6}");
        assert!((own_mean / mean - 1.0).abs() < 0.01);
        assert!((own_variance / variance - 1.0).abs() < 0.01);
    }
}
