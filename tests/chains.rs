//! Linear-Gaussian chains against dense algebra: laws, the linear-time denoiser, posteriors, refusals.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use scorefield::denoise::Denoiser;
use scorefield::denoise::Differentiable;
use scorefield::level::Level;
use scorefield::process::Chain;
use scorefield::process::Matrix;
use scorefield::process::lgssm::Blanket;
use scorefield::process::lgssm::Posterior;
use scorefield::process::lgssm::Seen;
use scorefield::process::lgssm::stack;
use scorefield::rng::Noise;
use scorefield::rng::Stream;

const B: f64 = 0.435_889_894_354_067_4; // √0.19: unit variance at a = 0.9

fn ar1(length: usize) -> Chain {
    Chain::ar1(0.9, B, 1.0, 0.5, length).unwrap()
}

fn at(ratio: f64) -> Level {
    // Both scales away from 1, so that neither can be left out.
    let alpha = 0.8;
    Level {
        t: 0.5,
        alpha,
        sigma: alpha * ratio,
    }
}

fn largest(a: &Matrix<f64>) -> f64 {
    a.iter().fold(0.0, |m, x| m.max(x.abs()))
}

fn close(what: &str, a: &Matrix<f64>, b: &Matrix<f64>, tolerance: f64) {
    let gap = largest(&(a - b));
    assert!(gap <= tolerance, "{what}: {gap:e}");
}

fn identity(n: usize) -> Matrix<f64> {
    Matrix::identity(n, n)
}

fn inverse(a: Matrix<f64>) -> Matrix<f64> {
    a.cholesky().expect("positive").inverse()
}

fn column(x: &[f64]) -> Matrix<f64> {
    Matrix::from_column_slice(x.len(), 1, x)
}

fn normals(n: usize, seed: u64) -> Vec<f64> {
    let mut z = vec![0.0; n];
    Noise::new(seed).normals(Stream::Start, 0, 0, &mut z);
    z
}

fn x_hat(denoiser: &dyn Denoiser, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    denoiser.at(level).x_hat(x, &mut out);
    out
}

fn rows(m: &Matrix<f64>) -> Vec<Vec<f64>> {
    m.row_iter().map(|r| r.iter().copied().collect()).collect()
}

/// Any stable model: p ≤ 4 coordinates, a spectral radius up to 0.98, Q of any rank, q ≤ 2 rows of O.
fn models() -> impl Strategy<Value = Chain> {
    let entries = prop::collection::vec(-1.0..1.0f64, 60);
    (
        1usize..5,
        1usize..3,
        1usize..5,
        0.0..0.98f64,
        1usize..14,
        entries,
    )
        .prop_map(|(p, q, rank, radius, length, e)| {
            let t = Matrix::from_fn(p, p, |i, j| e[i * 4 + j]);
            let own = t.complex_eigenvalues();
            let own = own.iter().map(|v| v.re.hypot(v.im)).fold(0.0, f64::max);
            let t = t * (radius / own.max(1e-3));
            let b = Matrix::from_fn(p, rank.min(p), |i, j| e[16 + i * 4 + j]);
            let o = Matrix::from_fn(q, p, |i, j| e[32 + i * 4 + j]);
            let c = Matrix::from_fn(q, q, |i, j| e[48 + i * 4 + j]);
            let noise = &c * c.transpose() + identity(q) * 0.1;
            let drive = &b * b.transpose();
            Chain::custom(&rows(&t), &rows(&drive), &rows(&o), &rows(&noise), length).unwrap()
        })
}

fn presets(length: usize) -> [Chain; 3] {
    [
        ar1(length),
        Chain::damped_spring(0.5, length).unwrap(),
        Chain::rotation(0.5, length).unwrap(),
    ]
}

#[test]
fn the_covariance_of_an_autoregression_is_a_to_the_lag() {
    let (a, b) = (-0.7, 0.3);
    let joint = Chain::ar1(a, b, 1.0, 0.5, 9).unwrap().joint_covariance();
    let variance = b * b / (1.0 - a * a);
    let expected = Matrix::from_fn(9, 9, |i, j| variance * f64::powi(a, i.abs_diff(j) as i32));
    close("AR(1)", &joint, &expected, 1e-15);
}

proptest! {
    /// Σ = TΣTᵀ + Q, Cov(x_i, x_{i−k}) = TᵏΣ, and the joint covariance is a covariance.
    #[test]
    fn chains_are_stationary(chain in models()) {
        let (t, sigma, p) = (chain.transition(), chain.stationary(), chain.states());
        let scale = largest(sigma).max(1e-300);
        close("Σ", &(t * sigma * t.transpose() + chain.process_noise()), sigma, 1e-12 * scale);
        let joint = chain.joint_covariance();
        let mut block = sigma.clone();
        for lag in 0..chain.length() {
            for j in 0..chain.length() - lag {
                let low = joint.view(((j + lag) * p, j * p), (p, p)).into_owned();
                close("TᵏΣ", &low, &block, 1e-12 * scale);
            }
            block = t * block;
        }
        close("symmetry", &joint, &joint.transpose(), 0.0);
        let lifted = joint + identity(chain.dim()) * (1e-11 * scale);
        prop_assert!(lifted.cholesky().is_some());
    }

    /// The linear-time denoiser is Σ₀(Σ₀ + s²I)⁻¹x_t/α from σ/α = 10⁻⁴ to 10⁴, singular Q included.
    #[test]
    fn the_linear_time_denoiser_is_the_dense_one(chain in models(), power in -4.0..4.0f64) {
        let level = at(f64::powf(10.0, power));
        let s2 = level.ratio() * level.ratio();
        let n = chain.dim();
        let joint = chain.joint_covariance();
        let x = normals(2 * n, 3);
        let got = x_hat(&chain, &level, &x);
        let precision = inverse(&joint + identity(n) * s2);
        for (x, got) in x.chunks(n).zip(got.chunks(n)) {
            let u = column(x) / level.alpha;
            let expected = &joint * &precision * &u;
            // Rounding of the dense reference: its condition number.
            let condition = 1.0 + largest(&joint) * n as f64 / s2;
            let scale = largest(&u) * (largest(&joint) * n as f64 / s2).min(1.0);
            close("x̂", &column(got), &expected, (1e-13 * condition).max(1e-12) * scale);
            let score = -inverse(&joint * level.alpha.powi(2) + identity(n) * level.sigma.powi(2)) * column(x);
            let own: Vec<f64> = x.iter().zip(got).map(|(x, m)| level.score_from_x_hat(*x, *m)).collect();
            let slack = 1e-13 * condition.max(1.0 / s2) * largest(&u) / (level.sigma * level.ratio());
            close("score", &column(&own), &score, slack.max(1e-12 * largest(&score)));
        }
    }

    /// What the denoiser does is smoothing with H = αI and R = σ²I.
    #[test]
    fn denoising_is_smoothing(chain in models(), power in -1.5..1.5f64) {
        let level = at(f64::powf(10.0, power));
        let p = chain.states();
        let seen: Vec<Seen> = (0..chain.length()).map(|index| Seen {
            index,
            operator: identity(p) * level.alpha,
            noise: identity(p) * level.sigma.powi(2),
        }).collect();
        let x = normals(chain.dim(), 5);
        let smoothed = Posterior::new(&chain, &seen).unwrap().mean(&x);
        close("x̂", &column(&x_hat(&chain, &level, &x)), &column(&smoothed), 1e-9);
    }

    #[test]
    fn the_smoother_is_conditioning_of_the_joint_law(chain in models(), mask in 0u32..1 << 13) {
        let indices: Vec<usize> = (0..chain.length()).filter(|i| mask >> i & 1 == 1).collect();
        agree(&chain, &chain.seen(&indices), 1e-9);
    }

    /// An exact context needs a Q that lets no direction be known beforehand, to be compared to many digits.
    #[test]
    fn the_smoother_takes_an_exact_context(chain in models(), mask in 0u32..1 << 13, context in 1usize..4) {
        let q = chain.process_noise() + identity(chain.states()) * 0.02;
        let [t, o, r] = [chain.transition(), chain.operator(), chain.observation_noise()].map(rows);
        let chain = Chain::custom(&t, &rows(&q), &o, &r, chain.length()).unwrap();
        let indices: Vec<usize> = (0..chain.length()).filter(|i| mask >> i & 1 == 1).collect();
        let context = chain.context(context.min(chain.length()));
        agree(&chain, &stack(&context, &chain.seen(&indices)), 1e-9);
    }

    /// With any Q ⪰ 0 the context comes back as it is, and is certain.
    #[test]
    fn an_exact_context_is_kept(chain in models(), context in 1usize..4) {
        let count = context.min(chain.length());
        let law = Posterior::new(&chain, &chain.context(count)).unwrap();
        let y = &chain.simulate(&Noise::new(1))[..count * chain.states()];
        let scale = 1.0 + largest(chain.stationary());
        close("context", &column(&law.mean(y)[..y.len()]), &column(y), 1e-4 * scale);
        for covariance in &law.covariances()[..count] {
            prop_assert!(largest(covariance) <= 1e-10 * scale);
        }
    }

    #[test]
    fn jacobians_are_derivatives_and_their_transposes_adjoint(chain in models(), power in -2.0..2.0f64, k in 0usize..4) {
        let level = at(f64::powf(10.0, power));
        let blanket = Blanket::new(&chain, k.min((chain.length() - 1) / 2)).unwrap();
        let both: [&dyn Differentiable; 2] = [&chain, &blanket];
        for denoiser in both {
            let n = 2 * chain.dim();
            let (x, v, w) = (normals(n, 1), normals(n, 2), normals(n, 3));
            let at = denoiser.differentiable_at(&level);
            let (mut jv, mut tw) = (vec![0.0; n], vec![f64::NAN; n]);
            at.jvp(&x, &v, &mut jv);
            at.vjp(&x, &w, &mut tw);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let scale = dot(&jv, &jv).sqrt() * dot(&w, &w).sqrt() + 1e-12;
            prop_assert!((dot(&jv, &w) - dot(&v, &tw)).abs() < 1e-11 * scale);
            let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + 0.5 * v).collect();
            let (here, there) = (x_hat(denoiser, &level, &x), x_hat(denoiser, &level, &moved));
            for ((here, there), jv) in here.iter().zip(&there).zip(&jv) {
                prop_assert!((2.0 * (there - here) - jv).abs() < 1e-11, "{there} {here} {jv}");
            }
        }
    }

    /// In the law of a window of any width nothing is left out: the blanket of the whole chain is exact.
    #[test]
    fn a_blanket_as_wide_as_the_chain_is_exact(chain in models(), power in -3.0..3.0f64) {
        let chain = chain.with_length(chain.length() / 2 * 2 + 1).unwrap();
        let level = at(f64::powf(10.0, power));
        let blanket = Blanket::new(&chain, chain.length() / 2).unwrap();
        let x = normals(3 * chain.dim(), 7);
        close("x̂", &column(&x_hat(&blanket, &level, &x)), &column(&x_hat(&chain, &level, &x)), 1e-12);
        prop_assert!(blanket.score_error() < 1e-7);
    }
}

/// Means, marginal and lag-one covariances of the smoother against dense conditioning, for consistent y.
fn agree(chain: &Chain, seen: &[Seen], tolerance: f64) {
    let p = chain.states();
    let (operator, noise) = chain.dense(seen);
    let smoother = Posterior::new(chain, seen).unwrap();
    let dense = chain.condition(&operator, &noise).unwrap();
    assert_eq!(smoother.rows(), operator.nrows());
    let x = chain.simulate(&Noise::new(11));
    let mut y = (&operator * column(&x)).as_slice().to_vec();
    for (i, (y, z)) in y.iter_mut().zip(normals(noise.nrows(), 13)).enumerate() {
        *y += noise[(i, i)].sqrt() * z;
    }
    let scale = 1.0 + largest(chain.stationary());
    close(
        "mean",
        &column(&smoother.mean(&y)),
        &column(&dense.mean(&y)),
        tolerance * scale,
    );
    let joint = dense.covariance();
    for i in 0..chain.length() {
        let block = |i: usize, j: usize| joint.view((i * p, j * p), (p, p)).into_owned();
        let own = &smoother.covariances()[i];
        close("covariance", own, &block(i, i), tolerance * scale);
        let lifted = own + identity(p) * (1e-13 * scale);
        assert!(lifted.cholesky().is_some(), "no covariance: {own}");
        if i + 1 < chain.length() {
            close(
                "lag one",
                &smoother.lag_one()[i],
                &block(i + 1, i),
                tolerance * scale,
            );
        }
    }
}

#[test]
fn the_smoother_is_conditioning_for_presets_with_and_without_noise() {
    for chain in presets(30) {
        let indices: Vec<usize> = (0..30).step_by(4).collect();
        agree(&chain, &chain.seen(&indices), 1e-12);
        agree(
            &chain,
            &stack(&chain.context(2), &chain.seen(&indices)),
            1e-10,
        );
    }
    for exact in [
        Chain::ar1(0.9, B, 2.0, 0.0, 30).unwrap(),
        Chain::damped_spring(0.0, 30).unwrap(),
        Chain::rotation(0.0, 30).unwrap(),
    ] {
        agree(&exact, &exact.seen(&[0, 7, 8, 21]), 1e-10);
        // Rows that say the same twice.
        agree(
            &exact,
            &stack(&exact.context(3), &exact.seen(&[1, 9])),
            1e-9,
        );
    }
}

/// Dense conditioning against the other formula, (Σ₀⁻¹ + AᵀR⁻¹A)⁻¹, on averages of windows of four.
#[test]
fn window_averages_condition_as_the_information_form_says() {
    for chain in presets(24) {
        let (n, p) = (chain.dim(), chain.states());
        let operator = Matrix::from_fn(6, n, |i, j| {
            let inside = j % p == 0 && (i * 4..i * 4 + 4).contains(&(j / p));
            if inside { 0.25 } else { 0.0 }
        });
        let noise = identity(6) * 0.01;
        let law = chain.condition(&operator, &noise).unwrap();
        let information = inverse(chain.joint_covariance())
            + operator.transpose() * inverse(noise.clone()) * &operator;
        let covariance = inverse(information);
        close("covariance", law.covariance(), &covariance, 1e-11);
        let y = [1.0, -1.0, 0.5, 0.0, 2.0, -0.3];
        let mean = &covariance * operator.transpose() * inverse(noise) * column(&y);
        close("mean", &column(&law.mean(&y)), &mean, 1e-10);
    }
}

/// SCIENCE.md: the autoregressive conditional is N(a·x, b²) when the context is conditioned with R = 0.
#[test]
fn a_chain_after_an_exact_context_is_its_transition() {
    let chain = ar1(12);
    let law = Posterior::new(&chain, &chain.context(4)).unwrap();
    let mean = law.mean(&[0.3, -1.0, 0.7, 1.3]);
    assert!((mean[3] - 1.3).abs() < 1e-15);
    assert!((mean[4] - 0.9 * 1.3).abs() < 1e-14);
    assert!((law.covariances()[4][(0, 0)] - 0.19).abs() < 1e-14);
    assert!((law.covariances()[5][(0, 0)] - 0.19 * 1.81).abs() < 1e-14);
    assert!((law.lag_one()[4][(0, 0)] - 0.9 * 0.19).abs() < 1e-14);
    assert!(law.covariances()[2][(0, 0)].abs() < 1e-30);
}

/// No data: x̂ = 0. No noise: x̂ = x_t/α. Both are the limits of what stands between.
#[test]
fn the_denoiser_has_its_limits() {
    for chain in presets(7) {
        let x = normals(chain.dim(), 1);
        let level = |alpha, sigma| Level {
            t: 0.5,
            alpha,
            sigma,
        };
        assert!(
            x_hat(&chain, &level(0.0, 1.0), &x)
                .iter()
                .all(|m| *m == 0.0)
        );
        let clean = x_hat(&chain, &level(0.5, 0.0), &x);
        assert!(clean.iter().zip(&x).all(|(m, x)| *m == 2.0 * x));
        for (tiny, limit) in [
            (level(0.5, 1e-12), &clean),
            (level(1e-12, 1.0), &vec![0.0; chain.dim()]),
            (level(1e-200, 1.0), &vec![0.0; chain.dim()]),
            (level(0.5, 1e-200), &clean),
        ] {
            let got = x_hat(&chain, &tiny, &x);
            close("limit", &column(&got), &column(limit), 1e-10);
        }
        // At σ/α = 10⁴ the leading term is Σ₀x_t/(αs²), to eight digits.
        let far = at(1e4);
        let leading = chain.joint_covariance() * column(&x) / (far.alpha * 1e8);
        let got = column(&x_hat(&chain, &far, &x));
        close("far", &got, &leading, 1e-6 * largest(&leading));
    }
}

/// Five standard errors of each entry: Var = (C_ii C_jj + C_ij²)/n.
fn moments_are(samples: &[f64], mean: &[f64], covariance: &Matrix<f64>) {
    let (d, n) = (mean.len(), (samples.len() / mean.len()) as f64);
    let mut got = Matrix::<f64>::zeros(d, d);
    let mut first = vec![0.0; d];
    for x in samples.chunks(d) {
        let x: Vec<f64> = x.iter().zip(mean).map(|(x, m)| x - m).collect();
        for i in 0..d {
            first[i] += x[i] / n;
            for j in 0..d {
                got[(i, j)] += x[i] * x[j] / n;
            }
        }
    }
    for i in 0..d {
        let se = (covariance[(i, i)] / n).sqrt();
        assert!(first[i].abs() <= 5.0 * se + 1e-9, "mean {i}: {}", first[i]);
        for j in 0..d {
            let c = covariance[(i, j)];
            let se = ((covariance[(i, i)] * covariance[(j, j)] + c * c) / n).sqrt();
            let gap = (got[(i, j)] - c).abs();
            assert!(gap <= 5.0 * se + 1e-9, "({i}, {j}): {} {c}", got[(i, j)]);
        }
    }
}

#[test]
fn draws_have_the_moments_of_their_laws() {
    let n = 20_000;
    for chain in presets(10) {
        let d = chain.dim();
        let mut paths = vec![0.0; n * d];
        chain.sample(&Noise::new(2), Stream::Reference, 0, 0, &mut paths);
        moments_are(&paths, &vec![0.0; d], &chain.joint_covariance());

        let seen = stack(&chain.context(1), &chain.seen(&[0, 3, 4, 9]));
        let (operator, noise) = chain.dense(&seen);
        let y = (&operator * column(&chain.simulate(&Noise::new(3))))
            .as_slice()
            .to_vec();
        let law = Posterior::new(&chain, &seen).unwrap();
        let dense = chain.condition(&operator, &noise).unwrap();
        let draws = law.sample(&Noise::new(4), &y, 0, n);
        moments_are(&draws, &law.mean(&y), dense.covariance());
        let draws = dense.sample(&Noise::new(5), &y, 0, n);
        moments_are(&draws, &law.mean(&y), dense.covariance());
    }
}

#[test]
fn draws_do_not_depend_on_the_split_nor_observations_on_each_other() {
    let chain = Chain::rotation(0.5, 5).unwrap();
    let law = Posterior::new(&chain, &chain.seen(&[1, 3])).unwrap();
    let (noise, y) = (Noise::new(9), [0.4, -0.2]);
    let whole = law.sample(&noise, &y, 0, 7);
    let parts = [law.sample(&noise, &y, 0, 3), law.sample(&noise, &y, 3, 4)].concat();
    assert_eq!(whole, parts);
    let x = chain.simulate(&noise);
    let all = chain.observe(&noise, &x, &[0, 1, 2, 3, 4]);
    assert_eq!(chain.observe(&noise, &x, &[2, 4]), [all[2], all[4]]);
    assert_ne!(all[0], x[0]);
    let silent = Chain::rotation(0.0, 5).unwrap();
    assert_eq!(silent.observe(&noise, &x, &[3]), [x[6]]);
}

/// Observations spread about O x with covariance R.
#[test]
fn observations_have_the_noise_of_the_model() {
    let r = Matrix::from_row_slice(2, 2, &[1.0, 0.6, 0.6, 0.5]);
    let o = Matrix::from_row_slice(2, 1, &[1.0, -2.0]);
    let n = 20_000;
    let one = |x: f64| vec![vec![x]];
    let chain = Chain::custom(&one(0.5), &one(1.0), &rows(&o), &rows(&r), n).unwrap();
    let x = chain.simulate(&Noise::new(1));
    let indices: Vec<usize> = (0..n).collect();
    let mut y = chain.observe(&Noise::new(1), &x, &indices);
    for (y, x) in y.chunks_mut(2).zip(&x) {
        y[0] -= x;
        y[1] += 2.0 * x;
    }
    moments_are(&y, &[0.0, 0.0], &r);
}

#[test]
fn refused_models_say_why_and_what_would_do() {
    let one = |x: f64| vec![vec![x]];
    let two = |a: f64, b: f64, c: f64, d: f64| vec![vec![a, b], vec![c, d]];
    let (i1, i2, o2) = (one(1.0), two(1.0, 0.0, 0.0, 1.0), vec![vec![1.0, 0.0]]);
    let custom = |t: &[Vec<f64>], q: &[Vec<f64>], o: &[Vec<f64>], r: &[Vec<f64>]| {
        Chain::custom(t, q, o, r, 5).unwrap_err().to_string()
    };
    let chain = ar1(5);
    let seen = |index, rows, noise| {
        let seen = [Seen {
            index,
            operator: Matrix::zeros(rows, 1),
            noise,
        }];
        Posterior::new(&chain, &seen).unwrap_err().to_string()
    };
    let cases = [
        (
            Chain::ar1(1.0, 1.0, 1.0, 0.5, 5).unwrap_err().to_string(),
            "a is 1; give it from −.999 to .999.",
        ),
        (
            Chain::ar1(f64::NAN, 1.0, 1.0, 0.5, 5)
                .unwrap_err()
                .to_string(),
            "a is NaN; give it from −.999 to .999.",
        ),
        (
            Chain::ar1(0.5, 0.0, 1.0, 0.5, 5).unwrap_err().to_string(),
            "b is 0; give it above 0.",
        ),
        (
            Chain::ar1(0.5, 1.0, 0.0, 0.5, 5).unwrap_err().to_string(),
            "other than 0.",
        ),
        (
            Chain::rotation(-1.0, 5).unwrap_err().to_string(),
            "d is -1; give it 0 or more.",
        ),
        (
            Chain::damped_spring(0.5, 0).unwrap_err().to_string(),
            "give it 1 index or more.",
        ),
        (custom(&[], &i1, &i1, &i1), "T has 0 rows; give it 1 to 4."),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5)[..1], &i1, &i1, &i1),
            "T has rows of 2 numbers; give it 1 of 1.",
        ),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5), &i1, &o2, &i1),
            "Q has rows of 1 numbers; give it 2 of 2.",
        ),
        (
            custom(&one(0.5), &i1, &[], &i1),
            "O has no row; give it rows of 1.",
        ),
        (
            custom(&one(0.5), &i1, &i1, &i2),
            "R has rows of 2, 2 numbers; give it 1 of 1.",
        ),
        (
            custom(&one(f64::INFINITY), &i1, &i1, &i1),
            "T has an entry that is not finite; give finite numbers.",
        ),
        (
            custom(&two(1.0, 0.5, -0.5, 1.0), &i2, &o2, &i1),
            "the spectral radius of T is 1.1180; divide T by 1.1192 or more, so that it is at most .999.",
        ),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5), &two(1.0, 0.1, 0.2, 1.0), &o2, &i1),
            "Q is not symmetric; make its entries (2, 1) and (1, 2) equal.",
        ),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5), &two(1.0, 2.0, 2.0, 1.0), &o2, &i1),
            "Q has the negative eigenvalue -1.000e0; add 1.000e0 or more to its diagonal.",
        ),
        (
            custom(&one(0.5), &i1, &i1, &one(0.0)),
            "add a positive number to its diagonal.",
        ),
        (
            custom(&one(0.5), &one(1e308), &i1, &i1),
            "give T and Q smaller entries.",
        ),
        (seen(5, 1, identity(1)), "give indices from 0 to 4."),
        (seen(0, 0, identity(0)), "give it rows of 1."),
        (
            seen(0, 1, identity(2)),
            "the noise of 1 rows is 2 × 2; give it 1 × 1.",
        ),
        (
            seen(0, 1, -identity(1)),
            "give it 0 or more in every direction.",
        ),
        (
            Posterior::new(&chain, &chain.seen(&[2, 2]))
                .unwrap_err()
                .to_string(),
            "in increasing order.",
        ),
        (
            chain
                .condition(&identity(4), &identity(4))
                .unwrap_err()
                .to_string(),
            "the operator has 4 columns; give it 5, one a coordinate of the chain.",
        ),
        (
            Blanket::new(&chain, 3).unwrap_err().to_string(),
            "k is 3, a window of 7, and the chain has 5 indices; give k at most 2.",
        ),
    ];
    for (message, end) in cases {
        assert!(
            message.starts_with("This model cannot be used: "),
            "{message}"
        );
        assert!(message.ends_with(end), "{message}\n{end}");
    }
    assert!(Chain::ar1(-0.999, 1.0, -3.0, 0.0, 1000).is_ok());
    let edge = two(0.0, 0.999, -0.999, 0.0);
    assert!(Chain::custom(&edge, &i2, &o2, &i1, 5).is_ok());
}
