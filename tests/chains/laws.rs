//! The law of a chain and its denoiser.

use super::*;

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

    /// A window that holds the whole chain leaves nothing out, so its blanket is exact.
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

/// Without signal x̂ = 0, without noise x̂ = x_t/α. Both are limits of the values in between.
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
