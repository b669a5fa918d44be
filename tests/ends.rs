//! Inclusive bounds at ends that pass through exp and log: a level at a bound is within it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Mode};
use scorefield::labs::{Run, toy1d};
use scorefield::level::Level;
use scorefield::metrics;
use scorefield::sample::{Churn, Plan, Sampler};
use scorefield::schedule::{Grid, Process};

const GRIDS: [Grid; 4] = [Grid::Default, Grid::UniformT, Grid::Karras, Grid::LogSnr];

fn churned(process: Process, levels: &[Level], min: f64, max: f64) -> usize {
    let churn = Churn {
        amount: 10.0,
        min,
        max,
        noise: 1.0,
    };
    let plan = Sampler::Heun(churn).plan_on(process, levels.to_vec());
    plan.stages.iter().filter(|s| s.level.is_none()).count()
}

/// Karras et al. 2022, algorithm 2: σ_t ∈ [S_min, S_max]. The bounds are the ends of the process as a user writes
/// them.
#[test]
fn churn_between_the_ends_of_a_process_acts_at_every_level_that_a_step_leaves() {
    for (process, low, high) in [(Process::Ve, 0.01, 50.0), (Process::Edm, 0.002, 80.0)] {
        for grid in GRIDS {
            for steps in [1, 2, 3, 7, 18, 100, 1000] {
                let levels = grid.levels(process, steps, false);
                let acts = churned(process, &levels, low, high);
                assert_eq!(acts, steps as usize, "{process:?} {grid:?} {steps}");
            }
        }
    }
}

/// A bound that equals the σ of a level up to rounding includes the level; a bound that differs by 10⁻⁹ does not.
#[test]
fn a_bound_at_a_level_of_any_process_and_grid_includes_it_from_both_sides() {
    // The first levels of ddpm saturate at σ = 1 and cannot be distinguished there.
    for process in Process::all(100) {
        let steps = if process == Process::Ddpm(300) {
            300
        } else {
            6
        };
        for grid in GRIDS {
            let levels = grid.levels(process, steps, false);
            let left = levels.len() - 1;
            for (i, level) in levels[..left].iter().enumerate() {
                for off in [-1e-13, 0.0, 1e-13] {
                    let bound = level.sigma * (1.0 + off);
                    let (from, to) = (bound.min(levels[left - 1].sigma), levels[0].sigma);
                    let below = churned(process, &levels, from, bound);
                    let above = churned(process, &levels, bound, to.max(bound));
                    let equal = |l: &&Level| (l.sigma / level.sigma - 1.0).abs() < 1e-12;
                    let twice = levels[..left].iter().filter(equal).count();
                    assert_eq!(
                        (below, above),
                        (left - i, i + twice),
                        "{process:?} {grid:?}"
                    );
                }
                let beside = [1.0 - 1e-9, 1.0 + 1e-9].map(|f| f * level.sigma);
                assert_eq!(churned(process, &levels, beside[1], 1e9), i);
                assert_eq!(churned(process, &levels, 0.0, beside[0]), left - i - 1);
            }
        }
    }
}

/// The published S_max = 50 of EDM on `ve`, whose σ(1) is 50. Without churn at the first level the variance would be
/// 21,556.
#[test]
fn ve_with_churn_up_to_50_has_the_variance_of_the_recursion_with_churn_at_its_first_level() {
    let link = "v=1&lab=toy1d&target=gaussian&sd=0.5&process=ve&sampler=heun&churn=40&churn-min=0.05&churn-max=50&churn-noise=1.003&steps=2&n=400000&seed=13";
    let link = link::decode(link, Mode::Strict).unwrap().link;
    let lab = toy1d::Toy1d::new(&link.a).unwrap();
    let moments = |plan: &Plan| plan.moments_on_gaussian(0.0, 0.5).variance;
    let exact = moments(&lab.setup.plan);
    assert!((exact - 63_295.0).abs() < 1.0, "{exact}");
    let axis = toy1d::Axis::holding(&[&lab]);
    let mut run: Run<_> = toy1d::Run::new(lab, axis);
    while !run.advance(usize::MAX / 4) {}
    let (_, variance) = metrics::mean_var(run.samples().unwrap());
    let error = 5.0 * exact * (2.0f64 / 400_000.0).sqrt();
    assert!((variance - exact).abs() < error, "{variance} {exact}");
}

/// A bound computed in f64 includes the number that a user types for it.
#[test]
fn the_greatest_minor_radius_is_the_product_as_it_is_typed() {
    for k in 200..=3000u32 {
        let major = f64::from(k) / 1000.0;
        // 0.9999·k/1000 with seven decimals, exact in integers.
        let minor = 9999 * u64::from(k);
        let minor = format!("{}.{:07}", minor / 10_000_000, minor % 10_000_000);
        let text = format!("v=1&lab=torus&major={major}&minor={minor}&seed=0");
        assert!(link::decode(&text, Mode::Strict).is_ok(), "{text}");
    }
}
