//! What holds for every `Denoiser`.

use crate::models::{Clean, Is, Model, denoisers, middle};
use crate::{distance, largest, level, noisy, pieces_are_the_whole};
use scorefield::denoise::Denoiser;
use scorefield::level::Level;
use scorefield::sample::Sampler;
use scorefield::schedule::{Grid, Process};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Particles: more than a block of any loop but the sampler's.
const N: usize = 70;

fn x_hat(model: &Model<dyn Denoiser>, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    model.denoiser.next_block();
    model.denoiser.at(level).x_hat(x, &mut out);
    out
}

/// To what x̂ is known: networks are f32.
fn rounding(model: &Model<dyn Denoiser>) -> f64 {
    match model.clean {
        Clean::Held(_) => 1e-4,
        _ => 1e-8,
    }
}

/// The levels of every process, from its largest noise to its smallest, and what is beyond them.
fn levels() -> Vec<Level> {
    let mut out = vec![
        level(1.0, 0.0),
        level(0.5, 0.0),
        level(1.0, 1e-9),
        level(1.0, 1e4),
        level(1e-9, 1.0),
        level(0.0, 1.0),
        level(0.0, 80.0),
    ];
    for process in Process::all(12) {
        out.extend(Sampler::Ddim.plan(process, Grid::Default, 12).levels);
    }
    out
}

#[test]
fn pieces_give_the_bits_of_the_whole_whatever_the_output_held() {
    for model in denoisers() {
        let x_0 = model.draws(1, N);
        for level in middle()
            .into_iter()
            .chain([level(1.0, 0.0), level(0.0, 1.0)])
        {
            let x = noisy(&level, &x_0, 2);
            let what = format!("{} {level:?}", model.name);
            model.denoiser.next_block();
            pieces_are_the_whole(&what, &[(&x, model.dim)], model.dim, |x, out| {
                model.denoiser.at(&level).x_hat(x[0], out);
            });
        }
    }
}

/// Typical particles, some far away, the origin.
#[test]
fn x_hat_is_finite_at_every_level() {
    for model in denoisers() {
        let x_0 = model.draws(3, 6);
        for level in levels() {
            let mut x = noisy(&level, &x_0, 4);
            let far = 1e3 * (level.alpha + level.sigma);
            x.extend(x_0.iter().map(|x| far * (x - 0.3)));
            x.extend(vec![0.0; model.dim]);
            let out = x_hat(&model, &level, &x);
            assert!(
                out.iter().all(|x| x.is_finite()),
                "{} {level:?}: {out:?}",
                model.name
            );
        }
    }
}

/// The posterior mean knows x_t/α and σ/α, and no other number of a process.
#[test]
fn x_hat_depends_on_the_ratio_of_noise_to_data_alone() {
    for model in denoisers() {
        let x_0 = model.draws(5, 8);
        for ratio in [1e-2, 0.3, 2.0, 40.0] {
            let one = level(1.0, ratio);
            let x = noisy(&one, &x_0, 6);
            let expected = x_hat(&model, &one, &x);
            for alpha in [0.7, 1e-2] {
                let scaled: Vec<f64> = x.iter().map(|x| alpha * x).collect();
                let own = x_hat(&model, &level(alpha, alpha * ratio), &scaled);
                let gap = distance(&own, &expected);
                let bound = rounding(&model) * (1.0 + largest(&expected));
                assert!(gap <= bound, "{}, σ/α = {ratio}: {gap:e}", model.name);
            }
        }
    }
}

#[test]
fn as_the_noise_vanishes_x_hat_tends_to_the_state() {
    for model in denoisers() {
        let x_0 = model.draws(7, 40);
        let near = |at: Level, bound: f64| {
            let x: Vec<f64> = x_0.iter().map(|x| at.alpha * x).collect();
            let gap = distance(&x_hat(&model, &at, &x), &x_0);
            assert!(gap <= bound, "{} {at:?}: {gap:e}", model.name);
        };
        match model.clean {
            Clean::Held(ratio) => {
                let held = x_hat(&model, &level(1.0, ratio), &x_0);
                for sigma in [0.0, 1e-9, 0.5 * ratio] {
                    assert_eq!(
                        x_hat(&model, &level(1.0, sigma), &x_0),
                        held,
                        "{}",
                        model.name
                    );
                }
                // c_skip = σ_d²/(s² + σ_d²), and the network's own error on top.
                near(level(1.0, ratio), 10.0 * ratio);
            }
            Clean::Copy | Clean::CopyAtZero => {
                near(level(1.0, 0.0), 0.0);
                near(level(0.5, 0.0), 1e-14);
                if model.clean == Clean::Copy {
                    for ratio in [1e-9, 1e-6, 1e-4] {
                        // At the end of an interval x̂ is √(2/π)·σ off.
                        near(level(1.0, ratio), ratio + 1e-14);
                        near(level(0.3, 0.3 * ratio), ratio + 1e-14);
                    }
                }
            }
        }
    }
}

#[test]
fn without_signal_x_hat_is_the_mean() {
    let mut seen = 0;
    for model in denoisers() {
        let Some((mean, _)) = &model.closed else {
            continue;
        };
        for sigma in [1.0, 80.0] {
            let x = noisy(&level(0.0, sigma), &model.draws(8, 5), 9);
            for x_hat in x_hat(&model, &level(0.0, sigma), &x).chunks(model.dim) {
                let gap = distance(x_hat, mean);
                assert!(gap < 1e-5, "{}: {gap:e}", model.name);
            }
        }
        seen += 1;
    }
    assert!(seen > 15);
}

/// x̂ = (x_t + σ²∇log p_t)/α (Tweedie's formula), the gradient by central differences of fourth order.
#[test]
fn x_hat_is_tweedies_formula_of_the_density() {
    for model in denoisers() {
        let Some((_, density)) = &model.closed else {
            continue;
        };
        for level in middle() {
            let x = noisy(&level, &model.draws(10, 6), 11);
            let own = x_hat(&model, &level, &x);
            for (x, own) in x.chunks(model.dim).zip(own.chunks(model.dim)) {
                for axis in 0..model.dim {
                    let h = 1e-3 * level.sigma;
                    let at = |step: f64| {
                        let mut x = x.to_vec();
                        x[axis] += step * h;
                        density(&level, &x)
                    };
                    let score = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
                    let expected = level.x_hat_from_score(x[axis], score);
                    // Rounding of log p, through the difference.
                    let noise = 1e-15 * (1.0 + at(0.0).abs()) / h * level.sigma * level.ratio();
                    let bound = 2e-6 * (1.0 + level.ratio()) + noise;
                    let gap = (own[axis] - expected).abs();
                    assert!(gap < bound, "{} {level:?} {x:?}: {gap:e}", model.name);
                }
            }
        }
    }
}

/// E[(x₀ − x̂)·g(x_t)] = 0 for every g: what makes x̂ the conditional mean. Of windows g may ask for the coordinate
/// itself alone.
#[test]
fn what_x_hat_leaves_is_orthogonal_to_every_function_of_what_it_saw() {
    let n = 4000;
    let g: [fn(f64, f64) -> f64; 5] = [
        |_, _| 1.0,
        |u, _| u,
        |u, _| u * u,
        |u, _| (3.0 * u).sin(),
        |u, w| (2.0 * u + 3.0 * w).sin(),
    ];
    let (mut exact, mut local) = (0, 0);
    for model in denoisers() {
        let g = match model.is {
            Is::Exact => &g[..],
            Is::Local => &g[..4],
            Is::Approximate => continue,
        };
        match model.is {
            Is::Exact => exact += 1,
            _ => local += 1,
        }
        let dim = model.dim;
        let x_0 = model.draws(12, n);
        let size = (x_0.iter().map(|x| x * x).sum::<f64>() / x_0.len() as f64).sqrt();
        for level in [level(1.0, 0.1), level(0.7, 0.7), level(1.0, 3.0)] {
            let x_t = noisy(&level, &x_0, 13);
            let left: Vec<f64> = x_hat(&model, &level, &x_t)
                .iter()
                .zip(&x_0)
                .map(|(x_hat, x_0)| x_0 - x_hat)
                .collect();
            let scale = level.alpha * size + level.sigma;
            for (which, g) in g.iter().enumerate() {
                for axis in 0..dim {
                    let term = |i: usize| {
                        let x_t = &x_t[i * dim..(i + 1) * dim];
                        let other = x_t[(axis + 1) % dim] / scale;
                        left[i * dim + axis] * g(x_t[axis] / scale, other)
                    };
                    let (mut sum, mut square) = (0.0, 0.0);
                    for term in (0..n).map(term) {
                        sum += term;
                        square += term * term;
                    }
                    assert!(
                        sum.abs() < 5.0 * square.sqrt(),
                        "{} {level:?} g{which} axis {axis}: {}",
                        model.name,
                        sum / square.sqrt()
                    );
                }
            }
        }
    }
    assert!(exact >= 22 && local >= 3, "{exact} {local}");
}

/// The documented panics: lengths that differ, and no whole number of particles.
#[test]
fn slices_that_do_not_fit_are_refused() {
    for model in denoisers() {
        let at = model.denoiser.at(&level(0.6, 0.8));
        let refuses = |x: usize, out: usize| {
            let call = || at.x_hat(&vec![0.1; x], &mut vec![0.0; out]);
            let refused = catch_unwind(AssertUnwindSafe(call)).is_err();
            assert!(refused, "{}: {x} numbers in, {out} out", model.name);
        };
        refuses(2 * model.dim, model.dim);
        refuses(model.dim, 2 * model.dim);
        if model.dim > 1 {
            refuses(model.dim + 1, model.dim + 1);
        }
    }
}
