//! The tensor executor against the host executor, on burn's CPU backend.
#![cfg(feature = "tensor")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "tensor/waiting.rs"]
mod waiting;

use burn::tensor::{DType, Device, Tensor, TensorData};
use scorefield::denoise::Denoiser;
use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Training};
use scorefield::law::Law;
use scorefield::law::space::Space;
use scorefield::level::Level;
use scorefield::net::catalog;
use scorefield::net::{LN_S, Recipe, Trainer};
use scorefield::rng::{Noise, Stream};
use scorefield::sample::{Churn, Executor, HostRun, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::tensor::{Model, Place, TensorState, TensorTrainer, x_hat, x_hat_in_space};
use scorefield::word::Words;
use waiting::block_on;

fn flex(dtype: DType) -> Place {
    Place {
        device: Device::flex(),
        dtype,
    }
}

fn laws() -> Vec<(&'static str, Law)> {
    vec![
        ("uniform", Law::uniform(0.0, 1.0)),
        ("gaussian", Law::gaussian(0.0, 0.5)),
        (
            "mixture",
            Law::mixture(&[-1.0, 0.5, 2.0], &[0.2, 0.05, 0.7], &[1.0, 2.0, 3.0]),
        ),
        ("comb", Law::comb(4, 0.5)),
        ("fine comb", Law::comb(16, 0.05)),
        ("empirical", Law::empirical(&[0.1, 0.15, 0.7, 0.9])),
    ]
}

/// x̂ on f32 tensors is x̂ in f64 up to f32: 2·10⁻⁴ near the data in units of their width, and the rounding of x/α
/// itself far away.
#[test]
fn the_denoiser_on_tensors_is_the_exact_one() {
    let device = Device::flex();
    for (name, law) in laws() {
        for (alpha, sigma) in [
            (1.0, 80.0),
            (1.0, 5.0),
            (1.0, 0.7),
            (1.0, 0.3),
            (1.0, 0.02),
            (1.0, 0.002),
            (0.7, 0.7),
            (0.006, 1.0),
            (0.001, 1.0),
            (0.0, 1.0),
        ] {
            let level = Level {
                t: 0.5,
                alpha,
                sigma,
            };
            let d = law.diffuse(&level);
            let sd = d.variance().sqrt();
            let x: Vec<f64> = (-60..=60)
                .map(|k| f64::from((d.mean() + 0.1 * k as f64 * sd) as f32))
                .collect();
            let n = x.len();
            let t =
                Tensor::<2>::from_data(TensorData::new(x.clone(), [n, 1]), (&device, DType::F32));
            let got = x_hat(&law, &level, t)
                .into_data()
                .convert::<f64>()
                .try_to_vec::<f64>()
                .unwrap();
            for (x, got) in x.iter().zip(got) {
                let want = d.x_hat(*x);
                // Between narrow parts the posterior weight changes within σ², so the rounding of x shows there.
                let slope = ((d.x_hat(x + 1e-6 * sd) - d.x_hat(x - 1e-6 * sd)) / (2e-6 * sd)).abs();
                let tolerance = 2e-4 + slope * 1e-6 * (x.abs() + sd);
                assert!(
                    (got - want).abs() < tolerance,
                    "{name} α={alpha} σ={sigma} x={x}: {got} {want}"
                );
            }
        }
    }
}

fn on_tensors(
    law: &Law,
    sampler: Sampler,
    process: Process,
    grid: Grid,
    steps: u32,
    n: usize,
    dtype: DType,
) -> (Vec<f64>, Vec<f64>) {
    let plan = sampler.plan(process, grid, steps);
    let mut state = TensorState::new(
        &plan,
        (n, 1),
        3,
        false,
        Model::Law(law.clone()),
        &flex(dtype),
    );
    while state.stages_done() < plan.stages.len() {
        state.advance(&plan);
    }
    block_on(state.read()).unwrap();
    (
        state.x().to_vec(),
        HostRun::new(&plan, law, n, 3, false).finish(),
    )
}

/// burn's matrix product and SiLU against the loops of the host, for the same perceptron.
#[test]
fn a_network_gives_the_same_x_hat_and_the_same_run_as_on_the_host() {
    for entry in catalog::all() {
        let net = catalog::get(entry.name).unwrap();
        let model = Model::network(&net, &flex(DType::F32));
        for s in [1e-3, 0.05, 0.7, 10.0, 300.0] {
            let level = Level {
                t: 0.5,
                alpha: 0.8,
                sigma: 0.8 * s,
            };
            // A different place along each coordinate.
            let rows = 60 / net.dim();
            let x: Vec<f64> = (0..rows * net.dim())
                .map(|i| level.sigma * ((i * 7 % 60) as f64 / 12.0 - 2.5) + 0.3)
                .collect();
            let options = (&Device::flex(), DType::F32);
            let shape = [rows, net.dim()];
            let t = Tensor::<2>::from_data(TensorData::new(x.clone(), shape), options);
            let got = model.x_hat(&level, t).into_data().convert::<f64>();
            let mut want = vec![0.0; x.len()];
            net.at(&level).x_hat(&x, &mut want);
            for (a, b) in got.as_slice::<f64>().unwrap().iter().zip(want) {
                assert!((a - b).abs() < 2e-5, "{}, {s}: {a} {b}", entry.name);
            }
        }
        let plan = samplers()[3].plan(Process::Vp, Grid::Default, 20);
        let size = (64, net.dim());
        let mut state = TensorState::new(&plan, size, 3, false, model, &flex(DType::F32));
        while state.stages_done() < plan.stages.len() {
            state.advance(&plan);
        }
        block_on(state.read()).unwrap();
        let host = HostRun::in_space(&plan, net.as_ref(), 64, net.dim(), 3).finish();
        for (a, b) in state.x().iter().zip(host) {
            assert!((a - b).abs() < 1e-3, "{}: {a} {b}", entry.name);
        }
    }
}

fn spaces() -> Vec<(&'static str, Space)> {
    vec![
        ("checkerboard", Space::checkerboard()),
        ("moons", Space::moons()),
        ("pinwheel", Space::pinwheel()),
        (
            "empirical",
            Space::empirical(2, &[0.1, 0.15, 0.7, -0.9, 0.3, 0.3]),
        ),
        ("torus", Space::torus(1.0, 0.4)),
        ("thin torus", Space::torus(1.0, 0.05)),
    ]
}

/// x̂ on f32 tensors is x̂ in f64 at draws of x_t and far from the data, up to the effect of rounding x_t to f32: the
/// change of the exact denoiser under this rounding is allowed.
#[test]
fn the_denoisers_in_space_on_tensors_are_the_exact_ones() {
    let device = Device::flex();
    for (name, law) in spaces() {
        let dim = law.dim();
        for s in [2e-3, 0.01, 0.05, 0.2, 0.7, 5.0, 80.0, 1e3] {
            let alpha = if s > 1.0 { 1.0 / s } else { 1.0 };
            let level = Level {
                t: 0.5,
                alpha,
                sigma: alpha * s,
            };
            let n = 300;
            let noise = Noise::new(1);
            let (mut x, mut z) = (vec![0.0; n * dim], vec![0.0; n * dim]);
            law.sample(&noise, Stream::Data, 0, &mut x);
            noise.normals(Stream::Forward, 0, 0, &mut z);
            for (i, (x, z)) in x.iter_mut().zip(&z).enumerate() {
                // The last third of the points is far from the data.
                let far = if i >= 2 * n * dim / 3 { 4.0 } else { 1.0 };
                *x = f64::from((level.alpha * *x * far + level.sigma * z) as f32);
            }
            let t =
                Tensor::<2>::from_data(TensorData::new(x.clone(), [n, dim]), (&device, DType::F32));
            let got = x_hat_in_space(&law, &level, t).into_data().convert::<f64>();
            let exact = |shift: f64| {
                let moved: Vec<f64> = x
                    .iter()
                    .map(|x| x * (1.0 + shift) + shift * level.sigma)
                    .collect();
                let mut out = vec![0.0; n * dim];
                law.at(&level).x_hat(&moved, &mut out);
                out
            };
            let (want, above, below) = (exact(0.0), exact(3e-6), exact(-3e-6));
            for (i, got) in got.as_slice::<f64>().unwrap().iter().enumerate() {
                let own = (above[i] - want[i]).abs().max((below[i] - want[i]).abs());
                assert!(
                    (got - want[i]).abs() < 3e-4 + 2.0 * own,
                    "{name} s={s} x={:?}: {got} {}",
                    &x[i / dim * dim..(i / dim + 1) * dim],
                    want[i]
                );
            }
        }
    }
}

#[test]
fn runs_in_space_agree_between_the_executors() {
    for (name, law) in spaces() {
        for (process, sampler) in [
            (Process::Edm, samplers()[3]),
            (Process::Vp, Sampler::Dpmpp2m),
            (Process::Fm, Sampler::Ddim),
            (Process::Vp, Sampler::Ancestral),
        ] {
            let plan = sampler.plan(process, Grid::Default, 20);
            let (n, dim) = (200, law.dim());
            let model = Model::Space(law.clone());
            let mut state = TensorState::new(&plan, (n, dim), 3, false, model, &flex(DType::F32));
            while state.stages_done() < plan.stages.len() {
                state.advance(&plan);
            }
            block_on(state.read()).unwrap();
            let host = HostRun::in_space(&plan, &law, n, dim, 3).finish();
            let mut gaps: Vec<f64> = state
                .x()
                .iter()
                .zip(host)
                .map(|(a, b)| (a - b).abs())
                .collect();
            gaps.sort_by(f64::total_cmp);
            // A particle that starts within rounding of a watershed may go to the other side: two of 200.
            let most = gaps[gaps.len() - 1 - 2 * dim];
            assert!(most < 2e-3, "{name} {process:?} {sampler:?}: {most}");
        }
    }
}

/// With the same draws, weights and Adam, thirty steps end at the same weights and the same loss, up to f32.
#[test]
fn training_on_tensors_is_training_on_the_host() {
    let recipe = Recipe {
        width: 12,
        depth: 2,
        steps: 30,
        batch: 64,
        rate: 4e-3,
        seed: 5,
        ln_s: LN_S,
    };
    let law = Space::moons();
    for dtype in [DType::F32, DType::F64] {
        let mut host = Trainer::new(recipe, 2);
        let mut tensor = TensorTrainer::new(recipe, 2, Device::flex(), dtype);
        while !host.is_done() {
            let loss = host.step(&law);
            tensor.step(&law);
            let own = block_on(tensor.loss()).unwrap().unwrap();
            assert!((loss - own).abs() < 1e-3 * loss, "{loss} {own}");
        }
        assert!(tensor.is_done() && tensor.steps_done() == 30);
        let (a, b) = (
            host.network("r".into()),
            block_on(tensor.network("r".into())).unwrap(),
        );
        assert_eq!(a.shape(), b.shape());
        let moved = Trainer::new(recipe, 2).network("r".into());
        let gap = |p: &[f32], q: &[f32]| {
            let gaps = p.iter().zip(q).map(|(p, q)| (p - q).abs());
            gaps.fold(0.0, f32::max)
        };
        // Adam's first steps divide by tiny squares, so rounding shows there: by at most a hundredth of the way.
        let way = gap(a.weights(), moved.weights());
        let apart = gap(a.weights(), b.weights());
        assert!(apart < 0.01 * way && way > 1e-3, "{apart} {way}");
    }
}

/// The same through the lab: pieces, losses, previews and the final network are those of the host, up to f32.
#[test]
fn a_training_of_a_link_on_a_device_is_that_of_the_host() {
    let text = "lab=toy2d&target=rings&n=50&steps=4&score=trained&net-width=8&net-depth=2&net-steps=60&net-batch=32";
    let link = link::decode(text, Mode::Strict).unwrap().link;
    let mut host = Training::new(&link.a).unwrap();
    while !host.advance(1000) {}
    let mut device = Training::on_device(&link.a, Device::flex()).unwrap();
    device.aim(vec![(labs::open(&link).unwrap().into(), Side::A)]);
    let mut pieces = 0;
    while !block_on(device.advance_on_device(3000)).unwrap() {
        pieces += 1;
    }
    assert!(pieces > 3 && device.step() == 60);
    assert_eq!(device.take_losses().len(), 60);
    assert!(device.take_preview().is_some());
    let gaps = host.network().weights().to_vec();
    let gaps = gaps
        .iter()
        .zip(device.network().weights().to_vec())
        .map(|(a, b)| (a - b).abs());
    assert!(gaps.fold(0.0, f32::max) < 1e-4);
    assert_eq!(host.network().recipe(), device.network().recipe());
}

fn samplers() -> Vec<Sampler> {
    let churn = Sampler::Heun(Churn {
        amount: 10.0,
        min: 0.0,
        max: 80.0,
        noise: 1.0,
    });
    let twice = Sampler::Pc {
        corrections: 2,
        tau: 0.25,
    };
    Sampler::ALL.iter().copied().chain([churn, twice]).collect()
}

#[test]
fn both_executors_give_the_same_particles_in_f64() {
    let law = Law::gaussian(0.2, 0.5);
    for process in Process::all(12) {
        for sampler in samplers() {
            let churns = matches!(sampler, Sampler::Heun(c) if c.amount > 0.0);
            if churns && !process.explodes() {
                continue;
            }
            let (tensor, host) =
                on_tensors(&law, sampler, process, Grid::Default, 12, 50, DType::F64);
            for (a, b) in tensor.iter().zip(&host) {
                assert!(
                    (a - b).abs() < 1e-9 * (1.0 + b.abs()),
                    "{process:?} {sampler:?}: {a} {b}"
                );
            }
        }
    }
}

#[test]
fn the_f32_executor_stays_within_the_tolerance_of_the_engines() {
    let mut worst = 0.0f64;
    for (name, law) in laws() {
        for process in Process::all(20) {
            for sampler in [Sampler::Ancestral, Sampler::Ddim, Sampler::Dpmpp2m] {
                let (tensor, host) =
                    on_tensors(&law, sampler, process, Grid::Default, 20, 512, DType::F32);
                let gap = tensor
                    .iter()
                    .zip(&host)
                    .map(|(a, b)| (a - b).abs())
                    .fold(0.0, f64::max);
                worst = worst.max(gap);
                assert!(gap < 2e-3, "{name} {process:?} {sampler:?}: {gap}");
            }
        }
    }
    println!("largest difference of f32 tensors and f64 loop: {worst:.1e}");
}

/// Thousands of points split the particles into pieces: noise, x_eval and x̂₋₁ stay with their piece.
#[test]
fn runs_in_pieces_are_whole_runs() {
    let points: Vec<f64> = (0..5000)
        .map(|i| f64::from(i * 7 % 5003) / 5003.0)
        .collect();
    let law = Law::empirical(&points);
    let heun = Sampler::Heun(Churn {
        amount: 10.0,
        min: 0.0,
        max: 80.0,
        noise: 1.0,
    });
    for (sampler, process) in [
        (Sampler::Ancestral, Process::Vp),
        (Sampler::Dpmpp2m, Process::Vp),
        (heun, Process::Edm),
    ] {
        let (tensor, host) = on_tensors(&law, sampler, process, Grid::Default, 4, 1700, DType::F64);
        for (i, (a, b)) in tensor.iter().zip(&host).enumerate() {
            assert!((a - b).abs() < 1e-8, "{sampler:?} particle {i}: {a} {b}");
        }
    }
}
