//! Noising processes x_t = α(t)·x₀ + σ(t)·z, and the time grids of samplers.
//!
//! | process | α(t) | σ(t) |
//! |---|---|---|
//! | ddpm | ∏√(1−β_i) at t = i/N, log α linear between | √(1−α²) |
//! | vp | exp(−¼t²(β₁−β₀) − ½tβ₀), β₀ = 0.1, β₁ = 20 | √(1−α²) |
//! | vp-cosine | cos(ωt), ω = arccos √η, η = 10⁻³ | √(1−α²+η²) |
//! | sda | cos²(ωt) | √(1−α²+η²) |
//! | ou | e^{−5t} | √(1−α²) |
//! | ve | 1 | 0.01·5000^t |
//! | edm | 1 | (σ_min^{1/ρ} + t(σ_max^{1/ρ}−σ_min^{1/ρ}))^ρ, σ(0) = 0 |
//! | fm | 1−t | t |
//! | trig | cos(πt/2) | sin(πt/2) |
//! | follmer | 1−t | √(t(2−t)) |
//!
//! Sources: ddpm Ho et al. 2020 §4; vp, ve Song et al. 2021 App. B; vp-cosine, sda Rozet & Louppe
//! 2023; edm Karras et al. 2022 eq. 5; fm Lipman et al. 2023; trig, follmer Albergo et al. 2023.
//!
//! Held by `src/schedule/mod.rs`: `every_process_is_its_row_of_the_table`,
//! `ddpm_alpha_is_the_product_of_its_kernels`.

mod explode;
mod grid;
mod interpolant;
mod preserve;

pub use grid::{Grid, karras};

use crate::level::{Level, Rates};
use crate::word::Words;
use crate::word::words;

/// The interval of t that a grid covers, and whether one more step ends at σ = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub hi: f64,
    pub lo: f64,
    pub then_zero: bool,
}

/// A noising process. The closed set of `process=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Discrete DDPM with this many noise levels (at least 2), β linear, log α linear between the levels.
    Ddpm(u32),
    /// Variance-preserving, β linear in t.
    Vp,
    /// Variance-preserving, α a cosine, with a noise floor η.
    VpCosine,
    /// α a squared cosine, with a noise floor η.
    Sda,
    /// Ornstein–Uhlenbeck.
    Ou,
    /// Variance-exploding, σ geometric.
    Ve,
    /// Variance-exploding with Karras' σ(t).
    Edm,
    /// Linear interpolant: flow matching with optimal-transport paths.
    Fm,
    /// Trigonometric interpolant.
    Trig,
    /// Föllmer process.
    Follmer,
}

words!(Process {
    Ddpm(1000) => "ddpm", "DDPM", "Discrete, variance-preserving, β linear (Ho et al. 2020)";
    Vp => "vp", "VP", "Variance-preserving SDE, β linear in t (Song et al. 2021)";
    VpCosine => "vp-cosine", "VP cosine", "$α = cos ωt$ with a noise floor (Rozet & Louppe 2023)";
    Sda => "sda", "SDA", "$α = cos² ωt$ with a noise floor (Rozet & Louppe 2023)";
    Ou => "ou", "OU", "Ornstein–Uhlenbeck, $α = e^{−5t}$";
    Ve => "ve", "VE", "Variance-exploding, σ geometric (Song et al. 2021)";
    Edm => "edm", "EDM", "Variance-exploding, Karras' σ (Karras et al. 2022)";
    Fm => "fm", "Flow matching", "$α = 1−t$, $σ = t$ (Lipman et al. 2023)";
    Trig => "trig", "Trigonometric", "$α = cos(πt/2)$, $σ = sin(πt/2)$ (Albergo et al. 2023)";
    Follmer => "follmer", "Föllmer", "$α = 1−t$, $σ = √(t(2−t))$";
});

impl Process {
    /// All processes; `steps` is the number of DDPM levels.
    pub fn all(steps: u32) -> impl Iterator<Item = Process> {
        Self::ALL.iter().map(move |process| process.in_steps(steps))
    }

    /// The process for a run with this number of steps: DDPM has as many levels as steps, but at least two.
    pub fn in_steps(self, steps: u32) -> Self {
        match self {
            Process::Ddpm(_) => Process::Ddpm(steps.max(2)),
            continuous => continuous,
        }
    }

    /// Whether its noise levels are a discrete list, so that it has no other grid.
    pub fn is_discrete(self) -> bool {
        matches!(self, Process::Ddpm(_))
    }

    /// The level at time t ∈ [0, 1]; for `ve` also beyond 1, which churn needs.
    pub fn level(self, t: f64) -> Level {
        let (alpha, sigma) = match self {
            Process::Ddpm(n) => preserve::from_log_alpha(preserve::ddpm_log_alpha(n, t)),
            Process::Vp => preserve::from_log_alpha(preserve::vp_log_alpha(t)),
            Process::Ou => preserve::from_log_alpha(-preserve::OU_RATE * t),
            Process::VpCosine => preserve::with_floor(libm::cos(preserve::omega() * t)),
            Process::Sda => {
                let c = libm::cos(preserve::omega() * t);
                preserve::with_floor(c * c)
            }
            Process::Ve => (1.0, explode::ve_sigma(t)),
            Process::Edm => (1.0, explode::edm_sigma(t)),
            Process::Fm => (1.0 - t, t),
            Process::Trig => interpolant::trig(t),
            Process::Follmer => (1.0 - t, (t * (2.0 - t)).sqrt()),
        };
        Level { t, alpha, sigma }
    }

    /// α̇, σ̇, f = α̇/α and g² = 2σσ̇ − 2fσ² at time t. Some are infinite where σ = 0 or α = 0.
    /// The log α of `ddpm` is piecewise linear: at a knot, these are the rates of the piece that ends at t.
    ///
    /// Held by `src/schedule/mod.rs`: `rates_are_the_derivatives_of_the_level`,
    /// `ddpm_rates_at_a_knot_are_those_of_its_own_piece`, `ornstein_uhlenbeck_diffuses_with_twice_its_rate`.
    pub fn rates(self, t: f64) -> Rates {
        self.rates_on(t, false)
    }

    /// As [`Process::rates`], but at a knot of `ddpm` the rates of the piece of log α that begins at t: a step that
    /// comes down to t moves along that piece.
    ///
    /// Held by `src/schedule/mod.rs`: `ddpm_rates_at_a_knot_are_those_of_its_own_piece`.
    pub fn rates_from_above(self, t: f64) -> Rates {
        self.rates_on(t, true)
    }

    fn rates_on(self, t: f64, from_above: bool) -> Rates {
        let level = self.level(t);
        match self {
            Process::Ddpm(n) => preserve::rates(&level, preserve::ddpm_f(n, t, from_above), 0.0),
            Process::Vp => preserve::rates(&level, preserve::vp_f(t), 0.0),
            Process::Ou => preserve::rates(&level, -preserve::OU_RATE, 0.0),
            Process::VpCosine => {
                let w = preserve::omega();
                preserve::rates(&level, -w * libm::tan(w * t), preserve::ETA)
            }
            Process::Sda => {
                let w = preserve::omega();
                preserve::rates(&level, -2.0 * w * libm::tan(w * t), preserve::ETA)
            }
            Process::Ve => explode::rates(&level, explode::ve_sigma_dot(t)),
            Process::Edm => explode::rates(&level, explode::edm_sigma_dot(t)),
            Process::Fm => interpolant::rates(&level, -1.0, 1.0),
            Process::Trig => interpolant::trig_rates(&level),
            Process::Follmer => interpolant::follmer_rates(&level),
        }
    }

    /// The time t at which σ(t)/α(t) = `ratio` > 0, the inverse of [`Level::ratio`].
    ///
    /// Held by `src/schedule/mod.rs`: `time_at_ratio_inverts_the_ratio`.
    pub fn time_at_ratio(self, ratio: f64) -> f64 {
        // −log α where α² + σ² = 1.
        let decay = 0.5 * libm::log1p(ratio * ratio);
        let floor =
            |a: f64| a * ((1.0 + preserve::ETA * preserve::ETA) / (1.0 + ratio * ratio)).sqrt();
        match self {
            Process::Ddpm(n) => preserve::ddpm_time(n, decay),
            Process::Vp => preserve::vp_time(decay),
            Process::Ou => decay / preserve::OU_RATE,
            Process::VpCosine => libm::acos(floor(1.0).min(1.0)) / preserve::omega(),
            Process::Sda => libm::acos(floor(1.0).sqrt().min(1.0)) / preserve::omega(),
            Process::Ve => explode::ve_time(ratio),
            Process::Edm => explode::edm_time(ratio),
            Process::Fm => ratio / (1.0 + ratio),
            Process::Trig => libm::atan(ratio) * std::f64::consts::FRAC_2_PI,
            Process::Follmer => 1.0 - 1.0 / (1.0 + ratio * ratio).sqrt(),
        }
    }

    /// Whether α = 0 at t = 1, so that quotients by α need a margin there.
    pub fn ends_in_pure_noise(self) -> bool {
        match self {
            Process::Fm | Process::Trig | Process::Follmer => true,
            Process::Ddpm(_)
            | Process::Vp
            | Process::VpCosine
            | Process::Sda
            | Process::Ou
            | Process::Ve
            | Process::Edm => false,
        }
    }

    /// Whether α stays 1 and σ grows (variance-exploding).
    pub fn explodes(self) -> bool {
        match self {
            Process::Ve | Process::Edm => true,
            Process::Ddpm(_)
            | Process::Vp
            | Process::VpCosine
            | Process::Sda
            | Process::Ou
            | Process::Fm
            | Process::Trig
            | Process::Follmer => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// α and σ at t = ¼, written out from the table at the head of this file.
    #[test]
    fn every_process_is_its_row_of_the_table() {
        let t = 0.25f64;
        let keep = |alpha: f64| (alpha, (1.0 - alpha * alpha).sqrt());
        let eta = 1e-3f64;
        let omega = eta.sqrt().acos();
        let floor = |alpha: f64| (alpha, (1.0 - alpha * alpha + eta * eta).sqrt());
        let root = |x: f64| x.powf(1.0 / 7.0);
        let quarter = std::f64::consts::FRAC_PI_8;
        let rows = [
            (
                Process::Vp,
                keep((-0.25 * t * t * 19.9 - 0.5 * t * 0.1).exp()),
            ),
            (Process::VpCosine, floor((omega * t).cos())),
            (Process::Sda, floor((omega * t).cos().powi(2))),
            (Process::Ou, keep((-5.0 * t).exp())),
            (Process::Ve, (1.0, 0.01 * 5000f64.powf(t))),
            (
                Process::Edm,
                (
                    1.0,
                    (root(0.002) + t * (root(80.0) - root(0.002))).powf(7.0),
                ),
            ),
            (Process::Fm, (1.0 - t, t)),
            (Process::Trig, (quarter.cos(), quarter.sin())),
            (Process::Follmer, (1.0 - t, (t * (2.0 - t)).sqrt())),
        ];
        for (process, (alpha, sigma)) in rows {
            let level = process.level(t);
            assert!((level.alpha - alpha).abs() < 1e-14, "{process:?} α");
            assert!((level.sigma / sigma - 1.0).abs() < 1e-12, "{process:?} σ");
        }
        assert_eq!(Process::Edm.level(0.0).sigma, 0.0);
    }

    #[test]
    fn rates_are_the_derivatives_of_the_level() {
        for process in Process::all(100) {
            // Off the knots of ddpm, where its derivative jumps.
            for k in 1..20 {
                let t = 0.0473 * k as f64;
                let h = 1e-6;
                let (a, b, r) = (process.level(t - h), process.level(t + h), process.rates(t));
                let alpha_dot = (b.alpha - a.alpha) / (2.0 * h);
                let sigma_dot = (b.sigma - a.sigma) / (2.0 * h);
                let close = |x: f64, y: f64| (x - y).abs() < 1e-5 * (1.0 + y.abs());
                assert!(
                    close(alpha_dot, r.alpha_dot),
                    "{process:?} t={t}: {alpha_dot} {}",
                    r.alpha_dot
                );
                assert!(
                    close(sigma_dot, r.sigma_dot),
                    "{process:?} t={t}: {sigma_dot} {}",
                    r.sigma_dot
                );
                let l = process.level(t);
                assert!(close(r.f, r.alpha_dot / l.alpha), "{process:?} f");
                let g2 = 2.0 * l.sigma * r.sigma_dot - 2.0 * r.f * l.sigma * l.sigma;
                assert!(close(r.g2, g2), "{process:?} t={t} g²: {} {g2}", r.g2);
                assert!(r.g2 >= 0.0);
            }
        }
    }

    #[test]
    fn time_at_ratio_inverts_the_ratio() {
        for process in Process::all(50) {
            for k in 1..100 {
                let t = k as f64 / 100.0;
                let back = process.time_at_ratio(process.level(t).ratio());
                assert!((back - t).abs() < 1e-9, "{process:?}: {t} {back}");
            }
        }
    }

    #[test]
    fn ddpm_alpha_is_the_product_of_its_kernels() {
        let n = 100;
        let mut product = 1.0;
        for i in 1..=n {
            let beta = 1e-3 + (0.2 - 1e-3) * (i - 1) as f64 / (n - 1) as f64;
            product *= 1.0 - beta;
            let level = Process::Ddpm(n).level(i as f64 / n as f64);
            assert!((level.alpha * level.alpha / product - 1.0).abs() < 1e-12);
        }
    }

    /// At the knot i/N the piece below belongs to β_i and the piece above to β_{i+1}, for every N and i.
    #[test]
    fn ddpm_rates_at_a_knot_are_those_of_its_own_piece() {
        for n in [2, 7, 100, 999, 2000] {
            let f = |i: u32| {
                let scale = 1000.0 / f64::from(n);
                let beta = scale * (1e-4 + 0.0199 * f64::from(i - 1) / f64::from(n - 1));
                0.5 * f64::from(n) * libm::log1p(-beta.min(0.999))
            };
            for i in 1..=n {
                let t = f64::from(i) / f64::from(n);
                let process = Process::Ddpm(n);
                assert!((process.rates(t).f / f(i) - 1.0).abs() < 1e-9, "{i}/{n}");
                let above = process.rates_from_above(t).f;
                assert!(
                    (above / f((i + 1).min(n)) - 1.0).abs() < 1e-9,
                    "above {i}/{n}"
                );
            }
        }
    }

    /// g² = α²·d(σ²/α²)/dt = 2 for α = e^{−t}; `ou` runs 5 times as fast.
    #[test]
    fn ornstein_uhlenbeck_diffuses_with_twice_its_rate() {
        assert!((Process::Ou.rates(0.3).g2 - 10.0).abs() < 1e-12);
    }
}
