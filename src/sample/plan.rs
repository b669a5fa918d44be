//! A sampler as plain data.

use crate::level::Level;

/// One affine stage of a plan:
///
/// x ← keep·x_base + pull₀·x̂ + pull₁·x̂₋₁ + noise·z, x̂ = denoiser(x_eval, level).
///
/// x_base is the state at the start of the step. x_eval is the newest state; it differs from x_base only after a stage
/// that did not commit, such as Heun's predictor. x̂₋₁ is the result of the previous evaluation.
///
/// Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// The level at which the denoiser is evaluated; `None` for a stage that only adds noise and does not read x̂.
    pub level: Option<Level>,
    /// Factor of x_base.
    pub keep: f64,
    /// Factors of x̂ and x̂₋₁.
    pub pulls: [f64; 2],
    /// Factor of the fresh noise z; negative if the published step subtracts it.
    pub noise: f64,
    /// Whether the result is the new x_base. Otherwise it is only the next evaluation point.
    pub commit: bool,
    /// τ of a Langevin correction whose step size adapts to each particle. With at least eight coordinates, the factors
    /// are those of [`Stage::correction`] with δ = τ/mean ε², where the mean runs over the coordinates of the particle.
    /// With fewer coordinates the factors above are used, for which δ = τ. A scaled stage has a level, follows a stage
    /// that committed, commits, and does not read x̂₋₁.
    pub scaled: Option<f64>,
    /// If a step ends after this stage, the index of the grid level that the state has reached.
    pub lands: Option<usize>,
}

/// A sampler: its start, its grid and its stages. The coefficients are computed in f64 from closed forms, so every
/// engine uses the same numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The N + 1 levels of the grid; for `langevin` its one level, N + 1 times.
    pub levels: Vec<Level>,
    /// Standard deviation of the initial distribution N(0, start²).
    pub start: f64,
    /// The stages in order.
    pub stages: Vec<Stage>,
}

/// Mean and variance of the exact output law of a plan on normal data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Mean of the state.
    pub mean: f64,
    /// Variance of the state.
    pub variance: f64,
}

/// Smallest number of coordinates for which corrections are scaled. With fewer, the mean of ε² over one particle is
/// often close to 0, and δ = τ/mean ε² would be huge.
pub const SCALED_FROM: usize = 8;

impl Stage {
    /// keep, pull₀ and noise of a Langevin correction x ← x − (δε + √(2δ)z)σ at a level: 1 − δ, δα and −√(2δ)σ
    /// (Rozet & Louppe 2023, algorithm 4).
    ///
    /// Held by `tests/oracles.rs`: `corrections_settle_at_their_closed_variance`; and in many dimensions by
    /// `tests/blankets.rs`: `corrections_settle_at_their_closed_variances`.
    pub fn correction(at: &Level, delta: f64) -> [f64; 3] {
        [
            1.0 - delta,
            delta * at.alpha,
            -(2.0 * delta).sqrt() * at.sigma,
        ]
    }

    /// τ and the level, if this stage is scaled for particles of `dim` coordinates.
    ///
    /// Held by `tests/blankets.rs`: `corrections_are_scaled_from_eight_coordinates_on`.
    pub fn scaled_in(&self, dim: usize) -> Option<(f64, Level)> {
        self.scaled.filter(|_| dim >= SCALED_FROM).zip(self.level)
    }
}

impl Plan {
    /// Number of steps N.
    pub fn steps(&self) -> usize {
        self.levels.len() - 1
    }

    /// Denoiser evaluations per particle.
    ///
    /// Held by `tests/oracles.rs`: `denoiser_calls_are_counted_as_stated`.
    pub fn nfe(&self) -> usize {
        self.stages.iter().filter(|s| s.level.is_some()).count()
    }

    /// Denoiser evaluations over `n` particles after `stage` stages, plus the next stage for `particles` of them.
    pub fn evaluations(&self, stage: usize, particles: usize, n: usize) -> u64 {
        let evaluates = |s: &Stage| s.level.is_some();
        let whole = self.stages[..stage].iter().filter(|s| evaluates(s)).count();
        let part = self.stages.get(stage).is_some_and(evaluates);
        // usize has 32 bits in wasm: 2,000 steps of a million particles do not fit.
        whole as u64 * n as u64 + if part { particles as u64 } else { 0 }
    }

    /// Number of arrays over all particles that a run on the host keeps: the state, the newest state if any stage does
    /// not commit, and x̂₋₁ if any stage reads it.
    pub fn buffers(&self) -> u64 {
        let uncommitted = self.stages.iter().any(|s| !s.commit);
        let before = self.stages.iter().any(|s| s.pulls[1] != 0.0);
        1 + u64::from(uncommitted) + u64::from(before)
    }

    /// Whether any stage draws noise.
    pub fn is_stochastic(&self) -> bool {
        self.stages.iter().any(|s| s.noise != 0.0)
    }

    /// The law of the final state if the data are N(mean, sd²), by a closed recursion. The denoiser is then affine,
    /// x̂ = m + K(x − αm) with K = α·sd²/(α²sd² + σ²), so every stage is a linear map of (x_base, x_eval, x̂₋₁) plus
    /// noise. The result is exact: it needs no Monte-Carlo and adds no discretisation error.
    ///
    /// Held by `tests/oracles.rs`: `every_sampler_has_its_closed_output_law_on_gaussian_data`,
    /// `ode_samplers_have_the_known_error_on_gaussian_data`.
    pub fn moments_on_gaussian(&self, mean: f64, sd: f64) -> Moments {
        let mut m = [0.0; 3];
        let v0 = self.start * self.start;
        // Covariance of (base, eval, previous x̂). base and eval are equal at the start.
        let mut c = [[v0, v0, 0.0], [v0, v0, 0.0], [0.0; 3]];
        for stage in &self.stages {
            let (gain, offset) = stage.level.map_or((0.0, 0.0), |l| {
                let total = l.alpha * l.alpha * sd * sd + l.sigma * l.sigma;
                let k = if l.alpha == 0.0 {
                    0.0
                } else {
                    l.alpha * sd * sd / total
                };
                (k, mean - k * l.alpha * mean)
            });
            let [now, before] = stage.pulls;
            let state = [stage.keep, now * gain, before];
            let x_hat = if stage.level.is_some() {
                [0.0, gain, 0.0]
            } else {
                [0.0, 0.0, 1.0]
            };
            let kept = if stage.commit { state } else { [1.0, 0.0, 0.0] };
            let map = [kept, state, x_hat];
            let add = [
                if stage.commit { now * offset } else { 0.0 },
                now * offset,
                offset,
            ];
            let old = m;
            for (i, row) in map.iter().enumerate() {
                m[i] = row.iter().zip(old).map(|(a, b)| a * b).sum::<f64>() + add[i];
            }
            c = congruence(&map, &c);
            let q = stage.noise * stage.noise;
            c[1][1] += q;
            if stage.commit {
                c[0][0] += q;
                c[0][1] += q;
                c[1][0] += q;
            }
        }
        Moments {
            mean: m[0],
            variance: c[0][0],
        }
    }
}

/// A C Aᵀ.
fn congruence(a: &[[f64; 3]; 3], c: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let mut sum = 0.0;
            for (k, row) in c.iter().enumerate() {
                for (l, value) in row.iter().enumerate() {
                    sum += a[i][k] * value * a[j][l];
                }
            }
            sum
        })
    })
}
