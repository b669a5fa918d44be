//! The law of a chain given observations.

use super::*;

proptest! {
    /// The denoiser is the smoother with H = αI and R = σ²I.
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

    /// To compare many digits, Q must leave no direction of the context determined by the others.
    #[test]
    fn the_smoother_takes_an_exact_context(chain in models(), mask in 0u32..1 << 13, context in 1usize..4) {
        let q = chain.process_noise() + identity(chain.states()) * 0.02;
        let [t, o, r] = [chain.transition(), chain.operator(), chain.observation_noise()].map(rows);
        let chain = Chain::custom(&t, &rows(&q), &o, &r, chain.length()).unwrap();
        let indices: Vec<usize> = (0..chain.length()).filter(|i| mask >> i & 1 == 1).collect();
        let context = chain.context(context.min(chain.length()));
        agree(&chain, &stack(&context, &chain.seen(&indices)), 1e-9);
    }

    /// With any Q ⪰ 0 the posterior returns the context itself, with variance 0.
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
}

/// Means, marginal covariances and lag-one covariances of the smoother against dense conditioning, for consistent y.
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
        // Rows that repeat each other.
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

/// The autoregressive conditional is N(a·x, b²) if the context is observed with R = 0.
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

/// Observations scatter around O x with covariance R.
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
