//! One noise level, and every conversion between x̂, score, ε and velocity.
//!
//! Held by `src/level.rs`: `conversions_invert_each_other`, `both_forms_of_the_probability_flow_agree`; that x̂ and
//! the score satisfy Tweedie's formula by `src/law/tests.rs`: `denoiser_is_tweedies_formula_of_the_density`.

/// A point of a noising process x_t = α·x₀ + σ·z, z ~ N(0, I); t = 0 is data, t = 1 is noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// Time in [0, 1].
    pub t: f64,
    /// Scale of the data.
    pub alpha: f64,
    /// Standard deviation of the noise.
    pub sigma: f64,
}

/// The time derivatives of a process at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// α̇ = dα/dt.
    pub alpha_dot: f64,
    /// σ̇ = dσ/dt.
    pub sigma_dot: f64,
    /// Drift of the forward SDE dx = f·x dt + g dw: f = α̇/α.
    pub f: f64,
    /// Squared diffusion g² = d(σ²)/dt − 2fσ².
    pub g2: f64,
}

impl Rates {
    /// α̇ and σ̇.
    pub fn slopes(&self) -> [f64; 2] {
        [self.alpha_dot, self.sigma_dot]
    }
}

impl Level {
    /// x_t = α·x₀ + σ·z of numbers and their noise, into `x_t` of the same length.
    ///
    /// Held by `src/level.rs`: `noised_numbers_have_the_noise_that_they_got`.
    pub fn noise(&self, x_0: &[f64], z: &[f64], x_t: &mut [f64]) {
        for ((x_t, x_0), z) in x_t.iter_mut().zip(x_0).zip(z) {
            *x_t = self.alpha * x_0 + self.sigma * z;
        }
    }

    /// σ/α, the noise level in units of the data; infinite at α = 0.
    pub fn ratio(&self) -> f64 {
        self.sigma / self.alpha
    }

    /// Log signal-to-noise λ = log(α/σ) (Lu et al., DPM-Solver, 2022, eq. 2.4).
    pub fn lambda(&self) -> f64 {
        libm::log(self.alpha) - libm::log(self.sigma)
    }

    /// ∇log p_t(x_t) = (α·x̂ − x_t)/σ² (Tweedie's formula; Efron 2011).
    pub fn score_from_x_hat(&self, x_t: f64, x_hat: f64) -> f64 {
        (self.alpha * x_hat - x_t) / (self.sigma * self.sigma)
    }

    /// x̂ = (x_t + σ²·score)/α.
    pub fn x_hat_from_score(&self, x_t: f64, score: f64) -> f64 {
        (x_t + self.sigma * self.sigma * score) / self.alpha
    }

    /// Predicted noise ε = (x_t − α·x̂)/σ.
    pub fn eps_from_x_hat(&self, x_t: f64, x_hat: f64) -> f64 {
        (x_t - self.alpha * x_hat) / self.sigma
    }

    /// x̂ = (x_t − σ·ε)/α.
    pub fn x_hat_from_eps(&self, x_t: f64, eps: f64) -> f64 {
        (x_t - self.sigma * eps) / self.alpha
    }

    /// Velocity of the probability flow in the time by which α and σ have these slopes, α̇·x̂ + σ̇·ε; in t it equals
    /// dx/dt = f·x − ½g²·score (Song et al. 2021, eq. 13).
    pub fn velocity_from_x_hat(&self, slopes: [f64; 2], x_t: f64, x_hat: f64) -> f64 {
        let [alpha_dot, sigma_dot] = slopes;
        alpha_dot * x_hat + sigma_dot * self.eps_from_x_hat(x_t, x_hat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Process;
    use crate::word::Words;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn conversions_invert_each_other(alpha in 0.01..1.0f64, sigma in 0.01..2.0f64, x in -3.0..3.0f64, x_hat in -3.0..3.0f64) {
            let level = Level { t: 0.5, alpha, sigma };
            let score = level.score_from_x_hat(x, x_hat);
            prop_assert!((level.x_hat_from_score(x, score) - x_hat).abs() < 1e-9);
            let eps = level.eps_from_x_hat(x, x_hat);
            prop_assert!((level.x_hat_from_eps(x, eps) - x_hat).abs() < 1e-9);
            prop_assert!((score + eps / sigma).abs() < 1e-6 * (1.0 + score.abs()));
        }

        #[test]
        fn both_forms_of_the_probability_flow_agree(which in 0..Process::ALL.len(), t in 0.01..0.99f64, x in -3.0..3.0f64, x_hat in -3.0..3.0f64) {
            let process = Process::all(100).nth(which).unwrap();
            let (level, rates) = (process.level(t), process.rates(t));
            let score = level.score_from_x_hat(x, x_hat);
            let v = level.velocity_from_x_hat(rates.slopes(), x, x_hat);
            let w = rates.f * x - 0.5 * rates.g2 * score;
            prop_assert!((v - w).abs() < 1e-8 * (1.0 + v.abs() + rates.g2 * score.abs()), "{process:?}: {v} {w}");
        }
    }

    #[test]
    fn noised_numbers_have_the_noise_that_they_got() {
        let level = Level {
            t: 0.3,
            alpha: 0.8,
            sigma: 0.6,
        };
        let (x_0, z, mut x_t) = ([1.0, -2.0, 0.5], [0.25, 1.5, -1.0], [f64::NAN; 3]);
        level.noise(&x_0, &z, &mut x_t);
        for i in 0..3 {
            assert!((level.eps_from_x_hat(x_t[i], x_0[i]) - z[i]).abs() < 1e-14);
        }
    }
}
