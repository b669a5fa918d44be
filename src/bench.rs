//! Benchmark: the engine against a plain scalar loop, in the same process.

use crate::denoise::Denoiser;
use crate::error::Error;
use crate::labs::link::{self, Mode};
use crate::labs::toy1d::Toy1d;
use crate::law::Law;
use crate::process::Chain;
use crate::rng::{Noise, Stream};
use crate::sample::{HostRun, Plan};
use crate::schedule::Process;

/// The result of one comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Shortest time of the engine, in milliseconds.
    pub engine_ms: f64,
    /// Shortest time of the plain loop, in milliseconds.
    pub scalar_ms: f64,
    /// Largest difference of a sample between the two.
    pub difference: f64,
}

const ROUNDS: usize = 5;

/// Times the default run (uniform law, DDPM, ancestral sampling) with `n` particles and `steps` ≥ 2 steps, in the
/// engine and in the plain loop alternately. `now` is a clock in milliseconds.
///
/// # Errors
/// If the lab cannot be compiled.
pub fn compare(n: usize, steps: u32, now: impl Fn() -> f64) -> Result<Comparison, Error> {
    let link = format!("lab=toy1d&steps={}&n={n}", steps.max(2));
    let link = link::decode(&link, Mode::Clamp).map_or_else(|_| link::nearest(""), |d| d.link);
    let lab = Toy1d::new(&link.a)?;
    let (mut engine_ms, mut scalar_ms, mut difference) = (f64::INFINITY, f64::INFINITY, 0.0f64);
    for _ in 0..ROUNDS {
        let start = now();
        let engine = HostRun::new(
            &lab.setup.plan,
            &lab.model,
            lab.setup.n,
            lab.setup.seed,
            false,
        )
        .finish();
        let middle = now();
        let scalar = plain_loop(&lab.setup.plan, lab.setup.n, lab.setup.seed);
        let end = now();
        engine_ms = engine_ms.min(middle - start);
        scalar_ms = scalar_ms.min(end - middle);
        for (a, b) in engine.iter().zip(&scalar) {
            difference = difference.max((a - b).abs());
        }
    }
    Ok(Comparison {
        engine_ms,
        scalar_ms,
        difference,
    })
}

/// Time of the exact denoiser for chains of 2000 states, divided by the time for 500 states; 4 if the time grows
/// linearly with the length. `now` is a clock in milliseconds.
pub fn growth(now: impl Fn() -> f64) -> Option<f64> {
    let level = Process::Vp.level(0.3);
    let time = |length| {
        let chain = Chain::rotation(0.5, length).ok()?;
        let x = vec![0.5; 100 * chain.dim()];
        let mut out = vec![0.0; x.len()];
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            let start = now();
            chain.at(&level).x_hat(&x, &mut out);
            best = best.min(now() - start);
        }
        Some(best)
    };
    Some(time(2000)? / time(500)?)
}

/// The obvious program: one particle after the other, with the textbook denoiser of U[0,1],
/// x̂ = u + s[φ(A) − φ(B)]/[Φ(A) − Φ(B)], and erf from the library.
fn plain_loop(plan: &Plan, n: usize, seed: u64) -> Vec<f64> {
    let noise = Noise::new(seed);
    let normal = |stream, step, index| {
        let mut z = [0.0];
        noise.normals(stream, step, index, &mut z);
        z[0]
    };
    let uniform = Law::uniform(0.0, 1.0);
    (0..n as u64)
        .map(|particle| {
            let mut x = plan.start * normal(Stream::Start, 0, particle);
            for (i, stage) in plan.stages.iter().enumerate() {
                let Some(level) = stage.level else { continue };
                let (u, s) = (x / level.alpha, level.sigma / level.alpha);
                let (a, b) = (u / s, (u - 1.0) / s);
                let cdf = |z: f64| 0.5 * (1.0 + libm::erf(z * std::f64::consts::FRAC_1_SQRT_2));
                let density = |z: f64| libm::exp(-0.5 * z * z) * crate::special::FRAC_1_SQRT_TAU;
                let mass = cdf(a) - cdf(b);
                // In the tails the textbook formula divides 0 by 0, so the safe formula is used there.
                let x_hat = if mass > 1e-6 {
                    u + s * (density(a) - density(b)) / mass
                } else {
                    uniform.diffuse(&level).x_hat(x)
                };
                x = stage.keep * x + stage.pulls[0] * x_hat;
                if stage.noise != 0.0 {
                    x += stage.noise * normal(Stream::Stage, i as u32, particle);
                }
            }
            x
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_engine_and_the_plain_loop_agree() {
        let clock = std::cell::Cell::new(0.0);
        let result = super::compare(500, 40, || {
            clock.set(clock.get() + 1.0);
            clock.get()
        });
        let result = result.unwrap();
        assert!(result.difference < 1e-8, "{}", result.difference);
    }
}
