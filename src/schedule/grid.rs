//! Time grids: the N + 1 levels that a sampler with N steps visits, from noise to data.

use super::{Process, Span, explode};
use crate::level::Level;
use crate::word::words;

/// The closed set of `grid=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grid {
    /// The process's own.
    Default,
    /// Uniform in t.
    UniformT,
    /// Uniform in (σ/α)^{1/ρ}, ρ = 7 (Karras et al. 2022, eq. 5).
    Karras,
    /// Uniform in λ = log α/σ (Lu et al. 2022).
    LogSnr,
}

/// Distance kept from t = 0 and t = 1 where α or σ is 0, because λ and quotients by α or σ are infinite there.
const MARGIN: f64 = 1e-3;

words!(Grid {
    Default => "default", "The process's own", "As published with the process";
    UniformT => "uniform-t", "Uniform in t", "Equal steps of t";
    Karras => "karras", "Karras", "Uniform in $(σ/α)^{1/7}$";
    LogSnr => "log-snr", "Log-SNR", "Uniform in $λ = log(α/σ)$";
});

impl Grid {
    /// The spacing on a process: `Default` stands for the one that was published with it.
    pub fn on(self, process: Process) -> Grid {
        match (self, process) {
            (Grid::UniformT | Grid::Karras | Grid::LogSnr, _) => self,
            (Grid::Default, Process::Edm) => Grid::Karras,
            (Grid::Default, Process::Ou) => Grid::LogSnr,
            (
                Grid::Default,
                Process::Ddpm(_)
                | Process::Vp
                | Process::VpCosine
                | Process::Sda
                | Process::Ve
                | Process::Fm
                | Process::Trig
                | Process::Follmer,
            ) => Grid::UniformT,
        }
    }

    fn span(self, process: Process, needs_drift: bool) -> Span {
        let uniform = self == Grid::UniformT;
        let whole = Span {
            hi: 1.0,
            lo: 0.0,
            then_zero: false,
        };
        match process {
            Process::Vp => Span { lo: 1e-3, ..whole },
            Process::Ou => Span { lo: 1e-5, ..whole },
            Process::Edm if !uniform => Span {
                then_zero: true,
                ..whole
            },
            p if p.ends_in_pure_noise() && !uniform => Span {
                hi: 1.0 - MARGIN,
                lo: MARGIN,
                then_zero: false,
            },
            p if p.ends_in_pure_noise() && needs_drift => Span {
                hi: 1.0 - MARGIN,
                ..whole
            },
            _ => whole,
        }
    }

    /// The levels t_0 = t_hi … t_N = t_lo of a grid with `steps` ≥ 1 steps. `needs_drift` keeps t away from α = 0,
    /// where the drift f = α̇/α of the reverse SDE is infinite.
    ///
    /// Held by `src/schedule/grid.rs`: `edm_default_is_the_published_discretisation`,
    /// `every_grid_runs_from_noise_to_data_without_turning_back`,
    /// `log_snr_and_karras_are_uniform_in_their_own_variable`.
    pub fn levels(self, process: Process, steps: u32, needs_drift: bool) -> Vec<Level> {
        let n = f64::from(steps);
        if let Process::Ddpm(_) = process {
            return (0..=steps)
                .map(|i| process.level(f64::from(steps - i) / n))
                .collect();
        }
        let grid = self.on(process);
        let span = grid.span(process, needs_drift);
        let last = if span.then_zero { steps - 1 } else { steps };
        let share = |i: u32| f64::from(i) / f64::from(last.max(1));
        let mut levels: Vec<Level> = match grid {
            Grid::UniformT | Grid::Default => (0..=last)
                .map(|i| {
                    process.level(if i == last {
                        span.lo
                    } else {
                        span.hi + share(i) * (span.lo - span.hi)
                    })
                })
                .collect(),
            Grid::Karras => between(process, span, explode::root, explode::power, last),
            Grid::LogSnr => between(process, span, libm::log, libm::exp, last),
        };
        if span.then_zero {
            levels.push(Level {
                t: 0.0,
                alpha: 1.0,
                sigma: 0.0,
            });
        }
        levels
    }
}

/// The levels of `edm` (Karras et al. 2022, eq. 5) between other ends: σ from `hi` to `lo`, uniform in σ^{1/7}, then 0; α = 1.
/// With one step, from `hi` to 0.
///
/// Held by `src/schedule/grid.rs`: `karras_levels_between_other_ends_are_those_of_edm_between_its_own`.
pub fn karras([hi, lo]: [f64; 2], steps: u32) -> Vec<Level> {
    let last = steps.saturating_sub(1);
    let (from, to) = (explode::root(hi), explode::root(lo));
    let sigma = |i: u32| match i {
        0 => hi,
        i if i == last => lo,
        _ => explode::power(from + f64::from(i) / f64::from(last) * (to - from)),
    };
    let at = |sigma: f64| Level {
        t: Process::Edm.time_at_ratio(sigma),
        alpha: 1.0,
        sigma,
    };
    let none = Level {
        t: 0.0,
        alpha: 1.0,
        sigma: 0.0,
    };
    (0..=last).map(sigma).map(at).chain([none]).collect()
}

/// `last + 1` levels from span.hi to span.lo, uniform in `to(σ/α)`.
fn between(
    process: Process,
    span: Span,
    to: fn(f64) -> f64,
    from: fn(f64) -> f64,
    last: u32,
) -> Vec<Level> {
    let end = |t: f64| match process {
        // The spacing ends at σ_min; one more step reaches σ(0) = 0.
        Process::Edm if t <= 0.0 => Level {
            t: 0.0,
            alpha: 1.0,
            sigma: explode::EDM_MIN,
        },
        _ => process.level(t),
    };
    let (hi, lo) = (end(span.hi), end(span.lo));
    let (a, b) = (to(hi.ratio()), to(lo.ratio()));
    (0..=last)
        .map(|i| {
            if i == 0 {
                return hi;
            }
            if i == last {
                return lo;
            }
            let ratio = from(a + f64::from(i) / f64::from(last) * (b - a));
            if process.explodes() {
                return Level {
                    t: process.time_at_ratio(ratio),
                    alpha: 1.0,
                    sigma: ratio,
                };
            }
            process.level(process.time_at_ratio(ratio))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Karras et al. 2022, eq. 5, evaluated by hand for N = 4: σ = 80 … 0.002, then 0.
    #[test]
    fn edm_default_is_the_published_discretisation() {
        let levels = Grid::Default.levels(Process::Edm, 4, false);
        let sigma = |i: f64| {
            let (hi, lo) = (80f64.powf(1.0 / 7.0), 0.002f64.powf(1.0 / 7.0));
            (hi + i / 3.0 * (lo - hi)).powf(7.0)
        };
        for (i, level) in levels[..4].iter().enumerate() {
            assert!((level.sigma / sigma(i as f64) - 1.0).abs() < 1e-12);
        }
        assert_eq!(levels[4].sigma, 0.0);
        assert_eq!(levels.len(), 5);
    }

    #[test]
    fn every_grid_runs_from_noise_to_data_without_turning_back() {
        for process in Process::all(37) {
            for grid in [Grid::Default, Grid::UniformT, Grid::Karras, Grid::LogSnr] {
                for steps in [1, 2, 3, 37] {
                    let process = if let Process::Ddpm(_) = process {
                        Process::Ddpm(steps.max(2))
                    } else {
                        process
                    };
                    let steps = if let Process::Ddpm(n) = process {
                        n
                    } else {
                        steps
                    };
                    for drift in [false, true] {
                        let levels = grid.levels(process, steps, drift);
                        assert_eq!(
                            levels.len(),
                            steps as usize + 1,
                            "{process:?} {grid:?} {steps}"
                        );
                        for pair in levels.windows(2) {
                            assert!(
                                pair[1].ratio() < pair[0].ratio(),
                                "{process:?} {grid:?} {pair:?}"
                            );
                            assert!(pair[1].t <= pair[0].t, "{process:?} {grid:?} {pair:?}");
                        }
                        if drift {
                            assert!(levels[0].alpha > 0.0);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn log_snr_and_karras_are_uniform_in_their_own_variable() {
        for (grid, to) in [
            (Grid::LogSnr, libm::log as fn(f64) -> f64),
            (Grid::Karras, explode::root),
        ] {
            for process in [
                Process::Vp,
                Process::Sda,
                Process::Ou,
                Process::Ve,
                Process::Fm,
                Process::Trig,
                Process::Follmer,
            ] {
                let levels = grid.levels(process, 10, false);
                let v: Vec<f64> = levels.iter().map(|l| to(l.ratio())).collect();
                for w in v.windows(3) {
                    let (d1, d2) = (w[1] - w[0], w[2] - w[1]);
                    assert!((d1 / d2 - 1.0).abs() < 1e-8, "{process:?} {grid:?}");
                }
            }
        }
    }

    #[test]
    fn karras_levels_between_other_ends_are_those_of_edm_between_its_own() {
        let ends = [explode::EDM_MAX, explode::EDM_MIN];
        for steps in [1, 2, 18, 64] {
            let own = karras(ends, steps);
            let known = Grid::Default.levels(Process::Edm, steps, false);
            assert_eq!(own.len(), known.len());
            for (own, known) in own.iter().zip(&known) {
                assert!((own.sigma - known.sigma).abs() <= 1e-12 * known.sigma);
                assert_eq!(own.alpha, 1.0);
            }
        }
        let sigmas: Vec<f64> = karras([30.0, 0.02], 32).iter().map(|l| l.sigma).collect();
        assert_eq!((sigmas[0], sigmas[31], sigmas[32]), (30.0, 0.02, 0.0));
        assert!(sigmas.windows(2).all(|pair| pair[1] < pair[0]));
    }
}
